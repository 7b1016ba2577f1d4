import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Api, validateProject } from '../engine/index.ts';
import { linesOf } from './diagram/line.ts';
import { pictureOf } from './picture.ts';

let api: Api;
before(async () => {
  const { compiled } = await validateProject(join(import.meta.dirname, '../examples/bookshop'));
  api = compiled!.api;
});

const of = (role: string) =>
  pictureOf(api.world(role), { hrefOf: (table) => `/t/${table}/`, typeOf: ({ type }) => type.name });

/** `orders.customer_id many → customers.id one`. */
function linesFor(role: string): readonly string[] {
  const { tables, edges } = of(role);
  const end = ({ table, columns, many }: ReturnType<typeof linesOf>[number]['parent']) =>
    `${table.name}.${columns.join('+')} ${many ? 'many' : 'one'}`;
  return linesOf(tables, edges)
    .map(({ parent, child }) => `${end(child)} → ${end(parent)}`)
    .sort();
}

const catalogue = [
  'book_ratings.book_id one → books.id one',
  'book_tags.book_id many → books.id one',
  'book_tags.tag_id many → tags.id one',
  'books.author_id many → authors.id one',
  'books.publisher_id many → publishers.id one',
  'books.sequel_of_id many → books.id one',
  'reviews.book_id many → books.id one',
];

test('a role’s picture has the tables and relationships of its world, each pair of them as one line', () => {
  assert.deepEqual(linesFor('visitor'), catalogue);
  assert.deepEqual(
    linesFor('staff'),
    [
      ...catalogue,
      'order_lines.book_id many → books.id one',
      'order_lines.order_id many → orders.id one',
      'orders.customer_id many → customers.id one',
      'reviews.customer_id many → customers.id one',
    ].sort(),
  );
});

test('a table has the columns that the role knows, marked where they are its key or refer to another', () => {
  const [table] = of('visitor').tables.filter(({ name }) => name === 'books');
  const marked = table!.columns.map(
    ({ name, key, link }) => `${name}${key ? ' key' : ''}${link ? ' link' : ''}`,
  );
  assert.deepEqual(marked, [
    'id key',
    'isbn13',
    'title',
    'subtitle',
    'author_id link',
    'publisher_id link',
    'sequel_of_id link',
    'language',
    'pages',
    'price',
    'published_on',
    'details',
  ]);
  assert.deepEqual(
    of('visitor').tables.map(({ name, kind, href }) => [name, kind, href]),
    ['authors', 'book_ratings', 'book_tags', 'books', 'publishers', 'reviews', 'tags'].map((name) => [
      name,
      name === 'book_ratings' ? 'view' : 'table',
      `/t/${name}/`,
    ]),
  );
});

test('nothing of what the role may not see is in it', () => {
  assert.doesNotMatch(JSON.stringify(of('visitor')), /customer|stock|cost|internal_note|contact_email|order/);
  assert.doesNotMatch(JSON.stringify(of('staff')), /"cost"|internal_note/);
});
