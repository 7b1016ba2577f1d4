import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { serve } from '../../test/graphql.ts';
import { asker } from '../../test/graphql-asker.ts';
import { library } from '../../test/graphql-library.ts';
import { anonymous, token } from '../../test/project.ts';

const visitor = anonymous('visitor');
const member = token('member', { sub: '7' });
const staff = token('staff');
const { open, close, data, refused, sdl } = asker(library);
before(open);
after(close);

interface Connection {
  readonly edges: readonly { readonly cursor: string; readonly node: Record<string, unknown> }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
}

const selection =
  'edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

/** A document may declare no variable that it does not use. */
function declared(text: string): string {
  const names = ['after', 'before'].filter((name) => text.includes(`$${name}`));
  return names.length === 0 ? '' : ` (${names.map((name) => `$${name}: String`).join(', ')})`;
}

async function page(caller: typeof staff, args: string, variables: object = {}): Promise<Connection> {
  const called = args === '' ? 'books_connection' : `books_connection(${args})`;
  const query = `query${declared(args)} { c: ${called} { ${selection} } }`;
  return ((await data(caller, query, variables as Record<string, unknown>)) as { c: Connection }).c;
}

const ids = ({ edges }: Connection) => edges.map(({ node }) => node.id);

describe('what a role may not see', () => {
  test('a connection needs a key that is read in every row', async () => {
    // Loans are of nobody but staff; shelves have no grant for visitors.
    const text = await sdl(visitor);
    assert.match(text, /booksConnection/);
    assert.doesNotMatch(text, /shelvesConnection|loansConnection|shelves_connection/);
    assert.deepEqual(
      await refused(visitor, '{ books_connection(order_by: { price: asc }) { totalCount } }'),
      [
        'validation-failed',
        '$.selectionSet.books_connection.args.order_by.price',
        'Field "price" is not defined by type "books_order_by".',
      ],
    );
  });

  test('a key that some rows hide gives no connection', async (t) => {
    const served = await serve(t, {
      sql: 'create table notes (id int primary key, owner text);',
      yaml: `
roles: { all: {}, some: {} }
tables:
  notes:
    permissions:
      all: { select: true }
      some: { select: { columns: { owner: true, id: { when: { owner: me } } } } }
`,
    });
    const shown = async (role: string) => (await served.send(token(role), 'GET /schema.graphql')).text;
    assert.match(await shown('all'), /notes_connection/);
    assert.doesNotMatch(await shown('some'), /notes_connection/);
  });

  test('a cursor holds nothing of a cell that the caller may not read, and passes it as null', async () => {
    // Caller 8 sees books 1 and 3 of others, without their prices, besides 2 and 4 of their own.
    const other = token('member', { sub: '8' });
    const order = 'order_by: [{ price: asc }]';
    const all = await page(other, order);
    assert.deepEqual(ids(all), [2, 1, 3, 4]);
    const values = (cursor: string) =>
      (JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[]).slice(1);
    assert.deepEqual(
      all.edges.map(({ cursor }) => values(cursor)),
      [
        ['10.0000000000', '2'],
        [null, '1'],
        [null, '3'],
        [null, '4'],
      ],
    );
    const next = await page(other, `${order}, after: $after, first: 1`, { after: all.edges[1]!.cursor });
    assert.deepEqual(ids(next), [3]);
    // What the cursor claims of a hidden cell finds no row by it.
    const [binding] = JSON.parse(Buffer.from(all.edges[0]!.cursor, 'base64url').toString()) as string[];
    const forged = Buffer.from(JSON.stringify([binding, '9', '0'])).toString('base64url');
    assert.deepEqual(ids(await page(other, `${order}, after: $after`, { after: forged })), [2, 1, 3, 4]);
  });

  test('rows and counts are those of the grant', async () => {
    const limited = await page(token('stocked'), 'first: 2');
    assert.deepEqual([ids(limited), limited.pageInfo.hasNextPage], [[1], true]);
    assert.deepEqual(await data(member, '{ books_connection { totalCount edges { node { id } } } }'), {
      books_connection: { totalCount: 3, edges: [1, 3, 5].map((id) => ({ node: { id } })) },
    });
  });
});

