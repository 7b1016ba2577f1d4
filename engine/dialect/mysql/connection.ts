/** One session of the pool: opens pinned, runs one statement at a time, keeps statements prepared, can be cancelled. */
import mysql from 'mysql2';
import type { DatabaseConfig } from '../../../schema/project.ts';
import type { Lent } from '../connections.ts';
import type { Parameter, Rows, Statement } from '../dialect.ts';
import type { Flow } from '../flow.ts';
import { answerTooLarge } from '../problems.ts';
import { endClaims, isClaims } from './claims.ts';
import { needsTarget, place, type Target, targetOf } from './constraint.ts';
import {
  endsConnection,
  expressionGivenUp,
  isServerError,
  isStale,
  parametersTooLarge,
  type ServerError,
  tooManyParameters,
} from './errors.ts';
import type { Messenger } from './messenger.ts';
import { ownSchema } from './own-schema.ts';
import { PacketMeter } from './packet-meter.ts';
import { Recorded } from './records.ts';
import type { StreamBatch } from './row-batch.ts';
import { type Flavor, maxWarnings, pinSession, statementTimeout } from './session.ts';
import { parseUrl } from './url.ts';
import { isCut, isGivenUp, isOfProgram } from './warnings.ts';
import { type Answer, Gathered, type Receiver, receive, type Wire, wireValues } from './wire.ts';

export interface SessionOptions {
  readonly url: string;
  readonly config: DatabaseConfig;
  readonly messenger: Messenger;
}

/** Statements one connection keeps prepared; the server has 16,382 for everybody (trap 23). */
export const maxPrepared = 200;
/** Characters of all statements that are kept, and of one. */
const maxPreparedText = 256 * 1024;
const maxKeptText = 16 * 1024;
/** Bytes of one row, and an answer is one row: more than a string may hold ends the process inside the driver. */
export const maxAnswerBytes = 64 * 1024 * 1024;
/** Milliseconds until a statement is asked to end again, doubled each time. */
const cancelAgainMs = 200;
/** What a server that has frozen does not hear is not waited for. */
const goodbyeMs = 1_000;
/** The protocol counts parameters in 16 bits. */
const maxParameters = 65_535;
/** Of a statement's packet: its number, flags, types. */
const packetOverhead = 1_024;

const triggersOf: Statement = {
  text: 'SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_OBJECT_SCHEMA = COALESCE(?, DATABASE()) AND EVENT_OBJECT_TABLE = ? LIMIT 1',
  name: 'novastack_triggers',
};

