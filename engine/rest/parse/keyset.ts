/** Pages behind a row: `after=<cursor>`, where the cursor holds that row's place in the order and what it is bound to. */
import { createHash, hash, timingSafeEqual } from 'node:crypto';
import type { Column, WorldTable } from '../../api/api.ts';
import { Problem } from '../../problem/problem.ts';
import type { FilterRequest, OrderRequest } from '../../query/request.ts';

/** A row's values in the columns of the order, as texts. */
export type KeyValues = readonly (string | null)[];

/** Says how the rest of a cursor is to be read; no filter begins like this. */
const prefix = 'k1~';
const form = /^k1~[A-Za-z0-9_-]+~[A-Za-z0-9_-]{43}$/;

/** Longest cursor that is looked at, in characters. */
const maxLength = 8192;

export function isCursor(text: string): boolean {
  return text.startsWith(prefix);
}

/**
 * @param binding what the cursor is bound to, as one text: with another one it is refused
 * @param secret  32 bytes or more, of this purpose and project alone
 */
export function writeCursor(values: KeyValues, binding: string, secret: Buffer): string {
  const text = Buffer.from(JSON.stringify(values)).toString('base64url');
  return `${prefix}${text}~${signature(text, binding, secret)}`;
}

/**
 * @throws {Problem} NS402 (400) it was altered, or is of another table, filter, order or role
 */
export function readCursor(cursor: string, binding: string, secret: Buffer): KeyValues {
  if (cursor.length > maxLength || !form.test(cursor)) throw notValid();
  const [, text = '', given = ''] = cursor.split('~');
  const expected = signature(text, binding, secret);
  if (!timingSafeEqual(Buffer.from(given), Buffer.from(expected))) throw notValid();
  return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as KeyValues;
}

/** SHA3 behind a secret is a signature by itself: unlike SHA-2 it cannot be carried on. One call, for every page has one. */
function signature(text: string, binding: string, secret: Buffer): string {
  const head = `${text.length}:${text}:${binding}`;
  return hash('sha3-256', Buffer.concat([secret, Buffer.from(head)]), 'base64url');
}

/** The secret of the cursors of a process that was given none: they do not outlive it. */
export function freshSecret(): Buffer {
  return createHash('sha256')
    .update(crypto.getRandomValues(new Uint8Array(32)))
    .digest();
}

function notValid(): Problem {
  return new Problem('NS402', {
    message: 'The cursor is not valid for this request.',
    hint: 'Follow the Link of the page before as it is: a cursor is bound to its table, filters, order and role.',
  });
}

/**
 * The condition that is true of the rows behind those values. Pure.
 *
 * @param values where the values are put
 * @throws {Problem} NS402 the values are not those of this order
 */
export function behind(
  key: KeyValues,
  order: readonly OrderRequest[],
  table: WorldTable,
  values: unknown[],
): FilterRequest {
  if (key.length !== order.length) throw notValid();
  const terms = order.map((term, at) => termOf(term, key[at]!, table, values));
  const alternatives = terms.flatMap((term, at): FilterRequest[] => {
    if (term.after === undefined) return [];
    const equal = terms.slice(0, at).map((one) => one.same);
    return [equal.length === 0 ? term.after : { kind: 'and', of: [...equal, term.after] }];
  });
  const some: FilterRequest = alternatives.length === 1 ? alternatives[0]! : { kind: 'or', of: alternatives };
  const first = terms[0]!;
  // Says the same of the first column once more, in a way that an index can serve.
  return first.from === undefined || terms.length === 1 ? some : { kind: 'and', of: [first.from, some] };
}

interface Term {
  readonly same: FilterRequest;
  /** Undefined: no row is behind. */
  readonly after: FilterRequest | undefined;
  /** The same or behind, where no null can be. */
  readonly from: FilterRequest | undefined;
}

function termOf(term: OrderRequest, value: string | null, table: WorldTable, values: unknown[]): Term {
  const column = table.columns.get(term.column ?? '');
  if (column === undefined) throw notValid();
  const nullsLast = (term.nulls ?? (term.direction === 'asc' ? 'last' : 'first')) === 'last';
  const compare = (
    operator: 'eq' | 'gt' | 'lt' | 'gte' | 'lte' | 'isNull' | 'isNotNull',
    slot?: number,
  ): FilterRequest => ({
    kind: 'compare',
    column: column.name,
    operator,
    value: slot,
  });
  if (value === null)
    return { same: compare('isNull'), after: nullsLast ? undefined : compare('isNotNull'), from: undefined };
  const slot = values.push(value) - 1;
  const up = term.direction === 'asc';
  const beyond = compare(up ? 'gt' : 'lt', slot);
  const withNulls = nullsLast && isNullable(column);
  return {
    same: compare('eq', slot),
    after: withNulls ? { kind: 'or', of: [beyond, compare('isNull')] } : beyond,
    from: withNulls ? undefined : compare(up ? 'gte' : 'lte', slot),
  };
}

function isNullable({ nullable }: Column): boolean {
  return nullable;
}
