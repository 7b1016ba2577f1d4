/** Requests that wait for an operation's end: each for a bounded time, and no more of them than one process can hold. */
import type { Fleet, Operation } from '../../reconcile/fleet.ts';

/** Milliseconds between two looks. */
const lookMs = 100;
const maxWaiting = 500;

export class Waits {
  readonly #fleet: Fleet;
  readonly #waiting = new Set<() => void>();
  #ended = false;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  /**
   * @param ms answered after that, whatever has become of it
   * @param gone called back when nobody waits for the answer any more
   * @returns as it is then; undefined: there is none
   */
  async end(id: string, ms: number, gone: (stop: () => void) => void): Promise<Operation | undefined> {
    const isOver = () => {
      const operation = this.#fleet.operation(id);
      return operation === undefined || operation.state === 'succeeded' || operation.state === 'failed';
    };
    if (ms > 0 && !this.#ended && this.#waiting.size < maxWaiting && !isOver()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      const look = setInterval(() => isOver() && resolve(), lookMs);
      const enough = setTimeout(resolve, ms);
      gone(resolve);
      await promise;
      clearInterval(look);
      clearTimeout(enough);
      this.#waiting.delete(resolve);
    }
    return this.#fleet.operation(id);
  }

  /** Answers all who wait, and whoever comes, at once: the server stops. */
  stop(): void {
    this.#ended = true;
    for (const resolve of this.#waiting) resolve();
  }
}
