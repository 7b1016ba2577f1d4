import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase } from '../../test/database.ts';
import { openEmbedded } from '../execute/embedded.ts';
import { embeddedFolder } from '../revision/databases.ts';
import { folder, novastack, start } from './story.fixture.ts';

const files = {
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: postgres, url: "\${env:SHOP_URL}", migrations: migrations, seeds: seeds } }
roles: { staff: {} }
tables: { books: { permissions: { staff: { select: true } } } }
`,
  'migrations/0001_books.sql': 'create table books (id integer primary key);',
  'migrations/0002_title.sql': 'alter table books add title text;',
  'seeds/books.sql': "insert into books values (1, 'One');",
};

const ms = /\(\d+ ms\)/g;
const time = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

test('shows what is pending, applies it once, writes the lock', async (t) => {
  const dir = await folder(t, files);
  const { url, query } = await createDatabase(t, 'postgres');
  const env = { SHOP_URL: url };

  assert.deepEqual(await novastack(['migrate', 'status', dir], { env }), {
    code: 0,
    stdout: `main: 2 migrations, 2 to apply
  0001_books  pending
  0002_title  pending
main: 1 seed, 1 to apply
  books  pending
`,
    stderr: '',
  });

  const up = await novastack(['migrate', 'up', dir], { env });
  assert.deepEqual([up.code, up.stderr], [0, '']);
  assert.equal(
    up.stdout.replaceAll(ms, '(- ms)'),
    `  applied migrations/0001_books.sql (- ms)
  applied migrations/0002_title.sql (- ms)
main: 2 files applied.
Wrote novastack.lock/.
`,
  );
  assert.match(
    await readFile(path.join(dir, 'novastack.lock/main/tables/public.books.yaml'), 'utf8'),
    /title/,
  );
  assert.deepEqual(await query('select count(*)::int as n from books'), [{ n: 0 }]);

  const again = await novastack(['migrate', 'up', dir, '--seed'], { env });
  assert.equal(
    again.stdout.replaceAll(ms, '(- ms)'),
    '  applied seeds/books.sql (- ms)\nmain: 1 file applied.\n',
  );
  assert.deepEqual(await query('select id, title from books'), [{ id: 1, title: 'One' }]);

  assert.equal(
    (await novastack(['migrate', 'up', dir, '--seed'], { env })).stdout,
    'main: nothing to apply.\n',
  );
  const status = await novastack(['migrate', 'status', dir], { env });
  assert.equal(
    status.stdout.replaceAll(time, '-'),
    `main: 2 migrations
  0001_books  applied     -
  0002_title  applied     -
main: 1 seed
  books  applied     -
