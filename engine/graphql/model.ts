/** What one role sees of an Api, under GraphQL's names, as plain data that a worker thread can be sent. */

import type { GraphqlLimits } from '../../schema/project.ts';
import { type Measure, measureOf } from '../api/aggregates.ts';
import type { Api, Column, Edge, World, WorldTable } from '../api/api.ts';
import { type Accepts, isArray, isLargeNumber } from '../api/graphql-scalars.ts';
import { limitsOf } from '../api/limits.ts';
import { isWritable } from '../api/writable.ts';
import type { UpdateOperator } from '../query/request.ts';
import { functionFields, type ModelFunction } from './functions.ts';
import {
  claimRoots,
  claimTables,
  claimTypes,
  type DerivedRoots,
  type DerivedTypes,
  NameSpace,
} from './names.ts';
import { type Comparison, ScalarNames } from './scalars.ts';
import { nestingOf, operatorColumns, type UniqueKey, uniqueKeysOf } from './writable.ts';
import { claimWriteTypes, type WriteAbilities, type WriteTypes } from './write-names.ts';

export interface ModelScalar {
  readonly name: string;
  readonly accepts: Accepts;
}

/** `<scalar>_comparison_exp`, or `<scalar>_array_comparison_exp`. */
export type ModelComparison = Comparison;

export interface ModelColumn {
  /** API name, as requests carry it. */
  readonly name: string;
  readonly graphql: string;
  readonly description: string | null;
  readonly scalar: string;
  readonly list: boolean;
  readonly nullable: boolean;
  /** Type of its filter; undefined when its name is another's. */
  readonly comparison: string | undefined;
  /** Sent as a string. */
  readonly number: 'string' | undefined;
  /** Which functions of its values there are. */
  readonly measure: Measure | undefined;
  /** A function of the row gives its value: to be read, filtered and ordered by, and nothing else. */
  readonly computed: boolean;
  /** Its values are JSON. */
  readonly json: boolean;
}

export interface ModelEdge {
  readonly name: string;
  readonly graphql: string;
  readonly kind: 'one' | 'many';
  /** The far table's GraphQL name. */
  readonly to: string;
  readonly nullable: boolean;
  readonly description: string | null;
  /** Name of the field with its aggregate; undefined when the role may not aggregate or the name is taken. */
  readonly aggregate: string | undefined;
  /** Name of the field with its pages by keyset; undefined where the far table has none or the name is taken. */
  readonly connection: string | undefined;
  /** When rows nested by it are inserted, next to the row that they are nested in; undefined: they cannot be. */
  readonly nesting: 'before' | 'after' | undefined;
}

/** What mutations of a table take besides its columns. */
export interface ModelWrites {
  readonly keys: readonly UniqueKey[];
  readonly operators: ReadonlyMap<UpdateOperator, readonly ModelColumn[]>;
  readonly types: WriteTypes;
}

export interface ModelTable {
  readonly name: string;
  readonly graphql: string;
  readonly database: string;
  readonly description: string | null;
  /** Whether the role may read it; else it has no object type. */
  readonly read: boolean;
  /** Readable columns, then computed fields. */
  readonly columns: readonly ModelColumn[];
  readonly edges: readonly ModelEdge[];
  /** Columns of the key, when all of them are readable; else empty. */
  readonly key: readonly ModelColumn[];
  readonly insertable: readonly ModelColumn[];
  readonly updatable: readonly ModelColumn[];
  readonly types: DerivedTypes;
  readonly writes: ModelWrites;
  readonly roots: DerivedRoots;
}

/** Types of comparisons with what functions of rows give; undefined: the name is another's. */
export interface AggregateComparisons {
  readonly count: string | undefined;
  /** Of a relationship's rows, as Hasura has it. */
  readonly float8: string | undefined;
  /** Of groups: what is a `Float` in the answer, and a sum of whole numbers. */
  readonly float: string | undefined;
  readonly bigint: string | undefined;
}

export interface Model {
  readonly role: string;
  readonly introspection: boolean;
  /** Most levels of relationships below a root field. */
  readonly depth: number;
  readonly limits: GraphqlLimits;
  /** Texts of the operations that are all it may run; undefined: it may run anything. */
  readonly allowed?: readonly string[] | undefined;
  readonly scalars: readonly ModelScalar[];
  readonly comparisons: readonly ModelComparison[];
  /** Undefined when the role may aggregate nothing. */
  readonly aggregateComparisons: AggregateComparisons | undefined;
  /** What every connection says of its page; undefined when there is none. */
  readonly pageInfo: string | undefined;
  /** Also the types of rows that functions give and no table has: they have no roots. */
  readonly tables: readonly ModelTable[];
  readonly functions: readonly ModelFunction[];
}

