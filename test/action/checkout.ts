/** A workspace as `actions/checkout` leaves it: one commit of a ref, detached or on its branch, or with the whole history. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Checkout {
  /** The bare repository's folder. */
  readonly from: string;
  readonly to: string;
  readonly sha: string;
  /** `refs/pull/1/merge`, `refs/heads/main`. */
  readonly ref: string;
  /** `fetch-depth`; 0: everything. Default 1. */
  readonly depth?: number;
  /** Whose remote it is told to be: nothing can be fetched from there. */
  readonly url: string;
}

export async function checkout({ from, to, sha, ref, depth = 1, url }: Checkout): Promise<void> {
  const git = gitIn(to);
  await mkdir(to, { recursive: true });
  await git('init', '--quiet', '--initial-branch=main');
  const [target, branch] = targetOf(ref);
  const all = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  // A branch comes with all of them.
  const one = depth === 0 && branch !== undefined ? [] : [`+${sha}:${target}`];
  const specs = depth === 0 ? [...all, ...one] : one;
  const deep = depth === 0 ? [] : [`--depth=${depth}`];
  await git('fetch', '--quiet', '--no-tags', ...deep, `file://${from}`, ...specs);
  await git('checkout', '--quiet', '--force', ...(branch === undefined ? ['--detach'] : ['-B', branch]), sha);
  await git('remote', 'add', 'origin', url);
}

/** The remote-tracking ref, and the branch that is then there. */
function targetOf(ref: string): readonly [target: string, branch: string | undefined] {
  const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
  return branch === undefined
    ? [ref.replace(/^refs\//, 'refs/remotes/'), undefined]
    : [`refs/remotes/origin/${branch}`, branch];
}

function gitIn(folder: string) {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  };
  return (...args: readonly string[]) =>
    run('git', [...args], { cwd: folder, env: { ...env, GIT_DIR: join(folder, '.git') } });
}
