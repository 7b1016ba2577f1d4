/** OpenAPI 3.1 of functions, computed fields, and of the forms and headers of reads and writes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createProject } from '../../test/project.ts';
import { openapi } from './document.ts';
import { librarySql, libraryYaml } from './library.fixture.ts';

type Json = { readonly [key: string]: Json } & readonly Json[];

const options = { serverUrl: '/library/rest/v1' };
const problem = { $ref: '#/components/responses/Problem' };
const refs = (...keys: string[]) => keys.map((key) => ({ $ref: `#/components/parameters/${key}` }));
const schema = (key: string) => ({ $ref: `#/components/schemas/${key}` });
const csv = { schema: { type: 'string', description: 'Names of columns, then one line a row.' } };
const written = (row: unknown) => ({
  'application/json': { schema: { type: 'array', items: row } },
  'application/vnd.pgrst.object+json': { schema: row },
  'text/csv': csv,
});
const rows = (row: unknown) => ({
  ...written(row),
  'application/x-ndjson': { schema: { type: 'string', description: 'One row a line, streamed.' } },
});
const headers = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
const counted = (row: unknown) => ({
  200: { description: 'What the function gives.', headers: headers('Content-Range'), content: rows(row) },
  206: { description: 'A page of the rows counted.', headers: headers('Content-Range'), content: rows(row) },
  default: problem,
});
const shaping = ['and', 'or', 'order', 'limit', 'offset', 'prefer.read'];

test('describes functions to each role', async (t) => {
  const { api } = await createProject(t, { sql: librarySql, yaml: libraryYaml });
  const of = (role: string) => JSON.parse(JSON.stringify(openapi(api, role, options))) as Json;
  const calls = (role: string) =>
    Object.entries(of(role).paths!)
      .filter(([path]) => String(path).startsWith('/rpc/'))
      .map(([path, item]) => [path, Object.keys(item as object)]);

  await t.test('by the methods that reach them', () => {
    assert.deepEqual(calls('reader'), [['/rpc/in_state', ['get', 'post']]]);
    assert.deepEqual(calls('clerk'), [['/rpc/publish', ['post']]]);
    assert.deepEqual(calls('editor'), [
      ['/rpc/in_state', ['get', 'post']],
      ['/rpc/publish', ['post']],
      ['/rpc/area', ['get', 'post']],
      ['/rpc/echo', ['post']],
      ['/rpc/totals', ['get', 'post']],
      ['/rpc/open_vault', ['post']],
    ]);
    assert.deepEqual(calls('undeclared'), []);
  });

  await t.test('with rows of an exposed table as the role reads them', () => {
    const about = { tags: ['/rpc/in_state'], description: 'Books in a state.\nWords narrow it.' };
    const row = ['select', 'books.id', 'books.title', 'books.author', ...shaping];
    assert.deepEqual(of('reader').paths!['/rpc/in_state'], {
      get: {
        operationId: 'read_rpc.in_state',
        ...about,
        parameters: [
          {
            name: 'wanted',
            in: 'query',
            required: true,
            schema: { type: 'string', enum: ['open', "it's done"] },
          },
          {
            name: 'words',
            in: 'query',
            required: false,
            description: 'May be given several times.',
            schema: { type: 'array', items: { type: 'string' } },
          },
          ...refs(...row),
        ],
        responses: counted(schema('books')),
      },
      post: {
        operationId: 'call_rpc.in_state',
        ...about,
        parameters: refs(...row),
        requestBody: {
          required: true,
          content: {
            'application/json': {
              schema: {
                type: 'object',
                description: 'Books in a state.\nWords narrow it.',
                properties: {
                  wanted: { type: ['string', 'null'], enum: ['open', "it's done", null] },
                  words: { type: ['array', 'null'], items: { type: ['string', 'null'] } },
                },
                required: ['wanted'],
                additionalProperties: false,
              },
            },
          },
        },
        responses: counted(schema('books')),
      },
    });
  });

  await t.test('with rows of their own, nothing, overloads, and a whole body', () => {
    const { paths, components } = of('editor');
    const totals = paths!['/rpc/totals']!;
    const filter = (name: string) => ({
      name,
      in: 'query',
      description: 'Filter as operator.value, such as `eq.5`.',
      schema: { type: 'string' },
    });
    assert.deepEqual(totals.get, {
      operationId: 'read_rpc.totals',
      tags: ['/rpc/totals'],
      parameters: [...refs('select'), filter('state'), filter('total'), ...refs(...shaping)],
      responses: counted(schema('rpc.totals.row')),
    });
    assert.equal(totals.post!.requestBody, undefined);
    assert.deepEqual(components!.schemas!['rpc.totals.row'], {
      type: 'object',
      properties: {
        state: { type: ['string', 'null'], enum: ['open', "it's done", null] },
        total: { type: ['integer', 'null'], format: 'int64' },
      },
    });
    assert.deepEqual(paths!['/rpc/publish']!.post!.responses, {
      204: { description: 'Done.' },
      default: problem,
    });
    const number = { type: ['integer', 'null'], format: 'int32' };
    const given = (properties: object) => ({
      type: 'object',
      properties,
      required: Object.keys(properties),
      additionalProperties: false,
    });
    assert.deepEqual(paths!['/rpc/area']!.post, {
      operationId: 'call_rpc.area',
      tags: ['/rpc/area'],
      parameters: [],
      requestBody: {
        required: true,
        content: {
          'application/json': { schema: { anyOf: [given({ w: number }), given({ w: number, h: number })] } },
        },
      },
      responses: {
        200: { description: 'What the function gives.', content: { 'application/json': { schema: number } } },
        default: problem,
      },
    });
    assert.deepEqual(paths!['/rpc/echo']!.post!.requestBody, {
      required: true,
      content: { 'application/json': { schema: {} } },
    });
  });

  await t.test('without naming the table whose rows the role does not read', () => {
    const { parameters, responses } = of('editor').paths!['/rpc/open_vault']!.post!;
    assert.deepEqual(parameters, refs('select', ...shaping));
    assert.deepEqual(responses, counted({}));
    for (const [role, words] of [
      ['reader', ['pin', 'contact', 'full_name', 'publish', 'vault', 'totals']],
      ['clerk', ['authors', 'in_state', 'token', 'vault']],
      ['editor', ['"pin', '"vault', '/vault"', 'make_token']],
    ] as const)
      for (const word of words) assert.ok(!JSON.stringify(of(role)).includes(word), `${role}: ${word}`);
  });

  await t.test('and computed fields as properties that are only read', () => {
    const { components, paths } = of('editor');
    assert.deepEqual(components!.schemas!.authors!.properties!.full_name, {
      type: ['string', 'null'],
      description: 'Computed from the row, where select names it.',
      readOnly: true,
    });
    assert.equal(components!.schemas!['authors.insert']!.properties!.full_name, undefined);
    assert.ok(JSON.stringify(paths!['/authors']!.get!.parameters).includes('authors.full_name'));
    assert.equal(of('reader').components!.schemas!.authors!.properties!.full_name, undefined);
  });

  await t.test('beside reads with cursors, forms and ETags, and writes with If-Match', () => {
    const page = { headers: headers('Content-Range', 'Link', 'ETag'), content: rows(schema('books')) };
    assert.deepEqual(of('reader').paths!['/books'], {
      get: {
        operationId: 'list_books',
        tags: ['books'],
        parameters: refs(
          ...['select', 'books.id', 'books.title', 'books.author', 'and', 'or', 'order', 'limit', 'offset'],
          ...['after', 'prefer.read', 'if-none-match'],
        ),
        responses: {
          200: { description: 'All rows that match, or the page.', ...page },
          206: { description: 'A page of the rows counted.', ...page },
          304: { $ref: '#/components/responses/NotModified' },
          default: problem,
        },
      },
    });
    const { get, post, patch } = of('editor').paths!['/books']!;
    const names = (operation: Json) =>
      (operation.parameters as unknown as { $ref: string }[]).map(({ $ref }) => $ref.split('/').at(-1));
    assert.ok(names(get!).includes('having'));
    assert.ok(names(patch!).includes('if-match'));
    assert.deepEqual(patch!.responses!['412'], { $ref: '#/components/responses/PreconditionFailed' });
    assert.deepEqual(Object.keys(post!.requestBody!.content!), ['application/json', 'text/csv']);
  });

  for (const role of ['reader', 'member', 'clerk', 'editor'])
    await t.test(`is valid OpenAPI 3.1 for ${role}`, async () => {
      const result = await new Validator().validate(of(role) as unknown as Record<string, unknown>);
      assert.deepEqual(result.errors ?? [], []);
      assert.equal(result.valid, true);
    });
});

test('keeps hostile names of functions and arguments inert', async (t) => {
  const sql = `
    create table "a/b {c}" (id int primary key, "select" text);
    create function "rpc/x y"("__proto__" int, "select" text, "id" int) returns setof "a/b {c}" language sql stable
      as 'select * from "a/b {c}"';
    create function "__proto__"("a.b" int default 1) returns int language sql stable as 'select 1';
    create function shape("a/b {c}") returns int language sql stable as 'select 1';
  `;
  const yaml = `
roles: { all: { everything: true } }
tables: { "a/b {c}": {} }
functions: { "rpc/x y": {}, "__proto__": {}, shape: {} }
`;
  const { api } = await createProject(t, { sql, yaml });
  const document = JSON.parse(JSON.stringify(openapi(api, 'all', options))) as Json;
  assert.deepEqual(Object.keys(document.paths!), [
    '/a%2Fb%20%7Bc%7D',
    '/a%2Fb%20%7Bc%7D/{id}',
    '/rpc/rpc%2Fx%20y',
    '/rpc/__proto__',
  ]);
  const { get, post } = document.paths!['/rpc/rpc%2Fx%20y']!;
  const names = (get!.parameters as unknown as { name?: string; $ref?: string }[]).map(
    ({ name, $ref }) => name ?? $ref?.split('/').at(-1),
  );
  // An argument goes before a filter or `select` of the same name, and no name comes twice.
  assert.deepEqual(names, ['__proto__', 'select', 'id', 'a_b__c_.select', 'a_b__c_.shape', ...shaping]);
  assert.deepEqual(Object.keys(post!.requestBody!.content!['application/json']!.schema!.properties!), [
    '__proto__',
    'select',
    'id',
  ]);
  const result = await new Validator().validate(document as unknown as Record<string, unknown>);
  assert.deepEqual(result.errors ?? [], []);
});

for (const engine of ['mariadb', 'mysql'] as const)
  test(`describes the procedures of ${engine}`, async (t) => {
    const { api } = await createProject(t, {
      engine,
      sql: `
        create procedure listed(least int) reads sql data select least;
        create procedure totals(out total bigint, in least int, inout name varchar(40)) set total = least;`,
      yaml: 'roles: { reader: {} }\nfunctions:\n  listed: { permissions: { reader: { execute: true } } }\n  totals: { permissions: { reader: { execute: true } } }\n',
    });
    const document = JSON.parse(JSON.stringify(openapi(api, 'reader', options))) as Json;
    assert.deepEqual(await new Validator().validate(structuredClone(document)), { valid: true });
    const { '/rpc/listed': listed, '/rpc/totals': totals } = document.paths!;
    const row = { type: 'object', additionalProperties: true };
    assert.deepEqual(Object.keys(listed!), ['get', 'post']);
    assert.deepEqual(listed!.post!.parameters, []);
    assert.deepEqual(listed!.post!.responses, {
      200: { description: 'What the function gives.', content: rows(row) },
      204: { description: 'Done.' },
      default: problem,
    });
    assert.deepEqual(Object.keys(totals!), ['post']);
    const { properties, required } = totals!.post!.requestBody!.content!['application/json']!.schema!;
    assert.deepEqual(
      [Object.keys(properties!), required],
      [
        ['least', 'name'],
        ['least', 'name'],
      ],
    );
    const { $ref } = totals!.post!.responses!['200']!.content!['application/json']!.schema!;
    const own = document.components!.schemas![String($ref).split('/').at(-1)!]!;
    assert.deepEqual(Object.keys(own.properties!), ['total', 'name']);
  });
