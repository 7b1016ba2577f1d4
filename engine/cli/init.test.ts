import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { createDatabase } from '../../test/database.ts';
import { folder, novastack } from './story.fixture.ts';

test('writes a project that validates with no error', async (t) => {
  const cwd = await folder(t);
  const { code, stdout, stderr } = await novastack(['init', 'My Notes'], { cwd });
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(
    stdout,
    `my-notes is ready in My Notes: 5 files.
  novastack.yaml
  tables/notes.yaml
  tests.yaml
  migrations/0001_notes.sql
  seeds/01_notes.sql

On GitHub, My Notes/.github/workflows/novastack.yml plans each pull request.

Next:
  npx novastack dev 'My Notes'        # serves it, and anew after each save
  npx novastack validate 'My Notes'   # checks it, without a database
  npx novastack test 'My Notes'       # runs its tests
`,
  );
  const dir = path.join(cwd, 'My Notes');
  assert.equal(await readFile(path.join(dir, '.gitignore'), 'utf8'), '.novastack/\n');
  assert.ok(existsSync(path.join(dir, 'novastack.lock/main/tables/public.notes.yaml')));
  for (const file of ['novastack.yaml', 'tables/notes.yaml', 'tests.yaml']) {
    const [line] = (await readFile(path.join(dir, file), 'utf8')).split('\n');
    const schema = line!.replace('# yaml-language-server: $schema=', '');
    assert.ok(existsSync(path.resolve(dir, path.dirname(file), schema)), `${file}: ${schema}`);
  }

  const { diagnostics } = JSON.parse((await novastack(['validate', dir, '--format', 'json'])).stdout);
  assert.deepEqual(
    diagnostics.filter((each: Record<string, unknown>) => each.severity === 'error'),
    [],
  );

  const tested = await novastack(['test', dir, '--coverage-min', '100']);
  assert.deepEqual([tested.code, tested.stderr], [0, '']);
  assert.match(tested.stdout, /\n7 tests: 7 passed \(.+\)\n$/);
});

test('keeps what a folder holds, and refuses one with a conflict before writing anything', async (t) => {
  const dir = await folder(t, {
    '.gitignore': 'dist',
    'README.md': 'Mine',
    'compose.yaml': 'services: {}\n',
  });
  assert.equal((await novastack(['init', '--project', 'notes'], { cwd: dir })).code, 0);
  assert.equal(await readFile(path.join(dir, '.gitignore'), 'utf8'), 'dist\n.novastack/\n');
  assert.equal(await readFile(path.join(dir, 'README.md'), 'utf8'), 'Mine');
  assert.deepEqual(await novastack(['init'], { cwd: dir }), {
    code: 2,
    stdout: '',
    stderr: `error: ${dir} holds a project already: there is a novastack.yaml.\nhint: choose another folder; nothing was written\n`,
  });

  const taken = await folder(t, { 'tests.yaml': 'mine: true\n' });
  assert.deepEqual(await novastack(['init', taken, '--project', 'notes']), {
    code: 2,
    stdout: '',
    stderr: `error: ${taken} already has tests.yaml, which would be written.\nhint: choose another folder, or move them away; nothing was written\n`,
  });
  assert.deepEqual(await readdir(taken), ['tests.yaml']);
});

test('needs a name that can be part of a URL', async (t) => {
  const cwd = await folder(t);
  assert.deepEqual(await novastack(['init', '42'], { cwd }), {
    code: 2,
    stdout: '',
    stderr: 'error: The folder\'s name "42" gives no name for the project.\nhint: add --project <slug>\n',
  });
  assert.equal((await novastack(['init', 'x', '--project', 'Å'], { cwd })).code, 2);
  assert.deepEqual(await readdir(cwd), []);
});

test('adopts an existing database: closed, hostile names and all, and without its URL', async (t) => {
  const { url, query } = await createDatabase(t, 'postgres');
  await query(`
    create table authors (id serial primary key, name text not null);
    create table books (id serial primary key, author_id integer references authors, "a""b" text, "__proto__" text);
    create table "😀 it's" (id integer primary key);
    create table "__proto__" ("constructor" integer primary key);
    create table "a.b" (id integer primary key);
    create table a_b (id integer primary key);
    create view cheap as select id from books;
    create schema stock;
    create table stock.shelves (room integer, no integer, primary key (room, no));
  `);
  const cwd = await folder(t);
  const secret = new URL(url);
  secret.password = 'hunter2';
  const args = ['init', 'shop', '--from', secret.href, '--schemas', 'public,stock'];
  const { code, stdout, stderr } = await novastack(args, { cwd });
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /^shop is ready in shop: 9 files\.\n/);
  assert.match(stdout, /\n {2}export SHOP_URL=… +# the URL you gave; it was not written anywhere\n/);

  const dir = path.join(cwd, 'shop');
  for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!file.isFile()) continue;
    const text = await readFile(path.join(file.parentPath, file.name), 'utf8');
    assert.doesNotMatch(text, /hunter2/, file.name);
  }
  assert.match(await readFile(path.join(dir, 'tables/a_b.yaml'), 'utf8'), /relation: public\.a_b\n/);
  assert.match(await readFile(path.join(dir, 'tables/a_b_2.yaml'), 'utf8'), /relation: public\.a\.b\n/);
  assert.deepEqual(await novastack(['validate', dir]), {
    code: 0,
    stdout: 'shop: 8 tables, 2 roles, no problems\n',
    stderr: '',
  });
});

