/** What queries of GraphQL ask beyond lists: functions with aggregates, connections, casts. Exact SQL, parameters, rows. */
import { test } from 'node:test';
import type { CallRequest } from '../query/request.ts';
import { type Construct, holdOnOthers, holdOnPostgres, unsupported } from './construct.fixture.ts';

const sql = `
  CREATE TABLE books (id int PRIMARY KEY, title text, price numeric, owner text);
  INSERT INTO books VALUES (1, 'One', 10.50, 'me'), (2, 'Two', 20, 'you'), (3, 'Three', NULL, 'me');
  CREATE FUNCTION every_book() RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books ORDER BY id';
  CREATE FUNCTION one_book(wanted int) RETURNS books LANGUAGE sql STABLE AS 'SELECT * FROM books WHERE id = wanted';
  CREATE FUNCTION big() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 9007199254740993';
`;

const execute = '{ permissions: { reader: { execute: true }, mine: { execute: true } } }';
const yaml = `
roles: { reader: {}, mine: {} }
tables:
  books:
    permissions:
      reader: { select: true }
      mine: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
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

const constructs: readonly Construct[] = [
  {
    ...unsupported,
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
  },
  {
    ...unsupported,
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
  },
  {
    ...unsupported,
    name: 'a scalar as a string',
    role: 'reader',
    request: call('big', {}, { number: 'string' }),
    parameters: [],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json(("t2"."value")::text)::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM "public"."big"() AS "t0"("value")) AS "t2"`,
    rows: [['"9007199254740993"', '1', null, null, null]],
  },
];

test('queries on postgres', (t) => holdOnPostgres(t, { sql, yaml }, constructs));

test('queries on mysql and mariadb are refused by name', () => holdOnOthers(constructs));
