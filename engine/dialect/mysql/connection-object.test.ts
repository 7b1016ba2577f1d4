/** Pages by keyset: what is asked of the two servers gives Postgres' own text, cursors included. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serve } from '../../../test/graphql.ts';
import { token } from '../../../test/project.ts';

const rows = `
  INSERT INTO authors VALUES (1, 'Ada', 'me'), (2, 'Bo', 'you'), (3, 'Cy', 'me');
  INSERT INTO books VALUES
    (1, 'Ünlü "One"', 'novel', 10.50, 1.5, true, '2020-01-01', '2020-01-01 10:00:00.5', 1, 'happy', 9007199254740993),
    (2, 'Two', 'novel', 20.00, 2.5, false, '2020-01-02', '2020-01-01 10:00:00.5', 1, 'sad', 1),
    (3, 'Three 😀 with a title that is longer than a line of base64 has letters, by far', 'essay', 1.25, 0.25, true, '2020-01-01', '2021-01-01 00:00:00', 2, 'happy', 2),
    (4, 'Four', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (5, 'Five', 'essay', 100000.00, 8, true, '2019-12-31', '2019-01-01 00:00:00', 1, 'calm', 3),
    (6, 'Six', NULL, 3.75, NULL, false, '2020-01-01', NULL, 2, 'sad', 4);
`;
const sql = {
  postgres: `CREATE TYPE mood AS ENUM ('sad', 'happy', 'calm');
    CREATE TABLE authors (id int PRIMARY KEY, name varchar(40) NOT NULL, owner varchar(20));
    CREATE TABLE books (id int PRIMARY KEY, title varchar(200) COLLATE "C" NOT NULL, genre varchar(20), price numeric(10,2), rating float8, sold boolean,
      day date, at timestamp, author_id int REFERENCES authors, mood mood, big bigint);${rows}`,
  mysql: `CREATE TABLE authors (id int PRIMARY KEY, name varchar(40) NOT NULL, owner varchar(20));
    CREATE TABLE books (id int PRIMARY KEY, title varchar(200) COLLATE utf8mb4_bin NOT NULL, genre varchar(20), price decimal(10,2), rating double, sold boolean,
      day date, at datetime(6), author_id int, mood enum('sad', 'happy', 'calm'), big bigint, FOREIGN KEY (author_id) REFERENCES authors (id));${rows}`,
};
const yaml = `
roles: { reader: {}, mine: {} }
tables:
  authors: { permissions: { reader: { select: true }, mine: { select: { columns: "*", where: { owner: me } } } } }
  books:
    permissions:
      reader: { select: true }
      mine: { select: { columns: "*", where: { author: { owner: me } } } }
`;

interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: number } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const selection =
  'edges { cursor node { id author { name } } } totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor __typename }';

const orders = [
  '{id: asc}', '{id: desc}', '{title: asc}', '{title: desc}', '[{genre: asc}, {id: asc}]', '[{genre: desc_nulls_last}, {id: asc}]',
  '[{price: asc_nulls_first}]', '[{rating: desc}]', '[{sold: asc}, {price: desc}]', '[{day: asc}]', '[{at: desc}]', '[{mood: asc}]', '[{mood: desc}]',
  '[{big: asc}]', '[{author: {name: asc}}, {title: desc}]',
]; // biome-ignore format: a list

for (const engine of ['mysql', 'mariadb'] as const) {
  test(`pages by keyset on ${engine} are those of Postgres`, async (t) => {
    const theirs = await serve(t, { sql: sql.postgres, yaml });
    const ours = await serve(t, { engine, sql: sql.mysql, yaml });
    const both = async (query: string, role = 'reader') => {
      const [a, b] = [await theirs.ask(token(role), query), await ours.ask(token(role), query)];
      assert.deepEqual([b.status, b.text], [a.status, written(a.text)]);
      return (a.body as { data: { c: Page } }).data.c;
    };

    for (const order of orders) {
      for (const role of ['reader', 'mine']) {
        await t.test(`${role} walks forward and back by ${order}`, async () => {
          const args = `order_by: ${order}, first: 2`;
          let page = await both(`{ c: books_connection(${args}) { ${selection} } }`, role);
          const seen = page.edges.map(({ node }) => node.id);
          for (let turn = 0; page.pageInfo.hasNextPage && turn < 5; turn += 1) {
            const after = page.pageInfo.endCursor!;
            page = await both(`{ c: books_connection(${args}, after: "${after}") { ${selection} } }`, role);
            seen.push(...page.edges.map(({ node }) => node.id));
          }
          assert.deepEqual(seen.toSorted(), role === 'reader' ? [1, 2, 3, 4, 5, 6] : [1, 2, 5]);
          const before = page.edges[0]!.cursor;
          await both(
            `{ c: books_connection(order_by: ${order}, last: 2, before: "${before}") { ${selection} } }`,
            role,
          );
          await both(`{ c: books_connection(order_by: ${order}, last: 2) { ${selection} } }`, role);
        });
      }
    }

    await t.test('parts that are left out, named anew, or of no rows', async () => {
      for (const query of [
        '{ c: books_connection { totalCount __typename } }',
        '{ c: books_connection(first: 1) { pageInfo { hasNextPage } } }',
        '{ c: books_connection(first: 1) { edges { cursor } } }',
        '{ c: books_connection(first: 3) { one: edges { node { id } } two: edges { n: node { id title } __typename } pageInfo { endCursor } } }',
        `{ c: books_connection(where: {id: {_gt: 90}}) { ${selection} } }`,
        '{ c: books_connection(first: 0) { edges { cursor } pageInfo { hasNextPage endCursor } } }',
      ])
        await both(query);
    });

    await t.test('connections of related rows', async () => {
      for (const role of ['reader', 'mine']) {
        for (const query of [
          `{ c: authors(order_by: {id: asc}) { id books_connection(first: 2, order_by: {title: desc}) { ${selection} } } }`,
          `{ c: authors(order_by: {id: asc}) { books_connection(last: 1, order_by: [{genre: asc}, {id: asc}]) { ${selection} } } }`,
          '{ c: authors(order_by: {id: asc}) { books_connection { totalCount } } }',
          '{ c: authors(order_by: {id: asc}) { books_connection(where: {sold: {_eq: true}}, first: 1) { totalCount edges { node { author { books_connection(first: 1) { edges { node { id } } } } } } } } }',
          '{ c: authors_connection(order_by: {id: desc}, first: 2) { edges { node { id books_connection(order_by: {id: desc}) { pageInfo { startCursor } edges { node { id } } } } } } }',
        ])
          await both(query, role);
      }
    });
  });
}

/** Without the blanks that Postgres has in lists. */
function written(text: string): string {
  return text.replaceAll('}, {', '},{');
}
