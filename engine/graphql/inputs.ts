/** The input types of a role's schema, made when first asked for. One description for validation and for coercion. */

import type { Accepts } from '../api/graphql-scalars.ts';
import { pathOperators } from '../api/operators.ts';
import { aggregateInputs, type InputSpec, predicateFields } from './aggregate-inputs.ts';
import { aggregateOrderByName, type FieldSpec } from './aggregates.ts';
import { DerivedSpecs } from './derived-specs.ts';
import type { ModelFunction } from './functions.ts';
import type { AggregateComparisons, Model, ModelColumn, ModelComparison, ModelTable } from './model.ts';
import { nestedFields, writeInputs } from './write-inputs.ts';

export interface InputField {
  /** As GraphQL writes it: `[books_bool_exp!]`. */
  readonly type: string;
  readonly description?: string | null;
  /** An empty list when it is not given. */
  readonly empty?: boolean;
}

export type InputType =
  | { readonly kind: 'scalar'; readonly name: string; readonly accepts: Accepts }
  | {
      readonly kind: 'enum';
      readonly name: string;
      readonly description: string;
      /** Value → description. */
      readonly values: ReadonlyMap<string, string | null>;
    }
  | {
      readonly kind: 'object';
      readonly name: string;
      readonly description: string;
      readonly fields: ReadonlyMap<string, InputField>;
      /** Fields that must be given. */
      readonly required: readonly string[];
      /** Whether its objects are rows to insert, which come by the thousand. */
      readonly rows: boolean;
    };

const builtin: readonly (readonly [string, Accepts])[] = [
  ['Int', 'int'],
  ['Float', 'float'],
  ['String', 'string'],
  ['Boolean', 'boolean'],
  ['ID', 'text'],
];

const directions: ReadonlyMap<string, string> = new Map([
  ['asc', 'in ascending order, nulls last'],
  ['asc_nulls_first', 'in ascending order, nulls first'],
  ['asc_nulls_last', 'in ascending order, nulls last'],
  ['desc', 'in descending order, nulls first'],
  ['desc_nulls_first', 'in descending order, nulls first'],
  ['desc_nulls_last', 'in descending order, nulls last'],
]);

const cursorDirections: ReadonlyMap<string, string> = new Map([
  ['ASC', 'ascending ordering of the cursor'],
  ['DESC', 'descending ordering of the cursor'],
]);

/** All input types by name; each is described when it is first asked for, and kept. */
export class InputTypes {
  readonly #makers = new Map<string, () => InputType>();
  readonly #made = new Map<string, InputType>();
  readonly #aggregates: DerivedSpecs<InputSpec>;

