/**
 * A bare copy of one ref of a remote, and what is read of it. The copy begins shallow and grows; where it cannot be read any more
 * it is made anew, beside, and put in its place as a whole.
 */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { wrongRef } from '../../../schema/server/git-ref.ts';
import { openAccess, type ResolvedCredentials } from './access.ts';
import { type Commit, maxCommitBytes, parseCommit } from './commit.ts';
import { gitEnvironment } from './environment.ts';
import { type Exported, type ExportLimits, exportTree } from './export-tree.ts';
import { diskFailure, failureOf, GitFailure } from './failure.ts';
import { type FoundProject, findProjects } from './find-projects.ts';
import { isObjectId, ObjectReader } from './objects.ts';
import { Plumbing } from './plumbing.ts';
import { aborted, type RunOptions, runGit } from './process.ts';
import { type RemoteAddress, remoteOf } from './remote-address.ts';
import { type ResolvedVerify, type Verified, verifySignature } from './signature.ts';
import { Turns } from './turns.ts';

export type { FoundProject } from './find-projects.ts';

export interface MirrorOptions {
  /** Absolute: `<state>/mirrors/<source>.git`. Its siblings `<directory>.*` are the mirror's too. */
  readonly directory: string;
  /** As `parseGitUrl` allows. */
  readonly url: string;
  /** `main`, `refs/tags/v1`. */
  readonly ref: string;
  /** Milliseconds for one Git command. */
  readonly timeoutMs: number;
  readonly credentials?: ResolvedCredentials | undefined;
  readonly verify?: ResolvedVerify | undefined;
  /** Bytes that the mirror may have on the disk. Default 4 GB. */
  readonly maxBytes?: number;
}

/** Packs before they are made one. */
const maxPacks = 20;

const fetchFlags = [
  '--quiet',
  '--no-tags',
  '--no-write-fetch-head',
  '--no-recurse-submodules',
  '--no-auto-maintenance',
  '--no-show-forced-updates',
  '--refmap=',
  // A remote that is shallow itself is read too.
  '--update-shallow',
];

export class Mirror {
  readonly #options: MirrorOptions;
  readonly #remote: RemoteAddress;
  /** There, whole: `refs/heads/main`. */
  readonly #ref: string;
  /** Here, the last commit of it that could be read. Named by url and ref: others in server.yaml are another copy. */
  readonly #copy: string;
  /** Here, whatever was fetched. */
  readonly #incoming: string;
  readonly #maxBytes: number;
  /** Of what is on the disk. */
  readonly #turns = new Turns();
  /** Of what talks to the remote: one command at a time, while others read. */
  readonly #fetches = new Turns();
  /** It could not be read, so that the next fetch makes it anew. */
  #isBroken = false;
  #opened: Promise<void> | undefined;
  #newest: Commit | undefined;

  /** @throws {GitFailure} refused: an address or a ref that is not allowed */
  constructor(options: MirrorOptions) {
    this.#remote = remoteOf(options.url);
    const wrong = wrongRef(options.ref);
    if (wrong !== undefined)
      throw new GitFailure(
        'refused',
        `The ref ${wrong}.`,
        'write the name of a branch, such as main, or a tag as refs/tags/v1',
      );
    this.#options = options;
    this.#ref = options.ref.startsWith('refs/') ? options.ref : `refs/heads/${options.ref}`;
    this.#maxBytes = options.maxBytes ?? 4_000_000_000;
    const name = createHash('sha256').update(`${options.url}\n${this.#ref}`).digest('hex').slice(0, 32);
    this.#copy = `refs/novastack/${name}/head`;
    this.#incoming = `refs/novastack/${name}/incoming`;
  }

