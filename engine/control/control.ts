/** The control store, a PostgreSQL database: what several engines agree on, who of them leads, which tokens are used. */
import { createHash, randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { ReplayGuard } from '../auth/replay.ts';
import type { Operation } from '../reconcile/fleet.ts';
import { keptOperations } from '../reconcile/operations.ts';
import type { Peers, PeersNews, Wish } from '../reconcile/peers.ts';
import { locks, schema, tables } from './schema.ts';

export interface ControlOptions extends PeersNews {
  readonly url: string;
  /** The store cannot be reached, or can be again: then `cause` is undefined. */
  readonly onReachable: (reachable: boolean, cause: unknown) => void;
  /** Milliseconds between two looks whether the store is there, and who leads. Default 5,000. */
  readonly lookMs?: number;
}

/** Milliseconds that a connection, and a statement, may take. */
const patienceMs = 5_000;
/** Used tokens that are kept at a time. */
const maxTokens = 100_000;
/** Looks between two at the wishes, though nobody told of new ones. */
const looksForWishes = 6;

const channel = schema;

export class Control implements Peers, ReplayGuard {
  /** Tells engines apart; its advisory lock says that this one is alive. */
  readonly id = randomInt(1, 2 ** 31);
  readonly #options: ControlOptions;
  readonly #pool: pg.Pool;
  /** Listens, and holds the locks: with it they go. */
  #session: pg.Client | undefined;
  #leads = false;
  /** Undefined: not tried yet. */
  #reachable: boolean | undefined;
  #looks = 0;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> = Promise.resolve();
  /** What nobody waits for comes in order. */
  #keeping: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: ControlOptions) {
    this.#options = options;
    this.#pool = new pg.Pool({ ...this.#settings(), max: 4, idleTimeoutMillis: 30_000 });
    // A connection that idles and is cut is none that anybody waits for.
    this.#pool.on('error', () => {});
  }

  /** Resolves when the store has been tried once; it is tried again and again from then on. */
  async start(): Promise<void> {
    if (this.#closed) return;
    this.#looking = this.#look();
    await this.#looking;
  }

  leads(): boolean {
    return this.#leads;
  }

  async first(id: string, expiresAt: number): Promise<boolean> {
    const hash = createHash('sha256').update(id).digest();
    await this.#query(`delete from ${schema}.used_tokens where expires_at < now()`, []);
    const { rows } = await this.#query(
      `insert into ${schema}.used_tokens (id, expires_at)
       select $1, to_timestamp($2::float8 / 1000) where (select count(*) from ${schema}.used_tokens) < $3
       on conflict do nothing returning 1`,
      [hash, expiresAt, maxTokens],
    );
    if (rows.length > 0) return true;
    const known = await this.#query(`select 1 from ${schema}.used_tokens where id = $1`, [hash]);
    if (known.rows.length > 0) return false;
    throw new Error(`More than ${maxTokens} tokens were used in a short time.`);
  }

  look(source: string): void {
    void this.#notify({ kind: 'look', source });
  }

  forget(source: string, folder: string): void {
    const work = async () => {
      await this.#query(`delete from ${schema}.wishes where source = $1 and folder = $2`, [source, folder]);
      await this.#notify({ kind: 'forget', source, folder });
    };
    this.#keeping = this.#keeping.then(work).catch(() => {});
  }

  keep(operation: Operation): void {
    this.#keeping = this.#keeping.then(() => this.#keep(operation)).catch(() => {});
  }

  async operation(id: string): Promise<Operation | undefined> {
    if (!/^[0-9a-f-]{36}$/.test(id)) return undefined;
    const { rows } = await this.#query(`${select} where id = $1`, [id]);
    return rows.map(operationOf)[0];
  }

  async operations(project: string): Promise<readonly Operation[]> {
    const { rows } = await this.#query(
      `${select} where project = $1 order by created_at desc limit ${keptOperations}`,
      [project],
    );
    return rows.map(operationOf);
  }

  async wish({ source, folder, suspended, pinned }: Wish): Promise<void> {
    await this.#query(
      `insert into ${schema}.wishes values ($1, $2, $3, $4)
       on conflict (source, folder) do update set suspended = excluded.suspended, pinned = excluded.pinned`,
      [source, folder, suspended, pinned === null ? null : JSON.stringify(pinned)],
    );
    await this.#notify({ kind: 'wishes' });
  }

  async wishes(): Promise<readonly Wish[]> {
    const { rows } = await this.#query(`select source, folder, suspended, pinned from ${schema}.wishes`, []);
    return rows as Wish[];
  }

  /** Gives up the lead first, so that another engine has it while this one's last requests end. Idempotent. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#keeping;
    await this.#drop();
    await this.#pool.end();
  }

  #settings(): pg.ClientConfig {
    return {
      connectionString: this.#options.url,
      application_name: 'novastack control',
      connectionTimeoutMillis: patienceMs,
      statement_timeout: patienceMs,
      query_timeout: 2 * patienceMs,
      keepAlive: true,
    };
  }

  async #query(sql: string, values: readonly unknown[]): Promise<pg.QueryResult> {
    if (this.#reachable !== true) throw new Error('The control store cannot be reached.');
    return this.#pool.query(sql, [...values]);
  }

  async #keep(operation: Operation): Promise<void> {
    await this.#query(
      `insert into ${schema}.operations values ($1, $2, $3, $4, $5)
       on conflict (id) do update set value = excluded.value`,
      [operation.id, operation.project, this.id, JSON.stringify(operation), operation.createdAt],
    );
    await this.#query(
      `delete from ${schema}.operations where project = $1 and id not in (
         select id from ${schema}.operations where project = $1 order by created_at desc limit ${keptOperations})`,
      [operation.project],
    );
  }

  async #notify(message: Message): Promise<void> {
    await this.#query('select pg_notify($1, $2)', [
      channel,
      JSON.stringify({ ...message, engine: this.id }),
    ]).catch(() => {});
  }

  async #look(): Promise<void> {
    try {
      await this.#hold();
      const { rows } = await this.#session!.query(
        this.#leads ? 'select true as leads' : `select pg_try_advisory_lock(${locks.leader}, 0) as leads`,
      );
      this.#lead(rows[0].leads === true);
      this.#looks += 1;
      if (this.#looks % looksForWishes === 0) this.#options.onWishes();
    } catch (cause) {
      await this.#lost(cause);
    }
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#looking = this.#look();
    }, this.#options.lookMs ?? 5_000);
    this.#timer.unref();
  }

  /** A session that listens and is known to be alive. */
  async #hold(): Promise<void> {
    if (this.#session !== undefined) return;
    const session = new pg.Client(this.#settings());
    session.on('error', (cause) => {
      // One that was given up may end long after another took its place.
      if (this.#session === session) void this.#lost(cause);
    });
    session.on('notification', ({ payload }) => this.#heard(payload));
    try {
      await session.connect();
      await makeTables(session);
      await session.query('select pg_advisory_lock($1, $2)', [locks.engine, this.id]);
      await session.query(`listen ${channel}`);
    } catch (error) {
      await ended(session);
      throw error;
    }
    this.#session = session;
    this.#reached(true, undefined);
    // Whatever was said meanwhile was not heard.
    this.#options.onWishes();
  }

  async #lost(cause: unknown): Promise<void> {
    const dropped = this.#drop();
    this.#reached(false, cause);
    await dropped;
  }

  #reached(reachable: boolean, cause: unknown): void {
    if (this.#reachable === reachable) return;
    this.#reachable = reachable;
    if (!this.#closed) this.#options.onReachable(reachable, cause);
  }

  async #drop(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    this.#lead(false);
    if (session !== undefined) await ended(session);
  }

  #lead(leads: boolean): void {
    if (this.#leads === leads) return;
    this.#leads = leads;
    this.#options.onLead(leads);
  }

  #heard(payload: string | undefined): void {
    const message = read(payload);
    if (message === undefined || message.engine === this.id) return;
    if (message.kind === 'look') this.#options.onLook(message.source);
    else if (message.kind === 'forget') this.#options.onForget(message.source, message.folder);
    else this.#options.onWishes();
  }
}

