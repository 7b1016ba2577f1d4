/** Operations of the project as callers run them: by name, by hash, and for some roles nothing else. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { Kind, parse, print, type SelectionSetNode, visit } from 'graphql';
import { type Answered, type Served, serve } from '../../test/graphql.ts';
import { token } from '../../test/project.ts';

const sql = `
  create table authors (id int primary key, name text not null);
  create table books (id int primary key, title text not null, cost int, author_id int not null references authors (id));
  insert into authors values (1, 'Ada');
  insert into books values (1, 'One', 7, 1), (2, 'Two', 8, 1);
`;
const yaml = `
roles: { visitor: {}, staff: {}, kiosk: {}, closed: { introspection: false } }
operations: { only: [kiosk, closed], roles: { StaffReport: [staff], Hidden: [staff] } }
tables:
  authors:
    permissions: { visitor: { select: true }, staff: { select: true }, kiosk: { select: true }, closed: { select: true } }
  books:
    permissions:
      visitor: { select: { columns: [id, title, author_id] } }
      kiosk: { select: { columns: [id, title, author_id] }, delete: true }
      closed: { select: { columns: [id, title, author_id] } }
      staff: { select: true }
`;
const bookList = `# The front page.
query BookList($limit: Int = 1) {
  books(limit: $limit, order_by: { id: asc }) { ...Book }
}`;
const files = {
  'operations/books.graphql': bookList,
  'operations/parts/book.graphql': 'fragment Book on books { id author { ...Author } }',
  'operations/parts/author.graphql': 'fragment Author on authors { name }',
  'operations/staff.graphql':
    'query StaffReport { books(order_by: {id: asc}) { id cost } }\nquery Hidden { books { id } }',
  'operations/one.graphql': 'query One {\n  books_by_pk(id: 1) {\n    __typename\n    title\n  }\n}\n',
};

const [visitor, staff, kiosk, closed] = ['visitor', 'staff', 'kiosk', 'closed'].map((role) =>
  token(role),
) as [ReturnType<typeof token>, ReturnType<typeof token>, ReturnType<typeof token>, ReturnType<typeof token>];
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const json = { 'content-type': 'application/json' };

let served: Served;
const endings: (() => unknown)[] = [];
before(async () => {
  const scope = { after: (end: () => unknown) => void endings.unshift(end) };
  served = await serve(scope as Parameters<typeof serve>[0], { sql, yaml, files });
});
after(async () => {
  for (const end of endings) await end();
});

async function post(caller: typeof visitor, body: object): Promise<unknown> {
  return told(await served.send(caller, 'POST /graphql/v1', json, JSON.stringify(body)));
}

/** The data, or code and message of the one error. */
function told({ status, body }: Answered): unknown {
  const { data, errors } = body as {
    readonly data?: unknown;
    readonly errors?: readonly [{ readonly message: string; readonly extensions: { readonly code: string } }];
  };
  if (errors !== undefined) return [status, errors[0].extensions.code, errors[0].message];
  assert.equal(status, 200);
  return data;
}

const persisted = (hash: string) => ({ persistedQuery: { version: 1, sha256Hash: hash } });
const one = { books: [{ id: 1, author: { name: 'Ada' } }] };
const two = {
  books: [
    { id: 1, author: { name: 'Ada' } },
    { id: 2, author: { name: 'Ada' } },
  ],
};
const notFound = [200, 'PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound'];
const notAllowed = [200, 'validation-failed', 'query is not in any of the allowlists'];

describe('by name', () => {
  test('another role’s operation and one that does not exist answer alike', async () => {
    const missing = (name: string) => [200, 'validation-failed', `no such operation found: "${name}"`];
    for (const [caller, name] of [
      [visitor, 'StaffReport'],
      [kiosk, 'StaffReport'],
      [visitor, 'Nothing'],
      [visitor, 'constructor'],
      // Valid for it, and named for others.
      [visitor, 'Hidden'],
    ] as const)
      assert.deepEqual(await post(caller, { operationName: name }), missing(name));
  });

  test('a role’s operation runs with variables, by POST and GET and in a batch', async () => {
    assert.deepEqual(await post(visitor, { operationName: 'BookList' }), one);
    assert.deepEqual(
      await post(kiosk, { operationName: 'BookList', variables: { limit: 2 }, query: null }),
      two,
    );
    assert.deepEqual(await post(staff, { operationName: 'StaffReport', query: '' }), {
      books: [
        { id: 1, cost: 7 },
        { id: 2, cost: 8 },
      ],
    });
    assert.deepEqual(
      told(await served.send(visitor, 'GET /graphql/v1?operationName=BookList&variables={"limit":2}')),
      two,
    );
    const batch = JSON.stringify([
      { operationName: 'BookList' },
      { operationName: 'One' },
      { operationName: 'X' },
    ]);
    const { body } = await served.send(visitor, 'POST /graphql/v1', json, batch);
    assert.deepEqual(
      (body as object[]).map((answer) => Object.keys(answer)),
      [['data'], ['data'], ['errors']],
    );
  });

  test('variables are checked as of any document', async () => {
    assert.deepEqual(await post(visitor, { operationName: 'BookList', variables: { limit: 'two' } }), [
      200,
      'validation-failed',
      "expected a 32-bit integer for type 'Int', but found a string",
    ]);
  });

  test('a text or a name is needed', async () => {
    const answer = await post(visitor, { variables: {} });
    assert.deepEqual(answer, [400, 'bad-request', '"query" is not a text with a GraphQL document.']);
  });
});

