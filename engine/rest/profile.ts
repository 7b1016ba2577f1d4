/** `Accept-Profile`/`Content-Profile` and a name → the table or function that this role knows by it. */
import type { Api, Callable, World, WorldTable } from '../api/api.ts';
import { Problem } from '../problem/problem.ts';
import { functionNotFound, type Given } from '../query/overload.ts';
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
  throw tableNotFound(name, world, knownProfile(api, world, profile));
}

/**
 * The function behind a path.
 *
 * @param given what the call gives, for the refusal
 * @throws {Problem} PGRST106 (406), PGRST202 (404) no such function for this role
 */
export function findFunction(
  api: Api,
  world: World,
  name: string,
  { profile, given }: { readonly profile: string | undefined; readonly given: () => Given },
): Callable {
  const callable = world.rpc(name, profile);
  if (callable !== undefined) return callable;
  throw functionNotFound(name, world, given(), knownProfile(api, world, profile));
}

/**
 * The profile as tables and functions have it.
 *
 * @throws {Problem} PGRST106 (406) one of which the role sees nothing is like one that does not exist
 */
export function knownProfile(api: Api, world: World, profile: string | undefined): string {
  if (profile === undefined || isDefault(api, profile)) return 'public';
  const visible = new Set(['public']);
  for (const { table } of world.tables.values()) visible.add(table.profile);
  for (const callable of world.functions.values()) visible.add(callable.profile);
  if (visible.has(profile)) return profile;
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
