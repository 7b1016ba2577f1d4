/** `order_by`, `distinct_on`, `limit` and `offset` values → a request's order and page. Pure. */
import type { ColumnFunction } from '../api/aggregates.ts';
import type { NodeRequest, OrderRequest, Slot } from '../query/request.ts';
import { fieldsOf } from './fields.ts';
import { listOf } from './filter.ts';
import type { ModelEdge, ModelTable } from './model.ts';
import { beyondLimit, invalid } from './refusal.ts';

type Page = Pick<NodeRequest, 'order' | 'distinct' | 'limit' | 'offset'>;

/** Arguments by name, without those that are absent. */
export type ArgumentValues = ReadonlyMap<string, unknown>;

export interface PageContext {
  readonly tables: ReadonlyMap<string, ModelTable>;
  /** Most levels of relationships in an order. */
  readonly depth: number;
  readonly slot: (value: unknown) => Slot;
}

/** @throws {Refusal} NS602 a negative page, or an order that `distinct_on` does not lead */
export function buildPage(args: ArgumentValues, table: ModelTable, path: string, context: PageContext): Page {
  const limit = countOf(args.get('limit'), `${path}.args.limit`);
  const offset = countOf(args.get('offset'), `${path}.args.offset`);
  const order = orderOf(args.get('order_by'), table, `${path}.args.order_by`, context);
  const distinct = distinctOf(args.get('distinct_on'), table);
  return {
    ...pageOrder(order, distinct, path),
    ...(limit === undefined ? {} : { limit }),
    ...(offset === undefined ? {} : { offset: context.slot(offset) }),
  };
}

/** Which rows are kept is decided by the order, so the distinct columns must come first in it. */
function pageOrder(order: readonly OrderRequest[], distinct: readonly string[], path: string): Page {
  if (distinct.length === 0) return order.length === 0 ? {} : { order };
  if (order.length === 0)
    return {
      distinct,
      order: distinct.map((column) => ({ through: [], column, direction: 'asc', nulls: undefined })),
    };
  const leading = order.slice(0, distinct.length);
  const leads = leading.every(
    (one) => one.through.length === 0 && one.related === undefined && distinct.includes(one.column ?? ''),
  );
  if (!leads || new Set(leading.map((one) => one.column)).size !== distinct.length)
    throw invalid(`${path}.args`, '"distinct_on" columns must match initial "order_by" columns');
  return { distinct, order };
}

export function countOf(value: unknown, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  if ((value as number) < 0) throw invalid(path, 'unexpected negative value');
  return value as number;
}

function distinctOf(value: unknown, table: ModelTable): readonly string[] {
  if (value === undefined || value === null) return [];
  const { columns } = fieldsOf(table);
  return [...new Set(listOf(value).map((name) => columns.get(name as string)!.name))];
}

export const directions: ReadonlyMap<string, Pick<OrderRequest, 'direction' | 'nulls'>> = new Map([
  ['asc', { direction: 'asc', nulls: undefined }],
  ['asc_nulls_first', { direction: 'asc', nulls: 'first' }],
  ['asc_nulls_last', { direction: 'asc', nulls: 'last' }],
  ['desc', { direction: 'desc', nulls: undefined }],
  ['desc_nulls_first', { direction: 'desc', nulls: 'first' }],
  ['desc_nulls_last', { direction: 'desc', nulls: 'last' }],
]);

export function orderOf(
  value: unknown,
  table: ModelTable,
  path: string,
  context: PageContext,
): readonly OrderRequest[] {
  if (value === undefined || value === null) return [];
  const orders = listOf(value).flatMap((one) => (one === null ? [] : orderBy(one, table, [], path, context)));
  requireFewOrders(orders, path);
  return orders;
}

const maxOrders = 50;

/** @throws {Refusal} NS603 */
export function requireFewOrders(orders: readonly OrderRequest[], path: string): void {
  if (orders.length > maxOrders) throw beyondLimit(path, `more than ${maxOrders} columns to order by`);
}

function orderBy(
  value: unknown,
  table: ModelTable,
  through: readonly string[],
  path: string,
  context: PageContext,
): readonly OrderRequest[] {
  if (through.length > context.depth)
    throw beyondLimit(path, `the order follows more than ${context.depth} levels of relationships`);
  const { columns, edges } = fieldsOf(table);
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(([name, part]) => {
    if (part === null) return [];
    const column = columns.get(name);
    if (column !== undefined) return [{ through, column: column.name, ...directions.get(part as string)! }];
    const edge = edges.get(name)!;
    if (name === edge.aggregate) return orderByAggregates(part, edge, through, path, context);
    return orderBy(part, context.tables.get(edge.to)!, [...through, edge.name], path, context);
  });
}

/** `{ count: desc, avg: { stars: asc } }`, of the rows that the relationship leads to. */
function orderByAggregates(
  value: unknown,
  edge: ModelEdge,
  through: readonly string[],
  path: string,
  context: PageContext,
): readonly OrderRequest[] {
  if (through.length + 1 > context.depth)
    throw beyondLimit(path, `the order follows more than ${context.depth} levels of relationships`);
  const { columns } = fieldsOf(context.tables.get(edge.to)!);
  const related = { through, related: edge.name };
  return Object.entries(value as Readonly<Record<string, unknown>>).flatMap(
    ([name, part]): readonly OrderRequest[] => {
      if (part === null) return [];
      if (name === 'count')
        return [{ ...related, aggregate: 'count' as const, ...directions.get(part as string)! }];
      return Object.entries(part as Readonly<Record<string, unknown>>).flatMap(([of, direction]) =>
        direction === null
          ? []
          : [
              {
                ...related,
                aggregate: name as ColumnFunction,
                column: columns.get(of)!.name,
                ...directions.get(direction as string)!,
              },
            ],
      );
    },
  );
}