`,
  );
});

test('refuses an edited migration with exit code 1, and changes nothing', async (t) => {
  const dir = await folder(t, files);
  const { url, query } = await createDatabase(t, 'postgres');
  const env = { SHOP_URL: url };
  assert.equal((await novastack(['migrate', 'up', dir], { env })).code, 0);
  await writeFile(path.join(dir, 'migrations/0001_books.sql'), 'create table books (id bigint primary key);');
  await writeFile(path.join(dir, 'migrations/0003_more.sql'), 'create table more (id integer);');
  const { code, stdout } = await novastack(['migrate', 'up', dir, '--format', 'json'], { env });
  assert.equal(code, 1);
  const { diagnostics } = JSON.parse(stdout);
  assert.deepEqual(
    diagnostics.map((each: Record<string, unknown>) => [each.code, each.file]),
    [['MIGRATION_EDITED', 'migrations/0001_books.sql']],
  );
  assert.deepEqual(await query("select to_regclass('more') as more"), [{ more: null }]);
});

test('says where a migration failed', async (t) => {
  const dir = await folder(t, {
    ...files,
    'migrations/0002_title.sql': '-- a title\nalter table bokks add title text;',
  });
  const { url } = await createDatabase(t, 'postgres');
  const { code, stdout } = await novastack(['migrate', 'up', dir], { env: { SHOP_URL: url } });
  assert.equal(code, 1);
  assert.match(stdout, /applied migrations\/0001_books\.sql/);
  assert.match(
    stdout,
    /error MIGRATION_FAILED {2}migrations\/0002_title\.sql:2:\d+\n.+"bokks" does not exist/,
  );
  assert.equal(existsSync(path.join(dir, 'novastack.lock')), false);
});

test('names what is missing, unreachable or unknown', async (t) => {
  const dir = await folder(t, files);
  const missing = await novastack(['migrate', 'status', dir]);
  assert.equal(missing.code, 1);
  assert.match(missing.stdout, /^error REFERENCE_MISSING {2}novastack\.yaml:3:45\n.+"SHOP_URL" is not set/);

  const down = await novastack(['migrate', 'status', dir], {
    env: { SHOP_URL: 'postgres://me:hunter2@127.0.0.1:1/shop' },
  });
  assert.deepEqual([down.code, down.stdout], [3, '']);
  assert.match(down.stderr, /^error: Database "main" \("shop" on 127\.0\.0\.1:1\): .+ECONNREFUSED/);
  assert.doesNotMatch(down.stderr, /hunter2/);

  const unknown = await novastack(['migrate', 'status', dir, '--database', 'mian']);
  assert.deepEqual(unknown, {
    code: 2,
    stdout: '',
    stderr: 'error: There is no database "mian" in the project.\nhint: did you mean "main"?\n',
  });
});

test('asks for the name of a database that is not on this machine', async (t) => {
  const dir = await folder(t, files);
  const env = { SHOP_URL: 'postgres://me:hunter2@db.invalid/shop' };
  assert.deepEqual(await novastack(['migrate', 'up', dir], { env }), {
    code: 2,
    stdout: '',
    stderr:
      'error: Database "main" is "shop" on db.invalid, which is not this machine.\nhint: add --confirm shop if that is the one to change\n',
  });
  assert.equal((await novastack(['migrate', 'up', dir, '--confirm', 'main'], { env })).code, 2);
  assert.equal((await novastack(['migrate', 'up', dir, '--confirm', 'shop'], { env })).code, 3);
});

for (const engine of ['mariadb', 'mysql'] as const)
  test(`goes on where it was killed, and asks what nobody can tell, on ${engine}`, async (t) => {
    const dir = await folder(t, {
      ...files,
      'novastack.yaml': files['novastack.yaml'].replace('engine: postgres', 'engine: mysql'),
      'migrations/0002_title.sql':
        'alter table books add title text;\ncall fill();\ncreate view b as select 1 as one;',
    });
    const { url, name, query } = await createDatabase(t, engine);
    const env = { SHOP_URL: url };
    await query(
      'create table filled (id int); create procedure fill() begin insert into filled values (1); do sleep(60); end',
    );

    const killed = start(['migrate', 'up', dir], { env });
    const ended = new Promise((resolve) => killed.once('close', resolve));
    const session = await running(query, name);
    killed.kill('SIGKILL');
    await ended;
    // The server itself has not noticed.
    await query(`kill ${session}`);

    const status = await novastack(['migrate', 'status', dir], { env });
    assert.match(status.stdout, / {2}0001_books {2}applied .+\n {2}0002_title {2}unfinished/);
    const asked = await novastack(['migrate', 'up', dir], { env });
    assert.equal(asked.code, 1);
    assert.match(asked.stdout, /error MIGRATION_INTERRUPTED {2}migrations\/0002_title\.sql:2:1\n/);
    assert.equal((await novastack(['migrate', 'up', dir, '--interrupted', 'maybe'], { env })).code, 2);
    assert.deepEqual(
      (await novastack(['migrate', 'up', dir, '--interrupted', 'done', '--seed'], { env })).stdout.replaceAll(
        ms,
        '(- ms)',
      ),
      `  applied migrations/0002_title.sql (- ms)
  applied seeds/books.sql (- ms)
main: 2 files applied.
Wrote novastack.lock/.
`,
    );
    assert.match(
      await readFile(path.join(dir, 'novastack.lock/main/tables/public.books.yaml'), 'utf8'),
      /title/,
    );
    assert.equal((await novastack(['validate', dir])).code, 0);
    assert.equal((await query('select title from books'))[0]?.title, 'One');
  });

type Query = Awaited<ReturnType<typeof createDatabase>>['query'];

/** The session that sleeps in the database, once one does. */
async function running(query: Query, database: string): Promise<unknown> {
  for (;;) {
    const [found] = await query(
      "select id as session from information_schema.processlist where db = ? and info like '%sleep(60)%' and id <> connection_id()",
      [database],
    );
    if (found !== undefined) return found.session;
    await sleep(50);
  }
}

test('leaves an embedded database alone while another process holds it', async (t) => {
  const dir = await folder(t, {
    ...files,
    'novastack.yaml': files['novastack.yaml'].replace(
      'engine: postgres, url: "${env:SHOP_URL}"',
      'engine: embedded',
    ),
  });
  const held = await openEmbedded({ folder: await embeddedFolder(dir, 'main') });
  t.after(() => held.close());
  const { code, stderr } = await novastack(['migrate', 'up', dir]);
  assert.equal(code, 3);
  assert.match(stderr, new RegExp(`in use by process ${process.pid}`));
  await held.close();
  assert.equal((await novastack(['migrate', 'up', dir])).code, 0);
});
