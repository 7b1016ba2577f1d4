import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { asker } from '../../test/graphql-asker.ts';
import { library } from '../../test/graphql-library.ts';
import { anonymous, createProject, token } from '../../test/project.ts';

const visitor = anonymous('visitor');
const member = token('member', { sub: '7' });
const staff = token('staff', { sub: 'boss' });
const { open, close, data, text, refused, sdl } = asker(library);
before(open);
after(close);

describe('what a role may not call', () => {
  test('a function without execute answers as one that does not exist', async () => {
    for (const [caller, name] of [
      [visitor, 'books_over'],
      [visitor, 'words'],
      [member, 'add_up'],
      [staff, 'not_allowed'],
      [staff, 'absent'],
    ] as const)
      assert.deepEqual(await refused(caller, `{ ${name} }`), [
        'validation-failed',
        `$.selectionSet.${name}`,
        `field '${name}' not found in type: 'query_root'.`,
      ]);
    const visible = await sdl(visitor);
    assert.doesNotMatch(visible, /books_over|words|counted|shelve|tick|mutation_root/);
    assert.match(visible, /add_up_args/);
  });

  test('rows pass the grant of their table: its rows, its columns, its guards, no aggregates', async () => {
    const path = '$.selectionSet.books_over';
    assert.deepEqual(await refused(member, '{ books_over(args: { low: 1 }) { owner } }'), [
      'validation-failed',
      `${path}.selectionSet.owner`,
      "field 'owner' not found in type: 'books'.",
    ]);
    assert.deepEqual(
      await refused(member, '{ books_over_aggregate(args: { low: 1 }) { aggregate { count } } }'),
      [
        'validation-failed',
        '$.selectionSet.books_over_aggregate',
        "field 'books_over_aggregate' not found in type: 'query_root'.",
      ],
    );
    const query = '{ books_over(args: { low: 1 }) { id price } }';
    assert.deepEqual(await data(member, query), {
      books_over: [
        { id: 1, price: 10 },
        { id: 5, price: 2.5 },
      ],
    });
    // Book 1 is another's, so that this caller sees it without its price, and cannot ask for it either.
    const other = token('member', { sub: '8' });
    assert.deepEqual(await data(other, query), {
      books_over: [
        { id: 1, price: null },
        { id: 2, price: 10 },
      ],
    });
    assert.deepEqual(
      await data(other, '{ books_over(args: { low: 1 }, where: { price: { _eq: 10 } }) { id } }'),
      { books_over: [{ id: 2 }] },
    );
    assert.deepEqual(await data(other, '{ find_book(args: { wanted: 5 }) { id } }'), { find_book: null });
  });
});

