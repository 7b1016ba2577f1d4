import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
} from 'graphql';
import { type Served, serve } from '../../test/graphql.ts';
import { shop } from '../../test/graphql-shop.ts';
import { anonymous, token } from '../../test/project.ts';

type Caller = ReturnType<typeof token>;

const visitor = anonymous('visitor');
const customer = token('customer', { sub: '7' });
const staff = token('staff');

const endings: (() => unknown)[] = [];
const scope = { after: (end: unknown) => void endings.unshift(end as () => unknown) };
after(async () => {
  for (const end of endings) await end();
});

let served: Served;
before(async () => {
  served = await serve(scope, shop);
});

async function data(caller: Caller, query: string, variables?: Parameters<Served['ask']>[2], on = served) {
  const { status, body } = await on.ask(caller, query, variables);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body as object), ['data'], JSON.stringify(body));
  return (body as { data: unknown }).data;
}

async function refused(caller: Caller, query: string, variables?: Parameters<Served['ask']>[2], on = served) {
  const { body } = await on.ask(caller, query, variables);
  assert.deepEqual(Object.keys(body as object), ['errors'], JSON.stringify(body));
  const [{ message, extensions }] = (
    body as { errors: [{ message: string; extensions: { code: string; path: string } }] }
  ).errors;
  return [extensions.code, extensions.path, message];
}

const schemaOf = async (caller: Caller) =>
  buildSchema((await served.send(caller, 'GET /schema.graphql')).text);

describe('what a role may not aggregate', () => {
  test('has no name in its schema, and answers as what does not exist', async () => {
    const sdl = (await served.send(visitor, 'GET /schema.graphql')).text;
    assert.doesNotMatch(sdl, /aggregate|group|having|_avg_|_max_|float8|bigint/);
    const queries = [
      ['{ books_group_by(keys: []) { aggregate { count } } }', /^field 'books_group_by' not found in type: 'query_root'/],
      ['{ authors { books_aggregate { aggregate { count } } } }', /^field 'books_aggregate' not found in type: 'authors'/],
      ['{ authors(order_by: {books_aggregate: {count: asc}}) { id } }', /"books_aggregate" is not defined by type "authors_order_by"/],
      ['{ authors(where: {books_aggregate: {bool_and: {arguments: published, predicate: {_eq: true}}}}) { id } }', /"books_aggregate" is not defined by type "authors_bool_exp"/],
      ['query ($v: books_having_exp) { __typename }', /^Unknown type "books_having_exp"/],
    ] as const; // biome-ignore format: a table
    for (const [query, message] of queries) assert.match((await refused(visitor, query))[2]!, message);
  });

  test('has no column that the role may not read', async () => {
    const schema = await schemaOf(customer);
    const fields = (name: string) =>
      Object.keys((schema.getType(name) as GraphQLObjectType | GraphQLInputObjectType).getFields());
    for (const name of ['books_sum_fields', 'books_max_fields', 'books_sum_order_by', 'books_group_keys', 'books_sum_having_exp'])
      assert.ok(!fields(name).includes('cost'), name); // biome-ignore format: a list
    // Of authors it may count nothing, whatever it may of books.
    assert.deepEqual(
      Object.keys(schema.getTypeMap()).filter((name) => /^authors_(aggregate|group|avg|having)/.test(name)),
      [],
    );
  });

  test('is not counted: rows outside the grant are in no function, order, filter or group', async () => {
    const own = token('customer', { sub: '8' });
    assert.deepEqual(
      await data(
        own,
        '{ books_aggregate(where: {published: {_eq: false}}) { aggregate { count max { id } } } }',
      ),
      { books_aggregate: { aggregate: { count: 0, max: { id: null } } } },
    );
    // Book 3 is another's and not published.
    assert.deepEqual(
      await data(
        own,
        '{ books_group_by(keys: [author_id]) { keys { author_id } aggregate { sum { id } } } }',
      ),
      { books_group_by: [{ keys: { author_id: 1 }, aggregate: { sum: { id: 3 } } }] },
    );
    assert.deepEqual(
      await data(
        own,
        '{ authors(where: {books_aggregate: {max: {arguments: id, predicate: {_is_null: true}}}}, order_by: {books_aggregate: {count: desc}}) { id } }',
      ),
      { authors: [{ id: 2 }] },
    );
  });
});

