/** Requests that wait for an operation's end: each for a bounded time, and no more of them than one process can hold. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, Operation } from '../../reconcile/fleet.ts';

/** Milliseconds between two looks at an operation of this engine, and at one of another. */
const lookMs = { own: 100, others: 1_000 };
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
    let operation = await this.#fleet.find(id);
    if (ms === 0 || this.#ended || this.#waiting.size >= maxWaiting || isOver(operation)) return operation;
    const { promise, resolve } = Promise.withResolvers<'enough'>();
    const stop = () => resolve('enough');
    this.#waiting.add(stop);
    const enough = setTimeout(stop, ms);
    gone(stop);
    const every = this.#fleet.operation(id) === undefined ? lookMs.others : lookMs.own;
    try {
      while (!isOver(operation)) {
        const next = await Promise.race([promise, sleep(every, 'look' as const, { ref: false })]);
        operation = await this.#fleet.find(id);
        if (next === 'enough') break;
      }
    } finally {
      clearTimeout(enough);
      this.#waiting.delete(stop);
    }
    return operation;
  }

  /** Answers all who wait, and whoever comes, at once: the server stops. */
  stop(): void {
    this.#ended = true;
    for (const resolve of this.#waiting) resolve();
  }
}

function isOver(operation: Operation | undefined): boolean {
  return operation === undefined || operation.state === 'succeeded' || operation.state === 'failed';
}
