import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { Problem } from '../../problem/problem.ts';
import type { Pool, Statement } from '../dialect.ts';
import { isAborted } from '../problems.ts';
import { maxPrepared } from './connection.ts';
import { constraintOf } from './errors.ts';
import { openPool } from './pool.ts';
import { configOf, type Overrides, type Scratch, scratchDatabase, until } from './scratch.fixture.ts';

let scratch: Scratch;
before(async () => {
  scratch = await scratchDatabase();
});
after(() => scratch.drop());

function sql(text: string, name?: string): Statement {
  return { text, name };
}

/** The whole of what a caller is told. */
async function refusal(promise: Promise<unknown>) {
  const error = await promise.then(
    () => assert.fail('it should have been refused'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof Problem, String(error));
  const { code, status, message, details, hint, headers } = error;
  return { code, status, message, details, hint, headers };
}

const soon = { 'Retry-After': '1' };
const unreachable = {
  code: 'NS503',
  status: 503,
  message: 'The database cannot be reached at the moment.',
  details: null,
  hint: null,
  headers: soon,
};

async function within<T>(overrides: Overrides, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = scratch.open(overrides);
  try {
    return await work(pool);
  } finally {
    await pool.close();
  }
}

function backend(pool: Pool): Promise<string> {
  return pool.run(sql('SELECT pg_backend_pid()'), []).then(({ rows }) => rows[0]![0]!);
}

describe('values', () => {
  it('gives every type as the text that the database prints', () =>
    within({}, async (pool) => {
      const text = `SELECT 9007199254740993::int8, 1.10::numeric, 'infinity'::float8, 0.1::float4, true, NULL::int,
        '2024-02-29 23:59:59.123456+02'::timestamptz, '0044-03-15 BC'::date, '1 day 02:03:04.5'::interval,
        '\\x00ff'::bytea, '{"a": 1.0, "a": 2}'::json, '{NULL,"a b"}'::text[], '[1,3)'::int4range`;
      const { rows, affected } = await pool.run(sql(text), []);
      assert.deepEqual(rows, [
        [
          '9007199254740993',
          '1.10',
          'Infinity',
          '0.1',
          't',
          null,
          '2024-02-29 21:59:59.123456+00',
          '0044-03-15 BC',
          '1 day 02:03:04.5',
          '\\x00ff',
          '{"a": 1.0, "a": 2}',
          '{NULL,"a b"}',
          '[1,3)',
        ],
      ]);
      assert.equal(affected, 1);
    }));

  it('passes lists as arrays, whatever their texts hold', () =>
    within({}, async (pool) => {
      const list = ['a', '', null, 'NULL', 'null', '"', '\\', '\\"', '{}', ',', ' x ', '😀', "'", '\n'];
      const { rows } = await pool.run(sql('SELECT to_json($1::text[]), cardinality($2::int[]), $3::int[]'), [
        list,
        [],
        ['1', null],
      ]);
      assert.deepEqual(JSON.parse(rows[0]![0]!), list);
      assert.deepEqual(rows[0]!.slice(1), ['0', '{1,NULL}']);
    }));

  it('counts the rows that a statement touched', () =>
    within({}, async (pool) => {
      await pool.run(sql('CREATE TABLE counted (n int)'), []);
      const inserted = await pool.run(sql('INSERT INTO counted SELECT generate_series(1, 5)'), []);
      const updated = await pool.run(sql('UPDATE counted SET n = n WHERE n < $1 RETURNING n'), ['3']);
      assert.deepEqual([inserted.affected, inserted.rows], [5, []]);
      assert.deepEqual([updated.affected, updated.rows], [2, [['1'], ['2']]]);
    }));

  it('refuses more parameters than the protocol can count', () =>
    within({}, async (pool) => {
      const values = Array.from({ length: 65_536 }, () => '1');
      assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), values)), {
        code: '54000',
        status: 400,
        message: 'The request has 65536 values where the database takes at most 65535.',
        details: null,
        hint: null,
        headers: {},
      });
    }));
});