test("types, names and nullability are Hasura's", async () => {
  const schema = await schemaOf(staff);
  const shape = (name: string) => {
    const type = schema.getType(name) as GraphQLObjectType | GraphQLInputObjectType;
    return Object.fromEntries(
      Object.values(type.getFields()).map((field) => [
        'args' in field && field.args.length > 0
          ? `${field.name}(${(field.args as readonly GraphQLArgument[]).map((arg) => `${arg.name}: ${arg.type}`).join(', ')})`
          : field.name,
        String(field.type),
      ]),
    );
  };
  const values = (name: string) =>
    (schema.getType(name) as GraphQLEnumType).getValues().map((one) => one.name);
  assert.deepEqual(shape('books_aggregate_fields'), {
    avg: 'books_avg_fields',
    'count(columns: [books_select_column!], distinct: Boolean)': 'Int!',
    max: 'books_max_fields',
    min: 'books_min_fields',
    stddev: 'books_stddev_fields',
    stddev_pop: 'books_stddev_pop_fields',
    stddev_samp: 'books_stddev_samp_fields',
    sum: 'books_sum_fields',
    var_pop: 'books_var_pop_fields',
    var_samp: 'books_var_samp_fields',
    variance: 'books_variance_fields',
  });
  const numbers = { author_id: 'Float', id: 'Float', pages: 'Float', price: 'Float', stock: 'Float' };
  for (const name of ['avg', 'stddev', 'stddev_pop', 'stddev_samp', 'var_pop', 'var_samp', 'variance'])
    assert.deepEqual(shape(`books_${name}_fields`), numbers);
  assert.deepEqual(shape('books_sum_fields'), {
    author_id: 'Int',
    id: 'Int',
    pages: 'smallint',
    price: 'numeric',
    stock: 'bigint',
  });
  assert.deepEqual(shape('books_max_fields'), {
    added: 'timestamptz', author_id: 'Int', id: 'Int', mood: 'mood', owner: 'String', pages: 'smallint', price: 'numeric',
    stock: 'bigint', tags: '[String!]', title: 'String',
  }); // biome-ignore format: a table
  assert.equal(shape('authors_order_by').books_aggregate, 'books_aggregate_order_by');
  assert.equal(shape('books_aggregate_order_by').var_samp, 'books_var_samp_order_by');
  assert.deepEqual(shape('books_aggregate_bool_exp'), {
    avg: 'books_aggregate_bool_exp_avg',
    bool_and: 'books_aggregate_bool_exp_bool_and',
    bool_or: 'books_aggregate_bool_exp_bool_or',
    count: 'books_aggregate_bool_exp_count',
    max: 'books_aggregate_bool_exp_max',
    min: 'books_aggregate_bool_exp_min',
    stddev_samp: 'books_aggregate_bool_exp_stddev_samp',
    sum: 'books_aggregate_bool_exp_sum',
    var_samp: 'books_aggregate_bool_exp_var_samp',
  });
  assert.deepEqual(shape('books_aggregate_bool_exp_bool_and'), {
    arguments: 'books_select_column_books_aggregate_bool_exp_bool_and_arguments_columns!',
    distinct: 'Boolean',
    filter: 'books_bool_exp',
    predicate: 'Boolean_comparison_exp!',
  });
  assert.equal(shape('books_aggregate_bool_exp_avg').predicate, 'float8_comparison_exp!');
  assert.deepEqual(values('books_select_column_books_aggregate_bool_exp_bool_and_arguments_columns'), [
    'published',
  ]);
  assert.equal(schema.getType('reviews_aggregate_bool_exp_bool_and'), undefined);
  assert.ok(!('bool_and' in shape('reviews_aggregate_bool_exp')));
  assert.deepEqual(shape('books_group'), { aggregate: 'books_aggregate_fields!', keys: 'books_group_keys!' });
  assert.equal(shape('books_group_keys').title, 'String');
  assert.equal(
    Object.entries(shape('query_root'))
      .find(([name]) => name.startsWith('books_group_by'))
      ?.join(': '),
    'books_group_by(having: books_having_exp, keys: [books_select_column!]!, limit: Int, offset: Int, order_by: [books_group_order_by!], where: books_bool_exp): [books_group!]!',
  );
});