type Message =
  | { readonly kind: 'look'; readonly source: string }
  | { readonly kind: 'forget'; readonly source: string; readonly folder: string }
  | { readonly kind: 'wishes' }; // biome-ignore format: one case a line

/** Whether the engine that does it is alive is told by its lock. */
const select = `select value, not (value->>'endedAt' is null and not exists (
    select from pg_locks l join pg_database d on d.oid = l.database
    where d.datname = current_database() and l.locktype = 'advisory' and l.classid = ${locks.engine} and l.objid = engine
  )) as alive from ${schema}.operations`;

function operationOf({ value, alive }: { readonly value: Operation; readonly alive: boolean }): Operation {
  if (alive) return value;
  return { ...value, state: 'failed', reason: 'EngineFault', message: 'The engine that did it has ended.' };
}

/** Two engines that start at once make them once. */
async function makeTables(session: pg.Client): Promise<void> {
  await session.query('begin');
  await session.query('select pg_advisory_xact_lock($1, 0)', [locks.tables]);
  await session.query(tables);
  await session.query('commit');
}

/** One whose server has frozen does not end in order, and nobody waits for it. */
async function ended(session: pg.Client): Promise<void> {
  await Promise.race([session.end().catch(() => {}), sleep(1_000, undefined, { ref: false })]);
}

function read(payload: string | undefined): (Message & { readonly engine: number }) | undefined {
  try {
    return JSON.parse(payload ?? '');
  } catch {
    return undefined;
  }
}
