import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { type Served, serve } from '../../test/graphql.ts';
import { shop } from '../../test/graphql-shop.ts';
import { anonymous, token } from '../../test/project.ts';

const visitor = anonymous('visitor');
const customer = token('customer', { sub: '7' });
const staff = token('staff');
const writer = token('writer');
const blind = token('blind');
const json = { 'content-type': 'application/json' };

let served: Served;
const endings: (() => unknown)[] = [];
before(async () => {
  served = await serve({ after: (end) => void endings.unshift(end as () => unknown) }, shop);
});
after(async () => {
  for (const end of endings) await end();
});

type Variables = Parameters<Served['ask']>[2];

async function data(caller: typeof visitor, query: string, variables?: Variables): Promise<unknown> {
  const { status, body } = await served.ask(caller, query, variables);
  assert.deepEqual([status, Object.keys(body as object)], [200, ['data']], JSON.stringify(body));
  return (body as { data: unknown }).data;
}

interface Errors {
  readonly errors: readonly [
    {
      readonly message: string;
      readonly extensions: { code: string; path: string; novastack: { code: string } };
    },
  ];
}

/** Our code, Hasura's, and the message; a refusal has no data. */
async function refused(caller: typeof visitor, query: string, variables?: Variables) {
  const { status, body } = await served.ask(caller, query, variables);
  assert.deepEqual([status, Object.keys(body as object)], [200, ['errors']], JSON.stringify(body));
  const [{ message, extensions }] = (body as Errors).errors;
  return [extensions.novastack.code, extensions.code, message];
}

describe("a role's schema has exactly what the role was granted", () => {
  const rootsOf = async (caller: typeof visitor) => {
    const schema = buildSchema((await served.send(caller, 'GET /schema.graphql')).text);
    const names = (type: GraphQLObjectType | null | undefined) => Object.keys(type?.getFields() ?? {}).sort();
    return { queries: names(schema.getQueryType()), mutations: names(schema.getMutationType()) };
  };

  test('some columns and rows of two tables: no aggregates, no mutations', async () => {
    assert.deepEqual(await rootsOf(visitor), {
      queries: ['authors', 'authors_by_pk', 'authors_connection', 'books', 'books_by_pk', 'books_connection'],
      mutations: [],
    });
  });

  test('aggregates and writes where they are granted, what is inherited besides', async () => {
    assert.deepEqual(await rootsOf(customer), {
      queries: ['authors', 'authors_by_pk', 'authors_connection', 'books', 'books_aggregate', 'books_by_pk', 'books_connection', 'books_group_by', 'reviews', 'reviews_aggregate', 'reviews_by_pk', 'reviews_connection', 'reviews_group_by'],
      mutations: ['insert_books', 'insert_books_one', 'update_books', 'update_books_by_pk', 'update_books_many'],
    }); // biome-ignore format: a list
    const { __type } = (await data(
      customer,
      '{ __type(name: "books_set_input") { inputFields { name type { name } } } }',
    )) as { __type: unknown };
    assert.deepEqual(__type, { inputFields: [{ name: 'title', type: { name: 'String' } }] });
  });

  test('who only writes reads nothing back', async () => {
    assert.deepEqual(await rootsOf(writer), {
      queries: ['no_queries_available'],
      mutations: ['delete_notes', 'insert_notes'],
    });
  });

  test('a document that another role has sent is held against its own', async () => {
    const query = '{ reviews(order_by: { id: asc }, limit: 1) { stars } }';
    assert.deepEqual(await data(staff, query), { reviews: [{ stars: 5 }] });
    assert.deepEqual(await refused(visitor, query), [
      'NS602',
      'validation-failed',
      "field 'reviews' not found in type: 'query_root'.",
    ]);
  });

  test('without introspection a typing error brings no suggestion', async () => {
    assert.deepEqual(await refused(blind, '{ authors { nme } }'), [
      'NS602',
      'validation-failed',
      "field 'nme' not found in type: 'authors'.",
    ]);
    assert.deepEqual(await refused(staff, '{ authors { nme } }'), [
      'NS602',
      'validation-failed',
      "field 'nme' not found in type: 'authors'. Did you mean \"name\"?",
    ]);
    assert.deepEqual(
      await refused(blind, 'query ($o: [authors_order_by!]) { authors(order_by: $o) { id } }', {
        o: [{ name: 'up' }],
      }),
      [
        'NS602',
        'validation-failed',
        "expected one of the values ['asc', 'asc_nulls_first', 'asc_nulls_last', 'desc', 'desc_nulls_first', 'desc_nulls_last'] for type 'order_by', but found a string",
      ],
    );
  });
});

