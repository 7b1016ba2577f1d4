/** Pages behind a row: `after=<cursor>`, where the cursor holds that row's place in the order and what it is bound to. */
import { createHash, hash, timingSafeEqual } from 'node:crypto';
import type { WorldTable } from '../../api/api.ts';
import { Problem } from '../../problem/problem.ts';
import { rowsBehind } from '../../query/keyset.ts';
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

/** What cursors are signed with, and what those of before were signed with, which are still read. */
export interface CursorSecrets {
  /** 32 bytes or more, of this purpose and project alone. */
  readonly current: Buffer;
  readonly previous: readonly Buffer[];
}

/**
 * @throws {Problem} NS402 (400) it was altered, or is of another table, filter, order or role
 */
export function readCursor(cursor: string, binding: string, secrets: CursorSecrets): KeyValues {
  if (cursor.length > maxLength || !form.test(cursor)) throw notValid();
  const [, text = '', given = ''] = cursor.split('~');
  const isSigned = (secret: Buffer) =>
    timingSafeEqual(Buffer.from(given), Buffer.from(signature(text, binding, secret)));
  if (!isSigned(secrets.current) && !secrets.previous.some(isSigned)) throw notValid();
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
  const where = rowsBehind(key, order, ({ column }) => table.columns.get(column ?? '')?.nullable, values);
  if (where === undefined) throw notValid();
  return where;
}
