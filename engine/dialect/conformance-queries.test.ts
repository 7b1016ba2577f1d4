/** What queries of GraphQL ask beyond lists: functions with aggregates, connections, casts. Exact SQL, parameters, rows. */
import type { CallRequest, ConnectionRequest, ReadConnectionRequest } from '../query/request.ts';
import { type Construct, holdConstructs } from './construct.fixture.ts';

const sql = `
  CREATE TABLE books (id int PRIMARY KEY, title text, price numeric, owner text);
  INSERT INTO books VALUES (1, 'One', 10.50, 'me'), (2, 'Two', 20, 'you'), (3, 'Three', NULL, 'me');
  ALTER TABLE books ADD COLUMN meta jsonb DEFAULT '{"k": 1}';
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int REFERENCES books (id), stars int);
  INSERT INTO reviews VALUES (1, 1, 5), (2, 1, NULL), (3, 2, 4);
  CREATE FUNCTION every_book() RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books ORDER BY id';
  CREATE FUNCTION one_book(wanted int) RETURNS books LANGUAGE sql STABLE AS 'SELECT * FROM books WHERE id = wanted';
  CREATE FUNCTION big() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 9007199254740993';
`;

const others = `
  ALTER DATABASE COLLATE utf8mb4_bin;
  CREATE TABLE books (id int PRIMARY KEY, title text, price decimal(10,2), owner varchar(40), meta json);
  INSERT INTO books VALUES (1, 'One', 10.50, 'me', '{"k": 1}'), (2, 'Two', 20, 'you', '{"k": 1}'), (3, 'Three', NULL, 'me', '{"k": 1}');
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int, stars int, FOREIGN KEY (book_id) REFERENCES books (id));
  INSERT INTO reviews VALUES (1, 1, 5), (2, 1, NULL), (3, 2, 4);
  CREATE PROCEDURE every_book() READS SQL DATA SELECT * FROM books ORDER BY id;
  CREATE PROCEDURE one_book(wanted int) READS SQL DATA SELECT * FROM books WHERE id = wanted;
  CREATE FUNCTION big() RETURNS bigint NO SQL RETURN 9007199254740993;
`;

const execute = '{ permissions: { reader: { execute: true }, mine: { execute: true } } }';
const yaml = `
roles: { reader: {}, mine: {} }
tables:
  books:
    permissions:
      reader: { select: true }
      mine: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
  reviews: { permissions: { reader: { select: true } } }
functions:
  every_book: ${execute}
  one_book: ${execute}
  big: ${execute}
`;

const call = (name: string, given: object, rest: Partial<CallRequest>): CallRequest => ({
  kind: 'call',
  function: name,
  values: [given],
  json: true,
  arguments: Object.keys(given),
  body: 0,
  node: { fields: [] },
  shape: 'list',
  count: false,
  ...rest,
});

const connection = (node: ConnectionRequest, values: readonly unknown[] = []): ReadConnectionRequest => ({
  kind: 'readConnection',
  table: 'books',
  values,
  json: true,
  node,
});
const byId = [{ through: [], column: 'id', direction: 'asc' }] as const;
const nothingKnown = { before: false, behind: false };
const id = { kind: 'column', column: 'id', as: 'id' } as const;

