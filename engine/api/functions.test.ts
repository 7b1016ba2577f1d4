/** `functions:` bound to the database's routines: what may be called, what it gives, and what is computed from a row. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { createProject } from '../../test/project.ts';
import type { Api, Callable } from './api.ts';

const sql = `
create table books (id int primary key, title text, author_id int, "rank" int);
create table hidden (id int primary key);
create table people (id int primary key, name text);
create schema stock;
create schema elsewhere;
create table stock.items (id int primary key, label text);
create function add(a int, b int default 1) returns int language sql immutable as 'select a + b';
create function area(w int) returns int language sql immutable as 'select w';
create function area(w int, h int) returns int language sql immutable as 'select w * h';
create function quiet() returns void language sql volatile as 'select';
create function every_book() returns setof books language sql stable as 'select * from books';
create function first_book() returns books language sql stable as 'select * from books limit 1';
create function every_hidden() returns setof hidden language sql stable as 'select * from hidden';
create function pairs(n int) returns table (k int, label text) language sql immutable as $$ select 1, 'a' $$;
create function names() returns setof text language sql stable as 'select name from people';
create function label(books) returns text language sql stable as 'select $1.title';
create function author(books) returns setof people rows 1 language sql stable as 'select * from people where id = $1.author_id';
create function siblings(books) returns setof books language sql stable as 'select * from books';
create function rank(books) returns int language sql stable as 'select 1';
create function needs_more(books, n int) returns int language sql stable as 'select n';
create function may_have_more(books, n int default 1) returns int language sql stable as 'select n';
create function of_hidden(hidden) returns int language sql stable as 'select 1';
create function to_hidden(books) returns setof hidden language sql stable as 'select * from hidden';
create function lists(books) returns setof int language sql stable as 'select 1';
create function mighty() returns int language sql security definer as 'select 1';
create function stock.total() returns bigint language sql stable as 'select count(*) from stock.items';
create function elsewhere.f() returns int language sql as 'select 1';
create function poly(anyelement) returns anyelement language sql immutable as 'select $1';
create function on_change() returns trigger language plpgsql as 'begin return new; end';
create procedure proc() language sql as 'select';
create aggregate agg(int) (sfunc = int4pl, stype = int, initcond = '0');
comment on function add(int, int) is 'Adds.';
`;

const tables = `
  books: { permissions: { reader: { select: true } } }
  people: { permissions: { reader: { select: true } } }
  stock.items: { permissions: { reader: { select: true } } }
`;

const head = `
roles: { reader: {}, child: { inherits: [reader] }, closed: {}, all: { everything: true } }
tables:${tables}functions:
`;

/** Every function of the list, which `reader` may execute. */
const functions = (...names: readonly string[]) =>
  head + names.map((name) => `  ${name}: { permissions: { reader: { execute: true } } }\n`).join('');

function lines(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code, severity, message, hint, source }) =>
    [
      `${severity} ${code} ${source?.file}:${source?.span.start.line}:${source?.span.start.column}`,
      message,
      hint ?? '',
    ].join(' | '),
  );
}

/** What an overload takes and gives, as one text. */
function describe({ overloads }: Callable): string[] {
  return overloads.map(({ routine, result }) => {
    const taken = routine.arguments.map(({ name, type, optional }) =>
      `${name ?? ''} ${type.name}${optional ? '?' : ''}`.trim(),
    );
    const set = 'set' in result && result.set ? 'setof ' : '';
    const given =
      result.kind === 'void' || result.kind === 'records'
        ? result.kind
        : result.kind === 'scalar'
          ? result.type.name
          : `${result.exposed ? 'exposed ' : ''}${result.table.name}(${[...result.table.columns.keys()]})`;
    return `(${taken.join(', ')}) ${set}${given}`;
  });
}

const described = (api: Api) =>
  Object.fromEntries([...api.functions].map(([name, callable]) => [name, describe(callable)]));

