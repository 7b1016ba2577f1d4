/** What a repository's lock would have to say for the databases to be as it says: the files of a pull request. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { type EdgeNames, type Lock, type LockedDatabase, lockFolder } from '../catalog/lock.ts';
import { lockFiles } from '../catalog/lock-files.ts';

export interface LiveDatabases {
  readonly catalogs: ReadonlyMap<string, Catalog>;
  readonly names: ReadonlyMap<string, EdgeNames>;
}

/**
 * @param directory the exported tree of the commit that serves
 * @param folder of the project within the repository; '' is its root
 * @returns paths from the top of the repository, each with its text; null: the file goes. Empty: nothing has to change
 */
export async function lockProposal(
  directory: string,
  folder: string,
  lock: Lock,
  live: LiveDatabases,
): Promise<ReadonlyMap<string, string | null>> {
  const databases = new Map<string, LockedDatabase>(lock.databases);
  for (const [name, catalog] of live.catalogs) {
    const locked = lock.databases.get(name);
    // A database without a lock is known by its migrations, and needs none.
    if (locked !== undefined)
      databases.set(name, { ...locked, catalog, names: live.names.get(name) ?? locked.names });
  }
  const wanted = lockFiles(databases);
  const files = new Map<string, string | null>();
  const at = (file: string) => path.posix.join(folder, lockFolder, file);
  for (const [file, text] of wanted)
    if ((await textOf(path.join(directory, lockFolder, file))) !== text) files.set(at(file), text);
  for (const file of await filesBelow(path.join(directory, lockFolder)))
    if (!wanted.has(file)) files.set(at(file), null);
  return files;
}

async function textOf(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** With `/`, relative to the folder. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'));
}
