/** The types of a table's aggregates and groups: their names, fields and inputs, as plain data from the model. Pure. */
import {
  aggregateNames,
  type ColumnFunction,
  columnFunctions,
  filters,
  havingKindOf,
  type PredicateFunction,
  predicateFunctions,
  takes,
} from '../api/aggregates.ts';
import type { AggregateComparisons, ModelColumn, ModelTable } from './model.ts';
import type { ArgumentSpec } from './roots.ts';

export interface FieldSpec {
  readonly name: string;
  /** As GraphQL writes it. */
  readonly type: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly description?: string | null;
}

export interface TypeSpec {
  readonly name: string;
  readonly description: string;
  readonly fields: readonly FieldSpec[];
}

/** An input object, or an enum. */
export type InputSpec =
  | TypeSpec
  | {
      readonly name: string;
      readonly description: string;
      /** Value → description. */
      readonly values: ReadonlyMap<string, string | null>;
    };

const names = aggregateNames;

/** The columns that a function is served for. */
export function measured(table: ModelTable, name: ColumnFunction): readonly ModelColumn[] {
  return table.columns.filter((column) => takes(name, column.measure));
}

/** Columns by which rows are filtered through a relationship. `true` and its like can be no enum's value. */
function filtered(table: ModelTable, name: PredicateFunction): readonly ModelColumn[] {
  return table.columns.filter(
    (column) => filters(name, column.measure) && !['true', 'false', 'null'].includes(column.graphql),
  );
}

/** The name, unless the role may not aggregate, no column would be in it, or it is another's. */
function given(table: ModelTable, name: string, columns: readonly unknown[] = [name]): string | undefined {
  const { aggregateFields, withheld } = table.types;
  return aggregateFields === undefined || columns.length === 0 || withheld.includes(name) ? undefined : name;
}

export function fieldsName(table: ModelTable, name: ColumnFunction): string | undefined {
  return given(table, names.fields(table.graphql, name), measured(table, name));
}

export function aggregateOrderByName(table: ModelTable): string | undefined {
  return given(table, names.aggregateOrderBy(table.graphql));
}

function orderByName(table: ModelTable, name: ColumnFunction): string | undefined {
  return given(table, names.orderBy(table.graphql, name), measured(table, name));
}

function havingName(table: ModelTable, name: ColumnFunction): string | undefined {
  return given(table, names.havingOf(table.graphql, havingKindOf(name)), measured(table, name));
}

function boolExpName(table: ModelTable, name: PredicateFunction): string | undefined {
  const columns = given(table, names.boolExpColumns(table.graphql, name), filtered(table, name));
  return columns && given(table, names.boolExp(table.graphql, name));
}

/** Type of a row of `<table>_group_by`, with its other types; undefined when one that it needs is not given. */
export function groupNames(table: ModelTable) {
  const { graphql, types } = table;
  const group = given(table, names.group(graphql));
  const keys = given(table, names.groupKeys(graphql));
  if (group === undefined || keys === undefined || types.selectColumn === undefined) return undefined;
  return {
    group,
    keys,
    orderBy: given(table, names.groupOrderBy(graphql)),
    keysOrderBy: given(table, names.groupKeysOrderBy(graphql)),
    having: given(table, names.having(graphql)),
  };
}

export function groupArguments(table: ModelTable): readonly ArgumentSpec[] {
  const { having, orderBy } = groupNames(table)!;
  const { selectColumn, boolExp } = table.types;
  return [
    ['keys', `[${selectColumn}!]!`],
    ...(having === undefined ? [] : [['having', having] as const]),
    ['limit', 'Int'],
    ['offset', 'Int'],
    ...(orderBy === undefined ? [] : [['order_by', `[${orderBy}!]`] as const]),
    ...(boolExp === undefined ? [] : [['where', boolExp] as const]),
  ];
}

