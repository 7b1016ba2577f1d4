import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it, type TestContext } from 'node:test';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { createDatabase } from '../../test/database.ts';
import { configOf } from '../dialect/postgres/scratch.fixture.ts';
import { openEmbedded } from '../execute/embedded.ts';
import type { Pool } from '../execute/journal.ts';
import { Pools } from '../execute/pools.ts';
import { Problem } from '../problem/problem.ts';
import { migrateUp, migrationStatus, type Step, seed } from './journal.ts';
import type { Migration, Seed } from './migrations.ts';

const key = { project: 'shop', database: 'main' };

interface Database {
  readonly pool: Pool;
  /** The first row, as a list of texts. */
  readonly row: (text: string) => Promise<readonly (string | null)[] | undefined>;
}

async function database(t: TestContext): Promise<Database> {
  const { url } = await createDatabase(t, 'postgres');
  return leased(t, url, 'postgres');
}

function leased(t: TestContext, url: string, engine: 'postgres' | 'embedded'): Database {
  // The timeout is shorter than some scripts below: a migration has none.
  const config = configOf({ engine, timeoutMs: 300, pool: { max: 3 } });
  const { pool, release } = new Pools().lease({ config, url });
  t.after(release);
  return { pool, row: async (text) => (await pool.run({ text, name: undefined }, [])).rows[0] };
}

function hash(sql: string): string {
  return createHash('sha256').update(sql).digest('hex');
}

function migration(number: string, sql: string, rest: Partial<Migration> = {}): Migration {
  const file = `m/${number}_x.sql`;
  return { number, name: 'x', file, sql, checksum: hash(sql), transaction: true, ...rest };
}

function seedOf(name: string, sql: string): Seed {
  return { name, file: `s/${name}.sql`, sql, checksum: hash(sql), transaction: true };
}

/** `code file:line:column message (hint)`. */
function told(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ code, source, message, hint }) => {
    const at = source && `${source.file}:${source.span.start.line}:${source.span.start.column}`;
    return [code, at, message, hint].filter((part) => part !== undefined).join(' | ');
  });
}

async function states(pool: Pool, migrations: readonly Migration[]): Promise<readonly string[]> {
  const { scripts } = await migrationStatus(pool, key, migrations);
  return scripts.map(({ name, state }) => `${name} ${state}`);
}

/** The time in a message is the database's. */
function timeless(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/, 'TIME'));
}

const first = migration('0001', 'CREATE TABLE a (id int PRIMARY KEY);\nINSERT INTO a VALUES (1);');
const second = migration('0002', 'CREATE TABLE b (id int REFERENCES a); SELECT pg_sleep(0.5)');

