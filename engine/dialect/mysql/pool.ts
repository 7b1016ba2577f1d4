/** The Pool of a MySQL or MariaDB database: statements and transactions on lent connections. Knows no request. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Problem } from '../../problem/problem.ts';
import { Connections } from '../connections.ts';
import type {
  ConnectionSettings,
  JournalEntry,
  JournalKey,
  MigrateOptions,
  MigrationSession,
  OnRows,
  OnText,
  Parameter,
  Pool,
  Rows,
  RunOptions,
  Statement,
  StreamOptions,
  Transaction,
  TransactionOptions,
} from '../dialect.ts';
import { Flow } from '../flow.ts';
import { abortedProblem, problem, toConnectProblem, tooManyStreams } from '../problems.ts';
import { isClaims } from './claims.ts';
import { Connection, connect, type SessionOptions } from './connection.ts';
import { isDuplicate, isStale, isUndone, toProblem } from './errors.ts';
import { readJournal } from './journal.ts';
import { Messenger } from './messenger.ts';
import { withMigrationLock } from './migrate.ts';
import { LineBatch, ListBatch, type StreamBatch } from './row-batch.ts';

/** How often a transaction that the server has undone is run again, and how long it waits before, doubled each time. */
const maxReruns = 3;
const rerunMs = 20;

/** Opens nothing yet: the first statement does. */
export function openPool(settings: ConnectionSettings): Pool {
  return new MysqlPool(settings);
}

class MysqlPool implements Pool {
  readonly #options: SessionOptions;
  readonly #connections: Connections<Connection>;
  readonly #messenger: Messenger;
  /** A slow reader holds a connection for long, so that some are left for everybody else. */
  readonly #maxStreams: number;
  #streams = 0;

  constructor({ url, config }: ConnectionSettings) {
    const { max, acquireMs, idleMs, lifetimeMs } = config.pool;
    this.#maxStreams = Math.max(1, Math.floor(max / 2));
    this.#messenger = new Messenger(() =>
      connect(url, acquireMs, (client) => client.on('error', () => client.destroy())),
    );
    const options: SessionOptions = { url, config, messenger: this.#messenger };
    this.#options = options;
    const limits = { max, acquireMs, idleMs, lifetimeMs, timeoutMs: config.timeoutMs };
    this.#connections = new Connections(() => new Connection(options), limits);
  }

  async run(statement: Statement, parameters: readonly Parameter[], options?: RunOptions): Promise<Rows> {
    const signal = options?.signal;
    const connection = this.#connections.take() ?? (await this.#connections.acquire(signal));
    try {
      return await runOn(connection, statement, parameters, signal);
    } catch (error) {
      if (!isStale(error)) throw toProblem(error);
      return await retry(connection, statement, parameters, signal);
    } finally {
      this.#connections.release(connection);
    }
  }

  stream(
    statement: Statement,
    parameters: readonly Parameter[],
    onRows: OnRows,
    options?: StreamOptions,
  ): Promise<number> {
    return this.#stream(statement, parameters, new ListBatch(onRows), options);
  }

  streamText(
    statement: Statement,
    parameters: readonly Parameter[],
    onText: OnText,
    options?: StreamOptions,
  ): Promise<number> {
    return this.#stream(statement, parameters, new LineBatch(onText), options);
  }

