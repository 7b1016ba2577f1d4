/** Who may use a mirror at what time: many may read it; whoever changes what is there is alone. */

export class Turns {
  #readers = 0;
  /** Ends when whoever is alone, or waits to be, is done. */
  #alone: Promise<void> = Promise.resolve();
  #idle: (() => void) | undefined;

  async together<T>(work: () => Promise<T>): Promise<T> {
    await this.#settled();
    this.#readers += 1;
    try {
      return await work();
    } finally {
      this.#readers -= 1;
      if (this.#readers === 0) this.#idle?.();
    }
  }

  /** Waits for those who read; those who come meanwhile wait for it. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const before = this.#alone;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#alone = promise;
    await before;
    try {
      if (this.#readers > 0) await new Promise<void>((idle) => (this.#idle = idle));
      this.#idle = undefined;
      return await work();
    } finally {
      resolve();
    }
  }

  /** Nobody is alone, nor waits to be. */
  async #settled(): Promise<void> {
    for (let seen: Promise<void> | undefined; seen !== this.#alone; ) {
      seen = this.#alone;
      await seen;
    }
  }
}