test('binds every overload, and knows what each gives', async (t) => {
  const project = await createProject(t, {
    sql,
    schemas: ['public', 'stock'],
    yaml: `${functions('add', 'area', 'quiet', 'every_book', 'first_book', 'every_hidden', 'pairs', 'names', 'stock.total')}
  plus: { function: public.add, permissions: { reader: { execute: true } } }
`,
  });
  assert.deepEqual(described(project.api), {
    add: ['(a int4, b int4?) int4'],
    area: ['(w int4) int4', '(w int4, h int4) int4'],
    quiet: ['() void'],
    every_book: ['() setof exposed books(id,title,author_id,rank)'],
    first_book: ['() exposed books(id,title,author_id,rank)'],
    every_hidden: ['() setof every_hidden(id)'],
    pairs: ['(n int4) setof pairs(k,label)'],
    names: ['() setof text'],
    'stock.total': ['() int8'],
    plus: ['(a int4, b int4?) int4'],
  });
  const { profile, rest, database, description } = project.api.functions.get('stock.total')!;
  assert.deepEqual([profile, rest, database, description], ['stock', 'total', 'main', null]);
  assert.equal(project.api.functions.get('add')!.description, 'Adds.');
  assert.deepEqual(lines(project.diagnostics), [
    'notice FUNCTION_ROWS rest.yaml:13:3 | The rows of function "every_hidden" pass no table\'s permissions: "execute" alone decides who sees them. | let it return rows of an exposed table (returns setof books), and the select of that table applies',
    'notice FUNCTION_ROWS rest.yaml:14:3 | The rows of function "pairs" pass no table\'s permissions: "execute" alone decides who sees them. | let it return rows of an exposed table (returns setof books), and the select of that table applies',
  ]);
});

test('is in the world of those alone that were granted it, by themselves or by inheritance', async (t) => {
  const { api } = await createProject(t, {
    sql,
    schemas: ['public', 'stock'],
    yaml: `${functions('add', 'label', 'stock.total')}  quiet: {}\n`,
  });
  const seen = (role: string) => [...api.world(role).functions.keys()];
  assert.deepEqual(seen('closed'), []);
  assert.deepEqual(seen('reader'), ['add', 'label', 'stock.total']);
  assert.deepEqual(seen('child'), ['add', 'label', 'stock.total']);
  assert.deepEqual(seen('all'), ['add', 'label', 'stock.total', 'quiet']);
  const world = api.world('reader');
  assert.equal(world.rpc('add')?.name, 'add');
  assert.equal(world.rpc('add', 'public')?.name, 'add');
  assert.equal(world.rpc('total', 'stock')?.name, 'stock.total');
  for (const [name, profile] of [
    ['total', undefined],
    ['stock.total', undefined],
    ['add', 'stock'],
    ['quiet', undefined],
    ['__proto__', undefined],
  ] as const)
    assert.equal(world.rpc(name, profile), undefined, name);
  assert.equal(api.world('closed').rpc('add'), undefined);
});

test('a function of a row is a field or a relationship of its table, for those who may execute it', async (t) => {
  const project = await createProject(t, {
    sql,
    schemas: ['public', 'stock'],
    yaml: `${functions('label', 'author', 'siblings', 'needs_more', 'may_have_more', 'to_hidden', 'lists', 'of_hidden')}
  closed_label: { function: public.label }
`,
  });
  const books = project.api.tables.get('books')!;
  assert.deepEqual([...books.computed.keys()], ['label', 'may_have_more', 'closed_label']);
  const edges = [...books.edges.values()].map(({ name, kind, to, declared }) => [
    name,
    kind,
    to.name,
    declared,
  ]);
  assert.deepEqual(edges, [
    ['author', 'one', 'people', true],
    ['siblings', 'many', 'books', true],
  ]);
  const reader = project.api.world('reader').tables.get('books')!;
  assert.deepEqual([...reader.computed.keys()], ['label', 'may_have_more']);
  assert.deepEqual([...reader.edges.keys()], ['author', 'siblings']);
  assert.deepEqual([...reader.columns.keys()], ['id', 'title', 'author_id', 'rank']);
  assert.equal(project.api.world('closed').tables.get('books'), undefined);
  assert.deepEqual(
    [...project.api.world('all').tables.get('books')!.computed.keys()],
    ['label', 'may_have_more', 'closed_label'],
  );
});

test('warns of a field whose name the table has, and of rights beyond the tables', async (t) => {
  const project = await createProject(t, {
    sql,
    schemas: ['public', 'stock'],
    yaml: functions('rank', 'mighty'),
  });
  assert.deepEqual([...project.api.tables.get('books')!.computed.keys()], []);
  assert.ok(project.api.functions.has('rank'));
  assert.deepEqual(lines(project.diagnostics), [
    'warning BIND_NAME_TAKEN rest.yaml:8:3 | Function "rank" computes no field of table "books", which has a column of that name. | declare it under another name, with function: saying which function it is',
    'notice FUNCTION_DEFINER rest.yaml:9:3 | Function "mighty" runs with the rights of its owner (SECURITY DEFINER). | whoever may execute it does what its owner may: check its body, and grant it to few',
  ]);
});

