/** The lock file beside an embedded database's folder: two processes on one folder would silently lose rows. */
import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../problem/problem.ts';

interface Holder {
  readonly pid: number;
  /** When that process started, as the system says it; null where it does not. Tells it from a later one of its number. */
  readonly started: string | null;
}

export interface FolderLock {
  /** Synchronous, so that it also works while the process exits. */
  release(): void;
}

/** @throws {Problem} NS503 naming the other process when the folder is in use. A dead process's lock is taken over. */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const file = `${folder}.lock`;
  await mkdir(dirname(file), { recursive: true });
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) } satisfies Holder);
  for (;;) {
    if (await claim(file, mine)) return { release: () => release(file, mine) };
    const text = await read(file);
    if (text === undefined) continue;
    const holder = parse(text);
    if (holder !== undefined && runs(holder)) throw inUse(folder, holder);
    await discard(file, text);
  }
}

/** A hard link appears whole or not at all; `wx` would let another process read a file not yet written. */
async function claim(file: string, text: string): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text);
  try {
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}

function parse(text: string): Holder | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('pid' in value)) return undefined;
    if (typeof value.pid !== 'number' || !Number.isInteger(value.pid) || value.pid < 1) return undefined;
    const started = 'started' in value && typeof value.started === 'string' ? value.started : null;
    return { pid: value.pid, started };
  } catch {
    return undefined;
  }
}

/** Moves a dead process's lock aside, and back when somebody took it over in the meantime. */
async function discard(file: string, stale: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await read(aside)) !== stale) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

function release(file: string, mine: string): void {
  try {
    if (readFileSync(file, 'utf8') === mine) rmSync(file, { force: true });
  } catch {
    // Gone already: the folder was removed with its lock.
  }
}

function runs(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if (codeOf(error) === 'ESRCH') return false;
  }
  return holder.started === null || startOf(holder.pid) === holder.started;
}

/** Linux: boot and clock ticks since; macOS and BSD: what `ps` prints; elsewhere unknown. */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
      // The command's name may hold spaces and parentheses; the 22nd field counts from behind it.
      return `${boot} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
    }
    if (process.platform === 'win32') return null;
    const options = { encoding: 'utf8', env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/bin:/usr/bin' } } as const;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim() || null;
  } catch {
    return null;
  }
}

function inUse(folder: string, holder: Holder): Problem {
  const own = holder.pid === process.pid;
  return new Problem('NS503', {
    message: own
      ? `The embedded database in ${folder} is already open in this process.`
      : `The embedded database in ${folder} is in use by process ${holder.pid}.`,
    hint: own ? 'close it before opening it again' : `stop process ${holder.pid}, or use another folder`,
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
