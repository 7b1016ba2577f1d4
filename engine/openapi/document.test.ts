/** The OpenAPI document of a role: valid by a public validator, and nothing in it that the role may not see. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { createProject } from '../../test/project.ts';
import { shopSql, shopYaml } from '../../test/shop.ts';
import { openapi } from './document.ts';

type Json = { readonly [key: string]: Json } & readonly Json[];
const options = { serverUrl: '/shop/rest/v1' };

test('describes one role', async (t) => {
  const { api } = await createProject(t, {
    sql: shopSql,
    yaml: shopYaml,
    schemas: ['public', 'personal'],
  });
  const of = (role: string) => JSON.parse(JSON.stringify(openapi(api, role, options))) as Json;

  for (const role of ['visitor', 'customer', 'staff', 'writer', 'service', 'undeclared'])
    await t.test(`is valid OpenAPI 3.1 for ${role}`, async () => {
      const validator = new Validator();
      const result = await validator.validate(of(role) as unknown as Record<string, unknown>);
      assert.deepEqual(result.errors ?? [], []);
      assert.equal(result.valid, true);
      assert.equal(validator.version, '3.1');
    });

  await t.test('lists the paths and verbs that were granted, and no others', () => {
    const verbs = (role: string) =>
      Object.entries(of(role).paths!).map(([path, item]) => [
        path,
        Object.keys(item).filter((key) => key !== 'parameters'),
      ]);
    assert.deepEqual(verbs('writer'), [['/books', ['post']]]);
    assert.deepEqual(verbs('undeclared'), []);
    assert.deepEqual(verbs('visitor'), [
      ['/people', ['get']],
      ['/people/{id}', ['get']],
      ['/books', ['get']],
      ['/books/{id}', ['get']],
      ['/reviews', ['get']],
      ['/reviews/{id}', ['get']],
      ['/tags', ['get']],
      ['/tags/{id}', ['get']],
      ['/book_tags', ['get']],
      ['/book_tags/{book_id},{tag_id}', ['get']],
    ]);
    assert.deepEqual(
      verbs('customer').filter(([path]) => String(path).startsWith('/books')),
      [
        ['/books', ['get', 'post', 'patch', 'delete']],
        ['/books/{id}', ['get', 'put', 'patch', 'delete']],
      ],
    );
  });

  await t.test('has the columns of the role, with types, nulls and what a body must have', () => {
    const schemas = of('customer').components!.schemas!;
    assert.deepEqual(schemas.books, {
      type: 'object',
      properties: {
        id: { type: 'integer', format: 'int32' },
        title: { type: 'string' },
        price: { type: ['number', 'null'], format: 'decimal' },
        published: { type: 'boolean' },
        author_id: { type: ['integer', 'null'], format: 'int32' },
        editor_id: { type: ['integer', 'null'], format: 'int32' },
        owner: { type: ['string', 'null'] },
        author: {
          anyOf: [{ $ref: '#/components/schemas/people' }, { type: 'null' }],
          description: 'Embedded by select=author(…).',
        },
        editor: {
          anyOf: [{ $ref: '#/components/schemas/people' }, { type: 'null' }],
          description: 'Embedded by select=editor(…).',
        },
        book_tags: {
          type: 'array',
          items: { $ref: '#/components/schemas/book_tags' },
          description: 'Embedded by select=book_tags(…).',
        },
        reviews: {
          type: 'array',
          items: { $ref: '#/components/schemas/reviews' },
          description: 'Embedded by select=reviews(…).',
        },
        tags: {
          type: 'array',
          items: { $ref: '#/components/schemas/tags' },
          description: 'Embedded by select=tags(…).',
        },
      },
    });
    assert.deepEqual(schemas['books.insert'], {
      type: 'object',
      properties: {
        id: { type: 'integer', format: 'int32' },
        title: { type: 'string' },
        price: { type: ['number', 'null'], format: 'decimal' },
        published: { type: 'boolean' },
        author_id: { type: ['integer', 'null'], format: 'int32' },
      },
      required: ['title'],
      additionalProperties: false,
    });
    assert.deepEqual(schemas['books.update'], {
      type: 'object',
      properties: { title: { type: 'string' }, price: { type: ['number', 'null'], format: 'decimal' } },
      additionalProperties: false,
    });
    assert.deepEqual(of('staff').components!.parameters!['books.isbn13'], {
      name: 'isbn13',
      in: 'query',
      description: 'Filter as operator.value, such as `eq.5`. ISBN-13',
      schema: { type: 'string' },
    });
  });

  await t.test('says nothing of what the role may not see', () => {
    for (const [role, words] of [
      ['visitor', ['cost', 'salary', 'owner', 'isbn', 'audit', 'order_lines', 'personal', 'mail']],
      ['customer', ['cost', 'salary', 'isbn', 'audit', 'order_lines', 'personal']],
      ['staff', ['"cost"', 'salary', 'audit']],
      ['service', ['"cost"', 'salary', 'audit']],
    ] as const)
      for (const word of words) assert.ok(!JSON.stringify(of(role)).includes(word), `${role}: ${word}`);
  });

  await t.test('keeps hostile names inert', () => {
    const document = of('staff');
    const schema = document.components!.schemas!.we_ird!;
    assert.deepEqual(Object.keys(schema.properties!), ['a.b', '__proto__', 'sel,ect', 'order', '😀']);
    assert.deepEqual(
      Object.keys(document.paths!).filter((path) => path.startsWith('/we')),
      ['/we%20ird', '/we%20ird/{key.1}'],
    );
    const names = Object.entries(document.components!.parameters!)
      .filter(([key]) => key.startsWith('we_ird'))
      .map(([key, parameter]) => [key, parameter.name]);
    assert.deepEqual(names, [
      ['we_ird.a.b', '"a.b"'],
      ['we_ird.__proto__', '__proto__'],
      ['we_ird.sel_ect', '"sel,ect"'],
      ['we_ird.order', '"order"'],
      ['we_ird._', '"😀"'],
    ]);
  });

  await t.test('names the profile of a table in another schema', () => {
    const { parameters } = of('staff').paths!['/users']!.get as unknown as { parameters: Json };
    assert.deepEqual(parameters[0], {
      name: 'Accept-Profile',
      in: 'header',
      required: true,
      schema: { type: 'string', enum: ['personal'] },
    });
  });

  await t.test('is made once for an Api and role, whatever the server', () => {
    const first = openapi(api, 'staff', options);
    const second = openapi(api, 'staff', { serverUrl: 'https://shop.example.eu/rest/v1' });
    assert.equal(first.paths, second.paths);
    assert.deepEqual(second.servers, [{ url: 'https://shop.example.eu/rest/v1' }]);
    assert.notEqual(openapi(api, 'undeclared', options).paths, openapi(api, 'undeclared', options).paths);
  });
});
