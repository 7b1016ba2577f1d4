/** The live queries and streams of one revision: cohorts by question. Ends with the revision's time, not with its requests. */
import type { Asked } from '../../execute/poll.ts';
import { Problem } from '../../problem/problem.ts';
import { Cohort, type Member } from './cohort.ts';
import type { Source } from './source.ts';

/** Milliseconds between two looks at the database. */
export const defaultIntervalMs = 1_000;

/** Each is a statement a look, and is kept prepared. */
const maxCohorts = 2_000;

export class LiveQueries {
  readonly #intervalMs: number;
  readonly #cohorts = new Map<string, Cohort>();
  readonly #ended = new AbortController();
  /** Statements that were run. */
  statements = 0;
  /** The database could not be asked; called once until it can again. */
  onFault: ((problem: Problem) => void) | undefined;
  #faulty = false;
  #closed: Promise<void> | undefined;

  constructor(intervalMs: number = defaultIntervalMs) {
    this.#intervalMs = intervalMs;
  }

  /** Questions that somebody waits for. */
  get cohorts(): number {
    return this.#cohorts.size;
  }

  /**
   * @returns lets the member go; what it was in when the queries had ended is nothing
   * @throws {Problem} NS606 (503) too many different questions
   */
  join(source: Source, member: Member, parameters: Asked['parameters']): () => void {
    const { signal } = this.#ended;
    if (signal.aborted) return () => {};
    const cohort = this.#cohorts.get(source.key) ?? this.#open(source);
    cohort.join(member, parameters);
    return () => cohort.leave(member);
  }

  /** Nobody is told anything from here on; resolves when no statement runs any more. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#ended.abort();
    const cohorts = [...this.#cohorts.values()];
    this.#cohorts.clear();
    for (const cohort of cohorts) cohort.stop();
    await Promise.all(cohorts.map(({ idle }) => idle));
  }

  #open(source: Source): Cohort {
    if (this.#cohorts.size >= maxCohorts)
      throw new Problem('NS606', {
        message: `Subscriptions ask more than ${maxCohorts} different questions.`,
        hint: 'Those who differ in values alone ask one question: the same fields, filters, order and limits.',
      });
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
