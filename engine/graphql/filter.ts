/** A `where` value → a filter over API names, with its values in slots. Pure. */
import type { AggregateFunction } from '../api/aggregates.ts';
import type { Operator } from '../api/condition.ts';
import { operators, pathOperators } from '../api/operators.ts';
import type { FilterRequest, Slot } from '../query/request.ts';
import { fieldsOf } from './fields.ts';
import type { ModelColumn, ModelEdge, ModelTable } from './model.ts';
import { beyondLimit, invalid } from './refusal.ts';

export interface FilterContext {
  readonly tables: ReadonlyMap<string, ModelTable>;
  /** Most levels of relationships in a filter. */
  readonly depth: number;
  /** In a mutation nothing may be empty by accident: an empty object or a null inside the filter is refused. */
  readonly strict: boolean;
  readonly slot: (value: unknown) => Slot;
  readonly budget: FilterBudget;
}

/** What the filters of this request may still have; counted down. */
export interface FilterBudget {
  conditions: number;
  /** Items of the lists they compare with. */
  items: number;
}

type Fields = Readonly<Record<string, unknown>>;

/** Conditions of all filters of one request: what the statement grows by. */
export const maxConditions = 1_000;
/** Items of all lists of one request's filters (`_in: [1, 2]`): what its parameters grow by. */
export const maxItems = 50_000;

/**
 * @param value of type `<table>_bool_exp`, validated but for nulls; `{}` is true
 * @throws {Refusal} NS602 a null or, in a mutation, an emptied filter; NS603 too many conditions or levels
 */
export function buildFilter(
  value: unknown,
  table: ModelTable,
  path: string,
  context: FilterContext,
): FilterRequest {
  return filterRows(value as Fields, table, path, 0, context);
}

function filterRows(
  where: Fields,
  table: ModelTable,
  path: string,
  level: number,
  context: FilterContext,
): FilterRequest {
  const { columns, edges } = fieldsOf(table);
  const parts = Object.entries(where).flatMap(([name, value]): FilterRequest[] => {
    const place = `${path}.${name}`;
    if (value === null) return skipNull(place, context);
    if (name === '_and' || name === '_or')
      return [connect(name, listOf(value), table, place, level, context)];
    if (name === '_not') return [{ kind: 'not', of: nested(value, table, place, level, context) }];
    const column = columns.get(name);
    if (column !== undefined) return compareColumn(value as Fields, column, place, context);
    const edge = edges.get(name)!;
    return [
      name === edge.graphql
        ? relatedTo(value, edge, place, level, context)
        : filterAggregates(value as Fields, edge, place, level, context),
    ];
  });
  return parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
}

function connect(
  name: '_and' | '_or',
  items: readonly unknown[],
  table: ModelTable,
  path: string,
  level: number,
  context: FilterContext,
): FilterRequest {
  if (context.strict && name === '_and' && items.length === 0) throw emptied(path);
  const of = items.map((item, index) => {
    if (item === null)
      throw invalid(`${path}[${index}]`, `unexpected null value for type '${table.types.boolExp}'`);
    return nested(item, table, `${path}[${index}]`, level, context);
  });
  return { kind: name === '_and' ? 'and' : 'or', of };
}

/** A filter inside another. */
function nested(
  value: unknown,
  table: ModelTable,
  path: string,
  level: number,
  context: FilterContext,
): FilterRequest {
  spend(path, context);
  const where = value as Fields;
  if (context.strict && Object.keys(where).length === 0) throw emptied(path);
  return filterRows(where, table, path, level, context);
}

function compareColumn(
  comparison: Fields,
  column: ModelColumn,
  path: string,
  context: FilterContext,
): FilterRequest[] {
  const entries = Object.entries(comparison);
  if (context.strict && entries.length === 0) throw emptied(path);
  return entries.map(([name, value]): FilterRequest => {
    spend(path, context);
    if (name === '_cast' && value !== null)
      return compareText(value as Fields, column, `${path}._cast`, context);
    const place = `${path}.${name}`;
    const operand = operandOf(name, value, column, place, context);
    if (name === '_is_null')
      return {
        kind: 'compare',
        column: column.name,
        operator: operand === true ? 'isNull' : 'isNotNull',
        value: undefined,
      };
    const operator = pathOperators.get(name) ?? operators[name as keyof typeof operators];
    const compare = (operation: Operator, one: unknown): FilterRequest => ({
      kind: 'compare',
      column: column.name,
      operator: operation,
      value: context.slot(one),
    });
    // The database compares one list with another, and knows no list of lists, nor of paths.
    const isEach = name.endsWith('_any') && pathOperators.has(name);
    if (!isEach && !(column.list && (name === '_in' || name === '_nin'))) return compare(operator, operand);
    const of = (operand as readonly unknown[]).map((one) => {
      spend(place, context);
      return compare(isEach ? operator : name === '_in' ? 'eq' : 'neq', one);
    });
    return { kind: name === '_nin' ? 'and' : 'or', of };
  });
}

/** `_cast: { String: { _like: "%x%" } }` of JSON: its text. */
function compareText(cast: Fields, column: ModelColumn, path: string, context: FilterContext): FilterRequest {
  const text = cast.String as Fields | null | undefined;
  if (text === undefined || text === null) return emptyFilter(path, context);
  const of = compareColumn(text, { ...column, scalar: 'String', list: false }, `${path}.String`, context);
  return { kind: 'and', of: of.map((one) => (one.kind === 'compare' ? { ...one, cast: 'text' } : one)) };
}

