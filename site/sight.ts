/** Whether a role may see what its own rules name: a policy may look at things that its role does not know. Pure. */
import type { Api, Column, Edge, Table, Type, World } from '../engine/index.ts';

export interface Sight {
  /** It may read the column, in some row. */
  readonly reads: (column: Column) => boolean;
  /** It reads the column, or may give it a value. */
  readonly knows: (column: Column) => boolean;
  readonly follows: (edge: Edge) => boolean;
  readonly readsTable: (table: Table) => boolean;
  /** Whether the name of a type is not that of a table's rows which it may not read. */
  readonly names: (type: Type) => boolean;
}

/** @param databases of the same project: which composite types are rows of a relation */
export function sightOf(world: World, databases: Api['databases']): Sight {
  const tables = [...world.tables.values()];
  const readable = new Set(
    tables.flatMap(({ columns, computed }) => [...columns.values(), ...computed.values()]),
  );
  const known = new Set(tables.flatMap((one) => [...one.known.values()]));
  const edges = new Set(tables.flatMap((one) => [...one.edges.values()]));
  const read = new Set(tables.filter(({ select }) => select !== undefined).map(({ table }) => table));
  const rows = new Set([...read].map(({ relation }) => `${relation.schema}.${relation.name}`));
  const relations = new Set([...databases.values()].flatMap(({ catalog }) => [...catalog.relations.keys()]));
  return {
    reads: (column) => readable.has(column),
    knows: (column) => readable.has(column) || known.has(column),
    follows: (edge) => edges.has(edge),
    readsTable: (table) => read.has(table),
    names: ({ schema, name }) => !relations.has(`${schema}.${name}`) || rows.has(`${schema}.${name}`),
  };
}