describe('functions that give rows of a table', () => {
  test('have the types and arguments of Hasura', async () => {
    const schema = buildSchema(await sdl(staff));
    const fields = schema.getQueryType()!.getFields();
    const signature = (name: string) =>
      `(${fields[name]!.args.map((arg) => `${arg.name}: ${arg.type}`).join(', ')}): ${fields[name]!.type}`;
    const list =
      'distinct_on: [books_select_column!], limit: Int, offset: Int, order_by: [books_order_by!], where: books_bool_exp';
    assert.deepEqual(
      [
        'books_over',
        'books_over_aggregate',
        'find_book',
        'add_up',
        'words',
        'who',
        'counted',
        'either',
        'take_list',
      ].map(signature),
      [
        `(args: books_over_args!, ${list}): [books!]!`,
        `(args: books_over_args!, ${list}): books_aggregate!`,
        '(args: find_book_args!): books',
        '(args: add_up_args!): bigint',
        '(args: words_args!, limit: Int, offset: Int): [String]!',
        '(): String',
        '(args: counted_args!, distinct_on: [counted_select_column!], limit: Int, offset: Int, order_by: [counted_order_by!], where: counted_bool_exp): [counted!]!',
        '(args: either_args!): Int',
        '(args: take_list_args!): [Int!]',
      ],
    );
    const inputs = (name: string) =>
      Object.values((schema.getType(name) as unknown as GraphQLObjectType).getFields()).map(
        (one) => `${one.name}: ${one.type}`,
      );
    assert.deepEqual(inputs('books_over_args'), ['high: numeric', 'low: numeric']);
    assert.deepEqual(inputs('either_args'), ['a: Int', 'b: Int']);
    assert.deepEqual(inputs('counted'), ['big: bigint', 'k: Int', 'label: String']);
    assert.deepEqual(
      Object.keys(schema.getMutationType()!.getFields()).filter((name) => !/books|shelves/.test(name)),
      ['boom', 'shelve', 'tick'],
    );
    // Overloads that give different things, an argument without a name, computed fields.
    for (const name of ['mixed', 'whole', 'label', 'neighbours']) assert.equal(fields[name], undefined, name);
  });

  test('are filtered, ordered and paged, with relationships and computed fields', async () => {
    assert.deepEqual(
      await data(
        staff,
        `query ($low: numeric!, $n: Int) {
          books_over(args: { low: $low }, where: { title: { _neq: "Five" } }, order_by: { id: desc }, limit: $n) { id label neighbours { id } }
          books_over_aggregate(args: { low: $low, high: "9" }) { aggregate { count } nodes { id } }
          few: books_over(args: { low: 1 }, distinct_on: price, order_by: [{ price: asc }, { id: desc }]) { id }
        }`,
        { low: 1, n: 1 },
      ),
      {
        books_over: [{ id: 2, label: 'Two #2', neighbours: [] }],
        books_over_aggregate: { aggregate: { count: 1 }, nodes: [{ id: 5 }] },
        few: [{ id: 5 }, { id: 2 }],
      },
    );
  });

  test('of one row give it, or null', async () => {
    assert.deepEqual(
      await data(
        staff,
        '{ a: find_book(args: { wanted: 3 }) { title } b: find_book(args: { wanted: 99 }) { id } }',
      ),
      { a: { title: 'Three' }, b: null },
    );
  });
});

describe('functions that give something else', () => {
  test('rows of their own, single values and lists of them', async () => {
    assert.equal(
      await text(
        staff,
        `{
          add_up(args: { a: 9007199254740993 })
          two: add_up(args: { a: "9007199254740993", b: -1 })
          words(args: { n: 3 }, offset: 1, limit: 2)
          counted(args: { n: 3 }, where: { k: { _gt: 1 } }, order_by: { k: desc }) { k label big __typename }
          counted_aggregate(args: { n: 3 }, where: { k: { _gt: 1 } }) { aggregate { count } }
          one: either(args: { a: 1 })
          both: either(args: { a: 1, b: 2 })
          who
        }`,
      ),
      '{"data":{"add_up":9007199254741003,"two":9007199254740992,"words":[null,"w3"],' +
        '"counted":[{"k":3,"label":"l3","big":9007199254740993,"__typename":"counted"},{"k":2,"label":"l2","big":9007199254740993,"__typename":"counted"}],' +
        '"counted_aggregate":{"aggregate":{"count":2}},"one":1,"both":3,"who":"boss"}}',
    );
  });

  test('values of arguments are those of the declared types, exactly as sent', async () => {
    assert.equal(
      await text(
        staff,
        'query ($p: jsonb!, $l: [Int!]!) { take_json(args: { payload: $p }) a: take_json(args: { payload: "x" }) take_list(args: { items: $l }) b: take_list(args: { items: 1 }) }',
        '{"p": {"n": 12345678901234567890.123}, "l": [3, 1]}',
      ),
      '{"data":{"take_json":{"n": 12345678901234567890.123},"a":"x","take_list":[3,1],"b":[1]}}',
    );
    assert.deepEqual(await refused(staff, '{ add_up(args: { a: "x" }) }'), [
      'data-exception',
      '$.selectionSet.add_up',
      'A value could not be read as the type of its column.',
    ]);
    assert.deepEqual(await refused(staff, 'query ($a: bigint!) { add_up(args: { a: $a }) }', { a: true }), [
      'validation-failed',
      '$.variableValues.a',
      "expected a number, or a string with one, for type 'bigint', but found a boolean",
    ]);
    assert.deepEqual((await refused(staff, '{ add_up(args: { b: 1 }) }')).slice(0, 2), [
      'validation-failed',
      '$.selectionSet.add_up',
    ]);
    assert.deepEqual((await refused(staff, '{ words(args: { n: 1 }, limit: -1) }')).slice(0, 2), [
      'validation-failed',
      '$.selectionSet.words.args.limit',
    ]);
  });
});

