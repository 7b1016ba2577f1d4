/** A file that holds a secret and may be replaced at any moment: its text as it is now, for the price of one `stat`. */
import { type BigIntStats, closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';

export const maxSecretFileBytes = 64 * 1024;

/**
 * File systems write times down in steps, of two seconds at most: a file that was changed less long ago may change once
 * more without another time, so it is read again.
 */
const defaultSettledMs = 3_000;

interface Seen {
  /** Which file, how long, and when it was changed: of what the path leads to, whatever links are on the way. */
  readonly state: BigIntStats;
  readonly settled: boolean;
  readonly text: string | undefined;
}

export class FollowedFile {
  readonly #path: string;
  readonly #settledMs: number;
  #seen: Seen | undefined;

  /** @param settledMs milliseconds since a change from which on its time tells of every further one; default 3,000 */
  constructor(path: string, settledMs: number = defaultSettledMs) {
    this.#path = path;
    this.#settledMs = settledMs;
  }

  /** Without its last line end. @returns undefined: not there, not a file, not readable, empty or larger than 64 KB */
  read(): string | undefined {
    try {
      const seen = this.#seen;
      if (seen?.settled && isSame(statSync(this.#path, { bigint: true }), seen.state)) return seen.text;
      this.#seen = look(this.#path, this.#settledMs);
      return this.#seen.text;
    } catch {
      // Whatever the reason, there is no secret to be had; and no message that could hold one.
      this.#seen = undefined;
      return undefined;
    }
  }
}

/** On the serving thread, and at once: a secret is a line in memory or on a disk at hand. */
function look(path: string, settledMs: number): Seen {
  // A pipe without a writer must not hold anybody up.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    // Before its text: what is written meanwhile has another state.
    const state = fstatSync(file, { bigint: true });
    const text = state.isFile() && state.size <= maxSecretFileBytes ? readFileSync(file, 'utf8') : '';
    const settled = Date.now() - Number(state.ctimeMs) > settledMs;
    return { state, settled, text: text.replace(/\r?\n$/, '') || undefined };
  } finally {
    closeSync(file);
  }
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return (
    one.ctimeNs === other.ctimeNs &&
    one.mtimeNs === other.mtimeNs &&
    one.size === other.size &&
    one.ino === other.ino &&
    one.dev === other.dev
  );
}
