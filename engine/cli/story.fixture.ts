/** Runs the command line as a person does: a child process, its two streams and its exit code. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Scope } from '../../test/database.ts';

const main = path.join(import.meta.dirname, 'main.ts');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Undefined: without it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Runs one command to its end. */
export async function novastack(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options);
  let stdout = '';
  let stderr = '';
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  return { code, stdout, stderr };
}

/** Nothing of the environment that decides what a command does, so that stories go alike everywhere. */
export function start(args: readonly string[], { cwd, env }: RunOptions = {}): ChildProcess {
  const { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE } = process.env;
  return spawn(process.execPath, [main, ...args], {
    cwd: cwd ?? tmpdir(),
    env: { PATH, HOME, TMPDIR, NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A folder of one test's own, removed at its end; `files` by their paths in it. */
export async function folder(t: Scope, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const dir = await mkdtemp(path.join(tmpdir(), 'novastack-cli-'));
  t.after(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, file)), { recursive: true });
    await writeFile(path.join(dir, file), text);
  }
  return dir;
}

/**
 * The files with the lock that "lock" writes beside them. Commands go by it: for those that are not about where the catalog
 * comes from, which make a database of the migrations otherwise, two seconds each.
 */
export async function withLock<Files extends Readonly<Record<string, string>>>(
  t: Scope,
  files: Files,
): Promise<Files> {
  const dir = await folder(t, files);
  const { code, stderr } = await novastack(['lock', dir]);
  assert.equal(code, 0, stderr);
  const names = (await readdir(dir, { recursive: true })).filter((name) =>
    /^novastack\.lock.+\.ya?ml$/.test(name),
  );
  assert.ok(names.length > 0);
  const texts = await Promise.all(names.map((name) => readFile(path.join(dir, name), 'utf8')));
  return { ...files, ...Object.fromEntries(names.map((name, at) => [name, texts[at]])) };
}