test('without a column that it applies to, a function has no type and no field', async (t) => {
  const plain = await serve(t, {
    sql: 'create table tags (name text primary key, extra jsonb, key uuid); create table blobs (extra jsonb, "true" boolean);',
    yaml: 'roles: { staff: { everything: true } }\ntables: { tags: {}, blobs: {} }\n',
  });
  const schema = buildSchema((await plain.send(staff, 'GET /schema.graphql')).text);
  const fields = (name: string) => {
    const type = schema.getType(name);
    return type && 'getFields' in type ? Object.keys(type.getFields()) : undefined;
  };
  assert.deepEqual(fields('tags_aggregate_fields'), ['count', 'max', 'min']);
  assert.deepEqual(fields('tags_max_fields'), ['name']);
  assert.deepEqual(fields('tags_having_exp'), ['_and', '_not', '_or', 'count', 'max', 'min']);
  assert.deepEqual(fields('blobs_aggregate_fields'), ['count']);
  assert.deepEqual(fields('blobs_group_order_by'), ['count', 'keys']);
  for (const name of [
    'tags_sum_fields',
    'tags_sum_order_by',
    'blobs_max_fields',
    'float8_comparison_exp',
    'bigint',
  ])
    assert.equal(schema.getType(name), undefined, name);
});

describe('functions of columns', () => {
  test('come to the last digit, under any name and from any fragment', async () => {
    const query = `
      query ($no: Boolean!) {
        books_aggregate(where: { id: { _lte: 2 } }) {
          aggregate { max { title } ...more max { mood } count @include(if: $no) avg @skip(if: true) { id } __typename }
          again: aggregate { s: sum { price } n: count(columns: [mood]) sum { __typename p: pages } min { tags, added } }
          nodes { id reviews_aggregate { aggregate { avg { stars } variance { stars } } } }
        }
      }
      fragment more on books_aggregate_fields { max { id @include(if: $no) stock } stddev_pop { pages } }`;
    const { text } = await served.ask(staff, query, { no: false });
    assert.equal(
      text,
      '{"data":{"books_aggregate":{"aggregate":{"max":{"title":"Two","stock":9007199254740993,"mood":"PG-13"},"stddev_pop":{"pages":5.0000000000000000},"__typename":"books_aggregate_fields"},"again":{"s":{"price":12345678901234567892.1234567890},"n":1,"sum":{"__typename":"books_sum_fields","p":30},"min":{"tags":["a","b c"],"added":"2024-01-02T03:04:05.123456+00:00"}},"nodes":[{"id":1,"reviews_aggregate":{"aggregate":{"avg":{"stars":3.5000000000000000},"variance":{"stars":4.5000000000000000}}}}, {"id":2,"reviews_aggregate":{"aggregate":{"avg":{"stars":4.0000000000000000},"variance":{"stars":null}}}}]}}}',
    );
  });

  test('are over the page that is asked for, and null over no rows', async () => {
    assert.deepEqual(
      await data(
        staff,
        '{ reviews_aggregate(distinct_on: [book_id], order_by: [{book_id: asc}, {stars: asc}]) { aggregate { count sum { stars } } } none: reviews_aggregate(limit: 0) { aggregate { count sum { stars } max { body } } } }',
      ),
      {
        reviews_aggregate: { aggregate: { count: 2, sum: { stars: 6 } } },
        none: { aggregate: { count: 0, sum: { stars: null }, max: { body: null } } },
      },
    );
  });

  test('whose fields are all left out leave an object', async () => {
    assert.deepEqual(
      await data(
        staff,
        'query ($no: Boolean!) { books_aggregate { aggregate { max { id @include(if: $no) } } } }',
        { no: false },
      ),
      { books_aggregate: { aggregate: { max: {} } } },
    );
  });

  test('that do not fit are refused: other arguments under one name, a column without the function', async () => {
    assert.deepEqual(
      await refused(staff, '{ books_aggregate { aggregate { x: count x: max { id } } } }'),
      ['validation-failed', '$.selectionSet.books_aggregate.selectionSet.aggregate.selectionSet.x', '"x" is asked for twice with different fields or arguments; give one of them an alias'],
    ); // biome-ignore format: one line
    assert.match(
      (await refused(staff, '{ books_aggregate { aggregate { sum { title } } } }'))[2]!,
      /^field 'title' not found in type: 'books_sum_fields'/,
    );
  });
});

