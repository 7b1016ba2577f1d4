/** Migrations whose caller gives up, or whose server freezes: they end, and the journal says what was done. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, type TestDatabase } from '../../test/database.ts';
import { createFaultProxy, type FaultProxy } from '../../test/fault-proxy.ts';
import { configOf } from '../dialect/postgres/scratch.fixture.ts';
import type { Pool } from '../execute/journal.ts';
import { Pools } from '../execute/pools.ts';
import { Problem } from '../problem/problem.ts';
import { migrateUp, migrationStatus } from './journal.ts';
import type { Migration } from './migrations.ts';

const key = { project: 'shop', database: 'main' };

const config = configOf({ timeoutMs: 500, pool: { max: 1, acquireMs: 2_000 } });

function migration(sql: string, rest: Partial<Migration> = {}): Migration {
  const checksum = createHash('sha256').update(sql).digest('hex');
  return { number: '0001', name: 'x', file: 'm/0001_x.sql', sql, checksum, transaction: true, ...rest };
}

/** The whole of what a caller is told. */
async function refusal(work: Promise<unknown>): Promise<readonly [string, string]> {
  const error = await work.then(
    () => assert.fail('it should have ended otherwise'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Problem, String(error));
  return [error.code, error.message];
}

const givenUp = ['57014', 'The request was given up by its caller.'];
const noAnswer = ['57014', 'The database gave no answer within 500 ms.'];

async function states(pool: Pool, migrations: readonly Migration[]): Promise<readonly string[]> {
  const { scripts } = await migrationStatus(pool, key, migrations);
  return scripts.map(({ state }) => state);
}

/** Milliseconds that the work took. */
async function lasted(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work.catch(() => {});
  return performance.now() - began;
}

for (const engine of ['postgres', 'mariadb', 'mysql'] as const)
  describe(`migrations on ${engine}`, () => {
    const onPostgres = engine === 'postgres';
    /** As many statements as have this mark in them. */
    const runningNow = onPostgres
      ? `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%slowly%' AND pid <> pg_backend_pid()`
      : `SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND info LIKE '%slowly%' AND id <> CONNECTION_ID()`;
    /** Lasts as long as `pace` says for each of a thousand rows. */
    const slowly = onPostgres
      ? 'SELECT /* slowly */ count(pg_sleep(seconds * 1000)) AS most FROM pace'
      : 'SELECT /* slowly */ MAX(n + SLEEP(seconds)) AS most FROM numbers, pace';

    async function paced(t: TestContext): Promise<TestDatabase> {
      const database = await createDatabase(t, engine);
      await database.query('CREATE TABLE pace (seconds double precision)');
      await database.query('INSERT INTO pace VALUES (0.06)');
      await database.query('CREATE TABLE numbers (n int)');
      const thousand = Array.from({ length: 1000 }, (_, n) => `(${n})`).join(', ');
      await database.query(`INSERT INTO numbers VALUES ${thousand}`);
      return database;
    }

    function leased(t: TestContext, url: string): Pool {
      const { pool, release } = new Pools().lease({
        config: { ...config, engine: onPostgres ? 'postgres' : 'mysql' },
        url,
      });
      t.after(release);
      return pool;
    }

    async function until(database: TestDatabase, running: number): Promise<void> {
      for (const end = performance.now() + 10_000; performance.now() < end; await sleep(20))
        if ((await database.query(runningNow)).length === running) return;
      assert.fail(`there are not ${running} statements running`);
    }

    const givesUp = (pool: Pool, one: Migration, database: TestDatabase, before?: () => void) => {
      const { signal, abort } = controlled();
      const ended = refusal(migrateUp(pool, key, [one], { signal }));
      const took = until(database, 1).then(() => {
        before?.();
        abort();
        return lasted(ended);
      });
      return Promise.all([ended, took]);
    };

    it('end with the statement that runs, and what shares its transaction is undone', async (t) => {
      const database = await paced(t);
      const pool = leased(t, database.url);
      const one = migration(`INSERT INTO numbers VALUES (-1);\n${slowly};`);
      const [told, tookMs] = await givesUp(pool, one, database);
      assert.deepEqual(told, givenUp);
      assert.ok(tookMs < 4_000, `${tookMs} ms`);
      await until(database, 0);
      assert.deepEqual(await database.query('SELECT n FROM numbers WHERE n < 0'), []);
      assert.deepEqual(await states(pool, [one]), ['pending']);
      await database.query('UPDATE pace SET seconds = 0');
      assert.deepEqual(await migrateUp(pool, key, [one]), { value: ['m/0001_x.sql'], diagnostics: [] });
      assert.equal((await database.query('SELECT n FROM numbers WHERE n < 0')).length, 1);
    });

    it('go on behind what was done outside a transaction', async (t) => {
      const database = await paced(t);
      const pool = leased(t, database.url);
      const one = migration(`CREATE TABLE once (n int);\nCREATE TABLE other AS ${slowly};`, {
        transaction: false,
      });
      const [told, tookMs] = await givesUp(pool, one, database);
      assert.deepEqual(told, givenUp);
      assert.ok(tookMs < 4_000, `${tookMs} ms`);
      await until(database, 0);
      await database.query('UPDATE pace SET seconds = 0');
      assert.deepEqual(await migrateUp(pool, key, [one]), { value: ['m/0001_x.sql'], diagnostics: [] });
      assert.equal((await database.query('SELECT * FROM other')).length, 1);
    });

    it('end though the server has frozen, and so does the pool', async (t) => {
      const database = await paced(t);
      const proxy = await createFaultProxy(t, database.url);
      const pool = leased(t, proxy.url);
      const [told, tookMs] = await givesUp(pool, migration(`${slowly};`), database, () =>
        proxy.become('frozen'),
      );
      assert.deepEqual(told, givenUp);
      assert.ok(tookMs < 5_000, `${tookMs} ms`);
      assert.ok((await lasted(pool.close())) < 5_000);
      // No request to end it could reach the server.
      for (const row of await database.query(runningNow)) {
        const [id] = Object.values(row);
        await database.query(onPostgres ? `SELECT pg_terminate_backend(${id})` : `KILL ${id}`);
      }
    });

    const asks: readonly (readonly [string, (pool: Pool, proxy: FaultProxy) => Promise<unknown>])[] = [
      [
        'takes the lock',
        async (pool, proxy) => {
          await pool.journal(key);
          proxy.become('frozen');
          await pool.migrate(async () => assert.fail('it has no lock'));
        },
      ],
      [
        'reads the journal',
        (pool, proxy) =>
          pool.migrate((session) => {
            proxy.become('frozen');
            return session.journal(key);
          }),
      ],
    ];
    for (const [what, ask] of asks)
      it(`take a server that freezes while one ${what} for one that does not answer`, async (t) => {
        const database = await createDatabase(t, engine);
        const proxy = await createFaultProxy(t, database.url);
        const pool = leased(t, proxy.url);
        const told = refusal(ask(pool, proxy));
        assert.ok((await lasted(told)) < 6_000);
        assert.deepEqual(await told, noAnswer);
      });
  });

function controlled() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