/** Object types. */
export function aggregateOutputs(table: ModelTable): readonly TypeSpec[] {
  const { graphql, types } = table;
  if (types.aggregateFields === undefined) return [];
  const selected: readonly ArgumentSpec[] =
    types.selectColumn === undefined ? [] : [['columns', `[${types.selectColumn}!]`]];
  const functions = columnFunctions.flatMap((name) => {
    const type = fieldsName(table, name);
    return type === undefined ? [] : [{ name, type }];
  });
  const count = {
    name: 'count',
    type: 'Int!',
    arguments: [...selected, ['distinct', 'Boolean']],
  } as const;
  const groups = groupNames(table);
  return [
    {
      name: types.aggregateFields,
      description: `aggregate fields of "${graphql}"`,
      fields: inOrder([count, ...functions]),
    },
    ...functions.map(({ name, type }) => ({
      name: type,
      description: `aggregate ${name} on columns`,
      fields: measured(table, name).map((column) => ({
        name: column.graphql,
        type: resultType(name, column),
        description: column.description,
      })),
    })),
    ...(groups === undefined
      ? []
      : [
          {
            name: groups.group,
            description: `rows of "${graphql}" that are alike in some columns`,
            fields: [
              { name: 'aggregate', type: `${types.aggregateFields}!` },
              { name: 'keys', type: `${groups.keys}!` },
            ],
          },
          {
            name: groups.keys,
            description: `what the rows of a group of "${graphql}" have alike; null for columns not named in "keys"`,
            fields: table.columns.map((column) => ({
              name: column.graphql,
              type: typeOf(column),
              description: column.description,
            })),
          },
        ]),
  ];
}

/** Sums, least and greatest are of the column's own type, as Hasura has them; all others are `Float`. */
function resultType(name: ColumnFunction, column: ModelColumn): string {
  return isOwn(name) ? typeOf(column) : 'Float';
}

function isOwn(name: ColumnFunction): boolean {
  return name === 'sum' || name === 'min' || name === 'max';
}

/** As strings where the column's own values are; a `Float` is a number in any case. */
export function numberOf(name: ColumnFunction, column: ModelColumn): 'string' | undefined {
  return isOwn(name) ? column.number : undefined;
}

function typeOf({ list, scalar }: ModelColumn): string {
  return list ? `[${scalar}!]` : scalar;
}

