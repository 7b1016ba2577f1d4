/** Gives out the names of one role's schema: declared tables first, then what is derived from them. Pure. */

import { aggregateNames, derivedAggregateNames, type Measure } from '../api/aggregates.ts';

/** Names of the types made for a table; undefined: not granted, or another's name, and what needs it is left out. */
export interface DerivedTypes {
  readonly boolExp: string | undefined;
  readonly orderBy: string | undefined;
  readonly selectColumn: string | undefined;
  readonly insertInput: string | undefined;
  readonly setInput: string | undefined;
  readonly pkColumns: string | undefined;
  readonly response: string | undefined;
  readonly aggregate: string | undefined;
  readonly aggregateFields: string | undefined;
  readonly aggregateBoolExp: string | undefined;
  readonly aggregateBoolExpCount: string | undefined;
  /** Further names for aggregates and groups (api/aggregates.ts) that are another's. */
  readonly withheld: readonly string[];
  readonly connection: string | undefined;
  readonly edge: string | undefined;
  readonly streamCursor: string | undefined;
  readonly streamCursorValue: string | undefined;
}

/** Names of the root fields made for a table; undefined as in `DerivedTypes`. */
export interface DerivedRoots {
  readonly list: string | undefined;
  readonly byKey: string | undefined;
  readonly aggregate: string | undefined;
  readonly groupBy: string | undefined;
  readonly connection: string | undefined;
  readonly insert: string | undefined;
  readonly insertOne: string | undefined;
  readonly update: string | undefined;
  readonly updateByKey: string | undefined;
  readonly updateMany: string | undefined;
  readonly delete: string | undefined;
  readonly deleteByKey: string | undefined;
}

/** What the role may do with a table, as far as names depend on it. */
export interface Abilities {
  readonly graphql: string;
  readonly read: boolean;
  readonly key: boolean;
  readonly aggregate: boolean;
  /** What can be made of its columns' values. */
  readonly measures: ReadonlySet<Measure>;
  /** It has pages by keyset. */
  readonly connection: boolean;
  readonly insert: boolean;
  readonly update: boolean;
  /** Some column can be given a value; presets alone need no input type. */
  readonly set: boolean;
  readonly delete: boolean;
}

const reserved = [
  'Int', 'Float', 'String', 'Boolean', 'ID', 'query_root', 'mutation_root', 'subscription_root', 'order_by',
  'cursor_ordering',
]; // biome-ignore format: a list

/** Names in one name space: the first who asks has it. */
export class NameSpace {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  names(): Iterable<string> {
    return this.#taken;
  }

