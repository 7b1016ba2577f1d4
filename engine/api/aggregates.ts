/** Functions over rows: which there are, to which types they apply, what comes out, and the GraphQL names made for them. */
import { builtinType } from '../catalog/builtin-types.ts';
import type { Type } from '../catalog/catalog.ts';
import { isMysqlType, mysqlType } from '../catalog/mysql-types.ts';
import { bareType, countType, mayRaise, operandOf } from './operators.ts';

/** Functions of one column, as GraphQL and the database name them. */
export const columnFunctions = [
  'avg', 'max', 'min', 'stddev', 'stddev_pop', 'stddev_samp', 'sum', 'var_pop', 'var_samp', 'variance',
] as const; // biome-ignore format: a list
export type ColumnFunction = (typeof columnFunctions)[number];

/** Those that rows are filtered by, through a relationship. */
export const predicateFunctions = [
  'avg', 'bool_and', 'bool_or', 'max', 'min', 'stddev_samp', 'sum', 'var_samp',
] as const; // biome-ignore format: a list
export type PredicateFunction = (typeof predicateFunctions)[number];

export type AggregateFunction = 'count' | ColumnFunction | PredicateFunction;

/** Times of day add up to an interval. */
const added: ReadonlySet<string> = new Set(['integer', 'decimal', 'float', 'interval', 'time']);
const unordered: ReadonlySet<string> = new Set(['boolean', 'json', 'uuid', 'binary', 'composite']);

export function applies(name: AggregateFunction, type: Type): boolean {
  const { family, name: typeName } = bareType(type);
  switch (name) {
    case 'count':
      return true;
    case 'sum':
      return added.has(family) || typeName === 'money';
    case 'avg':
      return added.has(family);
    case 'min':
    case 'max':
      return !unordered.has(family);
    case 'bool_and':
    case 'bool_or':
      return family === 'boolean';
    case 'stddev':
    case 'stddev_pop':
    case 'stddev_samp':
    case 'var_pop':
    case 'var_samp':
    case 'variance':
      return isNumber(family);
    default:
      return name satisfies never;
  }
}

/** What results are read and compared as. */
export const numberTypes = {
  numeric: Object.freeze(builtinType('numeric')),
  float4: Object.freeze(builtinType('float4')),
  float8: Object.freeze(builtinType('float8')),
  int8: countType,
} as const;

const mysqlNumeric: Type = Object.freeze(mysqlType('decimal', ''));

/** What comes out, to read what it is compared with. */
export function typeOfResult(name: AggregateFunction, type: Type): Type {
  if (name === 'count') return countType;
  const bare = bareType(type);
  switch (name) {
    case 'min':
    case 'max':
    case 'bool_and':
    case 'bool_or':
      return bare;
    case 'sum':
      return bare.family === 'integer' ? numericOf(bare) : bare;
    case 'avg':
    case 'stddev':
    case 'stddev_pop':
    case 'stddev_samp':
    case 'var_pop':
    case 'var_samp':
    case 'variance':
      if (bare.family === 'integer') return numericOf(bare);
      return bare.family === 'float' ? numberTypes.float8 : bare;
    default:
      return name satisfies never;
  }
}

/** A number with a fraction, in the same database. */
function numericOf(type: Type): Type {
  return isMysqlType(type) ? mysqlNumeric : numberTypes.numeric;
}

/** Whether the function can raise on the values of the rows that it is over: sums leave the range of their type. */
export function resultMayRaise(name: AggregateFunction, type: Type, distinct: boolean): boolean {
  switch (name) {
    case 'count':
      return distinct && mayRaise('eq', type);
    case 'min':
    case 'max':
      return mayRaise('gt', type);
    case 'bool_and':
    case 'bool_or':
      return false;
    case 'avg':
    case 'sum':
    case 'stddev':
    case 'stddev_pop':
    case 'stddev_samp':
    case 'var_pop':
    case 'var_samp':
    case 'variance':
      return true;
    default:
      return name satisfies never;
  }
}

/** What can be made of a column's values in GraphQL: `integer` and `number` have every function, `ordered` min and max. */
export type Measure = 'integer' | 'number' | 'ordered' | 'boolean';

export function measureOf(type: Type): Measure | undefined {
  const { family } = bareType(type);
  if (family === 'integer') return 'integer';
  if (isNumber(family)) return 'number';
  if (family === 'boolean') return 'boolean';
  return hasLeast(type) ? 'ordered' : undefined;
}

