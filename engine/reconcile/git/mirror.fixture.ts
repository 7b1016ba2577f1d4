/** For tests of this folder: mirrors in folders of their own, and what went wrong with them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Scope } from '../../../test/database.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { GitFailure } from './failure.ts';
import { Mirror, type MirrorOptions } from './mirror.ts';

export const projectText = 'novastack: 1\nproject: shop\n';
export const limits = { files: 20_000, bytes: 64_000_000 };

export interface Made {
  readonly mirror: Mirror;
  /** The mirror's. */
  readonly directory: string;
  /** The one around it: nothing else is in it. */
  readonly folder: string;
  /** Another one over the same folder, as after a restart. */
  readonly again: (changes?: Partial<MirrorOptions>) => Mirror;
}

export async function createMirror(
  scope: Scope,
  url: string,
  options: Partial<MirrorOptions> = {},
): Promise<Made> {
  const folder = await temporaryFolder(scope);
  const directory = join(folder, 'main.git');
  const again = (changes: Partial<MirrorOptions> = {}) =>
    new Mirror({ url, ref: 'main', timeoutMs: 20_000, directory, ...options, ...changes });
  return { mirror: again(), directory, folder, again };
}

/** What a work was refused with. */
export async function failureFrom(work: Promise<unknown>): Promise<GitFailure> {
  const failure = await work.then(
    (value) => assert.fail(`It succeeded: ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(failure instanceof GitFailure)) throw failure;
  return failure;
}

/** Git and ssh as they are, with a line in a file for each call: program, arguments. */
export async function recordCommands(scope: Scope): Promise<() => Promise<string>> {
  const folder = await temporaryFolder(scope);
  const log = join(folder, 'log');
  await writeFile(log, '');
  const path = process.env.PATH;
  for (const program of ['git', 'ssh', 'gpg', 'ssh-keygen']) {
    const { stdout } = await promisify(execFile)('sh', ['-c', `command -v ${program}`]);
    const file = join(folder, program);
    await writeFile(file, `#!/bin/sh\necho "${program} $*" >> ${log}\nexec ${stdout.trim()} "$@"\n`);
    await chmod(file, 0o755);
  }
  process.env.PATH = `${folder}:${path}`;
  scope.after(() => {
    process.env.PATH = path;
  });
  return () => readFile(log, 'utf8');
}

/** Command lines of all processes of this machine. */
export async function processes(): Promise<string> {
  return (await promisify(execFile)('ps', ['-eo', 'args'], { maxBuffer: 1e8 })).stdout;
}
