/** What requests cost, over both surfaces: told by refusing them to a role that may spend nothing to speak of. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { serve as serveGraphql } from './graphql.ts';
import { token } from './project.ts';
import { serve as serveRest } from './rest.ts';

/** Estimates are rounded to powers of ten: 100 authors, 1,000 books, 10,000 reviews, 10 tags, 1,000 pairs of both. */
const sql = `
  create table authors (id int primary key, code int unique, name text);
  create table books (id int primary key, author_id int not null references authors (id), title text);
  create table reviews (id int primary key, book_id int not null references books (id), stars int);
  create table tags (id int primary key, label text);
  create table book_tags (
    book_id int references books (id), tag_id int references tags (id), primary key (book_id, tag_id)
  );
  create table fresh (id int primary key, book_id int references books (id), title text);
  create function cheap() returns setof books language sql stable as 'select * from books';
  insert into authors select i, i, 'a' from generate_series(1, 100) i;
  insert into books select i, 1 + i % 100, 't' from generate_series(1, 1000) i;
  insert into reviews select i, 1 + i % 1000, 5 from generate_series(1, 10000) i;
  insert into tags select i, 't' from generate_series(1, 10) i;
  insert into book_tags select i, 1 + i % 10 from generate_series(1, 1000) i;
  analyze authors, books, reviews, tags, book_tags;
`;

const tables = ['authors', 'books', 'reviews', 'tags', 'book_tags', 'fresh'];
const permissions = `
    permissions:
      poor: { select: true, insert: true, update: true, delete: true }
      rich: { select: true, insert: true, update: true, delete: true }
      some: { select: { columns: "*", where: { id: { _gt: 500 } }, aggregate: true } }`;
const yaml = `
limits: { unfiltered_writes: true }
roles:
  poor: { limits: { cost: 1 } }
  some: { limits: { cost: 1 } }
  rich: {}
functions: { cheap: { permissions: { poor: { execute: true } } } }
tables:
${tables.map((table) => `  ${table}: ${table === 'book_tags' ? permissions.replace('some: { select: { columns: "*", where: { id: { _gt: 500 } }, aggregate: true } }', 'some: { select: true }') : permissions}`).join('\n')}
`;

const poor = token('poor');
const some = token('some');
const rich = token('rich');

test('REST refuses what costs too much before it runs, and says how much', async (t) => {
  const { ask, sql: query } = await serveRest(t, { sql, yaml });
  const cost = async (request: string, asked = {}, caller = poor): Promise<unknown> => {
    const { status, body } = await ask(caller, request, asked);
    if (status < 300) return 'answered';
    const { code, message, hint } = body as Record<string, string>;
    assert.deepEqual([status, code], [400, 'NS432'], JSON.stringify(body));
    const [, number] = /^The request would cost (\d+), and 1 is the most that one may\.$/.exec(message!)!;
    const [, place] = /^Lower the limit(?: of (\S+))?, or ask in several requests\.$/.exec(hint!)!;
    return place === undefined ? Number(number) : [Number(number), place];
  };
  const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ id: 5_000 + index }));
  const cases: readonly (readonly [string, unknown, unknown])[] = [
    ['a row by its key', await cost('GET /books/1'), 'answered'],
    ['a row by a filter on its key', await cost('GET /books?id=eq.1'), 'answered'],
    ['a row by another unique key', await cost('GET /authors?code=eq.7&select=name'), 'answered'],
    ['one of two keys of a pair', await cost('GET /book_tags?book_id=eq.7'), 1_000],
    ['one of several keys', await cost('GET /books?or=(id.eq.1,id.eq.2)'), 1_000],
    ['as many rows as are known', await cost('GET /authors'), 100],
    ['as many as a list may have', await cost('GET /reviews'), 1_000],
    ['as many as are asked for', await cost('GET /reviews?limit=20'), 20],
    ['few, where nothing is known', await cost('GET /fresh'), 100],
    ['few, but no more than are asked for', await cost('GET /fresh?limit=7'), 7],
    ['a row each to one', await cost('GET /books?limit=5&select=id,authors(name)'), 10],
    ['the usual number to many', await cost('GET /books?limit=5&select=id,reviews(stars)'), [55, 'reviews']],
    ['cut by a limit', await cost('GET /books?limit=5&select=id,reviews(stars)&reviews.limit=2'), [15, 'reviews']],
    ['many to many by the junction', await cost('GET /tags?select=id,books(id)'), [1_010, 'books']],
    ['at least one', await cost('GET /books?limit=5&select=id,tags(id)'), 10],
    ['levels multiply', await cost('GET /authors?select=id,b:books(id,reviews(id))'), [11_100, 'b.reviews']],
    ['levels that are spread too', await cost('GET /books?limit=5&select=id,...reviews(stars)'), [55, 'reviews']],
    ['few to many, where nothing is known', await cost('GET /books?limit=5&select=id,fresh(id)'), [20, 'fresh']],
    ['lines cost what each embeds', await cost('GET /reviews?select=*,books(authors(name))', { headers: { accept: 'application/x-ndjson' } }), 3],
    ['lines alone cost nothing', await cost('GET /reviews?limit=1', { headers: { accept: 'text/csv' } }), 'answered'],
    ['rows of a function', await cost('GET /rpc/cheap?select=id,reviews(id)'), [1_100, 'reviews']],
    ['rows that are seen in part', await cost('GET /reviews', {}, some), 100],
    ['links that are seen in part', await cost('GET /books?limit=5&select=id,reviews(id)', {}, some), [20, 'reviews']],
    ['rows of a body', await cost('POST /books', { json: rows(11) }), 2],
    ['rows of a body and what each embeds', await cost('POST /books?select=id,reviews(id)', { json: rows(7), headers: { prefer: 'return=representation' } }), [71, 'reviews']],
    ['a change that answers nothing', await cost('DELETE /books?id=gt.900000'), 'answered'],
    ['a change that answers rows', await cost('PATCH /books?id=gt.900000', { json: { title: 'x' }, headers: { prefer: 'return=representation' } }), 101],
    ['a change of one row', await cost('PATCH /books?id=eq.1&select=id,reviews(id)', { json: { title: 'x' }, headers: { prefer: 'return=representation' } }), [12, 'reviews']],
  ]; // biome-ignore format: a table
  assert.deepEqual(
    cases.map(([name, actual]) => [name, actual]),
    cases.map(([name, , expected]) => [name, expected]),
  );
  assert.deepEqual(await query(`select count(*)::int as n from books where id >= 5000 or title = 'x'`), [
    { n: 0 },
  ]);
  assert.equal((await ask(rich, 'GET /reviews?select=id,books(id)')).status, 200);
  assert.deepEqual((await ask(rich, 'GET /authors?select=id,books(id,reviews(id))')).body, {
    code: 'NS432',
    details: null,
    hint: 'Lower the limit of books.reviews, or ask in several requests.',
    message: 'The request would cost 11100, and 10000 is the most that one may.',
  });
});

