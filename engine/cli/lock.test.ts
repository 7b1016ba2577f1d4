import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createDatabase, type TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { folder, novastack } from './story.fixture.ts';

const filesFor = (engine: TestEngine) => ({
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: ${engine === 'postgres' ? engine : 'mysql'}, url: "\${env:SHOP_URL}" } }
roles: { staff: {} }
tables: { books: { permissions: { staff: { select: true } } } }
`,
});
const sql =
  'create table books (id integer primary key, title varchar(20), price integer); create index by_title on books (title)';

const same = 'shop: the databases are as novastack.lock/ says\n';
const dropIndex = (engine: TestEngine) =>
  engine === 'postgres' ? 'drop index by_title' : 'drop index by_title on books';

onEveryEngine((engine) => {
  test('writes the lock, says how the database has drifted from it, and follows', async (t) => {
    const dir = await folder(t, filesFor(engine));
    const { url, query } = await createDatabase(t, engine);
    await query(sql);
    const lock = (...args: string[]) => novastack(['lock', dir, ...args], { env: { SHOP_URL: url } });

    const first = 'main: 1 relation, 0 functions, for the first time.\nWrote novastack.lock/.\n';
    assert.deepEqual(await lock(), { code: 0, stdout: first, stderr: '' });
    await query('alter table books add column pages integer');
    await query(dropIndex(engine));
    await query('alter table books drop column price');
    const files = await contents(dir);
    const { code, stdout } = await lock('--check');
    const heads = [...stdout.matchAll(/^(\w+) (DRIFT_\w+) /gm)].map(([, severity, what]) => [severity, what]);
    assert.deepEqual(heads, [
      ['error', 'DRIFT_BREAKING'],
      ['notice', 'DRIFT_SAFE'],
      ['warning', 'DRIFT_DEGRADING'],
    ]);
    assert.deepEqual([code, stdout.endsWith('\n\n1 error, 1 warning, 1 notice\n')], [1, true]);
    const [, file, line] = /DRIFT_BREAKING {2}(\S+):(\d+):\d+/.exec(stdout)!;
    const text = (await readFile(path.join(dir, file!), 'utf8')).split('\n')[Number(line) - 1];
    assert.match(text!, /^ {2}- \{ name: price, /);
    assert.deepEqual(await contents(dir), files);

    assert.deepEqual(await lock(), {
      code: 0,
      stdout: `main: 3 changes
  Column "price" of "public.books" is gone.
  Column "pages" has been added to "public.books".
  Index "by_title" of "public.books" is gone.
Wrote novastack.lock/.
`,
      stderr: '',
    });
    assert.deepEqual(await lock('--check'), { code: 0, stdout: same, stderr: '' });
  });
});

test('passes what is safe, and fails what is not, in every form', async (t) => {
  const dir = await folder(t, filesFor('postgres'));
  const { url, query } = await createDatabase(t, 'postgres');
  await query(sql);
  const lock = (...args: string[]) => novastack(['lock', dir, ...args], { env: { SHOP_URL: url } });

  assert.deepEqual(await lock('--check'), {
    code: 1,
    stdout: `error LOCK_MISSING  novastack.yaml:3:14
  The lock does not record database "main".
  hint: run "novastack lock" and commit novastack.lock/

1 error
`,
    stderr: '',
  });
  assert.equal(existsSync(path.join(dir, 'novastack.lock')), false);
  assert.equal((await lock()).code, 0);
  assert.deepEqual(await lock(), { code: 0, stdout: 'novastack.lock/ is up to date.\n', stderr: '' });

  await query('alter table books add column pages integer');
  assert.deepEqual(await lock('--check'), {
    code: 0,
    stdout: `notice DRIFT_SAFE  novastack.lock/main/tables/public.books.yaml:3:11
  Column "pages" has been added to "public.books".
  hint: run "novastack lock" and commit novastack.lock/