  constructor(model: Model) {
    for (const [name, accepts] of builtin) this.#add(name, () => ({ kind: 'scalar', name, accepts }));
    for (const { name, accepts } of model.scalars) this.#add(name, () => ({ kind: 'scalar', name, accepts }));
    for (const comparison of model.comparisons) {
      this.#add(comparison.name, () => comparisonType(comparison));
      const { cast, scalar } = comparison;
      this.#add(cast?.name, (name) =>
        object(name, `Boolean expression to compare the text of "${scalar}"`, [
          ['String', { type: cast!.text }],
        ]),
      );
    }
    this.#add('order_by', () => ({
      kind: 'enum',
      name: 'order_by',
      description: 'column ordering options',
      values: directions,
    }));
    this.#add('cursor_ordering', (name) => ({
      kind: 'enum',
      name,
      description: 'ordering argument of a cursor',
      values: cursorDirections,
    }));
    const tables = new Map(model.tables.map((table) => [table.graphql, table]));
    this.#aggregates = new DerivedSpecs(tables, (table) =>
      aggregateInputs(table, model.aggregateComparisons),
    );
    for (const one of model.functions)
      this.#add(one.argumentsType, (name) =>
        object(name, `input parameters for function "${one.root}"`, argumentsOf(one)),
      );
    const cursors = cursorColumns(model);
    for (const table of model.tables) {
      this.#addTable(table, tables, model.aggregateComparisons);
      this.#addStream(table, cursors);
    }
  }

  get(name: string): InputType | undefined {
    const made = this.#made.get(name) ?? this.#makers.get(name)?.() ?? this.#aggregate(name);
    if (made !== undefined) this.#made.set(name, made);
    return made;
  }

  /** All, but of the dozens made for aggregates only those that the name may be meant for. */
  *namesLike(name: string): Iterable<string> {
    yield* this.#makers.keys();
    yield* this.#aggregates.namesLike(name);
  }

  #aggregate(name: string): InputType | undefined {
    const spec = this.#aggregates.get(name);
    if (spec === undefined) return undefined;
    return 'values' in spec
      ? { kind: 'enum', ...spec }
      : object(name, spec.description, fieldsFrom(spec.fields));
  }

  #add(name: string | undefined, make: (name: string) => InputType): void {
    if (name !== undefined) this.#makers.set(name, () => make(name));
  }

  #addStream(table: ModelTable, cursors: (table: ModelTable) => readonly ModelColumn[]): void {
    const { types, graphql } = table;
    this.#add(types.streamCursor, (name) =>
      object(name, `Streaming cursor of the table "${graphql}"`, [
        [
          'initial_value',
          { type: `${types.streamCursorValue}!`, description: 'Stream column input with initial value' },
        ],
        ['ordering', { type: 'cursor_ordering', description: 'cursor ordering' }],
      ]),
    );
    this.#add(types.streamCursorValue, (name) =>
      object(
        name,
        'Initial value of the column from where the streaming should start',
        valuesOf(cursors(table), ''),
      ),
    );
  }

  #addTable(
    table: ModelTable,
    tables: ReadonlyMap<string, ModelTable>,
    comparisons: AggregateComparisons | undefined,
  ): void {
    const { types, graphql } = table;
    this.#add(types.boolExp, (name) => boolExp(name, table, tables));
    this.#add(types.orderBy, (name) => orderBy(name, table, tables));
    this.#add(types.selectColumn, (name) => ({
      kind: 'enum',
      name,
      description: `select columns of table "${graphql}"`,
      values: new Map(
        table.columns.flatMap((column) =>
          column.computed ? [] : [[column.graphql, column.description ?? 'column name'] as const],
        ),
      ),
    }));
    this.#add(types.insertInput, (name) =>
      object(
        name,
        `input type for inserting data into table "${graphql}"`,
        [...valuesOf(table.insertable, ''), ...nestedFields(table, tables)],
        { rows: true },
      ),
    );
    for (const [type, make] of writeInputs(table, object)) this.#add(type, make);
    this.#add(types.setInput, (name) =>
      object(name, `input type for updating data in table "${graphql}"`, valuesOf(table.updatable, '')),
    );
    this.#add(types.pkColumns, (name) =>
      object(name, `primary key columns input for table: ${graphql}`, valuesOf(table.key, '!')),
    );
    this.#add(types.aggregateBoolExp, (name) =>
      object(name, `filter by aggregates of rows of "${graphql}"`, [
        ['count', { type: types.aggregateBoolExpCount! }],
        ...fieldsFrom(predicateFields(table, comparisons)),
      ]),
    );
    this.#add(types.aggregateBoolExpCount, (name) =>
      object(name, `filter by the number of rows of "${graphql}"`, countFields(table, comparisons?.count)),
    );
  }
}

/** Columns that rows can be put in order by: those with comparisons that tell more and less. */
export function cursorColumns({ comparisons }: Model): (table: ModelTable) => readonly ModelColumn[] {
  const ordered = new Set(comparisons.flatMap(({ name, operators }) => (operators === 'none' ? [] : [name])));
  return ({ columns }) =>
    columns.filter(({ comparison, list }) => !list && comparison !== undefined && ordered.has(comparison));
}

type Fields = readonly (readonly [string, InputField])[];

function object(name: string, description: string, fields: Fields, { rows } = { rows: false }): InputType {
  const required = fields.flatMap(([field, { type, empty }]) =>
    type.endsWith('!') && empty !== true ? [field] : [],
  );
  return { kind: 'object', name, description, fields: new Map(fields), required, rows };
}

/** A type as it is written for a value of the column. */
export function columnType(column: Pick<ModelColumn, 'list' | 'scalar'>): string {
  return column.list ? `[${column.scalar}!]` : column.scalar;
}

function valuesOf(columns: readonly ModelColumn[], suffix: '' | '!'): Fields {
  return columns.map((column) => [
    column.graphql,
    { type: columnType(column) + suffix, description: column.description },
  ]);
}