test('keeps the reference that --from was given', async (t) => {
  const { url, query } = await createDatabase(t, 'postgres');
  await query('create table books (id integer primary key)');
  const cwd = await folder(t);
  const args = ['init', 'shop', '--from', '${env:OUR_DATABASE}'];
  assert.equal((await novastack(args, { cwd, env: { OUR_DATABASE: url } })).code, 0);
  assert.match(
    await readFile(path.join(cwd, 'shop/novastack.yaml'), 'utf8'),
    /url: \$\{env:OUR_DATABASE\}\n/,
  );
});

for (const engine of ['mariadb', 'mysql'] as const) {
  test(`adopts a ${engine} database: closed, hostile names and all, and without its URL or its name`, async (t) => {
    const { url, name, query } = await createDatabase(t, engine);
    const other = await createDatabase(t, engine);
    await query(`
      create table authors (id int auto_increment primary key, name varchar(100) not null comment 'As on the cover');
      create table books (id bigint unsigned auto_increment primary key, author_id int, \`a"b\` text, \`__proto__\` text,
        state enum('draft', 'out') not null default 'draft', tags set('new', 'used'), price decimal(10,2), facts json,
        foreign key (author_id) references authors (id)) comment 'What is sold';
      create table \`ünï it's\` (id int primary key);
      create table \`__proto__\` (\`constructor\` int primary key);
      create table \`a.b\` (id int primary key);
      create table a_b (id int primary key);
      create view cheap as select id from books where price < 5;
      create procedure p() select 1;
    `);
    await other.query('create table shelves (room int, no int, primary key (room, no))');
    const cwd = await folder(t);
    const secret = new URL(url.replace(/^\w+/, engine));
    secret.searchParams.set('sslmode', 'disable');
    const args = ['init', 'shop', '--from', secret.href, '--schemas', `public,${other.name}`];
    const mistyped = args.with(-1, `public,${other.name}_`);
    assert.deepEqual(await novastack(mistyped, { cwd }), {
      code: 2,
      stdout: '',
      stderr: `error: The database has no table or view in "${other.name}_" that this user may see.\nhint: name its schemas with --schemas a,b; nothing was written\n`,
    });
    const { code, stdout, stderr } = await novastack(args, { cwd });
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^shop is ready in shop: 9 files\.\n/);
    const dir = path.join(cwd, 'shop');
    for (const file of await readdir(dir, { recursive: true, withFileTypes: true })) {
      if (!file.isFile()) continue;
      const text = await readFile(path.join(file.parentPath, file.name), 'utf8');
      assert.ok(!text.includes('sslmode') && !text.includes(name), file.name);
    }
    assert.match(
      await readFile(path.join(dir, 'novastack.yaml'), 'utf8'),
      new RegExp(
        `engine: mysql\\n {4}url: \\$\\{env:SHOP_URL\\}\\n {4}schemas: \\[public, ${other.name}\\]\\n`,
      ),
    );
    assert.equal(
      (await readFile(path.join(dir, 'tables/books.yaml'), 'utf8')).replace(/^.*\n/, ''),
      `tables:
  books:
    relation: public.books
    # Closed: only "service" sees this table. To open it, take away the # and say who may do what:
    # permissions:
    #   visitor:
    #     select:
    #       columns: [id, author_id, "a\\"b", __proto__, state, tags]     # or "*"
    #       limit: 100
    #
    # Its columns:
    #   id: bigint unsigned, key
    #   author_id: int, may be null
    #   "a\\"b": text, may be null
    #   __proto__: text, may be null
    #   state: enum('draft','out')
    #   tags: set('new','used'), may be null
    #   price: decimal(10,2), may be null
    #   facts: json, may be null
`,
    );
    assert.match(await readFile(path.join(dir, 'tables/a_b.yaml'), 'utf8'), /relation: public\.a_b\n/);
    assert.match(await readFile(path.join(dir, 'tables/a_b_2.yaml'), 'utf8'), /relation: public\.a\.b\n/);
    assert.deepEqual(await novastack(['validate', dir]), {
      code: 0,
      stdout: 'shop: 8 tables, 2 roles, no problems\n',
      stderr: '',
    });
    const types = await novastack(['types', dir, '--role', 'service']);
    assert.deepEqual([types.code, types.stderr], [0, '']);
    assert.match(types.stdout, /state: .*"draft"|state: .*Enums/);
  });
}

test('writes nothing when the database cannot be read', async (t) => {
  const { url } = await createDatabase(t, 'postgres');
  const cwd = await folder(t);
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ['postgres://postgres@127.0.0.1:1/shop', 3, /"shop" on 127\.0\.0\.1:1.+ECONNREFUSED/],
    ['mysql://root@127.0.0.1:1/shop', 3, /"shop" on 127\.0\.0\.1:1.+ECONNREFUSED/],
    ['mariadb://[127.0.0.1/shop', 2, /not a URL that can be read/],
    ['shop.sqlite', 2, /not the URL of a database/],
    ['${env:NOT_SET}', 2, /NOT_SET is not set/],
    [url, 2, /no table or view in "public"/],
  ];
  for (const [from, expected, message] of cases) {
    const { code, stdout, stderr } = await novastack(['init', 'shop', '--from', from], { cwd });
    assert.deepEqual([code, stdout], [expected, ''], stderr);
    assert.match(stderr, message);
  }
  assert.deepEqual(await readdir(cwd), []);
});
