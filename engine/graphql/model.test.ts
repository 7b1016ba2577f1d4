import assert from 'node:assert/strict';
import test from 'node:test';
import { buildSchema } from 'graphql';
import { serve } from '../../test/graphql.ts';
import { token } from '../../test/project.ts';
import { buildModel } from './model.ts';

const staff = token('staff');

test('hostile names of tables, columns, types and values work under safe names', async (t) => {
  const long = 'x'.repeat(63);
  const served = await serve(t, {
    sql: `
      create type "Int" as enum ('a');
      create type "numeric" as enum ('b');
      create table "a""b.c" (
        id int primary key,
        "__proto__" text, "constructor" text, "select" int, "9 lives" int, "é😀" text, "${long}" int,
        "_and" int, "Int" "Int", enumerated public.numeric, exact pg_catalog.numeric
      );
      create table "__proto__" (id int primary key, parent int references "a""b.c" (id));
      insert into "a""b.c" values (1, 'p', 'c', 2, 3, 'e', 4, 5, 'a', 'b', 1.50);
      insert into "__proto__" values (7, 1);
    `,
    yaml: `
roles: { staff: { everything: true } }
tables:
  'a"b.c': { relation: 'public.a"b.c' }
  __proto__: {}
`,
  });
  const sdl = (await served.send(staff, 'GET /schema.graphql')).text;
  assert.doesNotThrow(() => buildSchema(sdl));
  const { text } = await served.ask(
    staff,
    `{ a_b_c(where: {_proto__: {_eq: "p"}, _and: [{_9_lives: {_gt: 1}}], Int: {_eq: "a"}, enumerated: {_eq: "b"}, exact: {_eq: 1.5}}) {
      _proto__ constructor select _9_lives _ ${long} _and Int enumerated exact } _proto__ { id parent } }`,
  );
  assert.equal(
    text,
    `{"data":{"a_b_c":[{"_proto__":"p","constructor":"c","select":2,"_9_lives":3,"_":"e","${long}":4,"_and":5,"Int":"a","enumerated":"b","exact":1.50}],"_proto__":[{"id":7,"parent":1}]}}`,
  );
  const written = await served.ask(
    staff,
    'mutation ($o: a_b_c_insert_input!) { insert_a_b_c_one(object: $o) { id _proto__ constructor } }',
    { o: { id: 2, _proto__: "x'; drop table y", constructor: '$1' } },
  );
  assert.deepEqual(written.body, {
    data: { insert_a_b_c_one: { id: 2, _proto__: "x'; drop table y", constructor: '$1' } },
  });
});

test('a declared table wins over a derived name, and what needed the name is left out', async (t) => {
  const served = await serve(t, {
    sql: `
      create table books (id int primary key);
      create table books_aggregate (id int primary key);
      create table books_bool_exp (id int primary key);
      create table books_by_pk (id int primary key);
      create table one (id int primary key);
      create table order_by (id int primary key);
    `,
    yaml: `
roles: { staff: { everything: true } }
tables: { books: {}, books_aggregate: {}, books_bool_exp: {}, books_by_pk: {}, one: {}, order_by: {} }
`,
  });
  const model = buildModel(served.api, 'staff');
  const books = model.tables.find(({ graphql }) => graphql === 'books')!;
  assert.deepEqual(books.roots, {
    list: 'books',
    byKey: undefined,
    aggregate: undefined,
    groupBy: 'books_group_by',
    connection: 'books_connection',
    insert: 'insert_books',
    insertOne: 'insert_books_one',
    // Without a type for `where` no filter can be given.
    update: undefined,
    // Those of the table books_by_pk.
    updateByKey: undefined,
    updateMany: undefined,
    delete: undefined,
    deleteByKey: undefined,
  });
  assert.deepEqual(
    model.tables.map(({ graphql }) => graphql),
    ['books', 'books_aggregate', 'books_bool_exp', 'books_by_pk', 'one'],
  );
  const sdl = (await served.send(staff, 'GET /schema.graphql')).text;
  assert.doesNotThrow(() => buildSchema(sdl));
  const { body } = await served.ask(
    staff,
    '{ books { id } books_aggregate(where: {id: {_eq: 1}}) { id } books_by_pk { id } }',
  );
  assert.deepEqual(body, { data: { books: [], books_aggregate: [], books_by_pk: [] } });
});

test('limits.numbers: string sends large numbers as strings, and takes both', async (t) => {
  const served = await serve(t, {
    sql: `
      create table sums (id bigint primary key, total numeric(20,2), small int, parts numeric[]);
      insert into sums values (9007199254740993, 1.50, 3, '{1.10}');
    `,
    yaml: `
roles: { staff: { everything: true } }
limits: { numbers: string }
tables: { sums: {} }
`,
  });
  for (const id of ['9007199254740993', '"9007199254740993"']) {
    const { text } = await served.ask(staff, `{ sums_by_pk(id: ${id}) { id total small } }`);
    assert.equal(text, '{"data":{"sums_by_pk":{"id":"9007199254740993","total":"1.50","small":3}}}');
  }
});

test('a relationship to a table that a role only writes is no field of its types', async (t) => {
  const served = await serve(t, {
    sql: `
      create table books (id int primary key);
      create table reviews (id int primary key, book_id int references books);
    `,
    yaml: `
roles: { poster: {}, staff: { everything: true } }
tables:
  books: { permissions: { poster: { select: true } } }
  reviews: { permissions: { poster: { insert: true } } }
`,
  });
  const fields = async (role: string) => {
    const { text } = await served.ask(token(role), '{ __type(name: "books") { fields { name } } }');
    return JSON.parse(text)
      .data.__type.fields.map(({ name }: { name: string }) => name)
      .sort();
  };
  assert.deepEqual(await fields('poster'), ['id']);
  assert.deepEqual(await fields('staff'), ['id', 'reviews', 'reviews_aggregate', 'reviews_connection']);
});
