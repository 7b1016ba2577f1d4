/** The whole project of the language's reference, as one file and as many. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { buildProject } from './build.ts';
import { novastackSchema } from './bundle.ts';
import { parseDocument } from './document.ts';
import type { Literal, Predicate } from './predicate.ts';
import type { Project, RelationshipConfig, TableConfig, TablePermission } from './project.ts';

const head = `novastack: 1
project: bookshop
title: Bookshop
description: Catalogue, orders and reviews.
`;

const databases = `databases:
  main:
    engine: postgres
    url: \${env:BOOKSHOP_URL}
    schemas: [public, stock]
    search_path: [extensions]
    migrations: migrations/main
    seeds: seeds/main
    pool: { max: 20, acquire: 5s, idle: 30s, lifetime: 30m, mode: session }
    timeout: 10s
    replicas: [ "\${env:REPLICA}" ]
    region: eu-west-3
`;

const auth = `auth:
  anonymous: visitor
  jwt:
    - issuer: https://login.example.eu/
      jwks: https://login.example.eu/.well-known/jwks.json
      audience: bookshop
      role: '["https://x/claims"]["role"]'
      roles: roles
      default_role: customer

cors: { origins: ["*"] }
`;

const roles = `roles:
  visitor: {}
  customer: { inherits: [visitor] }
  staff:
    description: Bookshop employees
    introspection: false
    limits: { depth: 16, cost: 50000, graphql: { aliases: 0, batch: 50 } }
  service: { everything: true }
`;

const books = `tables:
  books:
    database: main
    relation: public.books
    key: [id]
    description: What we sell.
    columns:
      isbn: { description: ISBN-13, name: isbn13 }
      cost: { hidden: true }
      flag: { type: boolean }
    relationships:
      author: { column: author_id, to: authors.id }
      reviews: { from: reviews.book_id }
      tags: { through: book_tags, to: tags }
      old_link: false
      shelf: { columns: [room, no], to: { table: stock.shelves, columns: [room, no] } }
      similar: { through: { table: book_pairs, from: book_id, to: other_id }, to: books }
    permissions:
      visitor:
        select:
          columns: [id, title, author_id, price]
          where: { published: true }
          limit: 100
          aggregate: true
      customer:
        select:
          columns: { "*": true, price: { when: { published: true } } }
          where: { _or: [ { published: true }, { owner_id: $jwt.sub } ] }
          aggregate: { min_group: 5 }
        insert:
          columns: [title, price]
          set: { owner_id: $jwt.sub }
          check: { price: { _gte: 0 } }
        update:
          columns: [title, price]
          where: { owner_id: $jwt.sub }
          check: { price: { _gte: 0 }, owner_id: $jwt.sub }
        delete: { where: { owner_id: $jwt.sub } }
      staff: { select: true, insert: true, update: true, delete: true }
`;

const others = `tables:
  authors: {}
  reviews: {}
  book_tags: {}
  tags: {}
  stock.shelves: {}
  book_pairs: {}
`;

const rest = `functions:
  search_books:
    function: public.search_books
    permissions: { visitor: { execute: true } }

limits:
  rows: 1000
  export: 1000000
  body: 1MB
  depth: 8
  cost: 10000
  graphql: { depth: 30, aliases: 250, roots: 50, tokens: 10000, directives: 200, fields: 2500, batch: 10 }
  rate: { visitor: 60/min, customer: 600/min }
  numbers: number
  unfiltered_writes: false
  dry_run: [staff]

operations:
  folder: operations/shop/
  only: [visitor]
  roles: { StaffReport: [staff] }

docs:
  roles: [customer, visitor, customer]
  folder: docs//guides/
`;

const tests = `tests:
  - name: a visitor sees published books only
    as: anonymous
    request: { get: "/rest/v1/books?select=id&order=id" }
    expect: { status: 200, body: [ { id: 1 }, { id: 2 } ] }
  - name: a customer cannot touch another customer's book
    as: { role: customer, claims: { sub: "7" } }
    request: { patch: "/rest/v1/books?id=eq.1", body: { title: Mine }, prefer: return=representation }
    expect: { status: 200, body: [] }
`;

const moreTests = `tests:
  - name: visitors write nothing
    as: { role: visitor }
    denied: { books: [insert, update, delete] }
`;

const files = {
  'novastack.yaml': head,
  'main.yaml': databases,
  'callers.yaml': auth,
  'roles.yaml': roles,
  'tables/books.yaml': books,
  'tables/others.yaml': others,
  'rest.yaml': rest,
  'tests/a.yaml': tests,
  'tests/b.yml': moreTests,
};

const documents = {
  'operations/shop/books.graphql': 'query BookList { books { id } }',
  'operations/shop/staff/report.graphql': 'query StaffReport { books { id } }',
};

const build = (texts: { readonly [path: string]: string }) => {
  return buildProject({
    root: '/',
    files: Object.entries(texts).map(([path, text]) => ({ path, text })),
    diagnostics: [],
  });
};

const path = ['tables', 'books', 'permissions'];
const compare = (
  column: string,
  operator: '_eq' | '_gte',
  operand: object,
  ...place: (string | number)[]
) => {
  return { kind: 'compare', column, operator, operand, path: [...path, ...place] } as Predicate;
};
const sub = { kind: 'claim', path: ['sub'] };
const yes = { kind: 'literal', value: true };
const zero = { kind: 'literal', value: 0 };
const table = (name: string) => ({
  name,
  database: 'main',
  relation: undefined,
  key: undefined,
  description: undefined,
  columns: new Map(),
  relationships: new Map(),
  permissions: new Map(),
});
const asProject = {
  depth: undefined,
  aliases: undefined,
  roots: undefined,
  tokens: undefined,
  directives: undefined,
  fields: undefined,
  batch: undefined,
};
const role = {
  inherits: [],
  description: undefined,
  introspection: true,
  everything: false,
  limits: { depth: undefined, cost: undefined, graphql: asProject },
};

/** Everything but `files` and `locate`. */
const expected: Omit<Project, 'files' | 'locate'> = {
  name: 'bookshop',
  title: 'Bookshop',
  description: 'Catalogue, orders and reviews.',
  databases: new Map([
    [
      'main',
      {
        name: 'main',
        engine: 'postgres',
        url: '${env:BOOKSHOP_URL}',
        schemas: ['public', 'stock'],
        searchPath: ['extensions'],
        migrations: 'migrations/main',
        seeds: 'seeds/main',
        pool: { max: 20, acquireMs: 5_000, idleMs: 30_000, lifetimeMs: 1_800_000, mode: 'session' },
        timeoutMs: 10_000,
        replicas: ['${env:REPLICA}'],
        region: 'eu-west-3',
      },
    ],
  ]),
  auth: {
    anonymous: 'visitor',
    jwt: [
      {
        issuer: 'https://login.example.eu/',
        jwks: 'https://login.example.eu/.well-known/jwks.json',
        secret: undefined,
        audience: 'bookshop',
        role: ['https://x/claims', 'role'],
        roles: ['roles'],
        defaultRole: 'customer',
      },
    ],
  },
  cors: { origins: ['*'] },
  roles: new Map([
    ['visitor', { ...role, name: 'visitor' }],
    ['customer', { ...role, name: 'customer', inherits: ['visitor'] }],
    [
      'staff',
      {
        ...role,
        name: 'staff',
        description: 'Bookshop employees',
        introspection: false,
        limits: { depth: 16, cost: 50_000, graphql: { ...asProject, aliases: 0, batch: 50 } },
      },
    ],
    ['service', { ...role, name: 'service', everything: true }],
  ]),
  tables: new Map<string, TableConfig>([
    [
      'books',
      {
        name: 'books',
        database: 'main',
        relation: 'public.books',
        key: ['id'],
        description: 'What we sell.',
        columns: new Map([
          [
            'isbn',
            { description: 'ISBN-13', name: 'isbn13', hidden: false, personal: false, type: undefined },
          ],
          [
            'cost',
            { description: undefined, name: undefined, hidden: true, personal: false, type: undefined },
          ],
          [
            'flag',
            { description: undefined, name: undefined, hidden: false, personal: false, type: 'boolean' },
          ],
        ]),
        relationships: new Map<string, RelationshipConfig>([
          [
            'author',
            {
              kind: 'one',
              columns: ['author_id'],
              to: { table: 'authors', columns: ['id'] },
              description: undefined,
            },
          ],
          [
            'reviews',
            { kind: 'many', from: { table: 'reviews', columns: ['book_id'] }, description: undefined },
          ],
          [
            'tags',
            {
              kind: 'through',
              through: { table: 'book_tags', from: undefined, to: undefined },
              to: 'tags',
              description: undefined,
            },
          ],
          ['old_link', false],
          [
            'shelf',
            {
              kind: 'one',
              columns: ['room', 'no'],
              to: { table: 'stock.shelves', columns: ['room', 'no'] },
              description: undefined,
            },
          ],
          [
            'similar',
            {
              kind: 'through',
              through: { table: 'book_pairs', from: ['book_id'], to: ['other_id'] },
              to: 'books',
              description: undefined,
            },
          ],
        ]),
        permissions: new Map<string, TablePermission>([
          [
            'visitor',
            {
              select: {
                columns: ['id', 'title', 'author_id', 'price'],
                when: new Map(),
                keyed: false,
                where: compare('published', '_eq', yes, 'visitor', 'select', 'where', 'published'),
                limit: 100,
                aggregate: true,
                minGroup: 1,
              },
              insert: undefined,
              update: undefined,
              delete: undefined,
            },
          ],
          [
            'customer',
            {
              select: {
                columns: '*',
                when: new Map([
                  [
                    'price',
                    compare(
                      'published',
                      '_eq',
                      yes,
                      'customer',
                      'select',
                      'columns',
                      'price',
                      'when',
                      'published',
                    ),
                  ],
                ]),
                keyed: true,
                where: {
                  kind: 'or',
                  path: [...path, 'customer', 'select', 'where', '_or'],
                  of: [
                    compare('published', '_eq', yes, 'customer', 'select', 'where', '_or', 0, 'published'),
                    compare('owner_id', '_eq', sub, 'customer', 'select', 'where', '_or', 1, 'owner_id'),
                  ],
                },
                limit: undefined,
                aggregate: true,
                minGroup: 5,
              },
              insert: {
                columns: ['title', 'price'],
                set: new Map([['owner_id', { kind: 'claim', path: ['sub'] }]]),
                check: compare('price', '_gte', zero, 'customer', 'insert', 'check', 'price', '_gte'),
              },
              update: {
                columns: ['title', 'price'],
                set: new Map(),
                where: compare('owner_id', '_eq', sub, 'customer', 'update', 'where', 'owner_id'),
                check: {
                  kind: 'and',
                  path: [...path, 'customer', 'update', 'check'],
                  of: [
                    compare('price', '_gte', zero, 'customer', 'update', 'check', 'price', '_gte'),
                    compare('owner_id', '_eq', sub, 'customer', 'update', 'check', 'owner_id'),
                  ],
                },
              },
              delete: { where: compare('owner_id', '_eq', sub, 'customer', 'delete', 'where', 'owner_id') },
            },
          ],
          [
            'staff',
            {
              select: {
                columns: '*',
                when: new Map(),
                keyed: false,
                where: undefined,
                limit: undefined,
                aggregate: true,
                minGroup: 1,
              },
              insert: { columns: '*', set: new Map(), check: undefined },
              update: { columns: '*', set: new Map(), where: undefined, check: undefined },
              delete: { where: undefined },
            },
          ],
        ]),
      },
    ],
    ...['authors', 'reviews', 'book_tags', 'tags', 'stock.shelves', 'book_pairs'].map(
      (name) => [name, table(name)] as const,
    ),
  ]),
  functions: new Map([
    [
      'search_books',
      {
        name: 'search_books',
        function: 'public.search_books',
        database: 'main',
        permissions: new Map([['visitor', { execute: true }]]),
      },
    ],
  ]),
  limits: {
    rows: 1000,
    export: 1_000_000,
    body: 1_048_576,
    depth: 8,
    cost: 10_000,
    graphql: {
      depth: 30,
      aliases: 250,
      roots: 50,
      tokens: 10_000,
      directives: 200,
      fields: 2_500,
      batch: 10,
    },
    rate: new Map([
      ['visitor', { count: 60, perMs: 60_000 }],
      ['customer', { count: 600, perMs: 60_000 }],
    ]),
    numbers: 'number',
    unfilteredWrites: false,
    dryRun: ['staff'],
  },
  operations: {
    folder: 'operations/shop',
    only: ['visitor'],
    roles: new Map([['StaffReport', ['staff']]]),
    files: [
      { path: 'operations/shop/books.graphql', text: 'query BookList { books { id } }' },
      { path: 'operations/shop/staff/report.graphql', text: 'query StaffReport { books { id } }' },
    ],
  },
  docs: { roles: ['customer', 'visitor'], folder: 'docs/guides' },
  tests: [
    {
      name: 'a visitor sees published books only',
      as: 'anonymous',
      request: {
        kind: 'rest',
        method: 'GET',
        path: '/rest/v1/books?select=id&order=id',
        body: undefined,
        prefer: undefined,
        headers: new Map(),
      },
      expect: {
        status: 200,
        body: [{ id: 1 }, { id: 2 }],
        contains: undefined,
        headers: new Map(),
        count: undefined,
        hidden: [],
      },
      given: new Map(),
      denied: new Map(),
      allowed: new Map(),
      path: ['tests', 0],
    },
    {
      name: "a customer cannot touch another customer's book",
      as: { role: 'customer', claims: { sub: '7' } },
      request: {
        kind: 'rest',
        method: 'PATCH',
        path: '/rest/v1/books?id=eq.1',
        body: { title: 'Mine' },
        prefer: 'return=representation',
        headers: new Map(),
      },
      expect: {
        status: 200,
        body: [],
        contains: undefined,
        headers: new Map(),
        count: undefined,
        hidden: [],
      },
      given: new Map(),
      denied: new Map(),
      allowed: new Map(),
      path: ['tests', 1],
    },
    {
      name: 'visitors write nothing',
      as: { role: 'visitor', claims: {} },
      request: undefined,
      expect: undefined,
      given: new Map(),
      denied: new Map([['books', ['insert', 'update', 'delete']]]),
      allowed: new Map(),
      path: ['tests', 2],
    },
  ],
};