describe('sessions', () => {
  it('are pinned, with the schemas quoted exactly', () =>
    within({ schemas: ['we"ird, x', 'b\\s'], searchPath: ['extensions'], timeoutMs: 1234 }, async (pool) => {
      const names = [
        'TimeZone',
        'DateStyle',
        'IntervalStyle',
        'bytea_output',
        'extra_float_digits',
        'client_encoding',
        'application_name',
        'statement_timeout',
        'search_path',
      ];
      const text = `SELECT ${names.map((name) => `current_setting('${name}')`).join(', ')}, current_schemas(false)`;
      const { rows } = await pool.run(sql(text), []);
      assert.deepEqual(rows, [
        [
          'UTC',
          'ISO, MDY',
          'postgres',
          'hex',
          '1',
          'UTF8',
          'novastack',
          '1234ms',
          '"we""ird, x", "b\\s", "extensions"',
          '{}',
        ],
      ]);
    }));

  it('are the same whatever the database and the role say', async () => {
    const url = new URL(scratch.url);
    await scratch.sql(`ALTER DATABASE ${url.pathname.slice(1)} SET DateStyle = 'German'`);
    await within({}, async (pool) => {
      const { rows } = await pool.run(sql(`SELECT '2024-02-29'::date`), []);
      assert.deepEqual(rows, [['2024-02-29']]);
    });
    await scratch.sql(`ALTER DATABASE ${url.pathname.slice(1)} RESET DateStyle`);
  });
});

describe('prepared statements', () => {
  it('are kept under their name and used again', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      for (const n of ['1', '2', '3']) await pool.run(sql('SELECT $1::int', 'kept'), [n]);
      const { rows } = await pool.run(
        sql('SELECT name, statement, generic_plans + custom_plans FROM pg_prepared_statements'),
        [],
      );
      assert.deepEqual(rows, [['kept', 'SELECT $1::int', '3']]);
    }));

  it('never exceed their number, and the least used goes first', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      for (let n = 0; n < maxPrepared; n += 1) await pool.run(sql(`SELECT ${n}`, `n${n}`), []);
      await pool.run(sql('SELECT 0', 'n0'), []);
      await pool.run(sql('SELECT -1', 'one more'), []);
      const { rows } = await pool.run(
        sql(`SELECT count(*), string_agg(name, ',' ORDER BY name) FILTER (WHERE name IN ('n0', 'n1', 'one more'))
               FROM pg_prepared_statements`),
        [],
      );
      assert.deepEqual(rows, [[String(maxPrepared), 'n0,one more']]);
    }));

  it('take the server no more text than is theirs, and a very long one is not kept', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const padded = (n: number, length: number) => sql(`SELECT ${n} /*${'x'.repeat(length)}*/`, `p${n}`);
      await pool.run(padded(0, 20_000), []);
      for (let n = 1; n <= 40; n += 1) await pool.run(padded(n, 10_000), []);
      const { rows } = await pool.run(
        sql(`SELECT sum(length(statement)) <= 256 * 1024, count(*) FILTER (WHERE name = 'p0'), max(name) FILTER (WHERE name = 'p40')
               FROM pg_prepared_statements`),
        [],
      );
      assert.deepEqual(rows, [['t', '0', 'p40']]);
    }));

  it('are prepared again when DDL has changed their result', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE changing (a int)'), []);
      await pool.run(sql('INSERT INTO changing VALUES (1)'), []);
      const read = () => pool.run(sql('SELECT * FROM changing', 'star'), []);
      assert.deepEqual((await read()).rows, [['1']]);
      await scratch.sql(`ALTER TABLE changing ADD b text DEFAULT 'x'`);
      assert.deepEqual((await read()).rows, [['1', 'x']]);
    }));

  it('are prepared again when the session has lost them', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('SELECT 7', 'seven'), []);
      await pool.run(sql('DEALLOCATE ALL'), []);
      assert.deepEqual((await pool.run(sql('SELECT 7', 'seven'), [])).rows, [['7']]);
    }));

  it('give a repeatable answer when they are stale inside a transaction', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE stale (a int)'), []);
      const read = sql('SELECT * FROM stale', 'stale');
      await pool.run(read, []);
      await scratch.sql('ALTER TABLE stale ADD b text');
      const inside = () => pool.transaction((transaction) => transaction.run(read, []));
      assert.deepEqual(await refusal(inside()), {
        ...unreachable,
        message: 'The database has just changed. The request can be repeated in a moment.',
      });
      assert.deepEqual((await inside()).rows, []);
    }));

  it('survive a name that failed to parse before', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const statement = sql('SELECT a FROM later', 'later');
      assert.equal((await refusal(pool.run(statement, []))).code, 'NS503');
      await pool.run(sql('CREATE TABLE later (a int)'), []);
      assert.deepEqual((await pool.run(statement, [])).rows, []);
    }));

  it('survive a value that was refused', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const statement = sql('SELECT $1::int', 'int');
      assert.equal((await refusal(pool.run(statement, ['x']))).code, '22P02');
      assert.deepEqual((await pool.run(statement, ['1'])).rows, [['1']]);
    }));
});

