/** Names that a caller may use: what its role does not see is not there, and what it may not do is refused before any SQL. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createProject, token } from '../../test/project.ts';
import { Problem } from '../problem/problem.ts';
import {
  aggregate,
  by,
  call,
  columns,
  connection,
  counted,
  countIn,
  countOf,
  embed,
  equals,
  insert,
  keys,
  maximum,
  merge,
  pageOf,
  read,
  related,
  remove,
  returning,
  update,
} from './asking.fixture.ts';
import { plan } from './plan.ts';
import type { ApiRequest, FieldRequest, LinkRequest } from './request.ts';

const sql = `
create table people (id int primary key, name text, country text);
create table books (id int primary key, title text, price int, owner text, made text generated always as (title) stored, author_id int references people, unique (owner));
create table reviews (id int primary key, book_id int references books, stars int, note text);
create table tags (id int primary key, label text);
create table book_tags (book_id int references books, tag_id int references tags, primary key (book_id, tag_id));
create table hidden (id int primary key);
create function newest() returns setof books language sql stable as 'select * from books';
create function newest_reviews() returns setof reviews language sql stable as 'select * from reviews';
`;

const yaml = `
roles: { all: { everything: true }, keyless: {}, filler: { inherits: [base] }, presetter: {}, giver: {}, base: {}, reader: {}, counter: {}, blind: {}, writer: {}, caller: {}, nested: {} }
functions:
  newest: { permissions: { caller: { execute: true }, reader: { execute: true } } }
  newest_reviews: { permissions: { giver: { execute: true }, caller: { execute: true }, reader: { execute: true } } }
tables:
  hidden: { permissions: { all: { select: true } } }
  people:
    permissions:
      reader: { select: { columns: [id, name] } }
      nested: { select: { columns: [id, name] }, insert: { columns: [id, name] } }
      counter: { select: { columns: [id, name] } }
  books:
    permissions:
      base: { select: { columns: [id], where: { title: x } } }
      reader: { select: { columns: [id, title, author_id] } }
      counter: { select: { columns: [id, title, author_id], aggregate: true } }
      blind:
        insert: { columns: [id, title] }
        update: { columns: [title] }
        delete: true
      writer:
        select: { columns: [id, title, price, owner, made] }
        insert: { columns: [id, title] }
        update: { columns: [title] }
      nested: { select: { columns: [id, title, author_id] }, insert: { columns: [id, title], set: { price: 1 } } }
      keyless: { select: { columns: [title] }, insert: { columns: [title] } }
      filler: { select: { columns: [title], where: { owner: $jwt.sub } }, insert: { columns: [title] } }
      presetter: { select: { columns: [id] }, insert: { columns: [id] } }
  reviews:
    permissions:
      filler: { select: { columns: [id, book_id] }, insert: { columns: [id] } }
      giver: { insert: { columns: [id] } }
      presetter: { select: { columns: [id, book_id] }, insert: { columns: [id], set: { book_id: 1 } } }
      reader: { select: { columns: [id, book_id, stars] } }
      counter: { select: { columns: [id, book_id, stars] } }
      nested: { select: { columns: [id] }, insert: { columns: [id, stars], set: { book_id: 1 } } }
  tags: { permissions: { reader: { select: true } } }
  book_tags: { permissions: { reader: { select: { columns: [book_id, tag_id] } } } }
`;

const { api } = await createProject({ after }, { sql, yaml });

const link = (table: string, relationship: string, side: LinkRequest['side']) => ({
  links: [{ table, relationship, side }],
});
const embeddedCount: FieldRequest = {
  kind: 'embedAggregate',
  as: 'a',
  relationship: 'reviews',
  node: { parts: [countOf()] },
};
const relatedOrder = { through: [], related: 'reviews', aggregate: 'count', direction: 'asc' } as const;

/** The role, what it asks, and the code and words of the refusal. */
const refused: readonly (readonly [string, string, ApiRequest, string, RegExp])[] = [
  ['a table that another role sees', 'reader', read({}, 'hidden'), 'PGRST205', /'public.hidden'/],
  ['a read without select', 'blind', read({}), '42501', /table books/],
  ['pages without select', 'blind', connection({ parts: [{ kind: 'edges', as: 'e', items: [{ kind: 'node', as: 'n', fields: columns('id') }] }] }), '42501', /table books/],
  ['aggregates without select', 'blind', aggregate({ parts: [countOf('id')] }), '42501', /table books/],
  ['aggregates without their grant', 'reader', aggregate({ parts: [countOf('nothing')] }), '42501', /aggregates of table books/],
  ['a column that is not granted', 'reader', read({ fields: columns('price') }), '42703', /books.price/],
  ['a column that is not granted, in a filter', 'reader', read({ where: equals('price') }), '42703', /books.price/],
  ['a relationship to a table that is not granted', 'counter', read({ fields: [embed('book_tags', columns('book_id'))] }), 'PGRST200', /'book_tags'/],
  ['a relationship in a filter, to a table that is not granted', 'counter', read({ where: related('tags') }), 'PGRST200', /'tags'/],
  ['a relationship in the order, to a table that is not granted', 'writer', read({ order: [by('name', 'author')] }), 'PGRST200', /'author'/],
  ['groups without aggregate', 'reader', read({ groupBy: ['title'], fields: [keys('title')] }), 'PGRST123', /aggregate/],
  ['aggregates of groups without aggregate', 'reader', read({ fields: [countOf()] }), 'PGRST123', /aggregate/],
  ['an aggregate without aggregate', 'reader', read({ fields: [maximum('id')] }), 'PGRST123', /aggregate/],
  ['an aggregate that is spread without aggregate', 'reader', read({ fields: [embed('author', [counted], { spread: true })] }), 'PGRST123', /aggregate/],
  ['an aggregate of related rows without aggregate', 'reader', read({ fields: [embeddedCount] }), 'PGRST200', /'reviews'/],
  ['an aggregate of related rows in a filter without aggregate', 'reader', read({ where: countIn('reviews') }), 'PGRST200', /'reviews'/],
  ['an aggregate of related rows in the order without aggregate', 'reader', read({ order: [relatedOrder] }), 'PGRST200', /'reviews'/],
  ['an aggregate of a column that is not granted', 'counter', read({ fields: [maximum('price')] }), '42703', /books.price/],
  ['pages of a relationship that is not granted', 'counter', read({ fields: [{ kind: 'embedConnection', as: 'c', relationship: 'book_tags', node: pageOf({}) }] }), 'PGRST200', /'book_tags'/],
  ['a row by a key that the role does not read', 'keyless', { ...read({ fields: columns('title') }), key: [0] }, '42501', /no key/],
  ['an insert without its grant', 'reader', insert(['price']), '42501', /table books/],
  ['a column of an insert that the role sees and may not give', 'writer', insert(['id', 'price']), '42501', /column price/],
  ['a column of an insert that the role does not see', 'blind', insert(['id', 'price']), 'PGRST204', /'price'/],
  ['a column of an insert that nobody writes', 'writer', insert(['id', 'made']), '428C9', /"made"/],
  ['a column of one set of an insert', 'writer', insert(['id'], { sets: { columns: [['id', 'price']], of: 1 } }), '42501', /column price/],
  ['an insert that answers without select', 'blind', insert(['id'], returning(...columns('id'))), '42501', /table books/],
  ['an upsert without update', 'nested', insert(['id', 'title'], merge()), '42501', /table books/],
  ['a given column of an upsert that update does not grant', 'writer', insert(['id', 'title'], merge({ columns: ['owner'] })), '42501', /column id/],
  ['a named column of an upsert that update does not grant', 'writer', insert(['id', 'title'], merge({ update: ['id'] })), '42501', /column id/],
  ['a named column of an upsert that the role does not see', 'blind', insert(['id', 'title'], merge({ update: ['owner'] })), 'PGRST204', /'owner'/],
  ['the filter of an upsert without select', 'blind', insert(['id', 'title'], merge({ where: equals('title') })), '42501', /table books/],
  ['an upsert by a key that the role does not see', 'blind', insert(['id', 'title'], merge({ columns: ['owner'] })), '42703', /books.owner/],
  ['an upsert by a primary key that the role does not see', 'keyless', insert(['title'], { conflict: { action: 'ignore' } }), '42P10', /no unique/],
  ['an update without its grant', 'reader', update(['price']), '42501', /table books/],
  ['a column of an update that the role sees and may not change', 'writer', update(['price']), '42501', /column price/],
  ['a change by what a column holds that is not readable', 'blind', update(['title'], { operators: [{ column: 'price', operator: 'inc' }] }), '42703', /books.price/],
  ['the filter of an update without select', 'blind', update(['title'], { where: equals('id') }), '42501', /table books/],
  ['an update of all rows that was not meant', 'blind', update(['title'], { unfiltered: false }), '21000', /UPDATE/],
  ['an update whose filter says nothing', 'writer', update(['title'], { unfiltered: false, where: { kind: 'and', of: [{ kind: 'and', of: [] }] } }), '21000', /UPDATE/],
  ['a delete without its grant', 'reader', remove({ where: equals('price') }), '42501', /table books/],
  ['the filter of a delete without select', 'blind', remove({ where: equals('id') }), '42501', /table books/],
  ['a delete of all rows that was not meant', 'blind', remove({ unfiltered: false }), '21000', /DELETE/],
  ['a nested row by a relationship that the role does not follow', 'nested', insert(['id'], link('books', 'reviews', 'near')), 'PGRST200', /'reviews'/],
  ['a nested row whose linking column the grant sets', 'presetter', { ...insert(['id'], link('books', 'reviews', 'far')), table: 'reviews' }, '42501', /nested row of table reviews/],
  ['a nested row that takes over a cell that the role may not read', 'filler', { ...insert(['id'], link('books', 'reviews', 'far')), table: 'reviews' }, '42501', /nested row of table reviews/],
  ['a linking column that the body gives', 'all', insert(['id', 'author_id'], link('books', 'author', 'near')), '21000', /"author_id"/],
  ['a function that is not granted', 'counter', call('newest'), 'PGRST202', /newest/],
  ['the rows of a function whose table is not granted', 'caller', call('newest_reviews'), '42501', /rows of function/],
  ['the rows of a function whose table is only written', 'giver', call('newest_reviews'), '42501', /rows of function/],
  ['aggregates over the rows of a function without aggregate', 'reader', call('newest', { aggregate: { parts: [countOf('nothing')] } }), '42501', /aggregates of function/],
]; // biome-ignore format: one case a line