describe('by hash', () => {
  test('of the printed operation with its fragments, and of a file that is all of it', async () => {
    const whole = [
      parse(bookList),
      parse(files['operations/parts/book.graphql']),
      parse(files['operations/parts/author.graphql']),
    ];
    const printed = print({
      kind: Kind.DOCUMENT,
      definitions: whole.flatMap(({ definitions }) => definitions),
    });
    assert.deepEqual(await post(visitor, { extensions: persisted(sha256(printed)) }), one);
    const file = files['operations/one.graphql'];
    const title = { books_by_pk: { __typename: 'books', title: 'One' } };
    assert.deepEqual(await post(visitor, { extensions: persisted(sha256(file)) }), title);
    assert.deepEqual(
      await post(visitor, { extensions: persisted(sha256(print(parse(file))).toUpperCase()) }),
      title,
    );
    const query = encodeURIComponent(JSON.stringify(persisted(sha256(file))));
    assert.deepEqual(told(await served.send(visitor, `GET /graphql/v1?extensions=${query}`)), title);
    // The file needs others.
    assert.deepEqual(await post(visitor, { extensions: persisted(sha256(bookList)) }), notFound);
  });

  test('another role’s hash is not known', async () => {
    const printed = print(parse('query StaffReport { books(order_by: {id: asc}) { id cost } }'));
    assert.deepEqual(await post(visitor, { extensions: persisted(sha256(printed)) }), notFound);
    assert.deepEqual(await post(staff, { extensions: persisted(sha256(printed)) }), {
      books: [
        { id: 1, cost: 7 },
        { id: 2, cost: 8 },
      ],
    });
  });

  test('an unknown one is asked for, then remembered for the role', async () => {
    const query = 'query Mine { books(where: {id: {_eq: 2}}) { title } }';
    const extensions = persisted(sha256(query));
    const data = { books: [{ title: 'Two' }] };
    assert.deepEqual(await post(visitor, { operationName: 'Mine', extensions }), notFound);
    assert.deepEqual(await post(visitor, { operationName: 'Mine', query, extensions }), data);
    assert.deepEqual(await post(visitor, { operationName: 'Mine', extensions }), data);
    assert.deepEqual(await post(staff, { operationName: 'Mine', extensions }), notFound);
  });

  test('one of another text is refused, and so is one that is none', async () => {
    const query = '{ books { id } }';
    const refused = (message: string) => [400, 'bad-request', message];
    // Of the operation, so it keeps 200 as all that is wrong with one.
    assert.deepEqual(await post(visitor, { query, extensions: persisted(sha256('{ authors { id } }')) }), [
      200,
      'bad-request',
      'provided sha does not match query',
    ]);
    assert.deepEqual(
      await post(visitor, { extensions: { persistedQuery: { version: 2, sha256Hash: sha256(query) } } }),
      refused('"extensions.persistedQuery.version" is not 1.'),
    );
    assert.deepEqual(
      await post(visitor, { extensions: persisted('abc') }),
      refused('"extensions.persistedQuery.sha256Hash" is not a sha256 in hex.'),
    );
    assert.deepEqual(
      await post(visitor, { query, extensions: [] }),
      refused('"extensions" is not an object.'),
    );
    assert.deepEqual(await post(visitor, { query, extensions: { tracing: true } }), {
      books: [{ id: 1 }, { id: 2 }],
    });
  });
});

/** What Apollo's client makes of a document: `__typename` in every selection but the root's. */
function withTypenames(text: string): string {
  const typename = parse('{ __typename }').definitions[0] as { readonly selectionSet: SelectionSetNode };
  return print(
    visit(parse(text), {
      SelectionSet(node, _key, parent) {
        const isRoot = (parent as { readonly kind?: string }).kind === Kind.OPERATION_DEFINITION;
        const has = node.selections.some((one) => one.kind === Kind.FIELD && one.name.value === '__typename');
        if (isRoot || has) return undefined;
        return { ...node, selections: [...node.selections, ...typename.selectionSet.selections] };
      },
    }),
  );
}

