/** The rows of one stream on their way to its reader: while the reader takes its time nothing is read from the server. */

/** The rows of one handing over. */
export interface Batch {
  /** Rows taken since the last handing over. */
  readonly rows: number;
  /** Gives the reader what was taken; its promise, when it needs time. */
  hand(): void | Promise<void>;
}

/** What a flow does to the connection it comes from. */
export interface Source {
  pauseReading(): void;
  resumeReading(): void;
  /** Ends the statement on the server. */
  cancel(): void;
}

export class Flow<Rows extends Batch> {
  /** Takes the rows, unless the flow is stopped. */
  readonly batch: Rows;
  #source: Source | undefined;
  #busy = false;
  #failure: { readonly reason: unknown } | undefined;
  #finished: (() => void) | undefined;
  /** Rows given to the reader. */
  rows = 0;

  constructor(batch: Rows) {
    this.batch = batch;
  }

  /** True when what still comes is thrown away. */
  get stopped(): boolean {
    return this.#failure !== undefined;
  }

  /** From here on giving up ends whatever runs on the connection. */
  open(source: Source): void {
    this.#source = source;
  }

  /** The connection is another's from here on. */
  close(): void {
    this.#source = undefined;
  }

  /** Gives the reader the rows that have come; called again only when it is ready for more. */
  hand(): void {
    const { rows } = this.batch;
    if (rows === 0 || this.stopped) return;
    this.rows += rows;
    let taken: void | Promise<void>;
    try {
      taken = this.batch.hand();
    } catch (error) {
      this.stop(error);
      return;
    }
    if (taken !== undefined) this.#await(taken);
  }

  #await(taken: Promise<void>): void {
    this.#busy = true;
    // The reader may have given up while it was called.
    if (!this.stopped) this.#source?.pauseReading();
    taken.then(
      () => {
        this.#busy = false;
        if (!this.stopped) this.#source?.resumeReading();
        this.#finished?.();
      },
      (error: unknown) => this.stop(error),
    );
  }

  /** Ends the statement and hands over nothing more; the first reason counts. */
  stop(reason: unknown): void {
    if (this.stopped) return;
    this.#failure = { reason };
    this.#source?.cancel();
    // A server that waits to send hears of nothing else until it has sent.
    this.#source?.resumeReading();
    this.#finished?.();
  }

  /** Waits until the reader has taken the last rows. Rejects with the reason for which the flow was stopped. */
  async finish(): Promise<void> {
    if (this.#busy && !this.stopped)
      await new Promise<void>((resolve) => {
        this.#finished = resolve;
      });
    this.check();
  }

  /** @throws the reason for which the flow was stopped */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }
}