/** One table of the role with what GraphQL can show of it, before names are given out. */
interface Draft extends WriteAbilities {
  readonly source: WorldTable;
  readonly uniqueKeys: readonly UniqueKey[];
  readonly operatorColumns: ReadonlyMap<UpdateOperator, readonly Column[]>;
  readonly columns: readonly Column[];
  readonly computed: readonly Column[];
  readonly keyColumns: readonly Column[];
  readonly insertable: readonly Column[];
  readonly updatable: readonly Column[];
}

/**
 * Builds a role's model. Pure.
 *
 * @returns data that survives a structured clone; only what the role may see is in it
 */
export function buildModel(api: Api, role: string): Model {
  const world = api.world(role);
  const { depth, graphql: limits } = limitsOf(api, role);
  const { types, tables: claimed } = claimTables([...world.tables.values()].map(draftOf));
  const pageInfo = claimed.some(({ connection }) => connection) ? types.claim('PageInfo') : undefined;
  const drafts = pageInfo === undefined ? claimed.map((draft) => ({ ...draft, connection: false })) : claimed;
  const scalars = new ScalarNames(types);
  const numbersAsText = api.limits.numbers === 'string';
  const columns = drafts.map((draft) => columnsOf(draft, scalars, numbersAsText));
  const aggregateComparisons = comparisonsOf(drafts, scalars);
  const derivedTypes = claimTypes(drafts, types);
  const writeTypes = claimWriteTypes(drafts, derivedTypes, types);
  const queries = new NameSpace();
  const mutations = new NameSpace();
  const roots = claimRoots(drafts, derivedTypes, queries, mutations);
  const { functions, rows } = functionFields(world, {
    types,
    queries,
    mutations,
    scalars,
    readable: new Set(drafts.filter(({ read }) => read).map(({ graphql }) => graphql)),
    derived: derivedTypes,
    columnOf: (column) => columnOf(column, scalars, numbersAsText),
    numbersAsText,
  });
  return {
    role,
    introspection: api.roles.get(role)?.introspection ?? true,
    depth,
    limits,
    scalars: scalars.scalars,
    comparisons: scalars.comparisons,
    aggregateComparisons,
    pageInfo,
    functions,
    tables: [
      ...drafts.map((draft, index) => ({
        name: draft.source.table.name,
        graphql: draft.graphql,
        database: draft.source.table.database,
        description: draft.source.table.description,
        read: draft.read,
        ...columns[index]!.readable,
        writes: {
          keys: draft.uniqueKeys,
          operators: new Map(
            [...draft.operatorColumns].map(([operator, some]) => [operator, some.map(columns[index]!.of)]),
          ),
          types: writeTypes.get(draft.graphql)!,
        },
        edges: draft.read ? edgesOf(draft, world, derivedTypes) : [],
        types: derivedTypes.get(draft.graphql)!,
        roots: roots.get(draft.graphql)!,
      })),
      ...rows,
    ],
  };
}

function comparisonsOf(drafts: readonly Draft[], scalars: ScalarNames): AggregateComparisons | undefined {
  if (!drafts.some((draft) => draft.aggregate)) return undefined;
  const hasNumbers = drafts.some(
    ({ aggregate, measures }) => aggregate && (measures.has('integer') || measures.has('number')),
  );
  const hasIntegers = drafts.some(({ aggregate, measures }) => aggregate && measures.has('integer'));
  return {
    count: scalars.countComparison(),
    float8: hasNumbers ? scalars.comparisonOf('float8') : undefined,
    float: hasNumbers ? scalars.comparisonOf('float4') : undefined,
    bigint: hasIntegers ? scalars.comparisonOf('int8') : undefined,
  };
}

/** Each column once, however often it is named: a clone of the model keeps it so. */
function columnsOf(
  draft: Draft,
  scalars: ScalarNames,
  numbersAsText: boolean,
): {
  readonly readable: Pick<ModelTable, 'columns' | 'key' | 'insertable' | 'updatable'>;
  readonly of: (column: Column) => ModelColumn;
} {
  const made = new Map<Column, ModelColumn>();
  const guards = draft.source.select?.guards;
  const once = (column: Column): ModelColumn => {
    let known = made.get(column);
    if (known === undefined) {
      known = columnOf(column, scalars, numbersAsText, guards?.has(column));
      made.set(column, known);
    }
    return known;
  };
  return {
    of: once,
    readable: {
      columns: [...draft.columns, ...draft.computed].map(once),
      key: draft.keyColumns.map(once),
      insertable: draft.insertable.map(once),
      updatable: draft.updatable.map(once),
    },
  };
}

