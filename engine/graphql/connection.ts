/** `first`, `after`, `last`, `before` and `order_by` → the page of a connection: its order, and the rows within cursors. Pure. */
import { hash } from 'node:crypto';
import { Problem } from '../problem/problem.ts';
import { parseJson } from '../query/json.ts';
import { rowsBehind } from '../query/keyset.ts';
import type { ConnectionRequest, FilterRequest, OrderRequest } from '../query/request.ts';
import { fieldsOf } from './fields.ts';
import { type FilterBudget, spend } from './filter.ts';
import type { ModelColumn, ModelTable } from './model.ts';
import { type ArgumentValues, countOf, orderOf } from './page.ts';
import { beyondLimit, invalid, Refusal } from './refusal.ts';

/** Longest cursor that is looked at, in characters. */
const maxLength = 8_192;
/** Columns of an order: what is behind a row takes conditions by their square. */
const maxOrders = 16;

export interface KeysetContext {
  readonly tables: ReadonlyMap<string, ModelTable>;
  readonly depth: number;
  /** Where the values of cursors are put. */
  readonly values: unknown[];
  readonly budget: FilterBudget;
}

/** @throws {Refusal} NS602 a page that is none, NS402 a cursor of another table or order, NS603 too long an order */
export function buildKeysetPage(
  args: ArgumentValues,
  table: ModelTable,
  path: string,
  context: KeysetContext,
): Omit<ConnectionRequest, 'where' | 'parts'> {
  const first = countOf(args.get('first'), `${path}.args.first`);
  const last = countOf(args.get('last'), `${path}.args.last`);
  if (first !== undefined && last !== undefined)
    throw invalid(`${path}.args`, '"first" and "last" are not allowed at once');
  const order = wholeOrder(args, table, path, context);
  const binding = bindingOf(table, order);
  const backward = last !== undefined;
  const cut = (name: 'after' | 'before', way: readonly OrderRequest[]) =>
    behindCursor(args.get(name), `${path}.args.${name}`, { order: way, table, binding, context });
  const reverse = order.map(reversed);
  const after = cut('after', order);
  const before = cut('before', reverse);
  const within = [after, before].filter((one) => one !== undefined);
  const limit = first ?? last;
  return {
    ...(within.length === 0
      ? null
      : { within: within.length === 1 ? within[0]! : { kind: 'and', of: within } }),
    order: backward ? reverse : order,
    backward,
    ...(limit === undefined ? null : { limit }),
    binding,
    known: { before: after !== undefined, behind: before !== undefined },
  };
}

/** The order asked for, and where two rows may be alike in it the key. */
function wholeOrder(
  args: ArgumentValues,
  table: ModelTable,
  path: string,
  context: KeysetContext,
): readonly OrderRequest[] {
  const place = `${path}.args.order_by`;
  const slot = () => {
    throw invalid(place, 'a connection is ordered by columns alone');
  };
  const asked = orderOf(args.get('order_by'), table, place, { ...context, slot });
  const own = new Set(asked.filter(({ through }) => through.length === 0).map(({ column }) => column));
  const missing = table.key.filter(({ name }) => !own.has(name));
  const order = [
    ...asked,
    ...missing.map(({ name }): OrderRequest => ({ through: [], column: name, direction: 'asc' })),
  ];
  if (order.length > maxOrders)
    throw beyondLimit(place, `more than ${maxOrders} columns to order a connection by`);
  if (order.some((term) => columnOf(term, table, context) === undefined))
    throw invalid(place, 'a connection is ordered by columns alone');
  return order;
}

function reversed({ direction, nulls, ...term }: OrderRequest): OrderRequest {
  return {
    ...term,
    direction: direction === 'asc' ? 'desc' : 'asc',
    nulls: nulls === undefined ? undefined : nulls === 'first' ? 'last' : 'first',
  };
}

/** A short digest: who alters a cursor reads no more than by a filter. */
function bindingOf({ name }: ModelTable, order: readonly OrderRequest[]): string {
  const terms = order.map(({ through, column, direction, nulls }) => [
    through,
    column,
    direction,
    nulls ?? null,
  ]);
  return hash('sha256', JSON.stringify([name, terms]), 'base64url').slice(0, 16);
}

interface Bound {
  readonly order: readonly OrderRequest[];
  readonly table: ModelTable;
  readonly binding: string;
  readonly context: KeysetContext;
}

function behindCursor(
  cursor: unknown,
  path: string,
  { order, table, binding, context }: Bound,
): FilterRequest | undefined {
  if (cursor === undefined || cursor === null) return undefined;
  const [bound, ...texts] = readCursor(cursor as string, path);
  if (bound !== binding || texts.length !== order.length) throw notValid(path);
  spend(path, context, order.length ** 2);
  const columns = order.map((term) => columnOf(term, table, context)!);
  const key = texts.map((text, at) => filterValue(text, columns[at]!, path));
  const nullable = (term: OrderRequest) =>
    term.through.length > 0 || columnOf(term, table, context)!.nullable;
  const where = rowsBehind(key, order, nullable, context.values);
  if (where === undefined) throw notValid(path);
  return where;
}

function columnOf(
  { through, column, aggregate }: OrderRequest,
  table: ModelTable,
  { tables }: Pick<KeysetContext, 'tables'>,
): ModelColumn | undefined {
  let at = table;
  for (const name of through) {
    const edge = at.edges.find((one) => one.name === name);
    if (edge?.kind !== 'one') return undefined;
    at = tables.get(edge.to)!;
  }
  return aggregate === undefined ? byName(at, column) : undefined;
}

function byName(table: ModelTable, name: string | undefined): ModelColumn | undefined {
  for (const column of fieldsOf(table).columns.values()) if (column.name === name) return column;
  return undefined;
}

function readCursor(cursor: string, path: string): readonly (string | null)[] {
  if (cursor.length > maxLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw notValid(path);
  try {
    const values: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(values) && values.every((one) => one === null || typeof one === 'string'))
      return values;
  } catch {
    // It is no JSON.
  }
  throw notValid(path);
}

/** The text that the database gave, as the value that a filter takes. */
function filterValue(text: string | null, { json, list }: ModelColumn, path: string): unknown {
  if (text === null || !json || list) return text;
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof Problem) throw notValid(path);
    throw error;
  }
}

function notValid(path: string): Refusal {
  return new Refusal('NS402', path, {
    message: 'the cursor is not one of this connection in this order',
    hint: 'Send a cursor as it was given, with the same order_by.',
  });
}