export class Connection implements Lent {
  readonly #options: SessionOptions;
  #database: string | undefined;
  #client: mysql.Connection | undefined;
  /** Text to its length, the least recently used first. */
  readonly #prepared = new Map<string, number>();
  #preparedText = 0;
  #flow: Flow<StreamBatch> | undefined;
  #cancelling: Promise<void> | undefined;
  #running = false;
  /** Statements sent, to tell one from the next. */
  #sent = 0;
  /** The server's number of this session. */
  #id = 0;
  #maxPacket = 0;
  /** Longest list of warnings that the server gives. */
  #listedWarnings = maxWarnings;
  #onSettled: () => void = () => {};
  /** Assignments that make the session again what it is for everybody, due before the next statement. */
  readonly #due = new Map<'claims' | 'timeout', string>();
  flavor: Flavor = 'mysql';
  inTransaction = false;
  readonly openedAt = performance.now();
  since = performance.now();
  /** False once the socket is gone or the session cannot be trusted. */
  usable = true;
  bounded = true;
  paused = false;
  spent = false;
  onBroken: () => void = () => {};

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  /** Connects and pins the session. Rejects with the driver's error. */
  async open(): Promise<void> {
    const { url, config } = this.#options;
    const connectMs = config.pool.acquireMs;
    let late = false;
    const deadline = setTimeout(() => {
      late = true;
      this.destroy();
    }, connectMs);
    try {
      this.#client = await connect(url, connectMs, (client) => {
        this.#client = client;
        this.#watch(client);
      });
      this.#intercept();
      await this.#pin(config);
    } catch (error) {
      this.destroy();
      throw late ? new Error(`no connection within ${connectMs} ms`, { cause: error }) : error;
    } finally {
      clearTimeout(deadline);
    }
  }

  async #pin(config: DatabaseConfig): Promise<void> {
    const { rows } = await this.script('SELECT VERSION(), CONNECTION_ID(), @@max_allowed_packet, DATABASE()');
    const [version, id, maxPacket, database] = rows[0]!;
    this.#database = database ?? undefined;
    this.flavor = /mariadb/i.test(version!) ? 'mariadb' : 'mysql';
    this.#id = Number(id);
    this.#maxPacket = Number(maxPacket);
    for (const text of pinSession(config, this.flavor)) await this.script(text);
    await this.#lengthenWarnings();
  }

  /** MySQL allows it to few accounts (SESSION_VARIABLES_ADMIN). */
  async #lengthenWarnings(): Promise<void> {
    try {
      await this.script(`SET SESSION max_error_count = ${maxWarnings}`);
    } catch (error) {
      if (!isServerError(error)) throw error;
      const { rows } = await this.script('SELECT @@max_error_count');
      this.#listedWarnings = Number(rows[0]![0]);
    }
  }

  /** A lost connection is told to the command that runs, and to nobody else. */
  #watch(client: mysql.Connection): void {
    // Without a listener one killed connection would end the process.
    client.on('error', () => this.#broke());
    client.on('end', () => this.#broke());
  }

  /** What the driver hears is counted, so that a huge answer is refused before it is gathered; a stream's rows go on by chunks. */
  #intercept(): void {
    const { stream } = this.#wire;
    const listeners = stream.listeners('data') as ((chunk: Buffer) => void)[];
    const meter = new PacketMeter(maxAnswerBytes);
    stream.on('data', (chunk: Buffer) => {
      if (!meter.accepts(chunk)) {
        stream.destroy(answerTooLarge(maxAnswerBytes));
        return;
      }
      const flow = this.#flow;
      if (flow !== undefined) this.since = performance.now();
      for (const listener of listeners) listener.call(stream, chunk);
      flow?.hand();
    });
    for (const listener of listeners) stream.off('data', listener);
    stream.on('close', () => this.#broke());
  }

  get #wire(): Wire {
    return this.#client as unknown as Wire;
  }

  get clean(): boolean {
    return this.usable && !this.#running && !this.inTransaction;
  }

  get running(): boolean {
    return this.#running;
  }

  /** MySQL has a timeout for reads alone, and what a stream's reader takes is not the statement's. */
  get timeless(): boolean {
    return this.flavor === 'mysql' || this.#due.has('timeout');
  }

  /** Settles when the server has said all, with the driver's error where it refused. */
  async run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows> {
    await this.#settle(statement);
    if (statement.described) {
      const recorded = new Recorded();
      const { affected } = await this.#execute(statement, parameters, recorded);
      return { rows: recorded.rows, affected, columns: recorded.described };
    }
    const gathered = new Gathered('binary', maxAnswerBytes, () =>
      this.destroy(answerTooLarge(maxAnswerBytes)),
    );
    const { affected, numbered } = await this.#execute(statement, parameters, gathered);
    return { rows: gathered.rows, affected, ...(numbered === undefined ? {} : { numbered }) };
  }

  /** Runs a statement that the server has no timeout for, and gives its rows to `flow`. Settles as `run` does. */
  async stream(
    statement: Statement,
    parameters: readonly Parameter[],
    flow: Flow<StreamBatch>,
  ): Promise<void> {
    await this.#settle(statement);
    this.#due.set('timeout', `SESSION ${statementTimeout(this.flavor, this.#options.config.timeoutMs)}`);
    await this.script(`SET SESSION ${statementTimeout(this.flavor, 0)}`);
    this.#flow = flow;
    try {
      await this.#execute({ text: statement.text, name: undefined }, parameters, {
        columns: (columns) => flow.batch.columns(columns),
        row: (packet) => {
          if (!flow.stopped) flow.batch.add(packet);
        },
      });
    } finally {
      this.#flow = undefined;
      this.resumeReading();
    }
  }

  pauseReading(): void {
    if (this.#flow === undefined) return;
    this.paused = true;
    this.#wire.stream.pause();
  }

  resumeReading(): void {
    if (!this.paused) return;
    this.paused = false;
    this.since = performance.now();
    this.#wire.stream.resume();
  }

  /** One statement of our own without parameters, not prepared: some cannot be. */
  async script(text: string): Promise<Rows> {
    if (this.#cancelling !== undefined && this.usable) await this.settleCancel();
    return this.#script(text);
  }

  async #script(text: string): Promise<Rows> {
    const gathered = new Gathered('text');
    const { affected } = await this.#exchange(gathered, (client, failed) => client.query(text, failed));
    return { rows: gathered.rows, affected };
  }

  async #execute(
    statement: Statement,
    parameters: readonly Parameter[],
    receiver: Receiver,
  ): Promise<Answer> {
    const { text } = statement;
    if (parameters.length > maxParameters) throw tooManyParameters(parameters.length);
    const values = wireValues(parameters);
    if (isLonger(values, this.#maxPacket - packetOverhead)) throw parametersTooLarge(this.#maxPacket);
    const keep = statement.name !== undefined && text.length <= maxKeptText;
    if (keep) this.#makeRoom(text);
    try {
      const answer = await this.#exchange(receiver, (client, failed) =>
        client.execute({ sql: text, values }, failed),
      );
      if (answer.warnings > 0) await this.#readWarnings(answer.warnings);
      return answer;
    } catch (error) {
      // One stale statement means that the schema has changed.
      if (isStale(error)) for (const known of [...this.#prepared.keys()]) this.#forget(known);
      if (isServerError(error)) await this.#locate(error, text).catch(() => {});
      throw error;
    } finally {
      if (!keep && this.usable) this.#client?.unprepare(text);
    }
  }

  /** Finds out which constraint it is while the server still knows. */
  async #locate(error: ServerError, text: string): Promise<void> {
    const target = targetOf(text);
    const own = target?.schema === ownSchema ? this.#database : undefined;
    const isTarget = needsTarget(error) && target !== undefined && !(await this.#mayBeOfTrigger(target));
    place(error, this.flavor, isTarget ? target : undefined, own);
  }

  /** MariaDB says in which program an error was; of MySQL we know no more than that there are triggers. */
  async #mayBeOfTrigger({ schema, relation }: Target): Promise<boolean> {
    if (this.flavor === 'mariadb') {
      const { rows } = await this.script('SHOW WARNINGS');
      return rows.some(([, code]) => isOfProgram(Number(code)));
    }
    const gathered = new Gathered('binary');
    await this.#execute(triggersOf, [schema === ownSchema ? null : schema, relation], gathered);
    return gathered.rows.length > 0;
  }

  /** A text that was cut is worse than none (trap 21), and so is one of which the list of warnings is too short to tell. */
  async #readWarnings(count: number): Promise<void> {
    const { rows } = await this.script('SHOW WARNINGS');
    if (rows.some(([, code]) => isGivenUp(Number(code)))) throw expressionGivenUp();
    const isWhole = rows.length < this.#listedWarnings || rows.length === count;
    if (!isWhole || rows.some(([, code]) => isCut(Number(code))))
      throw answerTooLarge(Math.min(this.#maxPacket, maxAnswerBytes));
  }

  #exchange(
    receiver: Receiver,
    send: (client: mysql.Connection, failed: (error: Error | null) => void) => unknown,
  ): Promise<Answer> {
    const client = this.#client;
    if (client === undefined || !this.usable) return Promise.reject(lost());
    return new Promise((resolve, reject) => {
      this.#running = true;
      this.#sent += 1;
      this.since = performance.now();
      const command = send(client, (error) => {
        const reason = error ?? lost();
        if (endsConnection(reason)) this.usable = false;
        this.#settled();
        reject(reason);
      });
      receive(command, receiver, (answer) => {
        this.inTransaction = answer.inTransaction;
        // The last rows go before the word that there are no more.
        this.#flow?.hand();
        this.#settled();
        resolve(answer);
      });
    });
  }

  #settled(): void {
    this.#running = false;
    this.since = performance.now();
    this.#onSettled();
  }

  /** What an earlier statement has left is gone when this one runs, a late request to end that one as well. */
  async #settle(statement: Statement): Promise<void> {
    if (this.#cancelling !== undefined && this.usable) await this.settleCancel();
    if (this.#due.size === 0) return;
    if (isClaims(statement)) this.#due.delete('claims');
    const due = [...this.#due.values()];
    if (due.length === 0) return;
    await this.script(`SET ${due.join(', ')}`);
    this.#due.clear();
  }

  /** From here on the session's claims are those of a transaction that has ended. */
  endTransaction(claimed: boolean): void {
    if (claimed) this.#due.set('claims', endClaims);
  }

  /** Forgets the least recently used until this text fits. */
  #makeRoom(text: string): void {
    // Deleted and set again: the order of the map is the order of use.
    if (this.#prepared.delete(text)) this.#preparedText -= text.length;
    for (const oldest of [...this.#prepared.keys()]) {
      if (this.#prepared.size < maxPrepared && this.#preparedText + text.length <= maxPreparedText) break;
      this.#forget(oldest);
    }
    this.#prepared.set(text, text.length);
    this.#preparedText += text.length;
  }

  #forget(text: string): void {
    this.#preparedText -= this.#prepared.get(text) ?? 0;
    this.#prepared.delete(text);
    if (this.usable) this.#client?.unprepare(text);
  }

  /**
   * Asks the server to end the statement that runs. The request names the session, not the statement, so the
   * connection is to be lent again only after `settleCancel`.
   */
  cancel(): void {
    if (!this.#running || this.#cancelling) return;
    this.#cancelling = this.#cancelUntilEnded();
  }

  /** Asks again: a request that comes before the server has begun the statement is lost. */
  async #cancelUntilEnded(): Promise<void> {
    const statement = this.#sent;
    for (let waitMs = cancelAgainMs; this.#running && this.#sent === statement; waitMs *= 2) {
      const heard = await this.#options.messenger.end(this.#id);
      // What was asked in vain may still arrive, whenever the server comes to it.
      if (!heard) this.spent = true;
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

  /** Waits until a late request can no longer hit the next statement. */
  async settleCancel(): Promise<void> {
    await this.#cancelling;
    // The request has been handled; if it came after the statement had ended, this one takes the hit.
    await this.#script('DO 0').catch(() => {});
    this.#cancelling = undefined;
  }

  /** Says goodbye; use on a connection at rest. Waits a little for the server to hang up. */
  end(): Promise<void> {
    this.usable = false;
    this.onBroken = () => {};
    const client = this.#client;
    if (client === undefined) return Promise.resolve();
    const { stream } = this.#wire;
    return new Promise((resolve) => {
      const late = setTimeout(() => stream.destroy(), goodbyeMs);
      stream.once('close', () => {
        clearTimeout(late);
        resolve();
      });
      client.end();
    });
  }

  /** Cuts the socket, whatever runs. What runs fails with `reason`, or as a lost connection does. */
  destroy(reason?: Error): void {
    this.usable = false;
    if (this.#client === undefined) return;
    // A server that finds no reader goes on all the same.
    if (this.#running && this.#id > 0) void this.#options.messenger.end(this.#id, 'CONNECTION');
    this.#wire.stream.destroy(reason);
  }

  #broke(): void {
    this.usable = false;
    const tell = this.onBroken;
    this.onBroken = () => {};
    tell();
  }
}

/** @param onClient called before anything can happen to it */
export function connect(
  url: string,
  connectMs: number,
  onClient: (client: mysql.Connection) => void,
): Promise<mysql.Connection> {
  return new Promise((resolve, reject) => {
    const client = mysql.createConnection({
      ...parseUrl(url),
      charset: 'utf8mb4',
      connectTimeout: connectMs,
      maxPreparedStatements: maxPrepared,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      jsonStrings: true,
      multipleStatements: false,
      // A server may ask for any file of ours; a space before a bracket and ODBC's IS NULL are not for us.
      flags: ['+FOUND_ROWS', '-LOCAL_FILES', '-IGNORE_SPACE', '-ODBC'],
      connectAttributes: { program_name: 'novastack' },
      enableKeepAlive: true,
      keepAliveInitialDelay: 10_000,
    });
    onClient(client);
    client.connect((error) => (error ? reject(error) : resolve(client)));
  });
}

function lost(): Error {
  return Object.assign(new Error('the connection was lost'), {
    code: 'PROTOCOL_CONNECTION_LOST',
    fatal: true,
  });
}

/** Whether the values take more than so many bytes. */
function isLonger(values: readonly (string | null)[], bytes: number): boolean {
  let characters = 0;
  for (const value of values) characters += value?.length ?? 0;
  // No character of UTF-16 takes more than three bytes.
  if (characters * 3 <= bytes) return false;
  let total = 0;
  for (const value of values) total += value === null ? 0 : Buffer.byteLength(value);
  return total > bytes;
}
