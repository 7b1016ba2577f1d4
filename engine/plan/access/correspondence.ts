/** Which table, column and function of the head holds the data of which of the base, whatever they are called. Pure. */
import type { Api, Callable, Column, Table } from '../../api/api.ts';
import { type Catalog, relationKey } from '../../catalog/catalog.ts';
import { matchFunctions, matchTables } from '../match.ts';

/** A table as callers know it on both sides. */
export interface TablePair {
  readonly base: Table | undefined;
  readonly head: Table;
  /** Its rows are those of the same relation. */
  readonly isSame: boolean;
  readonly columns: ColumnPairs;
}

/** Columns and computed fields that hold the same values. */
export interface ColumnPairs {
  readonly toBase: ReadonlyMap<Column, Column>;
  readonly toHead: ReadonlyMap<Column, Column>;
}

export interface Correspondence {
  /** Every table of the head. */
  readonly tables: readonly TablePair[];
  readonly functions: readonly {
    readonly base: Callable | undefined;
    readonly head: Callable;
    readonly isSame: boolean;
  }[];
  /** The two tables over the relation of one: what conditions look into. */
  readonly overRelation: (table: Table, side: Side) => TablesOfRelation;
}

/** Of which of the two a table, a column or a condition is. */
export type Side = 'base' | 'head';

export interface TablesOfRelation {
  readonly base: Table | undefined;
  readonly head: Table | undefined;
  readonly columns: ColumnPairs;
}

const noColumns: ColumnPairs = { toBase: new Map(), toHead: new Map() };

/** @param base undefined: the project is new */
export function correspond(base: Api | undefined, head: Api): Correspondence {
  if (base === undefined)
    return {
      tables: [...head.tables.values()].map((table) => unpaired(table)),
      functions: [...head.functions.values()].map((one) => ({ base: undefined, head: one, isSame: false })),
      overRelation: (table) => ({ base: undefined, head: table, columns: noColumns }),
    };
  const relations = relationPairs(base, head);
  const tables = matchTables(base, head);
  const functions = matchFunctions(base, head);
  return {
    tables: [
      ...tables.pairs.map(([before, after]): TablePair => {
        const isSame = relations.get(after) === before;
        return {
          base: before,
          head: after,
          isSame,
          columns: isSame ? columnsOfRelation(before, after) : columnsByName(before, after),
        };
      }),
      ...tables.added.map((table) => unpaired(table)),
    ],
    functions: [
      ...functions.pairs.map(([before, after]) => ({
        base: before,
        head: after,
        isSame: isSameFunction(before, after, base, head),
      })),
      ...functions.added.map((one) => ({ base: undefined, head: one, isSame: false })),
    ],
    overRelation: tablesOf(relations),
  };
}

function unpaired(head: Table): TablePair {
  return { base: undefined, head, isSame: false, columns: noColumns };
}

/** Head's table → the base's over the same relation. */
function relationPairs(base: Api, head: Api): ReadonlyMap<Table, Table> {
  const known = new Map([...base.tables.values()].map((table) => [identityOf(table), table]));
  const pairs = new Map<Table, Table>();
  for (const table of head.tables.values()) {
    const same = known.get(identityOf(table));
    if (same !== undefined) pairs.set(table, same);
  }
  for (const [before, after] of matchTables(base, head).pairs)
    if (!pairs.has(after) && isRenamed(before, after, base, head)) pairs.set(after, before);
  return pairs;
}

function identityOf({ database, relation }: Table): string {
  return JSON.stringify([database, relation.schema, relation.name]);
}

/**
 * Under the same name in the API: the one is gone from its database, and the other was not there. Where a side does not read
 * the schema, nobody knows whether it is.
 */
function isRenamed(before: Table, after: Table, base: Api, head: Api): boolean {
  if (before.database !== after.database || before.relation.kind !== after.relation.kind) return false;
  const lacks = (api: Api, { database, relation }: Table) => {
    const catalog = catalogOf(api, database);
    const isRead = catalog?.schemas.includes(relation.schema) === true;
    return isRead && !catalog.relations.has(relationKey(relation.schema, relation.name));
  };
  return lacks(head, before) && lacks(base, after);
}

function isSameFunction(before: Callable, after: Callable, base: Api, head: Api): boolean {
  if (before.database !== after.database) return false;
  if (routineKey(before) === routineKey(after)) return true;
  const lacks = (api: Api, of: Callable) => {
    const catalog = catalogOf(api, of.database);
    const isRead = catalog?.schemas.includes(of.overloads[0]!.routine.schema) === true;
    return isRead && !catalog.routines.has(routineKey(of));
  };
  return lacks(head, before) && lacks(base, after);
}

export function routineKey({ overloads }: Callable): string {
  const { schema, name } = overloads[0]!.routine;
  return relationKey(schema, name);
}

function catalogOf(api: Api, database: string): Catalog | undefined {
  return api.databases.get(database)?.catalog;
}

function tablesOf(relations: ReadonlyMap<Table, Table>): Correspondence['overRelation'] {
  const byBase = new Map([...relations].map(([head, base]) => [base, head]));
  const known = new Map<Table, TablesOfRelation>();
  return (table, side) => {
    const seen = known.get(table);
    if (seen !== undefined) return seen;
    const base = side === 'base' ? table : relations.get(table);
    const head = side === 'head' ? table : byBase.get(table);
    const columns = base !== undefined && head !== undefined ? columnsOfRelation(base, head) : noColumns;
    const made: TablesOfRelation = { base, head, columns };
    for (const one of [base, head]) if (one !== undefined) known.set(one, made);
    return made;
  };
}

/** By the names of the database; a new one under the API name of one that is gone is that one, renamed. */
function columnsOfRelation(base: Table, head: Table): ColumnPairs {
  const pairs: [Column, Column][] = [];
  for (const column of head.columns.values()) {
    const same = base.byDatabaseName.get(column.column);
    const named = base.columns.get(column.name);
    if (same !== undefined) pairs.push([column, same]);
    else if (named !== undefined && !head.byDatabaseName.has(named.column)) pairs.push([column, named]);
  }
  return both([...pairs, ...computedPairs(base, head)]);
}

/** Of two relations nothing is the same but what callers call so. */
function columnsByName(base: Table, head: Table): ColumnPairs {
  const pairs = [...head.columns.values()].flatMap((column): [Column, Column][] => {
    const named = base.columns.get(column.name);
    return named === undefined ? [] : [[column, named]];
  });
  return both([...pairs, ...computedPairs(base, head)]);
}

function computedPairs(base: Table, head: Table): readonly [Column, Column][] {
  const key = ({ routine }: Column) => relationKey(routine!.schema, routine!.name);
  const before = new Map([...base.computed.values()].map((column) => [key(column), column]));
  const after = new Set([...head.computed.values()].map(key));
  return [...head.computed.values()].flatMap((column): [Column, Column][] => {
    const same = before.get(key(column));
    if (same !== undefined) return [[column, same]];
    const named = base.computed.get(column.name);
    return named !== undefined && !after.has(key(named)) ? [[column, named]] : [];
  });
}

function both(pairs: readonly [head: Column, base: Column][]): ColumnPairs {
  return { toBase: new Map(pairs), toHead: new Map(pairs.map(([head, base]) => [base, head])) };
}
