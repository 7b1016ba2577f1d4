/** Programs that the tests start: run to their end, or kept until stopped by their id. */
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program printed, both streams. Throws with the end of it when the program fails. */
export async function output(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<string> {
  try {
    const { stdout, stderr } = await run(program, [...args], {
      ...options,
      maxBuffer: 64 * 1024 * 1024,
      encoding: 'utf8',
    });
    return stdout + stderr;
  } catch (error) {
    const printed =
      error instanceof Error && 'stderr' in error ? String(error.stderr).trim().slice(-600) : '';
    throw new Error(`${program} failed: ${printed === '' ? String(error) : printed}`, { cause: error });
  }
}

/** The first of the programs that is installed. `/usr/sbin` counts although it is not on every PATH. */
export function which(...names: readonly string[]): string | undefined {
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/mysql/bin',
  ];
  return names
    .flatMap((name) => folders.map((folder) => join(folder, name)))
    .find((file) => existsSync(file));
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

export interface Kept {
  /** The last lines it printed. */
  readonly tail: () => string;
  readonly exited: () => boolean;
  readonly stop: () => Promise<void>;
}

const stopMs = 15_000;

/** Starts a program that goes on until stopped: `signal` first, then SIGKILL, both by its process id. */
export function keep(
  program: string,
  args: readonly string[],
  options: SpawnOptions,
  signal: NodeJS.Signals,
): Kept {
  const child: ChildProcess = spawn(program, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  let exited = false;
  const take = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-4_000);
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      exited = true;
      resolve();
    };
    child.once('exit', end);
    child.once('error', (error) => {
      printed += String(error);
      end();
    });
  });
  return {
    tail: () => printed.trim().split('\n').slice(-8).join('\n'),
    exited: () => exited,
    stop: async () => {
      if (exited) return;
      child.kill(signal);
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMs);
      await ended;
      clearTimeout(timer);
    },
  };
}
