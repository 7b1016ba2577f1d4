/** The types of a table's aggregates and groups: their names and fields, as plain data from the model. Pure. */
import {
  aggregateNames,
  type ColumnFunction,
  columnFunctions,
  filters,
  havingKindOf,
  type PredicateFunction,
  takes,
} from '../api/aggregates.ts';
import type { ModelColumn, ModelTable } from './model.ts';
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

const names = aggregateNames;

/** The columns that a function is served for. */
export function measured(table: ModelTable, name: ColumnFunction): readonly ModelColumn[] {
  return table.columns.filter((column) => takes(name, column.measure));
}

/** Columns by which rows are filtered through a relationship. `true` and its like can be no enum's value. */
export function filtered(table: ModelTable, name: PredicateFunction): readonly ModelColumn[] {
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

export function orderByName(table: ModelTable, name: ColumnFunction): string | undefined {
  return given(table, names.orderBy(table.graphql, name), measured(table, name));
}

export function havingName(table: ModelTable, name: ColumnFunction): string | undefined {
  return given(table, names.havingOf(table.graphql, havingKindOf(name)), measured(table, name));
}

export function boolExpName(table: ModelTable, name: PredicateFunction): string | undefined {
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

export function isOwn(name: ColumnFunction): boolean {
  return name === 'sum' || name === 'min' || name === 'max';
}

/** As strings where the column's own values are; a `Float` is a number in any case. */
export function numberOf(name: ColumnFunction, column: ModelColumn): 'string' | undefined {
  return isOwn(name) ? column.number : undefined;
}

function typeOf({ list, scalar }: ModelColumn): string {
  return list ? `[${scalar}!]` : scalar;
}

export function inOrder<T extends { readonly name: string }>(fields: readonly T[]): readonly T[] {
  return fields.toSorted((one, other) => (one.name < other.name ? -1 : 1));
}
