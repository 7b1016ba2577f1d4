/** The Swagger 2.0 document of a role: PostgREST's to the letter where it can be, and nothing that the role may not see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createProject } from '../../test/project.ts';
import { shopSql, shopYaml } from '../../test/shop.ts';
import { librarySql, libraryYaml } from './library.fixture.ts';
import { swagger } from './swagger.ts';

type Json = { readonly [key: string]: Json } & readonly Json[];

const media = [
  'application/json',
  'application/vnd.pgrst.object+json;nulls=stripped',
  'application/vnd.pgrst.object+json',
];
const returns = ['return=representation', 'return=headers-only', 'return=minimal', 'return=none'];
const prefer = { name: 'Prefer', description: 'Preference', required: false, in: 'header', type: 'string' };
const paging = { description: 'Limiting and Pagination', required: false, type: 'string' };
const shared = {
  preferParams: prefer,
  preferReturn: { ...prefer, enum: returns },
  preferCount: { ...prefer, enum: ['count=none', 'count=exact', 'count=planned', 'count=estimated'] },
  preferPost: {
    ...prefer,
    enum: [...returns, 'resolution=ignore-duplicates', 'resolution=merge-duplicates'],
  },
  select: { name: 'select', description: 'Filtering Columns', required: false, in: 'query', type: 'string' },
  on_conflict: {
    name: 'on_conflict',
    description: 'On Conflict',
    required: false,
    in: 'query',
    type: 'string',
  },
  order: { name: 'order', description: 'Ordering', required: false, in: 'query', type: 'string' },
  range: { name: 'Range', in: 'header', ...paging },
  rangeUnit: { name: 'Range-Unit', in: 'header', ...paging, default: 'items' },
  offset: { name: 'offset', in: 'query', ...paging },
  limit: { name: 'limit', in: 'query', ...paging },
};
const root = {
  get: {
    tags: ['Introspection'],
    summary: 'OpenAPI description (this document)',
    produces: ['application/openapi+json', 'application/json'],
    responses: { 200: { description: 'OK' } },
  },
};
const pages = ['select', 'order', 'range', 'rangeUnit', 'offset', 'limit', 'preferCount'];
const pk = 'Note:\nThis is a Primary Key.<pk/>';
const fk = "Note:\nThis is a Foreign Key to `authors.id`.<fk table='authors' column='id'/>";
const authorsSay = { summary: 'People who write.', description: 'Each of them once.' };
const refs = (...keys: string[]) => keys.map((key) => ({ $ref: `#/parameters/${key}` }));
const filter = (name: string, format: string, more = {}) => ({
  name,
  ...more,
  required: false,
  in: 'query',
  type: 'string',
  format,
});
const body = (table: string) => ({
  name: table,
  description: table,
  required: false,
  in: 'body',
  schema: { $ref: `#/definitions/${table}` },
});
const list = (table: string, filters: string[], more = {}) => ({
  tags: [table],
  ...more,
  parameters: refs(...filters.map((name) => `rowFilter.${table}.${name}`), ...pages),
  responses: {
    200: { description: 'OK', schema: { items: { $ref: `#/definitions/${table}` }, type: 'array' } },
    206: { description: 'Partial Content' },
  },
});
const call = (name: string, parameters: unknown[] | undefined, more = {}) => ({
  tags: [`(rpc) ${name}`],
  ...more,
  produces: media,
  ...(parameters && { parameters }),
  responses: { 200: { description: 'OK' } },
});
const args = (schema: unknown) => [
  { in: 'body', name: 'args', required: true, schema },
  { $ref: '#/parameters/preferParams' },
];
const inState = {
  get: call(
    'in_state',
    [
      { in: 'query', name: 'wanted', required: true, type: 'string', format: 'state' },
      {
        in: 'query',
        name: 'words',
        required: false,
        type: 'array',
        collectionFormat: 'multi',
        items: { type: 'string', format: 'text' },
      },
    ],
    { summary: 'Books in a state.', description: 'Words narrow it.' },
  ),
  post: call(
    'in_state',
    args({
      description: 'Books in a state.\nWords narrow it.',
      type: 'object',
      properties: {
        wanted: { format: 'state', type: 'string' },
        words: { format: 'text[]', type: 'array', items: { type: 'string' } },
      },
      required: ['wanted'],
    }),
    { summary: 'Books in a state.', description: 'Words narrow it.' },
  ),
};
const publish = {
  post: call(
    'publish',
    args({
      type: 'object',
      properties: { book: { format: 'bigint', type: 'integer' }, note: { format: 'text', type: 'string' } },
      required: ['book'],
    }),
  ),
};
const head = {
  swagger: '2.0',
  info: { description: '', title: 'test', version: 'current' },
  basePath: '/library/rest/v1',
  consumes: [...media, 'text/csv'],
  produces: [...media, 'text/csv'],
  externalDocs: {
    description: 'PostgREST Documentation',
    url: 'https://docs.postgrest.org/en/v14/references/api.html',
  },
};
const columns = {
  authorId: { description: pk, format: 'integer', type: 'integer' },
  name: {
    default: "Ann's",
    description: 'As printed.',
    format: 'character varying',
    maxLength: 20,
    type: 'string',
  },
  bookId: { description: pk, format: 'bigint', type: 'integer' },
  title: { format: 'text', type: 'string' },
  state: { default: 'open', enum: ['open', "it's done"], format: 'public.state', type: 'string' },
  author: { description: fk, format: 'integer', type: 'integer' },
};
const authorFilters = {
  'rowFilter.authors.id': filter('id', 'integer'),
  'rowFilter.authors.name': filter('name', 'character varying', { description: 'As printed.' }),
};

test('describes a library to each role', async (t) => {
  const { api } = await createProject(t, { sql: librarySql, yaml: libraryYaml });
  const of = (role: string, options = { serverUrl: '/library/rest/v1' }) =>
    JSON.parse(JSON.stringify(swagger(api, role, options))) as Json;

  await t.test('to one that reads some columns', () => {
    assert.deepEqual(of('reader'), {
      ...head,
      paths: {
        '/': root,
        '/authors': { get: list('authors', ['id', 'name'], authorsSay) },
        '/books': { get: list('books', ['id', 'title', 'author']) },
        '/rpc/in_state': inState,
      },
      definitions: {
        authors: {
          description: 'People who write.\n\nEach of them once.',
          required: ['id', 'name'],
          type: 'object',
          properties: { id: columns.authorId, name: columns.name },
        },
        books: {
          required: ['id', 'title', 'author'],
          type: 'object',
          properties: { id: columns.bookId, title: columns.title, author: columns.author },
        },
      },
      parameters: {
        ...shared,
        'body.authors': body('authors'),
        ...authorFilters,
        'body.books': body('books'),
        'rowFilter.books.id': filter('id', 'bigint'),
        'rowFilter.books.title': filter('title', 'text'),
        'rowFilter.books.author': filter('author', 'integer'),
      },
    });
  });

  await t.test(
    'to one that only writes: no filters, and no note on a key whose far table it does not see',
    () => {
      assert.deepEqual(of('clerk'), {
        ...head,
        paths: {
          '/': root,
          '/books': {
            post: {
              tags: ['books'],
              parameters: refs('body.books', 'preferPost'),
              responses: { 201: { description: 'Created' } },
            },
          },
          '/rpc/publish': publish,
        },
        definitions: {
          books: {
            required: ['id', 'title', 'author'],
            type: 'object',
            properties: {
              id: columns.bookId,
              title: columns.title,
              state: columns.state,
              author: { format: 'integer', type: 'integer' },
            },
          },
        },
        parameters: { ...shared, 'body.books': body('books') },
      });
    },
  );

  await t.test('to one that does nearly all', () => {
    const authors = ['id', 'name', 'contact'];
    const books = ['id', 'title', 'state', 'tags', 'author', 'price', 'added', 'token', 'meta'];
    const filters = (table: string, names: string[]) => names.map((name) => `rowFilter.${table}.${name}`);
    const area = { w: { format: 'integer', type: 'integer' }, h: { format: 'integer', type: 'integer' } };
    assert.deepEqual(of('editor'), {
      ...head,
      paths: {
        '/': root,
        '/authors': {
          get: list('authors', authors, authorsSay),
          post: {
            tags: ['authors'],
            ...authorsSay,
            parameters: refs('body.authors', 'select', 'on_conflict', 'preferPost'),
            responses: { 201: { description: 'Created' } },
          },
          delete: {
            tags: ['authors'],
            ...authorsSay,
            parameters: refs(...filters('authors', authors), 'preferReturn'),
            responses: { 204: { description: 'No Content' } },
          },
          patch: {
            tags: ['authors'],
            ...authorsSay,
            parameters: refs(...filters('authors', authors), 'body.authors', 'preferReturn'),
            responses: { 204: { description: 'No Content' } },
          },
        },
        '/books': {
          get: list('books', books),
          post: {
            tags: ['books'],
            parameters: refs('body.books', 'select', 'on_conflict', 'preferPost'),
            responses: { 201: { description: 'Created' } },
          },
          patch: {
            tags: ['books'],
            parameters: refs(...filters('books', books), 'body.books', 'preferReturn'),
            responses: { 204: { description: 'No Content' } },
          },
        },
        '/rpc/in_state': inState,
        '/rpc/publish': publish,
        '/rpc/area': {
          get: call('area', [
            { in: 'query', name: 'w', required: true, type: 'integer', format: 'integer' },
            { in: 'query', name: 'h', required: false, type: 'integer', format: 'integer' },
          ]),
          post: call('area', args({ type: 'object', properties: area, required: ['w'] })),
        },
        '/rpc/echo': { post: call('echo', args({ format: 'json' }), { consumes: ['application/json'] }) },
        '/rpc/totals': { get: call('totals', undefined), post: call('totals', args({ type: 'object' })) },
        // The row type of a table that no role sees has no name here.
        '/rpc/open_vault': {
          post: call(
            'open_vault',
            args({
              type: 'object',
              properties: { key: { format: 'record', type: 'string' } },
              required: ['key'],
            }),
          ),
        },
      },
      definitions: {
        authors: {
          description: 'People who write.\n\nEach of them once.',
          required: ['id', 'name'],
          type: 'object',
          properties: {
            id: columns.authorId,
            name: columns.name,
            contact: { format: 'character varying', maxLength: 40, type: 'string' },
          },
        },
        books: {
          required: ['id', 'title', 'author', 'added', 'token'],
          type: 'object',
          properties: {
            id: columns.bookId,
            title: columns.title,
            state: columns.state,
            tags: { format: 'text[]', type: 'array', items: { type: 'string' } },
            author: columns.author,
            price: { default: 1.5, format: 'numeric', type: 'number' },
            added: { default: 'now()', format: 'timestamp with time zone', type: 'string' },
            // Its default names a function, and that is nobody's.
            token: { format: 'text', type: 'string' },
            meta: { format: 'jsonb' },
          },
        },
      },
      parameters: {
        ...shared,
        'body.authors': body('authors'),
        ...authorFilters,
        'rowFilter.authors.contact': filter('contact', 'character varying'),
        'body.books': body('books'),
        'rowFilter.books.id': filter('id', 'bigint'),
        'rowFilter.books.title': filter('title', 'text'),
        'rowFilter.books.state': filter('state', 'public.state'),
        'rowFilter.books.tags': filter('tags', 'text[]'),
        'rowFilter.books.author': filter('author', 'integer'),
        'rowFilter.books.price': filter('price', 'numeric'),
        'rowFilter.books.added': filter('added', 'timestamp with time zone'),
        'rowFilter.books.token': filter('token', 'text'),
        'rowFilter.books.meta': filter('meta', 'jsonb'),
      },
    });
  });

  await t.test('and does not demand a column that some of the rows show as null', () => {
    const { properties, required } = of('member').definitions!.books!;
    assert.deepEqual(Object.keys(properties!), ['id', 'title', 'author', 'added']);
    assert.deepEqual(required, ['id', 'title', 'author']);
  });

  await t.test('says nothing of what the role may not see', () => {
    for (const [role, words] of [
      ['reader', ['pin', 'contact', 'token', 'price', 'publish', 'full_name', 'area', 'vault']],
      ['clerk', ['authors', 'pin', 'price', 'token', 'in_state', 'vault']],
      ['editor', ['"pin', 'full_name', 'make_token', '"vault', '/vault']],
      ['undeclared', ['books', 'authors', 'rpc', 'vault']],
    ] as const)
      for (const word of words) assert.ok(!JSON.stringify(of(role)).includes(word), `${role}: ${word}`);
  });

  await t.test('names the host where the address has one', () => {
    const { host, basePath, schemes } = of('reader', { serverUrl: 'https://books.example.eu/rest/v1' });
    assert.deepEqual([host, basePath, schemes], ['books.example.eu', '/rest/v1', ['https']]);
  });

  for (const role of ['reader', 'member', 'clerk', 'editor', 'undeclared'])
    await t.test(`is valid Swagger 2.0 for ${role}`, () => assertValid(of(role)));
});

test('describes a shop with hostile names', async (t) => {
  const { api } = await createProject(t, { sql: shopSql, yaml: shopYaml, schemas: ['public', 'personal'] });
  const of = (role: string, profile?: string) =>
    JSON.parse(JSON.stringify(swagger(api, role, { serverUrl: '/shop/rest/v1', profile }))) as Json;

  await t.test('as they are, since tools take them from the document', () => {
    const document = of('staff');
    assert.deepEqual(Object.keys(document.definitions!['we ird']!.properties!), [
      'a.b',
      '__proto__',
      'sel,ect',
      'order',
      '😀',
    ]);
    assert.deepEqual(
      Object.keys(document.parameters!).filter((key) => key.includes('we ird')),
      [
        'body.we ird',
        ...['a.b', '__proto__', 'sel,ect', 'order', '😀'].map((name) => `rowFilter.we ird.${name}`),
      ],
    );
    assert.deepEqual(Object.keys(document.paths!['/we ird']!), ['get', 'post', 'delete', 'patch']);
  });

  await t.test('of one profile at a time', () => {
    assert.equal(of('staff').definitions!.users, undefined);
    assert.deepEqual(Object.keys(of('staff', 'personal').paths!), ['/', '/users']);
    assert.deepEqual(of('staff', 'public'), of('staff'));
    assert.deepEqual(Object.keys(of('visitor', 'personal').paths!), ['/']);
  });

  for (const role of ['visitor', 'customer', 'staff', 'writer', 'service'])
    await t.test(`is valid Swagger 2.0 for ${role}`, () => assertValid(of(role)));
});

async function assertValid(document: Json): Promise<void> {
  const validator = new Validator();
  const result = await validator.validate(document as unknown as Record<string, unknown>);
  assert.deepEqual(result.errors ?? [], []);
  assert.equal(result.valid, true);
  assert.equal(validator.version, '2.0');
}