  /** The name, or undefined when it is another's. */
  claim(name: string): string | undefined {
    if (this.#taken.has(name)) return undefined;
    this.#taken.add(name);
    return name;
  }

  /** The first of `name`, `name_scalar`, `name_scalar_`… that is free. */
  claimAny(name: string): string {
    let free = this.claim(name);
    for (let next = `${name}_scalar`; free === undefined; next = `${next}_`) free = this.claim(next);
    return free;
  }
}

/** A name space of types in which the tables already have theirs; a table with a reserved name has none. */
export function claimTables<T extends Abilities>(
  tables: readonly T[],
): { types: NameSpace; tables: readonly T[] } {
  const types = new NameSpace(reserved);
  return { types, tables: tables.filter((table) => types.claim(table.graphql) !== undefined) };
}

/** In passes, so that what a table needs most is never taken by what another could do without. */
export function claimTypes(
  tables: readonly Abilities[],
  types: NameSpace,
): ReadonlyMap<string, DerivedTypes> {
  const contested = contestedBy(tables, types);
  const claimAll = (suffix: string, wanted: (table: Abilities) => boolean) =>
    new Map(
      tables.map(
        (one) => [one.graphql, wanted(one) ? types.claim(`${one.graphql}${suffix}`) : undefined] as const,
      ),
    );
  const writes = (table: Abilities) => table.insert || table.update || table.delete;
  const aggregates = (table: Abilities) => table.read && table.aggregate;
  const boolExp = claimAll('_bool_exp', (table) => table.read || table.update || table.delete);
  const orderBy = claimAll('_order_by', (table) => table.read);
  const response = claimAll('_mutation_response', writes);
  const insertInput = claimAll('_insert_input', (table) => table.insert);
  const setInput = claimAll('_set_input', (table) => table.update && table.set);
  const pkColumns = claimAll('_pk_columns_input', (table) => table.update && table.key);
  const selectColumn = claimAll('_select_column', (table) => table.read);
  const aggregate = claimAll('_aggregate', aggregates);
  const aggregateFields = claimAll('_aggregate_fields', aggregates);
  const aggregateBoolExp = claimAll('_aggregate_bool_exp', aggregates);
  const aggregateBoolExpCount = claimAll('_aggregate_bool_exp_count', aggregates);
  const withheld = withholdAggregates(tables.filter(aggregates), contested, types);
  const edge = claimAll('Edge', (table) => table.connection);
  const connection = claimAll('Connection', (table) => edge.get(table.graphql) !== undefined);
  const streamCursor = claimAll('_stream_cursor_input', (table) => table.read);
  const streamCursorValue = claimAll('_stream_cursor_value_input', (table) => table.read);
  return new Map(
    tables.map(({ graphql }) => [
      graphql,
      {
        boolExp: boolExp.get(graphql),
        orderBy: orderBy.get(graphql),
        selectColumn: selectColumn.get(graphql),
        insertInput: insertInput.get(graphql),
        setInput: setInput.get(graphql),
        pkColumns: pkColumns.get(graphql),
        response: response.get(graphql),
        aggregate: aggregateFields.get(graphql) === undefined ? undefined : aggregate.get(graphql),
        aggregateFields: aggregateFields.get(graphql),
        aggregateBoolExp:
          aggregateBoolExpCount.get(graphql) === undefined ? undefined : aggregateBoolExp.get(graphql),
        aggregateBoolExpCount: aggregateBoolExpCount.get(graphql),
        withheld: withheld.get(graphql) ?? none,
        connection: connection.get(graphql),
        edge: edge.get(graphql),
        streamCursor: streamCursorValue.get(graphql) === undefined ? undefined : streamCursor.get(graphql),
        streamCursorValue: streamCursorValue.get(graphql),
      },
    ]),
  );
}

const none: readonly string[] = Object.freeze([]);

/**
 * Names that the tables do not get of those made for aggregates: a list of a few instead of one of dozens for each. Only
 * a name that begins with the table's own and `_` can be in their way, so the other tables need not claim theirs.
 */
function withholdAggregates(
  tables: readonly Abilities[],
  contested: ReadonlySet<string>,
  types: NameSpace,
): ReadonlyMap<string, readonly string[]> {
  const withheld = new Map<string, string[]>();
  const claiming = tables
    .filter(({ graphql }) => contested.has(graphql))
    .map((table) => ({ ...table, wanted: derivedAggregateNames(table.graphql) }));
  const passes = claiming[0]?.wanted.length ?? 0;
  for (let pass = 0; pass < passes; pass += 1) {
    for (const { graphql, measures, wanted } of claiming) {
      const { name, holds } = wanted[pass]!;
      if (!holds(undefined) && ![...measures].some(holds)) continue;
      if (types.claim(name) === undefined) withheld.set(graphql, [...(withheld.get(graphql) ?? []), name]);
    }
  }
  return withheld;
}

/** Tables whose name and `_` begin another name, and the tables of those names. */
function contestedBy(tables: readonly Abilities[], types: NameSpace): ReadonlySet<string> {
  const known = new Set(tables.map(({ graphql }) => graphql));
  const contested = new Set<string>();
  for (const name of types.names()) {
    for (const prefix of prefixesOf(name)) {
      if (!known.has(prefix)) continue;
      contested.add(prefix);
      if (known.has(name)) contested.add(name);
    }
  }
  return contested;
}

/** What stands before each `_` of a name: a name derived from a table's begins with that. */
export function prefixesOf(name: string): readonly string[] {
  const prefixes: string[] = [];
  for (let at = name.indexOf('_', 1); at !== -1; at = name.indexOf('_', at + 1))
    prefixes.push(name.slice(0, at));
  return prefixes;
}

/** A root field exists when the role may use it, its types exist and its name is free. */
export function claimRoots(
  tables: readonly Abilities[],
  types: ReadonlyMap<string, DerivedTypes>,
  queries = new NameSpace(),
  mutations = new NameSpace(),
): ReadonlyMap<string, DerivedRoots> {
  type Wanted = (table: Abilities, types: DerivedTypes) => boolean;
  const claimAll = (space: NameSpace, name: (table: string) => string, wanted: Wanted) =>
    new Map(
      tables.map((one) => [
        one.graphql,
        wanted(one, types.get(one.graphql)!) ? space.claim(name(one.graphql)) : undefined,
      ]),
    );
  const canSet: Wanted = (table, types) => table.update && (!table.set || types.setInput !== undefined);
  const list = claimAll(
    queries,
    (table) => table,
    (table) => table.read,
  );
  const byKey = claimAll(
    queries,
    (table) => `${table}_by_pk`,
    (table) => table.key,
  );
  const aggregate = claimAll(
    queries,
    (table) => `${table}_aggregate`,
    (_, types) => types.aggregate !== undefined,
  );
  const groupBy = claimAll(
    queries,
    (table) => `${table}_group_by`,
    ({ graphql }, types) =>
      types.aggregateFields !== undefined &&
      types.selectColumn !== undefined &&
      !types.withheld.includes(aggregateNames.group(graphql)) &&
      !types.withheld.includes(aggregateNames.groupKeys(graphql)),
  );
  const connection = claimAll(
    queries,
    (table) => `${table}_connection`,
    (_, types) => types.connection !== undefined,
  );
  const insert = claimAll(
    mutations,
    (table) => `insert_${table}`,
    (_, types) => types.insertInput !== undefined && types.response !== undefined,
  );
  const update = claimAll(
    mutations,
    (table) => `update_${table}`,
    (table, types) => canSet(table, types) && types.boolExp !== undefined && types.response !== undefined,
  );
  const remove = claimAll(
    mutations,
    (table) => `delete_${table}`,
    (table, types) => table.delete && types.boolExp !== undefined && types.response !== undefined,
  );
  const insertOne = claimAll(
    mutations,
    (table) => `insert_${table}_one`,
    (table, types) => table.read && types.insertInput !== undefined,
  );
  const updateByKey = claimAll(
    mutations,
    (table) => `update_${table}_by_pk`,
    (table, types) => canSet(table, types) && types.pkColumns !== undefined,
  );
  const updateMany = claimAll(
    mutations,
    (table) => `update_${table}_many`,
    (table, types) => canSet(table, types) && types.boolExp !== undefined && types.response !== undefined,
  );
  const deleteByKey = claimAll(
    mutations,
    (table) => `delete_${table}_by_pk`,
    (table) => table.delete && table.key,
  );
  return new Map(
    tables.map(({ graphql }) => [
      graphql,
      {
        list: list.get(graphql),
        byKey: byKey.get(graphql),
        aggregate: aggregate.get(graphql),
        groupBy: groupBy.get(graphql),
        connection: connection.get(graphql),
        insert: insert.get(graphql),
        insertOne: insertOne.get(graphql),
        update: update.get(graphql),
        updateByKey: updateByKey.get(graphql),
        updateMany: updateMany.get(graphql),
        delete: remove.get(graphql),
        deleteByKey: deleteByKey.get(graphql),
      },
    ]),
  );
}