test('limits.numbers: string sends what the column would send as a string, and takes both', async (t) => {
  const strings = await serve(t, { ...shop, yaml: `limits: { numbers: string }\n${shop.yaml}` });
  assert.deepEqual(
    await data(
      staff,
      '{ books_aggregate { aggregate { count sum { price stock pages } max { stock id title } avg { stock } } } books_group_by(keys: [stock], having: {sum: {stock: {_gt: "3"}}, max: {price: {_gt: "12345678901234567890"}}}) { keys { stock id } aggregate { min { price } } } }',
      undefined,
      strings,
    ),
    {
      books_aggregate: {
        aggregate: {
          count: 3,
          sum: { price: '12345678901234567895.1234567890', stock: '9007199254740995', pages: 30 },
          max: { stock: '9007199254740993', id: 3, title: 'Two' },
          // A `Float` is a number in either case.
          avg: { stock: Number('4503599627370497.5') },
        },
      },
      books_group_by: [
        {
          keys: { stock: '9007199254740993', id: null },
          aggregate: { min: { price: '12345678901234567890.1234567890' } },
        },
      ],
    },
  );
});

describe('orders by aggregates of related rows', () => {
  const ids = async (caller: Caller, query: string, variables?: Parameters<Served['ask']>[2]) =>
    JSON.stringify(await data(caller, query, variables))
      .match(/\d+/g)!
      .map(Number);

  test('at the root, behind a relationship to one, with nulls and with distinct_on', async () => {
    const cases: readonly (readonly [string, readonly number[]])[] = [
      ['order_by: [{reviews_aggregate: {count: desc}}]', [1, 2, 3]],
      ['order_by: {reviews_aggregate: {count: asc}}', [3, 2, 1]],
      ['order_by: {reviews_aggregate: {avg: {stars: asc}}}', [1, 2, 3]],
      ['order_by: {reviews_aggregate: {avg: {stars: desc}}}', [3, 2, 1]],
      ['order_by: {reviews_aggregate: {max: {stars: desc_nulls_last}}}', [1, 2, 3]],
      ['order_by: [{reviews_aggregate: {min: {body: asc_nulls_first}}}, {id: desc}]', [3, 2, 1]],
      ['order_by: [{author: {books_aggregate: {count: asc}}}, {id: desc}]', [3, 2, 1]],
      ['order_by: [{author: {books_aggregate: {sum: {stock: desc_nulls_last}}}}, {reviews_aggregate: {variance: {stars: asc_nulls_first}}}]', [2, 1, 3]],
      ['distinct_on: [author_id], order_by: [{author_id: desc}, {reviews_aggregate: {count: asc, max: {id: desc}}}]', [3, 2]],
      ['order_by: [{reviews_aggregate: {count: null}}, {reviews_aggregate: null}, {reviews_aggregate: {avg: null}}, {id: desc}]', [3, 2, 1]],
    ]; // biome-ignore format: a table
    for (const [order, expected] of cases)
      assert.deepEqual(await ids(staff, `{ books(${order}) { id } }`), expected, order);
    assert.deepEqual(
      await ids(staff, 'query ($o: [books_order_by!]) { books(order_by: $o) { id } }', {
        o: [{ reviews_aggregate: { max: { stars: 'asc_nulls_first' } } }],
      }),
      [3, 2, 1],
    );
  });

  test('in what is embedded, in nodes and in what a write returns', async () => {
    const list = 'books(order_by: {reviews_aggregate: {count: asc}}) { id }';
    assert.deepEqual(await ids(staff, `{ authors(where: {id: {_eq: 1}}) { ${list} } }`), [2, 1]);
    assert.deepEqual(
      await ids(
        staff,
        `{ books_aggregate(order_by: {reviews_aggregate: {count: asc}}, limit: 2) { nodes { id } } }`,
      ),
      [3, 2],
    );
    const mutation = `mutation { update_authors(where: {id: {_eq: 1}}, _set: {name: "Ada"}) { returning { ${list} } } }`;
    assert.deepEqual(await ids(staff, mutation), [2, 1]);
  });

  test('cannot lead distinct_on, and go no deeper than relationships may', async () => {
    assert.deepEqual(
      await refused(staff, '{ reviews: books(distinct_on: [id], order_by: [{reviews_aggregate: {max: {id: asc}}}]) { id } }'),
      ['validation-failed', '$.selectionSet.reviews.args', '"distinct_on" columns must match initial "order_by" columns'],
    ); // biome-ignore format: one line
    const deep = `${'{book: {author: {books_aggregate: {count: asc}}}}'}`;
    assert.deepEqual(await ids(staff, `{ reviews(order_by: [${deep}, {id: asc}]) { id } }`), [1, 2, 3]);
    const columns = Array.from({ length: 51 }, () => '{reviews_aggregate: {count: asc}}').join();
    assert.match(
      (await refused(staff, `{ books(order_by: [${columns}]) { id } }`))[2]!,
      /^more than 50 columns/,
    );
  });
});

