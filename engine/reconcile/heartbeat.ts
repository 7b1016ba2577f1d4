/** Asks each database of a project, every second or so: can it be reached, and has DDL changed its schema. */
import { Problem } from '../problem/problem.ts';
import type { Databases } from '../revision/databases.ts';
import type { Attempt } from './attempt.ts';

export interface HeartbeatOptions {
  readonly databases: Databases;
  /** Milliseconds between two looks. */
  readonly pollMs: number;
  /** Called when it changes; `problem` undefined: it can be reached. */
  readonly onReachable: (database: string, problem: Problem | undefined) => void;
  /** `schema`: DDL was run. `database`: time to try again what could not be reached. */
  readonly onChange: (reason: 'schema' | 'database') => Promise<void>;
}

/** Milliseconds between attempts to reach a database: the first, and the longest. */
const retryMs = { first: 1_000, most: 30_000 };

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  #last: Pick<Attempt, 'polled' | 'unreachable'> | undefined;
  #reported = new Map<string, boolean>();
  #retryMs = retryMs.first;
  #retryAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#beat().finally(() => this.start());
    }, this.#options.pollMs);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** Takes over what an attempt has just found. */
  settle(attempt: Pick<Attempt, 'polled' | 'unreachable'>): void {
    this.#last = attempt;
    const known = this.#reported;
    this.#reported = new Map();
    for (const name of attempt.polled.keys()) this.#report(name, undefined, known.get(name) ?? true);
    for (const [name, problem] of attempt.unreachable) this.#report(name, problem, known.get(name) ?? true);
    if (attempt.unreachable.size === 0) {
      this.#retryMs = retryMs.first;
      return;
    }
    this.#retryAt = performance.now() + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.most);
  }

  #report(name: string, problem: Problem | undefined, before: boolean): void {
    const reachable = problem === undefined;
    this.#reported.set(name, reachable);
    if (before !== reachable) this.#options.onReachable(name, problem);
  }

  async #beat(): Promise<void> {
    const last = this.#last;
    if (last === undefined) return;
    if (last.unreachable.size > 0) {
      if (performance.now() >= this.#retryAt) await this.#options.onChange('database');
      return;
    }
    for (const [name, before] of last.polled) {
      const polled = await this.#poll(name);
      // An attempt in the meantime has seen what this look saw.
      if (this.#closed || this.#last !== last) return;
      if (polled === undefined) continue;
      this.#report(name, polled instanceof Problem ? polled : undefined, this.#reported.get(name) ?? true);
      if (polled instanceof Problem || polled === before) continue;
      await this.#options.onChange('schema');
      return;
    }
  }

  /** Undefined: the project has it no longer. A database that does not answer stops nothing: its pool tells callers 503. */
  async #poll(name: string): Promise<string | Problem | undefined> {
    const database = this.#options.databases.get(name);
    if (database === undefined) return undefined;
    try {
      return await database.poll();
    } catch (error) {
      return error instanceof Problem
        ? error
        : new Problem('NS503', { message: 'It does not answer.', cause: error });
    }
  }
}
