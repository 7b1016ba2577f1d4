/** Notices when the sources of a project change: events of the file system where they come, looking where they do not. */
import { type FSWatcher, watch } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

export interface WatchOptions {
  /** Milliseconds without a further event before it is looked; editors write a file in several steps. Default 40. */
  readonly settleMs?: number;
  /** Milliseconds between looks without any event: network folders and containers send none. Default 2,000. */
  readonly lookMs?: number;
  /** A look that failed, such as a folder that is gone. */
  readonly onError?: (error: unknown) => void;
}

export interface FolderWatch {
  /** Resolves when the watch knows how the folder stands; changes from here on are told. */
  readonly ready: Promise<void>;
  close(): void;
}

/** More folders than this are only looked at: systems allow a bounded number of watches. */
const maxWatchedFolders = 1_000;
/** Files of one project; a folder with more is not one project's sources. */
const maxFiles = 50_000;
const sources = /\.(ya?ml|sql|graphql)$/i;

/** @param onChange called after a source was added, changed or removed; never twice for one state */
export function watchFolder(
  directory: string,
  onChange: () => void,
  options: WatchOptions = {},
): FolderWatch {
  const folder = new WatchedFolder(directory, onChange, options);
  return { ready: folder.start(), close: () => folder.close() };
}

class WatchedFolder {
  readonly #directory: string;
  readonly #onChange: () => void;
  readonly #options: WatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  #state: string | undefined;
  /** Whether the lock was there at the last look. */
  #locked = false;
  /** The next look without an event; events do not put it off, so that a stream of them cannot starve it. */
  #timer: NodeJS.Timeout | undefined;
  #settling: NodeJS.Timeout | undefined;
  #looking = false;
  #again = false;
  #closed = false;

  constructor(directory: string, onChange: () => void, options: WatchOptions) {
    this.#directory = directory;
    this.#onChange = onChange;
    this.#options = options;
  }

  start(): Promise<void> {
    return this.#look();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#settling);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** Looks at all sources and tells when they stand otherwise than before. One look at a time. */
  async #look(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return;
    }
    this.#looking = true;
    const from = performance.now();
    try {
      const { folders, state, locked } = await survey(this.#directory);
      if (this.#closed) return;
      this.#follow(folders);
      const lost = this.#locked && !locked;
      const changed = this.#state !== undefined && (this.#state !== state || lost);
      this.#locked = locked;
      this.#state = state;
      if (changed) this.#onChange();
    } catch (error) {
      // Told once, as any other state: a folder that is gone is looked for again and again.
      const state = `unreadable: ${error instanceof Error && 'code' in error ? error.code : error}`;
      if (this.#state !== state) this.#options.onError?.(error);
      this.#state = state;
    } finally {
      this.#looking = false;
    }
    if (this.#closed) return;
    if (this.#again) this.#settle();
    this.#again = false;
    // A large folder is looked at less often, so that looking stays a small part of the time.
    const tookMs = performance.now() - from;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), Math.max(this.#options.lookMs ?? 2_000, tookMs * 20));
  }

  #settle(): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => void this.#look(), this.#options.settleMs ?? 40);
  }

  #follow(folders: ReadonlySet<string>): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders)
      if (!this.#watchers.has(folder) && this.#watchers.size < maxWatchedFolders) this.#watch(folder);
  }

  #watch(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#event());
      // A folder that is removed or a system out of watches: the next look sees it.
      watcher.on('error', () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // The looks go on without events.
    }
  }

  #event(): void {
    if (this.#looking) this.#again = true;
    else this.#settle();
  }
}

interface Survey {
  readonly folders: ReadonlySet<string>;
  /** Path, time, size and number of every source: an editor that renames a copy into place changes the number. */
  readonly state: string;
  /** There is a lock. The engine writes it, so only its loss is news. */
  readonly locked: boolean;
}

async function survey(root: string): Promise<Survey> {
  const folders = new Set<string>();
  const files: string[] = [];
  const visit = async (folder: string): Promise<void> => {
    folders.add(folder);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const full = path.join(folder, entry.name);
      if (entry.isDirectory()) {
        if (isFollowed(entry.name)) await visit(full).catch(ignoreVanished);
      } else if ((sources.test(entry.name) || entry.name === '.gitignore') && files.length < maxFiles) {
        const line = await describe(full).catch(ignoreVanished);
        if (line !== undefined) files.push(line);
      }
    }
  };
  await visit(root);
  const locked = (await stat(path.join(root, 'novastack.lock')).catch(ignoreVanished)) !== undefined;
  return { folders, state: files.sort().join('\n'), locked };
}

async function describe(file: string): Promise<string> {
  const { mtimeNs, size, ino } = await stat(file, { bigint: true });
  return `${file}\0${mtimeNs}\0${size}\0${ino}`;
}

/** The engine writes the lock and its own state; nothing that the language reads is in a dotted folder. */
function isFollowed(name: string): boolean {
  return !name.startsWith('.') && name !== 'node_modules' && name !== 'novastack.lock';
}

function ignoreVanished(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  return undefined;
}
