/** What exists for one role. Whatever is not in a world answers like what does not exist at all. */
import type { Api, Column, Edge, SelectGrant, Table, World, WorldTable } from './api.ts';
import type { TableGrant } from './grants.ts';

export function buildWorld(
  role: string,
  api: Pick<Api, 'tables' | 'databases'>,
  grants: ReadonlyMap<string, TableGrant>,
): World {
  const tables = new Map<string, WorldTable>();
  for (const table of api.tables.values()) {
    const grant = grants.get(table.name);
    if (grant !== undefined) tables.set(table.name, buildTable(table, grant, grants));
  }
  const byProfile = new Map<string, Map<string, WorldTable>>();
  for (const one of tables.values()) {
    const profile = byProfile.get(one.table.profile) ?? new Map<string, WorldTable>();
    byProfile.set(one.table.profile, profile.set(one.table.rest, one));
  }
  const defaults = new Set([...api.databases.values()].map((database) => database.catalog.schemas[0]));
  return Object.freeze({
    role,
    tables,
    rest: (name: string, profile?: string) => {
      const key = profile === undefined || defaults.has(profile) ? 'public' : profile;
      return byProfile.get(key)?.get(name);
    },
  });
}

function buildTable(table: Table, grant: TableGrant, grants: ReadonlyMap<string, TableGrant>): WorldTable {
  const readable = readableColumns(grant.select);
  const columns = new Map<string, Column>();
  const known = new Map<string, Column>();
  for (const column of table.columns.values()) {
    if (column.hidden) continue;
    if (readable.has(column)) columns.set(column.name, column);
    if (readable.has(column) || grant.insert?.columns.has(column) || grant.update?.columns.has(column)) {
      known.set(column.name, column);
    }
  }
  const edges = new Map<string, Edge>();
  for (const edge of table.edges.values()) if (mayFollow(edge, readable, grants)) edges.set(edge.name, edge);
  return Object.freeze({ table, ...grant, columns, known, edges });
}

/**
 * The far table must be readable, and so must the linking columns on both sides unless the author named the
 * relationship; many to many also needs the junction, whose rows are filtered by its own grant.
 */
function mayFollow(edge: Edge, near: ReadonlySet<Column>, grants: ReadonlyMap<string, TableGrant>): boolean {
  const far = grants.get(edge.to.name)?.select;
  if (near.size === 0 || far === undefined) return false;
  const farColumns = readableColumns(far);
  if (edge.through === undefined) {
    return edge.declared || edge.pairs.every((pair) => near.has(pair.near) && farColumns.has(pair.far));
  }
  const junction = grants.get(edge.through.table.name)?.select;
  if (junction === undefined) return false;
  if (edge.declared) return true;
  const between = readableColumns(junction);
  return (
    edge.through.near.every((pair) => near.has(pair.near) && between.has(pair.far)) &&
    edge.through.far.every((pair) => between.has(pair.near) && farColumns.has(pair.far))
  );
}

function readableColumns(select: SelectGrant | undefined): ReadonlySet<Column> {
  return new Set(select?.parts.flatMap((part) => [...part.columns]));
}
