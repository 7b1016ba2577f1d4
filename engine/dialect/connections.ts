/** Lends connections, at most so many, each to one borrower at a time; waiting is bounded in number and in time. */
import type { Problem } from '../problem/problem.ts';
import { abortedProblem, exhausted, frozen, poolClosed, queueFull, toConnectProblem } from './problems.ts';

/** One session, as far as lending it goes. */
export interface Lent {
  /** By `performance.now()`. */
  readonly openedAt: number;
  /** When the statement that runs was sent or last gave rows to a stream, or when the last one ended. */
  readonly since: number;
  readonly running: boolean;
  /** False while no statement timeout applies: nobody is to take the session for frozen. */
  readonly bounded: boolean;
  /** True while the rows of a stream wait for their reader: then the server waits too. */
  readonly paused: boolean;
  /** True while what runs has no timeout at the server, so that it must be asked to end. */
  readonly timeless: boolean;
  /** No transaction is open and nothing runs: it may be lent again. */
  readonly clean: boolean;
  /** True when it is not to be lent again, though nothing is wrong with it. */
  readonly spent: boolean;
  readonly cancelling: boolean;
  /** Called once, when the connection breaks by itself. */
  onBroken: () => void;
  open(): Promise<void>;
  cancel(): void;
  settleCancel(): Promise<void>;
  end(): Promise<void>;
  destroy(reason?: Error): void;
}

export interface ConnectionLimits {
  readonly max: number;
  readonly acquireMs: number;
  /** Undefined: connections stay however long nobody needs them. */
  readonly idleMs: number | undefined;
  readonly lifetimeMs: number | undefined;
  /** Of a statement on the server; its client waits a little longer, then cuts the socket. */
  readonly timeoutMs: number;
}

interface Waiter<Connection> {
  readonly give: (connection: Connection) => void;
  readonly refuse: (problem: Problem) => void;
}

/** What the server itself has not ended by then is taken for frozen. */
const graceMs = 2_000;
/** Waiting borrowers for each connection; more are turned away at once. */
const waitersPerConnection = 50;

export class Connections<Connection extends Lent> {
  readonly #make: () => Connection;
  readonly #limits: ConnectionLimits;
  /** Last in, first out, so that connections beyond the need grow old and close. */
  readonly #idle: Connection[] = [];
  readonly #lent = new Set<Connection>();
  readonly #waiters = new Set<Waiter<Connection>>();
  readonly #ending = new Set<Promise<void>>();
  /** On their way; they count as open. */
  #opening = 0;
  #closing: Promise<void> | undefined;
  #closed: () => void = () => {};
  readonly #sweeper: NodeJS.Timeout;

  constructor(make: () => Connection, limits: ConnectionLimits) {
    this.#make = make;
    this.#limits = limits;
    const shortest = Math.min(limits.timeoutMs, limits.idleMs ?? 2_000, 2_000);
    this.#sweeper = setInterval(() => this.#sweep(), Math.max(50, shortest / 2)).unref();
  }

  /** An idle connection at once, or undefined: then `acquire`. */
  take(): Connection | undefined {
    const connection = this.#idle.pop();
    if (connection !== undefined) this.#lent.add(connection);
    return connection;
  }

