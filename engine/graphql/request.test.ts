import assert from 'node:assert/strict';
import test from 'node:test';
import { roleOf, sample } from '../../test/graphql-model.ts';
import { parseJson } from '../query/json.ts';
import { documentLimits } from './limits.ts';
import { planOperation } from './plan.ts';
import { Refusal } from './refusal.ts';
import { type BuiltRoot, buildRoots } from './request.ts';
import { SchemaTypes } from './schema.ts';
import { validateDocument } from './validate.ts';
import { coerceVariables } from './variables.ts';

const types = new SchemaTypes(sample);
const role = roleOf(sample);

/** @param variables JSON text, as a request carries it */
function build(text: string, variables = '{}'): readonly BuiltRoot[] {
  const options = { limits: documentLimits(sample.limits), introspection: true };
  const plan = planOperation(validateDocument(text, undefined, types, options), sample, types);
  const sent = parseJson(variables) as Record<string, unknown>;
  return buildRoots(plan, coerceVariables(plan, sent, role.inputs), role);
}

function refusal(text: string, variables?: string): readonly [string, string] {
  try {
    build(text, variables);
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return [error.path, error.message];
  }
  assert.fail(`not refused: ${text} ${variables}`);
}

/** The request of the only root, its values as JSON text. */
function requestOf(text: string, variables?: string): Record<string, unknown> & { readonly json: string } {
  const [root] = build(text, variables);
  assert.ok(root?.kind === 'read' || root?.kind === 'write');
  const request = root.kind === 'write' ? root.steps[0]!.request : root.request;
  const { values, ...shape } = request;
  assert.equal(shape.json, true);
  return { ...shape, json: JSON.stringify(values) };
}

const id = [{ kind: 'column', column: 'id!', as: 'id' }];
const compare = (column: string, operator: string, value: number | undefined) => ({
  kind: 'compare',
  column: `${column}!`,
  operator,
  value,
});

test('a list has its filter, order and page; values stand in slots', () => {
  assert.deepEqual(
    requestOf(`{
      books(
        where: { title: { _ilike: "a%" }, price: { _gte: 12345678901234567890.10, _is_null: false } }
        order_by: [{ author: { name: desc_nulls_last }, title: asc }, { id: desc }]
        limit: 5
        offset: 10
      ) { id }
    }`),
    {
      kind: 'read',
      table: 'books!',
      node: {
        fields: id,
        where: {
          kind: 'and',
          of: [
            compare('title', 'ilike', 1),
            compare('price', 'gte', 2),
            compare('price', 'isNotNull', undefined),
          ],
        },
        order: [
          { through: ['author!'], column: 'name!', direction: 'desc', nulls: 'last' },
          { through: [], column: 'title!', direction: 'asc', nulls: undefined },
          { through: [], column: 'id!', direction: 'desc', nulls: undefined },
        ],
        limit: 5,
        offset: 0,
      },
      shape: 'list',
      count: false,
      json: '[10,"a%",12345678901234567890.10]',
    },
  );
});

test('the shape stays the same whether values are literals or variables', () => {
  const { json: literals, ...one } = requestOf('{ books(where: {id: {_in: [1, 2]}}) { id } }');
  const { json: variables, ...other } = requestOf(
    'query ($w: books_bool_exp) { books(where: $w) { id } }',
    '{"w":{"id":{"_in":[3,4]}}}',
  );
  assert.deepEqual(one, other);
  assert.deepEqual([literals, variables], ['[[1,2]]', '[[3,4]]']);
});

test('filters follow relationships and count their rows', () => {
  const where =
    '{"_or":[{"author":{"name":{"_eq":"A"}}},{"_not":{"reviews":{"stars":{"_lt":3}}}},{"reviews_aggregate":{"count":{"arguments":["stars"],"distinct":true,"filter":{"id":{"_gt":1}},"predicate":{"_gt":2,"_in":[5,6]}}}}]}';
  const { node, json } = requestOf(
    'query ($w: books_bool_exp!) { books(where: $w) { id } }',
    `{"w":${where}}`,
  );
  assert.deepEqual(node, {
    fields: id,
    where: {
      kind: 'or',
      of: [
        { kind: 'related', relationship: 'author!', where: compare('name', 'eq', 0) },
        { kind: 'not', of: { kind: 'related', relationship: 'reviews!', where: compare('stars', 'lt', 1) } },
        {
          kind: 'aggregate',
          relationship: 'reviews!',
          columns: ['stars!'],
          distinct: true,
          where: compare('id', 'gt', 2),
          compare: [
            { operator: 'gt', value: 3 },
            { operator: 'in', value: 4 },
          ],
        },
      ],
    },
  });
  assert.equal(json, '["A",3,1,2,[5,6]]');
});

