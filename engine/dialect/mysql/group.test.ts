/** Groups, functions over rows and pages by keyset: what is asked of the two servers gives Postgres' own text. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve as serveGraphql } from '../../../test/graphql.ts';
import { token } from '../../../test/project.ts';
import { serve as serveRest } from '../../../test/rest.ts';

const engines = ['mysql', 'mariadb'] as const;

const rows = `
  INSERT INTO authors VALUES (1, 'Ada', 'me'), (2, 'Bo', 'you'), (3, 'Cy', 'me');
  INSERT INTO books VALUES
    (1, 'One', 'novel', 100, 10.50, 1.5, true, '2020-01-01', '2020-01-01 10:00:00.5', 1, '{"k": 1}', 'happy'),
    (2, 'Two', 'novel', 250, 20.00, 2.5, false, '2020-01-02', '2020-01-01 10:00:00.5', 1, '{"k": 2, "t": "x"}', 'sad'),
    (3, 'Three', 'essay', 50, 1.25, 0.25, true, '2020-01-01', '2021-01-01 00:00:00', 2, '{"t": "x", "k": 2}', 'happy'),
    (4, 'Four', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (5, 'Five', 'essay', 7, 100000.00, 8, true, '2019-12-31', '2019-01-01 00:00:00', 1, '1', 'calm'),
    (6, 'Six', NULL, 8, 3.75, NULL, false, '2020-01-01', NULL, 2, '[1]', 'sad');
`;
const schemas = {
  postgres: `CREATE TYPE mood AS ENUM ('sad', 'happy', 'calm');
    CREATE TABLE authors (id int PRIMARY KEY, name varchar(40) NOT NULL, owner varchar(20));
    CREATE TABLE books (id int PRIMARY KEY, title varchar(40) NOT NULL, genre varchar(20), pages int, price numeric(10,2), rating float8, sold boolean,
      day date, at timestamp, author_id int REFERENCES authors, meta jsonb, mood mood);${rows}`,
  mysql: `CREATE TABLE authors (id int PRIMARY KEY, name varchar(40) NOT NULL, owner varchar(20));
    CREATE TABLE books (id int PRIMARY KEY, title varchar(40) NOT NULL, genre varchar(20), pages int, price decimal(10,2), rating double, sold boolean,
      day date, at datetime(6), author_id int, meta json, mood enum('sad', 'happy', 'calm'), FOREIGN KEY (author_id) REFERENCES authors (id));${rows}`,
};
const yaml = `
api: { aggregates: true }
roles: { reader: {}, mine: {} }
tables:
  authors:
    permissions:
      reader: { select: { columns: "*", aggregate: true } }
      mine: { select: { columns: "*", where: { owner: me }, aggregate: true } }
  books:
    permissions:
      reader: { select: { columns: "*", aggregate: true } }
      mine: { select: { columns: [id, title, genre, author_id, pages], where: { author: { owner: me } }, aggregate: true } }
`.replace('api: { aggregates: true }\n', '');

const requests = [
  '/books?select=count()',
  '/books?select=count()&genre=eq.none',
  '/books?select=pages.sum(),pages.avg(),price.max()&genre=eq.none',
  '/books?select=genre,count()&order=genre',
  '/books?select=genre,count()&order=genre.desc',
  '/books?select=genre,count()&order=genre.asc.nullsfirst&limit=2',
  '/books?select=genre,count()&order=genre&limit=1&offset=1',
  '/books?select=genre,count()&genre=eq.none',
  '/books?select=genre,pages.sum(),pages.max(),pages.min(),pages.count()&order=genre',
  '/books?select=genre,pages.avg(),price.avg(),price.sum(),price.max()&order=genre&price=lt.1000',
  '/books?select=rating.avg(),rating.sum(),rating.max()',
  '/books?select=day.max(),day.min(),at.max(),title.min(),title.max()',
  '/books?select=mood.max(),mood.min()',
  '/books?select=mood,count()&order=mood',
  '/books?select=mood,count()&order=mood.desc',
  '/books?select=sold,count()&order=sold',
  '/books?select=day,genre,count()&order=day,genre',
  '/books?select=at,count()&order=at',
  '/books?select=price,count()&order=price',
  '/books?select=meta,count()&id=lt.4&order=meta',
  '/books?select=meta->>t,count()&order=meta->>t',
  '/books?select=meta->k,count()&order=meta->k&id=lt.4',
  '/books?select=meta->>k::int,count()&id=lt.4&order=meta->>k::int',
  '/books?select=pages.sum()::text,total:pages.sum(),n:count()::text',
  '/books?select=genre,pages::text,count()&order=genre,pages::text',
  '/books?select=author:authors(name),count()&order=author_id',
  '/books?select=author:authors(name),pages.sum()&author_id=eq.1',
  '/books?select=...authors(name),pages.sum()&order=authors(name)',
  '/books?select=...authors(writer:name),count(),genre&order=authors(name),genre',
  '/authors?select=id,books(count())&order=id',
  '/authors?select=id,books(pages.sum(),pages.max())&order=id',
  '/authors?select=id,books(genre,count())&order=id&books.order=genre',
  '/authors?select=id,books(genre,pages.sum(),day.max())&order=id&books.order=genre.desc',
  '/authors?select=id,books(genre,count())&order=id&books.order=genre&books.limit=1',
  '/authors?select=id,books(genre,count())&order=id&books.order=genre&books.offset=1&books.limit=5',
  '/authors?select=id,books(mood,count())&order=id&books.order=mood.desc',
  '/authors?select=id,books(sold,price.sum(),rating.avg())&order=id&books.order=sold',
  '/authors?select=id,books(genre,count())&order=id&books.genre=eq.novel',
  '/authors?select=id,...books(pages.sum())&order=id',
  '/books?select=id,authors(name,books(genre,count()))&order=id&authors.books.order=genre',
  '/books?select=id,authors(name,books(count()))&order=id',
];

/** Without the blanks that Postgres has in lists, and the zeros at the end of its averages. */
function written(text: string): string {
  return text
    .replaceAll('}, {', '},{')
    .replaceAll('{"name": ', '{"name":')
    .replaceAll(/("avg":(?:{"\w+":)?\d+)(?:\.0+|(\.\d*[1-9])0+)(?=[,}])/g, '$1$2');
}