describe('functions that write', () => {
  test('are in no query, and in no mutation of who may not execute them', async () => {
    assert.deepEqual(await refused(staff, '{ tick }'), [
      'validation-failed',
      '$.selectionSet.tick',
      "field 'tick' not found in type: 'query_root'.",
    ]);
    assert.deepEqual(await refused(member, 'mutation { tick }'), [
      'validation-failed',
      '$',
      'no mutations exist',
    ]);
  });

  test('run in order with the other mutations, in one transaction that one failure undoes', async () => {
    const shelves = '{ shelves(order_by: { id: asc }) { id } }';
    const was = await data(staff, shelves);
    const document = (end: string) => `mutation {
      insert_shelves_one(object: { id: 50, room: "East" }) { id }
      tick
      shelve(args: { book: 4, shelf: 50 }) { id label shelf { room } }
      nothing: shelve(args: { book: 99, shelf: 50 }) { id }
      update_books_by_pk(pk_columns: { id: 4 }, _set: { shelf_id: null }) { id shelf_id }
      ${end}
    }`;
    assert.deepEqual(await refused(staff, document('boom')), ['data-exception', '$.selectionSet.boom', 'no']);
    assert.deepEqual(await data(staff, shelves), was);
    assert.deepEqual(await data(staff, document('')), {
      insert_shelves_one: { id: 50 },
      tick: true,
      shelve: { id: 4, label: 'Four #4', shelf: { room: 'East' } },
      nothing: null,
      update_books_by_pk: { id: 4, shelf_id: null },
    });
  });
});

test('under numbers: string, large numbers that functions give are strings', async (t) => {
  const {
    open: start,
    close: end,
    data: ask,
  } = asker({
    sql: `
      create function big() returns bigint language sql immutable as 'select 9007199254740993';
      create function bigs() returns setof numeric language sql immutable as 'values (1.5), (null)';
    `,
    yaml: `
limits: { numbers: string }
roles: { staff: {} }
functions:
  big: { permissions: { staff: { execute: true } } }
  bigs: { permissions: { staff: { execute: true } } }
`,
  });
  await start();
  t.after(end);
  assert.deepEqual(await ask(token('staff'), '{ big bigs }'), {
    big: '9007199254740993',
    bigs: ['1.5', null],
  });
});

test('a function whose name another has, or whose overloads differ, is left out with a warning', async (t) => {
  const { diagnostics } = await createProject(t, {
    sql: `
      create table books (id int primary key);
      create function books(a int) returns int language sql immutable as 'select a';
      create function books_by_pk() returns int language sql immutable as 'select 1';
      create function mixed(a int) returns int language sql immutable as 'select a';
      create function mixed(b text) returns text language sql immutable as 'select b';
      create function loose(int) returns int language sql immutable as 'select $1';
    `,
    yaml: `
roles: { staff: {} }
tables: { books: { permissions: { staff: { select: true } } } }
functions:
  books: { permissions: { staff: { execute: true } } }
  books_by_pk: { permissions: { staff: { execute: true } } }
  mixed: { permissions: { staff: { execute: true } } }
  loose: { permissions: { staff: { execute: true } } }
`,
  });
  assert.deepEqual(
    diagnostics.map(({ code, severity, message }) => [code, severity, message]),
    [
      [
        'BIND_GRAPHQL_NAME_TAKEN',
        'warning',
        'Function "books" is left out of GraphQL, where "books" is the name of table "books".',
      ],
      [
        'BIND_GRAPHQL_NAME_TAKEN',
        'warning',
        'Function "books_by_pk" is left out of GraphQL, where "books_by_pk" is derived from table "books".',
      ],
      [
        'BIND_GRAPHQL_FUNCTION',
        'notice',
        'Function "mixed" is left out of GraphQL: its overloads give different types.',
      ],
      [
        'BIND_GRAPHQL_FUNCTION',
        'notice',
        'Function "loose" is left out of GraphQL: its arguments have no names.',
      ],
    ],
  );
});
