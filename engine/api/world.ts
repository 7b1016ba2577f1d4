/** What exists for one role. Whatever is not in a world answers like what does not exist at all. */
import type { Api, Callable, Column, Edge, SelectGrant, Table, World, WorldTable } from './api.ts';
import type { TableGrant } from './grants.ts';

/** What one role was granted. */
export interface RoleGrants {
  readonly tables: ReadonlyMap<string, TableGrant>;
  /** Names of functions. */
  readonly functions: ReadonlySet<string>;
}

export function buildWorld(
  role: string,
  api: Pick<Api, 'tables' | 'databases' | 'functions'>,
  grants: RoleGrants,
): World {
  const tables = new Map<string, WorldTable>();
  for (const table of api.tables.values()) {
    const grant = grants.tables.get(table.name);
    if (grant !== undefined) tables.set(table.name, buildTable(table, grant, grants));
  }
  const functions = new Map<string, Callable>(
    [...api.functions].filter(([name]) => grants.functions.has(name)),
  );
  const defaults = new Set([...api.databases.values()].map((database) => database.catalog.schemas[0]!));
  return Object.freeze({
    role,
    tables,
    functions,
    rest: byProfile(
      [...tables.values()].map((one) => [one.table, one] as const),
      defaults,
    ),
    rpc: byProfile(
      [...functions.values()].map((one) => [one, one] as const),
      defaults,
    ),
  });
}

/** The schema that is a database's first answers to its own name and to `public`. */
function byProfile<One>(
  named: readonly (readonly [{ readonly profile: string; readonly rest: string }, One])[],
  defaults: ReadonlySet<string>,
): (name: string, profile?: string) => One | undefined {
  const profiles = new Map<string, Map<string, One>>();
  for (const [{ profile, rest }, one] of named) {
    const names = profiles.get(profile) ?? new Map<string, One>();
    profiles.set(profile, names.set(rest, one));
  }
  return (name, profile) => {
    const key = profile === undefined || defaults.has(profile) ? 'public' : profile;
    return profiles.get(key)?.get(name);
  };
}

function buildTable(table: Table, grant: TableGrant, grants: RoleGrants): WorldTable {
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
  const computed = new Map<string, Column>();
  for (const column of table.computed.values())
    if (grant.select !== undefined && grants.functions.has(column.callable!))
      computed.set(column.name, column);
  return Object.freeze({ table, ...grant, columns, known, edges, computed });
}

/**
 * The far table must be readable, and so must the linking columns on both sides unless the author named the
 * relationship; many to many also needs the junction, whose rows are filtered by its own grant; a computed one needs
 * `execute` on its function.
 */
function mayFollow(edge: Edge, near: ReadonlySet<Column>, grants: RoleGrants): boolean {
  const far = grants.tables.get(edge.to.name)?.select;
  if (near.size === 0 || far === undefined) return false;
  if (edge.callable !== undefined) return grants.functions.has(edge.callable);
  const farColumns = readableColumns(far);
  if (edge.through === undefined) {
    return edge.declared || edge.pairs.every((pair) => near.has(pair.near) && farColumns.has(pair.far));
  }
  const junction = grants.tables.get(edge.through.table.name)?.select;
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