test('the empty filter is true, and in a query what has no value asks nothing', () => {
  assert.deepEqual(requestOf('{ books(where: {}) { id } }').node, {
    fields: id,
    where: { kind: 'and', of: [] },
  });
  assert.deepEqual(requestOf('{ books(where: null, limit: null, order_by: null) { id } }').node, {
    fields: id,
  });
  const optional = 'query ($t: String, $l: Int) { books(where: {title: {_eq: $t}}, limit: $l) { id } }';
  assert.deepEqual(requestOf(optional).node, { fields: id, where: { kind: 'and', of: [] } });
  assert.deepEqual(requestOf(optional, '{"t":"x","l":3}').node, {
    fields: id,
    limit: 3,
    where: compare('title', 'eq', 0),
  });
  assert.deepEqual(refusal(optional, '{"t":null}'), [
    '$.selectionSet.books.args.where.title._eq',
    "unexpected null value for type 'String'",
  ]);
});

test('distinct_on must lead the order, and is the order when there is none', () => {
  const title = { through: [], column: 'title!', direction: 'asc', nulls: undefined };
  assert.deepEqual(requestOf('{ books(distinct_on: title) { id } }').node, {
    fields: id,
    distinct: ['title!'],
    order: [title],
  });
  assert.deepEqual(
    requestOf('{ books(distinct_on: [title], order_by: [{title: asc}, {id: asc}]) { id } }').node,
    {
      fields: id,
      distinct: ['title!'],
      order: [title, { ...title, column: 'id!' }],
    },
  );
  assert.deepEqual(refusal('{ books(distinct_on: [title], order_by: {id: asc}) { id } }'), [
    '$.selectionSet.books.args',
    '"distinct_on" columns must match initial "order_by" columns',
  ]);
});

test('relationships and aggregates have arguments of their own', () => {
  const { node, json } = requestOf(`{
    authors { books(where: { id: { _gt: 1 } }, limit: 1) { reviews_aggregate(where: { stars: { _eq: 5 } }) {
      aggregate { n: count(columns: stars, distinct: true) __typename } nodes { id } __typename } } }
  }`);
  assert.deepEqual(node, {
    fields: [
      {
        kind: 'embed',
        as: 'books',
        relationship: 'books!',
        join: 'left',
        node: {
          fields: [
            {
              kind: 'embedAggregate',
              as: 'reviews_aggregate',
              relationship: 'reviews!',
              node: {
                parts: [
                  {
                    kind: 'summary',
                    as: 'aggregate',
                    items: [
                      { kind: 'count', as: 'n', columns: ['stars!'], distinct: true },
                      { kind: 'constant', as: '__typename', text: 'reviews_aggregate_fields' },
                    ],
                  },
                  { kind: 'nodes', as: 'nodes', fields: id },
                  { kind: 'constant', as: '__typename', text: 'reviews_aggregate' },
                ],
                where: compare('stars', 'eq', 0),
              },
            },
          ],
          where: compare('id', 'gt', 1),
          limit: 1,
        },
      },
    ],
  });
  assert.equal(json, '[5,1]');
});

test('an insert groups rows by the columns they give, under API names', () => {
  const [root] = build(
    'mutation ($o: [books_insert_input!]!) { insert_books(objects: $o) { n: affected_rows returning { id } } }',
    '{"o":[{"id":1,"price":1.10},{"price":"2","id":2},{"id":3,"tags":"x","extra":{"__proto__":1}}]}',
  );
  assert.ok(root?.kind === 'write');
  const shared = { kind: 'insert', table: 'books!', json: true, shape: 'list', rows: 0 };
  const written = { ...shared, returning: [], yields: ['key'] };
  const read = { kind: 'read', table: 'books!', json: true, node: { fields: id }, keys: 0, shape: 'list' };
  assert.deepEqual(
    root.steps.map(({ request: { values, ...request } }) => [request, JSON.stringify(values)]),
    [
      [{ ...written, columns: ['id!', 'price!'] }, '[[{"id!":1,"price!":1.10},{"id!":2,"price!":"2"}]]'],
      [
        { ...written, columns: ['id!', 'extra!', 'tags!'] },
        '[[{"id!":3,"extra!":{"__proto__":1},"tags!":["x"]}]]',
      ],
      [{ ...read, count: false }, '[[]]'],
    ],
  );
  const reread = root.steps[2]!;
  assert.ok(reread.kind === 'reread');
  assert.deepEqual(
    reread.keys.map(({ step, row }) => [step, row]),
    [[0, 0], [0, 1], [1, 0]], // biome-ignore format: pairs
  );
  assert.deepEqual(root.answer, {
    kind: 'response',
    response: {
      parts: [
        { kind: 'affectedRows', as: 'n' },
        { kind: 'returning', as: 'returning', bodies: [{ step: 2, index: 0 }] },
      ],
      steps: [0, 1],
    },
  });
});

