/** Every example is run as a reader would run it, in its own language, and must give what its page says. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { publishableKey } from '../engine/auth/authenticate.ts';
import { validateProject } from '../engine/check/validate.ts';
import { novastack } from '../engine/cli/story.fixture.ts';
import { openRehearsal, type Rehearsal } from '../engine/testing/rehearsal.ts';
import { createDatabase } from '../test/database.ts';
import type { Json } from './ask.ts';
import { type Example, examplesFor, type RoleExamples } from './examples.ts';
import { type Interpreters, openInterpreters } from './interpreters.fixture.ts';
import type { Snippet } from './snippet.ts';

const root = join(import.meta.dirname, '..');

test('bookshop: every example of every role gives what it says', async (t) => {
  const shop = await openProject(await copyOf('bookshop', t));
  const told = await proved(shop);
  assert.deepEqual(told.visitor, {
    authors: 'list embed one aggregate',
    book_ratings: 'list embed one',
    books: 'list embed one aggregate',
    publishers: 'list embed one aggregate',
    reviews: 'list embed one aggregate',
    tags: 'list embed one aggregate',
    book_tags: 'list embed one',
    search_books: 'call',
  });
  assert.deepEqual(told.customer, {
    ...told.visitor,
    customers: 'list embed one update',
    order_lines: told.customer!.order_lines,
    orders: 'list embed one aggregate insert update',
    reviews: told.customer!.reviews,
  });
  assert.match(told.customer!.order_lines!, /^list embed one aggregate insert/);
  assert.match(told.customer!.reviews!, /^list embed one aggregate insert/);
  assert.equal(told.staff!.tags, 'list embed one aggregate insert update delete');
});

test('rental: every example of every role gives what it says, on MariaDB', async (t) => {
  const dir = await copyOf('rental', t);
  const { url } = await createDatabase(t, 'mariadb');
  const up = await novastack(['migrate', 'up', dir, '--seed'], { env: { RENTAL_URL: url } });
  assert.deepEqual([up.code, up.stderr], [0, '']);
  const told = await proved(await openProject(dir, new Map([['main', url]])));
  assert.match(told.visitor!.bikes!, /^list embed one/);
  assert.match(told.desk!.bookings!, /^list embed one/);
});

const odd = `it's "odd" <b> & , (x) 🦊`;
const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const hostile = {
  'novastack.yaml': JSON.stringify({
    novastack: 1,
    project: 'hostile',
    databases: {
      main: {
        engine: 'postgres',
        url: '$' + '{env:HOSTILE_URL}',
        schemas: ['public', 'stock'],
        migrations: 'migrations',
        seeds: 'seeds',
      },
    },
    auth: { anonymous: 'reader' },
    roles: { reader: {}, writer: {}, blind: {} },
    limits: { unfiltered_writes: false },
    tables: Object.fromEntries(
      [odd, 'order', 'stock.shelves', 'kinds'].map((name) => [
        name,
        {
          permissions: {
            reader: { select: true },
            writer: { select: true, insert: true, update: true, delete: true },
            blind: { insert: true },
          },
        },
      ]),
    ),
    functions: {
      [`say ${odd}`]: { permissions: { reader: { execute: true } } },
      'stock.count_up': { permissions: { reader: { execute: true } } },
    },
  }),
  'migrations/0001_all.sql': `
    create schema stock;
    create type mood as enum ('so "so"', 'it''s fine', 'PG-13');
    create table ${quoted(odd)} (${quoted(`id, "a"`)} text primary key, ${quoted('select')} mood not null, "a b" text, "back\\slash" int, "__proto__" boolean);
    create table "order" (id int generated always as identity primary key, "limit" int not null, "or" text not null default 'x', parent int references "order" (id), odd text references ${quoted(odd)});
    create table stock.shelves (room text, no smallint, label text not null unique, size numeric(6, 2), primary key (room, no));
    create table kinds (id uuid primary key, at timestamptz not null, day date not null, words text[] not null, facts jsonb not null, span int4range, big bigint not null, bits bytea);
    create function ${quoted(`say ${odd}`)}("the word" text) returns text stable language sql as 'select $1 || ''!''';
    create function stock.count_up(lowest int) returns setof int stable language sql as 'select generate_series(lowest, 3)';
  `,
  'seeds/0001_rows.sql': `
    insert into ${quoted(odd)} values ('it''s,1', 'so "so"', 'x&y=z', 1, true), ('<b>', 'it''s fine', '100% #+?', 2, false), ('🦊', 'PG-13', 'back\\\\slash $HOME \`id\`', 3, null);
    insert into "order" ("limit", "or", parent, odd) values (1, 'one', null, 'it''s,1'), (2, 'two', 1, '🦊'), (3, 'three', 1, null);
    insert into stock.shelves values ('a,b', 1, 'A-1', 1.50), ('a,b', 2, 'A-2', 2.25), ('c/d', 1, 'C-1', null);
    insert into kinds values
      ('11111111-1111-4111-8111-111111111111', '2026-01-01 10:00+00', '2026-01-02', '{"a b",c}', '{"k": [1, null]}', '[1,5)', 9007199254740993, '\\x00ff'),
      ('22222222-2222-4222-8222-222222222222', '2026-02-01 10:00+00', '2026-02-02', '{}', '{}', null, 2, null);
  `,
};

test('names of any characters, other schemas and types of all kinds, on Postgres', async (t) => {
  const dir = await mkdtemp(join(tmpdir(), 'novastack-hostile-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(hostile)) {
    await mkdir(dirname(join(dir, file)), { recursive: true });
    await writeFile(join(dir, file), text);
  }
  const { url } = await createDatabase(t, 'postgres');
  const told = await proved(await openProject(dir, new Map([['main', url]])));
  assert.deepEqual(told, {
    reader: {
      [odd]: 'list embed one aggregate',
      order: 'list embed one aggregate',
      'stock.shelves': 'list one aggregate',
      kinds: 'list one aggregate',
      [`say ${odd}`]: 'call',
      'stock.count_up': 'call',
    },
    writer: {
      [odd]: 'list embed one aggregate insert update delete',
      order: 'list embed one aggregate insert update delete',
      'stock.shelves': 'list one aggregate insert update delete',
      kinds: 'list one aggregate insert update delete',
    },
    blind: { [odd]: 'insert', order: 'insert', 'stock.shelves': 'insert', kinds: 'insert' },
  });
});

interface Open {
  readonly rehearsal: Rehearsal;
  readonly roles: ReadonlyMap<string, RoleExamples>;
  readonly interpreters: Interpreters;
}

async function openProject(directory: string, urls?: ReadonlyMap<string, string>): Promise<Open> {
  const { project, compiled, diagnostics } = await validateProject(directory);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  const opened = await openRehearsal({
    directory,
    project: project!,
    ...(urls === undefined ? {} : { urls }),
  });
  assert.ok(opened.value !== undefined, JSON.stringify(opened.diagnostics, null, 2));
  const rehearsal = opened.value;
  const { url } = rehearsal;
  const place = {
    project: url,
    rest: `${url}/rest/v1`,
    graphql: `${url}/graphql/v1`,
    publishableKey: publishableKey(project!.name),
  };
  const roles = new Map<string, RoleExamples>();
  for (const role of project!.roles.keys())
    roles.set(role, await examplesFor(compiled!.api, role, { place, rehearsal }));
  const interpreters = await openInterpreters();
  return { rehearsal, roles, interpreters };
}

/** Runs them all, and closes what they ran on while its databases are there. @returns by role and table: which kinds of examples there are */
async function proved(open: Open): Promise<Record<string, Record<string, string>>> {
  try {
    return await provedOn(open);
  } finally {
    await open.interpreters.close();
    await open.rehearsal.close();
  }
}

