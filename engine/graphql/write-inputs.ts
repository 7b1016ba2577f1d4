/** The input types of a table's mutations: conflicts, nested rows, operators and several updates at once. */
import type { UpdateOperator } from '../query/request.ts';
import type { InputField, InputType } from './inputs.ts';
import type { ModelColumn, ModelTable } from './model.ts';
import { operatorNames } from './write-names.ts';

type Fields = readonly (readonly [string, InputField])[];
type Make = (
  name: string,
  description: string,
  fields: Fields,
  options?: { readonly rows: boolean },
) => InputType;

/** The only value of an enum of columns that may be updated, where there are none: an enum has some value. */
export const placeholder = '_PLACEHOLDER';

/** @returns names and what makes the types; undefined names are none */
export function writeInputs(
  table: ModelTable,
  object: Make,
): readonly (readonly [string | undefined, (name: string) => InputType])[] {
  const { graphql, types, writes } = table;
  const { onConflict, constraint, updateColumn, nestedOne, nestedMany, operators, updates } = writes.types;
  const conflict: Fields = onConflict === undefined ? [] : [['on_conflict', { type: onConflict }]];
  return [
    [
      constraint,
      (name) => ({
        kind: 'enum',
        name,
        description: `unique or primary key constraints on table "${graphql}"`,
        values: new Map(
          writes.keys.map((key) => [
            key.graphql,
            `unique or primary key constraint on columns ${listed(key.columns)}`,
          ]),
        ),
      }),
    ],
    [
      updateColumn,
      (name) => ({
        kind: 'enum',
        name,
        description: `update columns of table "${graphql}"`,
        values:
          table.updatable.length === 0
            ? new Map([[placeholder, '(placeholder) there is no column to update']])
            : new Map(table.updatable.map((column) => [column.graphql, column.description ?? 'column name'])),
      }),
    ],
    [
      onConflict,
      (name) => object(name, `on_conflict condition type for table "${graphql}"`, conflictFields(table)),
    ],
    [
      nestedOne,
      (name) =>
        object(
          name,
          `input type for inserting object relation for remote table "${graphql}"`,
          [['data', { type: `${types.insertInput}!` }], ...conflict],
          { rows: true },
        ),
    ],
    [
      nestedMany,
      (name) =>
        object(
          name,
          `input type for inserting array relation for remote table "${graphql}"`,
          [['data', { type: `[${types.insertInput}!]!` }], ...conflict],
          { rows: true },
        ),
    ],
    ...[...operators].map(
      ([operator, type]) =>
        [
          type,
          (name: string) =>
            object(
              name,
              operatorDescription(operator, graphql),
              (writes.operators.get(operator) ?? []).map((column) => [
                column.graphql,
                { type: operandType(operator, column) },
              ]),
            ),
        ] as const,
    ),
    [
      updates,
      (name) =>
        object(name, `one of several updates of table "${graphql}"`, [
          ...changeArguments(table).map(([argument, type]) => [argument, { type }] as const),
          ['where', { type: `${types.boolExp}!`, description: 'filter the rows which have to be updated' }],
        ]),
    ],
  ];
}

/** Arguments that say what an update does to its rows. */
export function changeArguments({ types, writes }: ModelTable): readonly (readonly [string, string])[] {
  return [
    ...[...writes.types.operators].map(
      ([operator, type]) => [operatorNames.get(operator)!.argument, type] as const,
    ),
    ...(types.setInput === undefined ? [] : [['_set', types.setInput] as const]),
  ];
}

/** Relationships by which rows are nested in an object to insert. */
export function nestedFields(table: ModelTable, tables: ReadonlyMap<string, ModelTable>): Fields {
  return table.edges.flatMap((edge): Fields => {
    const { nestedOne, nestedMany } = tables.get(edge.to)!.writes.types;
    const type = edge.kind === 'one' ? nestedOne : nestedMany;
    return edge.nesting === undefined || type === undefined ? [] : [[edge.graphql, { type }]];
  });
}

function conflictFields({ types, writes }: ModelTable): Fields {
  return [
    // Nullable, because `columns` may stand in its place.
    ['constraint', { type: writes.types.constraint! }],
    ...(types.selectColumn === undefined
      ? []
      : [
          [
            'columns',
            {
              type: `[${types.selectColumn}!]`,
              description: 'the columns of a unique key, in place of the name of its constraint',
            },
          ] as const,
        ]),
    ['update_columns', { type: `[${writes.types.updateColumn}!]!`, empty: true }],
    ...(types.boolExp === undefined ? [] : [['where', { type: types.boolExp }] as const]),
  ];
}

function operandType(operator: UpdateOperator, column: ModelColumn): string {
  switch (operator) {
    case 'inc':
    case 'append':
    case 'prepend':
      return column.scalar;
    case 'deleteKey':
      return 'String';
    case 'deleteElem':
      return 'Int';
    case 'deleteAtPath':
      return '[String!]';
    default:
      return operator satisfies never;
  }
}

function operatorDescription(operator: UpdateOperator, table: string): string {
  switch (operator) {
    case 'inc':
      return `input type for incrementing numeric columns in table "${table}"`;
    case 'append':
      return 'append existing jsonb value of filtered columns with new jsonb value';
    case 'prepend':
      return 'prepend existing jsonb value of filtered columns with new jsonb value';
    case 'deleteKey':
      return 'delete key/value pair or string element. key/value pairs are matched based on their key value';
    case 'deleteElem':
      return 'delete the array element with specified index (negative integers count from the end). throws an error if top level container is not an array';
    case 'deleteAtPath':
      return 'delete the field or element with specified path (for JSON arrays, negative integers count from the end)';
    default:
      return operator satisfies never;
  }
}

function listed(columns: readonly string[]): string {
  return columns.map((column) => `"${column}"`).join(', ');
}