describe('transactions', () => {
  it('commit what the work did, and send BEGIN only when it does something', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE kept (n int)'), []);
      const result = await pool.transaction(async (transaction) => {
        await transaction.run(sql('INSERT INTO kept VALUES (1)'), []);
        return (await transaction.run(sql('SELECT pg_current_xact_id_if_assigned() IS NOT NULL'), [])).rows;
      });
      assert.deepEqual(result, [['t']]);
      assert.equal(await pool.transaction(async () => 'nothing'), 'nothing');
      assert.deepEqual(await scratch.sql('SELECT n FROM kept'), [['1']]);
    }));

  it('undo everything when the work rejects, and say why', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE undone (n int)'), []);
      const problem = new Problem('PGRST116', { message: 'other than one row' });
      const work = pool.transaction(async (transaction) => {
        await transaction.run(sql('INSERT INTO undone VALUES (1)'), []);
        throw problem;
      });
      await assert.rejects(work, (error) => error === problem);
      assert.deepEqual((await pool.run(sql('SELECT count(*) FROM undone'), [])).rows, [['0']]);
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    }));

  it('refuse to write when they only read', () =>
    within({}, async (pool) => {
      await pool.run(sql('CREATE TABLE read_only (n int)'), []);
      const write = pool.transaction(
        (transaction) => transaction.run(sql('INSERT INTO read_only VALUES (1)'), []),
        {
          readOnly: true,
        },
      );
      assert.deepEqual(await refusal(write), {
        code: '25006',
        status: 405,
        message: 'The request only reads, and something in it tried to write.',
        details: null,
        hint: null,
        headers: {},
      });
    }));

  it('reject when the work has passed over an error that undid it', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const work = pool.transaction(async (transaction) => {
        await transaction.run(sql('SELECT 1/0'), []).catch(() => {});
      });
      assert.equal((await refusal(work)).code, 'NS000');
      assert.deepEqual((await pool.run(sql('SELECT 1'), [])).rows, [['1']]);
    }));

  it('report a constraint that is checked at commit, and keep the connection', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE late (n int UNIQUE DEFERRABLE INITIALLY DEFERRED)'), []);
      const before = await backend(pool);
      const work = pool.transaction((transaction) =>
        transaction.run(sql('INSERT INTO late VALUES (1), (1)'), []),
      );
      assert.equal((await refusal(work)).code, '23505');
      assert.equal(await backend(pool), before);
    }));

  it('run nothing after their end', () =>
    within({}, async (pool) => {
      const escaped = await pool.transaction(async (transaction) => transaction);
      assert.equal((await refusal(escaped.run(sql('SELECT 1'), []))).code, 'NS000');
    }));
});

