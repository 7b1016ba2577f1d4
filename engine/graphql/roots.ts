/** The root fields of a role's schema: what each is called, takes and gives. Pure data from the model. */
import { groupArguments, groupNames } from './aggregates.ts';
import { callRoots } from './call-roots.ts';
import type { ModelFunction } from './functions.ts';
import { columnType, cursorColumns } from './inputs.ts';
import type { Model, ModelTable } from './model.ts';
import { changeArguments } from './write-inputs.ts';

export type QueryKind = 'list' | 'byKey' | 'aggregate' | 'groupBy' | 'connection';
export type MutationKind =
  | 'insert'
  | 'insertOne'
  | 'update'
  | 'updateMany'
  | 'updateByKey'
  | 'delete'
  | 'deleteByKey';

/** Name and type, as GraphQL writes it. */
export type ArgumentSpec = readonly [name: string, type: string];

interface NamedRoot {
  readonly name: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly type: string;
  readonly description: string;
}

export interface TableRoot extends NamedRoot {
  readonly kind: QueryKind | MutationKind | 'stream';
  readonly table: ModelTable;
}

/** A function, or aggregates over the rows that it gives. */
export interface FunctionRoot extends NamedRoot {
  readonly kind: 'call' | 'callAggregate';
  readonly function: ModelFunction;
  /** Of its rows. */
  readonly table: ModelTable | undefined;
}

export type Root = TableRoot | FunctionRoot;

export function queryRoots(model: Model): ReadonlyMap<string, Root> {
  return byName([...model.tables.flatMap(queriesOf), ...callRoots(model, 'query', listArguments)]);
}

export function mutationRoots(model: Model): ReadonlyMap<string, Root> {
  return byName([...model.tables.flatMap(mutationsOf), ...callRoots(model, 'mutation', listArguments)]);
}

/** All that can be asked, to be told of its changes, and streams of what is added. */
export function subscriptionRoots(model: Model): ReadonlyMap<string, Root> {
  const queries = queryRoots(model);
  const cursors = cursorColumns(model);
  const streams = model.tables
    .filter(
      (table) =>
        queries.has(table.roots.list ?? '') &&
        table.types.streamCursor !== undefined &&
        cursors(table).length > 0,
    )
    .map(streamOf);
  // A name that a query has is the query's.
  return new Map([...streams.map((root) => [root.name, root] as const), ...queries]);
}

function streamOf(table: ModelTable): Root {
  const { graphql, types } = table;
  return {
    name: `${graphql}_stream`,
    kind: 'stream',
    table,
    arguments: [
      ['batch_size', 'Int!'],
      ['cursor', `[${types.streamCursor}]!`],
      ...(types.boolExp === undefined ? [] : [['where', types.boolExp] as const]),
    ],
    type: `[${graphql}!]!`,
    description: `fetch data from the table in a streaming manner: "${graphql}"`,
  };
}

/** Arguments of every field that gives a list of the table's rows, root or relationship. */
export function listArguments(table: ModelTable): readonly ArgumentSpec[] {
  const { selectColumn, orderBy, boolExp } = table.types;
  return [
    ...(selectColumn === undefined ? [] : [['distinct_on', `[${selectColumn}!]`] as const]),
    ['limit', 'Int'],
    ['offset', 'Int'],
    ...(orderBy === undefined ? [] : [['order_by', `[${orderBy}!]`] as const]),
    ...(boolExp === undefined ? [] : [['where', boolExp] as const]),
  ];
}

/** Arguments of every field that gives pages of the table's rows by keyset. */
export function connectionArguments(table: ModelTable): readonly ArgumentSpec[] {
  const kept = listArguments(table).filter(([name]) => name === 'order_by' || name === 'where');
  return [['after', 'String'], ['before', 'String'], ['first', 'Int'], ['last', 'Int'], ...kept];
}

function byName(roots: readonly Root[]): ReadonlyMap<string, Root> {
  return new Map(roots.map((root) => [root.name, root]));
}

function queriesOf(table: ModelTable): TableRoot[] {
  const { roots, graphql, types } = table;
  return [
    ...root(
      roots.list,
      'list',
      table,
      listArguments(table),
      `[${graphql}!]!`,
      `fetch data from the table: "${graphql}"`,
    ),
    ...root(
      roots.aggregate,
      'aggregate',
      table,
      listArguments(table),
      `${types.aggregate}!`,
      `fetch aggregated fields from the table: "${graphql}"`,
    ),
    ...(roots.groupBy === undefined
      ? []
      : root(
          roots.groupBy,
          'groupBy',
          table,
          groupArguments(table),
          `[${groupNames(table)!.group}!]!`,
          `fetch groups of rows from the table: "${graphql}", with aggregates of each`,
        )),
    ...root(
      roots.connection,
      'connection',
      table,
      connectionArguments(table),
      `${types.connection}!`,
      `fetch data from the table: "${graphql}" page by page`,
    ),
    ...root(
      roots.byKey,
      'byKey',
      table,
      keyArguments(table),
      graphql,
      `fetch data from the table: "${graphql}" using primary key columns`,
    ),
  ];
}

function mutationsOf(table: ModelTable): TableRoot[] {
  const { roots, graphql, types, writes } = table;
  const changes = changeArguments(table);
  const { onConflict, updates } = writes.types;
  const conflict: readonly ArgumentSpec[] = onConflict === undefined ? [] : [['on_conflict', onConflict]];
  const where: ArgumentSpec = ['where', `${types.boolExp}!`];
  const most: ArgumentSpec = ['max_affected', 'Int'];
  return [
    ...root(
      roots.insert,
      'insert',
      table,
      [['objects', `[${types.insertInput}!]!`], ...conflict],
      types.response!,
      `insert data into the table: "${graphql}"`,
    ),
    ...root(
      roots.insertOne,
      'insertOne',
      table,
      [['object', `${types.insertInput}!`], ...conflict],
      graphql,
      `insert a single row into the table: "${graphql}"`,
    ),
    ...root(
      roots.update,
      'update',
      table,
      [...changes, most, where],
      types.response!,
      `update data of the table: "${graphql}"`,
    ),
    ...(updates === undefined
      ? []
      : root(
          roots.updateMany,
          'updateMany',
          table,
          [['updates', `[${updates}!]!`]],
          `[${types.response}]`,
          `update multiples rows of table: "${graphql}"`,
        )),
    ...root(
      roots.updateByKey,
      'updateByKey',
      table,
      [...changes, ['pk_columns', `${types.pkColumns}!`]],
      graphql,
      `update single row of the table: "${graphql}"`,
    ),
    ...root(
      roots.delete,
      'delete',
      table,
      [most, where],
      types.response!,
      `delete data from the table: "${graphql}"`,
    ),
    ...root(
      roots.deleteByKey,
      'deleteByKey',
      table,
      keyArguments(table),
      graphql,
      `delete single row from the table: "${graphql}"`,
    ),
  ];
}

function keyArguments(table: ModelTable): readonly ArgumentSpec[] {
  return table.key.map((column) => [column.graphql, `${columnType(column)}!`]);
}

function root(
  name: string | undefined,
  kind: TableRoot['kind'],
  table: ModelTable,
  args: readonly ArgumentSpec[],
  type: string,
  description: string,
): TableRoot[] {
  return name === undefined ? [] : [{ name, kind, table, arguments: args, type, description }];
}