test('filters by aggregates of related rows', async () => {
  const where = async (filter: string) => {
    const rows = (await data(staff, `{ books(where: ${filter}, order_by: {id: asc}) { id } }`)) as {
      books: { id: number }[];
    };
    return rows.books.map(({ id }) => id);
  };
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['{ reviews_aggregate: { avg: { arguments: stars, predicate: { _gt: 3.5 } } } }', [2]],
    ['{ reviews_aggregate: { avg: { arguments: stars, predicate: { _gte: "3.5", _lt: 4 } } } }', [1]],
    // The book without reviews has no average: that is unknown, and so is the opposite.
    ['{ _not: { reviews_aggregate: { avg: { arguments: stars, predicate: { _gt: 3.5 } } } } }', [1]],
    ['{ reviews_aggregate: { avg: { arguments: stars, predicate: { _is_null: true } } } }', [3]],
    ['{ reviews_aggregate: { avg: { arguments: stars, predicate: { _is_null: false } } } }', [1, 2]],
    ['{ reviews_aggregate: { sum: { arguments: stars, predicate: { _in: [4, 7] } }, count: { predicate: { _gt: 1 } } } }', [1]],
    ['{ reviews_aggregate: { min: { arguments: stars, filter: { stars: { _gt: 2 } }, predicate: { _eq: 5 } } } }', [1]],
    ['{ reviews_aggregate: { max: { arguments: stars, predicate: { _nin: [5] } } } }', [2]],
    ['{ reviews_aggregate: { stddev_samp: { arguments: stars, predicate: { _gt: 2 } } } }', [1]],
    ['{ reviews_aggregate: { var_samp: { arguments: stars, distinct: true, predicate: { _eq: 4.5 } } } }', [1]],
    ['{ reviews_aggregate: {} }', [1, 2, 3]],
    ['{ reviews_aggregate: { avg: null, count: null } }', [1, 2, 3]],
    ['{ author: { books_aggregate: { bool_and: { arguments: published, predicate: { _eq: true } } } } }', [1, 2]],
    ['{ author: { books_aggregate: { bool_or: { arguments: published, predicate: { _eq: false } } } } }', [3]],
    ['{ author: { books_aggregate: { bool_or: { arguments: published, filter: { id: { _gt: 9 } }, predicate: { _is_null: true } } } } }', [1, 2, 3]],
    ['{ reviews_aggregate: { count: { predicate: { _is_null: true } } } }', []],
    ['{ reviews_aggregate: { count: { predicate: { _is_null: false, _eq: 0 } } } }', [3]],
  ]; // biome-ignore format: a table
  for (const [filter, expected] of cases) assert.deepEqual(await where(filter), expected, filter);
  assert.deepEqual(
    await refused(staff, 'query ($v: books_bool_exp) { books(where: $v) { id } }', {
      v: { reviews_aggregate: { avg: { arguments: 'stars', predicate: { _gt: null } } } },
    }),
    ['validation-failed', '$.selectionSet.books.args.where.reviews_aggregate.avg.predicate._gt', "unexpected null value for type 'float8'"],
  ); // biome-ignore format: one line
  // A mutation's filter may not be emptied this way either.
  for (const emptied of ['{}', '{avg: null}', '{avg: {arguments: stars, predicate: {}}}', '{avg: {arguments: stars, filter: {}, predicate: {_gt: 1}}}'])
    assert.equal(
      (await refused(staff, `mutation { delete_books(where: {reviews_aggregate: ${emptied}}) { affected_rows } }`))[0],
      'validation-failed',
      emptied,
    ); // biome-ignore format: a list
  assert.deepEqual(
    await data(
      staff,
      'mutation { update_books(where: {reviews_aggregate: {avg: {arguments: stars, predicate: {_gt: 3.9}}}}, _set: {title: "Two"}) { returning { id } } }',
    ),
    { update_books: { returning: [{ id: 2 }] } },
  );
});