/** Other types that the database has min and max of. */
const further: ReadonlySet<string> = new Set([
  'inet', 'cidr', 'money', 'citext', 'pg_lsn', 'inet4', 'inet6',
]); // biome-ignore format: a list

function hasLeast(type: Type): boolean {
  if (operandOf('gt', type) === undefined) return false;
  const { family, name } = bareType(type);
  if (family === 'range' || (family === 'other' && !further.has(name))) return false;
  return applies('max', type) && !mayRaise('gt', type);
}

function isNumber(family: Type['family']): boolean {
  return family === 'integer' || family === 'decimal' || family === 'float';
}

/** Whether a GraphQL type for the function holds columns of the measure. */
export function takes(name: ColumnFunction, measure: Measure | undefined): boolean {
  if (measure === 'integer' || measure === 'number') return true;
  return measure === 'ordered' && (name === 'min' || name === 'max');
}

/** Rows are filtered by functions of numbers alone, and of truth values. */
export function filters(name: PredicateFunction, measure: Measure | undefined): boolean {
  if (name === 'bool_and' || name === 'bool_or') return measure === 'boolean';
  return measure === 'integer' || measure === 'number';
}

/** Filters of groups by functions whose results are of one kind share a type: values of the column, sums, and `Float`s. */
const havingKinds = ['value', 'sum', 'float'] as const;
export type HavingKind = (typeof havingKinds)[number];

export function havingKindOf(name: ColumnFunction): HavingKind {
  if (name === 'min' || name === 'max') return 'value';
  return name === 'sum' ? 'sum' : 'float';
}

/** A GraphQL type made for the aggregates of a table, where one of its columns has the measure (none: always). */
export interface DerivedName {
  readonly name: string;
  readonly holds: (measure: Measure | undefined) => boolean;
}

export const aggregateNames = {
  fields: (table: string, name: ColumnFunction) => `${table}_${name}_fields`,
  orderBy: (table: string, name: ColumnFunction) => `${table}_${name}_order_by`,
  aggregateOrderBy: (table: string) => `${table}_aggregate_order_by`,
  boolExp: (table: string, name: PredicateFunction) => `${table}_aggregate_bool_exp_${name}`,
  boolExpColumns: (table: string, name: PredicateFunction) =>
    `${table}_select_column_${table}_aggregate_bool_exp_${name}_arguments_columns`,
  group: (table: string) => `${table}_group`,
  groupKeys: (table: string) => `${table}_group_keys`,
  groupOrderBy: (table: string) => `${table}_group_order_by`,
  groupKeysOrderBy: (table: string) => `${table}_group_keys_order_by`,
  having: (table: string) => `${table}_having_exp`,
  havingOf: (table: string, kind: HavingKind) => `${table}_${kind}_having_exp`,
} as const;

/** All of them, what is asked for most first: it has a name that two tables derive. The same list for every table. */
export function derivedAggregateNames(table: string): readonly DerivedName[] {
  const names = aggregateNames;
  const always = (name: string): DerivedName => ({ name, holds: () => true });
  const ofColumns = (make: (table: string, name: ColumnFunction) => string) =>
    columnFunctions.map(
      (name): DerivedName => ({
        name: make(table, name),
        holds: (measure) => takes(name, measure),
      }),
    );
  const ofPredicates = (make: (table: string, name: PredicateFunction) => string) =>
    predicateFunctions.map(
      (name): DerivedName => ({
        name: make(table, name),
        holds: (measure) => filters(name, measure),
      }),
    );
  return [
    ...ofColumns(names.fields),
    always(names.aggregateOrderBy(table)),
    ...ofColumns(names.orderBy),
    ...ofPredicates(names.boolExp),
    ...ofPredicates(names.boolExpColumns),
    always(names.group(table)),
    always(names.groupKeys(table)),
    always(names.groupOrderBy(table)),
    always(names.groupKeysOrderBy(table)),
    always(names.having(table)),
    ...havingKinds.map(
      (kind): DerivedName => ({
        name: names.havingOf(table, kind),
        holds: (measure) =>
          columnFunctions.some((name) => havingKindOf(name) === kind && takes(name, measure)),
      }),
    ),
  ];
}
