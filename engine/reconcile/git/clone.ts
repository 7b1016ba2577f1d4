/** Somebody's clone, read and never written: which commit a name means there, and a folder of it as plain files. */
import { lstat, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { gitEnvironment } from './environment.ts';
import { type Exported, exportTree } from './export-tree.ts';
import { ObjectReader } from './objects.ts';
import { Plumbing } from './plumbing.ts';

/** Milliseconds for one answer of Git. */
const timeoutMs = 30_000;
/** Of one project; the defaults of `serve`. */
const limits = { files: 20_000, bytes: 500_000_000 };

export class Clone {
  /** Its top, absolute, links resolved. */
  readonly top: string;
  readonly #directory: string;
  readonly #plumbing: Plumbing;

  private constructor(top: string, directory: string) {
    this.top = top;
    this.#directory = directory;
    this.#plumbing = new Plumbing(directory, timeoutMs);
  }

  /** The clone that a folder is in; undefined: in none. */
  static async around(dir: string): Promise<Clone | undefined> {
    for (let top = await realpath(dir); ; top = path.dirname(top)) {
      const directory = await gitDirectory(path.join(top, '.git'));
      if (directory !== undefined) return new Clone(top, directory);
      if (top === path.dirname(top)) return undefined;
    }
  }

  /** `main`, `origin/main`, `HEAD~2`, an id; undefined: nothing of that name. */
  commitOf(name: string): Promise<string | undefined> {
    return this.#plumbing.commitOf(name);
  }

  mergeBase(one: string, other: string): Promise<string | undefined> {
    return this.#plumbing.mergeBase(one, other);
  }

  /** A folder, from the top with `/`, as the commit has it: '' is all. @returns undefined: it has none */
  treeOf(commit: string, folder: string): Promise<string | undefined> {
    return this.#plumbing.treeOf(commit, folder);
  }

  /** Whether it lacks a part of the history. */
  async isShallow(): Promise<boolean> {
    return await this.#plumbing.isShallow();
  }

  /** The caller closes it. */
  openObjects(): ObjectReader {
    return new ObjectReader(gitEnvironment({ directory: this.#directory }), timeoutMs);
  }

  /** @param to must not exist. @throws {GitFailure} missing, corrupt, timeout, disk */
  async export(tree: string, to: string): Promise<Exported> {
    const reader = new ObjectReader(gitEnvironment({ directory: this.#directory }), timeoutMs);
    try {
      return await exportTree(reader, tree, to, limits);
    } finally {
      reader.close();
    }
  }
}

/** In a work tree of `git worktree` and in a submodule `.git` is a file that names it. */
async function gitDirectory(entry: string): Promise<string | undefined> {
  const stats = await lstat(entry).catch(() => undefined);
  if (stats?.isDirectory()) return (await isRepository(entry)) ? entry : undefined;
  if (!stats?.isFile()) return undefined;
  const named = /^gitdir: (.+)$/m.exec(await readFile(entry, 'utf8'))?.[1];
  return named === undefined ? undefined : path.resolve(path.dirname(entry), named);
}

/** What is exported has an empty folder of that name at its top. */
async function isRepository(directory: string): Promise<boolean> {
  return (await lstat(path.join(directory, 'HEAD')).catch(() => undefined)) !== undefined;
}