describe('a bounded pool', () => {
  it('opens no more than its most, and serves those who wait in order', () =>
    within({ pool: { max: 2 } }, async (pool) => {
      const order: number[] = [];
      const work = Array.from({ length: 12 }, (_, n) =>
        pool.run(sql('SELECT pg_sleep(0.01)'), []).then(() => order.push(n)),
      );
      assert.deepEqual(pool.stats(), { open: 2, idle: 0, waiting: 12, max: 2 });
      await Promise.all(work);
      assert.deepEqual(
        order.toSorted((a, b) => a - b),
        Array.from({ length: 12 }, (_, n) => n),
      );
      assert.deepEqual(pool.stats(), { open: 2, idle: 2, waiting: 0, max: 2 });
    }));

  it('tells who waited too long', () =>
    within({ pool: { max: 1, acquireMs: 150 } }, async (pool) => {
      await pool.run(sql('SELECT 1'), []);
      const slow = pool.run(sql('SELECT pg_sleep(0.6)'), []);
      assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), {
        code: 'NS504',
        status: 503,
        message: 'No database connection became free within 150 ms.',
        details: null,
        hint: null,
        headers: soon,
      });
      await slow;
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    }));

  it('turns away whoever would wait behind too many', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const first = pool.run(sql('SELECT pg_sleep(0.2)'), []);
      const waiting = Array.from({ length: 49 }, () => pool.run(sql('SELECT 1'), []));
      assert.equal((await refusal(pool.run(sql('SELECT 1'), []))).code, 'NS504');
      await Promise.all([first, ...waiting]);
    }));

  it('closes what is idle or old, and opens again on demand', () =>
    within({ pool: { idleMs: 100 } }, async (pool) => {
      await Promise.all([1, 2, 3].map(() => pool.run(sql('SELECT pg_sleep(0.05)'), [])));
      assert.equal(pool.stats().open, 3);
      await until(() => pool.stats().open === 0);
      assert.deepEqual((await pool.run(sql('SELECT 1'), [])).rows, [['1']]);
    }));

  it('renews connections that have lived too long', () =>
    within({ pool: { max: 1, lifetimeMs: 100 } }, async (pool) => {
      const first = await backend(pool);
      await until(async () => (await backend(pool)) !== first);
      assert.equal(pool.stats().open <= 1, true);
    }));

  it('waits for what runs when it closes, then refuses', async () => {
    const pool = scratch.open({ pool: { max: 1 } });
    const running = pool.run(sql(`SELECT pg_sleep(0.2), 'done'`), []);
    const waiting = pool.run(sql(`SELECT 'waited'`), []);
    const closed = pool.close();
    assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), {
      ...unreachable,
      message: 'The database is being disconnected.',
    });
    assert.deepEqual((await running).rows, [['', 'done']]);
    assert.deepEqual((await waiting).rows, [['waited']]);
    await closed;
    assert.deepEqual(pool.stats(), { open: 0, idle: 0, waiting: 0, max: 1 });
    await pool.close();
  });
});

describe('faults', () => {
  const kill = (pid: string) => scratch.sql(`SELECT pg_terminate_backend(${pid})`);

  it('an idle connection that is killed leaves in silence', () =>
    within({}, async (pool) => {
      const pid = await backend(pool);
      await kill(pid);
      await until(() => pool.stats().open === 0);
      assert.notEqual(await backend(pool), pid);
    }));

  it('a statement whose connection is killed answers 503, and the next one works', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const killed = refusal(pool.run(sql('SELECT pg_sleep(30)'), []));
      await until(async () => {
        const rows = await scratch.sql(`SELECT state FROM pg_stat_activity WHERE pid = ${pid}`);
        return rows[0]?.[0] === 'active';
      });
      await kill(pid);
      assert.deepEqual(await killed, unreachable);
      assert.notEqual(await backend(pool), pid);
    }));

  it('a transaction whose connection is killed changes nothing', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE lost (n int)'), []);
      const work = pool.transaction(async (transaction) => {
        await transaction.run(sql('INSERT INTO lost VALUES (1)'), []);
        const { rows } = await transaction.run(sql('SELECT pg_backend_pid()'), []);
        await kill(rows[0]![0]!);
        await transaction.run(sql('INSERT INTO lost VALUES (2)'), []);
      });
      assert.deepEqual(await refusal(work), unreachable);
      assert.deepEqual((await pool.run(sql('SELECT count(*) FROM lost'), [])).rows, [['0']]);
    }));

  it('a server that refuses connections answers 503 at once', async () => {
    const pool = openPool({ config: configOf(), url: 'postgres://postgres@127.0.0.1:1/none' });
    const started = performance.now();
    assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), unreachable);
    assert.ok(performance.now() - started < 1_000);
    assert.deepEqual(pool.stats(), { open: 0, idle: 0, waiting: 0, max: 4 });
    await pool.close();
  });

  it('a server that accepts and says nothing answers 503 in time', async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1');
    await until(() => silent.listening);
    const { port } = silent.address() as { port: number };
    const config = configOf({ pool: { acquireMs: 150 } });
    const pool = openPool({ config, url: `postgres://postgres@127.0.0.1:${port}/none` });
    const all = await Promise.all(Array.from({ length: 6 }, () => refusal(pool.run(sql('SELECT 1'), []))));
    assert.deepEqual(
      all,
      Array.from({ length: 6 }, () => unreachable),
    );
    await pool.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it('a password, a database or a role that is wrong answers 503 without a word of why', async () => {
    const url = new URL(scratch.url);
    url.pathname = '/ns_catalog_absent';
    const pool = openPool({ config: configOf(), url: url.href });
    assert.deepEqual(await refusal(pool.run(sql('SELECT 1'), [])), unreachable);
    await pool.close();
  });

  it('a statement past its timeout answers 504, and the connection lives', () =>
    within({ timeoutMs: 100, pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      assert.deepEqual(await refusal(pool.run(sql('SELECT pg_sleep(5)'), [])), {
        code: '57014',
        status: 504,
        message: 'The statement took too long and was ended.',
        details: null,
        hint: null,
        headers: soon,
      });
      assert.equal(await backend(pool), pid);
    }));

  it('a server that freezes in the middle of a statement answers 504', () =>
    within({ timeoutMs: 100, pool: { max: 1 } }, async (pool) => {
      // A statement that turns its own timeout off stands for a server that has stopped.
      await pool.run(sql(`SELECT set_config('statement_timeout', '0', false)`), []);
      assert.deepEqual(await refusal(pool.run(sql('SELECT pg_sleep(30)'), [])), {
        code: '57014',
        status: 504,
        message: 'The database gave no answer within 100 ms.',
        details: null,
        hint: null,
        headers: soon,
      });
      assert.deepEqual((await pool.run(sql('SELECT 1'), [])).rows, [['1']]);
    }));
});

