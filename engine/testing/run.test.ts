/** Each test by itself, on every kind of database, at any number at a time; and what is beside it is left alone. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildProject } from '../../schema/build.ts';
import { readFolder } from '../../schema/folder.ts';
import type { Project } from '../../schema/project.ts';
import { createDatabase, type Scope, type TestDatabase, type TestEngine } from '../../test/database.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { Problem } from '../problem/problem.ts';
import { Grounds } from './ground.ts';
import type { Run } from './result.ts';
import { runTests } from './run.ts';

/** A test that adds a book, and finds that it is the first to do so. */
const writes = (name: string) => `
  - name: ${name}
    as: { role: staff }
    request: { post: "/rest/v1/books?select=id,title,edits", body: { title: C, author_id: 1 }, prefer: return=representation }
    expect: { status: 201, body: [ { id: 3, title: C, edits: 1 } ] }`;

const reads = (name: string) => `
  - name: ${name}
    as: anonymous
    request: { get: "/rest/v1/books?select=id,title,edits,author(name)&order=id" }
    expect:
      body:
        - { id: 1, title: A, edits: 1, author: { name: Ann } }
        - { id: 2, title: B, edits: 1, author: { name: Ann } }`;

const yaml = (engine: string, url: string) => `novastack: 1
project: shop
databases: { main: { engine: ${engine}, migrations: migrations, seeds: seeds${url} } }
auth: { anonymous: visitor, jwt: [ { issuer: https://a.example/, audience: a, jwks: https://a.example/keys } ] }
roles: { visitor: {}, staff: { inherits: [visitor] }, service: { everything: true } }
tables:
  authors: { permissions: { visitor: { select: true }, staff: { insert: { columns: [id, name] } } } }
  books:
    columns: { cost: { hidden: true } }
    permissions:
      visitor: { select: { columns: [id, title, author_id, edits], aggregate: true } }
      staff: { insert: { columns: [title, author_id] }, update: { columns: [title] }, delete: true }
tests:${reads('the seeds are there')}${writes('a write takes the next number')}${writes('another takes the same one')}
  - name: a write that is refused takes a number too
    as: { role: staff }
    request: { post: /rest/v1/books, body: [ { title: C, author_id: 1 }, { title: D, author_id: 99 } ] }
    expect: { status: 409, contains: { code: "23503" } }${writes('which is given back')}
  - name: all is deleted
    as: { role: staff }
    request: { delete: "/rest/v1/books?id=gt.0", prefer: return=representation }
    expect: { status: 200, count: 2 }${reads('and there again')}
  - name: what is given is there, hidden columns and numbers of the database among it
    as: { role: visitor }
    given:
      books: [ { id: 77, title: Given, author_id: 9, cost: 12.5 }, { title: Next, author_id: 9 } ]
      authors: [ { id: 9, name: Zoe } ]
    request: { get: "/rest/v1/books?author_id=eq.9&select=title,author(name)&order=title" }
    expect: { body: [ { title: Given, author: { name: Zoe } }, { title: Next, author: { name: Zoe } } ], hidden: [cost] }${reads('and nowhere else')}
  - name: a row that cannot be given is told
    as: { role: visitor }
    given: { books: [ { title: Fine, author_id: 1 }, { title: Lost, author_id: 98 } ] }
    request: { get: /rest/v1/books }
    expect: { status: 200 }${writes('and leaves nothing')}
  - name: a mutation of GraphQL is undone too
    as: { role: staff }
    request: { graphql: 'mutation { insert_books_one(object: { title: "C", author_id: 1 }) { id } }' }
    expect: { body: { data: { insert_books_one: { id: 3 } } } }${writes('to the number')}
`;

const schemas = {
  postgres: `
create table authors (id integer primary key, name text not null);
create table books (
  id integer generated always as identity primary key, title text not null, author_id integer not null references authors,
  cost numeric(8, 2), edits integer not null default 0
);
create function touch() returns trigger language plpgsql as $$ begin new.edits := new.edits + 1; return new; end $$;
create trigger touch before insert on books for each row execute function touch();`,
  mysql: `
create table authors (id integer primary key, name varchar(99) not null);
create table books (
  id integer auto_increment primary key, title varchar(99) not null, author_id integer not null,
  cost decimal(8, 2), edits integer not null default 0, twice integer as (edits * 2), foreign key (author_id) references authors (id)
);
create trigger touch before insert on books for each row set new.edits = new.edits + 1;`,
};
const seeds = `insert into authors (id, name) values (1, 'Ann');
insert into books (title, author_id, cost) values ('A', 1, 4), ('B', 1, 5);`;

interface Made {
  readonly directory: string;
  readonly project: Project;
}

async function make(t: TestContext, engine: 'postgres' | 'mysql' | 'embedded'): Promise<Made> {
  const directory = await mkdtemp(path.join(tmpdir(), 'novastack-testing-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const files = {
    'novastack.yaml': yaml(engine, engine === 'embedded' ? '' : ', url: "${env:SHOP_URL}"'),
    'migrations/0001_shop.sql': schemas[engine === 'mysql' ? 'mysql' : 'postgres'],
    'seeds/01_shop.sql': seeds,
  };
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(directory, file)), { recursive: true });
    await writeFile(path.join(directory, file), text);
  }
  const { value, diagnostics } = buildProject(await readFolder(directory));
  assert.deepEqual(diagnostics, []);
  return { directory, project: value! };
}

