import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { buildSchema } from 'graphql';
import { type Served, serve } from '../../test/graphql.ts';
import { shop } from '../../test/graphql-shop.ts';
import { anonymous, token } from '../../test/project.ts';

const visitor = anonymous('visitor');
const customer = token('customer', { sub: '7' });
const staff = token('staff');
const writer = token('writer');
const blind = token('blind');

let served: Served;
const endings: (() => unknown)[] = [];
before(async () => {
  served = await serve({ after: (end) => void endings.unshift(end as () => unknown) }, shop);
});
after(async () => {
  for (const end of endings) await end();
});

type Caller = typeof visitor;

async function data(
  caller: Caller,
  query: string,
  variables?: Parameters<Served['ask']>[2],
): Promise<unknown> {
  const { status, body } = await served.ask(caller, query, variables);
  assert.equal(status, 200);
  assert.deepEqual(Object.keys(body as object), ['data'], JSON.stringify(body));
  return (body as { data: unknown }).data;
}

/** Hasura's code, its path, the message; never any data. */
async function refused(caller: Caller, query: string, variables?: Parameters<Served['ask']>[2]) {
  const { status, body } = await served.ask(caller, query, variables);
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(Object.keys(body as object), ['errors'], JSON.stringify(body));
  const [{ message, extensions }] = (
    body as { errors: [{ message: string; extensions: { code: string; path: string } }] }
  ).errors;
  return [extensions.code, extensions.path, message];
}

describe('what a role may not see', () => {
  test('a hidden column, one not granted and one that does not exist answer alike', async () => {
    for (const [caller, column] of [
      [visitor, 'price'],
      [visitor, 'cost'],
      [staff, 'cost'],
      [visitor, 'nothing'],
    ] as const) {
      const path = '$.selectionSet.books.selectionSet';
      assert.deepEqual(await refused(caller, `{ books { ${column} } }`), [
        'validation-failed',
        `${path}.${column}`,
        `field '${column}' not found in type: 'books'.`,
      ]);
      const [code, where, message] = await refused(caller, `{ books(where: {${column}: {_eq: 1}}) { id } }`);
      assert.deepEqual([code, where], ['validation-failed', `$.selectionSet.books.args.where.${column}`]);
      assert.equal(message, `Field "${column}" is not defined by type "books_bool_exp".`);
      assert.match(
        (await refused(caller, `{ books(order_by: {${column}: asc}) { id } }`))[2]!,
        /is not defined by type "books_order_by"/,
      );
    }
  });

  test('a table not granted and one that does not exist answer alike', async () => {
    for (const table of ['secrets', 'nothing'])
      assert.deepEqual(await refused(staff, `{ ${table} { id } }`), [
        'validation-failed',
        `$.selectionSet.${table}`,
        `field '${table}' not found in type: 'query_root'.`,
      ]);
    assert.match((await refused(visitor, '{ books { reviews { id } } }'))[2]!, /not found in type: 'books'/);
    assert.match((await refused(visitor, '{ reviews { id } }'))[2]!, /not found in type: 'query_root'/);
  });

  test('a verb not granted is no field', async () => {
    assert.deepEqual(await refused(visitor, 'mutation { delete_books(where: {}) { affected_rows } }'), [
      'validation-failed',
      '$',
      'no mutations exist',
    ]);
    assert.match(
      (await refused(customer, 'mutation { delete_books(where: {}) { affected_rows } }'))[2]!,
      /^field 'delete_books' not found in type: 'mutation_root'/,
    );
    assert.match(
      (await refused(visitor, '{ books_aggregate { aggregate { count } } }'))[2]!,
      /^field 'books_aggregate' not found/,
    );
    assert.match(
      (
        await refused(customer, 'mutation { update_books(where: {}, _set: {price: 1}) { affected_rows } }')
      )[2]!,
      /"price" is not defined by type "books_set_input"/,
    );
  });

  test('rows outside the grant are not there, and its limit cuts', async () => {
    assert.deepEqual(await data(visitor, '{ books(order_by: {id: asc}) { id } books_by_pk(id: 3) { id } }'), {
      books: [{ id: 1 }, { id: 2 }],
      books_by_pk: null,
    });
    assert.deepEqual(await data(customer, '{ books(order_by: {id: asc}) { id price } }'), {
      books: [
        { id: 1, price: 1.2345678901234567e19 },
        { id: 2, price: null },
        { id: 3, price: 3 },
      ],
    });
  });

  test('a role with introspection off is shown no schema', async () => {
    assert.deepEqual(await refused(blind, '{ __schema { queryType { name } } }'), [
      'validation-failed',
      '$.selectionSet.__schema',
      'GraphQL introspection is not allowed for this role, but the document contains __schema',
    ]);
    assert.equal((await served.send(blind, 'GET /schema.graphql')).status, 403);
    assert.deepEqual(await data(blind, '{ authors(where: {id: {_eq: 1}}) { name __typename } }'), {
      authors: [{ name: 'Ada', __typename: 'authors' }],
    });
  });
});