describe('a caller who goes away', () => {
  const sleeping = `SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND state = 'active' AND query LIKE 'SELECT pg_sleep(31)%'`;

  it('ends the statement on the server, and the connection is used again', () =>
    within({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool) => {
      const pid = await backend(pool);
      const caller = new AbortController();
      const given = pool.run(sql('SELECT pg_sleep(31)'), [], { signal: caller.signal });
      await until(async () => (await scratch.sql(sleeping))[0]![0] === '1');
      caller.abort();
      await assert.rejects(given, isAborted);
      assert.deepEqual(await scratch.sql(sleeping), [['0']]);
      for (let n = 0; n < 20; n += 1) assert.equal(await backend(pool), pid);
    }));

  it('undoes a transaction', () =>
    within({ timeoutMs: 60_000, pool: { max: 1 } }, async (pool) => {
      await pool.run(sql('CREATE TABLE given_up (n int)'), []);
      const caller = new AbortController();
      const given = pool.transaction(
        async (transaction) => {
          await transaction.run(sql('INSERT INTO given_up VALUES (1)'), []);
          await transaction.run(sql('SELECT pg_sleep(31)'), []);
        },
        { signal: caller.signal },
      );
      await until(async () => (await scratch.sql(sleeping))[0]![0] === '1');
      caller.abort();
      await assert.rejects(given, isAborted);
      assert.deepEqual((await pool.run(sql('SELECT count(*) FROM given_up'), [])).rows, [['0']]);
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    }));

  it('leaves the queue', () =>
    within({ pool: { max: 1 } }, async (pool) => {
      const running = pool.run(sql('SELECT pg_sleep(0.2)'), []);
      const caller = new AbortController();
      const waiting = pool.run(sql('SELECT 1'), [], { signal: caller.signal });
      caller.abort();
      await assert.rejects(waiting, isAborted);
      await assert.rejects(pool.run(sql('SELECT 1'), [], { signal: caller.signal }), isAborted);
      await running;
      assert.deepEqual(pool.stats(), { open: 1, idle: 1, waiting: 0, max: 1 });
    }));

  it('never ends the statement of another, however the two race', () =>
    within({ timeoutMs: 60_000, pool: { max: 2 } }, async (pool) => {
      for (let n = 0; n < 60; n += 1) {
        const caller = new AbortController();
        const given = pool.run(sql('SELECT pg_sleep(0.002)'), [], { signal: caller.signal }).catch(() => {});
        const stop = setTimeout(() => caller.abort(), n % 5);
        const others = Promise.all([1, 2, 3].map(() => pool.run(sql('SELECT pg_sleep(0.001)'), [])));
        await Promise.all([given, others]);
        clearTimeout(stop);
      }
      assert.equal(pool.stats().waiting, 0);
    }));
});

