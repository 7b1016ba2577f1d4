/** The inputs of a table's aggregates and groups: orders, filters by related rows, and filters of groups. Pure. */
import {
  aggregateNames,
  type ColumnFunction,
  columnFunctions,
  type PredicateFunction,
  predicateFunctions,
} from '../api/aggregates.ts';
import {
  aggregateOrderByName,
  boolExpName,
  type FieldSpec,
  filtered,
  groupNames,
  havingName,
  inOrder,
  isOwn,
  measured,
  orderByName,
  type TypeSpec,
} from './aggregates.ts';
import type { AggregateComparisons, ModelColumn, ModelTable } from './model.ts';

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