function fieldsFrom(fields: readonly FieldSpec[]): Fields {
  return fields.map(({ name, type, description }) => [name, { type, description: description ?? null }]);
}

/** Nullable, required or not, as in Hasura: documents declare their variables so, and a function may take null. */
function argumentsOf({ arguments: args }: ModelFunction): Fields {
  return args.map((one) => [one.graphql, { type: columnType(one) }]);
}

function boolExp(name: string, table: ModelTable, tables: ReadonlyMap<string, ModelTable>): InputType {
  const columns = table.columns.flatMap(
    (column): Fields =>
      column.comparison === undefined ? [] : [[column.graphql, { type: column.comparison }]],
  );
  const edges = table.edges.flatMap((edge): Fields => {
    const { boolExp, aggregateBoolExp } = tables.get(edge.to)!.types;
    return [
      ...(boolExp === undefined ? [] : [[edge.graphql, { type: boolExp }] as const]),
      ...(edge.aggregate === undefined || aggregateBoolExp === undefined
        ? []
        : [[edge.aggregate, { type: aggregateBoolExp }] as const]),
    ];
  });
  const description = `Boolean expression to filter rows from the table "${table.graphql}". All fields are combined with a logical 'AND'.`;
  // Last, so that a column named `_and` does not hide the connective.
  return object(name, description, [
    ...columns,
    ...edges,
    ['_and', { type: `[${name}!]` }],
    ['_not', { type: name }],
    ['_or', { type: `[${name}!]` }],
  ]);
}

function orderBy(name: string, table: ModelTable, tables: ReadonlyMap<string, ModelTable>): InputType {
  const edges = table.edges.flatMap((edge): Fields => {
    const far = tables.get(edge.to)!;
    if (edge.kind === 'one') {
      const { orderBy } = far.types;
      return orderBy === undefined ? [] : [[edge.graphql, { type: orderBy }]];
    }
    const aggregates = aggregateOrderByName(far);
    return edge.aggregate === undefined || aggregates === undefined
      ? []
      : [[edge.aggregate, { type: aggregates }]];
  });
  return object(name, `Ordering options when selecting data from "${table.graphql}".`, [
    ...table.columns.map((column) => [column.graphql, { type: 'order_by' }] as const),
    ...edges,
  ]);
}

function countFields(table: ModelTable, count: string | undefined): Fields {
  const { selectColumn, boolExp } = table.types;
  return [
    ...(selectColumn === undefined ? [] : [['arguments', { type: `[${selectColumn}!]` }] as const]),
    ['distinct', { type: 'Boolean' }],
    ...(boolExp === undefined ? [] : [['filter', { type: boolExp }] as const]),
    ...(count === undefined ? [] : [['predicate', { type: `${count}!` }] as const]),
  ];
}

const order = ['_eq', '_gt', '_gte', '_in', '_lt', '_lte', '_neq', '_nin'];
const patterns = [
  '_ilike', '_iregex', '_like', '_nilike', '_niregex', '_nlike', '_nregex', '_nsimilar', '_regex', '_similar',
]; // biome-ignore format: a list

function comparisonType({ name, scalar, operators, cast, pattern }: ModelComparison): InputType {
  const value = operators === 'array' ? `[${scalar}!]` : scalar;
  const description = `Boolean expression to compare columns of type "${scalar}". All fields are combined with logical 'AND'.`;
  const fields: [string, InputField][] = [['_is_null', { type: 'Boolean' }]];
  const add = (names: readonly string[], type: string) => {
    for (const one of names) fields.push([one, { type }]);
  };
  if (operators !== 'none')
    for (const one of order) add([one], one === '_in' || one === '_nin' ? `[${value}!]` : value);
  if (operators === 'text') add(patterns, scalar);
  if (operators === 'json' || operators === 'array') add(['_contains', '_contained_in'], value);
  if (operators === 'json') {
    add(['_has_key'], 'String');
    add(['_has_keys_all', '_has_keys_any'], '[String!]');
  }
  if (cast !== undefined) add(['_cast'], cast.name);
  if (pattern !== undefined)
    for (const one of pathOperators.keys()) {
      const type = one.startsWith('_matches') ? pattern : scalar;
      add([one], one.endsWith('_any') ? `[${type}!]` : type);
    }
  return object(name, description, fields);
}