test('types and arguments are those of Relay', async () => {
  const schema = buildSchema(await sdl(staff));
  const fieldsOf = (name: string) =>
    Object.values((schema.getType(name) as GraphQLObjectType).getFields()).map(
      ({ name: field, type }) => `${field}: ${type}`,
    );
  assert.deepEqual(fieldsOf('booksConnection'), [
    'edges: [booksEdge!]!',
    'pageInfo: PageInfo!',
    'totalCount: Int!',
  ]);
  assert.deepEqual(fieldsOf('booksEdge'), ['cursor: String!', 'node: books!']);
  assert.deepEqual(fieldsOf('PageInfo'), [
    'endCursor: String',
    'hasNextPage: Boolean!',
    'hasPreviousPage: Boolean!',
    'startCursor: String',
  ]);
  const { args, type } = schema.getQueryType()!.getFields().books_connection!;
  assert.equal(
    `(${args.map((one) => `${one.name}: ${one.type}`).join(', ')}): ${type}`,
    '(after: String, before: String, first: Int, last: Int, order_by: [books_order_by!], where: books_bool_exp): booksConnection!',
  );
});

test('pages go forwards and backwards, and say what is beyond them', async () => {
  const first = await page(staff, 'first: 2');
  const { startCursor, endCursor } = first.pageInfo;
  assert.deepEqual(
    [ids(first), startCursor, endCursor],
    [[1, 2], first.edges[0]!.cursor, first.edges[1]!.cursor],
  );
  assert.deepEqual([first.pageInfo.hasPreviousPage, first.pageInfo.hasNextPage], [false, true]);
  const last = await page(staff, 'last: 2');
  assert.deepEqual(ids(last), [4, 5]);
  assert.deepEqual(
    [last.pageInfo.startCursor, last.pageInfo.endCursor],
    last.edges.map(({ cursor }) => cursor),
  );
  assert.deepEqual([last.pageInfo.hasPreviousPage, last.pageInfo.hasNextPage], [true, false]);
  const between = await page(staff, 'first: 9, after: $after, before: $before', {
    after: startCursor,
    before: last.pageInfo.endCursor,
  });
  assert.deepEqual(
    [ids(between), between.pageInfo.hasPreviousPage, between.pageInfo.hasNextPage],
    [[2, 3, 4], true, true],
  );
  const none = await page(staff, 'where: { id: { _gt: 99 } }');
  assert.deepEqual(none, {
    edges: [],
    pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
  });
  const nothing = await page(staff, 'first: 0');
  assert.deepEqual([ids(nothing), nothing.pageInfo.hasNextPage], [[], true]);
});

test('a count, an alias and a type name; parts are asked for as often as they are wanted', async () => {
  assert.deepEqual(
    await data(
      staff,
      `{ c: books_connection(first: 1, where: { id: { _gt: 2 } }, order_by: { title: asc }) {
        n: totalCount __typename a: edges { __typename node { title } } b: edges { x: node { id } y: node { label } c: cursor @skip(if: true) }
        pageInfo { __typename hasNextPage }
      } }`,
    ),
    {
      c: {
        n: 3,
        __typename: 'booksConnection',
        a: [{ __typename: 'booksEdge', node: { title: 'Five' } }],
        b: [{ x: { id: 5 }, y: { label: 'Five #5' } }],
        pageInfo: { __typename: 'PageInfo', hasNextPage: true },
      },
    },
  );
  assert.deepEqual(await data(staff, '{ books_connection { totalCount __typename } }'), {
    books_connection: { totalCount: 5, __typename: 'booksConnection' },
  });
});

test('a relationship has pages of its own for each row', async () => {
  const query = `query ($after: String) { shelves(order_by: { id: asc }) { id books_connection(first: 1, after: $after, order_by: { id: desc }) {
    totalCount pageInfo { endCursor hasNextPage } edges { node { id loans_connection(last: 1) { edges { node { member } } } } }
  } } }`;
  type Shelf = { id: number; books_connection: Connection & { totalCount: number } };
  const { shelves } = (await data(staff, query)) as { shelves: Shelf[] };
  assert.deepEqual(
    shelves.map(({ id, books_connection: { edges, totalCount, pageInfo } }) => [
      id,
      totalCount,
      pageInfo.hasNextPage,
      edges.map(({ node }) => node),
    ]),
    [
      [1, 2, true, [{ id: 3, loans_connection: { edges: [{ node: { member: 'ada' } }] } }]],
      [2, 1, false, [{ id: 2, loans_connection: { edges: [] } }]],
      [3, 1, false, [{ id: 5, loans_connection: { edges: [] } }]],
    ],
  );
  const next = (await data(staff, query, { after: shelves[0]!.books_connection.pageInfo.endCursor })) as {
    shelves: Shelf[];
  };
  assert.deepEqual(
    next.shelves.map(({ books_connection }) => ids(books_connection)),
    [[1], [2], []],
  );
});

