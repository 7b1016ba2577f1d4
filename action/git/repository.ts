/** The repository of the workspace: what the clone has, and of what it lacks what GitHub has. Read and never written. */
import {
  Clone,
  type Exported,
  exportTree,
  type FoundProject,
  findProjectsOfTree,
  GitFailure,
  linksOf,
  type ObjectReader,
  readTree,
} from '../../engine/index.ts';
import type { CommitFacts, RemoteObjects } from '../github/remote-objects.ts';
import { Layers } from './layers.ts';

/** Bytes of one commit object. */
const maxCommitBytes = 1_000_000;
/** Of one project; the defaults of `serve`. */
const limits = { files: 20_000, bytes: 64_000_000 };

export class Repository {
  /** Absolute: what paths of the repository begin at. */
  readonly top: string;
  readonly #clone: Clone | undefined;
  readonly #reader: ObjectReader | undefined;
  readonly #remote: RemoteObjects | undefined;
  readonly #objects: Layers;
  readonly #commits = new Map<string, Promise<CommitFacts>>();

  private constructor(top: string, clone: Clone | undefined, remote: RemoteObjects | undefined) {
    this.top = top;
    this.#clone = clone;
    this.#remote = remote;
    this.#reader = clone?.openObjects();
    this.#objects = new Layers([this.#reader, remote].filter((one) => one !== undefined));
  }

  /**
   * @param start absolute, links resolved: where the clone is looked for, and above
   * @param workspace what stands for its top where there is none, as actions/checkout leaves it without Git
   */
  static async open(
    start: string,
    workspace: string,
    remote: RemoteObjects | undefined,
  ): Promise<Repository> {
    const clone = await usable(await Clone.around(start));
    return new Repository(clone?.top ?? workspace, clone, remote);
  }

  close(): void {
    this.#reader?.close();
  }

  /** What is checked out; undefined: there is no clone. */
  async head(): Promise<string | undefined> {
    return this.#clone?.commitOf('HEAD');
  }

  /** @throws {GitFailure} missing */
  commit(id: string): Promise<CommitFacts> {
    let facts = this.#commits.get(id);
    if (facts === undefined) {
      facts = this.#readCommit(id);
      this.#commits.set(id, facts);
    }
    return facts;
  }

  /** @param name a branch, a tag, a commit. @returns undefined: nothing of that name */
  async commitOf(name: string): Promise<string | undefined> {
    for (const each of [`refs/remotes/origin/${name}`, name]) {
      const found = await this.#clone?.commitOf(each);
      if (found !== undefined) return found;
    }
    return this.#remote?.commitOf(name);
  }

  /** A clone without all of the history may know one, and not the last. */
  async mergeBase(one: string, other: string): Promise<string | undefined> {
    const isWhole = this.#clone !== undefined && !(await this.#clone.isShallow());
    const own = isWhole ? await this.#ownMergeBase(one, other) : undefined;
    return own ?? (await this.#remote?.mergeBase(one, other)) ?? (await this.#ownMergeBase(one, other));
  }

  /** @param folder from the top, with `/`; '' is all of it */
  async projects(commit: string, folder: string): Promise<readonly FoundProject[]> {
    const { tree } = await this.commit(commit);
    return findProjectsOfTree(this.#objects, (content) => this.#objects.make(content), tree, folder);
  }

  /** A file of a tree; undefined: it has none of that name, or one that is larger. */
  async file(tree: string, name: string, maxBytes: number): Promise<Buffer | undefined> {
    const entries = await readTree(this.#objects, tree);
    const entry = entries.find((one) => one.kind === 'file' && one.name === name);
    const info = entry && (await this.#objects.info(entry.id));
    if (entry === undefined || info === undefined || info.size > maxBytes) return undefined;
    return this.#objects.read(entry.id, 'blob', maxBytes);
  }

  /** @param to must not exist */
  export(tree: string, to: string): Promise<Exported> {
    return exportTree(this.#objects, tree, to, limits);
  }

  async #readCommit(id: string): Promise<CommitFacts> {
    const found = (await this.#own(id)) ?? (await this.#remote?.commit(id));
    if (found !== undefined) return found;
    throw new GitFailure(
      'missing',
      `The commit ${id.slice(0, 12)} is neither in the clone nor at GitHub.`,
      'check out the history too ("fetch-depth: 0"), and let the token read it ("permissions: contents: read")',
    );
  }

  async #own(id: string): Promise<CommitFacts | undefined> {
    const info = await this.#reader?.info(id);
    if (info?.kind !== 'commit') return undefined;
    return linksOf(await this.#reader!.read(id, 'commit', maxCommitBytes));
  }

  async #ownMergeBase(one: string, other: string): Promise<string | undefined> {
    if (this.#clone === undefined) return undefined;
    for (const id of [one, other]) if ((await this.#reader?.info(id)) === undefined) return undefined;
    return this.#clone.mergeBase(one, other);
  }
}

/** Undefined too where Git is not installed, or the clone cannot be read: GitHub has what it has. */
async function usable(clone: Clone | undefined): Promise<Clone | undefined> {
  try {
    return (await clone?.commitOf('HEAD')) === undefined ? undefined : clone;
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  }
}
