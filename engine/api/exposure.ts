/** What of its databases an Api uses: what some role may ask for, and what its policies look at. */
import type { Verb } from '../../schema/project.ts';
import type { Routine } from '../catalog/catalog.ts';
import type { Api, Column, Edge, Table, WorldTable } from './api.ts';
import { type Visitor, visitColumn, visitCondition, visitEdge, visitGuards } from './visit.ts';

export interface Exposure {
  readonly tables: ReadonlyMap<Table, TableUse>;
  /** Those that a role may follow, or that a policy does. */
  readonly edges: ReadonlySet<Edge>;
  readonly routines: ReadonlySet<Routine>;
}

export interface TableUse {
  /** By their names in the database. */
  readonly columns: ReadonlySet<string>;
  /** As each role that has a grant on it knows it. */
  readonly known: readonly WorldTable[];
}

/** Pure. Walks all roles: for comparing an Api with a database, not for requests. */
export function exposureOf(api: Api): Exposure {
  const tables = new Map<Table, { columns: Set<string>; known: WorldTable[] }>();
  const edges = new Set<Edge>();
  const routines = new Set<Routine>();
  const owners = new Map<Column, Table>();
  for (const table of api.tables.values())
    for (const column of table.columns.values()) owners.set(column, table);
  const noted = (table: Table) => {
    const use = tables.get(table) ?? { columns: new Set(), known: [] };
    tables.set(table, use);
    return use;
  };
  const visitor: Visitor = {
    table: (table) => noted(table),
    column: (column) => {
      const table = owners.get(column);
      if (table !== undefined) noted(table).columns.add(column.column);
    },
    edge: (edge) => edges.add(edge),
    routine: (routine) => routines.add(routine),
  };
  for (const role of api.roles.keys()) {
    const world = api.world(role);
    for (const known of world.tables.values()) {
      noted(known.table).known.push(known);
      visitKnown(known, visitor);
    }
    for (const { overloads } of world.functions.values())
      for (const { routine, result } of overloads) {
        routines.add(routine);
        if (result.kind === 'rows' && result.exposed) visitor.table(result.table, 'select');
      }
  }
  return { tables, edges, routines };
}

function visitKnown(known: WorldTable, visitor: Visitor): void {
  const { table, select, insert, update } = known;
  for (const column of [...known.known.values(), ...known.computed.values(), ...table.key])
    visitColumn(column, visitor);
  for (const edge of known.edges.values()) visitEdge(edge, visitor);
  for (const column of [...(insert?.set.keys() ?? []), ...(update?.set.keys() ?? [])])
    visitColumn(column, visitor);
  for (const { where } of select?.parts ?? []) visitCondition(where, visitor);
  if (select !== undefined) visitGuards(select.guards, visitor);
  const conditions = [select?.rows, insert?.check, update?.where, update?.check, known.delete?.where];
  for (const condition of conditions) if (condition !== undefined) visitCondition(condition, visitor);
}

/** Every verb: what breaks reading breaks all. */
export const everyVerb: ReadonlySet<Verb> = new Set(['select', 'insert', 'update', 'delete']);
