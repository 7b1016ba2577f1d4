/** The lock: the catalog of each database as files below `novastack.lock/`, to be committed and reviewed. */
import { randomBytes } from 'node:crypto';
import { type Dirent, promises as fs } from 'node:fs';
import path from 'node:path';
import type { Diagnostic, Staged } from '../../schema/diagnostic.ts';
import { piecewise } from '../../schema/pieces.ts';
import type { Catalog } from './catalog.ts';
import { lockHint } from './lock-entry.ts';
import { lockFiles } from './lock-files.ts';
import { type LockFile, readDatabase } from './lock-reader.ts';
import { bytewise, sortedMap } from './order.ts';

/** Names of relationships that came from foreign keys: relation key → edge id → name. */
export type EdgeNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface LockedDatabase {
  readonly catalog: Catalog;
  /** Only of relations that the catalog has; others are not written. */
  readonly names: EdgeNames;
  /** Hex sha256 of all migration files (`checksumOf`); undefined when the database has none. */
  readonly migrations: string | undefined;
}

export interface Lock {
  /** By the name under `databases:`. */
  readonly databases: ReadonlyMap<string, LockedDatabase>;
}

export const lockFolder = 'novastack.lock';

/**
 * Reads the lock of a project.
 *
 * @returns no value and no diagnostic when there is no lock; a database whose files are damaged is left out of the
 *   value, with diagnostics that name file and line. Never rejects for what the files say
 */
export async function readLock(projectDir: string): Promise<Staged<Lock>> {
  const folders = await list(path.join(projectDir, lockFolder));
  if (folders === undefined) return { diagnostics: [] };
  const diagnostics: Diagnostic[] = [];
  const databases = new Map<string, LockedDatabase>();
  for (const folder of folders.filter((entry) => entry.isDirectory())) {
    const name = decodeName(folder.name);
    const within = `${lockFolder}/${folder.name}`;
    const database = await readFile(projectDir, `${within}/database.yaml`);
    if (name === undefined || database === undefined) {
      diagnostics.push(noDatabase(within));
      continue;
    }
    const tables = await readAll(projectDir, `${within}/tables`);
    const functions = await readAll(projectDir, `${within}/functions`);
    const types = await readAll(projectDir, `${within}/types`);
    const locked = await piecewise(readDatabase({ database, tables, functions, types }, diagnostics));
    if (locked !== undefined) databases.set(name, locked);
  }
  return { value: { databases: sortedMap(databases) }, diagnostics };
}

/**
 * Makes the folder say exactly this. Files that say it already are not touched, files of what is gone are removed, and
 * each file is whole at every moment.
 *
 * @returns whether anything was changed
 */
export async function writeLock(projectDir: string, lock: Lock): Promise<boolean> {
  const root = path.join(projectDir, lockFolder);
  await refuseLink(root);
  const wanted = lockFiles(lock.databases);
  let changed = false;
  for (const [file, text] of wanted) {
    const present = await fs.readFile(path.join(root, file), 'utf8').catch(() => undefined);
    if (present === text) continue;
    await replace(root, file, text);
    changed = true;
  }
  for (const file of await filesBelow(root, '')) {
    if (wanted.has(file)) continue;
    await fs.rm(path.join(root, file), { force: true });
    changed = true;
  }
  if (changed) await removeEmptyFolders(root);
  return changed;
}

/**
 * Whether the lock was written for other migrations than these. Pure.
 *
 * @param checksum of the migrations in the tree; undefined when the database has none
 */
export function isStale(locked: LockedDatabase, checksum: string | undefined): boolean {
  return locked.migrations !== checksum;
}

export function staleDiagnostic(database: string): Diagnostic {
  return {
    code: 'LOCK_STALE',
    severity: 'error',
    message: `The lock of database "${database}" was written for other migrations than those in the tree.`,
    hint: 'run "novastack lock" (before it "novastack migrate up", where the database is a server), and commit novastack.lock/',
    source: {
      file: `${lockFolder}/${database}/database.yaml`,
      span: { start: { line: 1, column: 1 }, end: { line: 1, column: 2 } },
    },
  };
}

function noDatabase(folder: string): Diagnostic {
  return {
    code: 'LOCK_DAMAGED',
    severity: 'error',
    message: `The folder "${folder}" has no database.yaml.`,
    hint: lockHint,
  };
}

function decodeName(folder: string): string | undefined {
  try {
    return decodeURIComponent(folder);
  } catch {
    return undefined;
  }
}

async function list(dir: string): Promise<readonly Dirent[] | undefined> {
  const entries = await fs.readdir(dir, { withFileTypes: true }).catch(() => undefined);
  return entries?.sort((a, b) => bytewise(a.name, b.name));
}

/** Links are not followed: they could lead out of the project. */
async function readAll(projectDir: string, folder: string): Promise<readonly LockFile[]> {
  const entries = (await list(path.join(projectDir, folder))) ?? [];
  const files = entries.filter((entry) => entry.isFile() && isLockFile(entry.name));
  const read = await Promise.all(files.map((entry) => readFile(projectDir, `${folder}/${entry.name}`)));
  return read.filter((file) => file !== undefined);
}

async function readFile(projectDir: string, file: string): Promise<LockFile | undefined> {
  const text = await fs.readFile(path.join(projectDir, file), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : { file, text };
}

function isLockFile(name: string): boolean {
  return name.endsWith('.yaml') && !name.startsWith('.');
}

/** Written aside and renamed, so that a reader finds the old text or the new one, and a crash leaves either. */
async function replace(root: string, file: string, text: string): Promise<void> {
  const target = path.join(root, file);
  const folder = path.dirname(target);
  for (let dir = folder; dir.startsWith(root); dir = path.dirname(dir)) await refuseLink(dir);
  await fs.mkdir(folder, { recursive: true });
  const draft = path.join(folder, `.${randomBytes(6).toString('hex')}.yaml`);
  try {
    await fs.writeFile(draft, text, { flag: 'wx' });
    await fs.rename(draft, target);
  } catch (error) {
    await fs.rm(draft, { force: true });
    throw error;
  }
}

async function refuseLink(dir: string): Promise<void> {
  const found = await fs.lstat(dir).catch(() => undefined);
  if (found === undefined || found.isDirectory()) return;
  throw new Error(`"${dir}" is not a plain folder; remove it, and the lock can be written`);
}

/** Every file of the lock, and drafts that a crash left; paths with `/`. */
async function filesBelow(root: string, within: string): Promise<readonly string[]> {
  const entries = (await list(path.join(root, within))) ?? [];
  const found: string[] = [];
  for (const entry of entries) {
    const file = within === '' ? entry.name : `${within}/${entry.name}`;
    if (entry.isDirectory()) found.push(...(await filesBelow(root, file)));
    else if (entry.name.endsWith('.yaml')) found.push(file);
  }
  return found;
}

async function removeEmptyFolders(dir: string): Promise<void> {
  for (const entry of (await list(dir)) ?? [])
    if (entry.isDirectory()) await removeEmptyFolders(path.join(dir, entry.name));
  // Refuses one that is not empty.
  await fs.rmdir(dir).catch(() => {});
}