test('objects nested in each other are a statement a level, whatever their number', () => {
  const books = Array.from({ length: 500 }, (_, index) => ({
    id: index,
    author: { data: { id: index, name: 'a' } },
    reviews: { data: [{ stars: 1 }, { stars: 2 }] },
  }));
  const [root] = build(
    'mutation ($o: [books_insert_input!]!) { insert_books(objects: $o) { affected_rows returning { id } } }',
    JSON.stringify({ o: books }),
  );
  assert.ok(root?.kind === 'write');
  assert.deepEqual(
    root.steps.map(({ kind, request }) => [kind, 'table' in request && request.table]),
    [['write', 'authors!'], ['write', 'books!'], ['write', 'reviews!'], ['reread', 'books!']], // biome-ignore format: steps
  );
  const reviews = root.steps[2]!;
  assert.ok(reviews.kind === 'write');
  assert.deepEqual(reviews.fills?.[0]?.rows.slice(0, 4), [0, 0, 1, 1]);
  assert.equal(
    refusal(
      'mutation ($o: [books_insert_input!]!) { insert_books(objects: $o) { affected_rows } }',
      JSON.stringify({
        o: { author: { data: { books: { data: { author: { data: { books: { data: {} } } } } } } } },
      }),
    )[1],
    'the objects nest deeper than 3 levels of relationships',
  );
});

test('mutations by key and of all rows on purpose', () => {
  const row = { returning: [{ fields: id }], shape: 'row' };
  assert.deepEqual(
    requestOf('mutation { update_books_by_pk(pk_columns: {id: 7}, _set: {title: null}) { id } }'),
    {
      kind: 'update',
      table: 'books!',
      ...row,
      columns: ['title!'],
      row: 0,
      key: [1],
      json: '[{"title!":null},7]',
    },
  );
  const remove = { kind: 'delete', table: 'books!', returning: [], shape: 'list', json: '[]' };
  assert.deepEqual(requestOf('mutation { delete_books(where: {}) { affected_rows } }'), {
    ...remove,
    unfiltered: true,
  });
  const variable = 'mutation ($w: books_bool_exp!) { delete_books(where: $w) { affected_rows } }';
  assert.deepEqual(requestOf(variable, '{"w":{}}'), { ...remove, unfiltered: true });
});

test('a mutation is refused when a variable without a value, or a null, empties its filter', () => {
  const deleting = (declared: string, where: string) =>
    `mutation (${declared}) { delete_books(where: ${where}) { affected_rows } }`;
  const cases: readonly (readonly [string, string, string])[] = [
    [deleting('$id: Int', '{id: {_eq: $id}}'), '{}', '$.selectionSet.delete_books.args.where'],
    [deleting('$id: Int', '{id: {_eq: $id}}'), '{"id":null}', '$.selectionSet.delete_books.args.where.id._eq'],
    [deleting('$id: Int', '{title: {_eq: "a"}, id: {_eq: $id}}'), '{}', '$.selectionSet.delete_books.args.where'],
    [deleting('$w: books_bool_exp = {}', '$w'), '{}', '$.selectionSet.delete_books.args.where'],
    [deleting('$w: books_bool_exp', '{_not: $w, title: {_eq: "a"}}'), '{}', '$.selectionSet.delete_books.args.where'],
    [deleting('$w: books_bool_exp!', '$w'), '{"w":{"id":{}}}', '$.selectionSet.delete_books.args.where.id'],
    [deleting('$w: books_bool_exp!', '$w'), '{"w":{"id":null}}', '$.selectionSet.delete_books.args.where.id'],
    [deleting('$w: books_bool_exp!', '$w'), '{"w":{"_and":[]}}', '$.selectionSet.delete_books.args.where._and'],
    [deleting('$w: books_bool_exp!', '$w'), '{"w":{"_or":[{}]}}', '$.selectionSet.delete_books.args.where._or[0]'],
    [deleting('$w: books_bool_exp!', '$w'), '{"w":{"author":{}}}', '$.selectionSet.delete_books.args.where.author'],
    [deleting('$w: [books_bool_exp!]', '{_and: $w}'), '{"w":null}', '$.selectionSet.delete_books.args.where._and'],
  ]; // biome-ignore format: a table
  for (const [text, variables, path] of cases)
    assert.equal(refusal(text, variables)[0], path, `${text} ${variables}`);
});