describe('reads', () => {
  test('every type comes as the database has it, to the last digit', async () => {
    const { text } = await served.ask(
      staff,
      '{ books_by_pk(id: 1) { price stock pages mood tags extra published added } }',
    );
    assert.equal(
      text,
      '{"data":{"books_by_pk":{"price":12345678901234567890.1234567890,"stock":9007199254740993,"pages":10,"mood":"PG-13","tags":["a","b c"],"extra":{"n": 1.10},"published":true,"added":"2024-01-02T03:04:05.123456+00:00"}}}',
    );
  });

  test('relationships, aggregates, aliases, fragments and several roots in one document', async () => {
    const query = `
      query Shop($stars: Int!, $all: Boolean!) {
        one: books_by_pk(id: 1) { ...book }
        books_aggregate(where: { id: { _lte: 2 } }, order_by: { id: desc }) {
          aggregate { count moods: count(columns: [mood], distinct: true) }
          nodes { id }
        }
        authors(order_by: { id: asc }) @include(if: $all) { name }
        skipped: authors @skip(if: true) { name }
        __typename
      }
      fragment book on books {
        id
        author { name books_aggregate { aggregate { count } } }
        best: reviews(where: { stars: { _gte: $stars } }) { stars }
        reviews_aggregate { aggregate { count __typename } }
      }`;
    assert.deepEqual(await data(staff, query, { stars: 4, all: false }), {
      one: {
        id: 1,
        author: { name: 'Ada', books_aggregate: { aggregate: { count: 2 } } },
        best: [{ stars: 5 }],
        reviews_aggregate: { aggregate: { count: 2, __typename: 'reviews_aggregate_fields' } },
      },
      books_aggregate: { aggregate: { count: 2, moods: 1 }, nodes: [{ id: 2 }, { id: 1 }] },
      __typename: 'query_root',
    });
  });

  test('filters of every kind', async () => {
    const ids = async (where: string) => {
      const rows = (await data(staff, `{ books(where: ${where}, order_by: {id: asc}) { id } }`)) as {
        books: { id: number }[];
      };
      return rows.books.map(({ id }) => id);
    };
    const cases: readonly (readonly [string, readonly number[]])[] = [
      ['{}', [1, 2, 3]],
      ['{ id: { _in: [1, 3] } }', [1, 3]],
      ['{ id: { _in: [] } }', []],
      ['{ id: { _nin: [1, 3] } }', [2]],
      ['{ id: { _gt: 1, _lt: 3 } }', [2]],
      ['{ mood: { _is_null: true } }', [2]],
      ['{ mood: { _eq: "PG-13" } }', [1]],
      ['{ mood: { _neq: "PG-13" } }', [3]],
      ['{ _not: { mood: { _eq: "PG-13" } } }', [3]],
      ['{ _or: [{ id: { _eq: 1 } }, { title: { _like: "Th%" } }] }', [1, 3]],
      ['{ title: { _iregex: "^t" } }', [2, 3]],
      ['{ price: { _eq: "12345678901234567890.1234567890" } }', [1]],
      ['{ price: { _eq: 12345678901234567890.1234567890 } }', [1]],
      ['{ stock: { _eq: 9007199254740993 } }', [1]],
      ['{ tags: { _contains: ["b c"] } }', [1]],
      ['{ tags: { _eq: [] } }', [3]],
      ['{ extra: { _contains: { n: 1.1 } } }', [1]],
      ['{ extra: { _has_key: "n" } }', [1]],
      ['{ author: { name: { _eq: "Bob" } } }', [3]],
      ['{ reviews: { stars: { _gt: 3 } } }', [1, 2]],
      ['{ _not: { reviews: {} } }', [3]],
      ['{ reviews_aggregate: { count: { predicate: { _eq: 2 } } } }', [1]],
      ['{ reviews_aggregate: { count: { filter: { stars: { _lt: 5 } }, predicate: { _in: [1] } } } }', [1, 2]],
    ]; // biome-ignore format: a table
    for (const [where, expected] of cases) assert.deepEqual(await ids(where), expected, where);
  });

  test('order, pages and distinct_on', async () => {
    assert.deepEqual(
      await data(
        staff,
        '{ books(order_by: [{author: {name: desc}}, {mood: asc_nulls_first}], offset: 1, limit: 2) { id } reviews(distinct_on: [book_id], order_by: [{book_id: desc}, {stars: asc}]) { book_id stars } }',
      ),
      {
        books: [{ id: 2 }, { id: 1 }],
        reviews: [
          { book_id: 2, stars: 4 },
          { book_id: 1, stars: 2 },
        ],
      },
    );
    assert.deepEqual(await refused(staff, '{ books(limit: -1) { id } }'), [
      'validation-failed',
      '$.selectionSet.books.args.limit',
      'unexpected negative value',
    ]);
  });

  test('a value that the type refuses is an error of the data, with its place', async () => {
    assert.deepEqual((await refused(staff, '{ books(where: {mood: {_eq: "no"}}) { id } }')).slice(0, 2), [
      'data-exception',
      '$.selectionSet.books',
    ]);
    assert.deepEqual(
      (await refused(staff, '{ ok: authors { id } books(where: {added: {_eq: "no"}}) { id } }')).slice(0, 2),
      ['data-exception', '$.selectionSet.books'],
    );
  });

  test('a claim in the text of a caller is text', async () => {
    assert.deepEqual(await data(customer, '{ books(where: {owner: {_eq: "$jwt.sub"}}) { id } }'), {
      books: [],
    });
  });
});

