import assert from 'node:assert/strict';
import test from 'node:test';
import { sample } from '../../test/graphql-model.ts';
import { documentLimits } from './limits.ts';
import type { Model } from './model.ts';
import type { OperationPlan } from './operation.ts';
import { planOperation } from './plan.ts';
import { Refusal } from './refusal.ts';
import { SchemaTypes } from './schema.ts';
import { validateDocument } from './validate.ts';

const types = new SchemaTypes(sample);

function plan(text: string, operation?: string, model: Model = sample): OperationPlan {
  const { introspection } = model;
  const validated = validateDocument(text, operation, types, {
    limits: documentLimits(sample.limits),
    introspection,
  });
  return planOperation(validated, model, types);
}

function refusal(text: string, operation?: string, model?: Model): readonly [string, string, string] {
  try {
    plan(text, operation, model);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return [error.code, error.path, error.message];
  }
  assert.fail(`not refused: ${text}`);
}

const always = undefined;
const columnOf = (name: string, as = name) => ({
  kind: 'column',
  as,
  when: always,
  column: `${name}!`,
  number: undefined,
});

test('plans fields by API names and keys of the answer', () => {
  assert.deepEqual(plan('query Q { b: books(limit: 2) { id t: title price __typename } }'), {
    kind: 'query',
    name: 'Q',
    variables: [],
    roots: [
      {
        kind: 'list',
        as: 'b',
        when: always,
        table: 'books',
        arguments: [{ name: 'limit', value: { kind: 'number', text: '2' } }],
        fields: [
          columnOf('id'),
          columnOf('title', 't'),
          { ...columnOf('price'), number: 'string' },
          { kind: 'typename', as: '__typename', when: always, text: 'books' },
        ],
      },
    ],
  });
});

test('merges fields of fragments and repeated fields in the order they first appear', () => {
  const { roots } = plan(`
    query { books { id ...A author { id } ... on books { title } } }
    fragment A on books { author { name ...B } id }
    fragment B on authors { id n: name }
  `);
  const [books] = roots;
  assert.ok(books?.kind === 'list');
  const author = {
    kind: 'embed',
    as: 'author',
    when: always,
    relationship: 'author!',
    table: 'authors',
    arguments: [],
    fields: [columnOf('name'), columnOf('id'), columnOf('name', 'n')],
  };
  assert.deepEqual(books.fields, [columnOf('id'), author, columnOf('title')]);
});

test('guards fields by the variables of @include and @skip, and leaves out what literals leave out', () => {
  const { roots } = plan(`query ($a: Boolean!, $b: Boolean!) {
    books @include(if: $a) {
      id
      title @skip(if: true)
      extra @skip(if: false)
      price @include(if: $a) @skip(if: $b)
      tags @include(if: $a)
      ... @skip(if: $b) { tags }
    }
    books { id }
  }`);
  const [books] = roots;
  assert.ok(books?.kind === 'list');
  assert.equal(books.when, always);
  const a = { variable: 'a', equals: true };
  const notB = { variable: 'b', equals: false };
  assert.deepEqual(
    books.fields.map(({ as, when }) => [as, when]),
    [
      ['id', always],
      ['extra', [[a]]],
      ['price', [[a, notB]]],
      ['tags', [[a], [a, notB]]],
    ],
  );
});