describe('errors', () => {
  it('carry our own words, and names only where the caller cannot see them', () =>
    within({}, async (pool) => {
      await scratch.sql('CREATE TABLE parent (id int PRIMARY KEY)');
      await scratch.sql(
        'CREATE TABLE child (id int NOT NULL CONSTRAINT positive CHECK (id > 0), p int REFERENCES parent, u int UNIQUE)',
      );
      await pool.run(sql('INSERT INTO child VALUES (1, NULL, 1)'), []);
      const cases: readonly (readonly [string, string, number, object])[] = [
        [
          'INSERT INTO child VALUES (1, NULL, 1)',
          '23505',
          409,
          { constraint: 'child_u_key', column: undefined },
        ],
        [
          'INSERT INTO child VALUES (1, 9, 2)',
          '23503',
          409,
          { constraint: 'child_p_fkey', column: undefined },
        ],
        [
          'INSERT INTO child VALUES (0, NULL, 3)',
          '23514',
          400,
          { constraint: 'positive', column: undefined },
        ],
        ['INSERT INTO child VALUES (NULL, NULL, 4)', '23502', 400, { constraint: undefined, column: 'id' }],
      ];
      for (const [text, code, status, place] of cases) {
        const error = await pool.run(sql(text), []).catch((reason: unknown) => reason);
        assert.ok(error instanceof Problem);
        assert.deepEqual([error.code, error.status, error.details], [code, status, null]);
        assert.equal(error.hint, 'Change the values so that the constraint holds.');
        assert.doesNotMatch(error.message, /child|parent|positive|Key|\(/);
        assert.deepEqual(constraintOf(error), { schema: 'public', relation: 'child', ...place });
      }
    }));

  it('of refused values never quote them', () =>
    within({}, async (pool) => {
      const cases: readonly (readonly [string, string | null, string])[] = [
        ['SELECT $1::int', 'secret', '22P02'],
        ['SELECT $1::int2', '99999', '22003'],
        ['SELECT $1::date', 'secret', '22007'],
        ['SELECT $1::date', '2024-13-45', '22008'],
        ['SELECT $1::json', '{secret', '22P02'],
        ['SELECT $1::text', 'a\0b', '22021'],
        ["SELECT 'x' ~ $1", '(', '2201B'],
        ["SELECT 'x' LIKE $1", '\\', '22025'],
        ['SELECT 1 / $1::int', '0', '22012'],
      ];
      for (const [text, value, code] of cases) {
        const told = await refusal(pool.run(sql(text), [value]));
        assert.deepEqual([told.code, told.status, told.details], [code, 400, null], text);
        assert.equal(told.hint, "Write each value in the form of its column's type.");
        assert.doesNotMatch(told.message, /secret|99999|2024/);
      }
    }));

  it('that the author raises are forwarded as the author wrote them', () =>
    within({}, async (pool) => {
      await scratch.sql(`CREATE FUNCTION sold_out() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'Sold out.' USING DETAIL = 'None left.', HINT = 'Come back.'; END $$`);
      await scratch.sql(`CREATE FUNCTION refused() RETURNS void LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'Too young.' USING ERRCODE = 'check_violation'; END $$`);
      assert.deepEqual(await refusal(pool.run(sql('SELECT sold_out()'), [])), {
        code: 'P0001',
        status: 400,
        message: 'Sold out.',
        details: 'None left.',
        hint: 'Come back.',
        headers: {},
      });
      assert.deepEqual(await refusal(pool.run(sql('SELECT refused()'), [])), {
        code: '23514',
        status: 400,
        message: 'Too young.',
        details: null,
        hint: null,
        headers: {},
      });
    }));

  it('of a schema that has changed under a request can be repeated', () =>
    within({}, async (pool) => {
      assert.deepEqual(await refusal(pool.run(sql('SELECT * FROM nowhere'), [])), {
        ...unreachable,
        message: 'The database has just changed. The request can be repeated in a moment.',
      });
    }));
});