describe('mutations', () => {
  test('a check that fails and a key that is taken write nothing, in any field of the document', async () => {
    assert.deepEqual(
      await refused(
        customer,
        'mutation { a: insert_books_one(object: {id: 50, title: "x", author_id: 1}) { id } b: insert_books_one(object: {id: 51, title: "bad", author_id: 1}) { id } }',
      ),
      [
        'permission-error',
        '$.selectionSet.b',
        'new row violates row-level security policy for table "books"',
      ],
    );
    const [code, path] = await refused(
      staff,
      'mutation { insert_books(objects: [{id: 50, title: "x", author_id: 1}, {id: 1, title: "y", author_id: 1}]) { affected_rows } }',
    );
    assert.deepEqual([code, path], ['constraint-violation', '$.selectionSet.insert_books']);
    assert.deepEqual(await served.sql('select id from books where id in (50, 51)'), []);
  });

  test('a filter that a missing variable emptied changes nothing', async () => {
    const query = 'mutation ($id: Int) { delete_reviews(where: {id: {_eq: $id}}) { affected_rows } }';
    for (const variables of [{}, { id: null }]) {
      const [code, path, message] = await refused(staff, query, variables);
      assert.equal(code, 'validation-failed');
      assert.ok(path!.startsWith('$.selectionSet.delete_reviews.args.where'));
      assert.match(message!, /^unexpected null value/);
    }
    assert.equal((await served.sql('select id from reviews')).length, 3);
  });

  test('insert, update and delete, with what comes back, in one transaction', async () => {
    const query = `mutation {
      insert_books(objects: [{ id: 60, title: "a", author_id: 1, stock: 9007199254740995, extra: { deep: [1.10] } }, { id: 61, title: "b", author_id: 2, tags: ["x"] }]) {
        affected_rows
        returning { id stock extra published author { name } }
      }
      update_books(where: { id: { _gte: 60 } }, _set: { title: "c" }) { n: affected_rows rows: returning { id title } __typename }
      update_books_by_pk(pk_columns: { id: 61 }, _set: { price: 1.50, mood: null }) { id price }
      gone: update_books_by_pk(pk_columns: { id: 99 }, _set: { title: "d" }) { id }
      delete_books(where: { id: { _eq: 60 } }) { affected_rows returning { id } }
      delete_books_by_pk(id: 61) { id title }
    }`;
    const { text } = await served.ask(staff, query);
    assert.deepEqual(JSON.parse(text), {
      data: {
        insert_books: {
          affected_rows: 2,
          returning: [
            {
              id: 60,
              stock: 9007199254740996,
              extra: { deep: [1.1] },
              published: true,
              author: { name: 'Ada' },
            },
            { id: 61, stock: null, extra: null, published: true, author: { name: 'Bob' } },
          ],
        },
        update_books: {
          n: 2,
          rows: [
            { id: 60, title: 'c' },
            { id: 61, title: 'c' },
          ],
          __typename: 'books_mutation_response',
        },
        update_books_by_pk: { id: 61, price: 1.5 },
        gone: null,
        delete_books: { affected_rows: 1, returning: [{ id: 60 }] },
        delete_books_by_pk: { id: 61, title: 'c' },
      },
    });
    assert.match(text, /"stock":9007199254740995,"extra":\{"deep": \[1.10\]\}/);
  });

  test('variables keep every digit', async () => {
    const insert =
      'mutation ($o: books_insert_input!) { insert_books_one(object: $o) { stock price extra } }';
    const { text } = await served.ask(
      staff,
      insert,
      '{"o":{"id":70,"title":"n","author_id":1,"stock":9007199254740997,"price":"12345678901234567891.5","extra":{"n":1.50}}}',
    );
    assert.equal(
      text,
      '{"data":{"insert_books_one":{"stock":9007199254740997,"price":12345678901234567891.5000000000,"extra":{"n": 1.50}}}}',
    );
    await served.sql('delete from books where id = 70');
  });

  test('rows that the caller may not read stay out of what comes back, and are counted', async () => {
    assert.deepEqual(
      await data(
        writer,
        'mutation { insert_notes(objects: [{body: "a"}, {}]) { affected_rows __typename } }',
      ),
      {
        insert_notes: { affected_rows: 2, __typename: 'notes_mutation_response' },
      },
    );
    assert.match(
      (await refused(writer, 'mutation { insert_notes(objects: {body: "a"}) { returning { id } } }'))[2]!,
      /field 'returning' not found/,
    );
    assert.deepEqual(await data(writer, 'mutation { delete_notes(where: {}) { affected_rows } }'), {
      delete_notes: { affected_rows: 2 },
    });
  });

  test("a preset is the engine's to set", async () => {
    assert.match(
      (
        await refused(
          customer,
          'mutation { insert_books_one(object: {id: 80, title: "x", author_id: 1, owner: "8"}) { id } }',
        )
      )[2]!,
      /"owner" is not defined by type "books_insert_input"/,
    );
    assert.deepEqual(
      await data(
        customer,
        'mutation { insert_books_one(object: {id: 80, title: "x", author_id: 1}) { owner } }',
      ),
      { insert_books_one: { owner: '7' } },
    );
    await served.sql('delete from books where id = 80');
  });
});

