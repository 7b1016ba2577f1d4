import assert from 'node:assert/strict';
import { performance } from 'node:perf_hooks';
import test from 'node:test';
import { roleOf, sample } from '../../test/graphql-model.ts';
import { parseJson } from '../query/json.ts';
import { documentLimits } from './limits.ts';
import { planOperation } from './plan.ts';
import { Refusal } from './refusal.ts';
import { buildRoots } from './request.ts';
import { SchemaTypes } from './schema.ts';
import { validateDocument } from './validate.ts';
import { coerceVariables } from './variables.ts';

const types = new SchemaTypes(sample);
const role = roleOf(sample);

const many = (count: number, item: string) => Array(count).fill(item).join(',');
const where = 'query ($v: books_bool_exp) { books(where: $v) { id } }';
const insert = 'mutation ($v: [books_insert_input!]!) { insert_books(objects: $v) { affected_rows } }';

/** What the serving thread does with a document's variables: the outcome, and the least milliseconds of three times. */
function read(text: string, json: string): { readonly outcome: string; readonly ms: number } {
  const validated = validateDocument(text, undefined, types, {
    limits: documentLimits(sample.limits),
    introspection: true,
  });
  const plan = planOperation(validated, sample, types);
  let [outcome, ms] = ['', Number.POSITIVE_INFINITY];
  for (let round = 0; round < 3; round += 1) {
    const sent = { v: parseJson(json) };
    const started = performance.now();
    try {
      buildRoots(plan, coerceVariables(plan, sent, role.inputs), role);
      outcome = 'built';
    } catch (error) {
      assert.ok(error instanceof Refusal, String(error));
      outcome = `${error.code} ${error.path} ${error.message}`;
    }
    ms = Math.min(ms, performance.now() - started);
  }
  return { outcome, ms };
}

test('a megabyte of variables does not hold the thread that serves', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['query ($v: [Int!]) { books(where: {id: {_in: $v}}) { id } }', `[${many(450_000, '1')}]`, 'NS603 $.selectionSet.books.args.where.id._in the filters have more than 50000 values in lists'],
    ['query ($v: [Int!]) { books(where: {id: {_in: $v}}) { id } }', `[${many(50_000, '1')}]`, 'built'],
    ['query ($v: [Int!]) { a: books(where: {id: {_in: $v}}) { id } b: books(where: {id: {_nin: $v}}) { id } }', `[${many(26_000, '1')}]`, 'NS603 $.selectionSet.b.args.where.id._nin the filters have more than 50000 values in lists'],
    ['query ($v: [String!]) { books(where: {tags: {_eq: $v}}) { id } }', `[${many(200_000, '"a"')}]`, 'NS603 $.selectionSet.books.args.where.tags._eq the filters have more than 50000 values in lists'],
    [where, `{"reviews_aggregate":{"count":{"predicate":{"_in":[${many(60_000, '1')}]}}}}`, 'NS603 $.selectionSet.books.args.where.reviews_aggregate.count.predicate._in the filters have more than 50000 values in lists'],
    [where, `{"_or":[${many(300_000, '{}')}]}`, 'NS603 $.variableValues.v the variables hold more than 5000 objects of filters and orders'],
    [where, `{"_or":[${many(4_000, '{}')}]}`, 'NS603 $.selectionSet.books.args.where._or[1000] the filters have more than 1000 conditions'],
    [where, `{"_or":[${many(190_000, 'null')}]}`, "NS602 $.variableValues.v._or[0] unexpected null value for type 'books_bool_exp!'"],
    ['query ($v: [books_order_by!]) { books(order_by: $v) { id } }', `[${many(80_000, '{"id":"asc"}')}]`, 'NS603 $.variableValues.v the variables hold more than 5000 objects of filters and orders'],
    ['query ($v: [books_select_column!]) { books(distinct_on: $v) { id } }', `[${many(190_000, '"id"')}]`, 'NS603 $.variableValues.v the variables hold more than 1000 names'],
    ['query ($v: [String!]) { books(where: {extra: {_has_keys_any: $v}}) { id } }', `[${many(240_000, '"a"')},1]`, "NS602 $.variableValues.v[240000] expected a string for type 'String', but found a number"],
    [insert, `[${many(300_000, '{}')}]`, 'NS603 $.variableValues.v the variables hold more than 100000 rows to insert'],
    [insert, `[${many(90_000, '{"id":1}')}]`, 'built'],
    [insert, `[${many(14_000, '{"id":1,"title":"abcdefgh","price":1.50,"extra":{"a":[1,2]}}')}]`, 'built'],
    ['mutation ($v: jsonb) { insert_books_one(object: {extra: $v}) { id } }', `[${many(480_000, '1')}]`, 'built'],
    ['mutation ($v: [String!]) { insert_books_one(object: {tags: $v}) { id } }', `[${many(240_000, '"a"')}]`, 'built'],
  ]; // biome-ignore format: a table
  for (const [text, json, expected] of cases) {
    const { outcome, ms } = read(text, json);
    assert.equal(outcome, expected, text);
    // Each takes 1 to 25 ms on a free processor; before there were limits, the first ones took 200 to 400.
    assert.ok(ms < 1_000, `${text} took ${ms} ms`);
  }
});

test('a large variable may be used again, but not hundreds of times', () => {
  const uses = (count: number) =>
    `query ($v: String!) { books(where: {_or: [${many(count, '{title: {_eq: $v}}')}]}) { id } }`;
  const text = JSON.stringify('a'.repeat(500_000));
  assert.equal(read(uses(3), text).outcome, 'built');
  const refused =
    'NS603 $.variableValues.v variables are used so often that their values come to more than 2000000 further characters';
  assert.equal(read(uses(400), text).outcome, refused);
  assert.equal(read(uses(400), '"short"').outcome, 'built');
  const inserts = Array.from(
    { length: 50 },
    (_, index) => `a${index}: insert_books(objects: $v) { affected_rows }`,
  );
  const fifty = `mutation ($v: [books_insert_input!]!) { ${inserts.join(' ')} }`;
  const { outcome, ms } = read(fifty, `[${many(90_000, '{"id":1}')}]`);
  assert.equal(outcome, refused);
  assert.ok(ms < 2_000, `took ${ms} ms`);
});

test('columns that are counted several times are asked for once', () => {
  const text = 'query ($v: [books_select_column!]) { books_aggregate { aggregate { count(columns: $v) } } }';
  const plan = planOperation(
    validateDocument(text, undefined, types, { limits: documentLimits(sample.limits), introspection: true }),
    sample,
    types,
  );
  const [root] = buildRoots(plan, coerceVariables(plan, { v: Array(900).fill('id') }, role.inputs), role);
  assert.ok(root?.kind === 'read' && root.request.kind === 'readAggregate');
  assert.deepEqual(root.request.node.parts, [
    {
      kind: 'summary',
      as: 'aggregate',
      items: [{ kind: 'count', as: 'count', columns: ['id!'], distinct: false }],
    },
  ]);
});

test('names that every object of JavaScript has are no fields, and no values', () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty'])
    for (const [text, type] of [
      [where, 'books_bool_exp'],
      [insert, 'books_insert_input'],
    ] as const)
      assert.equal(
        read(text, `{"${name}":{}}`).outcome,
        `NS602 $.variableValues.v field '${name}' not found in type: '${type}'`,
      );
});
