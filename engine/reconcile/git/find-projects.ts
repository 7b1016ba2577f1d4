/** The projects of a commit, found in its trees as `findProjects` of schema/folder.ts finds them in a clone. */

import { maxBytes } from '../../../schema/document.ts';
import { isProjectText, isReadableFolder, isReadName, maxLevels } from '../../../schema/folder.ts';
import { IgnoreRules } from '../../../schema/ignored.ts';
import { projectFile } from '../../../schema/merge.ts';
import { GitFailure } from './failure.ts';
import type { Objects } from './objects.ts';
import { maxTreeBytes, parseTree, type TreeEntry, withId } from './tree.ts';

export interface FoundProject {
  /** Within the repository, without a slash at either end; '' is all of it. */
  readonly folder: string;
  /**
   * The id of the folder's tree, without the documents that a `.gitignore` above the folder names: in a clone they are not read
   * either, and what is exported has nothing above it.
   */
  readonly tree: string;
}

/** Puts a tree into the mirror. @returns its id */
export type WriteTree = (content: Buffer) => Promise<string>;

/** Trees that are small may name one another so often that they are more folders than anybody can visit. */
const maxFolders = 20_000;
/** Levels of folders of a repository; deeper ones are refused when they are exported. */
const maxDepth = 2 * maxLevels;
/** Bytes of one `.gitignore`; a larger one is not read. */
const maxIgnoreBytes = 1_000_000;

/**
 * @param root the tree of the commit
 * @param path where to look, as `FoundProject.folder`; one that is not there has no projects
 * @returns in bytewise order
 * @throws {GitFailure} corrupt, refused (more folders than are visited)
 */
export async function findProjects(
  reader: Objects,
  write: WriteTree,
  root: string,
  path: string,
): Promise<readonly FoundProject[]> {
  const search = new Search(reader, write);
  await search.run(root, path);
  return search.found.sort((a, b) => Buffer.compare(Buffer.from(a.folder), Buffer.from(b.folder)));
}

export function readTree(reader: Objects, id: string): Promise<readonly TreeEntry[]> {
  return reader.read(id, 'tree', maxTreeBytes).then(parseTree, (error: unknown) => {
    throw asDamage(error);
  });
}

/** Whether the entries of a folder make it a project. */
export async function isProject(reader: Objects, entries: readonly TreeEntry[]): Promise<boolean> {
  const bytes = await readFile(reader, entries, projectFile, maxBytes);
  return bytes !== undefined && isProjectText(bytes);
}

class Search {
  readonly found: FoundProject[] = [];
  readonly #reader: Objects;
  readonly #write: WriteTree;
  #folders = 0;

  constructor(reader: Objects, write: WriteTree) {
    this.#reader = reader;
    this.#write = write;
  }

  async run(root: string, path: string): Promise<void> {
    const parts = path === '' ? [] : path.split('/');
    let rules = IgnoreRules.none;
    let tree = root;
    for (const [index, part] of parts.entries()) {
      const entries = await readTree(this.#reader, tree);
      rules = await this.#within(rules, parts.slice(0, index), entries);
      const next = entries.find(({ kind, name }) => kind === 'folder' && name === part);
      if (next === undefined) return;
      tree = next.id;
    }
    const asked = rules.forFolder(parts.map((_, index) => absolute(parts.slice(0, index + 1))));
    await this.#visit(tree, parts, asked, 0);
  }

  async #visit(tree: string, folder: readonly string[], rules: IgnoreRules, level: number): Promise<void> {
    const entries = await this.#entries(tree);
    if (await isProject(this.#reader, entries)) {
      const own = rules.isEmpty ? tree : await this.#pruned(tree, entries, folder, rules, false);
      this.found.push({ folder: folder.join('/'), tree: own });
    }
    if (level >= maxLevels) return;
    const inner = await this.#within(rules, folder, entries);
    for (const { kind, name, id } of entries) {
      if (kind !== 'folder' || name === undefined || !isReadableFolder(name)) continue;
      const below = [...folder, name];
      if (!inner.ignores(absolute(below), true)) await this.#visit(id, below, inner, level + 1);
    }
  }

  async #entries(tree: string): Promise<readonly TreeEntry[]> {
    this.#folders += 1;
    if (this.#folders > maxFolders)
      throw new GitFailure(
        'refused',
        `There are more than ${maxFolders} folders to look for projects in.`,
        'name the folder of the projects as the "path" of the source',
      );
    return readTree(this.#reader, tree);
  }

  /**
   * The tree without documents that are ignored.
   *
   * @param isIgnored the folder itself is, so that nothing in it is read
   * @returns its id; the same one where there are none
   */
  async #pruned(
    tree: string,
    entries: readonly TreeEntry[],
    folder: readonly string[],
    rules: IgnoreRules,
    isIgnored: boolean,
  ): Promise<string> {
    if (folder.length > maxDepth) return tree;
    const inner = await this.#within(rules, folder, entries);
    const kept: TreeEntry[] = [];
    for (const entry of entries) {
      const { kind, name } = entry;
      const path = name === undefined ? undefined : [...folder, name];
      if (path === undefined || kind === 'submodule') kept.push(entry);
      else if (kind === 'folder') kept.push(await this.#prunedFolder(entry, path, inner, isIgnored));
      else if (!isReadName(name!) || !(isIgnored || inner.ignores(absolute(path), false))) kept.push(entry);
    }
    if (kept.length === entries.length && kept.every((entry, index) => entry.id === entries[index]!.id))
      return tree;
    return this.#write(Buffer.concat(kept.map(({ raw }) => raw)));
  }

  async #prunedFolder(
    entry: TreeEntry,
    path: readonly string[],
    rules: IgnoreRules,
    isIgnored: boolean,
  ): Promise<TreeEntry> {
    if (!isReadableFolder(path.at(-1)!)) return entry;
    const entries = await this.#entries(entry.id);
    // It is not the outer project's, and has a tree of its own.
    if (await isProject(this.#reader, entries)) return entry;
    const ignored = isIgnored || rules.ignores(absolute(path), true);
    return withId(entry, await this.#pruned(entry.id, entries, path, rules, ignored));
  }

  async #within(
    rules: IgnoreRules,
    folder: readonly string[],
    entries: readonly TreeEntry[],
  ): Promise<IgnoreRules> {
    const bytes = await readFile(this.#reader, entries, '.gitignore', maxIgnoreBytes);
    return bytes === undefined ? rules : rules.with(absolute(folder), bytes.toString('utf8'));
  }
}

/** @returns undefined: no such file, a link, or larger than is read */
async function readFile(
  reader: Objects,
  entries: readonly TreeEntry[],
  name: string,
  maxSize: number,
): Promise<Buffer | undefined> {
  const entry = entries.find((one) => one.kind === 'file' && one.name === name);
  if (entry === undefined) return undefined;
  const info = await reader.info(entry.id);
  if (info !== undefined && info.size > maxSize) return undefined;
  return reader.read(entry.id, 'blob', maxSize).catch((error: unknown) => {
    throw asDamage(error);
  });
}

/** An object that another one names has to be there. */
export function asDamage(error: unknown): unknown {
  return error instanceof GitFailure && error.kind === 'missing'
    ? new GitFailure('corrupt', 'The mirror lacks objects of the commit.', undefined, { cause: error })
    : error;
}

function absolute(folder: readonly string[]): string {
  return `/${folder.join('/')}`;
}