function columnOf(
  column: Column,
  scalars: ScalarNames,
  numbersAsText: boolean,
  guarded = false,
): ModelColumn {
  const { scalar, comparison } = scalars.name(column.type);
  return {
    name: column.name,
    graphql: column.graphql!,
    description: column.description,
    scalar,
    comparison,
    list: isArray(column.type),
    nullable: column.nullable || guarded,
    number: numbersAsText && isLargeNumber(column.type) ? 'string' : undefined,
    measure: column.routine === undefined ? measureOf(column.type) : undefined,
    computed: column.routine !== undefined,
    json: column.type.family === 'json',
  };
}

function draftOf(source: WorldTable): Draft {
  const { table, select, insert, update } = source;
  const named = (columns: Iterable<Column>) => [...columns].filter((column) => column.graphql !== null);
  const writable = (columns: ReadonlySet<Column>) =>
    named(table.columns.values()).filter((column) => columns.has(column) && isWritable(column));
  const columns = select === undefined ? [] : named(source.columns.values());
  const readable = new Set(columns);
  const keyColumns =
    table.key.length > 0 && table.key.every((column) => readable.has(column)) ? table.key : [];
  const insertable = insert === undefined || !table.relation.insertable ? [] : writable(insert.columns);
  const canUpdate = update !== undefined && table.relation.updatable;
  const updatable = canUpdate ? writable(update.columns) : [];
  const uniqueKeys = uniqueKeysOf(source);
  const operators = operatorColumns(updatable, source);
  return {
    source,
    uniqueKeys,
    operatorColumns: operators,
    unique: uniqueKeys.length > 0,
    operators: new Set(operators.keys()),
    graphql: table.graphql,
    columns,
    computed: columns.length === 0 ? [] : named(source.computed.values()),
    keyColumns,
    insertable,
    updatable,
    read: columns.length > 0,
    key: keyColumns.length > 0,
    aggregate: select?.aggregate === true,
    measures: new Set(columns.map((column) => measureOf(column.type)).filter((one) => one !== undefined)),
    // A key that is hidden in some rows is none to say where a page begins.
    connection: keyColumns.length > 0 && !keyColumns.some((column) => select?.guards.has(column)),
    insert: insertable.length > 0,
    update: updatable.length > 0 || (canUpdate && update.set.size > 0),
    set: updatable.length > 0,
    delete: source.delete !== undefined && table.relation.deletable,
  };
}

function edgesOf(draft: Draft, world: World, types: ReadonlyMap<string, DerivedTypes>): ModelEdge[] {
  const edges = [...draft.source.edges.values()].filter(
    (edge) => edge.graphql !== null && types.has(edge.to.graphql) && isReadable(edge, world),
  );
  const fields = new NameSpace([
    ...[...draft.columns, ...draft.computed].map((column) => column.graphql!),
    ...edges.map((edge) => edge.graphql!),
  ]);
  return edges.map((edge) => ({
    name: edge.name,
    graphql: edge.graphql!,
    kind: edge.kind,
    to: edge.to.graphql,
    nullable: edge.kind === 'one' && !alwaysLeadsSomewhere(edge, draft.source, world),
    description: edge.description,
    aggregate:
      edge.kind === 'many' && types.get(edge.to.graphql)!.aggregate !== undefined
        ? fields.claim(`${edge.graphql}_aggregate`)
        : undefined,
    connection:
      edge.kind === 'many' && types.get(edge.to.graphql)!.connection !== undefined
        ? fields.claim(`${edge.graphql}_connection`)
        : undefined,
    nesting: nestingOf(edge, draft.source, world),
  }));
}

function isReadable(edge: Edge, world: World): boolean {
  const far = world.tables.get(edge.to.name);
  return far?.select !== undefined && [...far.columns.values()].some((column) => column.graphql !== null);
}

/** A foreign key over columns that are never null, to a table all of whose rows the role sees. */
function alwaysLeadsSomewhere(edge: Edge, near: WorldTable, world: World): boolean {
  const key = near.table.relation.foreignKeys.find((one) => one.name === edge.constraint);
  const own = key !== undefined && edge.pairs.every((pair) => key.columns.includes(pair.near.column));
  const filled = edge.pairs.every(
    (pair) => !pair.near.nullable && near.select?.guards.has(pair.near) !== true,
  );
  return own && filled && world.tables.get(edge.to.name)?.select?.rows.kind === 'true';
}
