import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Problem } from '../../problem/problem.ts';
import type { OnText, Pool, Statement, StreamOptions } from '../dialect.ts';
import { isAborted } from '../problems.ts';
import { openPool } from './pool.ts';
import { openRelay, type Relay } from './relay.fixture.ts';
import { configOf, type Overrides, type Scratch, scratchDatabase, until } from './scratch.fixture.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

let scratch: Scratch;
before(async () => {
  scratch = await scratchDatabase();
});
after(() => scratch.drop());

function sql(text: string): Statement {
  return { text, name: undefined };
}

async function within<T>(overrides: Overrides, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = scratch.open(overrides);
  try {
    return await work(pool);
  } finally {
    await pool.close();
  }
}

/** As `within`, over a network that can be made bad. */
async function through(
  overrides: Overrides,
  work: (pool: Pool, relay: Relay) => Promise<void>,
): Promise<void> {
  const relay = await openRelay(scratch.url);
  const pool = openPool({ config: configOf(overrides), url: relay.url });
  try {
    await work(pool, relay);
  } finally {
    relay.close();
    await pool.close();
  }
}

async function refusal(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Problem, String(error));
  const { code, status, message } = error;
  return { code, status, message };
}

function backend(pool: Pool): Promise<string> {
  return pool.run(sql('SELECT pg_backend_pid()'), []).then(({ rows }) => rows[0]![0]!);
}

/** What the server says about statements that name this table. */
function activity(mark: string) {
  return scratch.sql(`SELECT pid, wait_event FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND query LIKE '%${mark}%' AND pid <> pg_backend_pid()`);
}

