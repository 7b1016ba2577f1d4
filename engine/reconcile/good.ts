/** What served last, on disk: what a start serves when Git, or the newest commit, is of no use. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { HistoryEntry } from './status.ts';

export interface GoodRevision extends HistoryEntry {
  readonly commit: string;
  /** Object id of the project's folder. */
  readonly tree: string;
}

export interface Good {
  /** The project's folder within the repository; '' is its root. */
  readonly folder: string;
  /** Newest first; the first one serves. At most `maxHistory`. */
  readonly history: readonly GoodRevision[];
  readonly suspended: boolean;
  /** Somebody went back to what serves, when `head` was the newest commit's tree; it ends with another one. */
  readonly pinned: { readonly revision: string; readonly head: string } | null;
}

const file = 'good.json';

/** The records of one source. Each is whole at every moment: written aside, synced and renamed. */
export class GoodStore {
  readonly #directory: string;

  /** @param directory of the source's projects, made when missing */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Where one project's state is: its record, and the data of embedded databases. */
  folderOf(folder: string): string {
    return path.join(this.#directory, nameOf(folder));
  }

  /** Those that can be read. A record that is damaged is as none. */
  async all(): Promise<readonly Good[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const found = await Promise.all(names.sort().map((name) => read(path.join(this.#directory, name, file))));
    return found.filter((good) => good !== undefined);
  }

  /** @throws {Error} of the file system: the disk is full, say */
  async write(good: Good): Promise<void> {
    const folder = this.folderOf(good.folder);
    await mkdir(folder, { recursive: true });
    const aside = path.join(folder, `.${file}.${process.pid}`);
    const text = JSON.stringify({ version: 1, ...good }, null, 2);
    const handle = await open(aside, 'w', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(aside, path.join(folder, file));
  }

  async forget(folder: string): Promise<void> {
    await rm(path.join(this.folderOf(folder), file), { force: true });
  }
}

/** A folder's path as one name, readable where that is possible. */
function nameOf(folder: string): string {
  if (folder === '') return '@root';
  const name = encodeURIComponent(folder);
  return name.length <= 200 && !/^\.+$/.test(name)
    ? name
    : `@${createHash('sha256').update(folder).digest('hex')}`;
}

async function read(at: string): Promise<Good | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(at, 'utf8'));
    return isGood(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isGood(value: unknown): value is Good {
  if (typeof value !== 'object' || value === null) return false;
  const { folder, history, suspended, pinned } = value as Partial<Good>;
  return (
    typeof folder === 'string' &&
    typeof suspended === 'boolean' &&
    (pinned === null || typeof pinned === 'object') &&
    Array.isArray(history) &&
    history.every(
      (entry: Partial<GoodRevision>) =>
        typeof entry.revision === 'string' &&
        /^[0-9a-f]{40,64}$/.test(entry.commit ?? '') &&
        /^[0-9a-f]{40,64}$/.test(entry.tree ?? ''),
    )
  );
}
