/**
 * Objects of a repository that the clone does not have, from GitHub's API, each held against its id. Trees come as lists and are
 * written as Git writes them, so that a list that is not whole, or not true, is noticed.
 */
import { GitFailure, type ObjectInfo, type ObjectKind, type Objects, objectId } from '../../engine/index.ts';
import { type Github, GithubRefusal } from './github.ts';

interface Entry {
  readonly path: string;
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly size?: number;
}

export interface CommitFacts {
  readonly tree: string;
  readonly parents: readonly string[];
}

export class RemoteObjects implements Objects {
  readonly #github: Github;
  readonly #trees = new Map<string, Buffer>();
  /** Of files that trees have told. */
  readonly #sizes = new Map<string, number>();
  /** Files that were fetched to learn their size, until they are read. */
  readonly #files = new Map<string, Buffer>();

  constructor(github: Github) {
    this.#github = github;
  }

  async info(id: string): Promise<ObjectInfo | undefined> {
    const tree = this.#trees.get(id);
    if (tree !== undefined) return { kind: 'tree', size: tree.length };
    const size = this.#sizes.get(id) ?? (await this.#fetchedSize(id));
    return size === undefined ? undefined : { kind: 'blob', size };
  }

  async read(id: string, kind: ObjectKind, maxBytes: number): Promise<Buffer> {
    this.#refuseLarger(id, this.#sizes.get(id) ?? 0, maxBytes);
    const content = kind === 'tree' ? await this.#tree(id) : await this.#file(id);
    this.#refuseLarger(id, content.length, maxBytes);
    return content;
  }

  /** @returns undefined: there is no such commit */
  async commit(id: string): Promise<CommitFacts | undefined> {
    const found = await orMissing(
      this.#github.call((api, common) => api.git.getCommit({ ...common, commit_sha: id })),
    );
    return found && { tree: found.tree.sha, parents: found.parents.map(({ sha }) => sha) };
  }

  /** @param name a branch, a tag, a commit. @returns undefined: nothing of that name */
  async commitOf(name: string): Promise<string | undefined> {
    const found = await orMissing(
      this.#github.call((api, common) => api.repos.getCommit({ ...common, ref: name, per_page: 1 })),
    );
    return found?.sha;
  }

  /** @returns undefined: there is none, or one of the two is not there */
  async mergeBase(one: string, other: string): Promise<string | undefined> {
    const found = await orMissing(
      this.#github.call((api, common) =>
        api.repos.compareCommitsWithBasehead({ ...common, basehead: `${one}...${other}`, per_page: 1 }),
      ),
    );
    return found?.merge_base_commit.sha;
  }

  async #fetchedSize(id: string): Promise<number | undefined> {
    try {
      const content = await this.#file(id);
      this.#files.set(id, content);
      return content.length;
    } catch (error) {
      if (error instanceof GitFailure && error.kind === 'missing') return undefined;
      throw error;
    }
  }

  async #file(id: string): Promise<Buffer> {
    const kept = this.#files.get(id);
    this.#files.delete(id);
    if (kept !== undefined) return kept;
    const { content, encoding } = await this.#found(
      id,
      this.#github.call((api, common) => api.git.getBlob({ ...common, file_sha: id })),
    );
    const bytes = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8');
    if (objectId('blob', bytes) !== id) throw notWhole(id);
    return bytes;
  }

  /** With all below it in one answer; where that is cut off, level by level. */
  async #tree(id: string): Promise<Buffer> {
    for (const recursive of [{ recursive: '1' }, {}]) {
      const known = this.#trees.get(id);
      if (known !== undefined) return known;
      const { tree } = await this.#found(
        id,
        this.#github.call((api, common) => api.git.getTree({ ...common, tree_sha: id, ...recursive })),
      );
      this.#keep(id, tree);
    }
    const known = this.#trees.get(id);
    if (known === undefined) throw notWhole(id);
    return known;
  }

  #keep(root: string, entries: readonly Entry[]): void {
    const folders = new Map<string, Entry[]>([['', []]]);
    const ids = new Map([['', root]]);
    for (const entry of entries) {
      const at = entry.path.lastIndexOf('/');
      const folder = at < 0 ? '' : entry.path.slice(0, at);
      folders.set(folder, [...(folders.get(folder) ?? []), { ...entry, path: entry.path.slice(at + 1) }]);
      if (entry.type === 'tree') ids.set(entry.path, entry.sha);
      else if (entry.size !== undefined) this.#sizes.set(entry.sha, entry.size);
    }
    for (const [folder, own] of folders) {
      const content = treeContent(own);
      const id = ids.get(folder);
      if (id !== undefined && objectId('tree', content) === id) this.#trees.set(id, content);
    }
  }

  #refuseLarger(id: string, size: number, maxBytes: number): void {
    if (size > maxBytes)
      throw new GitFailure('refused', `The object ${short(id)} has ${size} bytes; ${maxBytes} are read.`);
  }

  async #found<T>(id: string, asked: Promise<T>): Promise<T> {
    const found = await orMissing(asked);
    if (found === undefined) throw new GitFailure('missing', `GitHub has no object ${short(id)}.`);
    return found;
  }
}

/** Git sorts folders as if their names ended with a slash. */
function treeContent(entries: readonly Entry[]): Buffer {
  const sorted = entries
    .map(({ path, mode, type, sha }) => ({
      order: Buffer.from(type === 'tree' ? `${path}/` : path),
      raw: Buffer.concat([Buffer.from(`${mode.replace(/^0+/, '')} ${path}\0`), Buffer.from(sha, 'hex')]),
    }))
    .sort((a, b) => Buffer.compare(a.order, b.order));
  return Buffer.concat(sorted.map(({ raw }) => raw));
}

/** 422: what was asked for is no id that it knows. 409: the repository is empty. */
async function orMissing<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof GithubRefusal && [404, 409, 422].includes(error.status)) return undefined;
    throw error;
  }
}

function notWhole(id: string): GitFailure {
  return new GitFailure(
    'corrupt',
    `What GitHub gives as the object ${short(id)} is not that object, or not all of it.`,
    'check out the history too: "fetch-depth: 0"',
  );
}

function short(id: string): string {
  return id.slice(0, 12);
}
