/** One run of the tests that are to notice a mutant, and what came of it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileOf, type Killer } from './mutant.ts';
import type { Tree } from './tree.ts';

export type Trial =
  | { readonly kind: 'passed'; readonly tests: number; readonly ms: number }
  /** A test failed by what it asserts. `why` is its name. */
  | { readonly kind: 'failed'; readonly why: string; readonly ms: number }
  /** Nothing was tested: a module could not be loaded. */
  | { readonly kind: 'broken'; readonly why: string; readonly ms: number }
  | { readonly kind: 'timeout'; readonly why: string; readonly ms: number };

export function runKiller(
  killer: Killer,
  { path }: Tree,
  env: Readonly<Record<string, string>>,
  limitMs: number,
): Promise<Trial> {
  const pattern = typeof killer === 'string' ? [] : [`--test-name-pattern=${killer.tests}`];
  const words = ['--test-reporter=tap', ...pattern, fileOf(killer)];
  const start = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, {
      cwd: path,
      // A test run of which this is a part would take its tests for its own.
      env: {
        ...process.env,
        ...env,
        NODE_TEST_CONTEXT: undefined,
        NODE_COMPILE_CACHE: join(path, '.compiled'),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let errors = '';
    child.stdout.on('data', (data: Buffer) => {
      out += data;
    });
    child.stderr.on('data', (data: Buffer) => {
      errors = (errors + data).slice(-10_000);
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitMs);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      const ms = performance.now() - start;
      if (late) resolve({ kind: 'timeout', why: `no end after ${Math.round(limitMs / 1000)} s`, ms });
      else resolve({ ...verdictOf(code, out, errors), ms });
    });
  });
}

type Verdict =
  | Omit<Extract<Trial, { kind: 'passed' }>, 'ms'>
  | Omit<Extract<Trial, { kind: 'failed' | 'broken' }>, 'ms'>;

/** Load errors end the process before a test is told of, or without one that failed by its own code. */
export function verdictOf(code: number | null, out: string, errors: string): Verdict {
  const tests = Number(/^# pass (\d+)$/m.exec(out)?.[1] ?? 0);
  if (code === 0) return { kind: 'passed', tests };
  const failure = failuresIn(out).find(({ text }) => isOwn(text));
  if (failure !== undefined) return { kind: 'failed', why: failure.name };
  return { kind: 'broken', why: (errors || out).trim().slice(-600) };
}

interface Failure {
  readonly name: string;
  readonly text: string;
}

/** Of TAP: each `not ok` with the lines that belong to it. */
function failuresIn(out: string): readonly Failure[] {
  return [...out.matchAll(/^( *)not ok \d+ - (.*)\n\1 {2}---\n([\s\S]*?)\n\1 {2}\.\.\.$/gm)].map(
    ([, , name, text]) => ({ name: name!, text: text! }),
  );
}

/** Neither a parent of one that failed, nor one that was cut off, nor a module that could not be read. */
function isOwn(text: string): boolean {
  return (
    /failureType: 'testCodeFailure'/.test(text) &&
    !/(?:SyntaxError|ERR_MODULE_NOT_FOUND|ReferenceError|is not a constructor)/.test(text)
  );
}