test('warns of what runs with the rights of its owner for whoever has no token', async (t) => {
  const opened = (engine: 'postgres' | 'mariadb', text: string, names: readonly string[]) =>
    createProject(t, {
      engine,
      sql: text,
      yaml: `auth: { anonymous: visitor }
roles: { visitor: { inherits: [guest] }, guest: {}, staff: {} }
tables: { notes: {} }
functions:
${names.map((name) => `  ${name}: { permissions: { guest: { execute: true } } }`).join('\n')}
  for_staff: { permissions: { staff: { execute: true } } }
`,
    }).then(({ diagnostics }) =>
      diagnostics
        .filter(({ code }) => code === 'FUNCTION_DEFINER')
        .map(({ severity, source }) => `${severity} ${source!.span.start.line}:${source!.span.start.column}`),
    );
  assert.deepEqual(
    await opened(
      'postgres',
      `create table notes (id int);
       create function writes() returns int language sql security definer as 'select 1';
       create function tells() returns table (x int) language sql stable security definer as 'select 1';
       create function counts() returns int language sql stable security definer as 'select 1';
       create function lists() returns setof notes language sql stable security definer as 'select * from notes';
       create function own() returns int language sql as 'select 1';
       create function for_staff() returns int language sql security definer as 'select 1';`,
      ['writes', 'tells', 'counts', 'lists', 'own'],
    ),
    ['warning 5:28', 'warning 6:27', 'notice 7:28', 'notice 8:27', 'notice 10:3'],
  );
  // There every function is such a one unless it says otherwise.
  assert.deepEqual(
    await opened(
      'mariadb',
      `create table notes (id int);
       create function writes() returns int modifies sql data return 1;
       create function counts() returns int reads sql data return 1;
       create function own() returns int sql security invoker modifies sql data return 1;
       create function for_staff() returns int modifies sql data return 1;`,
      ['writes', 'counts', 'own'],
    ),
    ['warning 5:28', 'notice 6:28', 'notice 8:3'],
  );
});

test('reports each function that is not there or cannot be called, with its place, and serves the rest', async (t) => {
  const project = await createProject(t, {
    sql,
    schemas: ['public', 'stock'],
    allowErrors: true,
    yaml: `${functions('add', 'ad', 'proc', 'agg', 'on_change', 'poly', 'pg_sleep')}
  away: { function: elsewhere.f }
  renamed: { function: public.nothing_like_it }
  stock.totals: {}
  __proto__: {}
  public.add: {}
`,
  });
  const found = lines(project.diagnostics);
  assert.deepEqual([...(project.api?.functions.keys() ?? [])], ['add', 'public.add']);
  const missing = (at: string, name: string, hint: string) =>
    `error BIND_FUNCTION_NOT_FOUND rest.yaml:${at} | Function "${name}" does not exist in database "main", or cannot be called by name. | ${hint}`;
  const create =
    'create it in a migration, correct the name, or let the account of the database execute it; functions of extensions, aggregates, triggers and polymorphic functions need a wrapper of your own, and on PostgreSQL procedures too';
  assert.deepEqual(found, [
    missing('9:3', 'public.ad', 'did you mean "public.add"?'),
    missing('10:3', 'public.proc', 'did you mean "public.area"?'),
    missing('11:3', 'public.agg', 'did you mean "public.add"?'),
    missing('12:3', 'public.on_change', create),
    missing('13:3', 'public.poly', create),
    missing('14:3', 'public.pg_sleep', create),
    'error BIND_SCHEMA_NOT_READ rest.yaml:16:21 | Schema "elsewhere" is not among the schemas of database "main". | add it to databases.main.schemas, or name a function of public, stock',
    missing('17:24', 'public.nothing_like_it', create),
    missing('18:3', 'stock.totals', 'did you mean "stock.total"?'),
    missing('19:3', 'public.__proto__', create),
    'error BIND_NAME_TAKEN rest.yaml:20:3 | Functions "add" and "public.add" would both have the REST name "add" in profile "public". | declare one of them under another name, with function: saying which function it is',
  ]);
});