/** Objects of YAML have no prototype; the comparison is of what they hold. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}

test('reads every key of a whole project', () => {
  const { value, diagnostics } = build({ ...files, ...documents });
  const { files: hashes, locate, ...rest } = value!;
  assert.deepEqual(plain(rest), plain(expected));
  assert.deepEqual([...hashes.keys()], [...Object.keys(files), ...Object.keys(documents)].sort());
  assert.match(hashes.get('novastack.yaml')!, /^[0-9a-f]{64}$/);
  assert.deepEqual(locate(['tests', 2, 'denied', 'books', 1]), {
    file: 'tests/b.yml',
    span: { start: { line: 4, column: 31 }, end: { line: 4, column: 37 } },
  });
  assert.deepEqual(locate(['tables', 'books', 'permissions', 'visitor', 'select', 'limit'], 'key'), {
    file: 'tables/books.yaml',
    span: { start: { line: 23, column: 11 }, end: { line: 23, column: 16 } },
  });
  assert.deepEqual(
    diagnostics.map(({ code, source }) => [
      code,
      source!.file,
      source!.span.start.line,
      source!.span.start.column,
    ]),
    [
      ['NOT_ENFORCED', 'main.yaml', 11, 5],
      ['NOT_ENFORCED', 'main.yaml', 12, 5],
      ['NOT_ENFORCED', 'rest.yaml', 13, 3],
    ],
  );
});

test('reads the same from one file', () => {
  const joined = books + others.replace('tables:\n', '');
  const one = head + databases + auth + roles + joined + rest + tests + moreTests.replace('tests:\n', '');
  const { value, diagnostics } = build({ 'novastack.yaml': one, ...documents });
  const { files: _files, locate: _locate, ...rest_ } = value!;
  assert.deepEqual(plain(rest_), plain(expected));
  assert.deepEqual([...new Set(diagnostics.map(({ code }) => code))], ['NOT_ENFORCED']);
});

test('is described by novastack.schema.json, file by file', () => {
  const validate = new Ajv({ strict: false }).compile(novastackSchema());
  for (const [file, text] of Object.entries(files)) {
    const { document } = parseDocument(file, text);
    assert.ok(validate(document!.value as Literal), `${file}: ${JSON.stringify(validate.errors)}`);
  }
});

test('gives a small project its defaults', () => {
  const { value, diagnostics } = build({
    'novastack.yaml': 'novastack: 1\nproject: small\ndatabases: { db: { engine: embedded } }',
  });
  assert.deepEqual(diagnostics, []);
  const { files: _files, locate: _locate, ...rest } = value!;
  assert.deepEqual(plain(rest), {
    name: 'small',
    title: undefined,
    description: undefined,
    databases: new Map([
      [
        'db',
        {
          name: 'db',
          engine: 'embedded',
          url: undefined,
          schemas: undefined,
          searchPath: [],
          migrations: undefined,
          seeds: undefined,
          pool: { max: 20, acquireMs: 5_000, idleMs: 30_000, lifetimeMs: 1_800_000, mode: 'session' },
          timeoutMs: 10_000,
          replicas: [],
          region: undefined,
        },
      ],
    ]),
    auth: { anonymous: undefined, jwt: [] },
    cors: { origins: ['*'] },
    roles: new Map(),
    tables: new Map(),
    functions: new Map(),
    limits: {
      rows: 1000,
      export: undefined,
      body: 1_048_576,
      depth: 8,
      cost: 10_000,
      graphql: {
        depth: 30,
        aliases: 250,
        roots: 50,
        tokens: 10_000,
        directives: 200,
        fields: 2_500,
        batch: 10,
      },
      rate: new Map(),
      numbers: 'number',
      unfilteredWrites: false,
      dryRun: [],
    },
    operations: undefined,
    docs: { roles: [], folder: undefined },
    tests: [],
  });
});

test('is frozen', () => {
  const { value } = build({ ...files, ...documents });
  const books = value!.tables.get('books')!;
  for (const part of [
    value,
    value!.limits,
    books,
    books.key,
    books.permissions.get('visitor')!.select,
    value!.tests[0]!.expect,
  ]) {
    assert.ok(Object.isFrozen(part));
  }
});