  /**
   * Brings the ref up to date. Several calls come one after the other.
   *
   * @returns the commit that it points to, there and here
   * @throws {GitFailure}
   */
  fetch(signal?: AbortSignal): Promise<Commit> {
    return this.#fetches.alone(async () => {
      if (signal?.aborted) throw aborted();
      await this.#open();
      if (!this.#isBroken && (this.#newest !== undefined || (await this.#copied()) !== undefined)) {
        try {
          return await this.#update(signal);
        } catch (error) {
          await this.#tidy();
          // What Git did not say plainly of the remote is laid to the mirror, once.
          if (!isOfMirror(error)) throw error;
        }
      }
      return this.#renew(signal);
    });
  }

  /** The newest commit that was fetched, without a network; undefined: none, or none that can be read. */
  async head(): Promise<Commit | undefined> {
    await this.#open();
    try {
      const id = await this.#copied();
      if (id === undefined || id === this.#newest?.id) return id === undefined ? undefined : this.#newest;
      this.#newest = await this.#turns.together(() => this.#commit(this.#options.directory, id));
      return this.#newest;
    } catch (error) {
      if (!isOfMirror(error)) throw error;
      this.#isBroken = true;
      return undefined;
    }
  }

  /**
   * Whether a commit is another one, or leads to it. Asks the remote for what is lacking of the history when the mirror does not
   * say so. False where one is none that the ref's history has, or had a while ago.
   */
  async isAncestor(older: string, newer: string): Promise<boolean> {
    if (!isObjectId(older) || !isObjectId(newer)) return false;
    if (await this.#leadsTo(older, newer)) return true;
    return (await this.#complete()) && this.#leadsTo(older, newer);
  }

  /**
   * Projects at or below a folder, nested ones too: folders with a `novastack.yaml` that says `novastack:` and `project:`.
   *
   * @param path within the repository; '' is all of it
   * @returns in bytewise order
   * @throws {GitFailure} missing, corrupt, refused, timeout
   */
  projects(commit: string, path: string): Promise<readonly FoundProject[]> {
    return this.#read(async (reader) => {
      const { tree } = await readCommit(reader, commit);
      return findProjects(reader, (content) => this.#writeTree(content), tree, path);
    });
  }

  /**
   * Writes a tree as plain files, beside and renamed as a whole. Folders of other projects are left out, as are links and
   * submodules, which notices tell.
   *
   * @param to a folder that is not there; its sibling `<to>.partial` is used too
   * @returns with errors among the diagnostics: nothing was written
   * @throws {GitFailure} missing, corrupt, disk, timeout
   */
  export(tree: string, to: string, limits: ExportLimits): Promise<Exported> {
    return this.#read((reader) => exportTree(reader, tree, to, limits));
  }

  /**
   * Holds the signature of a commit against the keys of `verify`.
   *
   * @throws {GitFailure} missing, corrupt, timeout, git
   */
  async verify(commit: string): Promise<Verified> {
    const { directory, timeoutMs, verify: keys = { ssh: [], gpg: [] } } = this.#options;
    const content = await this.#read((reader) => reader.read(commit, 'commit', maxCommitBytes));
    return this.#turns.together(() => verifySignature(commit, content, { directory, keys, timeoutMs }));
  }

  async #update(signal: AbortSignal | undefined): Promise<Commit> {
    const { directory } = this.#options;
    await this.#tidy();
    await this.#pull(directory, [], signal);
    this.#newest = await this.#turns.together(() => this.#accept(directory));
    await this.#repack();
    return this.#newest;
  }

  async #writeTree(content: Buffer): Promise<string> {
    const { directory, timeoutMs } = this.#options;
    const { code, stdout, stderr } = await runGit(['hash-object', '-t', 'tree', '-w', '--stdin'], {
      environment: gitEnvironment({ directory }),
      timeoutMs,
      input: content,
    });
    if (code !== 0) throw failureOf(stderr);
    return stdout.trim();
  }

  /** A new mirror beside the old one, which is kept when that does not succeed. */
  async #renew(signal: AbortSignal | undefined): Promise<Commit> {
    const { directory } = this.#options;
    const fresh = `${directory}.new`;
    try {
      await this.#onDisk(async () => {
        await rm(fresh, { recursive: true, force: true });
        await mkdir(fresh, { recursive: true, mode: 0o700 });
      });
      await this.#plumbing(fresh).create();
      await this.#pull(fresh, ['--depth=1'], signal);
      const commit = await this.#accept(fresh);
      await this.#turns.alone(() => this.#onDisk(() => this.#put(fresh)));
      this.#isBroken = false;
      this.#newest = commit;
      return commit;
    } catch (error) {
      await rm(fresh, { recursive: true, force: true }).catch(() => {});
      throw error;
    }
  }

  async #put(fresh: string): Promise<void> {
    const { directory } = this.#options;
    await rm(`${directory}.old`, { recursive: true, force: true });
    if (await exists(directory)) await rename(directory, `${directory}.old`);
    await rename(fresh, directory);
    await rm(`${directory}.old`, { recursive: true, force: true });
  }

  /** Once: what an engine that was ended in the middle of `#put` has left. */
  #open(): Promise<void> {
    const { directory } = this.#options;
    this.#opened ??= (async () => {
      if (!(await exists(directory)) && (await exists(`${directory}.old`)))
        await this.#onDisk(() => rename(`${directory}.old`, directory));
    })();
    return this.#opened;
  }

  /** One fetch of one ref into one ref of ours: nothing that the remote offers besides is taken. */
  async #pull(directory: string, depth: readonly string[], signal: AbortSignal | undefined): Promise<void> {
    const { credentials, timeoutMs, url } = this.#options;
    const access = await openAccess(this.#remote, credentials, `${this.#options.directory}.ssh`, timeoutMs);
    const options: RunOptions = {
      environment: gitEnvironment({ directory, transport: this.#remote.transport, ...access }),
      timeoutMs,
      signal,
      watch: () => this.#tooLarge(directory),
    };
    try {
      const { code, stderr } = await runGit(
        ['fetch', ...fetchFlags, ...depth, '--', url, `+${this.#ref}:${this.#incoming}`],
        options,
      );
      if (code === 0) {
        // A quick one may be over before it was watched.
        const tooLarge = await this.#tooLarge(directory);
        if (tooLarge !== undefined) throw tooLarge;
        return;
      }
      const failure = failureOf(stderr);
      throw failure.kind === 'ref-missing' && !(await this.#speaksGit(options)) ? noGitThere() : failure;
    } finally {
      await access.close();
    }
  }

  /**
   * A page of HTML is, to Git, a list of no refs: so answers every captive portal and every proxy that is in trouble. Only a trace
   * tells whether there was a packet of Git's protocol.
   */
  async #speaksGit(options: RunOptions): Promise<boolean> {
    if (this.#remote.transport === 'ssh' || this.#remote.transport === 'file') return true;
    const environment = { ...options.environment, GIT_TRACE_PACKET: '1' };
    const args = ['ls-remote', '--quiet', '--refs', '--', this.#options.url, this.#ref];
    try {
      const { code, stderr } = await runGit(args, { ...options, environment });
      return code === 0 && /packet: +\S+< /.test(stderr);
    } catch (error) {
      // More than is read is what an old server has to say of its refs.
      if (error instanceof GitFailure && error.kind === 'refused') return true;
      throw error;
    }
  }

  async #tooLarge(directory: string): Promise<GitFailure | undefined> {
    let bytes = 0;
    const folder = join(directory, 'objects/pack');
    for (const name of await readdir(folder))
      bytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
    if (bytes <= this.#maxBytes) return undefined;
    return new GitFailure(
      'refused',
      `The repository has more than ${Math.floor(this.#maxBytes / 1_000_000)} MB.`,
      'make it smaller, or move the projects to one of their own',
    );
  }

  /** Nobody else uses the mirror: a lock, or a pack that is not whole, is left by a command that was ended. */
  async #tidy(): Promise<void> {
    const { directory } = this.#options;
    const folders = ['', dirname(this.#copy), 'objects/pack'];
    for (const folder of folders) {
      const names = await readdir(join(directory, folder)).catch(() => []);
      for (const name of names.filter((one) => /\.lock$|^tmp_/.test(one)))
        await rm(join(directory, folder, name), { recursive: true, force: true });
    }
  }

  async #repack(): Promise<void> {
    const names = await readdir(join(this.#options.directory, 'objects/pack'));
    if (names.filter((name) => name.endsWith('.pack')).length <= maxPacks) return;
    // It is as good unpacked: the next fetch tries again.
    await this.#turns.alone(() => this.#plumbing().repack()).catch(() => {});
  }

  /** The id that the copy has, without a look at the commit. */
  #copied(): Promise<string | undefined> {
    return this.#turns.together(async () => {
      if (!(await exists(join(this.#options.directory, 'HEAD')))) return undefined;
      try {
        return await this.#plumbing().commitOf(this.#copy);
      } catch (error) {
        if (!isOfMirror(error)) throw error;
        return undefined;
      }
    });
  }

  /** What came in is what counts from now on, if it is a commit that can be read. */
  async #accept(directory: string): Promise<Commit> {
    const plumbing = this.#plumbing(directory);
    const id = await plumbing.commitOf(this.#incoming);
    if (id === undefined)
      throw new GitFailure('refused', 'The ref does not lead to a commit.', 'write another "ref"');
    if (id === this.#newest?.id && directory === this.#options.directory) return this.#newest;
    const commit = await this.#commit(directory, id);
    await plumbing.point(this.#copy, id);
    return commit;
  }

  #commit(directory: string, id: string): Promise<Commit> {
    return withReader(directory, this.#options.timeoutMs, (reader) => readCommit(reader, id));
  }

  async #knows(commit: string): Promise<boolean> {
    return this.#read(async (reader) => (await reader.info(commit))?.kind === 'commit');
  }

  async #leadsTo(older: string, newer: string): Promise<boolean> {
    if (!(await this.#knows(older)) || !(await this.#knows(newer))) return false;
    return this.#turns.together(() => this.#plumbing().isAncestor(older, newer));
  }

  /**
   * Fetches what is lacking of the history.
   *
   * @returns false: nothing was
   */
  #complete(): Promise<boolean> {
    return this.#fetches.alone(async () => {
      const { directory } = this.#options;
      if (!(await exists(join(directory, 'shallow')))) return false;
      await this.#tidy();
      await this.#pull(directory, ['--unshallow'], undefined);
      return true;
    });
  }

  /** @throws {GitFailure} missing where there is no mirror yet */
  async #read<T>(work: (reader: ObjectReader) => Promise<T>): Promise<T> {
    await this.#open();
    const { directory, timeoutMs } = this.#options;
    try {
      return await this.#turns.together(async () => {
        if (!(await exists(directory))) throw new GitFailure('missing', 'Nothing was fetched yet.');
        return withReader(directory, timeoutMs, work);
      });
    } catch (error) {
      if (error instanceof GitFailure && error.kind === 'corrupt') this.#isBroken = true;
      throw error;
    }
  }

  #plumbing(directory: string = this.#options.directory): Plumbing {
    return new Plumbing(directory, this.#options.timeoutMs);
  }

  async #onDisk<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw diskFailure(cause);
    }
  }
}

function noGitThere(): GitFailure {
  return new GitFailure(
    'unreachable',
    'The remote does not answer as Git does.',
    'look at the "url" of the source',
  );
}

async function withReader<T>(
  directory: string,
  timeoutMs: number,
  work: (reader: ObjectReader) => Promise<T>,
): Promise<T> {
  const reader = new ObjectReader(gitEnvironment({ directory }), timeoutMs);
  try {
    return await work(reader);
  } finally {
    reader.close();
  }
}

async function readCommit(reader: ObjectReader, id: string): Promise<Commit> {
  return parseCommit(id, await reader.read(id, 'commit', maxCommitBytes));
}

function isOfMirror(error: unknown): boolean {
  return error instanceof GitFailure && ['corrupt', 'missing', 'git'].includes(error.kind);
}

function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