describe('groups', () => {
  test('by columns, with what they have alike and functions of their rows', async () => {
    assert.deepEqual(
      await data(
        staff,
        `{ books_group_by(keys: [author_id, published], order_by: {keys: {author_id: desc}}) {
          __typename keys { author: author_id published title __typename }
          aggregate { count count_moods: count(columns: [mood], distinct: true) sum { pages } max { title } __typename } } }`,
      ),
      {
        books_group_by: [
          {
            __typename: 'books_group',
            keys: { author: 2, published: false, title: null, __typename: 'books_group_keys' },
            aggregate: { count: 1, count_moods: 1, sum: { pages: null }, max: { title: 'Three' }, __typename: 'books_aggregate_fields' },
          },
          {
            __typename: 'books_group',
            keys: { author: 1, published: true, title: null, __typename: 'books_group_keys' },
            aggregate: { count: 2, count_moods: 1, sum: { pages: 30 }, max: { title: 'Two' }, __typename: 'books_aggregate_fields' },
          },
        ],
      },
    ); // biome-ignore format: a table
  });

  test('of nothing are one, whatever rows there are', async () => {
    for (const fields of ['__typename', 'keys { id }', 'aggregate { __typename }', 'aggregate { count }', 'keys { __typename }']) {
      const rows = (await data(staff, `{ all: books_group_by(keys: []) { ${fields} } none: books_group_by(keys: [], where: {id: {_gt: 9}}) { ${fields} } }`)) as {
        all: unknown[];
        none: unknown[];
      };
      assert.deepEqual([rows.all.length, rows.none.length], [1, 1], fields);
    } // biome-ignore format: a list
    assert.deepEqual(
      await data(staff, '{ books_group_by(keys: [id], where: {id: {_gt: 9}}) { aggregate { count } } }'),
      { books_group_by: [] },
    );
  });

  test('are filtered, ordered and paged', async () => {
    const cases: readonly (readonly [string, readonly unknown[]])[] = [
      ['keys: [book_id], order_by: {keys: {book_id: desc}}', [2, 1]],
      ['keys: [book_id], order_by: [{count: asc}]', [2, 1]],
      ['keys: [book_id], order_by: {avg: {stars: asc}}', [1, 2]],
      ['keys: [book_id], order_by: {max: {body: desc_nulls_last}}, limit: 1', [1]],
      ['keys: [book_id], order_by: [{count: desc}], limit: 1, offset: 1', [2]],
      ['keys: [book_id], having: {count: {_gt: 1}}', [1]],
      ['keys: [book_id], having: {_not: {count: {_gt: 1}}}', [2]],
      ['keys: [book_id], having: {_or: [{count: {_eq: 2}}, {avg: {stars: {_eq: 4}}}]}, order_by: {keys: {book_id: asc}}', [1, 2]],
      ['keys: [book_id], having: {_or: []}', []],
      ['keys: [book_id], having: {_and: []}, order_by: {count: desc}', [1, 2]],
      ['keys: [book_id], having: {variance: {stars: {_is_null: true}}}', [2]],
      ['keys: [book_id], having: {sum: {stars: {_gt: 3000000000}}}', []],
      ['keys: [book_id], having: {min: {body: {_ilike: "G%"}}}', [1]],
      ['keys: [book_id], having: {max: {id: {_in: [3]}}, count: null, avg: null}', [2]],
      ['keys: [book_id], where: {stars: {_gte: 4}}, having: {count: {_eq: 1}}, order_by: {keys: {book_id: asc}}', [1, 2]],
      ['keys: [book_id], where: {book: {author: {id: {_eq: 2}}}}', []],
      ['keys: [book_id], limit: 0', []],
    ]; // biome-ignore format: a table
    for (const [args, expected] of cases) {
      const rows = (await data(staff, `{ reviews_group_by(${args}) { keys { book_id } } }`)) as {
        reviews_group_by: { keys: { book_id: number } }[];
      };
      assert.deepEqual(
        rows.reviews_group_by.map(({ keys }) => keys.book_id),
        expected,
        args,
      );
    }
  });

  test('are refused by name where an order, a page or a condition is none', async () => {
    assert.deepEqual(await refused(staff, '{ books_group_by(keys: [author_id], order_by: [{keys: {title: asc}}]) { aggregate { count } } }'), [
      'validation-failed',
      '$.selectionSet.books_group_by.args.order_by.keys.title',
      'groups are ordered by columns named in "keys", and "title" is not; name it there, or order by an aggregate of it',
    ]); // biome-ignore format: one line
    assert.deepEqual(
      await refused(staff, '{ books_group_by(keys: [id], limit: -1) { aggregate { count } } }'),
      ['validation-failed', '$.selectionSet.books_group_by.args.limit', 'unexpected negative value'],
    );
    assert.deepEqual(
      await refused(staff, 'query ($v: Int) { books_group_by(keys: [id], having: {count: {_gt: $v}}) { aggregate { count } } }', { v: null }),
      ['validation-failed', '$.selectionSet.books_group_by.args.having.count._gt', "unexpected null value for type 'Int'"],
    ); // biome-ignore format: one line
    const many = Array.from({ length: 1_001 }, () => '{count: {_gt: 1}}').join();
    assert.match(
      (await refused(staff, `query ($h: books_having_exp) { books_group_by(keys: [id], having: $h) { aggregate { count } } }`, `{"h": {"_or": [${many.replaceAll(/(\w+):/g, '"$1":')}]}}`))[2]!,
      /^the filters have more than 1000 conditions/,
    ); // biome-ignore format: one line
  });

  test("are cut by the grant's limit and the project's", async (t) => {
    const few = await serve(t, {
      ...shop,
      yaml: `limits: { rows: 2 }\n${shop.yaml.replace('customer: { select: true }', 'customer: { select: { columns: "*", limit: 1, aggregate: true } }')}`,
    });
    const groups =
      '{ reviews_group_by(keys: [id], order_by: {keys: {id: asc}}) { keys { id } aggregate { count } } reviews_aggregate { aggregate { count } } }';
    const group = (id: number) => ({ keys: { id }, aggregate: { count: 1 } });
    const reviews_aggregate = { aggregate: { count: 3 } };
    assert.deepEqual(await data(staff, groups, undefined, few), {
      reviews_group_by: [group(1), group(2)],
      reviews_aggregate,
    });
    assert.deepEqual(await data(customer, groups, undefined, few), {
      reviews_group_by: [group(1)],
      reviews_aggregate,
    });
  });
});