test('groups over REST are those of Postgres', async (t) => {
  const theirs = await serveRest(t, { sql: schemas.postgres, yaml });
  for (const engine of engines) {
    await t.test(engine, async (t) => {
      const ours = await serveRest(t, { engine, sql: schemas.mysql, yaml });
      for (const role of ['reader', 'mine']) {
        for (const request of requests) {
          if (role === 'mine' && !/^\/authors|genre,count|select=count/.test(request)) continue;
          await t.test(`${role} ${request}`, async () => {
            const [a, b] = [
              await theirs.ask(token(role), `GET ${request}`),
              await ours.ask(token(role), `GET ${request}`),
            ];
            assert.deepEqual([b.status, b.text], [a.status, written(a.text)]);
          });
        }
      }
    });
  }
});

const documents = [
  '{ books_aggregate { aggregate { count sum { pages price } avg { pages } max { title day mood price } min { pages at mood } } } }',
  '{ books_aggregate(where: {id: {_gt: 90}}) { aggregate { count sum { pages } avg { price } max { title } } } }',
  '{ books_aggregate { aggregate { count(columns: [genre, pages], distinct: true) a: count(columns: [genre]) b: count(columns: [genre], distinct: true) c: count(columns: [genre, sold]) d: count(columns: [meta], distinct: true) } } }',
  '{ books_aggregate(order_by: {id: asc}, limit: 2) { aggregate { count sum { pages } } nodes { id } } }',
  '{ books_aggregate(distinct_on: genre, order_by: [{genre: asc}, {id: desc}]) { aggregate { count max { pages } } nodes { id genre } } }',
  '{ books_group_by(keys: [genre], order_by: {keys: {genre: asc}}) { __typename keys { genre pages } aggregate { count sum { pages price } max { title } } } }',
  '{ books_group_by(keys: [genre, sold], order_by: [{keys: {genre: desc}}, {keys: {sold: asc}}]) { keys { genre sold } aggregate { count __typename } } }',
  '{ books_group_by(keys: [genre], order_by: [{count: desc}, {keys: {genre: asc}}], limit: 2) { keys { genre } aggregate { count } } }',
  '{ books_group_by(keys: [genre], having: {sum: {pages: {_gt: 60}}}, order_by: {keys: {genre: asc}}) { keys { genre } aggregate { sum { pages } } } }',
  '{ books_group_by(keys: [genre], having: {_or: [{count: {_eq: 1}}, {_not: {max: {price: {_lt: "100"}}}}]}, order_by: {keys: {genre: asc}}) { keys { genre } } }',
  '{ books_group_by(keys: [mood], having: {max: {mood: {_gte: "happy"}}}, order_by: {keys: {mood: asc}}) { keys { mood } aggregate { max { mood } } } }',
  '{ books_group_by(keys: []) { keys { genre } aggregate { count } } }',
  '{ books_group_by(keys: [], where: {id: {_gt: 90}}) { __typename } }',
  '{ books_group_by(keys: [], where: {id: {_gt: 90}}, having: {count: {_gt: 0}}) { __typename } }',
  '{ books_group_by(keys: [id], where: {id: {_gt: 90}}) { aggregate { count } } }',
  '{ authors(order_by: {id: asc}) { id books_aggregate { aggregate { count sum { pages } max { title } } } } }',
  '{ authors(order_by: {id: asc}) { id books_aggregate(where: {genre: {_eq: "novel"}}, order_by: {id: asc}, limit: 1) { aggregate { count sum { pages } } nodes { id } } } }',
  '{ authors(order_by: {books_aggregate: {count: desc}}) { id } }',
  '{ authors(order_by: [{books_aggregate: {max: {mood: desc}}}, {id: asc}]) { id } }',
  '{ authors(where: {books_aggregate: {count: {predicate: {_gte: 2}}}}, order_by: {id: asc}) { id } }',
  '{ authors(where: {books_aggregate: {bool_and: {arguments: sold, predicate: {_eq: true}}}}, order_by: {id: asc}) { id } }',
  '{ authors(where: {books_aggregate: {bool_or: {arguments: sold, predicate: {_eq: true}}}}, order_by: {id: asc}) { id } }',
  '{ authors(where: {books_aggregate: {avg: {arguments: pages, predicate: {_gt: 20.5}}}}, order_by: {id: asc}) { id } }',
  '{ authors(where: {books_aggregate: {count: {arguments: genre, distinct: true, predicate: {_eq: 2}}}}, order_by: {id: asc}) { id } }',
  // Pages of rows of which nothing is read.
  '{ books(order_by: {id: asc}) { id author { id books_aggregate { aggregate { count } } } } }',
  '{ books(order_by: {id: asc}) { id author { id books(limit: 1, offset: 1) { __typename } books_aggregate(offset: 1) { aggregate { __typename } } } } }',
  '{ books(order_by: {id: asc}) { id author { id books(distinct_on: genre, order_by: {genre: asc}) { __typename } books_aggregate(distinct_on: genre) { aggregate { count } } } } }',
];

