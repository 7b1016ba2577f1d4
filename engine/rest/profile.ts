/** `Accept-Profile`/`Content-Profile` and a name → the table that this role knows by it. */
import type { Api, World, WorldTable } from '../api/api.ts';
import { Problem } from '../problem/problem.ts';
import { tableNotFound } from '../query/refusal.ts';

/**
 * The table behind a path.
 *
 * @param profile as the header says; undefined is the default profile
 * @throws {Problem} PGRST106 (406) no such profile for this role, PGRST205 (404) no such table for this role
 */
export function findTable(api: Api, world: World, name: string, profile: string | undefined): WorldTable {
  const table = world.rest(name, profile);
  if (table !== undefined) return table;
  if (profile !== undefined) checkProfile(api, world, profile);
  throw tableNotFound(name, world, profile === undefined || isDefault(api, profile) ? 'public' : profile);
}

/** A profile of which the role sees no table is like one that does not exist. */
function checkProfile(api: Api, world: World, profile: string): void {
  if (isDefault(api, profile)) return;
  const visible = new Set(['public']);
  for (const { table } of world.tables.values()) visible.add(table.profile);
  if (visible.has(profile)) return;
  throw new Problem('PGRST106', {
    message: `Invalid schema: ${profile}`,
    hint: `Only the following schemas are exposed: ${[...visible].join(', ')}.`,
  });
}

function isDefault(api: Api, profile: string): boolean {
  if (profile === 'public') return true;
  for (const { catalog } of api.databases.values()) if (catalog.schemas[0] === profile) return true;
  return false;
}