async function provedOn(open: Open): Promise<Record<string, Record<string, string>>> {
  const told: Record<string, Record<string, string>> = {};
  for (const [role, { tables, functions, start }] of open.roles) {
    told[role] = {};
    for (const [name, examples] of [...tables, ...functions]) {
      told[role][name] = examples.map(({ kind }) => kind).join(' ');
      for (const example of examples)
        for (const snippet of example.snippets) {
          await proveOne(example, snippet, `${role}, ${name}`, role, open);
        }
    }
    for (const example of start) assert.ok([...tables.values()].flat().includes(example));
  }
  return told;
}

async function proveOne(
  example: Example,
  snippet: Snippet,
  where: string,
  role: string,
  { rehearsal, interpreters }: Open,
): Promise<void> {
  const { gives } = example;
  const printed = await rehearsal.visit(role, (token) =>
    interpreters.run(snippet, token, `${rehearsal.url}/graphql/v1`),
  );
  const said = `${where}, ${example.title}, ${snippet.label}:\n${snippet.code}\n→ ${printed.status} ${printed.body}`;
  if (snippet.label.startsWith('GraphQL')) {
    assert.equal(printed.status, 200, said);
    const { data, errors } = JSON.parse(printed.body);
    assert.equal(errors, undefined, said);
    assert.ok(
      Object.values(data as object).every((value) => value !== null),
      said,
    );
    return;
  }
  assert.equal(printed.status, gives.status, said);
  const body =
    printed.body === '' || printed.body === 'null' ? undefined : (JSON.parse(printed.body) as Json);
  const shown =
    body === undefined ? null : JSON.stringify(Array.isArray(body) ? body.slice(0, 2) : body, null, 2);
  assert.equal(shown, gives.answer, said);
}

async function copyOf(name: string, t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `novastack-${name}-`));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await cp(join(root, 'examples', name), dir, {
    recursive: true,
    filter: (path) => !path.endsWith('.novastack'),
  });
  return dir;
}
