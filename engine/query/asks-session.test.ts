/** Which reads depend on who asks: those alone run in a transaction that says so first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../test/project.ts';
import { asksSession } from './asks-session.ts';
import { authorize } from './authorize.ts';
import { plan } from './plan.ts';
import type { ApiRequest, FieldRequest, NodeRequest } from './request.ts';

const sql = `
create table authors (id int primary key, name text);
create table books (id int primary key, title text, author_id int references authors);
create table secrets (id int primary key, book_id int references books, what text);
alter table secrets enable row level security;
create policy mine on secrets using (current_setting('request.jwt.claims', true) <> '');
create function uid() returns text language sql stable as $$ select current_setting('request.jwt.claims', true)::json->>'sub' $$;
create view plain_view as select id, title from books;
create view asking_view as select id, title from books where title = uid();
create function fixed(books) returns int language sql immutable as 'select $1.id';
create function asking(books) returns text language sql stable as 'select uid()';
create function sibling(books) returns setof books rows 1 language sql stable as 'select * from books where id <> $1.id';
`;

const yaml = `
roles: { all: {}, held: {} }
functions:
  fixed: { permissions: { all: { execute: true } } }
  asking: { permissions: { all: { execute: true } } }
  sibling: { permissions: { all: { execute: true } } }
  uid: { permissions: { all: { execute: true } } }
tables:
  authors: { permissions: { all: { select: true }, held: { select: { columns: "*", where: { _exists: { table: secrets, where: { what: a } } } } } } }
  books:
    permissions:
      all: { select: true, insert: true, delete: true }
      held: { select: { columns: "*", where: { secrets: { what: a } } } }
  secrets: { permissions: { all: { select: true } } }
  plain_view: { key: [id], permissions: { all: { select: true } } }
  asking_view: { key: [id], permissions: { all: { select: true } } }
`;

const id: FieldRequest = { kind: 'column', column: 'id', as: 'id' };
const column = (name: string): FieldRequest => ({ kind: 'column', column: name, as: name });
const embed = (relationship: string, ...fields: readonly FieldRequest[]): FieldRequest => ({
  kind: 'embed',
  as: relationship,
  relationship,
  join: 'left',
  node: { fields },
});
const read = (table: string, node: Partial<NodeRequest> = {}): ApiRequest => ({
  kind: 'read',
  table,
  values: ['1'],
  node: { fields: [id], ...node },
  shape: 'list',
  count: false,
});
const by = (column: string) => [{ through: [], column, direction: 'asc' }] as const;
const equals = (column: string) => ({ kind: 'compare', column, operator: 'eq', value: 0 }) as const;

const cases: readonly (readonly [string, string, ApiRequest, boolean])[] = [
  ['a table', 'all', read('books'), false],
  ['a view of plain tables', 'all', read('plain_view'), false],
  ['a table embedded in another', 'all', read('books', { fields: [id, embed('author', id)] }), false],
  ['a computed field that never changes', 'all', read('books', { fields: [column('fixed')] }), false],
  ['a table with row security', 'all', read('secrets'), true],
  ['a view that calls a function which asks', 'all', read('asking_view'), true],
  ['an embedded table with row security', 'all', read('books', { fields: [id, embed('secrets', id)] }), true],
  ['a filter through a table with row security', 'all', read('books', { where: { kind: 'related', relationship: 'secrets', where: equals('id') } }), true],
  ['a computed field that may ask', 'all', read('books', { fields: [column('asking')] }), true],
  ['a filter on one', 'all', read('books', { where: { kind: 'not', of: equals('asking') } }), true],
  ['an order by one', 'all', read('books', { order: by('asking') }), true],
  ['an aggregate of one', 'all', read('books', { fields: [{ kind: 'aggregate', as: 'm', term: { function: 'max', column: 'asking' } }] }), true],
  ['groups kept by one', 'all', read('books', { fields: [{ kind: 'aggregate', as: 'n', term: { function: 'count' } }], having: { kind: 'compare', term: { function: 'max', column: 'asking' }, operator: 'eq', value: 0 } }), true],
  ['groups by one', 'all', read('books', { groupBy: ['asking'], fields: [] }), true],
  ['groups with an aggregate of one', 'all', read('books', { groupBy: ['id'], fields: [{ kind: 'summary', as: 's', items: [{ kind: 'object', as: 'max', items: [{ kind: 'function', as: 'm', function: 'max', column: 'asking' }] }] }] }), true],
  ['groups by plain columns', 'all', read('books', { groupBy: ['id'], fields: [{ kind: 'summary', as: 's', items: [{ kind: 'count', as: 'n', columns: ['title'], distinct: false }] }] }), false],
  ['an object of aggregates of one', 'all', { kind: 'readAggregate', table: 'books', values: [], node: { parts: [{ kind: 'summary', as: 's', items: [{ kind: 'count', as: 'n', columns: ['asking'], distinct: true }] }] } }, true],
  ['an order by an aggregate of related rows', 'all', read('authors', { order: [{ through: [], related: 'books', aggregate: 'max', column: 'title', direction: 'asc' }] }), false],
  ['an order by an aggregate of one in related rows', 'all', read('authors', { order: [{ through: [], related: 'books', aggregate: 'max', column: 'asking', direction: 'asc' }] }), true],
  ['an order by an aggregate over a table with row security', 'all', read('books', { order: [{ through: [], related: 'secrets', aggregate: 'count', direction: 'asc' }] }), true],
  ['a filter by an aggregate of one in related rows', 'all', read('authors', { where: { kind: 'aggregate', relationship: 'books', function: 'max', columns: ['fixed'], distinct: false, compare: [{ operator: 'isNotNull' }] } }), false],
  ['a count of one in related rows', 'all', read('authors', { where: { kind: 'aggregate', relationship: 'books', columns: ['asking'], distinct: false, compare: [{ operator: 'gt', value: 0 }] } }), true],
  ['a computed relationship that may ask', 'all', read('books', { fields: [id, embed('sibling', id)] }), true],
  ['a policy that looks at a table with row security', 'held', read('books'), true],
  ['a policy with _exists over one', 'held', read('authors'), true],
  ['a policy of what is embedded', 'held', read('books', { fields: [id, embed('author', id)] }), true],
  ['a call', 'all', { kind: 'call', function: 'uid', values: [{}], arguments: [], body: 0, node: { fields: [] }, shape: 'list', count: false }, true],
  ['a delete', 'all', { kind: 'delete', table: 'books', values: ['1'], where: equals('id'), returning: [], shape: 'list' }, true],
]; // biome-ignore format: one case a line

test('knows which requests ask who is calling', async (t) => {
  const { api } = await createProject(t, { sql, yaml });
  for (const [name, role, request, asks] of cases)
    await t.test(`${name}: ${asks ? 'asks' : 'does not ask'}`, () => {
      const principal = token(role, { sub: 'me' });
      assert.equal(asksSession(authorize(plan(request, api, principal), api, principal)), asks);
    });
});