const listOperators = new Set([
  '_in', '_nin', '_has_keys_any', '_has_keys_all', '_ancestor_any', '_descendant_any', '_matches_any',
]); // biome-ignore format: a list

/** No value is null, nor an item of a list; one value stands for a list of one. */
function operandOf(
  name: string,
  value: unknown,
  column: Pick<ModelColumn, 'scalar' | 'list'>,
  path: string,
  context: FilterContext,
): unknown {
  if (value === null) throw invalid(path, `unexpected null value for type '${column.scalar}'`);
  if (name === '_is_null') return value;
  if (listOperators.has(name)) {
    const items = itemsOf(value, path, context);
    if (items.includes(null)) throw invalid(path, `unexpected null value for type '${column.scalar}'`);
    return column.list ? items.map((item) => itemsOf(item, path, context)) : items;
  }
  return column.list ? itemsOf(value, path, context) : value;
}

/** One value as a list of one; the items are counted. */
function itemsOf(value: unknown, path: string, { budget }: FilterContext): readonly unknown[] {
  const items = listOf(value);
  budget.items -= items.length;
  if (budget.items < 0) throw beyondLimit(path, `the filters have more than ${maxItems} values in lists`);
  return items;
}

function relatedTo(
  value: unknown,
  edge: ModelEdge,
  path: string,
  level: number,
  context: FilterContext,
): FilterRequest {
  const far = follow(edge, path, level, context);
  return { kind: 'related', relationship: edge.name, where: nested(value, far, path, level + 1, context) };
}

/** `{ reviews_aggregate: { count: { predicate: { _gt: 2 } }, avg: { arguments: stars, … } } }` */
function filterAggregates(
  value: Fields,
  edge: ModelEdge,
  path: string,
  level: number,
  context: FilterContext,
): FilterRequest {
  const parts = Object.entries(value).flatMap(([name, part]): FilterRequest[] =>
    part === null
      ? skipNull(`${path}.${name}`, context)
      : [filterAggregate(name as AggregateFunction, part as Fields, edge, `${path}.${name}`, level, context)],
  );
  if (parts.length === 0) return emptyFilter(path, context);
  return parts.length === 1 ? parts[0]! : { kind: 'and', of: parts };
}

/** `arguments` is a list of columns for `count`, and one column for the others. */
function filterAggregate(
  name: AggregateFunction,
  value: Fields,
  edge: ModelEdge,
  path: string,
  level: number,
  context: FilterContext,
): FilterRequest {
  const far = follow(edge, path, level, context);
  const { columns } = fieldsOf(far);
  const filter = value.filter;
  const predicate = Object.entries(value.predicate as Fields);
  if (context.strict && predicate.length === 0) throw emptied(path);
  return {
    kind: 'aggregate',
    relationship: edge.name,
    ...(name === 'count' ? {} : { function: name }),
    columns: [...new Set(listOf(value.arguments ?? []))].map((one) => columns.get(one as string)!.name),
    distinct: value.distinct === true,
    where:
      filter === undefined || filter === null
        ? undefined
        : nested(filter, far, `${path}.filter`, level + 1, context),
    compare: predicate.map(([operator, operand]) =>
      compareResult(operator, operand, scalarOf(name), `${path}.predicate.${operator}`, context),
    ),
  };
}

function scalarOf(name: AggregateFunction): string {
  if (name === 'count') return 'Int';
  return name === 'bool_and' || name === 'bool_or' ? 'Boolean' : 'float8';
}

/** What the value of an aggregate is compared with. */
export function compareResult(
  name: string,
  operand: unknown,
  scalar: string,
  path: string,
  context: FilterContext,
  list = false,
) {
  spend(path, context);
  const value = operandOf(name, operand, { scalar, list }, path, context);
  if (name === '_is_null') return { operator: value === true ? 'isNull' : 'isNotNull' } as const;
  return { operator: operators[name as keyof typeof operators], value: context.slot(value) };
}

function follow(edge: ModelEdge, path: string, level: number, context: FilterContext): ModelTable {
  if (level + 1 > context.depth)
    throw beyondLimit(path, `the filter follows more than ${context.depth} levels of relationships`);
  spend(path, context);
  return context.tables.get(edge.to)!;
}

export function spend(path: string, context: Pick<FilterContext, 'budget'>, conditions = 1): void {
  context.budget.conditions -= conditions;
  if (context.budget.conditions < 0)
    throw beyondLimit(path, `the filters have more than ${maxConditions} conditions`);
}

/** `title: null` asks nothing in a query. */
function skipNull(path: string, context: FilterContext): FilterRequest[] {
  if (context.strict)
    throw invalid(path, `unexpected null value: the filter of a mutation may not be emptied`);
  return [];
}

function emptyFilter(path: string, context: FilterContext): FilterRequest {
  if (context.strict) throw emptied(path);
  return { kind: 'and', of: [] };
}

function emptied(path: string) {
  return invalid(
    path,
    'the filter of a mutation may not hold an empty condition; write where: {} when all rows are meant',
  );
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
