/** One build of a site at a time on this host and user: builds take some 700 MB, and share one folder of dependencies. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** Longer than an installation and a build may take together: a lock this old belongs to a process id used again. */
const staleMs = 25 * 60_000;
const pollMs = 200;

export interface TurnOptions {
  /** Called once when another build must end first. */
  readonly onWait?: () => void;
  readonly signal?: AbortSignal;
  /** The lock's file. Default: one per user, in the system's folder for temporary files. */
  readonly file?: string;
}

/**
 * Waits until no other build runs, runs `work`, and lets the next one begin, whatever the outcome. A holder that died
 * is passed over.
 *
 * @throws the signal's reason, when aborted while waiting
 */
export async function inTurn<T>(work: () => Promise<T>, options: TurnOptions = {}): Promise<T> {
  const file =
    options.file ?? join(tmpdir(), `novastack-site-${userInfo().username.replace(/\W/g, '_')}.lock`);
  const token = `${process.pid} ${randomUUID()}`;
  let told = false;
  while (!(await take(file, token))) {
    if (!told) options.onWait?.();
    told = true;
    await wait(pollMs, undefined, { signal: options.signal }).catch(() => options.signal?.throwIfAborted());
  }
  try {
    return await work();
  } finally {
    if ((await holder(file)) === token) await rm(file, { force: true });
  }
}

async function take(file: string, token: string): Promise<boolean> {
  try {
    await writeFile(file, token, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  await removeStale(file);
  return false;
}

/** Moves a dead holder's lock aside; moves it back should it have become a living one's in between. */
async function removeStale(file: string): Promise<void> {
  const found = await holder(file);
  if (found === undefined || !(await isStale(file, found))) return;
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await holder(aside)) === found) await rm(aside, { force: true });
  else await rename(aside, file);
}

async function isStale(file: string, found: string): Promise<boolean> {
  const age = await stat(file).then(
    (stats) => Date.now() - stats.mtimeMs,
    () => 0,
  );
  const pid = Number(found.split(' ')[0]);
  // An empty file is one whose writer has not come to write it yet, or died in between.
  if (!Number.isInteger(pid) || pid <= 0) return age > 5_000;
  return age > staleMs || !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function holder(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