/** Resolves when it is told to. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open: () => open(), opened };
}

const million = `SELECT row_to_json(t)::text FROM
  (SELECT g AS id, 'title number ' || g AS title, md5(g::text) AS hash FROM generate_series(1, 1000000) g) t`;

describe('the rows of a stream', () => {
  it('are those that a statement gives, in order and in batches', () =>
    within({}, async (pool) => {
      const text = `SELECT g, nullif(g % 3, 0), repeat('é😀', g % 50), '' FROM generate_series(1, $1::int) g`;
      const { rows } = await pool.run(sql(text), ['5000']);
      const streamed: unknown[] = [];
      let batches = 0;
      const counted = await pool.stream(sql(text), ['5000'], (batch) => {
        batches += 1;
        streamed.push(...batch);
      });
      assert.deepEqual(streamed, rows);
      assert.equal(counted, 5000);
      assert.ok(batches < 200, `${batches} batches`);
    }));

  it('are lines of their first column when asked for as text', () =>
    within({}, async (pool) => {
      const text = `SELECT CASE WHEN g % 7 > 0 THEN repeat('é😀', g % 50) || g END, 'unseen' FROM generate_series(1, 5000) g`;
      const { rows } = await pool.run(sql(text), []);
      const chunks: Buffer[] = [];
      const told: number[] = [];
      const counted = await pool.streamText(sql(text), [], async (lines, count) => {
        chunks.push(lines);
        told.push(count);
      });
      assert.equal(Buffer.concat(chunks).toString(), rows.map(([first]) => `${first ?? ''}\n`).join(''));
      assert.equal(
        told.reduce((sum, count) => sum + count, 0),
        5000,
      );
      assert.equal(counted, 5000);
    }));

  it('may be none, may have no columns, and may be longer than what comes at once', () =>
    within({}, async (pool) => {
      const none = () => assert.fail('there is nothing to hand over');
      assert.equal(await pool.stream(sql('SELECT 1 WHERE false'), [], none), 0);
      assert.equal(await pool.streamText(sql('SELECT 1 WHERE false'), [], none), 0);
      const empty: unknown[] = [];
      assert.equal(
        await pool.stream(sql('SELECT FROM generate_series(1, 3)'), [], (rows) => void empty.push(...rows)),
        3,
      );
      assert.deepEqual(empty, [[], [], []]);
      const chunks: Buffer[] = [];
      const long = sql(
        `SELECT repeat('x', length) FROM (VALUES (3000000), (1), (0), (2000000)) AS t (length)`,
      );
      await pool.streamText(long, [], (lines) => void chunks.push(lines));
      const lines = Buffer.concat(chunks).toString().split('\n');
      assert.deepEqual(
        lines.map((line) => line.length),
        [3_000_000, 1, 0, 2_000_000, 0],
      );
    }));

  it('are whole however the network cuts them, with notices between them', () =>
    through({}, async (pool, relay) => {
      let size = 1;
      relay.fromServer = (bytes, client) => {
        for (let at = 0; at < bytes.length; at += size) {
          size = (size % 11) + 1;
          client.write(bytes.subarray(at, at + size));
        }
      };
      await scratch.sql(`CREATE FUNCTION noticed(n int) RETURNS text LANGUAGE plpgsql AS $$
      BEGIN RAISE NOTICE 'this is %', n; RETURN 'é' || n; END $$`);
      const rows: unknown[] = [];
      const text = sql('SELECT noticed(g), g FROM generate_series(1, 500) g');
      await pool.stream(text, [], async (batch) => void rows.push(...batch));
      assert.deepEqual(
        rows,
        Array.from({ length: 500 }, (_, n) => [`é${n + 1}`, String(n + 1)]),
      );
    }));

  it('have no limit together, and one of them has that of an answer', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const long = (length: number, count: number) =>
        pool.streamText(
          sql(`SELECT repeat('x', $1::int) FROM generate_series(1, $2::int)`),
          [String(length), String(count)],
          () => {},
        );
      assert.equal(await long(30_000_000, 4), 4);
      assert.deepEqual(await refusal(long(70_000_000, 1)), {
        code: 'NS430',
        status: 400,
        message: 'The answer would be larger than 64 MB.',
      });
      assert.equal(await long(1, 1), 1);
    }));
});

describe('the transaction of a stream', () => {
  it('begins with the statements that come before', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const setting = (name: string, value: string) => ({
        statement: { text: 'SELECT set_config($1, $2, true)', name: 'setting' },
        parameters: [name, value],
      });
      const options: StreamOptions = { before: [setting('my.a', '1'), setting('my.b', 'zwei')] };
      const read = sql(`SELECT current_setting('my.a', true), current_setting('my.b', true),
        current_setting('transaction_read_only'), current_setting('statement_timeout')`);
      const rows: unknown[] = [];
      await pool.stream(read, [], (batch) => void rows.push(...batch), options);
      assert.deepEqual(rows, [['1', 'zwei', 'on', '0']]);
      assert.deepEqual((await pool.run(read, [])).rows, [['', '', 'off', '10s']]);
    }));

  it('only reads, and a refused statement before ends it', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE only_read (n int)'), []);
      const insert = sql('INSERT INTO only_read VALUES (1) RETURNING n');
      assert.equal((await refusal(pool.stream(insert, [], () => {}))).code, '25006');
      const options = { before: [{ statement: sql('SELECT 1 / 0'), parameters: [] }] };
      const none = () => assert.fail('there is nothing to hand over');
      assert.equal((await refusal(pool.stream(sql('SELECT 1'), [], none, options))).code, '22012');
      assert.deepEqual((await pool.run(sql('SELECT count(*) FROM only_read'), [])).rows, [['0']]);
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    }));
});

describe('a slow reader', () => {
  it('of a million rows costs the memory of a batch', { timeout: 120_000 }, () =>
    within({}, async (pool) => {
      collectGarbage();
      const start = process.memoryUsage();
      let held = 0;
      let resident = 0;
      let batches = 0;
      const slow = async () => {
        await new Promise((resolve) => setTimeout(resolve, 1));
        batches += 1;
        resident = Math.max(resident, process.memoryUsage.rss() - start.rss);
        if (batches % 50 > 0) return;
        collectGarbage();
        const { heapUsed, external } = process.memoryUsage();
        held = Math.max(held, heapUsed + external - start.heapUsed - start.external);
      };
      assert.equal(await pool.streamText(sql(million), [], slow), 1_000_000);
      assert.equal(await pool.stream(sql(million), [], slow), 1_000_000);
      assert.ok(held < 8 * 1024 * 1024, `${held} bytes were held`);
      assert.ok(resident < 64 * 1024 * 1024, `${resident} bytes more were resident`);
    }),
  );

  it('makes the server wait', () =>
    within({}, async (pool) => {
      const { open, opened } = gate();
      let calls = 0;
      const rows = pool.streamText(sql(`${million} /* pressed */`), [], () => {
        calls += 1;
        return opened;
      });
      await until(async () => (await activity('pressed'))[0]?.[1] === 'ClientWrite');
      assert.equal(calls, 1);
      open();
      assert.equal(await rows, 1_000_000);
      assert.deepEqual(await activity('pressed'), []);
    }));

  it('has all the time it wants, where the database has its timeout', () =>
    within({ timeoutMs: 1_000, pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const since = performance.now();
      let calls = 0;
      const rows = await pool.streamText(sql(million), [], async () => {
        calls += 1;
        // Longer than the timeout and the time of grace after it together.
        if (calls === 2) await until(() => performance.now() - since > 4_000);
      });
      assert.equal(rows, 1_000_000);
      assert.equal(await backend(pool), pid);
    }));

  it('with the last rows keeps nobody from the connection', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const { open, opened } = gate();
      let ended = false;
      const rows = pool.stream(sql('SELECT 1'), [], () => opened);
      void rows.then(() => {
        ended = true;
      });
      await until(() => pool.stats().idle === 1);
      assert.deepEqual((await pool.run(sql('SELECT 2'), [])).rows, [['2']]);
      assert.equal(ended, false);
      open();
      assert.equal(await rows, 1);
    }));

  it('leaves half of the connections to others: one more is turned away at once', () =>
    within({ pool: { max: 3 } }, async (pool) => {
      const { open, opened } = gate();
      const first = pool.stream(sql('SELECT g FROM generate_series(1, 300000) g'), [], () => opened);
      await until(() => pool.stats().open > pool.stats().idle);
      const { code, status } = await refusal(pool.stream(sql('SELECT 1'), [], () => {}));
      assert.deepEqual([code, status], ['NS504', 503]);
      assert.deepEqual((await pool.run(sql('SELECT 2'), [])).rows, [['2']]);
      open();
      assert.equal(await first, 300_000);
      assert.equal(await pool.stream(sql('SELECT 1'), [], () => {}), 1);
    }));

  it('is called again only when it is ready, beside another stream and statements', () =>
    within({ pool: { max: 4 } }, async (pool) => {
      const text = sql(`SELECT g FROM generate_series(1, 300000) g`);
      const read = async () => {
        let inside = 0;
        let sum = 0;
        const rows = await pool.stream(text, [], async (batch) => {
          inside += 1;
          assert.equal(inside, 1);
          await new Promise((resolve) => setImmediate(resolve));
          for (const [n] of batch) sum += Number(n);
          inside -= 1;
        });
        return [rows, sum];
      };
      let running = true;
      const statements = (async () => {
        let count = 0;
        for (; running; count += 1)
          assert.deepEqual((await pool.run(sql('SELECT $1::int'), [String(count)])).rows, [[String(count)]]);
        return count;
      })();
      assert.deepEqual(await Promise.all([read(), read()]), [
        [300_000, 45_000_150_000],
        [300_000, 45_000_150_000],
      ]);
      running = false;
      assert.ok((await statements) > 10);
    }));
});

describe('a reader who goes away', () => {
  /** Gives up when `when` says so, and expects the server to be rid of the statement within a second. */
  async function givesUp(
    mark: string,
    when: (caller: AbortController, call: number) => void | Promise<void>,
  ) {
    await within({ pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const caller = new AbortController();
      let calls = 0;
      let abortedAt = 0;
      caller.signal.addEventListener('abort', () => {
        abortedAt = performance.now();
      });
      const onText: OnText = () => {
        assert.equal(caller.signal.aborted, false);
        calls += 1;
        return when(caller, calls);
      };
      const given = pool.streamText(sql(`${million} /* ${mark} */`), [], onText, { signal: caller.signal });
      await assert.rejects(given, isAborted);
      assert.deepEqual(await activity(mark), []);
      assert.ok(performance.now() - abortedAt < 1_000);
      for (let n = 0; n < 5; n += 1) assert.equal(await backend(pool), pid);
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    });
  }

  it('in the first batch ends the statement', () => givesUp('first batch', (caller) => caller.abort()));

  it('in the middle ends the statement', () =>
    givesUp('the middle', async (caller, call) => {
      if (call === 100) caller.abort();
    }));

  it('while the server waits ends the statement, though the reader never comes back', () =>
    givesUp('never back', (caller, call) => {
      if (call < 10) return;
      void until(async () => (await activity('never back'))[0]?.[1] === 'ClientWrite').then(() =>
        caller.abort(),
      );
      return new Promise(() => {});
    }));

  it('before there was a connection leaves the queue', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const running = pool.run(sql('SELECT pg_sleep(0.2)'), []);
      const caller = new AbortController();
      const none = () => assert.fail('there is nothing to hand over');
      const waiting = pool.stream(sql('SELECT 1'), [], none, { signal: caller.signal });
      caller.abort();
      await assert.rejects(waiting, isAborted);
      await running;
      await assert.rejects(pool.stream(sql('SELECT 1'), [], none, { signal: caller.signal }), isAborted);
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    }));

  it('during the statements before ends them', () =>
    within({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const caller = new AbortController();
      const none = () => assert.fail('there is nothing to hand over');
      const given = pool.stream(sql('SELECT 1'), [], none, {
        signal: caller.signal,
        before: [{ statement: sql('SELECT pg_sleep(31)'), parameters: [] }],
      });
      await until(async () => (await activity('pg_sleep(31)')).length === 1);
      caller.abort();
      await assert.rejects(given, isAborted);
      assert.equal(await backend(pool), pid);
    }));

  it('before the first row, and with the last rows, is heard', () =>
    within({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const early = new AbortController();
      const sleeping = pool.stream(sql('SELECT pg_sleep(32)'), [], () => {}, { signal: early.signal });
      await until(async () => (await activity('pg_sleep(32)')).length === 1);
      early.abort();
      await assert.rejects(sleeping, isAborted);
      const late = new AbortController();
      const last = pool.stream(sql('SELECT 1'), [], () => new Promise(() => {}), { signal: late.signal });
      await until(() => pool.stats().idle === 1);
      late.abort();
      await assert.rejects(last, isAborted);
      assert.equal(await backend(pool), pid);
    }));

  it('before the server has begun the statement is heard in the end', () =>
    through({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool, relay) => {
      const pid = await backend(pool);
      let requests = 0;
      const held: (() => void)[] = [];
      relay.fromClient = (bytes, server) => {
        const isRequest = bytes.length === 16 && bytes.readUInt32BE(4) === 80_877_102;
        if (isRequest) requests += 1;
        // The statement comes after the first request to end it.
        if (isRequest || requests > 1) server.write(bytes);
        else held.push(() => server.write(bytes));
        if (requests === 2) for (const send of held.splice(0)) send();
      };
      const caller = new AbortController();
      const given = pool.stream(sql('SELECT pg_sleep(33)'), [], () => {}, { signal: caller.signal });
      await until(() => held.length === 1);
      caller.abort();
      await assert.rejects(given, isAborted);
      assert.ok(requests >= 2, `${requests} requests`);
      assert.equal(await backend(pool), pid);
    }));

  it('by failing ends the statement, and hears of its own error', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const own = new Error('the disk is full');
      const thrown = pool.stream(sql(million), [], () => {
        throw own;
      });
      await assert.rejects(thrown, (error) => error === own);
      const rejected = pool.streamText(sql(`${million} /* failing */`), [], async () => {
        throw own;
      });
      await assert.rejects(rejected, (error) => error === own);
      assert.deepEqual(await activity('failing'), []);
      await assert.rejects(
        pool.stream(sql('SELECT 1'), [], () => Promise.reject(own)),
        (error) => error === own,
      );
      assert.equal(await backend(pool), pid);
    }));
});

describe('a stream that fails', () => {
  it('in the middle gives the rows before the error, and the connection lives', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      let rows = 0;
      const failing = pool.stream(
        sql('SELECT 1 / (g - 500000) FROM generate_series(1, 1000000) g'),
        [],
        async (batch) => {
          rows += batch.length;
        },
      );
      assert.deepEqual(await refusal(failing), {
        code: '22012',
        status: 400,
        message: 'The database refused a value.',
      });
      assert.equal(rows, 499_999);
      assert.equal(await backend(pool), pid);
    }));

  it('by a lost connection answers 503, and the next statement works', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      let calls = 0;
      const killed = pool.streamText(sql(million), [], async () => {
        calls += 1;
        if (calls === 100) await scratch.sql(`SELECT pg_terminate_backend(${pid})`);
      });
      assert.deepEqual(await refusal(killed), {
        code: 'NS503',
        status: 503,
        message: 'The database cannot be reached at the moment.',
      });
      assert.notEqual(await backend(pool), pid);
    }));

  it('by a statement, a value or a number of values that is refused says so', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const none = () => assert.fail('there is nothing to hand over');
      const stream = (text: string, values: readonly string[]) =>
        refusal(pool.stream(sql(text), values, none)).then(({ code }) => code);
      assert.equal(await stream('SELECT * FROM nowhere', []), 'NS503');
      assert.equal(await stream('SELECT $1::int', ['x']), '22P02');
      assert.equal(
        await stream(
          'SELECT 1',
          Array.from({ length: 65_536 }, () => '1'),
        ),
        '54000',
      );
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    }));

  it('by a wait for rows that is longer than the timeout answers 504, and the connection lives', () =>
    within({ timeoutMs: 300, pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const tooLong = { code: '57014', status: 504, message: 'The statement took too long and was ended.' };
      assert.deepEqual(await refusal(pool.stream(sql('SELECT pg_sleep(30)'), [], () => {})), tooLong);
      let rows = 0;
      // Together they take longer than the timeout, and each wait less, until the last.
      const stuck = sql(`SELECT repeat('x', 10000), pg_sleep(CASE WHEN g = 20 THEN 30 ELSE 0.05 END)
        FROM generate_series(1, 21) g`);
      const streamed = pool.stream(stuck, [], (batch) => {
        rows += batch.length;
      });
      assert.deepEqual(await refusal(streamed), tooLong);
      assert.ok(rows >= 18, `${rows} rows`);
      assert.equal(await backend(pool), pid);
    }));

  it('by a server that freezes answers 504', () =>
    through({ timeoutMs: 200, pool: { max: 1, acquireMs: 500 } }, async (pool, relay) => {
      const pass = relay.fromServer;
      const frozen = pool.streamText(sql(million), [], () => {
        relay.fromServer = () => {};
        relay.fromClient = () => {};
      });
      assert.deepEqual(await refusal(frozen), {
        code: '57014',
        status: 504,
        message: 'The database gave no answer within 200 ms.',
      });
      relay.fromServer = pass;
      relay.fromClient = pass;
      assert.deepEqual((await pool.run(sql('SELECT 1'), [])).rows, [['1']]);
    }));
});

describe('a pool that closes', () => {
  it('waits for its streams', async () => {
    const pool = scratch.open();
    let closed: Promise<void> | undefined;
    const rows = await pool.streamText(sql(million), [], async () => {
      closed ??= pool.close();
    });
    assert.equal(rows, 1_000_000);
    await closed;
    assert.equal(pool.stats().open, 0);
  });
});