test('a cursor of another table or order, one that is altered, and a page that is none are refused', async () => {
  const { endCursor } = (await page(staff, 'first: 1')).pageInfo;
  const place = '$.selectionSet.c.args';
  const invalid = [
    'validation-failed',
    `${place}.after`,
    'the cursor is not one of this connection in this order',
  ];
  const ask = (args: string, variables: Record<string, unknown>) =>
    refused(staff, `query${declared(args)} { c: ${args} { totalCount edges { cursor } } }`, variables);
  assert.deepEqual(
    await ask('books_connection(after: $after, order_by: { id: desc })', { after: endCursor }),
    invalid,
  );
  assert.deepEqual(await ask('shelves_connection(after: $after)', { after: endCursor }), invalid);
  for (const after of [
    '',
    'x',
    '!!',
    'bnVsbA',
    Buffer.from('["a",1]').toString('base64url'),
    'a'.repeat(9000),
  ])
    assert.deepEqual(await ask('books_connection(after: $after)', { after }), invalid, after.slice(0, 20));
  assert.deepEqual(await ask('books_connection(first: 1, last: 1)', {}), [
    'validation-failed',
    place,
    '"first" and "last" are not allowed at once',
  ]);
  assert.deepEqual(await ask('books_connection(first: -1)', {}), [
    'validation-failed',
    `${place}.first`,
    'unexpected negative value',
  ]);
  assert.deepEqual(await ask('books_connection(order_by: { loans_aggregate: { count: asc } })', {}), [
    'validation-failed',
    `${place}.order_by`,
    'a connection is ordered by columns alone',
  ]);
  const [binding] = JSON.parse(Buffer.from(endCursor!, 'base64url').toString()) as string[];
  const wrong = Buffer.from(JSON.stringify([binding, 'one'])).toString('base64url');
  assert.equal((await ask('books_connection(after: $after)', { after: wrong }))[0], 'data-exception');
});

const orders = [
  'id',
  'title',
  'price',
  'stock',
  'meta',
  'tags',
  'label',
  'worth',
  'shelf { room }',
  'place { room }',
];
const directions = [
  'asc',
  'desc',
  'asc_nulls_first',
  'asc_nulls_last',
  'desc_nulls_first',
  'desc_nulls_last',
];
const term = fc.tuple(fc.constantFrom(...orders), fc.constantFrom(...directions)).map(([name, direction]) => {
  const [outer, inner] = name.split(' { ');
  return inner === undefined
    ? `{ ${outer}: ${direction} }`
    : `{ ${outer}: { ${inner.replace(' }', '')}: ${direction} } }`;
});

test('pages concatenated are the list, whatever the order, in both directions', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(term, { maxLength: 3 }),
      fc.integer({ min: 1, max: 3 }),
      fc.constantFrom(staff, token('member', { sub: '8' })),
      async (terms, size, caller) => {
        const readable = terms.filter((one) => caller === staff || !/stock|worth|place|shelf/.test(one));
        const order = `order_by: [${readable.join(', ')}]`;
        const all = ids(await page(caller, order));
        const forwards: unknown[] = [];
        for (let after: string | null = null; ; ) {
          const one: Connection = await page(caller, `${order}, first: ${size}, after: $after`, { after });
          forwards.push(...ids(one));
          if (!one.pageInfo.hasNextPage) break;
          after = one.pageInfo.endCursor;
        }
        assert.deepEqual(forwards, all);
        const backwards: unknown[] = [];
        for (let until: string | null = null; ; ) {
          const one: Connection = await page(caller, `${order}, last: ${size}, before: $before`, {
            before: until,
          });
          backwards.unshift(...ids(one));
          if (!one.pageInfo.hasPreviousPage) break;
          until = one.pageInfo.startCursor;
        }
        assert.deepEqual(backwards, all);
      },
    ),
    { numRuns: 60 },
  );
});
