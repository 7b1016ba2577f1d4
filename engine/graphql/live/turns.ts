/** How many statements of live queries run on one database at a time: they must not take the whole pool. */
import type { Pool } from '../../dialect/dialect.ts';

/** Of a pool's connections. */
const share = 0.25;

export class Turns {
  readonly #max: number;
  readonly #waiting: (() => void)[] = [];
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @returns gives the turn back */
  async take(): Promise<() => void> {
    if (this.#taken < this.#max) this.#taken += 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return () => this.#give();
  }

  #give(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }
}

const turns = new WeakMap<Pool, Turns>();
const others = new Turns(2);

/** The same for all revisions and projects that share the pool. */
export function turnsOf(pool: Pool | undefined): Turns {
  if (pool === undefined) return others;
  let own = turns.get(pool);
  if (own === undefined) {
    own = new Turns(Math.max(1, Math.floor(pool.stats().max * share)));
    turns.set(pool, own);
  }
  return own;
}
