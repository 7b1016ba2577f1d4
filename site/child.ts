/** Runs a program to its end with a bound on time, its whole process group with it; its output is kept for errors. */
import { spawn } from 'node:child_process';

export interface ChildOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Milliseconds until it is killed. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** What went wrong with a site, in the user's words. */
export class SiteError extends Error {
  override readonly name = 'SiteError';
  /** What to do next. */
  readonly hint: string | undefined;
  constructor(message: string, hint?: string, cause?: unknown) {
    super(message, { cause });
    this.hint = hint;
  }
}

const keptCharacters = 16_000;

/**
 * @param what for errors: "the build of the site"
 * @throws {SiteError} it failed (with the end of its output), or took longer than allowed
 * @throws the signal's reason, when aborted
 */
export async function runToEnd(
  what: string,
  program: string,
  args: readonly string[],
  options: ChildOptions,
): Promise<void> {
  options.signal?.throwIfAborted();
  const grouped = process.platform !== 'win32';
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: grouped,
    windowsHide: true,
  });
  let output = '';
  const keep = (chunk: string): void => {
    output = (output + chunk).slice(-keptCharacters);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);

  const kill = (): void => {
    try {
      if (grouped && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      else child.kill('SIGKILL');
    } catch {
      // It has ended by itself.
    }
  };
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    kill();
  }, options.timeoutMs);
  options.signal?.addEventListener('abort', kill);
  process.once('exit', kill);
  try {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    child.once('error', reject);
    child.once('close', resolve);
    const code = await promise.catch((error: unknown) => {
      throw new SiteError(`${program} could not be started for ${what}.`, undefined, error);
    });
    options.signal?.throwIfAborted();
    if (late) throw new SiteError(`It took longer than ${options.timeoutMs / 1000} s to run ${what}.`);
    if (code !== 0)
      throw new SiteError(
        `It was not possible to run ${what} (exit ${code ?? 'by a signal'}).\n${output.trim()}`,
      );
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', kill);
    process.off('exit', kill);
  }
}