test('cells that are readable in some rows are null in functions, orders, filters and groups', async (t) => {
  const union = await serve(t, {
    sql: `
      create table shelves (id int primary key, name text);
      create table items (id int primary key, shelf_id int references shelves, owner text, price int, sold boolean);
      insert into shelves values (1, 'a'), (2, 'b');
      insert into items values (1, 1, 'me', 5, true), (2, 1, 'you', 900, false), (3, 2, 'you', 700, false), (4, 2, 'me', 6, true), (5, 2, 'me', 6, null);
    `,
    yaml: `
roles: { all: {}, mine: {}, both: { inherits: [all, mine] } }
tables:
  shelves: { permissions: { both: { select: true } } }
  items:
    permissions:
      all: { select: { columns: [id, shelf_id] } }
      mine: { select: { columns: [id, price, sold], where: { owner: $jwt.sub }, aggregate: true } }
`,
  });
  const both = token('both', { sub: 'me' });
  const ask = (query: string) => data(both, query, undefined, union);
  assert.deepEqual(await ask('{ items_aggregate { aggregate { count priced: count(columns: [price]) max { price } sum { price } avg { price } } } }'), {
    items_aggregate: { aggregate: { count: 5, priced: 3, max: { price: 6 }, sum: { price: 17 }, avg: { price: 17 / 3 } } },
  }); // biome-ignore format: one line
  assert.deepEqual(await ask('{ items_group_by(keys: [price], order_by: [{keys: {price: asc}}]) { keys { price } aggregate { count max { id } sum { price } } } }'), {
    items_group_by: [
      { keys: { price: 5 }, aggregate: { count: 1, max: { id: 1 }, sum: { price: 5 } } },
      { keys: { price: 6 }, aggregate: { count: 2, max: { id: 5 }, sum: { price: 12 } } },
      { keys: { price: null }, aggregate: { count: 2, max: { id: 3 }, sum: { price: null } } },
    ],
  }); // biome-ignore format: a table
  assert.deepEqual(
    await ask('{ items_group_by(keys: [shelf_id], having: {max: {price: {_gt: 6}}}) { keys { shelf_id } } }'),
    { items_group_by: [] },
  );
  // Every order, filter and relationship's function sees 5 on the first shelf, and 6, 6 on the second.
  assert.deepEqual(
    await ask('{ shelves(order_by: {items_aggregate: {max: {price: desc}}}) { id items_aggregate { aggregate { count sum { price } } } } }'),
    {
      shelves: [
        { id: 2, items_aggregate: { aggregate: { count: 3, sum: { price: 12 } } } },
        { id: 1, items_aggregate: { aggregate: { count: 2, sum: { price: 5 } } } },
      ],
    },
  ); // biome-ignore format: a table
  const shelves = async (where: string) =>
    (
      (await ask(`{ shelves(where: {items_aggregate: ${where}}, order_by: {id: asc}) { id } }`)) as {
        shelves: { id: number }[];
      }
    ).shelves.map(({ id }) => id);
  assert.deepEqual(await shelves('{max: {arguments: price, predicate: {_gt: 6}}}'), []);
  assert.deepEqual(await shelves('{sum: {arguments: price, distinct: true, predicate: {_eq: 6}}}'), [2]);
  assert.deepEqual(await shelves('{bool_and: {arguments: sold, predicate: {_eq: true}}}'), [1, 2]);
  assert.deepEqual(
    await shelves(
      '{bool_or: {arguments: sold, filter: {price: {_is_null: true}}, predicate: {_is_null: true}}}',
    ),
    [1, 2],
  );
  // Without the claim no price is readable at all.
  assert.deepEqual(
    await data(token('both'), '{ items_aggregate { aggregate { count sum { price } } } items_group_by(keys: [price]) { keys { price } aggregate { count } } }', undefined, union),
    { items_aggregate: { aggregate: { count: 5, sum: { price: null } } }, items_group_by: [{ keys: { price: null }, aggregate: { count: 5 } }] },
  ); // biome-ignore format: one line
});