describe('aggregates', () => {
  test('a hundred and twenty counts of one table are one answer', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `c${index}`);
    const counts = names.map((name) => `${name}: count`).join(' ');
    const expected = Object.fromEntries(names.map((name) => [name, 3]));
    assert.deepEqual(await data(staff, `{ books_aggregate { aggregate { ${counts} } } }`), {
      books_aggregate: { aggregate: expected },
    });
    // Below a relationship, and beside as many columns.
    const columns = names.map((name) => `${name}: title`).join(' ');
    assert.deepEqual(
      await data(
        staff,
        `{ authors_by_pk(id: 2) { books { ${columns} } books_aggregate { aggregate { ${counts} } } } }`,
      ),
      {
        authors_by_pk: {
          books: [Object.fromEntries(names.map((name) => [name, 'Three']))],
          books_aggregate: { aggregate: Object.fromEntries(names.map((name) => [name, 1])) },
        },
      },
    );
  });

  test('they count the rows of the filter and page that the role may see', async () => {
    const query = `query ($no: Boolean = false) {
      all: books_aggregate { aggregate { count } }
      moods: books_aggregate { aggregate { count(columns: mood) either: count(columns: [mood, stock]) authors: count(columns: author_id, distinct: true) } }
      page: books_aggregate(order_by: { id: desc }, limit: 2, offset: 1) { aggregate { count } nodes { id } }
      none: books_aggregate(where: { id: { _lt: 0 } }) { aggregate { count } nodes { id } }
      left: books_aggregate @include(if: $no) { aggregate { count } }
      __typename
    }`;
    assert.deepEqual(await data(staff, query), {
      all: { aggregate: { count: 3 } },
      moods: { aggregate: { count: 2, either: 1, authors: 2 } },
      page: { aggregate: { count: 2 }, nodes: [{ id: 2 }, { id: 1 }] },
      none: { aggregate: { count: 0 }, nodes: [] },
      __typename: 'query_root',
    });
    assert.deepEqual(
      await data(token('customer', { sub: '8' }), '{ books_aggregate { aggregate { count } nodes { id } } }'),
      {
        books_aggregate: { aggregate: { count: 2 }, nodes: [{ id: 1 }, { id: 2 }] },
      },
    );
  });
});