test('groups over GraphQL are those of Postgres', async (t) => {
  const theirs = await serveGraphql(t, { sql: schemas.postgres, yaml });
  for (const engine of engines) {
    await t.test(engine, async (t) => {
      const ours = await serveGraphql(t, { engine, sql: schemas.mysql, yaml });
      for (const role of ['reader', 'mine']) {
        for (const document of documents) {
          if (role === 'mine' && /price|mood|sold|day|meta/.test(document)) continue;
          await t.test(`${role} ${document}`, async () => {
            const [a, b] = [await theirs.ask(token(role), document), await ours.ask(token(role), document)];
            assert.deepEqual([b.status, b.text], [a.status, written(a.text)]);
          });
        }
      }
    });
  }
});

test('groups that are alike in the order keep one order, so that pages of them fit together', async (t) => {
  for (const engine of engines) {
    const { ask } = await serveGraphql(t, { engine, sql: schemas.mysql, yaml });
    const page = '(keys: [id], order_by: {stddev: {pages: asc}})';
    const document = `{ books_group_by${page} { keys { id } } }`;
    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await ask(token('reader'), document)).text),
    );
    const ordered = [1, 2, 3, 4, 5, 6].map((id) => ({ keys: { id } }));
    for (const text of new Set(answers))
      assert.deepEqual(JSON.parse(text), { data: { books_group_by: ordered } }, engine);
  }
});

test('a deviation of distinct values is refused in words', async (t) => {
  for (const engine of engines) {
    const { ask } = await serveGraphql(t, { engine, sql: schemas.mysql, yaml });
    for (const name of ['stddev_samp', 'var_samp']) {
      const where = `{ books_aggregate: { ${name}: { arguments: pages, distinct: true, predicate: { _gt: 1 } } } }`;
      const { status, text } = await ask(token('reader'), `{ authors(where: ${where}) { id } }`);
      assert.equal(status, 200);
      assert.match(text, /deviation or variance of distinct values.*0A000/s, engine);
    }
  }
});
