/** Runs again after each save, one run at a time, until the signal: what is saved during a run is run after it. */

import { Problem } from '../problem/problem.ts';
import { watchFolder } from '../reconcile/watch.ts';
import { Failure } from './failure.ts';
import type { Terminal } from './terminal.ts';

/** Resolves when `signal` has fired and the last run has ended. */
export async function watchRounds(
  dir: string,
  terminal: Terminal,
  signal: AbortSignal,
  round: () => Promise<unknown>,
): Promise<void> {
  let changed = Promise.withResolvers<void>();
  const watch = watchFolder(dir, () => changed.resolve());
  const ended = new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  try {
    await watch.ready;
    while (!signal.aborted) {
      changed = Promise.withResolvers<void>();
      if (terminal.live) terminal.out('\u001b[2J\u001b[3J\u001b[H');
      await shown(round, terminal);
      if (signal.aborted) break;
      terminal.err(terminal.paint('err', 'dim', 'Waiting for a save; Ctrl+C ends.'));
      await Promise.race([changed.promise, ended]);
    }
  } finally {
    watch.close();
  }
}

/** A project that cannot be tested now may be after the next save. */
async function shown(round: () => Promise<unknown>, terminal: Terminal): Promise<void> {
  try {
    await round();
  } catch (error) {
    if (!(error instanceof Failure || error instanceof Problem)) throw error;
    terminal.err(`${terminal.paint('err', ['bold', 'red'], 'error:')} ${error.message}`);
    if (error.hint !== undefined && error.hint !== null) terminal.err(`hint: ${error.hint}`);
  }
}