1 notice
`,
    stderr: '',
  });

  await query(dropIndex('postgres'));
  const degrading = await lock('--check', '--format', 'json');
  const { diagnostics } = JSON.parse(degrading.stdout);
  assert.deepEqual(
    [degrading.code, diagnostics.map(({ severity }: { severity: string }) => severity)],
    [1, ['notice', 'warning']],
  );
  const annotations = (await lock('--check', '--format', 'github')).stdout;
  assert.match(annotations, /^::warning file=.*public\.books\.yaml,line=/m);
  assert.equal(JSON.parse((await lock('--check', '--format', 'sarif')).stdout).runs.length, 1);
});

const withMigrations = {
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: postgres, url: "\${env:SHOP_URL}", migrations: migrations } }
roles: { staff: {} }
tables: { books: { permissions: { staff: { select: true } } } }
`,
  'migrations/0001_books.sql': 'create table books (id integer primary key);',
};

test('refuses a database whose migrations have not all run', async (t) => {
  const dir = await folder(t, withMigrations);
  const { url } = await createDatabase(t, 'postgres');
  const env = { SHOP_URL: url };
  const refused = await novastack(['lock', dir], { env });
  assert.deepEqual([refused.code, refused.stderr], [1, '']);
  assert.equal(
    refused.stdout,
    `error MIGRATIONS_PENDING  novastack.yaml:3:76
  1 migration has not been run on database "main", and the lock is of the schema behind all of them.
  hint: run: novastack migrate up, which writes the lock too

1 error
`,
  );
  assert.equal(existsSync(path.join(dir, 'novastack.lock')), false);
  assert.equal((await novastack(['migrate', 'up', dir], { env })).code, 0);
  assert.equal((await novastack(['lock', dir, '--check'], { env })).code, 0);
  // The same text to the database, another to the checksum.
  await writeFile(path.join(dir, 'migrations/0002_more.sql'), 'create table more (id integer);');
  assert.match((await novastack(['lock', dir, '--check'], { env })).stdout, /MIGRATIONS_PENDING/);
});

test('makes embedded databases in memory, and needs no folder of data', async (t) => {
  const yaml = withMigrations['novastack.yaml'].replace(
    'engine: postgres, url: "${env:SHOP_URL}"',
    'engine: embedded',
  );
  const dir = await folder(t, { ...withMigrations, 'novastack.yaml': yaml });
  assert.deepEqual(await novastack(['lock', dir]), {
    code: 0,
    stdout: 'main: 1 relation, 0 functions, for the first time.\nWrote novastack.lock/.\n',
    stderr: '',
  });
  assert.deepEqual((await readdir(dir)).sort(), ['migrations', 'novastack.lock', 'novastack.yaml']);
  await writeFile(path.join(dir, 'migrations/0002_title.sql'), 'alter table books add title text;');
  const stale = await novastack(['lock', dir, '--check']);
  assert.equal(stale.code, 1);
  assert.match(stale.stdout, /^error LOCK_STALE .*\n.*\n {2}hint: run "novastack lock" /);
  assert.match(stale.stdout, /notice DRIFT_SAFE /);
  assert.equal((await novastack(['lock', dir])).code, 0);
  assert.equal((await novastack(['lock', dir, '--check'])).code, 0);
});

test('says what it lacks: a variable, a server, a whole lock', async (t) => {
  const dir = await folder(t, withMigrations);
  const missing = await novastack(['lock', dir]);
  assert.deepEqual([missing.code, /REFERENCE_MISSING/.test(missing.stdout)], [1, true]);
  const away = await novastack(['lock', dir], { env: { SHOP_URL: 'postgres://u:secret@127.0.0.1:1/shop' } });
  assert.equal(away.code, 3);
  assert.doesNotMatch(away.stdout + away.stderr, /secret/);
  const damaged = await folder(t, { ...withMigrations, 'novastack.lock/main/database.yaml': 'engine: 1\n' });
  const refused = await novastack(['lock', damaged], { env: { SHOP_URL: 'postgres://u@127.0.0.1:1/shop' } });
  assert.deepEqual([refused.code, /LOCK_DAMAGED/.test(refused.stdout)], [1, true]);
});

async function contents(dir: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(dir, 'novastack.lock'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(
      async ({ parentPath, name }) => `${name}\n${await readFile(path.join(parentPath, name), 'utf8')}`,
    ),
  );
}