  async #stream(
    statement: Statement,
    parameters: readonly Parameter[],
    batch: StreamBatch,
    { signal, before = [] }: StreamOptions = {},
  ): Promise<number> {
    if (this.#streams >= this.#maxStreams) throw tooManyStreams(this.#maxStreams);
    this.#streams += 1;
    const flow = new Flow(batch);
    const giveUp = () => flow.stop(abortedProblem(signal?.reason));
    try {
      const connection = await this.#connections.acquire(signal);
      signal?.addEventListener('abort', giveUp, { once: true });
      if (signal?.aborted) giveUp();
      await this.#lendTo(flow, connection, [...before, { statement, parameters }]);
    } catch (error) {
      signal?.removeEventListener('abort', giveUp);
      throw error;
    } finally {
      this.#streams -= 1;
    }
    try {
      // Without the connection: who is slow with the last rows keeps nobody from it.
      await flow.finish();
      return flow.rows;
    } finally {
      signal?.removeEventListener('abort', giveUp);
    }
  }

  async #lendTo(
    flow: Flow<StreamBatch>,
    connection: Connection,
    statements: NonNullable<StreamOptions['before']>,
  ): Promise<void> {
    flow.open(connection);
    try {
      await connection.script(begin(true));
      for (const [index, { statement, parameters }] of statements.entries()) {
        flow.check();
        if (index < statements.length - 1) await connection.run(statement, parameters);
        else await connection.stream(statement, parameters, flow);
      }
      await connection.script('COMMIT');
    } catch (error) {
      await rollback(connection);
      flow.check();
      throw toProblem(error);
    } finally {
      flow.close();
      connection.endTransaction(statements.some(({ statement }) => isClaims(statement)));
      this.#connections.release(connection);
    }
  }

  /** Runs `work` again when the server has undone all of it for another transaction's sake. */
  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    for (let reruns = 0; ; reruns += 1) {
      const outcome = await this.#attempt(work, options);
      if (outcome.kind === 'done') return outcome.result;
      if (!outcome.again || reruns === maxReruns || options.signal?.aborted) throw outcome.problem;
      await sleep(rerunMs * 2 ** reruns * (0.5 + Math.random()));
    }
  }

  async #attempt<T>(
    work: (transaction: Transaction) => Promise<T>,
    { signal, readOnly = false, commit = 'yes' }: TransactionOptions,
  ): Promise<Outcome<T>> {
    const connection = await this.#connections.acquire(signal);
    const session = new Session(connection, begin(readOnly), signal);
    try {
      const result = await work(session);
      if (commit === 'never') await rollback(connection);
      else await session.commit();
      return { kind: 'done', result };
    } catch (error) {
      const undone = await rollback(connection);
      return { kind: 'failed', problem: toProblem(error), again: undone && session.canRunAgain };
    } finally {
      session.end();
      this.#connections.release(connection);
    }
  }

  async journal(key: JournalKey): Promise<readonly JournalEntry[]> {
    return readJournal(this, key);
  }

  async migrate<T>(
    work: (session: MigrationSession) => Promise<T>,
    options: MigrateOptions = {},
  ): Promise<T> {
    const gate = await this.#connections.acquire(options.signal);
    gate.bounded = false;
    try {
      return await withMigrationLock(
        { gate, timeoutMs: this.#options.config.timeoutMs, open: () => this.#openBeside() },
        work,
        options,
      );
    } catch (error) {
      throw toProblem(error);
    } finally {
      // It is pinned otherwise than those of requests.
      gate.spent = true;
      this.#connections.release(gate);
    }
  }

  /** A session that is not of the pool, which may have one alone. */
  async #openBeside(): Promise<Connection> {
    const connection = new Connection(this.#options);
    try {
      await connection.open();
    } catch (error) {
      throw toConnectProblem(error);
    }
    return connection;
  }

  stats() {
    return this.#connections.stats();
  }

  async close(): Promise<void> {
    await this.#connections.close();
    this.#messenger.close();
  }
}

type Outcome<T> =
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'failed'; readonly problem: Problem; readonly again: boolean };

/** What a write of this dialect may do besides. */
export interface WriteTransaction extends Transaction {
  /** As `run`; but where a row exists already, the server has undone that one statement, and the transaction goes on. */
  attempt(statement: Statement, parameters: readonly Parameter[]): Promise<Rows | Problem>;
}

/** A transaction of which nothing is sent before its first statement. */
class Session implements WriteTransaction {
  readonly #connection: Connection;
  readonly #begin: string;
  readonly #signal: AbortSignal | undefined;
  #state: 'new' | 'open' | 'failed' | 'ended' = 'new';
  #earlier: { readonly statement: Statement; readonly parameters: readonly Parameter[] }[] = [];
  #claimed = false;
  /** Another transaction was in the way. */
  #yielded = false;
  /** Something may have been committed on the way: a procedure can, and so does DDL. */
  #mayHaveCommitted = false;

  constructor(connection: Connection, begin: string, signal: AbortSignal | undefined) {
    this.#connection = connection;
    this.#begin = begin;
    this.#signal = signal;
  }

