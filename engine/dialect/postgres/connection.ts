/** One session of the pool: opens pinned, runs one statement at a time, keeps prepared names, can be cancelled. */
import pg from 'pg';
import type { Lent } from '../connections.ts';
import type { Parameter, Rows, Statement } from '../dialect.ts';
import type { Flow } from '../flow.ts';
import { answerTooLarge } from '../problems.ts';
import { isStalePlan, tooManyParameters } from './errors.ts';
import type { RowBatch } from './row-batch.ts';
import { Tap } from './tap.ts';
import { type Command, Exchange, type Prepared, plain, type Wire, wireValues } from './wire.ts';

export interface ConnectionOptions {
  readonly url: string;
  /** Milliseconds for TCP, TLS, authentication and the first statement together. */
  readonly connectMs: number;
  /** Run in order when the connection opens. */
  readonly opening: readonly string[];
  /** Whether the server can end a statement when asked by a second connection. */
  readonly cancellable: boolean;
}

/** Names one connection keeps prepared; the server pays memory for each. */
export const maxPrepared = 200;
/** Characters of all statements that are kept, and of one: a plan takes some hundred times its text at the server. */
const maxPreparedText = 256 * 1024;
const maxKeptText = 16 * 1024;
/** Bytes of one row, and an answer is one row: more than a string may hold ends the process inside the driver. */
export const maxAnswerBytes = 64 * 1024 * 1024;
/** Milliseconds until a statement is asked to end again, doubled each time. */
const cancelAgainMs = 200;
/** What a server that has frozen does not hear is not waited for. */
const goodbyeMs = 1_000;
/** The protocol counts parameters in 16 bits and `pg` would wrap around in silence. */
const maxParameters = 65_535;

/** A statement that goes out before another. */
export interface Earlier {
  readonly statement: Statement;
  readonly parameters: readonly Parameter[];
}

