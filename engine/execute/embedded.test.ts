/** The embedded database as the `pg` driver sees it. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Problem } from '../problem/problem.ts';
import { type Embedded, openEmbedded } from './embedded.ts';
import { extensions } from './embedded-extensions.ts';

async function connect(t: TestContext, url: string, config: pg.ClientConfig = {}): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ...config });
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end().catch(() => undefined));
  return client;
}

async function scratch(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'embedded-test-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function value(client: pg.Client, sql: string, values: unknown[] = []): Promise<unknown> {
  const { rows } = await client.query<unknown[]>({ text: sql, values, rowMode: 'array' });
  return rows[0]?.[0];
}

function sqlstate(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : String(error)),
  );
}

describe('one embedded database', () => {
  let database: Embedded;
  before(async () => {
    database = await openEmbedded({ folder: null });
  });
  after(() => database.close());

  it('keeps integers beyond 2^53, named statements and SQLSTATEs', async (t) => {
    const client = await connect(t, database.url);
    const big = { name: 'big', text: 'select $1::bigint as value' };
    const first = await client.query({ ...big, values: ['9223372036854775807'] });
    const second = await client.query({ ...big, values: ['-9007199254740993'] });
    assert.deepEqual(
      [first.rows, second.rows],
      [[{ value: '9223372036854775807' }], [{ value: '-9007199254740993' }]],
    );
    assert.equal(await sqlstate(client.query('select $1::int / 0', [1])), '22012');
    assert.equal(await sqlstate(client.query('selct')), '42601');
    assert.equal(await value(client, 'select 1'), 1);
  });

  it('lets two connections use one statement name, and the unnamed statement, at the same time', async (t) => {
    const [one, two] = [await connect(t, database.url), await connect(t, database.url)];
    const runs = Array.from({ length: 50 }, (_, at) => [
      one.query({ name: 'same', text: 'select $1::int as a', values: [at] }),
      two.query({ name: 'same', text: 'select $1::text as b', values: [at] }),
      one.query('select $1::int + 1 as c', [at]),
      two.query("select $1::text || '!' as d", [at]),
    ]);
    const rows = await Promise.all(runs.flat().map(async (run) => (await run).rows[0]));
    const wanted = Array.from({ length: 50 }, (_, at) => [
      { a: at },
      { b: `${at}` },
      { c: at + 1 },
      { d: `${at}!` },
    ]);
    assert.deepEqual(rows, wanted.flat());
  });

  it('keeps one connection out of the transaction of another, and rolls back what a lost one left', async (t) => {
    const [one, two] = [await connect(t, database.url), await connect(t, database.url)];
    await one.query('create table turns (id int)');
    await one.query('begin');
    await one.query('insert into turns values (1)');
    const seen = value(two, 'select count(*)::int from turns');
    const destroyed = new Promise<void>((resolve) => one.once('end', resolve));
    (one as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    await destroyed;
    assert.equal(await seen, 0);
  });

  it('honours the settings of the startup message, of each connection its own', async (t) => {
    const options = '-c TimeZone=Asia/Tokyo -c search_path="a\\ b",public';
    const one = await connect(t, database.url, { options, application_name: 'one' });
    const two = await connect(t, database.url);
    const ask =
      "select current_setting('TimeZone') || ' ' || current_setting('search_path') || ' ' || current_setting('application_name')";
    const answers = [await value(one, ask), await value(two, ask), await value(one, ask)];
    assert.deepEqual(answers, ['Asia/Tokyo "a b",public one', 'UTC public ', 'Asia/Tokyo "a b",public one']);
    const refused = new pg.Client({ connectionString: database.url, options: '-c no_such_setting=1' });
    await assert.rejects(refused.connect(), { code: '22023', message: /no_such_setting/ });
  });

  it("forgets a connection's statements and settings at DISCARD ALL, and no other connection's", async (t) => {
    const [one, two] = [
      await connect(t, database.url, { statement_timeout: 4000 }),
      await connect(t, database.url),
    ];
    await two.query({ name: 'kept', text: 'select 1' });
    await one.query("set datestyle = 'German'");
    await one.query('DISCARD ALL');
    const settings = "select current_setting('DateStyle') || ' ' || current_setting('statement_timeout')";
    assert.equal(await value(one, settings), 'ISO, MDY 4s');
    assert.equal((await two.query({ name: 'kept', text: 'select 1' })).rowCount, 1);
  });

  it('wants the password that is in its URL', async () => {
    const stranger = new pg.Client({ connectionString: database.url.replace(/:[0-9a-f]+@/, ':guess@') });
    await assert.rejects(stranger.connect(), { code: '28P01' });
  });

  it('carries rows of megabytes and answers many queued queries in order', async (t) => {
    const client = await connect(t, database.url);
    const text = 'é'.repeat(2_000_000);
    assert.equal(await value(client, 'select $1::text', [text]), text);
    assert.equal(await value(client, 'select length($1::text)', [text]), 2_000_000);
  });

  it('drops a connection that does not speak the protocol and goes on', async (t) => {
    const { connect: dial } = await import('node:net');
    for (const bytes of [
      'GET / HTTP/1.1\r\n\r\n',
      '\0\0\0\x08\x04\xd2\x16\x2e',
      '\xff\xff\xff\xff\0\0\0\0',
    ]) {
      const socket = dial(Number(new URL(database.url).port), '127.0.0.1');
      socket.resume();
      socket.write(Buffer.from(bytes, 'latin1'));
      await once(socket, 'close');
    }
    assert.equal(await value(await connect(t, database.url), 'select 1'), 1);
  });

  it('offers every extension of the package, and names one that is lacking', async (t) => {
    const contrib = fileURLToPath(new URL('./contrib/', import.meta.resolve('@electric-sql/pglite')));
    const packaged = (await readdir(contrib))
      .filter((file) => file.endsWith('.js'))
      .map((file) => file.slice(0, -3));
    assert.deepEqual(Object.keys(extensions).sort(), packaged.sort());
    const client = await connect(t, database.url);
    await client.query('create extension pgcrypto; create extension pg_trgm; create extension citext');
    await assert.rejects(client.query('create extension postgis'), { code: '0A000', message: /"postgis"/ });
  });
});

describe('a statement past its timeout', () => {
  it('gets 57014, and the database starts again on its port with its data', async (t) => {
    let restarts = 0;
    const database = await openEmbedded({ folder: null, onRestart: () => restarts++ });
    t.after(() => database.close());
    const one = await connect(t, database.url, { statement_timeout: 300 });
    const other = await connect(t, database.url);
    await one.query('create table kept as select 42 as answer');
    const otherEnded = once(other, 'error');
    assert.equal(await sqlstate(one.query('select count(*) from generate_series(1, 1000000000)')), '57014');
    assert.equal((await otherEnded)[0].code, '57P01');
    const again = await connect(t, database.url, { statement_timeout: 300 });
    assert.equal(await value(again, 'select answer from kept'), 42);
    assert.equal(restarts, 1);
  });

  it("counts from the statement's arrival, so one that waits for its turn has a bound too", async (t) => {
    const database = await openEmbedded({ folder: null });
    t.after(() => database.close());
    const [holder, waiter] = [
      await connect(t, database.url),
      await connect(t, database.url, { statement_timeout: 200 }),
    ];
    await holder.query('begin');
    assert.equal(await sqlstate(waiter.query('select 1')), '57014');
    assert.equal(await value(holder, 'select 2'), 2);
    await holder.query('commit');
  });

  it('obeys SET LOCAL until the transaction ends', async (t) => {
    const database = await openEmbedded({ folder: null });
    t.after(() => database.close());
    const client = await connect(t, database.url, { statement_timeout: 200 });
    await client.query('begin');
    await client.query('set local statement_timeout = 0');
    await client.query('select pg_sleep(0.4)');
    await client.query('commit');
    assert.equal(await sqlstate(client.query('select pg_sleep(1)')), '57014');
  });

  it('is not the only way to end: a statement PGlite cannot take starts it again as well', async (t) => {
    const database = await openEmbedded({ folder: null });
    t.after(() => database.close());
    const maker = await connect(t, database.url);
    await maker.query('create table kept as select 1 as id');
    for (const statement of [
      'copy kept from stdin',
      "copy kept from program 'echo 2'",
      "copy kept to program 'cat'",
    ]) {
      const client = await connect(t, database.url);
      assert.match(await sqlstate(client.query(statement)), /^57P0[12]$/, statement);
      assert.equal(await value(await connect(t, database.url), 'select count(*)::int from kept'), 1);
    }
  });
});

describe('the folder', () => {
  it('keeps its data over close and open, and restart keeps the URL', async (t) => {
    const folder = join(await scratch(t), 'deep', 'data');
    const first = await openEmbedded({ folder });
    const client = await connect(t, first.url);
    await client.query('create table kept as select 7 as id');
    const url = first.url;
    await first.restart();
    assert.equal(first.url, url);
    assert.equal(await value(await connect(t, url), 'select id from kept'), 7);
    await first.close();
    await first.close();
    assert.equal(existsSync(`${folder}.lock`), false);
    const second = await openEmbedded({ folder });
    t.after(() => second.close());
    assert.equal(await value(await connect(t, second.url), 'select id from kept'), 7);
  });

  it('is refused while it is open, naming the process, and is free once that was killed, with its rows', async (t) => {
    const folder = join(await scratch(t), 'data');
    const child = spawn(process.execPath, ['--input-type=module', '-e', childScript(folder)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    const [line] = await once(createInterface(child.stdout), 'line');
    assert.equal(line, 'written');
    await assert.rejects(openEmbedded({ folder }), (error: unknown) => {
      assert.ok(error instanceof Problem);
      assert.deepEqual(
        [error.code, error.message],
        ['NS503', `The embedded database in ${folder} is in use by process ${child.pid}.`],
      );
      return true;
    });
    child.kill('SIGKILL');
    await once(child, 'exit');
    const database = await openEmbedded({ folder });
    t.after(() => database.close());
    assert.equal(await value(await connect(t, database.url), 'select count(*)::int from kept'), 500);
  });

  it('is refused twice in one process, and when it holds other files', async (t) => {
    const root = await scratch(t);
    const database = await openEmbedded({ folder: join(root, 'data') });
    t.after(() => database.close());
    await assert.rejects(openEmbedded({ folder: join(root, 'data') }), {
      code: 'NS503',
      message: /already open in this process/,
    });
    await mkdir(join(root, 'mine'));
    await writeFile(join(root, 'mine', 'letter.txt'), 'Dear Sir');
    await assert.rejects(openEmbedded({ folder: join(root, 'mine') }), {
      code: 'NS503',
      message: /holds other files/,
    });
    assert.equal(existsSync(join(root, 'mine.lock')), false);
  });

  it('takes over the lock of a process that has ended, whoever has its number now', async (t) => {
    const root = await scratch(t);
    await writeFile(join(root, 'data.lock'), JSON.stringify({ pid: process.pid, started: 'another boot 1' }));
    const database = await openEmbedded({ folder: join(root, 'data') });
    await database.close();
    assert.deepEqual(await readdir(root), ['data']);
  });
});

function childScript(folder: string): string {
  const module = new URL('./embedded.ts', import.meta.url).href;
  return `
    import pg from ${JSON.stringify(import.meta.resolve('pg'))};
    import { openEmbedded } from ${JSON.stringify(module)};
    const database = await openEmbedded({ folder: ${JSON.stringify(folder)} });
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('create table kept (id int primary key)');
    for (let id = 0; id < 500; id++) await client.query('insert into kept values ($1)', [id]);
    console.log('written');
  `;
}