test('GraphQL sums all root fields before one of them runs', async (t) => {
  const { ask, send, sql: query } = await serveGraphql(t, { sql, yaml });
  const refused = async (text: string, caller = poor, variables = {}): Promise<unknown> => {
    const { body } = await ask(caller, text, variables);
    const { errors } = body as {
      readonly errors?: readonly [
        { readonly message: string; readonly extensions: { readonly path: string } },
      ];
    };
    return errors === undefined ? 'answered' : [errors[0].extensions.path, errors[0].message];
  };
  const told = (cost: number, path: string, most = 1) => [
    path,
    `the document would cost ${cost}, and ${most} is the most that one may; lower the limit of ${path}`,
  ];
  assert.deepEqual(
    {
      byKey: await refused('{ books_by_pk(id: 1) { id } }'),
      list: await refused('{ all: books { id } }'),
      nested: await refused('{ authors { b: books { r: reviews(limit: 3) { id } } } }'),
      several: await refused('{ a: tags { id } b: authors { id } c: tags(limit: 5) { id } }'),
      leftOut: await refused('query ($no: Boolean!) { a: books_by_pk(id: 1) { id } b: books @include(if: $no) { id } }', poor, { no: false }),
      limitByVariable: await refused('query ($n: Int) { reviews(limit: $n) { id } }', poor, { n: 30 }),
      aggregate: await refused('{ books_aggregate { aggregate { count } nodes { id } } }'),
      connection: await refused('{ books_connection(first: 5) { totalCount edges { node { reviews { id } } } } }'),
      aggregates: await refused('{ tags { books_aggregate { aggregate { count } } } }'),
      insert: await refused('mutation { insert_books(objects: [{id: 9001, author_id: 1}, {id: 9002, author_id: 1}]) { affected_rows returning { reviews { id } } } }'),
      writes: await refused('mutation { a: delete_books(where: {id: {_eq: 1}}) { affected_rows } b: delete_books(where: {id: {_eq: 2}}) { affected_rows } }'),
      affordable: await refused('{ reviews { book { id } } }', rich),
      dear: await refused('{ a: books { reviews { id } } }', rich),
    },
    {
      byKey: 'answered',
      list: told(1_000, '$.selectionSet.all'),
      nested: told(4_100, '$.selectionSet.authors.selectionSet.b.selectionSet.r'),
      several: told(115, '$.selectionSet.b'),
      leftOut: 'answered',
      limitByVariable: told(30, '$.selectionSet.reviews'),
      aggregate: told(1_003, '$.selectionSet.books_aggregate.selectionSet.nodes'),
      connection: told(56, '$.selectionSet.books_connection.selectionSet.edges.selectionSet.node.selectionSet.reviews'),
      aggregates: told(30, '$.selectionSet.tags.selectionSet.books_aggregate'),
      insert: told(21, '$.selectionSet.insert_books.selectionSet.reviews'),
      writes: told(2, '$.selectionSet.a'),
      affordable: 'answered',
      dear: told(11_000, '$.selectionSet.a.selectionSet.reviews', 10_000),
    },
  ); // biome-ignore format: a table
  assert.deepEqual(await query('select count(*)::int as n from books'), [{ n: 1_000 }]);

  await t.test('each operation of a batch by itself', async () => {
    const operations = ['{ books { reviews(limit: 8) { id } } }', '{ books { reviews(limit: 8) { id } } }'];
    const body = JSON.stringify(operations.map((text) => ({ query: text })));
    const { body: answers } = await send(
      rich,
      'POST /graphql/v1',
      { 'content-type': 'application/json' },
      body,
    );
    assert.deepEqual(
      (answers as object[]).map((answer) => Object.keys(answer)),
      [['data'], ['data']],
    );
  });

  await t.test('its code is that of a limit', async () => {
    const { status, body } = await ask(rich, '{ books { reviews { id } } }');
    assert.equal(status, 200);
    assert.deepEqual((body as { errors: [{ extensions: object }] }).errors[0].extensions, {
      path: '$.selectionSet.books.selectionSet.reviews',
      code: 'validation-failed',
      novastack: { code: 'NS603', sqlstate: null },
    });
  });
});