function inOrder<T extends { readonly name: string }>(fields: readonly T[]): readonly T[] {
  return fields.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

/** Input objects and enums besides those of `count`. */
export function aggregateInputs(
  table: ModelTable,
  comparisons: AggregateComparisons | undefined,
): readonly InputSpec[] {
  if (table.types.aggregateFields === undefined) return [];
  const predicates = predicateFunctions.filter((name) => predicateOf(table, name, comparisons) !== undefined);
  return [
    ...orderInputs(table),
    ...predicates.map((name) => predicateInput(table, name, comparisons)),
    ...groupInputs(table, comparisons),
    ...predicates.map((name) => {
      const type = names.boolExpColumns(table.graphql, name);
      return {
        name: type,
        description: `select "${type.slice(`${table.graphql}_select_column_`.length)}" columns of table "${table.graphql}"`,
        values: new Map(
          filtered(table, name).map((column) => [column.graphql, column.description ?? 'column name']),
        ),
      };
    }),
  ];
}

function orderInputs(table: ModelTable): readonly TypeSpec[] {
  const { graphql } = table;
  const functions = functionFields(table, orderByName);
  const all = aggregateOrderByName(table);
  return [
    ...(all === undefined
      ? []
      : [
          {
            name: all,
            description: `order by aggregate values of table "${graphql}"`,
            fields: inOrder([{ name: 'count', type: 'order_by' }, ...functions]),
          },
        ]),
    ...functions.map(({ name, type }) => ({
      name: type,
      description: `order by ${name}() on columns of table "${graphql}"`,
      fields: measured(table, name).map((column) => ({ name: column.graphql, type: 'order_by' })),
    })),
  ];
}

function functionFields(
  table: ModelTable,
  nameOf: (table: ModelTable, name: ColumnFunction) => string | undefined,
) {
  return columnFunctions.flatMap((name) => {
    const type = nameOf(table, name);
    return type === undefined ? [] : [{ name, type }];
  });
}

/** The fields of `<table>_aggregate_bool_exp` besides `count`. */
export function predicateFields(
  table: ModelTable,
  comparisons: AggregateComparisons | undefined,
): readonly FieldSpec[] {
  return predicateFunctions.flatMap((name) => {
    const type = predicateOf(table, name, comparisons) && boolExpName(table, name);
    return type === undefined ? [] : [{ name, type }];
  });
}

/** The comparison of the function's result; undefined where the function is not served. */
function predicateOf(
  table: ModelTable,
  name: PredicateFunction,
  comparisons: AggregateComparisons | undefined,
): string | undefined {
  if (boolExpName(table, name) === undefined) return undefined;
  return name === 'bool_and' || name === 'bool_or'
    ? filtered(table, name)[0]!.comparison
    : comparisons?.float8;
}

function predicateInput(
  table: ModelTable,
  name: PredicateFunction,
  comparisons: AggregateComparisons | undefined,
): TypeSpec {
  const { boolExp } = table.types;
  return {
    name: boolExpName(table, name)!,
    description: `filter by ${name}() of rows of "${table.graphql}"`,
    fields: [
      { name: 'arguments', type: `${names.boolExpColumns(table.graphql, name)}!` },
      { name: 'distinct', type: 'Boolean' },
      ...(boolExp === undefined ? [] : [{ name: 'filter', type: boolExp }]),
      { name: 'predicate', type: `${predicateOf(table, name, comparisons)}!` },
    ],
  };
}

function groupInputs(table: ModelTable, comparisons: AggregateComparisons | undefined): readonly TypeSpec[] {
  const groups = groupNames(table);
  if (groups === undefined) return [];
  const { graphql } = table;
  const { orderBy, keysOrderBy, having } = groups;
  const havings = functionFields(table, havingName)
    .map(({ name, type }) => ({ name, type, fields: havingFields(table, name, comparisons) }))
    .filter(({ fields }) => fields.length > 0);
  const havingTypes = new Map(havings.map(({ type, fields }) => [type, fields] as const));
  const keys = keysOrderBy === undefined ? [] : [{ name: 'keys', type: keysOrderBy }];
  const count = comparisons?.count === undefined ? [] : [{ name: 'count', type: comparisons.count }];
  return [
    ...(orderBy === undefined
      ? []
      : [
          {
            name: orderBy,
            description: `order of the groups of "${graphql}"`,
            fields: inOrder([
              { name: 'count', type: 'order_by' },
              ...keys,
              ...functionFields(table, orderByName),
            ]),
          },
        ]),
    ...(keysOrderBy === undefined
      ? []
      : [
          {
            name: keysOrderBy,
            description: `order by the columns of "${graphql}" that are named in "keys"`,
            fields: table.columns.map((column) => ({ name: column.graphql, type: 'order_by' })),
          },
        ]),
    ...(having === undefined
      ? []
      : [
          {
            name: having,
            description: `Boolean expression to filter the groups of "${graphql}". All fields are combined with a logical 'AND'.`,
            fields: [
              { name: '_and', type: `[${having}!]` },
              { name: '_not', type: having },
              { name: '_or', type: `[${having}!]` },
              ...inOrder([...count, ...havings]),
            ],
          },
        ]),
    ...[...havingTypes].map(([name, fields]) => ({
      name,
      description: `filter groups by functions of columns of "${graphql}"`,
      fields,
    })),
  ];
}

function havingFields(
  table: ModelTable,
  name: ColumnFunction,
  comparisons: AggregateComparisons | undefined,
): readonly FieldSpec[] {
  return measured(table, name).flatMap((column) => {
    const type = havingType(name, column, comparisons);
    return type === undefined ? [] : [{ name: column.graphql, type }];
  });
}

/** A sum of whole numbers is soon larger than an `Int`. */
function havingType(
  name: ColumnFunction,
  column: ModelColumn,
  comparisons: AggregateComparisons | undefined,
): string | undefined {
  if (!isOwn(name)) return comparisons?.float;
  return name === 'sum' && column.measure === 'integer' ? comparisons?.bigint : column.comparison;
}