  async run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows> {
    try {
      return await this.#next(statement, parameters);
    } catch (error) {
      throw this.#failed(error);
    }
  }

  async attempt(statement: Statement, parameters: readonly Parameter[]): Promise<Rows | Problem> {
    try {
      return await this.#next(statement, parameters);
    } catch (error) {
      if (isDuplicate(error)) return toProblem(error);
      throw this.#failed(error);
    }
  }

  /** The server goes on after an error, and after a deadlock without a transaction: here nothing does. */
  #failed(error: unknown): Problem {
    if (this.#state !== 'ended') this.#state = 'failed';
    this.#yielded ||= isUndone(error);
    return toProblem(error);
  }

  async #next(statement: Statement, parameters: readonly Parameter[]): Promise<Rows> {
    await this.#open();
    const earlier = this.#earlier;
    this.#earlier = [];
    for (const before of earlier) await this.#run(before.statement, before.parameters);
    return this.#run(statement, parameters);
  }

  /** When all of it is undone. */
  get canRunAgain(): boolean {
    return this.#yielded && !this.#mayHaveCommitted;
  }

  prepend(statement: Statement, parameters: readonly Parameter[]): void {
    this.#earlier.push({ statement, parameters });
  }

  async #open(): Promise<void> {
    switch (this.#state) {
      case 'new':
        await this.#connection.script(this.#begin);
        this.#state = 'open';
        return;
      case 'open':
        if (this.#connection.inTransaction) return;
        throw problem('P0001', 'Something in the database ended the transaction that it ran in.');
      case 'failed':
        throw new Error('a statement came after an error that was passed over');
      case 'ended':
        throw new Error('a statement came after the end of its transaction');
      default:
        return this.#state satisfies never;
    }
  }

  async #run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows> {
    this.#claimed ||= isClaims(statement);
    this.#mayHaveCommitted ||= isCall(statement);
    const rows = await runOn(this.#connection, statement, parameters, this.#signal);
    this.#mayHaveCommitted ||= !this.#connection.inTransaction;
    return rows;
  }

  async commit(): Promise<void> {
    if (this.#state === 'failed')
      throw new Error('the transaction was rolled back by an error that was passed over');
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    try {
      await this.#connection.script('COMMIT');
    } catch (error) {
      this.#yielded ||= isUndone(error);
      throw error;
    }
  }

  end(): void {
    this.#state = 'ended';
    this.#connection.endTransaction(this.#claimed);
  }
}

function begin(readOnly: boolean): string {
  return readOnly ? 'START TRANSACTION READ ONLY' : 'START TRANSACTION';
}

/** Nothing was run when a statement is stale, and outside a transaction the session is as good as before. */
async function retry(
  connection: Connection,
  statement: Statement,
  parameters: readonly Parameter[],
  signal: AbortSignal | undefined,
): Promise<Rows> {
  try {
    return await runOn(connection, statement, parameters, signal);
  } catch (error) {
    throw toProblem(error);
  }
}

/**
 * Rejects with the driver's error, or with a Problem when the caller gave up and the statement was ended for it. What ended
 * well before the request to end it arrived has happened, and says so.
 */
async function runOn(
  connection: Connection,
  statement: Statement,
  parameters: readonly Parameter[],
  signal: AbortSignal | undefined,
): Promise<Rows> {
  if (signal === undefined) return connection.run(statement, parameters);
  if (signal.aborted) throw abortedProblem(signal.reason);
  const cancel = () => connection.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await connection.run(statement, parameters);
  } catch (error) {
    throw signal.aborted ? abortedProblem(error) : error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** Functions and triggers can end no transaction. */
function isCall({ text }: Statement): boolean {
  return /^\s*CALL\b/i.test(text);
}

/**
 * The connection is not lent again unless the server confirms.
 *
 * @returns whether it did
 */
async function rollback(connection: Connection): Promise<boolean> {
  if (!connection.usable || !connection.inTransaction) return connection.usable;
  try {
    await connection.script('ROLLBACK');
    return true;
  } catch {
    connection.destroy();
    return false;
  }
}