export class Connection implements Lent {
  readonly #client: pg.Client;
  readonly #options: ConnectionOptions;
  /** Name to text, the least recently used first. */
  readonly #prepared = new Map<string, string>();
  #preparedText = 0;
  #cancelling: Promise<void> | undefined;
  #running = false;
  /** Statements sent, to tell one from the next. */
  #sent = 0;
  #tap: Tap | undefined;
  #onSettled: () => void = () => {};
  readonly openedAt = performance.now();
  /** When the statement that runs was sent or last gave rows to a stream, or when the last one ended. */
  since = performance.now();
  /** False once the socket is gone or the session cannot be trusted. */
  usable = true;
  /** False while no statement timeout applies: nobody is to take the session for frozen. */
  bounded = true;
  /** True while the rows of a stream wait for their reader: then the server waits too. */
  paused = false;
  /** True while a statement runs that has no timeout at the server. */
  streaming = false;
  /** True when it is not to be lent again, though nothing is wrong with it. */
  spent = false;
  /** Called once, when the connection breaks by itself. */
  onBroken: () => void = () => {};

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#client = new pg.Client({
      connectionString: options.url,
      application_name: 'novastack',
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    // Without a listener one killed connection would end the process.
    this.#client.on('error', () => this.#broke());
    this.#client.on('end', () => this.#broke());
  }

  /** Connects and pins the session. Rejects with the driver's error. */
  async open(): Promise<void> {
    const { connectMs } = this.#options;
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      this.destroy();
    }, connectMs);
    try {
      await this.#client.connect();
      this.#intercept();
      for (const text of this.#options.opening) await this.script(text);
    } catch (error) {
      this.destroy();
      throw late ? new Error(`no connection within ${connectMs} ms`, { cause: error }) : error;
    } finally {
      clearTimeout(deadline);
    }
  }

  /** The driver hears everything through the tap, which refuses a message before the driver would gather it. */
  #intercept(): void {
    const { stream } = wireOf(this.#client);
    const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[];
    const driver = (chunk: Buffer) => {
      for (const listener of listeners) listener.call(stream, chunk);
    };
    const tap = new Tap(maxAnswerBytes, driver);
    const progressed = () => {
      this.since = performance.now();
    };
    stream.on('data', (chunk: Buffer) => {
      if (!tap.receive(chunk, progressed)) stream.destroy(answerTooLarge(maxAnswerBytes));
    });
    for (const listener of listeners) stream.off('data', listener);
    this.#tap = tap;
  }

  /** True when no transaction is open and nothing runs: what a pool may lend again. */
  get clean(): boolean {
    return this.usable && !this.#running && this.#client.getTransactionStatus() === 'I';
  }

  get inTransaction(): boolean {
    return this.#client.getTransactionStatus() !== 'I';
  }

  get timeless(): boolean {
    return this.streaming;
  }

  get running(): boolean {
    return this.#running;
  }

  /**
   * @param first statements that go out in the same packet, before this one; their rows are not given
   * @returns settles when the server is ready again, with the driver's error where it refused
   */
  run(statement: Statement, parameters: readonly Parameter[], first: readonly Earlier[] = []): Promise<Rows> {
    if (parameters.length > maxParameters) return Promise.reject(tooManyParameters(parameters.length));
    return new Promise((resolve, reject) => {
      const earlier = first.map((one) => this.#prepare(one.statement, one.parameters));
      const own = this.#prepare(statement, parameters);
      this.#send({ kind: 'statement', ...own, first: earlier, last: [] }, resolve, (error) => {
        // What these statements prepared may or may not be there: the next use closes and parses them again.
        for (const { name } of [...earlier, own]) if (name !== '') this.#forget(name);
        // One stale plan means that the schema has changed: no plan of this session is to be trusted.
        if (isStalePlan(error)) this.#forgetAll();
        reject(error);
      });
    });
  }

  /**
   * Runs a statement that the server has no timeout for, and gives its rows to `flow`.
   *
   * @returns settles as `run` does; the flow's reader may then still have the last rows
   */
  stream(
    {
      text,
      first,
      last,
    }: { readonly text: string; readonly first: readonly string[]; readonly last: readonly string[] },
    parameters: readonly Parameter[],
    flow: Flow<RowBatch>,
  ): Promise<void> {
    if (parameters.length > maxParameters) return Promise.reject(tooManyParameters(parameters.length));
    const values = wireValues(parameters);
    return new Promise((resolve, reject) => {
      this.streaming = true;
      this.#tap?.open(flow);
      const command = {
        kind: 'statement',
        name: '',
        parse: true,
        evict: [],
        text,
        values,
        first: first.map(plain),
        last,
      } as const;
      this.#send(command, () => resolve(), reject);
    });
  }

  pauseReading(): void {
    if (!this.streaming) return;
    this.paused = true;
    wireOf(this.#client).stream.pause();
  }

  resumeReading(): void {
    if (!this.paused) return;
    this.paused = false;
    this.since = performance.now();
    wireOf(this.#client).stream.resume();
  }

  /** Statements without parameters; settles with the last one's tag. Errors carry `completed`, the statements before. */
  script(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#send({ kind: 'script', text }, (_rows, tag) => resolve(tag), reject);
    });
  }

  #prepare({ text, name }: Statement, parameters: readonly Parameter[]): Prepared {
    const base = { text, values: wireValues(parameters) };
    if (name === undefined || text.length > maxKeptText) return { ...base, name: '', parse: true, evict: [] };
    const known = this.#prepared.get(name) === text;
    // Deleted and set again: the order of the map is the order of use.
    if (known) this.#prepared.delete(name);
    else this.#forget(name);
    const evict = known ? [] : this.#makeRoom(text.length);
    this.#prepared.set(name, text);
    if (!known) this.#preparedText += text.length;
    return { ...base, name, parse: !known, evict };
  }

  /** Forgets the least recently used until a text of this length fits. */
  #makeRoom(length: number): string[] {
    const evicted: string[] = [];
    for (const oldest of this.#prepared.keys()) {
      if (this.#prepared.size < maxPrepared && this.#preparedText + length <= maxPreparedText) break;
      this.#forget(oldest);
      evicted.push(oldest);
    }
    return evicted;
  }

  #forgetAll(): void {
    this.#prepared.clear();
    this.#preparedText = 0;
  }

  #forget(name: string): void {
    this.#preparedText -= this.#prepared.get(name)?.length ?? 0;
    this.#prepared.delete(name);
  }

  #send(command: Command, done: (rows: Rows, tag: string) => void, failed: (error: Error) => void): void {
    this.#running = true;
    this.#sent += 1;
    this.since = performance.now();
    const exchange: Exchange = new Exchange(
      command,
      (rows, tag) => {
        this.#settled();
        done(rows, tag);
      },
      (error) => {
        const reason = Object.assign(error, { completed: exchange.completed });
        this.#whenReady(() => {
          this.#settled();
          failed(reason);
        });
      },
    );
    // `pg` types a custom query by an older form of its own connection.
    this.#client.query(exchange as unknown as pg.Submittable);
  }

  #settled(): void {
    this.#running = false;
    this.since = performance.now();
    if (this.streaming) this.#endStream();
    this.#onSettled();
  }

  #endStream(): void {
    this.streaming = false;
    this.#tap?.close();
    this.resumeReading();
  }

  /** After an error the server says when it is ready again; a broken connection never does. */
  #whenReady(then: () => void): void {
    if (!this.usable) {
      then();
      return;
    }
    const client = this.#client;
    const once = () => {
      client.off('drain', once);
      client.off('end', once);
      then();
    };
    client.once('drain', once);
    client.once('end', once);
  }

  /**
   * Asks the server to end the statement that runs. The request names the session, not the statement, so the
   * connection is to be lent again only after `settleCancel`.
   */
  cancel(): void {
    if (!this.#options.cancellable || !this.#running || this.#cancelling) return;
    this.#cancelling = this.#cancelUntilEnded();
  }

  /** Asks again: a request that comes before the server has begun the statement is lost. */
  async #cancelUntilEnded(): Promise<void> {
    const statement = this.#sent;
    for (let waitMs = cancelAgainMs; this.#running && this.#sent === statement; waitMs *= 2) {
      // The files that the URL names may be gone by now.
      await requestCancel(this.#client, this.#options).catch(() => {});
      await this.#settledWithin(waitMs);
    }
  }

  #settledWithin(waitMs: number): Promise<void> {
    if (!this.#running) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, waitMs);
      this.#onSettled = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  get cancelling(): boolean {
    return this.#cancelling !== undefined;
  }

  /** Waits until a late cancel request can no longer hit the next statement. */
  async settleCancel(): Promise<void> {
    await this.#cancelling;
    // The request has been handled; if it came after the statement had ended, this one takes the hit.
    await this.script('SELECT').catch(() => {});
    this.#cancelling = undefined;
  }

  /** Says goodbye; use on a connection at rest. Waits a little for the server to hang up. */
  async end(): Promise<void> {
    this.usable = false;
    this.onBroken = () => {};
    const late = setTimeout(() => wireOf(this.#client).stream.destroy(), goodbyeMs);
    await this.#client.end().catch(() => {});
    clearTimeout(late);
  }

  /** Cuts the socket, whatever runs. What runs fails with `reason`, or as a lost connection does. */
  destroy(reason?: Error): void {
    this.usable = false;
    wireOf(this.#client).stream.destroy(reason);
  }

  #broke(): void {
    this.usable = false;
    const tell = this.onBroken;
    this.onBroken = () => {};
    tell();
  }
}

/** `pg` has the connection on every client, and leaves it out of the client's type. */
function wireOf(client: pg.Client): Wire {
  return (client as unknown as { readonly connection: Wire }).connection;
}

/** The protocol's CancelRequest: unlike `pg_cancel_backend` it needs no login and none of the server's free slots. */
function requestCancel(target: pg.Client, options: ConnectionOptions): Promise<void> {
  return new Promise((resolve) => {
    const messenger = new pg.Client({ connectionString: options.url });
    const connection = (messenger as unknown as { readonly connection: CancelWire }).connection;
    const { processID, secretKey } = target as unknown as { processID: number; secretKey: number };
    const stop = setTimeout(() => connection.stream.destroy(), options.connectMs);
    const ask = () => connection.cancel(processID, secretKey);
    connection.on('connect', () => {
      if (!messenger.ssl) ask();
      // With `sslnegotiation=direct` the handshake begins by itself.
      else if (connection.sslNegotiation !== 'direct') connection.requestSsl();
    });
    connection.on('sslconnect', ask);
    connection.on('error', () => connection.stream.destroy());
    connection.on('end', () => {
      clearTimeout(stop);
      resolve();
    });
    if (messenger.host.startsWith('/')) connection.connect(`${messenger.host}/.s.PGSQL.${messenger.port}`);
    else connection.connect(messenger.port, messenger.host);
  });
}

interface CancelWire {
  readonly sslNegotiation: string;
  readonly stream: { destroy(): void };
  connect(port: number | string, host?: string): void;
  requestSsl(): void;
  cancel(processID: number, secretKey: number): void;
  on(event: 'connect' | 'sslconnect' | 'error' | 'end', listener: () => void): void;
}
