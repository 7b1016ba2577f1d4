import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Embedded, openEmbedded } from '../../execute/embedded.ts';
import { Problem } from '../../problem/problem.ts';
import type { Pool, Statement } from '../dialect.ts';
import { isAborted } from '../problems.ts';
import { openPool } from './pool.ts';
import { configOf, until } from './scratch.fixture.ts';

function sql(text: string, name?: string): Statement {
  return { text, name };
}

async function codeOf(promise: Promise<unknown>): Promise<readonly unknown[]> {
  const error = await promise.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Problem, String(error));
  return [error.code, error.status, error.headers];
}

describe('a pool on the embedded database', { timeout: 120_000 }, () => {
  let embedded: Embedded;
  let pool: Pool;
  before(async () => {
    embedded = await openEmbedded({ folder: null });
    const config = configOf({ engine: 'embedded', timeoutMs: 700, pool: { max: 20, idleMs: 50 } });
    pool = openPool({ config, url: embedded.url });
  });
  after(async () => {
    await pool.close();
    await embedded.close();
  });

  it('has one connection, whatever the configuration says, and it never idles out', async () => {
    const work = Array.from({ length: 20 }, (_, n) => pool.run(sql('SELECT $1::int', 'n'), [String(n)]));
    const rows = (await Promise.all(work)).map((result) => result.rows[0]![0]);
    assert.deepEqual(
      rows,
      Array.from({ length: 20 }, (_, n) => String(n)),
    );
    assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    const since = performance.now();
    await until(() => performance.now() - since > 300);
    assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
  });

  it('is pinned as any session is', async () => {
    const { rows } = await pool.run(
      sql(
        `SELECT current_setting('TimeZone'), current_setting('search_path'), '\\x00'::bytea, ARRAY['a', NULL]`,
      ),
      [],
    );
    assert.deepEqual(rows, [['UTC', '"public"', '\\x00', '{a,NULL}']]);
  });

  it('keeps transactions, and goes on after errors', async () => {
    await pool.run(sql('CREATE TABLE t (n int PRIMARY KEY)'), []);
    const insert = sql('INSERT INTO t VALUES ($1)', 'insert');
    await pool.transaction((transaction) => transaction.run(insert, ['1']));
    const twice = pool.transaction(async (transaction) => {
      await transaction.run(insert, ['2']);
      await transaction.run(insert, ['1']);
    });
    assert.deepEqual(await codeOf(twice), ['23505', 409, {}]);
    assert.deepEqual(await codeOf(pool.run(insert, ['x'])), ['22P02', 400, {}]);
    assert.deepEqual((await pool.run(sql('SELECT n FROM t'), [])).rows, [['1']]);
  });

  it('prepares again after DDL', async () => {
    const read = sql('SELECT * FROM t', 'star');
    assert.deepEqual((await pool.run(read, [])).rows, [['1']]);
    await pool.run(sql(`ALTER TABLE t ADD m text DEFAULT 'x'`), []);
    assert.deepEqual((await pool.run(read, [])).rows, [['1', 'x']]);
  });

  it('lets a statement run to its end when its caller goes away, and tells nobody else', async () => {
    const caller = new AbortController();
    const given = pool.run(sql('SELECT count(*) FROM generate_series(1, 300000)'), [], {
      signal: caller.signal,
    });
    const waiting = pool.run(sql('SELECT 1'), [], { signal: caller.signal });
    caller.abort();
    await assert.rejects(waiting, isAborted);
    assert.deepEqual((await given).rows, [['300000']]);
    assert.deepEqual((await pool.run(sql('SELECT 1'), [])).rows, [['1']]);
  });

  it('answers 504 to a statement past its timeout, and works again with its data', async () => {
    const endless = sql('SELECT count(*) FROM generate_series(1, 1000000000)');
    assert.deepEqual(await codeOf(pool.run(endless, [])), ['57014', 504, { 'Retry-After': '1' }]);
    assert.deepEqual((await pool.run(sql('SELECT n FROM t'), [])).rows, [['1']]);
  });

  it('streams, and waits for a slow reader as long as it likes', async () => {
    const statement = sql('SELECT g, current_setting($1) FROM generate_series(1, 100000) g');
    const setting = sql(`SELECT set_config('my.a', 'b', true)`);
    const since = performance.now();
    let rows = 0;
    let last: unknown;
    const slow = async (batch: readonly unknown[]) => {
      const longerThanTheTimeout = () => performance.now() - since > 1_500;
      if (rows === 0) await until(longerThanTheTimeout);
      rows += batch.length;
      last = batch.at(-1);
    };
    const options = { before: [{ statement: setting, parameters: [] }] };
    assert.equal(await pool.stream(statement, ['my.a'], slow, options), 100_000);
    assert.deepEqual([rows, last], [100_000, ['100000', 'b']]);
    let bytes = 0;
    const counted = await pool.streamText(statement, ['TimeZone'], (lines) => {
      bytes += lines.length;
    });
    assert.deepEqual([counted, bytes], [100_000, 588_895]);
    assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
  });

  it('goes on after streams that fail, that are given up, and that take too long', async () => {
    const rows = 'FROM generate_series(1, 100000) g';
    let before = 0;
    const failing = pool.stream(sql(`SELECT 1 / (g - 50000) ${rows}`), [], (batch) => {
      before += batch.length;
    });
    assert.deepEqual(await codeOf(failing), ['22012', 400, {}]);
    assert.equal(before, 49_999);
    assert.deepEqual(await codeOf(pool.stream(sql('INSERT INTO t VALUES (9)'), [], () => {})), [
      '25006',
      405,
      {},
    ]);
    const caller = new AbortController();
    const { signal } = caller;
    const given = pool.streamText(sql(`SELECT g ${rows}`), [], () => caller.abort(), { signal });
    await assert.rejects(given, isAborted);
    assert.deepEqual((await pool.run(sql('SELECT count(*) FROM t'), [])).rows, [['1']]);
    const endless = sql('SELECT count(*) FROM generate_series(1, 1000000000)');
    const late = pool.stream(endless, [], () => {});
    assert.deepEqual(await codeOf(late), ['57014', 504, { 'Retry-After': '1' }]);
    assert.deepEqual((await pool.run(sql('SELECT n FROM t'), [])).rows, [['1']]);
  });

  it('answers 503 while the database starts again', async () => {
    const running = codeOf(pool.run(sql('SELECT pg_sleep(0.5)'), []));
    await until(() => pool.stats().idle === 0);
    await embedded.restart();
    const [code, status] = await running;
    assert.deepEqual([code, status], ['NS503', 503]);
    assert.deepEqual((await pool.run(sql('SELECT n FROM t'), [])).rows, [['1']]);
  });
});