describe('mutations', () => {
  test('whatever empties a filter is refused, in updates and deletes alike', async () => {
    const declared: Readonly<Record<string, string>> = {
      $w: '$w: books_bool_exp = {}',
      $b: '$b: Boolean',
      $i: '$i: [Int!]',
      $t: '$t: String',
    };
    const mutationsOf = (where: string) => {
      const used = Object.entries(declared).flatMap(([name, text]) => (where.includes(name) ? [text] : []));
      const head = used.length === 0 ? 'mutation' : `mutation (${used})`;
      return [
        `${head} { update_books(where: ${where}, _set: {title: "x"}) { affected_rows } }`,
        `${head} { delete_books(where: ${where}) { affected_rows } }`,
      ];
    };
    const emptied = [
      '{title: {}}',
      '{title: null}',
      '{title: {_eq: null}}',
      '{title: {_eq: $t}}',
      '{title: {_is_null: $b}}',
      '{id: {_in: $i}}',
      '{_and: []}',
      '{_and: [{}]}',
      '{_or: [{id: {_eq: 1}}, {}]}',
      '{_not: {}}',
      '{_not: {title: {_eq: $t}}}',
      '{author: {}}',
      '{author: {name: {}}}',
      '{reviews: {stars: null}}',
      '{reviews_aggregate: {}}',
      '{reviews_aggregate: {count: {predicate: {}}}}',
      '{_and: [$w]}',
      '$w',
    ];
    for (const where of emptied)
      for (const mutation of mutationsOf(where)) {
        const [code, hasura] = await refused(staff, mutation);
        assert.deepEqual([code, hasura], ['NS602', 'validation-failed'], mutation);
      }
    assert.deepEqual(await served.sql('select count(*)::int, min(title) from books'), [
      { count: 3, min: 'One' },
    ]);
  });

  test('no row matches is no error, and nothing to set is one', async () => {
    assert.deepEqual(
      await data(
        staff,
        'mutation { u: update_books(where: {_or: []}, _set: {title: "x"}) { affected_rows returning { id } } d: delete_books(where: {id: {_in: []}}) { affected_rows } one: delete_books_by_pk(id: 99) { id } i: insert_books(objects: []) { affected_rows returning { id } } }',
      ),
      {
        u: { affected_rows: 0, returning: [] },
        d: { affected_rows: 0 },
        one: null,
        i: { affected_rows: 0, returning: [] },
      },
    );
    for (const set of ['', ', _set: {}', ', _set: null'])
      assert.deepEqual(await refused(staff, `mutation { update_books(where: {}${set}) { affected_rows } }`), [
        'NS602',
        'validation-failed',
        'at least any one of _set, _inc, _append, _prepend, _delete_key, _delete_elem, _delete_at_path is expected',
      ]);
  });

  test('rows of another owner stay as they are, and one who may not see them learns nothing', async () => {
    const query =
      'mutation { all: update_books(where: {}, _set: {title: "mine"}) { affected_rows } other: update_books_by_pk(pk_columns: {id: 2}, _set: {title: "mine"}) { id } }';
    assert.deepEqual(await data(token('customer', { sub: '9' }), query), {
      all: { affected_rows: 0 },
      other: null,
    });
    // A customer reads what a visitor reads besides; only the own rows can be written.
    assert.deepEqual(await data(customer, '{ books(where: {title: {_eq: "mine"}}) { id } }'), { books: [] });
  });

  test('what the database refuses undoes the whole document, with its code and no text of its own', async () => {
    const cases: readonly (readonly [string, string, string])[] = [
      ['insert_reviews_one(object: {book_id: 1, stars: 9}) { id }', '23514', 'permission-error'],
      ['insert_reviews_one(object: {book_id: 99, stars: 1}) { id }', '23503', 'constraint-violation'],
      ['insert_books_one(object: {id: 40, author_id: 1}) { id }', '23502', 'constraint-violation'],
      ['insert_books_one(object: {id: 1, title: "a", author_id: 1}) { id }', '23505', 'constraint-violation'],
      ['insert_books_one(object: {id: 40, title: "a", author_id: 1, mood: "no"}) { id }', '22P02', 'data-exception'],
      ['insert_books_one(object: {id: 40, title: "a", author_id: 1, pages: 40000}) { id }', '22003', 'data-exception'],
      ['update_books(where: {}, _set: {added: "soon"}) { affected_rows }', '22007', 'data-exception'],
    ]; // biome-ignore format: a table
    for (const [field, code, hasura] of cases) {
      const text = `mutation { insert_authors_one(object: {id: 77, name: "lost"}) { id } ${field} }`;
      const [found, form, message] = await refused(staff, text);
      assert.deepEqual([found, form], [code, hasura], field);
      assert.doesNotMatch(message!, /select|insert into|\$1|json_/i);
    }
    assert.deepEqual(await served.sql('select id from authors where id = 77'), []);
  });
});

