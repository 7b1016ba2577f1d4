/** For tests: a database of its own on each of the two servers, and pools on it. */
import { after, before } from 'node:test';
import type { DatabaseConfig } from '../../../schema/project.ts';
import { createDatabase, type TestDatabase } from '../../../test/database.ts';
import { Problem } from '../../problem/problem.ts';
import type { Pool, Statement } from '../dialect.ts';
import { openPool } from './pool.ts';

export const servers = ['mariadb', 'mysql'] as const;

export type Overrides = Partial<Omit<DatabaseConfig, 'pool'>> & {
  readonly pool?: Partial<DatabaseConfig['pool']>;
};

export interface Scratch {
  readonly url: string;
  readonly name: string;
  /** Runs SQL outside the pools under test, as many statements as there are, and gives the rows of the last as texts. */
  sql(text: string): Promise<(string | null)[][]>;
  /** A pool on it for as long as the work takes. */
  within<T>(overrides: Overrides, work: (pool: Pool) => Promise<T>): Promise<T>;
}

/** Inside a `describe`: made before its tests and dropped after them. */
export function scratchOn(engine: (typeof servers)[number]): Scratch {
  const endings: (() => unknown)[] = [];
  let database: TestDatabase;
  before(async () => {
    database = await createDatabase({ after: (ending) => void endings.push(ending) }, engine);
  });
  after(async () => {
    for (const ending of endings) await ending();
  });
  return {
    get url() {
      return database.url;
    },
    get name() {
      return database.name;
    },
    sql: async (text) => {
      const rows = await database.query(text);
      return rows.map((row) => Object.values(row).map((value) => (value === null ? null : String(value))));
    },
    within: async (overrides, work) => {
      const pool = openPool({ config: configOf(overrides), url: database.url });
      try {
        return await work(pool);
      } finally {
        await pool.close();
      }
    },
  };
}

export function configOf({ pool, ...overrides }: Overrides = {}): DatabaseConfig {
  return {
    name: 'main',
    engine: 'mysql',
    url: undefined,
    schemas: undefined,
    searchPath: [],
    migrations: undefined,
    seeds: undefined,
    timeoutMs: 10_000,
    replicas: [],
    region: undefined,
    ...overrides,
    pool: { max: 4, acquireMs: 5_000, idleMs: 30_000, lifetimeMs: 1_800_000, mode: 'session', ...pool },
  };
}

export function sql(text: string, name?: string): Statement {
  return { text, name };
}

/** The whole of what a caller is told. */
export async function refusal(promise: Promise<unknown>) {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Problem)) throw new Error(`it should have been refused: ${error}`);
  const { code, status, message, details, hint, headers } = error;
  return { code, status, message, details, hint, headers };
}

export const soon = { 'Retry-After': '1' };
export const unreachable = {
  code: 'NS503',
  status: 503,
  message: 'The database cannot be reached at the moment.',
  details: null,
  hint: null,
  headers: soon,
};

/** The server's number of the session that a pool of one connection has. */
export async function session(pool: Pool): Promise<string> {
  const { rows } = await pool.run(sql('SELECT CONNECTION_ID()'), []);
  return rows[0]![0]!;
}

/** The numbers of sessions in which a statement with this text runs. */
export async function running(scratch: Scratch, mark: string): Promise<readonly string[]> {
  const rows = await scratch.sql(`SELECT ID FROM information_schema.PROCESSLIST
    WHERE DB = '${scratch.name}' AND COMMAND IN ('Query', 'Execute') AND INFO LIKE '%${mark}%' AND ID <> CONNECTION_ID()`);
  return rows.map(([id]) => id!);
}

/** A thousand numbers under the name `g`, in front of a SELECT; cross joins make more of them. */
export const thousand = 'WITH RECURSIVE g (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM g WHERE n < 999) ';

/** Takes a minute, with no work for the server. SLEEP alone just returns when it is ended. */
export function slow(mark: string): Statement {
  return sql(`${thousand} SELECT MAX(n + SLEEP(0.06)) /* ${mark} */ FROM g`);
}

/** Waits on a condition, not on a timer: asks again until it holds, at most 10 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
