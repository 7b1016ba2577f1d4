/** One job at a time and one waiting: whoever asks while it runs is served by the next run, which sees the newest. */

export class LatestQueue {
  readonly #job: (reason: string) => Promise<void>;
  #running: Promise<void> | undefined;
  #waiting: string | undefined;
  #closed = false;

  /** @param job must not reject */
  constructor(job: (reason: string) => Promise<void>) {
    this.#job = job;
  }

  /** @returns settles when a run that began after this call has ended */
  async request(reason: string): Promise<void> {
    if (this.#closed) return;
    this.#waiting = reason;
    const before = this.#running;
    if (before !== undefined) {
      await before;
      // Somebody who waited as well may have begun the run that serves both.
      if (this.#waiting === undefined) return this.#running;
    }
    if (this.#running === undefined) this.#run();
    return this.#running;
  }

  /** Settles when what runs now has ended. */
  async idle(): Promise<void> {
    await this.#running;
  }

  /** Takes no more, and waits for what runs. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#waiting = undefined;
    await this.#running;
  }

  #run(): void {
    if (this.#closed || this.#waiting === undefined) return;
    const reason = this.#waiting;
    this.#waiting = undefined;
    this.#running = this.#job(reason).finally(() => {
      this.#running = undefined;
    });
  }
}
