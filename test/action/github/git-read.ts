/** Git data of a repository on disk, read by plumbing: what the API's answers are made of. */
import { execFile } from 'node:child_process';
import type { Repository } from '../../git-repository.ts';

export interface Commit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: { readonly name: string; readonly email: string; readonly date: string };
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: 'blob' | 'tree' | 'commit';
  readonly sha: string;
  readonly path: string;
  readonly size: number | undefined;
}

export interface ChangedFile {
  readonly path: string;
  readonly before: string | undefined;
  readonly status: 'added' | 'removed' | 'modified' | 'renamed';
  readonly sha: string | null;
  readonly additions: number;
  readonly deletions: number;
}

/** The object that a name means, as `kind`; undefined: there is none. */
export async function resolve(
  git: Repository,
  name: string,
  kind: 'commit' | 'tree' | 'blob',
): Promise<string | undefined> {
  // GitHub takes `heads/main` and `main` alike; what begins with a dash would be an option.
  if (name.startsWith('-') || /[\s^~:?*[\\]/.test(name)) return undefined;
  return git
    .git(['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{${kind}}`])
    .catch(() => undefined);
}

export async function commitOf(git: Repository, sha: string): Promise<Commit> {
  const text = await git.git(['show', '-s', '--format=%T%n%P%n%an%n%ae%n%aI%n%B', sha]);
  const [tree = '', parents = '', name = '', email = '', date = '', ...message] = text.split('\n');
  return {
    sha,
    tree,
    parents: parents === '' ? [] : parents.split(' '),
    message: message.join('\n').trimEnd(),
    author: { name, email, date: date.replace('+00:00', 'Z') },
  };
}

export async function entriesOf(
  git: Repository,
  tree: string,
  isRecursive: boolean,
): Promise<readonly TreeEntry[]> {
  const text = await git.git(['ls-tree', '-z', '--long', ...(isRecursive ? ['-r', '-t'] : []), tree]);
  return text
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [, mode = '', type, sha = '', size, path = ''] = /^(\d+) (\w+) (\w+) +(\d+|-)\t(.*)$/s.exec(
        line,
      )!;
      return {
        mode,
        type: type as TreeEntry['type'],
        sha,
        path,
        size: size === '-' ? undefined : Number(size),
      };
    });
}

/** Bytes as they are: text would lose what is not UTF-8. */
export function blobOf(git: Repository, sha: string): Promise<Buffer> {
  return new Promise((fulfil, reject) => {
    const options = {
      env: { PATH: process.env.PATH, GIT_DIR: git.directory },
      maxBuffer: 2e8,
      encoding: 'buffer',
    } as const;
    execFile('git', ['cat-file', 'blob', sha], options, (error, out) =>
      error ? reject(error) : fulfil(out),
    );
  });
}

export function mergeBase(git: Repository, a: string, b: string): Promise<string | undefined> {
  return git.git(['merge-base', a, b]).catch(() => undefined);
}

/** In the order of their paths, as GitHub lists them. */
export async function changedFiles(
  git: Repository,
  from: string,
  to: string,
): Promise<readonly ChangedFile[]> {
  const raw = fields(await git.git(['diff-tree', '-r', '-z', '-M', '--raw', '--no-abbrev', from, to]));
  const counted = await countsOf(git, from, to);
  const changed: ChangedFile[] = [];
  while (raw.length > 0) {
    const [, , , sha = '', letter = ''] = raw.shift()!.split(' ');
    const before = letter.startsWith('R') ? raw.shift() : undefined;
    const path = raw.shift()!;
    const [additions, deletions] = counted.get(path) ?? [0, 0];
    changed.push({
      path,
      before,
      status: statusOf(letter),
      sha: letter === 'D' ? null : sha,
      additions,
      deletions,
    });
  }
  return changed;
}

/** Lines added and removed, by path. */
async function countsOf(
  git: Repository,
  from: string,
  to: string,
): Promise<ReadonlyMap<string, readonly [number, number]>> {
  const lines = fields(await git.git(['diff-tree', '-r', '-z', '-M', '--numstat', from, to]));
  const counts = new Map<string, readonly [number, number]>();
  while (lines.length > 0) {
    const [added = '', removed = '', path = ''] = lines.shift()!.split('\t');
    // Of a renamed file both names follow.
    const name = path === '' ? lines.splice(0, 2)[1]! : path;
    counts.set(name, [Number(added) || 0, Number(removed) || 0]);
  }
  return counts;
}

function fields(text: string): string[] {
  return text.split('\0').filter((field) => field !== '');
}

function statusOf(letter: string): ChangedFile['status'] {
  switch (letter[0]) {
    case 'A':
      return 'added';
    case 'D':
      return 'removed';
    case 'R':
      return 'renamed';
    default:
      return 'modified';
  }
}
