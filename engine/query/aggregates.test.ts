/** Aggregates as requests ask for them, whatever a surface shows: refused without the grant, and over what is readable. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../test/project.ts';
import { Problem } from '../problem/problem.ts';
import type { ApiRequest, NodeRequest } from './request.ts';

const sql = `
  CREATE TABLE authors (id int PRIMARY KEY, name text);
  CREATE TABLE books (id int PRIMARY KEY, author_id int REFERENCES authors, price int, cost int, title text, raw json);
  INSERT INTO authors VALUES (1, 'Ada'), (2, 'Bo');
  INSERT INTO books VALUES (1, 1, 5, 1, 'One', '{"a": 1}'), (2, 1, 7, 2, 'Two', NULL), (3, 2, 9, 3, 'Three', NULL);
`;

/** `lists` may aggregate nothing, `counts` all but the cost. */
const yaml = `
roles: { lists: {}, counts: {} }
tables:
  authors: { permissions: { lists: { select: { columns: "*" } }, counts: { select: true } } }
  books:
    permissions:
      lists: { select: { columns: [id, author_id, price, title, raw] } }
      counts: { select: { columns: [id, author_id, price, title, raw], aggregate: true } }
`;

const id = { kind: 'column', column: 'id', as: 'id' } as const;
const read = (table: string, node: Partial<NodeRequest>, values: readonly unknown[] = []): ApiRequest => ({
  kind: 'read',
  table,
  values,
  json: true,
  node: { fields: [id], ...node },
  shape: 'list',
  count: false,
});
const max = (column: string) => ({ kind: 'function', as: 'm', function: 'max', column }) as const;
const summary = (column: string) => ({ kind: 'summary', as: 's', items: [max(column)] }) as const;
const order = (rest: object) => [
  { through: [], direction: 'asc', related: 'books', aggregate: 'max', ...rest } as const,
];
const where = (column: string, name: 'max' | 'bool_and' = 'max') =>
  ({
    kind: 'aggregate',
    relationship: 'books',
    function: name,
    columns: [column],
    distinct: false,
    compare: [{ operator: 'gt', value: 0 }],
  }) as const;

const grouped = (...groupBy: readonly string[]) =>
  read('books', {
    groupBy,
    fields: [summary('price')],
    order: [{ through: [], aggregate: 'max', column: 'id', direction: 'asc' }],
  });

const cases: readonly (readonly [string, ApiRequest, readonly [lists: string, counts: string]])[] = [
  ['groups', grouped('author_id'), ['PGRST123', '[{"s":{"m":7}},{"s":{"m":9}}]']],
  ['groups by what is not readable', grouped('cost'), ['PGRST123', '42703']],
  ['an aggregate of what is not readable', read('books', { groupBy: [], fields: [summary('cost')] }), ['PGRST123', '42703']],
  ['an aggregate that does not apply', read('books', { groupBy: [], fields: [summary('raw')] }), ['PGRST123', '42883']],
  ['a key that is not readable', read('books', { groupBy: ['id'], fields: [{ kind: 'keys', as: 'k', items: [{ kind: 'key', as: 'cost', column: 'cost' }] }] }), ['PGRST123', '42703']],
  ['having of what is not readable', read('books', { groupBy: [], fields: [], having: { kind: 'compare', term: { function: 'max', column: 'cost' }, operator: 'gt', value: 0 } }, [1]), ['PGRST123', '42703']],
  ['groups ordered by what is no key', read('books', { groupBy: ['id'], fields: [], order: [{ through: [], column: 'title', direction: 'asc' }] }), ['PGRST123', '42803']],
  ['groups ordered by related rows', read('authors', { groupBy: ['id'], fields: [], order: order({ column: 'price' }) }), ['PGRST123', '42803']],
  ['an object of aggregates without groups', read('books', { fields: [summary('price')] }), ['PGRST123', '42803']],
  ['an order by related rows', read('authors', { order: order({ column: 'price', direction: 'desc' }) }), ['PGRST200', '[{"id":2},{"id":1}]']],
  ['an order by their number', read('authors', { order: order({ aggregate: 'count' }) }), ['PGRST200', '[{"id":2},{"id":1}]']],
  ['an order by what is not readable there', read('authors', { order: order({ column: 'cost' }) }), ['PGRST200', '42703']],
  ['an order by the row that is related to', read('books', { order: order({ related: 'author', aggregate: 'count' }) }), ['PGRST200', 'PGRST200']],
  ['a filter by related rows', read('authors', { where: where('price') }, [7.5]), ['PGRST200', '[{"id":2}]']],
  ['a filter by what is not readable there', read('authors', { where: where('cost') }, [1]), ['PGRST200', '42703']],
  ['a filter by what does not apply', read('authors', { where: where('price', 'bool_and') }, [1]), ['PGRST200', '42883']],
  ['what a write answers with', { kind: 'delete', table: 'books', values: [], unfiltered: true, returning: [{ fields: [summary('price')] }], shape: 'list' }, ['42501', '42501']],
]; // biome-ignore format: one case a line

test("aggregates, orders and groups are the grant's to give", async (t) => {
  const { executor } = await createProject(t, { sql, yaml });
  const answer = async (request: ApiRequest, role: string) => {
    try {
      const principal = token(role);
      if (request.kind === 'delete') return (await executor.write([request], { principal }))[0]!.bodies[0];
      if (request.kind !== 'read') throw new TypeError(request.kind);
      return (await executor.read(request, { principal })).body;
    } catch (error) {
      if (error instanceof Problem) return error.code;
      throw error;
    }
  };
  for (const [name, request, expected] of cases)
    for (const [index, role] of ['lists', 'counts'].entries())
      assert.equal(await answer(request, role), expected[index], `${name}, as ${role}`);
});
