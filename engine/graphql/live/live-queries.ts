/** The live queries and streams of one revision: cohorts by question. Ends with the revision's time, not with its requests. */
import type { Asked } from '../../execute/poll.ts';
import type { Problem } from '../../problem/problem.ts';
import { Cohort, type Member } from './cohort.ts';
import type { Source } from './source.ts';

/** Milliseconds between two looks at the database. */
export const defaultIntervalMs = 1_000;

export class LiveQueries {
  readonly #intervalMs: number;
  readonly #cohorts = new Map<string, Cohort>();
  readonly #ended = new AbortController();
  /** Statements that were run. */
  statements = 0;
  /** The database could not be asked; called once until it can again. */
  onFault: ((problem: Problem) => void) | undefined;
  #faulty = false;

  constructor(intervalMs: number = defaultIntervalMs) {
    this.#intervalMs = intervalMs;
  }

  /** Questions that somebody waits for. */
  get cohorts(): number {
    return this.#cohorts.size;
  }

  /** @returns lets the member go; what it was in when the queries had ended is nothing */
  join(source: Source, member: Member, parameters: Asked['parameters']): () => void {
    const { signal } = this.#ended;
    if (signal.aborted) return () => {};
    const cohort = this.#cohorts.get(source.key) ?? this.#open(source);
    cohort.join(member, parameters);
    return () => cohort.leave(member);
  }

  /** Nobody is told anything from here on; resolves when no statement runs any more. */
  async close(): Promise<void> {
    this.#ended.abort();
    const cohorts = [...this.#cohorts.values()];
    this.#cohorts.clear();
    for (const cohort of cohorts) cohort.stop();
    await Promise.all(cohorts.map(({ idle }) => idle));
  }

  #open(source: Source): Cohort {
    const cohort: Cohort = new Cohort(source, {
      intervalMs: this.#intervalMs,
      signal: this.#ended.signal,
      onStatement: () => {
        this.statements += 1;
      },
      onAsked: (failed) => {
        if (failed !== undefined && !this.#faulty) this.onFault?.(failed);
        this.#faulty = failed !== undefined;
      },
      onEmpty: () => {
        if (this.#cohorts.get(source.key) === cohort) this.#cohorts.delete(source.key);
      },
    });
    this.#cohorts.set(source.key, cohort);
    return cohort;
  }
}