describe('migrations', () => {
  it('are applied once each, in order', async (t) => {
    const { pool, row } = await database(t);
    assert.deepEqual(await states(pool, [first, second]), ['0001_x pending', '0002_x pending']);
    assert.deepEqual(await row(`SELECT to_regnamespace('novastack')`), [null]);
    const steps: string[] = [];
    const onStep = (step: Step) =>
      steps.push(step.kind === 'waiting' ? step.kind : `${step.kind} ${step.file}`);
    assert.deepEqual(await migrateUp(pool, key, [first], { onStep }), {
      value: [first.file],
      diagnostics: [],
    });
    assert.deepEqual(await migrateUp(pool, key, [first, second], { onStep }), {
      value: [second.file],
      diagnostics: [],
    });
    assert.deepEqual(await migrateUp(pool, key, [first, second], { onStep }), { value: [], diagnostics: [] });
    assert.deepEqual(steps, [
      'running m/0001_x.sql',
      'applied m/0001_x.sql',
      'running m/0002_x.sql',
      'applied m/0002_x.sql',
    ]);
    assert.deepEqual(await row('SELECT count(*) FROM a'), ['1']);
    assert.deepEqual(await states(pool, [first, second]), ['0001_x applied', '0002_x applied']);
  });

  it('of two projects and two names share a database', async (t) => {
    const { pool, row } = await database(t);
    const other = { project: 'blog', database: 'main' };
    const third = { project: 'shop', database: 'archive' };
    await migrateUp(pool, key, [migration('0001', 'CREATE TABLE a ()')]);
    await migrateUp(pool, other, [migration('0001', 'CREATE TABLE b ()')]);
    await migrateUp(pool, third, [migration('0001', 'CREATE TABLE c ()')]);
    assert.deepEqual(await row('SELECT count(*) FROM novastack.journal'), ['3']);
  });

  it('that fail leave nothing behind and name file, line and column', async (t) => {
    const { pool, row } = await database(t);
    const cases: readonly (readonly [string, string])[] = [
      [
        'CREATE TABLE c ();\nSELECT 1;\n  SELECT titel FROM a;',
        '3:10|Column "titel" does not exist (42703).|',
      ],
      ["-- 😀 ünï\nSELECT '😀', x", '2:14|Column "x" does not exist (42703).|'],
      [
        'CREATE TABLE c ();\n\nINSERT INTO a\nVALUES (1);',
        '3:1|Duplicate key value violates unique constraint "a_pkey" (23505).|',
      ],
      [
        'INSERT INTO a VALUES (2);\nVACUUM a;',
        '2:1|VACUUM cannot run inside a transaction block (25001).|put it into a file of its own that begins with "-- novastack:no-transaction"',
      ],
      [
        'CREATE TABLE c ();\nCOMMIT;\nSELECT 1',
        '2:1|COMMIT is not possible here: each file runs in a transaction of its own.|remove it, or begin the file with "-- novastack:no-transaction"',
      ],
      [
        'COPY a FROM STDIN;\n',
        '1:1|COPY from stdin failed: no data was sent (57014).|write the rows as INSERT',
      ],
      [
        'SELECT 1;\n\\connect other',
        '2:1|Syntax error at or near "\\" (42601).|commands of psql, which begin with a backslash, do not work here',
      ],
      [
        'CREATE TABLE c (id int UNIQUE DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (1), (1)',
        '1:1|Duplicate key value violates unique constraint "c_id_key" (23505).|',
      ],
    ];
    await migrateUp(pool, key, [first]);
    for (const [sql, expected] of cases) {
      const [at, message, hint] = expected.split('|');
      const { value, diagnostics } = await migrateUp(pool, key, [first, migration('0002', sql)]);
      const parts = ['MIGRATION_FAILED', `m/0002_x.sql:${at}`, message, ...(hint ? [hint] : [])];
      assert.deepEqual(told(diagnostics), [parts.join(' | ')]);
      assert.deepEqual(value, []);
      assert.deepEqual(await row(`SELECT to_regclass('c'), (SELECT count(*) FROM a)`), [null, '1']);
      assert.deepEqual(await states(pool, [first, migration('0002', sql)]), [
        '0001_x applied',
        '0002_x pending',
      ]);
    }
    assert.deepEqual(pool.stats().open <= 1, true);
  });

  it('before a failing one stay, and the run goes on behind them once it is mended', async (t) => {
    const { pool } = await database(t);
    const broken = migration('0002', 'SELECT 1 +');
    const last = migration('0003', 'CREATE TABLE z ()');
    const { value, diagnostics } = await migrateUp(pool, key, [first, broken, last]);
    assert.deepEqual([value, diagnostics.length], [[first.file], 1]);
    assert.deepEqual(await migrateUp(pool, key, [first, second, last]), {
      value: [second.file, last.file],
      diagnostics: [],
    });
  });

  it('that were edited, are missing or come too late are refused, and nothing is applied', async (t) => {
    const { pool, row } = await database(t);
    await migrateUp(pool, key, [
      first,
      migration('0003', 'CREATE TABLE c ()'),
      migration('0004', 'CREATE TABLE d ()'),
    ]);
    const tree = [
      migration('0001', 'CREATE TABLE edited ()'),
      migration('0002', 'CREATE TABLE late ()'),
      migration('0004', 'CREATE TABLE d ()'),
      migration('0005', 'CREATE TABLE e ()'),
    ];
    const expected = [
      'MIGRATION_EDITED | m/0001_x.sql:1:1 | "0001_x.sql" has been edited since it was applied (TIME). | restore it and put the change into a new file, or start an embedded database anew with "dev --reset"',
      'MIGRATION_MISSING | "0003_x.sql" was applied (TIME) and is not in the folder. | restore the file, or start an embedded database anew with "dev --reset"',
      'MIGRATION_OUT_OF_ORDER | m/0002_x.sql:1:1 | "0002_x.sql" is not applied, but "0004_x.sql", which comes after it, is. | give it the next free number',
    ];
    const { value, diagnostics } = await migrateUp(pool, key, tree);
    assert.equal(value, undefined);
    assert.deepEqual(timeless(told(diagnostics)), expected);
    assert.deepEqual(timeless(told((await migrationStatus(pool, key, tree)).diagnostics)), expected);
    assert.deepEqual(await states(pool, tree), [
      '0001_x edited',
      '0002_x pending',
      '0003_x missing',
      '0004_x applied',
      '0005_x pending',
    ]);
    assert.deepEqual(await row(`SELECT to_regclass('e'), to_regclass('late')`), [null, null]);
  });

  it('may be given another name under the same number', async (t) => {
    const { pool } = await database(t);
    await migrateUp(pool, key, [first]);
    const renamed = { ...first, name: 'better', file: 'm/0001_better.sql' };
    assert.deepEqual(await migrateUp(pool, key, [renamed, second]), {
      value: [second.file],
      diagnostics: [],
    });
  });

  it('leave no setting, role or temporary table to the next one, nor to the pool', async (t) => {
    const { pool, row } = await database(t);
    const rude = `SET search_path = pg_catalog; SET TimeZone = 'Asia/Tokyo'; SET ROLE pg_read_all_data;
      CREATE TEMP TABLE left_over (); PREPARE p AS SELECT 1; SELECT set_config('my.x', '1', false)`;
    const polite = `CREATE TABLE seen AS SELECT current_setting('search_path') AS path, current_user = session_user AS me,
      current_setting('TimeZone') AS zone, to_regclass('pg_temp.left_over') AS temp, current_setting('my.x', true) AS mine,
      (SELECT count(*) FROM pg_prepared_statements) AS prepared`;
    const { diagnostics } = await migrateUp(pool, key, [
      migration('0001', rude.replace('SET ROLE pg_read_all_data;', '')),
      migration('0002', 'SET ROLE pg_read_all_data'),
      migration('0003', polite),
    ]);
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(await row("SELECT path, me, zone, temp, coalesce(mine, ''), prepared FROM seen"), [
      '"public"',
      't',
      'UTC',
      null,
      '',
      '0',
    ]);
    assert.deepEqual(await row(`SELECT current_setting('search_path'), to_regclass('pg_temp.left_over')`), [
      '"public"',
      null,
    ]);
  });

  it('wait for another process that migrates the same database', async (t) => {
    const { url } = await createDatabase(t, 'postgres');
    const [one, two] = [leased(t, url, 'postgres'), leased(t, url, 'postgres')];
    const slow = [
      migration('0001', 'CREATE TABLE a (); SELECT pg_sleep(0.4)'),
      migration('0002', 'CREATE TABLE b ()'),
    ];
    const waited: string[] = [];
    const run = ({ pool }: Database) =>
      migrateUp(pool, key, slow, { onStep: ({ kind }) => kind === 'waiting' && waited.push(kind) });
    const results = await Promise.all([run(one), run(two)]);
    assert.deepEqual(results.map(({ value }) => value!.length).toSorted(), [0, 2]);
    assert.deepEqual(
      results.flatMap(({ diagnostics }) => diagnostics),
      [],
    );
    assert.deepEqual(waited, ['waiting']);
  });

  it('give up waiting after a while', async (t) => {
    const { url } = await createDatabase(t, 'postgres');
    const [one, two] = [leased(t, url, 'postgres'), leased(t, url, 'postgres')];
    let running = () => {};
    const started = new Promise<void>((resolve) => {
      running = resolve;
    });
    const slow = migrateUp(one.pool, key, [migration('0001', 'SELECT pg_sleep(1.5)')], {
      onStep: ({ kind }) => kind === 'running' && running(),
    });
    await started;
    const impatient = migrateUp(two.pool, key, [first], { waitMs: 50 });
    await assert.rejects(
      impatient,
      (error) => error instanceof Problem && error.code === '55P03' && error.status === 503,
    );
    assert.deepEqual((await slow).value?.length, 1);
  });

  it('without a transaction run statement by statement, even where an index is built beside a waiting process', async (t) => {
    const { url } = await createDatabase(t, 'postgres');
    const [one, two] = [leased(t, url, 'postgres'), leased(t, url, 'postgres')];
    const index = migration(
      '0002',
      '-- novastack:no-transaction\nCREATE INDEX CONCURRENTLY ON a (id);\nVACUUM a; SELECT pg_sleep(0.3);',
      { transaction: false },
    );
    const results = await Promise.all([one, two].map(({ pool }) => migrateUp(pool, key, [first, index])));
    assert.deepEqual(
      results.flatMap(({ diagnostics }) => diagnostics),
      [],
    );
    assert.deepEqual(results.map(({ value }) => value!.length).toSorted(), [0, 2]);
    assert.deepEqual(await one.row(`SELECT count(*) FROM pg_index WHERE indrelid = 'a'::regclass`), ['2']);
  });

  it('without a transaction go on behind what was done, when the rest is mended', async (t) => {
    const { pool, row } = await database(t);
    const outside = (sql: string) => migration('0001', sql, { transaction: false });
    const broken = outside(
      'CREATE TABLE once ();\nALTER TABLE once ADD n text;\nSELECT nothing;\nCREATE TABLE last ()',
    );
    assert.deepEqual(told((await migrateUp(pool, key, [broken])).diagnostics), [
      'MIGRATION_FAILED | m/0001_x.sql:3:8 | Column "nothing" does not exist (42703).',
    ]);
    assert.deepEqual(await states(pool, [broken]), ['0001_x unfinished']);
    assert.deepEqual(
      told(
        (await migrateUp(pool, key, [outside('CREATE TABLE other ();\nALTER TABLE once ADD n text;')]))
          .diagnostics,
      ),
      [
        'MIGRATION_FAILED | m/0001_x.sql:1:1 | The first 2 statements of this file were run before a later one failed, and have been edited since. | restore them; only what comes after them may still change',
      ],
    );
    const mended = outside(broken.sql.replace('nothing', '1'));
    assert.deepEqual(await migrateUp(pool, key, [mended]), { value: [mended.file], diagnostics: [] });
    assert.deepEqual(await states(pool, [mended]), ['0001_x applied']);
    assert.deepEqual(await row(`SELECT to_regclass('last')`), ['last']);
  });

  it('may add a value to an enum and use it in the next file', async (t) => {
    const { pool } = await database(t);
    const add = `CREATE TABLE x (e mood); ALTER TYPE mood ADD VALUE 'sad'`;
    const use = `INSERT INTO x VALUES ('sad')`;
    await migrateUp(pool, key, [migration('0001', `CREATE TYPE mood AS ENUM ('happy')`)]);
    const together = await migrateUp(pool, key, [
      migration('0001', `CREATE TYPE mood AS ENUM ('happy')`),
      migration('0002', `${add};\n${use}`),
    ]);
    assert.deepEqual(told(together.diagnostics), [
      'MIGRATION_FAILED | m/0002_x.sql:2:23 | Unsafe use of new value "sad" of enum type mood (55P04). | add the value in a migration of its own, before this one',
    ]);
    const apart = await migrateUp(pool, key, [
      migration('0001', `CREATE TYPE mood AS ENUM ('happy')`),
      migration('0002', add),
      migration('0003', use),
    ]);
    assert.deepEqual([apart.value?.length, apart.diagnostics], [2, []]);
  });

  it('stop with 503 when the connection is lost, and run again whole', async (t) => {
    const { pool, row } = await database(t);
    const suicide = migration('0001', 'CREATE TABLE gone (); SELECT pg_terminate_backend(pg_backend_pid())');
    await assert.rejects(
      migrateUp(pool, key, [suicide]),
      (error) => error instanceof Problem && error.code === 'NS503',
    );
    assert.deepEqual(await row(`SELECT to_regclass('gone')`), [null]);
    assert.deepEqual((await migrateUp(pool, key, [first])).value, [first.file]);
  });
});

