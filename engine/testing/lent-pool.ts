/** The pool of a copy that is replaced under the revision that uses it, and notes whether anything may have been written. */
import type { JournalKey, Pool } from '../dialect/dialect.ts';

export class LentPool implements Pool {
  #pool: Pool;
  /** A transaction that may write was begun, whatever came of it: numbers that it took are taken. */
  wrote = false;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  enter(pool: Pool): void {
    this.#pool = pool;
    this.wrote = false;
  }

  run(...all: Parameters<Pool['run']>): ReturnType<Pool['run']> {
    return this.#pool.run(...all);
  }

  stream(...all: Parameters<Pool['stream']>): ReturnType<Pool['stream']> {
    return this.#pool.stream(...all);
  }

  streamText(...all: Parameters<Pool['streamText']>): ReturnType<Pool['streamText']> {
    return this.#pool.streamText(...all);
  }

  transaction<T>(
    work: Parameters<Pool['transaction']>[0],
    options: Parameters<Pool['transaction']>[1] = {},
  ): Promise<T> {
    if (options.readOnly !== true) this.wrote = true;
    return this.#pool.transaction(work, options) as Promise<T>;
  }

  journal(key: JournalKey): ReturnType<Pool['journal']> {
    return this.#pool.journal(key);
  }

  migrate<T>(...all: Parameters<Pool['migrate']>): Promise<T> {
    this.wrote = true;
    return this.#pool.migrate(...all) as Promise<T>;
  }

  stats(): ReturnType<Pool['stats']> {
    return this.#pool.stats();
  }

  close(): Promise<void> {
    return this.#pool.close();
  }
}
