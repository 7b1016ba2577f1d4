/** From whom a role has its grants. Pure. */
import type { RoleConfig } from '../../schema/project.ts';

/** The role and all that it inherits from, each once. */
export function lineageOf(role: string, roles: ReadonlyMap<string, RoleConfig>): readonly string[] {
  const seen = new Set([role]);
  for (const name of seen) for (const parent of roles.get(name)?.inherits ?? []) seen.add(parent);
  return [...seen];
}