describe('hostile documents over HTTP', () => {
  const many = (count: number, item: (index: number) => string) =>
    Array.from({ length: count }, (_, index) => item(index)).join(' ');

  test('are refused as data, and the next request is answered', async () => {
    const fanOut = many(15, (level) => {
      const inner = level < 14 ? `...f${level + 1}` : 'id';
      return `fragment f${level} on books { x: author { books { ${inner} } } y: author { books { ${inner} } } }`;
    });
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [`{ books { ...f0 } } ${fanOut}`, 'NS603', /deeper than 30 levels/],
      [`{ ${many(10_000, (index) => `a${index}: __typename`)} }`, 'NS603', /more than 10000 tokens/],
      ['{ books { ...A } } fragment A on books { ...B } fragment B on books { ...A }', 'NS603', /contains itself/],
      [`{ books { ${'author { books { '.repeat(25)} id ${'} }'.repeat(25)} } }`, 'NS603', /deeper than 30 levels/],
      [`{ books { ${'author { books { '.repeat(6)} id ${'} }'.repeat(6)} } }`, 'NS603', /levels of relationships/],
      [`{ books(where: ${'{_not: '.repeat(1_000)}{}${'}'.repeat(1_000)}) { id } }`, 'NS603', /nests deeper than 100/],
      [`{ books(where: {_or: [${many(1_100, () => '{id: {_eq: 1}}')}]}) { id } }`, 'NS603', /more than 1000 conditions/],
      ['{ books { id } ', 'NS601', /^not a valid graphql query/],
      ['{ books { id(x: 1) } }', 'NS602', /Unknown argument "x"/],
      ['query ($a: Int, $a: Int) { __typename }', 'NS602', /There can be only one variable named "\$a"/],
      ['query ($a: nothing) { __typename }', 'NS602', /Unknown type "nothing"/],
      ['subscription { books { id } }', 'NS602', /served over a WebSocket/],
      ['query A { __typename } query B { __typename }', 'NS602', /exactly one operation/],
      ['fragment A on books { id }', 'NS602', /has no operation/],
      ['', 'NS601', /./],
    ]; // biome-ignore format: a table
    for (const [text, code, message] of cases) {
      const [found, hasura, said] = await refused(staff, text);
      assert.deepEqual([found, hasura], [code, 'validation-failed'], text.slice(0, 80));
      assert.match(said!, message);
    }
    assert.deepEqual(await data(staff, '{ books_by_pk(id: 1) { id } }'), { books_by_pk: { id: 1 } });
  });

  test('variables that are too large, too deep or of another type are refused', async () => {
    const where = 'query ($w: books_bool_exp!) { books(where: $w) { id } }';
    const cases: readonly (readonly [string, string, RegExp])[] = [
      [`{"w":{"_or":[${Array(300_000).fill('{}').join()}]}}`, 'NS603', /more than 5000 objects/],
      [`{"w":{"id":{"_in":[${Array(450_000).fill('1').join()}]}}}`, 'NS603', /more than 50000 values in lists/],
      [`{"w":${'{"author":{"books":'.repeat(12)}{}${'}}'.repeat(12)}}`, 'NS603', /levels of relationships/],
      ['{"w":{"id":{"_eq":2147483648}}}', 'NS602', /expected a 32-bit integer for type 'Int'/],
      ['{"w":{"id":{"_eq":1.5}}}', 'NS602', /expected a 32-bit integer/],
      ['{"w":{"title":{"_eq":1}}}', 'NS602', /expected a string for type 'String'/],
      ['{"w":{"__proto__":{}}}', 'NS602', /field '__proto__' not found in type: 'books_bool_exp'/],
      ['{"w":[]}', 'NS602', /expected an object for type 'books_bool_exp', but found a list/],
      ['{"w":null}', 'NS602', /unexpected null value for type 'books_bool_exp!'/],
      ['{}', 'NS602', /expecting a value for non-nullable variable: "w"/],
    ]; // biome-ignore format: a table
    for (const [variables, code, message] of cases) {
      const [found, hasura, said] = await refused(staff, where, variables);
      assert.deepEqual([found, hasura], [code, 'validation-failed'], variables.slice(0, 80));
      assert.match(said!, message);
    }
    const deep = await served.ask(staff, where, `{"w":${'{"_not":'.repeat(100)}{}${'}'.repeat(101)}`);
    assert.deepEqual([deep.status, (deep.body as Errors).errors[0].extensions.code], [400, 'invalid-json']);
  });

  test('a list of fifty thousand values is one parameter, and is answered', async () => {
    const ids = Array.from({ length: 50_000 }, (_, index) => index);
    assert.deepEqual(
      await data(staff, 'query ($i: [Int!]) { books(where: {id: {_in: $i}}, order_by: {id: asc}) { id } }', {
        i: ids,
      }),
      { books: [{ id: 1 }, { id: 2 }, { id: 3 }] },
    );
  });

  test('twenty thousand rows are inserted by one document, and deleted again', async () => {
    const rows = Array.from({ length: 20_000 }, (_, index) => ({ id: 1_000 + index, body: `note ${index}` }));
    const insert = 'mutation ($o: [notes_insert_input!]!) { insert_notes(objects: $o) { affected_rows } }';
    assert.deepEqual(await data(staff, insert, { o: rows }), { insert_notes: { affected_rows: 20_000 } });
    assert.deepEqual(await data(staff, 'mutation { delete_notes(where: {}) { affected_rows } }'), {
      delete_notes: { affected_rows: 20_000 },
    });
  });
});

