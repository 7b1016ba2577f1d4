/** For tests: a database of its own on the Postgres server that the tests are given. */
import type { DatabaseConfig } from '../../../schema/project.ts';
import { createDatabase } from '../../../test/database.ts';
import type { Pool } from '../dialect.ts';
import { openPool } from './pool.ts';

export type Overrides = Partial<Omit<DatabaseConfig, 'pool'>> & {
  readonly pool?: Partial<DatabaseConfig['pool']>;
};

export interface Scratch {
  readonly url: string;
  /** A pool on it; closed by `drop`. */
  open(overrides?: Overrides): Pool;
  /** Runs a statement outside the pools under test, and gives its rows. */
  sql(text: string): Promise<readonly (readonly (string | null)[])[]>;
  drop(): Promise<void>;
}

export async function scratchDatabase(): Promise<Scratch> {
  const endings: (() => unknown)[] = [];
  const { url } = await createDatabase(
    { after: (ending) => void endings.push(ending as () => unknown) },
    'postgres',
  );
  const pools: Pool[] = [];
  const open = (overrides: Overrides = {}) => {
    const pool = openPool({ config: configOf(overrides), url });
    pools.push(pool);
    return pool;
  };
  const side = open({ pool: { max: 2 } });
  return {
    url,
    open,
    sql: async (text) => (await side.run({ text, name: undefined }, [])).rows,
    async drop() {
      await Promise.all(pools.map((pool) => pool.close()));
      for (const ending of endings) await ending();
    },
  };
}

export function configOf({ pool, ...overrides }: Overrides = {}): DatabaseConfig {
  return {
    name: 'main',
    engine: 'postgres',
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

/** Waits on a condition, not on a timer: asks again until it holds, at most 10 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