test('a caller names what its role sees, and does what it may', async (t) => {
  for (const [name, role, request, code, words] of refused)
    await t.test(`${name}, for ${role}`, () => {
      assert.throws(
        () => plan(request, api, token(role, { sub: 'me' })),
        (error: unknown) => {
          assert.ok(error instanceof Problem, String(error));
          assert.deepEqual([error.code, words.test(error.message)], [code, true], error.message);
          return true;
        },
      );
    });
});

test('no suggestion names what the role does not see', () => {
  const hintOf = (role: string, request: ApiRequest) => {
    try {
      plan(request, api, token(role));
    } catch (error) {
      return (error as Problem).hint;
    }
    return assert.fail('it was not refused');
  };
  const silent = 'The openapi.json of this project lists what your role sees.';
  const cases: readonly (readonly [string, string, ApiRequest, string])[] = [
    ['reader', 'writer', read({ fields: columns('pricee') }), 'price'],
    ['blind', 'writer', insert(['pricee']), 'price'],
    ['counter', 'reader', read({ fields: [embed('book_tag', columns('book_id'))] }), 'book_tags'],
  ];
  for (const [blind, seeing, request, name] of cases) {
    assert.equal(hintOf(blind, request), silent, name);
    assert.match(hintOf(seeing, request) ?? '', new RegExp(`\\b${name}\\b`));
  }
});
