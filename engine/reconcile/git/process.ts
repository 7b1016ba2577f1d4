/**
 * A Git process in a process group of its own, with a deadline and a bound on what it may say. For what simple-git cannot
 * do: it starts no group, so that git-remote-https and ssh would outlive a Git that hangs, it ends Git alone and only by
 * SIGINT, and it gathers all output, as text.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Environment } from './environment.ts';
import { GitFailure } from './failure.ts';

/** gpg reads the keys that signatures are held against. */
type Program = 'git' | 'gpg';

export interface RunOptions {
  /** Default `git`. */
  readonly program?: Program;
  /** Default: none. */
  readonly input?: string | Uint8Array;
  readonly environment: Environment;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Asked ten times a second while it runs; a failure ends it. */
  readonly watch?: (() => Promise<GitFailure | undefined>) | undefined;
}

export interface Ended {
  /** Undefined: ended by a signal. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Bytes of each of the two outputs; more ends the process. */
const maxOutput = 1_000_000;
/** Milliseconds between asking a group to end and ending it. */
const graceMs = 1_000;

export function startGit(args: readonly string[], environment: Environment): ChildProcess {
  return start('git', args, environment);
}

function start(program: Program, args: readonly string[], environment: Environment): ChildProcess {
  return spawn(program, [...args], {
    // No work tree is ever looked for: GIT_DIR says where the repository is.
    cwd: '/',
    env: environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    windowsHide: true,
  });
}

/** Ends a process and all that it has started. */
export function endGroup(child: ChildProcess): void {
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
  timer.unref();
  child.once('close', () => clearTimeout(timer));
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended already.
  }
}

/**
 * Runs a command to its end.
 *
 * @throws {GitFailure} timeout, aborted, refused (too much output), git (it is not there), and what `watch` gave; never for the exit code
 */
export async function runGit(args: readonly string[], options: RunOptions): Promise<Ended> {
  if (options.signal?.aborted) throw aborted();
  const child = start(options.program ?? 'git', args, options.environment);
  let failure: GitFailure | undefined;
  const lost = Promise.withResolvers<undefined>();
  const fail = (found: GitFailure): void => {
    failure ??= found;
    endGroup(child);
    // A process that the kernel does not let go (of a disk that hangs) is not waited for.
    setTimeout(lost.resolve, 4 * graceMs, undefined).unref();
  };
  const onAbort = () => fail(aborted());
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const deadline = setTimeout(() => fail(tooSlow(options.timeoutMs)), options.timeoutMs);
  const watching = options.watch && watchOver(options.watch, fail);
  try {
    child.stdin!.on('error', () => {}).end(options.input);
    const tooMuch = () => fail(new GitFailure('refused', 'The remote says more than is read.'));
    const [stdout, stderr] = [gather(child.stdout!, tooMuch), gather(child.stderr!, tooMuch)];
    const code = await Promise.race([ended(child), lost.promise]);
    if (failure !== undefined) throw failure;
    return { code, stdout: stdout(), stderr: stderr() };
  } finally {
    clearTimeout(deadline);
    watching?.();
    options.signal?.removeEventListener('abort', onAbort);
  }
}

export function aborted(): GitFailure {
  return new GitFailure('aborted', 'The work with Git was given up.');
}

export function tooSlow(timeoutMs: number): GitFailure {
  return new GitFailure(
    'timeout',
    `Git was not done after ${timeoutMs / 1_000} s.`,
    'raise "timeout" if that is not long',
  );
}

export function noGit(cause: unknown): GitFailure {
  return new GitFailure('git', 'Git cannot be run.', 'install git, version 2.36 or later', { cause });
}

/** Ends when nobody holds an end of the outputs any more, and soon after the process itself at the latest. */
function ended(child: ChildProcess): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(noGit(cause)));
    child.once('exit', (code) => {
      const timer = setTimeout(() => {
        signalGroup(child, 'SIGKILL');
        resolve(code ?? undefined);
      }, 2 * graceMs);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(code ?? undefined);
      });
    });
  });
}

function gather(stream: NodeJS.ReadableStream, tooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxOutput) tooMuch();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function watchOver(
  watch: () => Promise<GitFailure | undefined>,
  fail: (found: GitFailure) => void,
): () => void {
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    busy = true;
    const found = await watch().catch(() => undefined);
    busy = false;
    if (found !== undefined) fail(found);
  }, 100);
  timer.unref();
  return () => clearInterval(timer);
}
