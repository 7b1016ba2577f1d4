/** A whole plan of one project: what is compared, what is not and why, and what has to be accepted. */
import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { before, type TestContext, test } from 'node:test';
import { breaksServing } from '../api/broken.ts';
import { validateProject } from '../check/validate.ts';
import type { Change } from './change.ts';
import { type PlanOptions, planProject } from './plan.ts';
import type { ProjectPlan } from './report.ts';
import { plainText } from './sentence.ts';

type Files = Readonly<Record<string, string | null>>;

const shop: Files = {
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: embedded, migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
tables:
  books:
    permissions:
      visitor: { select: { columns: [id, title] } }
      staff: { select: true, insert: true }
  authors:
    permissions:
      staff: { select: true }
tests:
  - { name: a visitor reads, as: { role: visitor }, allowed: { books: [select] }, denied: { books: [insert] } }
  - { name: a visitor gets books, as: anonymous, request: { get: "/rest/v1/books?select=id" }, expect: { status: 200, body: [] } }
`,
  'migrations/0001_books.sql':
    'create table authors (id int primary key, name text not null);\ncreate table books (id int primary key, title text not null, pages int);\n',
};

let top: string;
before(async () => {
  top = await mkdtemp(join(tmpdir(), 'plan-'));
  process.once('exit', () => void rm(top, { recursive: true, force: true }));
});

/** Migrations that several cases have run once. */
const rehearsals: PlanOptions['rehearsals'] = new Map();

async function folder(files: Files): Promise<string> {
  const dir = await mkdtemp(join(top, 'project-'));
  for (const [name, text] of Object.entries(files)) {
    if (text === null) continue;
    await mkdir(dirname(join(dir, name)), { recursive: true });
    await writeFile(join(dir, name), text);
  }
  return dir;
}

async function planned(
  base: Files | undefined,
  head: Files | undefined,
  options: Partial<PlanOptions> = {},
): Promise<ProjectPlan> {
  return planProject({
    path: 'apis/shop',
    base: base && (await folder(base)),
    head: head && (await folder(head)),
    tests: false,
    today: '2026-06-30',
    rehearsals: rehearsals!,
    ...options,
  });
}

function edited(key: string, from: string, to: string, files: Files = shop): Files {
  assert.ok(files[key]?.includes(from), `${key} has no ${from}`);
  return { ...files, [key]: files[key]!.replace(from, to) };
}

function told({ level, rule, source, sentence, accepted }: Change): string {
  const place = source === undefined ? '-' : `${source.file}:${source.span.start.line}`;
  return `${level} ${rule} ${place} ${plainText(sentence)}${accepted === undefined ? '' : ` (${accepted.by}: ${accepted.reason})`}`;
}

test('nothing that changed is unchanged, and its tests run', async () => {
  const plan = await planned(shop, shop, { tests: true });
  const { state, changes, diagnostics, migrations, incomparable, tests } = plan;
  assert.deepEqual(
    { state, changes, migrations, incomparable },
    { state: 'unchanged', changes: [], migrations: [], incomparable: undefined },
  );
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  assert.deepEqual(
    tests?.results.map(({ name, state: outcome }) => [name, outcome]),
    [
      ['a visitor reads', 'passed'],
      ['a visitor gets books', 'passed'],
    ],
  );
  assert.equal(tests?.notRun, undefined);
  assert.ok(tests?.coverage?.cells.some(({ covered }) => covered));
});

test('a project that is new gains everything that it grants, and breaks nobody', async () => {
  const { state, changes, migrations } = await planned(undefined, shop);
  assert.equal(state, 'added');
  assert.ok(changes.length > 0);
  assert.deepEqual(
    changes.filter(({ gain, section }) => gain !== true || section !== 'access'),
    [],
  );
  const visitor = changes.find(({ anonymous }) => anonymous === true);
  assert.equal(visitor?.needsAcceptance, true);
  assert.deepEqual(
    migrations.map(({ file, statements }) => [file, statements.length]),
    [['migrations/0001_books.sql', 2]],
  );
});

test('a project that goes is breaking, and only the label accepts it', async () => {
  const open = await planned({ ...shop, 'approvals.yaml': '[]\n' }, undefined);
  assert.equal(open.state, 'removed');
  assert.deepEqual(open.changes.map(told), [
    'breaking project-removed - The project "shop" is removed: all its URLs end.',
  ]);
  const { fingerprint } = open.changes[0]!;
  const label = { covers: (one: string) => one === fingerprint, reason: 'ada set it' };
  const accepted = await planned(shop, undefined, { label });
  assert.deepEqual(accepted.changes[0]?.accepted, { by: 'label', reason: 'ada set it', expires: undefined });
});

test('a head with errors is told, and compared with nothing', async () => {
  const { changes, incomparable, diagnostics, tests } = await planned(
    shop,
    edited('novastack.yaml', '[id, title]', '[id, titel]'),
    { tests: true },
  );
  assert.deepEqual([changes, tests], [[], undefined]);
  assert.equal(incomparable, 'This commit has errors, so it is not known what it would change.');
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code),
    ['BIND_COLUMN_NOT_FOUND'],
  );
});

test('of a base with errors nothing counts as given before', async () => {
  const { changes, incomparable, state } = await planned(
    edited('novastack.yaml', '[id, title]', '[id, titel]'),
    shop,
  );
  assert.match(incomparable!, /^The base has errors/);
  assert.equal(state, 'changed');
  assert.ok(changes.some(({ gain, anonymous }) => gain === true && anonymous === true));
});

test('a database that nothing tells of is not compared', async () => {
  const mysql = edited('novastack.yaml', 'engine: embedded', 'engine: mysql, url: "${env:SHOP_URL}"');
  const { incomparable, changes } = await planned(mysql, mysql);
  assert.equal(
    incomparable,
    'Nothing tells what the database "main" looks like, so it is not known what changes.',
  );
  assert.deepEqual(changes, []);
});

test('migrations of the base that were edited, removed or overtaken are errors', async () => {
  const more = { ...shop, 'migrations/0003_more.sql': 'create table more (id int);\n' };
  const errors = async (base: Files, head: Files) =>
    (await planned(base, head)).diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, source }) => `${code} ${source?.file ?? '-'}`);
  assert.deepEqual(await errors(shop, edited('migrations/0001_books.sql', 'pages int', 'pages bigint')), [
    'MIGRATION_EDITED migrations/0001_books.sql',
  ]);
  assert.deepEqual(await errors(more, shop), ['MIGRATION_MISSING -']);
  assert.deepEqual(
    await errors(more, { ...more, 'migrations/0002_late.sql': 'create table late (id int);\n' }),
    ['MIGRATION_OUT_OF_ORDER migrations/0002_late.sql'],
  );
  assert.deepEqual(await errors(shop, more), []);
});

const dropped: Files = {
  ...edited('novastack.yaml', '[id, title]', '[id]'),
  'migrations/0002_drop.sql': '-- nobody reads it\nalter table books\n  drop column title;\n',
};

test('what a migration takes away is one change at its line, with the fingerprint that a deployment asks for', async () => {
  const { changes } = await planned(shop, dropped);
  const gone = changes.filter(({ level }) => level === 'breaking');
  assert.deepEqual(
    gone.map(({ rule, section }) => [section, rule]),
    [['api', 'column-removed']],
  );
  assert.match(
    told(gone[0]!),
    /^breaking column-removed migrations\/0002_drop\.sql:3 Column "title" of "books"/,
  );
  const [base, head] = [
    await validateProject(await folder(shop), rehearsals),
    await validateProject(await folder(dropped), rehearsals),
  ];
  const breakages = breaksServing(base.compiled!.api, new Map([['main', head.known.get('main')!.catalog]]));
  assert.deepEqual(
    breakages.map(({ fingerprint }) => fingerprint),
    [gone[0]!.fingerprint],
  );
});

test('approvals.yaml accepts by fingerprint until its last day, and says why', async () => {
  const { changes } = await planned(shop, dropped);
  const { fingerprint } = changes.find(({ level }) => level === 'breaking')!;
  const file = (expires: string) =>
    `- fingerprint: ${fingerprint}\n  reason: The last client is gone\n  expires: ${expires}\n`;
  const approved = await planned(shop, { ...dropped, 'approvals.yaml': file('2026-06-30') });
  const accepted = approved.changes.find((one) => one.fingerprint === fingerprint)?.accepted;
  assert.deepEqual(accepted, { by: 'file', reason: 'The last client is gone', expires: '2026-06-30' });
  const late = await planned(shop, { ...dropped, 'approvals.yaml': file('2026-06-29') });
  assert.equal(late.changes.find((one) => one.fingerprint === fingerprint)?.accepted, undefined);
  assert.ok(late.diagnostics.some(({ code }) => code === 'APPROVAL_EXPIRED'));
});

test('an API that loses most of its tables is told as that, with the fingerprint of the guard', async () => {
  const bare = edited('novastack.yaml', /tables:[\s\S]*?tests:/.exec(shop['novastack.yaml']!)![0], 'tests:');
  const { changes } = await planned(shop, {
    ...bare,
    'novastack.yaml': bare['novastack.yaml']!.replace(/tests:[\s\S]*/, ''),
  });
  assert.ok(
    changes.map(told).includes('breaking api-emptied novastack.yaml:1 Every table of the API is removed.'),
    changes.map(told).join('\n'),
  );
});

test('a table that stands for another relation is told once, with who reads it', async () => {
  const two = {
    ...shop,
    'migrations/0002_copy.sql': 'create table copies (id int primary key, title text not null, pages int);\n',
  };
  const { changes } = await planned(
    two,
    edited('novastack.yaml', '  books:\n    perm', '  books:\n    relation: copies\n    perm', two),
  );
  const ofRows = changes.filter(({ rule }) => /source|relation/.test(rule));
  assert.deepEqual([...new Set(ofRows.map(({ rule }) => rule))], ['relation-changed']);
  assert.deepEqual(ofRows.flatMap(({ roles }) => roles).sort(), ['staff', 'visitor']);
});

test('a test that fails is told; seeds of an embedded database that do not run are errors', async () => {
  const failing = edited('novastack.yaml', 'body: []', 'body: [ { id: 1 } ]');
  const failed = await planned(shop, failing, { tests: true });
  assert.deepEqual(
    failed.tests?.results.map(({ state }) => state),
    ['passed', 'failed'],
  );
  const seeds = {
    ...edited('novastack.yaml', 'migrations: migrations', 'migrations: migrations, seeds: seeds'),
    'seeds/01.sql': 'insert into nowhere values (1);\n',
  };
  const { tests, diagnostics } = await planned(shop, seeds, { tests: true });
  assert.match(tests!.notRun!, /seeds\/01\.sql:1/);
  assert.deepEqual(
    tests!.results.map(({ name }) => name),
    ['a visitor reads'],
  );
  assert.ok(
    diagnostics.some(({ severity, source }) => severity === 'error' && source?.file === 'seeds/01.sql'),
  );
});

test('the lock alone is enough: nothing is run where both sides have one', async (t: TestContext) => {
  const bookshop = join(import.meta.dirname, '../../examples/bookshop');
  const dir = await mkdtemp(join(top, 'bookshop-'));
  await cp(bookshop, dir, { recursive: true });
  assert.ok((await readdir(dir)).includes('novastack.lock'));
  const started = t.mock.fn();
  const plan = await planProject({
    path: '.',
    base: bookshop,
    head: dir,
    tests: false,
    today: '2026-06-30',
    onStep: started,
  });
  assert.equal(plan.state, 'unchanged');
  assert.deepEqual(
    started.mock.calls.map(({ arguments: [line] }) => line),
    ['Reading the base and this commit.'],
  );
});

const locked: Files = {
  'novastack.yaml': `novastack: 1
project: shop
databases: { main: { engine: postgres, url: "\${env:SHOP_URL}" } }
roles: { staff: {} }
tables: { books: { permissions: { staff: { select: true, insert: true } } } }
`,
  'novastack.lock/main/database.yaml': `engine: postgres
version: "18"
schemas: [public]
capabilities: { arrays: true, fullText: true, lateral: true, ranges: true, returning: true, transactionalDdl: true }
`,
};

test('a commit without the lock that its base has is an error: it could open anything', async () => {
  const books =
    'schema: public\nrelation: books\nkind: table\ncolumns:\n  - { name: id, type: int4 }\nprimary_key: { name: books_pkey, columns: [id] }\n';
  const base: Files = { ...locked, 'novastack.lock/main/tables/public.books.yaml': books };
  const bare = { 'novastack.yaml': base['novastack.yaml']! };
  const codes = ({ diagnostics }: ProjectPlan) =>
    diagnostics.filter(({ severity }) => severity === 'error').map(({ code }) => code);
  const concealed = await planned(base, bare);
  assert.deepEqual(codes(concealed), ['PLAN_CONCEALED']);
  assert.equal(
    concealed.incomparable,
    'Nothing tells what the database "main" looks like, so it is not known what changes.',
  );
  assert.deepEqual(codes(await planned(bare, bare)), []);
});

test('an approval of what breaks is for nothing else that breaks at the same table', async () => {
  const keyed = edited(
    'migrations/0001_books.sql',
    'pages int',
    'isbn text constraint books_isbn_key unique, code text constraint books_code_key unique',
  );
  const { changes } = await planned(keyed, {
    ...keyed,
    'migrations/0002_keys.sql':
      'alter table books drop constraint books_isbn_key;\nalter table books rename constraint books_code_key to books_codes;\n',
  });
  const breaking = changes.filter(({ level }) => level === 'breaking');
  assert.deepEqual(breaking.map(({ rule }) => rule).sort(), ['unique-key-removed', 'unique-key-renamed']);
  assert.equal(new Set(breaking.map(({ fingerprint }) => fingerprint)).size, 2);
});

test('what a migration writes anew is told: a view, a function, a policy', async () => {
  const first = 'migrations/0001_books.sql';
  const base: Files = {
    ...shop,
    [first]: `${shop[first]}create view wares as select id from books;\ncreate function f() returns int language sql as 'select 1';\n`,
  };
  const { changes } = await planned(base, {
    ...base,
    'migrations/0002_anew.sql': `create or replace view wares as select pages as id from books;
create or replace function f() returns int language sql as 'select 2';
create table fresh (id int primary key);
create policy q on fresh using (true);
create policy p on books using (true);
create view other as select 1 as one;
`,
  });
  assert.deepEqual(changes.map(told), [
    'dangerous definition-changed migrations/0002_anew.sql:1 The view "public.wares" is written anew: what it gives, and whatever relies on it, may be others.',
    'dangerous definition-changed migrations/0002_anew.sql:2 The function "public.f" is written anew: what it gives, and whatever relies on it, may be others.',
    'dangerous definition-changed migrations/0002_anew.sql:5 A policy of "public.books" is written anew: which rows are seen or written may be others.',
  ]);
});