test('variables are read as their types, and kept exactly', () => {
  const insert = 'mutation ($o: books_insert_input!) { insert_books_one(object: $o) { id } }';
  const kept = '{"id!":1,"price!":123456789012345678901.10,"extra!":[1e400,{"a":1.0}],"tags!":["a","b"]}';
  assert.equal(
    requestOf(
      insert,
      '{"o":{"id":1,"price":123456789012345678901.10,"extra":[1e400,{"a":1.0}],"tags":["a","b"]}}',
    ).json,
    `[[${kept}]]`,
  );
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['query ($l: Int!) { books(limit: $l) { id } }', '{}', '$.variableValues', 'expecting a value for non-nullable variable: "l"'],
    ['query ($l: Int!) { books(limit: $l) { id } }', '{"l":null}', '$.variableValues.l', "unexpected null value for type 'Int!'"],
    ['query ($l: Int) { books(limit: $l) { id } }', '{"l":"1"}', '$.variableValues.l', "expected a 32-bit integer for type 'Int', but found a string"],
    ['query ($l: Int) { books(limit: $l) { id } }', '{"l":1.5}', '$.variableValues.l', "expected a 32-bit integer for type 'Int', but found a number"],
    ['query ($l: Int) { books(limit: $l) { id } }', '{"l":3000000000}', '$.variableValues.l', "expected a 32-bit integer for type 'Int', but found a number"],
    ['query ($l: Int) { books(limit: $l) { id } }', '{"l":-1}', '$.selectionSet.books.args.limit', 'unexpected negative value'],
    ['query ($w: books_bool_exp) { books(where: $w) { id } }', '{"w":{"titel":{"_eq":"a"}}}', '$.variableValues.w', "field 'titel' not found in type: 'books_bool_exp'"],
    ['query ($w: books_bool_exp) { books(where: $w) { id } }', '{"w":{"__proto__":{"_eq":"a"}}}', '$.variableValues.w', "field '__proto__' not found in type: 'books_bool_exp'"],
    ['query ($w: books_bool_exp) { books(where: $w) { id } }', '{"w":{"title":{"_eq":1}}}', '$.variableValues.w.title._eq', "expected a string for type 'String', but found a number"],
    ['query ($w: books_bool_exp) { books(where: $w) { id } }', '{"w":{"id":{"_in":[1,null]}}}', '$.variableValues.w.id._in[1]', "unexpected null value for type 'Int!'"],
    ['query ($w: books_bool_exp) { books(where: $w) { id } }', '{"w":[]}', '$.variableValues.w', "expected an object for type 'books_bool_exp', but found a list"],
    ['query ($o: [books_order_by!]) { books(order_by: $o) { id } }', '{"o":{"id":"up"}}', '$.variableValues.o.id', "expected one of the values ['asc', 'asc_nulls_first', 'asc_nulls_last', 'desc', 'desc_nulls_first', 'desc_nulls_last'] for type 'order_by', but found a string"],
    ['mutation ($p: books_pk_columns_input!) { update_books_by_pk(pk_columns: $p, _set: {title: "a"}) { id } }', '{"p":{}}', '$.variableValues.p', "missing required field 'id' of type 'books_pk_columns_input'"],
    ['mutation { update_books(where: {id: {_eq: 1}}, _set: {}) { affected_rows } }', '{}', '$.selectionSet.update_books.args', 'at least any one of _set, _inc, _append is expected'],
  ]; // biome-ignore format: a table
  for (const [text, variables, ...expected] of cases)
    assert.deepEqual(refusal(text, variables), expected, variables);
});

test('fields guarded by variables come and go', () => {
  const text =
    'query ($a: Boolean!, $b: Boolean = false) { books { id title @include(if: $a) tags @skip(if: $b) } authors @skip(if: $a) { id } }';
  const shown = (variables: string) =>
    build(text, variables).map((root) =>
      root.kind === 'read' && root.request.kind === 'read'
        ? root.request.node.fields.map((one) => 'as' in one && one.as)
        : [],
    );
  assert.deepEqual(shown('{"a":true}'), [['id', 'title', 'tags']]);
  assert.deepEqual(shown('{"a":false,"b":true}'), [['id'], ['id']]);
});

test('a filter has its limits', () => {
  const text = 'query ($w: books_bool_exp) { books(where: $w) { id } }';
  const many = `{"w":{"_or":[${Array.from({ length: 1001 }, () => '{"id":{"_eq":1}}').join()}]}}`;
  assert.match(refusal(text, many)[1], /more than 1000 conditions/);
  const deep = `{"w":${'{"author":{"books":'.repeat(2)}{"id":{"_eq":1}}${'}}'.repeat(2)}}`;
  assert.match(refusal(text, deep)[1], /more than 3 levels of relationships/);
});
