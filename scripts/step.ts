/** One announced, timed step of `npm test`, and the summary of all of them. */
import { spawn } from 'node:child_process';

export interface Step {
  readonly name: string;
  /** What to do about it when it fails, for the summary. */
  readonly hint?: string;
  /** Rejects, with what is wrong, when the step fails. */
  readonly run: () => Promise<void>;
}

export interface Outcome {
  readonly step: Step;
  readonly ms: number;
  readonly error: Error | undefined;
}

/** Runs the steps in order, all of them whatever fails: one run shows everything. */
export async function runSteps(steps: readonly Step[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    console.log(`\n── ${step.name}`);
    const outcome = await runStep(step);
    if (outcome.error !== undefined) console.log(outcome.error.message);
    console.log(`── ${step.name}: ${outcome.error === undefined ? 'ok' : 'FAILED'} (${seconds(outcome.ms)})`);
    outcomes.push(outcome);
  }
  return outcomes;
}

async function runStep(step: Step): Promise<Outcome> {
  const start = performance.now();
  const error = await step.run().then(
    () => undefined,
    (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
  );
  return { step, ms: performance.now() - start, error };
}

export function summarize(outcomes: readonly Outcome[]): string {
  const width = Math.max(...outcomes.map(({ step }) => step.name.length));
  const lines = outcomes.map(({ step, ms, error }) => {
    const hint = error === undefined || step.hint === undefined ? '' : `   (${step.hint})`;
    return `  ${error === undefined ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(width)}  ${seconds(ms).padStart(8)}${hint}`;
  });
  return ['', 'Summary', ...lines].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Programs under way, so that a signal can end them. */
const running = new Set<{ kill(signal: NodeJS.Signals): boolean }>();

export function endPrograms(signal: NodeJS.Signals): void {
  for (const child of running) child.kill(signal);
}

/** Runs a Node program with its output passed on; rejects when it does not end with 0. */
export function runNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args], { stdio: 'inherit', env: { ...process.env, ...env } });
    running.add(child);
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      running.delete(child);
      if (code === 0) resolve();
      else reject(new Error(`It ended with ${signal ?? `exit code ${code}`}.`));
    });
  });
}
