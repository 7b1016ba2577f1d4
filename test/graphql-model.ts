/** For tests without a database: a role's model of authors, books and reviews, with everything granted. */
import type { Measure } from '../engine/api/aggregates.ts';
import type { Model, ModelColumn, ModelEdge, ModelTable } from '../engine/graphql/model.ts';
import { claimRoots, claimTables, claimTypes } from '../engine/graphql/names.ts';
import { type RoleModel, roleModel } from '../engine/graphql/planner.ts';
import { claimWriteTypes } from '../engine/graphql/write-names.ts';
import type { UpdateOperator } from '../engine/query/request.ts';
import { limits } from './limits.ts';

const abilities = {
  read: true,
  key: true,
  aggregate: true,
  measures: new Set(['integer', 'number', 'ordered'] as const),
  connection: true,
  insert: true,
  update: true,
  set: true,
  delete: true,
  unique: true,
  operators: new Set<UpdateOperator>(['inc', 'append']),
};
const tables = ['authors', 'books', 'reviews'].map((graphql) => ({ graphql, ...abilities }));
const { types } = claimTables(tables);
const derived = claimTypes(tables, types);
const writeTypes = claimWriteTypes(tables, derived, types);
const roots = claimRoots(tables, derived);

const measures: Readonly<Record<string, Measure>> = { Int: 'integer', numeric: 'number', String: 'ordered' };

/** API names differ from GraphQL's, so that a test sees which one is used. */
function column(graphql: string, scalar: string, options: Partial<ModelColumn> = {}): ModelColumn {
  return {
    name: `${graphql}!`,
    graphql,
    description: null,
    scalar,
    list: false,
    nullable: true,
    comparison: `${scalar}_comparison_exp`,
    number: undefined,
    measure: measures[scalar],
    computed: false,
    json: scalar === 'jsonb',
    ...options,
  };
}

function edge(graphql: string, kind: 'one' | 'many', to: string): ModelEdge {
  const aggregate = kind === 'many' ? `${graphql}_aggregate` : undefined;
  const connection = kind === 'many' ? `${graphql}_connection` : undefined;
  return {
    name: `${graphql}!`,
    graphql,
    kind,
    to,
    nullable: kind === 'one',
    description: null,
    aggregate,
    connection,
    nesting: kind === 'one' ? 'before' : 'after',
  };
}

function table(graphql: string, columns: readonly ModelColumn[], edges: readonly ModelEdge[]): ModelTable {
  return {
    name: `${graphql}!`,
    graphql,
    database: 'main',
    description: null,
    read: true,
    columns,
    edges,
    key: [columns[0]!],
    insertable: columns,
    updatable: columns,
    types: derived.get(graphql)!,
    writes: {
      keys: [{ graphql: `${graphql}_pkey`, columns: ['id!'] }],
      operators: new Map([
        ['inc', columns.filter(({ scalar }) => scalar === 'Int' || scalar === 'numeric')],
        ['append', columns.filter(({ scalar }) => scalar === 'jsonb')],
      ]),
      types: writeTypes.get(graphql)!,
    },
    roots: roots.get(graphql)!,
  };
}

const id = () => column('id', 'Int', { nullable: false });

export const sample: Model = {
  role: 'staff',
  introspection: true,
  depth: 3,
  limits: limits.graphql,
  scalars: [
    { name: 'numeric', accepts: 'exactNumber' },
    { name: 'jsonb', accepts: 'json' },
    { name: 'uuid', accepts: 'text' },
  ],
  comparisons: [
    { name: 'Int_comparison_exp', scalar: 'Int', operators: 'order' },
    { name: 'String_comparison_exp', scalar: 'String', operators: 'text' },
    { name: 'numeric_comparison_exp', scalar: 'numeric', operators: 'order' },
    { name: 'jsonb_comparison_exp', scalar: 'jsonb', operators: 'json' },
    { name: 'String_array_comparison_exp', scalar: 'String', operators: 'array' },
  ],
  aggregateComparisons: {
    count: 'Int_comparison_exp',
    float8: undefined,
    float: undefined,
    bigint: undefined,
  },
  pageInfo: 'PageInfo',
  functions: [],
  tables: [
    table('authors', [id(), column('name', 'String')], [edge('books', 'many', 'books')]),
    table(
      'books',
      [
        id(),
        column('title', 'String'),
        column('price', 'numeric', { number: 'string' }),
        column('extra', 'jsonb'),
        column('tags', 'String', { list: true, comparison: 'String_array_comparison_exp' }),
      ],
      [edge('author', 'one', 'authors'), edge('reviews', 'many', 'reviews')],
    ),
    table('reviews', [id(), column('stars', 'Int')], [edge('book', 'one', 'books')]),
  ],
};

export function roleOf(model: Model): RoleModel {
  return roleModel('sample', model);
}