async function runWith({ directory, project }: Made, url: string | undefined, jobs: number): Promise<Run> {
  const grounds = new Grounds();
  try {
    const urls = new Map(url === undefined ? [] : [['main', url] as const]);
    const ground = await grounds.prepare({ directory, project, urls, onStep: () => undefined });
    assert.deepEqual(ground.diagnostics, []);
    const told: string[] = [];
    const run = await runTests({
      project,
      tests: project.tests,
      ground: ground.value!,
      jobs,
      bail: false,
      onResult: ({ name }) => told.push(name),
    });
    assert.deepEqual(
      told,
      project.tests.map(({ name }) => name),
    );
    return run;
  } finally {
    await grounds.close();
  }
}

/** All but the one that is to fail. */
function keeps({ results }: Run): void {
  const failed = results.filter(({ state }) => state !== 'passed');
  assert.deepEqual(
    failed.map(({ name, failures }) => [
      name,
      failures.map(({ key, source }) => [key, source?.span.start.column]),
    ]),
    [['a row that cannot be given is told', [['given.books[1]', 54]]]],
    JSON.stringify(failed),
  );
  assert.match(failed[0]!.failures[0]!.message, /^The row could not be given: .*foreign key constraint/);
}

const bare = ({ results, coverage }: Run) => [
  results.map(({ name, state, failures }) => [name, state, failures.map(({ key }) => key)]),
  coverage,
];

test('on the embedded database', async (t) => {
  const run = await runWith(await make(t, 'embedded'), undefined, 1);
  keeps(run);
  const covered = run.coverage.cells.filter((cell) => cell.covered);
  assert.deepEqual(
    covered.map(({ role, table, verb }) => `${role} ${table} ${verb}`),
    [
      'visitor authors select',
      'visitor books select',
      'staff books select',
      'staff books insert',
      'staff books delete',
    ],
  );
  assert.deepEqual(run.coverage.roles, ['visitor', 'staff']);
  assert.equal(run.coverage.cells.length, 2 * 2 * 4);
});

for (const engine of ['postgres', 'mariadb', 'mysql'] as const)
  test(`on ${engine}, beside a database that is left as it is`, async (t) => {
    const made = await make(t, engine === 'postgres' ? 'postgres' : 'mysql');
    const scope = lastFirst(t);
    const given = await createDatabase(scope, engine);
    const user = await userWith(scope, given, engine);
    // The same names, so that a statement that went astray would be seen.
    await given.query(
      "create table books (id integer primary key, title varchar(9)); insert into books values (1, 'precious')",
    );
    const before = await contentOf(given, engine);
    const refused = await runWith(made, user.url, 1).catch((error: unknown) => error);
    assert.ok(refused instanceof Problem);
    assert.equal(refused.code, '42501');
    assert.match(
      refused.message,
      /^Database "main": The user "ns_user_\w+" may not create databases on this server/,
    );

    await user.let();
    const serial = await runWith(made, user.url, 1);
    keeps(serial);
    const parallel = await runWith(made, user.url, 3);
    assert.deepEqual(bare(parallel), bare(serial));
    assert.deepEqual(await contentOf(given, engine), before);
  });

for (const engine of ['postgres', 'mariadb', 'mysql'] as const)
  test(`what is made on ${engine} is dropped`, async (t) => {
    const made = await make(t, engine === 'postgres' ? 'postgres' : 'mysql');
    const given = await createDatabase(t, engine);
    const named = async () => {
      const list =
        engine === 'postgres'
          ? 'select datname as name from pg_database'
          : 'select schema_name as name from information_schema.schemata';
      return (await given.query(list)).map(({ name }) => String(name));
    };
    const config = made.project.databases.get('main')!;
    const filled: string[] = [];
    const copies = dialectFor(config.engine).copies(
      { config, url: given.url },
      { scripts: [], fill: async (url) => void filled.push(new URL(url).pathname.slice(1)) },
    );
    const copy = await copies.open();
    const names = [...filled, new URL(copy.url).pathname.slice(1)];
    assert.deepEqual(
      names.filter((name) => !/^novastack_test_[0-9a-f]{12}_\d+$/.test(name)),
      [],
    );
    const [base] = /^novastack_test_[0-9a-f]{12}/.exec(names[0]!)!;
    assert.ok((await named()).some((name) => name.startsWith(base)));
    await copies.close();
    assert.deepEqual(
      (await named()).filter((name) => name.startsWith(base)),
      [],
    );
  });

/** The user goes before the database over which that is said. */
function lastFirst(t: TestContext): Scope {
  const endings: (() => unknown)[] = [];
  t.after(async () => {
    for (const end of endings) await end();
  });
  return { after: (work) => void endings.unshift(work) };
}

/** Somebody who reads the database and writes nothing in it. */
async function userWith(t: Scope, given: TestDatabase, engine: TestEngine) {
  const name = `ns_user_${randomBytes(6).toString('hex')}`;
  const url = new URL(given.url);
  url.username = name;
  url.password = 'secret';
  if (engine === 'postgres') {
    await given.query(`create role ${name} login password 'secret'`);
    t.after(() => given.query(`drop role ${name}`));
    return { url: url.href, let: () => given.query(`alter role ${name} createdb`) };
  }
  await given.query(`create user ${name} identified by 'secret'`);
  await given.query(`grant select on ${given.name}.* to ${name}`);
  t.after(() => given.query(`drop user ${name}`));
  return {
    url: url.href,
    let: () => given.query(`grant all on \`novastack\\_test\\_%\`.* to ${name}`),
  };
}

async function contentOf({ query, name }: TestDatabase, engine: TestEngine): Promise<readonly unknown[]> {
  const tables =
    engine === 'postgres'
      ? "select c.relname, c.relfilenode, c.xmin::text from pg_class c where relnamespace = 'public'::regnamespace order by 1"
      : `select table_name, create_time, auto_increment from information_schema.tables where table_schema = '${name}' order by 1`;
  const rows = engine === 'postgres' ? 'select ctid::text, xmin::text, * from books' : 'select * from books';
  return [await query(tables), await query(rows)];
}
