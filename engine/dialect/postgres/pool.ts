/** The Pool of a Postgres database: statements, transactions and migrations on lent connections. Knows no request. */
import { Connections } from '../connections.ts';
import type {
  ConnectionSettings,
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
import { abortedProblem, tooManyStreams } from '../problems.ts';
import { Connection, type ConnectionOptions, type Earlier } from './connection.ts';
import { isStalePlan, toProblem } from './errors.ts';
import { readJournal } from './journal.ts';
import { withMigrationLock } from './migrate.ts';
import { LineBatch, ListBatch, type RowBatch } from './row-batch.ts';
import { pinSession } from './session.ts';
import { type StreamedStatement, streamOn } from './stream.ts';

/** Opens nothing yet: the first statement does. */
export function openPool(settings: ConnectionSettings): Pool {
  return new PostgresPool(settings);
}

class PostgresPool implements Pool {
  readonly #settings: ConnectionSettings;
  readonly #connections: Connections<Connection>;
  /** A slow reader holds a connection for long, so that some are left for everybody else. */
  readonly #maxStreams: number;
  #streams = 0;

  constructor(settings: ConnectionSettings) {
    const { config } = settings;
    const pin = pinSession(config);
    // PGlite is one session behind any number of sockets: two would share names and transactions, and what the socket
    // before left behind is still there. It keeps no other thread in which a cancel request could be heard.
    const embedded = config.engine === 'embedded';
    this.#settings = settings;
    this.#maxStreams = embedded ? 1 : Math.max(1, Math.floor(config.pool.max / 2));
    const options: ConnectionOptions = {
      url: settings.url,
      connectMs: config.pool.acquireMs,
      opening: embedded ? ['DISCARD ALL', pin] : [pin],
      cancellable: !embedded,
    };
    this.#connections = new Connections(() => new Connection(options), {
      max: embedded ? 1 : config.pool.max,
      acquireMs: config.pool.acquireMs,
      idleMs: embedded ? undefined : config.pool.idleMs,
      lifetimeMs: embedded ? undefined : config.pool.lifetimeMs,
      timeoutMs: config.timeoutMs,
    });
  }

  async run(statement: Statement, parameters: readonly Parameter[], options?: RunOptions): Promise<Rows> {
    const signal = options?.signal;
    const connection = this.#connections.take() ?? (await this.#connections.acquire(signal));
    try {
      return await runOn(connection, statement, parameters, signal);
    } catch (error) {
      if (!isStalePlan(error)) throw toProblem(error);
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
    batch: RowBatch,
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
      await this.#lendTo(flow, connection, { statement, parameters, before });
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
    flow: Flow<RowBatch>,
    connection: Connection,
    streamed: Omit<StreamedStatement, 'keepsTimeout'>,
  ): Promise<void> {
    flow.open(connection);
    try {
      const keepsTimeout = this.#settings.config.engine === 'embedded';
      await streamOn(connection, { ...streamed, keepsTimeout }, flow);
    } catch (error) {
      await rollback(connection);
      flow.check();
      throw toProblem(error);
    } finally {
      flow.close();
      this.#connections.release(connection);
    }
  }

  async transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options: TransactionOptions = {},
  ): Promise<T> {
    const { signal, readOnly } = options;
    const connection = await this.#connections.acquire(signal);
    // BEGIN travels with the first statement: one round trip less, and none where nothing is run.
    let earlier = [unprepared(readOnly === true ? 'BEGIN READ ONLY' : 'BEGIN')];
    let ended = false;
    const transaction: Transaction = {
      run: async (statement, parameters) => {
        if (ended) throw toProblem(new Error('a statement came after the end of its transaction'));
        const first = earlier;
        earlier = [];
        try {
          return await runOn(connection, statement, parameters, signal, first);
        } catch (error) {
          throw toProblem(error);
        }
      },
      prepend: (statement, parameters) => {
        earlier.push({ statement, parameters });
      },
    };
    try {
      const result = await work(transaction);
      ended = true;
      if (options.commit === 'never') await rollback(connection);
      else if (connection.inTransaction || !connection.usable) await commit(connection);
      return result;
    } catch (error) {
      ended = true;
      await rollback(connection);
      throw toProblem(error);
    } finally {
      this.#connections.release(connection);
    }
  }

  journal(key: JournalKey) {
    return readJournal(this, key);
  }

  async migrate<T>(
    work: (session: MigrationSession) => Promise<T>,
    options: MigrateOptions = {},
  ): Promise<T> {
    const connection = await this.#connections.acquire(options.signal);
    connection.bounded = false;
    try {
      return await withMigrationLock(connection, this.#settings.config, work, options);
    } catch (error) {
      throw toProblem(error);
    } finally {
      // Whatever the scripts left in the session ends with it.
      connection.spent = true;
      this.#connections.release(connection);
    }
  }

  stats() {
    return this.#connections.stats();
  }

  close(): Promise<void> {
    return this.#connections.close();
  }
}

/** Nothing was run when a plan is stale, and outside a transaction the session is as good as before. */
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

/** A statement without parameters that is not worth keeping. */
function unprepared(text: string): Earlier {
  return { statement: { text, name: undefined }, parameters: [] };
}

/** Rejects with the driver's error, or with a Problem when the caller gave up and the statement was ended for it. */
function runOn(
  connection: Connection,
  statement: Statement,
  parameters: readonly Parameter[],
  signal: AbortSignal | undefined,
  first?: readonly Earlier[],
): Promise<Rows> {
  return signal === undefined
    ? connection.run(statement, parameters, first)
    : runUntilAborted(connection, statement, parameters, signal, first);
}

/** What ended well before the request to cancel arrived has happened, and says so. */
async function runUntilAborted(
  connection: Connection,
  statement: Statement,
  parameters: readonly Parameter[],
  signal: AbortSignal,
  first: readonly Earlier[] | undefined,
): Promise<Rows> {
  if (signal.aborted) throw abortedProblem(signal.reason);
  const cancel = () => connection.cancel();
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await connection.run(statement, parameters, first);
  } catch (error) {
    throw signal.aborted ? abortedProblem(error) : error;
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

/** A transaction that a swallowed error had aborted answers COMMIT with ROLLBACK. */
async function commit(connection: Connection): Promise<void> {
  const tag = await connection.script('COMMIT');
  if (tag !== 'COMMIT') throw new Error('the transaction was rolled back by an error that was passed over');
}

/** The connection is not lent again unless the server confirms. */
async function rollback(connection: Connection): Promise<void> {
  if (connection.cancelling && connection.usable) await connection.settleCancel();
  if (!connection.usable || !connection.inTransaction) return;
  await connection.script('ROLLBACK').catch(() => connection.destroy());
}