describe('HTTP', () => {
  const json = { 'content-type': 'application/json' };
  const errorOf = (body: unknown) =>
    (body as { errors: [{ extensions: { code: string } }] }).errors[0].extensions.code;

  test('GET runs queries and no mutations', async () => {
    const get = (query: string, more = '') =>
      served.send(staff, `GET /v1/graphql?query=${encodeURIComponent(query)}${more}`);
    const variables = encodeURIComponent('{"id":1}');
    assert.deepEqual(
      (await get('query ($id: Int!) { books_by_pk(id: $id) { id } }', `&variables=${variables}`)).body,
      { data: { books_by_pk: { id: 1 } } },
    );
    const mutation = await get('mutation { delete_books(where: {}) { affected_rows } }');
    assert.deepEqual(
      [mutation.status, mutation.headers.allow, errorOf(mutation.body)],
      [405, 'POST', 'bad-request'],
    );
    assert.equal((await served.send(staff, 'GET /graphql/v1')).status, 400);
  });

  test('a request that holds no operation keeps its status', async () => {
    const post = (body: string, headers: Record<string, string> = json) =>
      served.send(staff, 'POST /graphql/v1', headers, body);
    const cases: readonly (readonly [string, Record<string, string>, number, string])[] = [
      ['{', json, 400, 'invalid-json'],
      ['', json, 400, 'invalid-json'],
      ['{}', json, 400, 'bad-request'],
      ['{"query":1}', json, 400, 'bad-request'],
      ['{"query":"{ books { id } }","variables":[]}', json, 400, 'bad-request'],
      ['[]', json, 400, 'bad-request'],
      [`{"query":${'['.repeat(100)}`, json, 400, 'invalid-json'],
      ['{"query":"{ __typename }","variables":{"a":"\\u0000"}}', json, 400, 'data-exception'],
      ['query=x', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'bad-request'],
      [`{"query":"${' '.repeat(1_100_000)}"}`, json, 413, 'bad-request'],
    ];
    for (const [body, headers, status, code] of cases) {
      const answer = await post(body, headers);
      assert.deepEqual([answer.status, errorOf(answer.body)], [status, code], body.slice(0, 60));
    }
  });

  test('GraphQL over HTTP has its media type and statuses', async () => {
    const headers = { ...json, accept: 'application/graphql-response+json, application/json;q=0.9' };
    const ask = (query: string) => served.send(staff, 'POST /graphql/v1', headers, JSON.stringify({ query }));
    const good = await ask('{ __typename }');
    assert.deepEqual(
      [good.status, good.headers['content-type']],
      [200, 'application/graphql-response+json; charset=utf-8'],
    );
    assert.equal((await ask('{ nothing }')).status, 400);
    assert.equal(
      (await ask('mutation { insert_authors_one(object: {id: 1, name: "x"}) { id } }')).status,
      409,
    );
  });

  test('several operations in one body are answered in order, and only so many', async () => {
    const list = [
      { query: '{ __typename }' },
      { query: '{ nothing }' },
      { query: 'mutation M { __typename }', operationName: 'M' },
    ];
    const { status, body } = await served.send(staff, 'POST /graphql/v1', json, JSON.stringify(list));
    assert.equal(status, 200);
    const [one, two, three] = body as [unknown, unknown, unknown];
    assert.deepEqual(
      [one, errorOf(two), three],
      [
        { data: { __typename: 'query_root' } },
        'validation-failed',
        { data: { __typename: 'mutation_root' } },
      ],
    );
    const many = JSON.stringify(Array.from({ length: 11 }, () => list[0]));
    assert.equal((await served.send(staff, 'POST /graphql/v1', json, many)).status, 400);
  });

  test('a browser gets GraphiQL with files of this origin alone', async () => {
    const page = await served.send(staff, 'GET /graphql/v1', {
      accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
    });
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(page.headers['content-security-policy']), /^default-src 'none'; script-src 'self'/);
    assert.doesNotMatch(page.text, /https?:/);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)]
      .map(([, source]) => source!)
      .filter((source) => !source.startsWith('data:'));
    assert.equal(sources.length, 6);
    for (const source of sources) {
      assert.ok(source.startsWith('/shop/graphql/v1/graphiql/'), source);
      const file = await served.send(staff, `GET ${source.slice('/shop'.length)}`);
      assert.equal(file.status, 200, source);
      const again = await served.send(staff, `GET ${source.slice('/shop'.length)}`, {
        'if-none-match': String(file.headers.etag),
      });
      assert.equal(again.status, 304);
    }
    assert.equal((await served.send(staff, 'GET /graphql/v1/graphiql/..%2fpackage.json')).status, 404);
  });
});

