/** Pools before servers that cannot be opened or have frozen: every call ends, and closing does. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { openPool as openMysql } from '../engine/dialect/mysql/pool.ts';
import { configOf as mysqlConfig } from '../engine/dialect/mysql/scratch.fixture.ts';
import { openPool as openPostgres } from '../engine/dialect/postgres/pool.ts';
import { configOf as postgresConfig } from '../engine/dialect/postgres/scratch.fixture.ts';
import type { Pool } from '../engine/execute/journal.ts';
import { Problem } from '../engine/problem/problem.ts';
import { createDatabase, type TestEngine } from './database.ts';
import { createFaultProxy } from './fault-proxy.ts';

function open(engine: TestEngine, url: string, max: number): Pool {
  const pool = { max, acquireMs: 2_000 };
  return engine === 'postgres'
    ? openPostgres({ config: postgresConfig({ pool }), url })
    : openMysql({ config: mysqlConfig({ pool }), url });
}

function ask(pool: Pool) {
  return pool.run({ text: 'SELECT 1', name: undefined }, []);
}

async function endsWithin(ms: number, work: Promise<unknown>): Promise<void> {
  const late = new AbortController();
  const timer = sleep(ms, 'late', { signal: late.signal }).catch(() => {});
  const first = await Promise.race([work.then(() => 'ended'), timer]);
  late.abort();
  assert.equal(first, 'ended');
}

for (const engine of ['postgres', 'mariadb', 'mysql'] as const)
  describe(`a pool on ${engine}`, () => {
    const scheme = engine === 'postgres' ? 'postgres' : 'mysql';
    for (const [what, url] of [
      ['with an unescaped # in its password', `${scheme}://me:se#cret@127.0.0.1:1/none`],
      ['with an unescaped / in its password', `${scheme}://me:se/cret@127.0.0.1:1/none`],
      [
        'that names a file that is not there',
        `${scheme}://me:secret@127.0.0.1:1/none?sslmode=verify-full&sslrootcert=/nowhere/cret.pem`,
      ],
    ] as const)
      it(`takes a URL ${what} for a database that cannot be reached, every time`, async () => {
        const pool = open(engine, url, 1);
        for (let attempt = 0; attempt < 3; attempt += 1) {
          const error = await ask(pool).then(
            () => assert.fail('it should have been refused'),
            (reason: unknown) => reason,
          );
          assert.ok(error instanceof Problem, String(error));
          assert.deepEqual(
            [error.code, error.message, error.hint],
            ['NS503', 'The database cannot be reached at the moment.', null],
          );
          assert.doesNotMatch(inspect(error, { depth: 9 }), /me:se/);
          assert.equal(pool.stats().open, 0);
        }
        await endsWithin(1_000, pool.close());
      });

    it('closes though its server has frozen', async (t) => {
      const { url } = await createDatabase(t, engine);
      const proxy = await createFaultProxy(t, url);
      const pool = open(engine, proxy.url, 2);
      await ask(pool);
      proxy.become('frozen');
      await endsWithin(3_000, pool.close());
    });
  });
