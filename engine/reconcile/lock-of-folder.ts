/** What a folder's lock records and what it is to record next. Pure. */
import type { Project } from '../../schema/project.ts';
import type { EdgeNames } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Lock } from '../catalog/lock.ts';
import type { Scripts } from './prepare.ts';

/** Names of relationships, which never change by themselves. */
export function recordedNames(lock: Lock | undefined): ReadonlyMap<string, EdgeNames> {
  return new Map([...(lock?.databases ?? [])].map(([name, entry]) => [name, entry.names]));
}

/** What was read from the databases themselves; of one that was not reached, what the lock held. */
export function nextLock(
  project: Project,
  known: ReadonlyMap<string, Catalog>,
  names: ReadonlyMap<string, EdgeNames>,
  scripts: ReadonlyMap<string, Scripts>,
  live: ReadonlyMap<string, Catalog>,
  before: Lock | undefined,
): Lock {
  const databases = new Map<string, { catalog: Catalog; names: EdgeNames; migrations: string | undefined }>();
  for (const name of project.databases.keys()) {
    const catalog = known.get(name)!;
    const recorded = before?.databases.get(name);
    const migrations = live.has(name) ? scripts.get(name)?.checksum : recorded?.migrations;
    databases.set(name, { catalog, names: names.get(name) ?? new Map(), migrations });
  }
  return { databases };
}