test('plans aggregates with their nodes, and mutations with what they answer', () => {
  const { roots } = plan(`mutation {
    insert_books(objects: [{ id: 1, extra: { a: [1.10] } }]) {
      affected_rows
      returning { reviews_aggregate { aggregate { count(columns: [stars], distinct: true) } nodes { id } } }
      __typename
    }
  }`);
  assert.deepEqual(roots, [
    {
      kind: 'insert',
      as: 'insert_books',
      when: always,
      table: 'books',
      arguments: [
        {
          name: 'objects',
          value: {
            kind: 'list',
            of: [
              {
                kind: 'object',
                fields: [
                  { name: 'id', value: { kind: 'number', text: '1' } },
                  {
                    name: 'extra',
                    value: {
                      kind: 'object',
                      fields: [
                        { name: 'a', value: { kind: 'list', of: [{ kind: 'number', text: '1.10' }] } },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        },
      ],
      response: [
        { kind: 'affectedRows', as: 'affected_rows', when: always },
        {
          kind: 'returning',
          as: 'returning',
          when: always,
          fields: [
            {
              kind: 'aggregate',
              as: 'reviews_aggregate',
              when: always,
              relationship: 'reviews!',
              table: 'reviews',
              arguments: [],
              parts: [
                {
                  kind: 'summary',
                  as: 'aggregate',
                  when: always,
                  items: [
                    {
                      kind: 'count',
                      as: 'count',
                      when: always,
                      arguments: [
                        { name: 'columns', value: { kind: 'list', of: [{ kind: 'text', text: 'stars' }] } },
                        { name: 'distinct', value: { kind: 'boolean', value: true } },
                      ],
                    },
                  ],
                },
                { kind: 'nodes', as: 'nodes', when: always, fields: [columnOf('id')] },
              ],
            },
          ],
        },
        { kind: 'typename', as: '__typename', when: always, text: 'books_mutation_response' },
      ],
    },
  ]);
});

test('chooses the operation by its name, and keeps types and defaults of its variables', () => {
  const text =
    'query A { __typename } query B($l: Int = 3, $w: books_bool_exp) { books(limit: $l, where: $w) { id } }';
  const planned = plan(text, 'B');
  assert.equal(planned.name, 'B');
  assert.deepEqual(planned.variables, [
    { name: 'l', type: 'Int', default: { kind: 'number', text: '3' } },
    { name: 'w', type: 'books_bool_exp', default: undefined },
  ]);
  assert.deepEqual(refusal(text, 'C'), ['NS602', '$', 'no such operation found in the document: "C"']);
  assert.equal(refusal(text)[0], 'NS602');
});

test("refuses what does not fit, with Hasura's path to it", () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['{ books { titel } }', 'NS602', '$.selectionSet.books.selectionSet.titel', `field 'titel' not found in type: 'books'. Did you mean "title"?`],
    ['{ book { id } }', 'NS602', '$.selectionSet.book', `field 'book' not found in type: 'query_root'. Did you mean "books"?`],
    ['mutation { insert_bok { id } }', 'NS602', '$.selectionSet.insert_bok', `field 'insert_bok' not found in type: 'mutation_root'. Did you mean "insert_books"?`],
    ['{ books(where: {id: {_eq: "1"}}) { id } }', 'NS602', '$.selectionSet.books.args.where.id._eq', 'Int cannot represent non-integer value: "1"'],
    ['{ books(where: {_or: [{id: {_eq: 1}}, {price: {_gt: true}}]}) { id } }', 'NS602', '$.selectionSet.books.args.where._or[1].price._gt', `Expected value of type "numeric", found true; expected a number, or a string with one, for type 'numeric'`],
    ['query ($w: nothing) { books(where: $w) { id } }', 'NS602', '$', 'Unknown type "nothing".'],
    ['query ($w: book_bool_exp) { books(where: $w) { id } }', 'NS602', '$', 'Unknown type "book_bool_exp". Did you mean "books_bool_exp"?'],
    ['{ books { id: title id } }', 'NS602', '$.selectionSet.books.selectionSet.id', '"id" is asked for twice with different fields or arguments; give one of them an alias'],
    ['{ books(limit: 1) { id } books(limit: 2) { id } }', 'NS602', '$.selectionSet.books', '"books" is asked for twice with different fields or arguments; give one of them an alias'],
    ['{ books', 'NS601', '$.query', 'not a valid graphql query: Expected Name, found <EOF>. (line 1, column 8)'],
    ['', 'NS601', '$.query', 'not a valid graphql query: Unexpected <EOF>. (line 1, column 1)'],
    ['fragment A on books { id }', 'NS602', '$', 'the document has no operation'],
    [
      'subscription { nope { id } }',
      'NS602',
      '$.selectionSet.nope',
      "field 'nope' not found in type: 'subscription_root'.",
    ],
    ['mutation { delete_books { affected_rows } }', 'NS602', '$.selectionSet.delete_books', 'Field "delete_books" argument "where" of type "books_bool_exp!" is required, but it was not provided.'],
    ['{ books { author { books { author { books { id } } } } } }', 'NS603', '$.selectionSet.books.selectionSet.author.selectionSet.books.selectionSet.author.selectionSet.books', 'the document follows more than 3 levels of relationships'],
  ]; // biome-ignore format: a table
  for (const [text, ...expected] of cases) assert.deepEqual(refusal(text), expected, text);
});

test('without introspection neither the schema nor a suggestion is given', () => {
  const model = { ...sample, introspection: false };
  assert.deepEqual(refusal('{ __schema { queryType { name } } }', undefined, model), [
    'NS602',
    '$.selectionSet.__schema',
    'GraphQL introspection is not allowed for this role, but the document contains __schema',
  ]);
  assert.equal(
    refusal('{ books { titel } }', undefined, model)[2],
    "field 'titel' not found in type: 'books'.",
  );
  assert.equal(plan('{ __typename }', undefined, model).roots.length, 1);
});