  /** @throws {Problem} NS503 unreachable or closing, NS504 none became free, 57014 the caller gave up */
  acquire(signal?: AbortSignal): Promise<Connection> {
    const { max, acquireMs } = this.#limits;
    if (this.#closing) return Promise.reject(poolClosed());
    if (signal?.aborted) return Promise.reject(abortedProblem(signal.reason));
    const idle = this.take();
    if (idle !== undefined) return Promise.resolve(idle);
    if (this.#waiters.size >= max * waitersPerConnection)
      return Promise.reject(queueFull(this.#waiters.size));
    return new Promise((resolve, reject) => {
      const leave = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter<Connection> = {
        give: (connection) => {
          leave();
          resolve(connection);
        },
        refuse: (problem) => {
          leave();
          reject(problem);
          this.#settleClose();
        },
      };
      const giveUp = () => waiter.refuse(abortedProblem(signal?.reason));
      const timer = setTimeout(() => waiter.refuse(this.#tooLate(acquireMs)), acquireMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiters.add(waiter);
      this.#open();
    });
  }

  /** Gives back what was taken or acquired. What is not clean is closed, never lent again. */
  release(connection: Connection): void {
    if (connection.cancelling) {
      void connection.settleCancel().then(() => this.release(connection));
      return;
    }
    if (connection.clean && !connection.spent && !this.#isOld(connection)) {
      const [waiter] = this.#waiters;
      if (waiter !== undefined) {
        waiter.give(connection);
        return;
      }
      this.#lent.delete(connection);
      if (this.#closing === undefined) {
        this.#idle.push(connection);
        return;
      }
    }
    this.#lent.delete(connection);
    this.#retire(connection);
    this.#open();
    this.#settleClose();
  }

  stats() {
    return {
      open: this.#idle.length + this.#lent.size + this.#opening,
      idle: this.#idle.length,
      waiting: this.#waiters.size,
      max: this.#limits.max,
    };
  }

  /** Takes no new borrowers, serves those that wait, and ends when the last one has given back. */
  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#closed = resolve;
      for (const connection of this.#idle.splice(0)) this.#retire(connection);
    });
    this.#settleClose();
    return this.#closing;
  }

  /** As many new connections as waiters lack, within the limit. */
  #open(): void {
    while (
      this.#opening < this.#waiters.size &&
      this.#idle.length + this.#lent.size + this.#opening < this.#limits.max
    ) {
      this.#opening += 1;
      this.#start().then(
        (connection) => this.#opened(connection),
        (error) => this.#failed(error),
      );
    }
  }

  /** A driver may refuse a URL before there is anything to open: that is a failure like any other. */
  async #start(): Promise<Connection> {
    const connection = this.#make();
    await connection.open();
    return connection;
  }

  #opened(connection: Connection): void {
    this.#opening -= 1;
    this.#lent.add(connection);
    connection.onBroken = () => this.#broken(connection);
    this.release(connection);
  }

  /** While other connections live, those who wait can still be served by them. */
  #failed(error: unknown): void {
    this.#opening -= 1;
    if (this.#lent.size === 0 && this.#opening === 0) {
      const problem = toConnectProblem(error);
      for (const waiter of [...this.#waiters]) waiter.refuse(problem);
    }
    this.#settleClose();
  }

  #tooLate(acquireMs: number): Problem {
    const nobodyAnswers = this.#lent.size === 0;
    return nobodyAnswers
      ? toConnectProblem(new Error(`no connection could be opened within ${acquireMs} ms`))
      : exhausted(acquireMs);
  }

  /** A borrower notices by itself; an idle connection just leaves. */
  #broken(connection: Connection): void {
    const index = this.#idle.indexOf(connection);
    if (index >= 0) this.#idle.splice(index, 1);
  }

  #retire(connection: Connection): void {
    if (!connection.clean) {
      connection.destroy();
      return;
    }
    const ended = connection.end().finally(() => {
      this.#ending.delete(ended);
      this.#settleClose();
    });
    this.#ending.add(ended);
  }

  #isOld(connection: Connection): boolean {
    const { lifetimeMs } = this.#limits;
    return lifetimeMs !== undefined && performance.now() - connection.openedAt > lifetimeMs;
  }

  #sweep(): void {
    const now = performance.now();
    const { idleMs, timeoutMs } = this.#limits;
    for (const connection of [...this.#idle]) {
      const unneeded = idleMs !== undefined && now - connection.since > idleMs;
      if (!unneeded && !this.#isOld(connection)) continue;
      this.#idle.splice(this.#idle.indexOf(connection), 1);
      this.#retire(connection);
    }
    for (const connection of this.#lent) {
      // While a stream waits for its reader the database owes nothing.
      if (!connection.running || !connection.bounded || connection.paused) continue;
      const waitedMs = now - connection.since;
      if (waitedMs > timeoutMs + graceMs) connection.destroy(frozen(timeoutMs));
      else if (waitedMs > timeoutMs && connection.timeless) connection.cancel();
    }
  }

  #settleClose(): void {
    if (this.#closing === undefined) return;
    const busy = this.#lent.size + this.#opening + this.#waiters.size + this.#ending.size;
    if (busy > 0) return;
    clearInterval(this.#sweeper);
    this.#closed();
  }
}