describe('a caller who is refused before', () => {
  const nobody = anonymous('nobody');

  test('gets 401 in the form of GraphQL', async () => {
    const { status, body } = await served.ask(nobody, '{ __typename }');
    assert.equal(status, 401);
    assert.deepEqual(body, {
      errors: [
        {
          message: 'A token is required.',
          extensions: {
            path: '$',
            code: 'invalid-jwt',
            novastack: { code: 'PGRST302', sqlstate: null },
          },
        },
      ],
    });
  });

  test('gets the page and its files all the same, where a token can be given', async () => {
    assert.equal((await served.send(nobody, 'GET /graphql/v1', { accept: 'text/html' })).status, 200);
    assert.equal((await served.send(nobody, 'GET /graphql/v1/graphiql/boot.js')).status, 200);
    assert.equal((await served.send(nobody, 'GET /schema.graphql', { accept: 'text/html' })).status, 401);
  });
});

describe('the schema', () => {
  test("introspection and SDL show the role's world", async () => {
    const fields = async (caller: Caller) => {
      const { __type } = (await data(caller, '{ __type(name: "books") { fields { name } } }')) as {
        __type: { fields: { name: string }[] };
      };
      return __type.fields.map(({ name }) => name);
    };
    assert.deepEqual(await fields(visitor), ['id', 'title', 'author_id', 'author']);
    assert.ok(!(await fields(staff)).includes('cost'));
    const sdl = (await served.send(visitor, 'GET /schema.graphql')).text;
    assert.doesNotMatch(sdl, /secrets|price|cost|mutation/);
    assert.doesNotThrow(() => buildSchema(sdl));
    assert.equal(sdl, (await served.send(visitor, 'GET /schema.graphql')).text);
    const head = await served.send(visitor, 'HEAD /schema.graphql');
    assert.deepEqual(
      [head.status, head.text, head.headers['content-type'], head.headers['content-length']],
      [200, '', 'text/plain; charset=utf-8', String(Buffer.byteLength(sdl))],
    );
  });

  test('introspection mixes with data, aliases, variables and fragments', async () => {
    const query = `
      query ($name: String!, $no: Boolean!) {
        a: __type(name: $name) { ...t }
        books(limit: 1, order_by: { id: asc }) { id }
        ... on query_root { s: __schema { queryType { name } } }
        hidden: __type(name: "books") @include(if: $no) { name }
      }
      fragment t on __Type { name kind }`;
    assert.deepEqual(await data(staff, query, { name: 'authors', no: false }), {
      a: { name: 'authors', kind: 'OBJECT' },
      books: [{ id: 1 }],
      s: { queryType: { name: 'query_root' } },
    });
  });

  test("nullability is Hasura's", async () => {
    const sdl = (await served.send(staff, 'GET /schema.graphql')).text;
    const lines = new Set(sdl.split('\n').map((line) => line.trim()));
    for (const line of [
      'author: authors!',
      'book: books',
      'title: String!',
      'price: numeric',
      'tags: [String!]',
      'books_by_pk(id: Int!): books',
      'insert_books_one(object: books_insert_input!, on_conflict: books_on_conflict): books',
      'update_columns: [books_update_column!]! = []',
      'delete_books_by_pk(id: Int!): books',
      'insert_books(objects: [books_insert_input!]!, on_conflict: books_on_conflict): books_mutation_response',
      'update_books_many(updates: [books_updates!]!): [books_mutation_response]',
      'count(columns: [books_select_column!], distinct: Boolean): Int!',
      'returning: [books!]!',
      'affected_rows: Int!',
      'scalar mood',
    ])
      assert.ok(lines.has(line), line);
    // Generated by the database alone.
    const insert = /input reviews_insert_input \{([^}]*)\}/.exec(sdl)![1]!;
    assert.doesNotMatch(insert, /\bid:/);
  });
});