describe("the request's event", () => {
  test('names the table of the only root field, and the code of what was refused', async () => {
    const cases: readonly (readonly [typeof visitor, string, string | undefined])[] = [
      [staff, '{ books { id author { name } } }', 'books'],
      [staff, '{ a: books_aggregate { aggregate { count } } }', 'books'],
      [staff, 'mutation { delete_notes(where: {id: {_eq: 0}}) { affected_rows } }', 'notes'],
      [staff, '{ books(where: {mood: {_eq: "no"}}) { id } }', 'books'],
      [staff, '{ books { id } authors { id } }', undefined],
      [staff, '{ __typename }', undefined],
      [staff, '{ __schema { queryType { name } } }', undefined],
      [visitor, '{ secrets { id } }', undefined],
    ];
    for (const [caller, text, table] of cases)
      assert.equal((await served.ask(caller, text)).table, table, text);
  });
});

describe('GET and batches', () => {
  const get = (more: Readonly<Record<string, string>>) =>
    served.send(staff, `GET /graphql/v1?${new URLSearchParams(more)}`);

  test('a query string chooses among operations, and is refused where it is wrong', async () => {
    const query =
      'query A { books_by_pk(id: 1) { id } } mutation B { delete_books(where: {}) { affected_rows } }';
    assert.deepEqual((await get({ query, operationName: 'A' })).body, { data: { books_by_pk: { id: 1 } } });
    const cases: readonly (readonly [Readonly<Record<string, string>>, number, string])[] = [
      [{ query, operationName: 'B' }, 405, 'bad-request'],
      [{ query, operationName: 'C' }, 200, 'validation-failed'],
      [{ query }, 200, 'validation-failed'],
      [{ query: '{ __typename }', variables: '{' }, 400, 'invalid-json'],
      [{ query: '{ __typename }', variables: '[]' }, 400, 'bad-request'],
      [{ operationName: 'A' }, 200, 'validation-failed'],
      [{ variables: '{}' }, 400, 'bad-request'],
    ];
    for (const [parameters, status, code] of cases) {
      const answer = await get(parameters);
      const { extensions } = (answer.body as Errors).errors[0];
      assert.deepEqual([answer.status, extensions.code], [status, code], JSON.stringify(parameters));
    }
    const twice = await served.send(
      staff,
      'GET /graphql/v1?query=%7B__typename%7D&query=%7Bbooks%7Bid%7D%7D',
    );
    assert.equal(twice.status, 400);
    assert.deepEqual(await served.sql('select count(*)::int from books'), [{ count: 3 }]);
  });

  test('one operation of a batch that fails leaves the others done', async () => {
    const note = (id: number) => ({
      query: `mutation { insert_notes_one(object: {id: ${id}, body: "b"}) { id } }`,
    });
    const { status, body } = await served.send(
      staff,
      'POST /graphql/v1',
      json,
      JSON.stringify([note(1), note(1), note(2)]),
    );
    const [one, two, three] = body as [unknown, Errors, unknown];
    assert.deepEqual(
      [status, one, two.errors[0].extensions.code, three],
      [
        200,
        { data: { insert_notes_one: { id: 1 } } },
        'constraint-violation',
        { data: { insert_notes_one: { id: 2 } } },
      ],
    );
    assert.deepEqual(await data(staff, 'mutation { delete_notes(where: {}) { affected_rows } }'), {
      delete_notes: { affected_rows: 2 },
    });
  });
});

test('a column named like a word that GraphQL keeps for itself leaves the schema whole', async (t) => {
  const { ask } = await serve(t, {
    sql: 'CREATE TABLE odd (id int PRIMARY KEY, "null" int, "true" int, "false" int); INSERT INTO odd VALUES (1, 2, 3, 4);',
    yaml: `
auth: { anonymous: anyone }
roles: { anyone: {} }
tables: { odd: { permissions: { anyone: { select: true } } } }
`,
  });
  const anyone = anonymous('anyone');
  const rows = await ask(anyone, '{ odd { null true false } }');
  assert.deepEqual(rows.body, { data: { odd: [{ null: 2, true: 3, false: 4 }] } });
  const schema = await ask(anyone, '{ __type(name: "odd_select_column") { enumValues { name } } }');
  assert.deepEqual(schema.body, { data: { __type: { enumValues: [{ name: 'id' }] } } });
});