describe('seeds', () => {
  it('run once each, and an edited one is refused', async (t) => {
    const { pool, row } = await database(t);
    await migrateUp(pool, key, [first]);
    const seeds = [
      seedOf('authors', 'INSERT INTO a VALUES (10)'),
      seedOf('books', 'INSERT INTO a VALUES (11)'),
    ];
    assert.deepEqual((await seed(pool, key, seeds.slice(0, 1))).value, ['s/authors.sql']);
    assert.deepEqual((await seed(pool, key, seeds)).value, ['s/books.sql']);
    assert.deepEqual((await seed(pool, key, seeds.slice(1))).value, []);
    assert.deepEqual(await row('SELECT count(*) FROM a'), ['3']);
    const { value, diagnostics } = await seed(pool, key, [seedOf('books', 'INSERT INTO a VALUES (12)')]);
    assert.equal(value, undefined);
    assert.deepEqual(timeless(told(diagnostics)), [
      'SEED_EDITED | s/books.sql:1:1 | "books.sql" has been edited since it was applied (TIME). | restore it and put the change into a new file, or start an embedded database anew with "dev --reset"',
    ]);
    assert.deepEqual(told((await seed(pool, key, [seedOf('x', 'SELECT y')])).diagnostics), [
      'SEED_FAILED | s/x.sql:1:8 | Column "y" does not exist (42703).',
    ]);
  });
});