test('a sum that leaves its range raises on rows that the role sees alone', async (t) => {
  const heavy = await serve(t, {
    sql: `
      create table boxes (id int primary key, owner text);
      create table loads (id int primary key, box_id int references boxes, weight float8);
      insert into boxes values (1, 'me'), (2, 'you');
      insert into loads values (1, 1, 1), (2, 2, 1e308), (3, 2, 1e308);
    `,
    yaml: `
roles: { some: {} }
tables:
  boxes: { permissions: { some: { select: { columns: [id], where: { owner: $jwt.sub }, aggregate: true } } } }
  loads: { permissions: { some: { select: { columns: "*", aggregate: true } } } }
`,
  });
  const ask = (sub: string, query: string) => heavy.ask(token('some', { sub }), query);
  const filtered =
    '{ boxes(where: {loads_aggregate: {sum: {arguments: weight, predicate: {_gt: 0}}}}) { id } }';
  const ordered = '{ boxes(order_by: {loads_aggregate: {sum: {weight: asc}}}) { id } }';
  for (const query of [filtered, ordered]) {
    assert.deepEqual((await ask('me', query)).body, { data: { boxes: [{ id: 1 }] } });
    const { body } = await ask('you', query);
    assert.equal((body as { errors: [{ extensions: { novastack: { sqlstate: string } } }] }).errors[0].extensions.novastack.sqlstate, '22003');
  } // biome-ignore format: one line
});
