/** From whom a role has its grants. Pure. */
import type { RoleConfig, TableConfig } from '../../schema/project.ts';

/** The role and all that it inherits from, each once. */
export function lineageOf(role: string, roles: ReadonlyMap<string, RoleConfig>): readonly string[] {
  const seen = new Set([role]);
  for (const name of seen) for (const parent of roles.get(name)?.inherits ?? []) seen.add(parent);
  return [...seen];
}

/** The role whose entry a role writes by: its own, else one that it inherits. */
export function writerOf(
  role: string,
  table: TableConfig,
  verb: 'insert' | 'update' | 'delete',
  roles: ReadonlyMap<string, RoleConfig>,
  seen: ReadonlySet<string> = new Set(),
): string | undefined {
  if (seen.has(role)) return undefined;
  if (table.permissions.get(role)?.[verb] !== undefined) return role;
  const visited = new Set([...seen, role]);
  for (const parent of roles.get(role)?.inherits ?? []) {
    const found = writerOf(parent, table, verb, roles, visited);
    if (found !== undefined) return found;
  }
  return undefined;
}