const constructs: readonly Construct[] = [
  {
    name: 'aggregates over the rows of a function, which runs once',
    role: 'mine',
    request: call(
      'every_book',
      {},
      {
        aggregate: {
          parts: [
            {
              kind: 'summary',
              as: 'aggregate',
              items: [{ kind: 'count', as: 'count', columns: [], distinct: false }],
            },
            { kind: 'nodes', as: 'nodes', fields: [{ kind: 'column', column: 'id', as: 'id' }] },
          ],
        },
      },
    ),
    parameters: ['me'],
    postgres: `WITH "called" AS MATERIALIZED (SELECT "t0".* FROM "public"."every_book"() AS "t0") SELECT (SELECT row_to_json("t6".*) FROM (SELECT (SELECT row_to_json("t2".*) FROM (SELECT count(*) AS "count" FROM (SELECT  FROM "called" AS "t1" WHERE "t1"."owner" = $1::"pg_catalog"."text") AS "t3") AS "t2") AS "aggregate", (SELECT coalesce(json_agg(row_to_json("t5".*)), '[]'::json) FROM (SELECT "t4"."id" AS "id" FROM "called" AS "t4" WHERE "t4"."owner" = $1::"pg_catalog"."text" LIMIT 1000) AS "t5") AS "nodes") AS "t6")::text, 1, NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '')`,
    rows: [['{"aggregate":{"count":2},"nodes":[{"id":1}, {"id":3}]}', '1', null, null, null]],
    // What gives rows there is a procedure, of whose rows nobody knows anything before it has run.
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'a function of one row that finds none',
    role: 'reader',
    request: call(
      'one_book',
      { wanted: 99 },
      { node: { fields: [{ kind: 'column', column: 'id', as: 'id' }] }, shape: 'row', nullsAreNone: true },
    ),
    parameters: ['[{"c0":99}]'],
    postgres: `SELECT coalesce((json_agg(row_to_json("t2".*)) -> 0)::text, 'null'), 1, NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."id" AS "id" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."one_book"("wanted" := "body"."c0") AS "t0" WHERE NOT ("t0" IS NULL) AND (true) LIMIT 1) AS "t2"`,
    rows: [['null', '1', null, null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'a scalar as a string',
    role: 'reader',
    request: call('big', {}, { number: 'string' }),
    parameters: [],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json(("t2"."value")::text)::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM "public"."big"() AS "t0"("value")) AS "t2"`,
    rows: [['"9007199254740993"', '1', null, null, null]],
  },
  {
    name: 'a page behind a row, with its cursors and the number of all rows',
    role: 'mine',
    request: connection(
      {
        within: { kind: 'compare', column: 'id', operator: 'gt', value: 0 },
        order: byId,
        backward: false,
        limit: 1,
        binding: 'b',
        known: { before: true, behind: false },
        parts: [
          {
            kind: 'edges',
            as: 'edges',
            items: [
              { kind: 'node', as: 'node', fields: [id] },
              { kind: 'cursor', as: 'cursor' },
            ],
          },
          {
            kind: 'pageInfo',
            as: 'pageInfo',
            items: [
              { kind: 'hasNextPage', as: 'hasNextPage' },
              { kind: 'hasPreviousPage', as: 'hasPreviousPage' },
              { kind: 'startCursor', as: 'startCursor' },
              { kind: 'endCursor', as: 'endCursor' },
            ],
          },
          { kind: 'totalCount', as: 'totalCount' },
        ],
      },
      [1],
    ),
    parameters: ['me', '1'],
    postgres: `SELECT (SELECT (SELECT row_to_json("t8".*) FROM (SELECT "t3"."e0" AS "edges", (SELECT row_to_json("t6".*) FROM (SELECT "t3"."more" AS "hasNextPage", true AS "hasPreviousPage", "t3"."first" AS "startCursor", "t3"."last" AS "endCursor") AS "t6") AS "pageInfo", (SELECT count(*) FROM "public"."books" AS "t7" WHERE "t7"."owner" = $1::"pg_catalog"."text") AS "totalCount") AS "t8") FROM (SELECT coalesce(json_agg((SELECT row_to_json("t5".*) FROM (SELECT "t2"."n1" AS "node", "t2"."k" AS "cursor") AS "t5") ORDER BY "t2"."i") FILTER (WHERE "t2"."i" <= 1), '[]'::json) AS "e0", count(*) > 1 AS "more", (array_agg("t2"."k" ORDER BY "t2"."i") FILTER (WHERE "t2"."i" <= 1))[1] AS "first", (array_agg("t2"."k" ORDER BY "t2"."i") FILTER (WHERE "t2"."i" <= 1))[least(count(*), 1)] AS "last" FROM (SELECT row_number() OVER () AS "i", "t1"."k", "t1"."n1" FROM (SELECT translate(encode(convert_to(json_build_array('b'::text, ("t0"."id")::text)::text, 'UTF8'), 'base64'), E'+/=\\n', '-_') AS "k", (SELECT row_to_json("t4".*) FROM (SELECT "t0"."id" AS "id") AS "t4") AS "n1" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND "t0"."id" > $2::"pg_catalog"."int4") ORDER BY "t0"."id" LIMIT 2) AS "t1") AS "t2") AS "t3")::text, 1`,
    rows: [
      [
        '{"edges":[{"node":{"id":3},"cursor":"WyJiIiwgIjMiXQ"}],"pageInfo":{"hasNextPage":false,"hasPreviousPage":true,"startCursor":"WyJiIiwgIjMiXQ","endCursor":"WyJiIiwgIjMiXQ"},"totalCount":2}',
        '1',
      ],
    ],
  },
  {
    name: 'a number of rows alone reads no page',
    role: 'mine',
    request: connection({
      order: byId,
      backward: false,
      binding: 'b',
      known: nothingKnown,
      parts: [{ kind: 'totalCount', as: 'n' }],
    }),
    parameters: ['me'],
    postgres: `SELECT (SELECT row_to_json("t1".*) FROM (SELECT (SELECT count(*) FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text") AS "n") AS "t1")::text, 1`,
    rows: [['{"n":2}', '1']],
  },
  {
    name: 'pages backwards of related rows, each edge of its own form',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      json: true,
      shape: 'list',
      count: false,
      node: {
        order: byId,
        fields: [
          id,
          {
            kind: 'embedConnection',
            as: 'reviews',
            relationship: 'reviews',
            node: {
              order: [{ through: [], column: 'id', direction: 'desc' }],
              backward: true,
              limit: 1,
              binding: 'b',
              known: nothingKnown,
              parts: [
                { kind: 'edges', as: 'edges', items: [{ kind: 'node', as: 'node', fields: [id] }] },
                {
                  kind: 'edges',
                  as: 'bare',
                  items: [{ kind: 'constant', as: '__typename', text: 'reviewsEdge' }],
                },
                { kind: 'pageInfo', as: 'p', items: [{ kind: 'hasPreviousPage', as: 'more' }] },
              ],
            },
          },
        ],
      },
    },
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t10".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT (SELECT row_to_json("t9".*) FROM (SELECT "t4"."e0" AS "edges", "t4"."e1" AS "bare", (SELECT row_to_json("t8".*) FROM (SELECT "t4"."more" AS "more") AS "t8") AS "p") AS "t9") FROM (SELECT coalesce(json_agg((SELECT row_to_json("t6".*) FROM (SELECT "t3"."n0" AS "node") AS "t6") ORDER BY "t3"."i" DESC) FILTER (WHERE "t3"."i" <= 1), '[]'::json) AS "e0", coalesce(json_agg((SELECT row_to_json("t7".*) FROM (SELECT 'reviewsEdge'::text AS "__typename") AS "t7") ORDER BY "t3"."i" DESC) FILTER (WHERE "t3"."i" <= 1), '[]'::json) AS "e1", count(*) > 1 AS "more" FROM (SELECT row_number() OVER () AS "i", "t2"."n0" FROM (SELECT (SELECT row_to_json("t5".*) FROM (SELECT "t1"."id" AS "id") AS "t5") AS "n0" FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND (true) ORDER BY "t1"."id" DESC LIMIT 2) AS "t2") AS "t3") AS "t4") AS "reviews" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1000) AS "t10"`,
    rows: [
      [
        '[{"id":1,"reviews":{"edges":[{"node":{"id":2}}],"bare":[{"__typename":"reviewsEdge"}],"p":{"more":true}}},{"id":2,"reviews":{"edges":[{"node":{"id":3}}],"bare":[{"__typename":"reviewsEdge"}],"p":{"more":false}}},{"id":3,"reviews":{"edges":[],"bare":[],"p":{"more":false}}}]',
        '3',
      ],
    ],
  },
  {
    name: 'the text of JSON by a pattern, behind the policy',
    role: 'mine',
    request: {
      kind: 'read',
      table: 'books',
      values: ['"k"'],
      json: true,
      shape: 'list',
      count: false,
      node: {
        fields: [id],
        where: { kind: 'compare', column: 'meta', cast: 'text', operator: 'regex', value: 0 },
      },
    },
    parameters: ['me', '"k"'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN ("t0"."meta")::"pg_catalog"."text" ~ $2::"pg_catalog"."text" ELSE false END) LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1},{"id":3}]', '2']],
  },
  {
    name: 'a value in JSON by its path',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      json: true,
      shape: 'list',
      count: false,
      node: {
        fields: [{ kind: 'column', column: 'meta', as: 'k', path: { steps: ['k', 0], text: false } }],
        limit: 1,
      },
    },
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT ("t0"."meta" -> 'k' -> 0) AS "k" FROM "public"."books" AS "t0" WHERE (true) LIMIT 1) AS "t1"`,
    rows: [['[{"k":1}]', '1']],
  },
];

holdConstructs(import.meta.url, { postgres: { sql, yaml }, others: { sql: others, yaml } }, constructs);