describe('a role with an allow-list', () => {
  const text = `query BookList($limit: Int = 1) { books(limit: $limit, order_by: {id: asc}) { ...Book } }
    fragment Author on authors { name } fragment Book on books { id author { ...Author } }`;

  test('runs nothing that is not one of its operations', async () => {
    for (const query of [
      '{ books { id } }',
      'query { books { id } }',
      'query BookList { books { id } }',
      'query Other { __typename books { id } }',
      'mutation BookList { delete_books(where: {}) { affected_rows } }',
      'query StaffReport { books(order_by: {id: asc}) { id } }',
      'query Hidden { books { id } }',
      // One thing is different in each.
      text.replace('= 1', '= 2'),
      text.replace('$limit: Int = 1', '$limit: Int = 1, $more: Int'),
      text.replace('query BookList', 'query bookList'),
      text.replace('query BookList', 'query'),
      text.replace('id: asc', 'id: desc'),
      text.replace('{ name }', '{ name id }'),
      text.replace('{ name }', '{ id }'),
      text.replace('{ name }', '{ ...on authors { name } }'),
      text.replace('{ name }', '{ name name }'),
      text.replace('{ name }', '{ name @skip(if: false) }'),
      text.replace('{ name }', '{ n: name }'),
      text.replace('{ name }', '{ name n: __typename }'),
      text.replace('id author', 'author { ...Author } id'),
      text.replace('...Author }', '...Author @include(if: true) }'),
      text.replace('{ books(', '{ __typename books('),
      text.replace('asc}) { ...Book }', 'asc}) { ...Book } more: books { id }'),
      text.replace(' author { ...Author }', ''),
      text.replaceAll('Author', 'Writer'),
      'query One { books_by_pk(id: 1) { __typename } }',
      'query One { books_by_pk(id: 1) { title } }',
      'query One { books_by_pk(id: 1) { title __typename title } }',
      'query One { books_by_pk(id: 2) { __typename title } }',
      '{ nothing }',
      `${text} fragment More on books { id }`,
    ])
      assert.deepEqual(await post(kiosk, { query }), notAllowed, query);
    const query = `${text} query Probe { books { cost } }`;
    assert.deepEqual(await post(kiosk, { query, operationName: 'BookList' }), notAllowed);
    assert.deepEqual(await served.sql('select count(*)::int as n from books'), [{ n: 2 }]);
  });

  test('runs its operations by text too, as clients send them', async () => {
    assert.deepEqual(await post(kiosk, { query: text, operationName: 'BookList' }), one);
    assert.deepEqual(await post(kiosk, { query: print(parse(text)), variables: { limit: 2 } }), two);
    assert.deepEqual(await post(kiosk, { query: `# a comment\n${text.replaceAll(' ', '\n  , ')}` }), one);
    assert.deepEqual(await post(kiosk, { query: withTypenames(text) }), {
      books: [{ __typename: 'books', id: 1, author: { __typename: 'authors', name: 'Ada' } }],
    });
    const own = { books_by_pk: { __typename: 'books', title: 'One' } };
    assert.deepEqual(await post(kiosk, { query: files['operations/one.graphql'] }), own);
    assert.deepEqual(await post(kiosk, { query: withTypenames(files['operations/one.graphql']) }), own);
    assert.deepEqual(await post(kiosk, { operationName: 'One' }), own);
  });

  test('has no text remembered by its hash', async () => {
    const query = withTypenames(text);
    const extensions = persisted(sha256(query));
    assert.deepEqual(await post(kiosk, { extensions }), notFound);
    assert.notDeepEqual(await post(kiosk, { query, extensions }), notFound);
    assert.deepEqual(await post(kiosk, { extensions }), notFound);
    const other = '{ books { title } }';
    assert.deepEqual(await post(kiosk, { query: other, extensions: persisted(sha256(other)) }), notAllowed);
    // What another role had remembered is not there for it.
    await post(visitor, { query: other, extensions: persisted(sha256(other)) });
    assert.deepEqual(await post(kiosk, { extensions: persisted(sha256(other)) }), notFound);
  });

  test('introspects when its role may, and only then', async () => {
    const schema = '{ __schema { queryType { name } } }';
    const root = { __schema: { queryType: { name: 'query_root' } } };
    assert.deepEqual(await post(kiosk, { query: schema }), root);
    assert.deepEqual(
      await post(kiosk, { query: '{ ...R } fragment R on query_root { __schema { queryType { name } } }' }),
      root,
    );
    assert.deepEqual(
      await post(kiosk, { query: '{ __schema { queryType { name } } books { id } }' }),
      notAllowed,
    );
    assert.deepEqual(await post(closed, { query: schema }), notAllowed);
    assert.deepEqual(await post(closed, { query: '{ __typename }' }), notAllowed);
    assert.deepEqual(await post(closed, { operationName: 'BookList' }), one);
  });
});
