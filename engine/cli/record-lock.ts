/** Writes the lock of a project from catalogs that a command has just read. */
import type { Project } from '../../schema/project.ts';
import { compileApi } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { type LockedDatabase, readLock, writeLock } from '../catalog/lock.ts';

export interface Seen {
  readonly catalog: Catalog;
  /** Checksum of the migrations that were applied; undefined for a database without any. */
  readonly migrations: string | undefined;
}

/**
 * Brings the lock up to date with the databases in `seen`; what it holds of the project's others stays. Names of
 * relationships that it has recorded do not change.
 *
 * @returns whether a file changed
 */
export async function recordLock(
  dir: string,
  project: Project,
  seen: ReadonlyMap<string, Seen>,
): Promise<boolean> {
  const before: ReadonlyMap<string, LockedDatabase> = (await readLock(dir)).value?.databases ?? new Map();
  const recorded = new Map([...before].map(([name, entry]) => [name, entry.names]));
  const entries = new Map<string, LockedDatabase>(
    [...before].filter(([name]) => project.databases.has(name)),
  );
  for (const [name, { catalog, migrations }] of seen) {
    entries.set(name, { catalog, migrations, names: recorded.get(name) ?? new Map() });
  }
  const catalogs = new Map([...entries].map(([name, { catalog }]) => [name, catalog]));
  const names = compileApi(project, catalogs, recorded).value?.names;
  return writeLock(dir, {
    databases: new Map(
      [...entries].map(([name, entry]) => [name, { ...entry, names: names?.get(name) ?? entry.names }]),
    ),
  });
}
