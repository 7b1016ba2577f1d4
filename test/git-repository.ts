/** For tests: a bare repository, written to by plumbing alone, so that it may hold what no work tree would. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Scope } from './database.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** Content of a file, or what else may stand in a tree; null: not there any more. */
export type Written = string | Uint8Array | { readonly link: string } | { readonly submodule: string } | null;

export interface Signing {
  readonly format: 'ssh' | 'openpgp';
  /** A file with the private key, or a fingerprint. */
  readonly key: string;
  /** GNUPGHOME. */
  readonly home?: string;
}

export interface CommitOptions {
  /** Default `main`. */
  readonly branch?: string;
  /** Default `a commit`. */
  readonly message?: string;
  /** Default: what the branch points to. `none`: a history of its own. */
  readonly parent?: string;
  readonly author?: string;
  /** Default: now. */
  readonly date?: Date;
  readonly sign?: Signing;
}

export interface RawEntry {
  /** `100644`, `40000`, `120000`, `160000`. */
  readonly mode: string;
  readonly name: string | Uint8Array;
  readonly id: string;
}

export class Repository {
  /** The bare repository's folder. */
  readonly directory: string;
  readonly #env: Readonly<Record<string, string>>;

  constructor(directory: string) {
    this.directory = directory;
    this.#env = {
      PATH: process.env.PATH ?? '',
      HOME: directory,
      LC_ALL: 'C',
      GIT_DIR: directory,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
    };
  }

  /** Runs Git in the repository and gives what it writes, without the last line break. */
  async git(
    args: readonly string[],
    options: { input?: string | Uint8Array; env?: object } = {},
  ): Promise<string> {
    const env = { ...this.#env, ...options.env };
    return new Promise((resolve, reject) => {
      const child = execFile('git', [...args], { env, maxBuffer: 1e8 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`git ${args[0]}: ${stderr}`, { cause: error }));
        else resolve(stdout.replace(/\n$/, ''));
      });
      child.stdin!.on('error', () => {});
      child.stdin!.end(options.input);
    });
  }

  /** Adds to what the branch has, in one commit. @returns its id */
  async commit(files: Readonly<Record<string, Written>>, options: CommitOptions = {}): Promise<string> {
    const parent = await this.#parent(options);
    const tree = await this.#treeOf(files, parent);
    return this.commitTree(tree, { ...options, parent: parent ?? 'none' });
  }

  /** Another history in the branch's place. */
  forcePush(files: Readonly<Record<string, Written>>, options: CommitOptions = {}): Promise<string> {
    return this.commit(files, { ...options, parent: 'none' });
  }

  /** Commits a tree that is there already, and points the branch to it. */
  async commitTree(tree: string, options: CommitOptions = {}): Promise<string> {
    const { branch = 'main', message = 'a commit', author = 'Ada', date = new Date(), sign } = options;
    const parent = await this.#parent(options);
    const at = `${Math.floor(date.getTime() / 1_000)} +0000`;
    const env = {
      GIT_AUTHOR_NAME: author,
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_AUTHOR_DATE: at,
      GIT_COMMITTER_NAME: author,
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_COMMITTER_DATE: at,
      ...(sign?.home === undefined ? {} : { GNUPGHOME: sign.home }),
    };
    const signing =
      sign === undefined ? [] : ['-c', `gpg.format=${sign.format}`, '-c', `user.signingkey=${sign.key}`];
    const id = await this.git(
      [
        ...signing,
        'commit-tree',
        ...(sign === undefined ? [] : ['-S']),
        ...(parent === undefined ? [] : ['-p', parent]),
        tree,
      ],
      { input: message, env },
    );
    await this.git(['update-ref', `refs/heads/${branch}`, id]);
    return id;
  }

  blob(content: string | Uint8Array): Promise<string> {
    return this.git(['hash-object', '-w', '--stdin'], { input: content });
  }

  /** A tree of exactly these entries, in this order, whatever Git thinks of them. */
  tree(entries: readonly RawEntry[]): Promise<string> {
    const content = entries.flatMap(({ mode, name, id }) => [
      Buffer.from(`${mode} `),
      Buffer.from(name as string),
      Buffer.from([0]),
      Buffer.from(id, 'hex'),
    ]);
    const args = ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'];
    return this.git(args, { input: Buffer.concat(content) });
  }

  head(branch = 'main'): Promise<string> {
    return this.git(['rev-parse', '--verify', `refs/heads/${branch}`]);
  }

  async pointBranch(branch: string, commit: string): Promise<void> {
    await this.git(['update-ref', `refs/heads/${branch}`, commit]);
  }

  async deleteBranch(branch = 'main'): Promise<void> {
    await this.git(['update-ref', '-d', `refs/heads/${branch}`]);
  }

  async #parent({ parent, branch = 'main' }: CommitOptions): Promise<string | undefined> {
    if (parent === 'none') return undefined;
    return parent ?? (await this.head(branch).catch(() => undefined));
  }

  async #treeOf(files: Readonly<Record<string, Written>>, parent: string | undefined): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'novastack-index-'));
    try {
      const env = { GIT_INDEX_FILE: join(folder, 'index') };
      if (parent !== undefined) await this.git(['read-tree', parent], { env });
      const lines: string[] = [];
      for (const [path, written] of Object.entries(files)) lines.push(await this.#line(path, written));
      await this.git(['update-index', '-z', '--index-info'], { env, input: lines.join('') });
      return await this.git(['write-tree'], { env });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async #line(path: string, written: Written): Promise<string> {
    if (written === null) return `0 ${'0'.repeat(40)}\t${path}\0`;
    if (typeof written === 'string' || written instanceof Uint8Array)
      return `100644 ${await this.blob(written)}\t${path}\0`;
    return 'link' in written
      ? `120000 ${await this.blob(written.link)}\t${path}\0`
      : `160000 ${written.submodule}\t${path}\0`;
  }
}

/** An empty bare repository in a folder that is removed when the test has ended. */
export async function createRepository(scope: Scope): Promise<Repository> {
  const folder = await temporaryFolder(scope);
  const repository = new Repository(join(folder, 'apis.git'));
  await repository.git([
    'init',
    '--quiet',
    '--bare',
    '--template=',
    '--initial-branch=main',
    repository.directory,
  ]);
  return repository;
}