describe('the embedded database', () => {
  it('is migrated and seeded the same way, on its one connection', { timeout: 120_000 }, async (t) => {
    const embedded = await openEmbedded({ folder: null });
    t.after(() => embedded.close());
    const { pool, row } = leased(t, embedded.url, 'embedded');
    const tree = [
      first,
      migration('0002', `SET search_path = pg_catalog; CREATE TYPE public.mood AS ENUM ('happy')`),
      migration('0003', 'CREATE INDEX CONCURRENTLY ON a (id); VACUUM a', { transaction: false }),
    ];
    assert.deepEqual((await migrateUp(pool, key, tree)).value?.length, 3);
    assert.deepEqual((await seed(pool, key, [seedOf('a', 'INSERT INTO a VALUES (2)')])).value, ['s/a.sql']);
    assert.deepEqual(
      told((await migrateUp(pool, key, [...tree, migration('0004', 'SELECT 1;\nSELECT x')])).diagnostics),
      ['MIGRATION_FAILED | m/0004_x.sql:2:8 | Column "x" does not exist (42703).'],
    );
    assert.deepEqual(
      (await migrateUp(pool, key, [first, second, ...tree.slice(2)])).diagnostics[0]?.code,
      'MIGRATION_EDITED',
    );
    assert.deepEqual(await row(`SELECT count(*), current_setting('search_path') FROM a`), ['2', '"public"']);
    assert.deepEqual(await row(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'`), ['0']);
  });
});

describe('a user with few rights', () => {
  it('is told what it lacks, and needs nothing more once the schema is there', async (t) => {
    const { url, query: sql } = await createDatabase(t, 'postgres');
    const role = `ns_catalog_${createHash('sha256').update(url).digest('hex').slice(0, 12)}`;
    await sql(`CREATE ROLE ${role} LOGIN`);
    try {
      const own = new URL(url);
      own.username = role;
      const { pool } = leased(t, own.href, 'postgres');
      const harmless = migration('0001', 'SELECT 1');
      await assert.rejects(migrateUp(pool, key, [harmless]), (error) => {
        assert.ok(error instanceof Problem);
        assert.deepEqual(
          [error.code, error.message, error.hint],
          [
            '42501',
            'The engine\'s user may not create the schema "novastack", in which applied migrations are recorded.',
            'grant it CREATE on the database, or create the schema with that user as its owner',
          ],
        );
        return true;
      });
      await sql(`CREATE SCHEMA novastack AUTHORIZATION ${role}`);
      assert.deepEqual(await migrateUp(pool, key, [harmless]), { value: [harmless.file], diagnostics: [] });
    } finally {
      await sql(`DROP OWNED BY ${role}`);
      await sql(`DROP ROLE ${role}`);
    }
  });
});
