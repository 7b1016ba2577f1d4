/** Calls of functions, and the forms of writes, as each dialect writes them: exact SQL, parameters and rows. */
import type { CallRequest, FieldRequest, InsertRequest, NodeRequest } from '../query/request.ts';
import { type Construct, holdConstructs } from './construct.fixture.ts';

const sql = `
  CREATE TABLE books (id int PRIMARY KEY, title text, price numeric DEFAULT 9, owner text DEFAULT 'nobody');
  INSERT INTO books VALUES (1, 'One', 10.50, 'me'), (2, 'Two', 20, 'you'), (3, 'Three', NULL, 'me');
  CREATE FUNCTION label(books) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.title || $1.id';
  CREATE FUNCTION quiet(a int) RETURNS void LANGUAGE sql STABLE AS 'SELECT';
  CREATE FUNCTION add(a int, b int DEFAULT 10) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT a + b';
  CREATE FUNCTION total(VARIADIC nums int[]) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT sum(n) FROM unnest(nums) n';
  CREATE FUNCTION words() RETURNS SETOF text LANGUAGE sql STABLE AS $$ VALUES ('a'), (NULL), ('b"c') $$;
  CREATE FUNCTION whole(jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS 'SELECT $1';
  CREATE FUNCTION size_of(bytea) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT length($1)';
  CREATE FUNCTION pairs(n int) RETURNS TABLE (k int, label text) LANGUAGE sql IMMUTABLE AS $$ SELECT i, 'l' || i FROM generate_series(1, n) i $$;
  CREATE FUNCTION every_book() RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books ORDER BY id';
  CREATE FUNCTION one_book(wanted int) RETURNS books LANGUAGE sql STABLE AS 'SELECT * FROM books WHERE id = wanted';
  CREATE FUNCTION "o'dd ""n"""("a ""b" int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT "a ""b"';
`;

const others = `
  ALTER DATABASE COLLATE utf8mb4_bin;
  CREATE TABLE books (id int PRIMARY KEY, title text, price decimal(10,0) DEFAULT 9, owner varchar(40) DEFAULT 'nobody');
  INSERT INTO books VALUES (1, 'One', 10.50, 'me'), (2, 'Two', 20, 'you'), (3, 'Three', NULL, 'me');
  CREATE PROCEDURE quiet(a int) NO SQL BEGIN END;
  CREATE FUNCTION \`add\`(a int, b int) RETURNS int NO SQL RETURN a + b;
  CREATE FUNCTION total(nums json) RETURNS bigint READS SQL DATA RETURN (SELECT SUM(n) FROM JSON_TABLE(nums, '$[*]' COLUMNS (n int PATH '$')) AS t);
  CREATE PROCEDURE words() NO SQL SELECT 'a' AS word UNION ALL SELECT NULL UNION ALL SELECT 'b"c';
  CREATE FUNCTION whole(doc json) RETURNS json NO SQL RETURN doc;
  CREATE FUNCTION size_of(bytes blob) RETURNS int NO SQL RETURN LENGTH(bytes);
  CREATE PROCEDURE pairs(n int) NO SQL WITH RECURSIVE up (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < n) SELECT i AS k, CONCAT('l', i) AS label FROM up;
  CREATE PROCEDURE every_book() READS SQL DATA SELECT * FROM books ORDER BY id;
  CREATE PROCEDURE one_book(wanted int) READS SQL DATA SELECT * FROM books WHERE id = wanted;
  CREATE FUNCTION \`o'dd "n"\`(\`a "b\` int) RETURNS int NO SQL RETURN \`a "b\`;
`;

const execute = (name: string) =>
  `  ${name}: { permissions: { reader: { execute: true }, mine: { execute: true } } }\n`;
const names = [
  'quiet',
  'add',
  'total',
  'words',
  'whole',
  'size_of',
  'pairs',
  'every_book',
  'one_book',
  `"o'dd \\"n\\""`,
];

const yamlOf = (functions: readonly string[]) => `
roles: { reader: {}, mine: {} }
tables:
  books:
    permissions:
      reader: { select: true, insert: true, update: true }
      mine: { select: { columns: "*", where: { owner: $jwt.sub } }, insert: { columns: [id, title, price], set: { owner: $jwt.sub } } }
functions:
${functions.map(execute).join('')}`;

const column = (name: string, rest: object = {}): FieldRequest => ({
  kind: 'column',
  column: name,
  as: name,
  ...rest,
});
const all: FieldRequest = { kind: 'all' };

/** @param given the arguments by name; a text is the whole body */
const call = (
  name: string,
  given: object | string,
  node: Partial<NodeRequest> = {},
  rest: Partial<CallRequest> = {},
): CallRequest => ({
  kind: 'call',
  function: name,
  arguments: typeof given === 'string' ? undefined : Object.keys(given),
  body: 0,
  node: { fields: [all], ...node },
  shape: 'list',
  count: false,
  values: [given],
  ...rest,
});

const insert = (
  columns: readonly string[],
  rows: readonly object[],
  rest: Partial<InsertRequest> = {},
): InsertRequest => ({
  kind: 'insert',
  table: 'books',
  columns,
  rows: 0,
  returning: [{ fields: [column('id'), column('price')] }],
  shape: 'list',
  values: [rows],
  ...rest,
});

const constructs: readonly Construct[] = [
  {
    name: 'a void function',
    role: 'reader',
    request: call('quiet', { a: 1 }),
    parameters: ['[{"c0":1}]'],
    postgres: `SELECT NULL, count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."quiet"("a" := "body"."c0") AS "t0"`,
    // A procedure that gives no rows.
    rows: { postgres: [[null, '1', null, null, null]], others: [[null, '0', null, null, null]] },
  },
  {
    name: 'a scalar, with an argument left out',
    role: 'reader',
    request: call('add', { a: '1' }),
    parameters: ['[{"c0":"1"}]'],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json("t2"."value")::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."add"("a" := "body"."c0") AS "t0"("value")) AS "t2"`,
    rows: [['11', '1', null, null, null]],
    // There are no defaults of arguments.
    refused: { code: 'PGRST202', message: 'Could not find the function public.add(a) in the schema cache' },
  },
  {
    name: 'a scalar of all arguments',
    role: 'reader',
    request: call('add', { b: 2, a: 1 }),
    parameters: ['[{"c1":2,"c0":1}]'],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json("t2"."value")::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."add"("a" := "body"."c0", "b" := "body"."c1") AS "t0"("value")) AS "t2"`,
    rows: [['3', '1', null, null, null]],
  },
  {
    name: 'a variadic argument',
    role: 'reader',
    request: call('total', { nums: [1, 2, '3'] }),
    parameters: ['[{"c0":[1,2,"3"]}]'],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json("t2"."value")::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."_int4") CROSS JOIN LATERAL "public"."total"(VARIADIC "nums" := "body"."c0") AS "t0"("value")) AS "t2"`,
    rows: [['6', '1', null, null, null]],
  },
  {
    name: 'a set of scalars, a page of it, counted',
    role: 'reader',
    request: call('words', {}, { limit: 2, offset: 1 }, { count: true, values: [{}, 1] }),
    parameters: ['1'],
    postgres: `WITH "called"("value") AS MATERIALIZED (SELECT "t1".* FROM "public"."words"() AS "t1") SELECT coalesce('[' || string_agg(coalesce(to_json("t2"."value")::text, 'null'), ',') || ']', '[]'), count(*), (SELECT count(*) FROM "called" AS "t0" WHERE true), nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM "called" AS "t0" LIMIT 2 OFFSET $1::int8) AS "t2"`,
    rows: [['[null,"b\\"c"]', '2', '3', null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'a set of scalars as lines of CSV',
    role: 'reader',
    request: call('words', {}, {}, { stream: 'csv' }),
    parameters: [],
    postgres: `SELECT ("t2"."value")::text FROM (SELECT "t0"."value" FROM "public"."words"() AS "t0"("value") LIMIT 1000) AS "t2"`,
    rows: [['a'], [null], ['b"c']],
  },
  {
    name: 'a whole body of JSON',
    role: 'reader',
    request: call('whole', '{"b": 1, "a": 2.50}', {}, { bodyType: 'json' }),
    parameters: ['{"b": 1, "a": 2.50}'],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json("t2"."value")::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM "public"."whole"($1::"pg_catalog"."jsonb") AS "t0"("value")) AS "t2"`,
    rows: [['{"a": 2.50, "b": 1}', '1', null, null, null]],
    // Each argument has a name, so that none is the whole body.
    refused: { code: 'PGRST202', message: 'Could not find the function public.whole in the schema cache' },
  },
  {
    name: 'a whole body of bytes',
    role: 'reader',
    request: call('size_of', '\\x00ff10', {}, { bodyType: 'binary' }),
    parameters: ['\\x00ff10'],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json("t2"."value")::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM "public"."size_of"($1::"pg_catalog"."bytea") AS "t0"("value")) AS "t2"`,
    rows: [['3', '1', null, null, null]],
    refused: { code: 'PGRST202', message: 'Could not find the function public.size_of in the schema cache' },
  },
  {
    name: 'rows that the function describes, selected, filtered and ordered',
    role: 'reader',
    request: call(
      'pairs',
      { n: 3 },
      {
        fields: [column('label', { as: 'l' })],
        where: { kind: 'compare', column: 'k', operator: 'gt', value: 1 },
        order: [{ through: [], column: 'k', direction: 'desc' }],
        limit: 5,
      },
      { values: [{ n: 3 }, '1'] },
    ),
    parameters: ['[{"c0":3}]', '1'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."label" AS "l" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."pairs"("n" := "body"."c0") AS "t0" WHERE "t0"."k" > $2::"pg_catalog"."int4" ORDER BY "t0"."k" DESC LIMIT 5) AS "t2"`,
    rows: [['[{"l":"l3"},{"l":"l2"}]', '2', null, null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'groups of rows that the function describes',
    role: 'reader',
    request: call(
      'pairs',
      { n: 3 },
      { fields: [{ kind: 'aggregate', as: 'sum', term: { function: 'sum', column: 'k' } }] },
    ),
    parameters: ['[{"c0":3}]'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT sum("g0") AS "sum" FROM (SELECT "t0"."k" AS "g0" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."pairs"("n" := "body"."c0") AS "t0" WHERE (true)) AS "t2" LIMIT 1000) AS "t3"`,
    rows: [['[{"sum":6}]', '1', null, null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'rows of an exposed table pass its row filter',
    role: 'mine',
    request: call('every_book', {}, { fields: [column('id'), column('title')] }),
    parameters: ['me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."id" AS "id", "t0"."title" AS "title" FROM "public"."every_book"() AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" LIMIT 1000) AS "t2"`,
    rows: [['[{"id":1,"title":"One"},{"id":3,"title":"Three"}]', '2', null, null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'rows of an exposed table, counted: the function runs once',
    role: 'mine',
    request: call('every_book', {}, { fields: [column('id'), column('label')], limit: 1 }, { count: true }),
    parameters: ['me'],
    postgres: `WITH "called" AS MATERIALIZED (SELECT "t1".* FROM "public"."every_book"() AS "t1") SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*), (SELECT count(*) FROM "called" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text"), nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."id" AS "id", "public"."label"(ROW("t0"."id", "t0"."title", "t0"."price", "t0"."owner")::"public"."books") AS "label" FROM "called" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" LIMIT 1) AS "t2"`,
    rows: [['[{"id":1,"label":"One1"}]', '1', '2', null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'one row of an exposed table',
    role: 'mine',
    request: call('one_book', { wanted: 1 }, { fields: [column('title')] }),
    parameters: ['[{"c0":1}]', 'me'],
    postgres: `SELECT coalesce((json_agg(row_to_json("t2".*)) -> 0)::text, 'null'), 1, NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."title" AS "title" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."one_book"("wanted" := "body"."c0") AS "t0" WHERE "t0"."owner" = $2::"pg_catalog"."text" LIMIT 1) AS "t2"`,
    rows: [['{"title":"One"}', '1', null, null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'one row that the row filter hides',
    role: 'mine',
    request: call('one_book', { wanted: 2 }, { fields: [column('title')] }),
    parameters: ['[{"c0":2}]', 'me'],
    postgres: `SELECT coalesce((json_agg(row_to_json("t2".*)) -> 0)::text, 'null'), 1, NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."title" AS "title" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."one_book"("wanted" := "body"."c0") AS "t0" WHERE "t0"."owner" = $2::"pg_catalog"."text" LIMIT 1) AS "t2"`,
    rows: [['null', '1', null, null, null]],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'rows as lines of JSON',
    role: 'mine',
    request: call('every_book', {}, { fields: [column('id')] }, { stream: 'ndjson' }),
    parameters: ['me'],
    postgres: `SELECT (row_to_json("t2".*))::text FROM (SELECT "t0"."id" AS "id" FROM "public"."every_book"() AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" LIMIT 1000) AS "t2"`,
    rows: [['{"id":1}'], ['{"id":3}']],
    refused: {
      code: '0A000',
      message: 'The rows of a procedure cannot be selected from, filtered, ordered or paged.',
    },
  },
  {
    name: 'names with quotes',
    role: 'reader',
    request: call(`o'dd "n"`, { 'a "b': 5 }),
    parameters: ['[{"c0":5}]'],
    postgres: `SELECT coalesce((array_agg(coalesce(to_json("t2"."value")::text, 'null')))[1], 'null'), count(*), NULL, nullif(current_setting('response.status', true), ''), nullif(current_setting('response.headers', true), '') FROM (SELECT "t0"."value" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4") CROSS JOIN LATERAL "public"."o'dd ""n"""("a ""b" := "body"."c0") AS "t0"("value")) AS "t2"`,
    rows: [['5', '1', null, null, null]],
  },
  {
    name: 'rows that give different columns',
    role: 'mine',
    request: insert(
      ['id', 'title', 'price'],
      [
        { id: 7, title: 'A' },
        { id: 8, title: 'B', price: 1 },
        { id: 9, title: 'C' },
      ],
      {
        sets: {
          columns: [
            ['id', 'title'],
            ['id', 'title', 'price'],
          ],
          of: 1,
        },
        values: [
          [
            { id: 7, title: 'A' },
            { id: 8, title: 'B', price: 1 },
            { id: 9, title: 'C' },
          ],
          [0, 1, 0],
        ],
      },
    ),
    parameters: [
      'me',
      '[{"s":0,"c0":7,"c1":"A"},{"s":1,"c0":8,"c1":"B","c2":1},{"s":0,"c0":9,"c1":"C"}]',
      'me',
    ],
    postgres: `WITH "written0" AS (INSERT INTO "public"."books" AS "t0" ("id", "title", "owner") SELECT "body"."c0", "body"."c1", $1::"pg_catalog"."text" FROM json_to_recordset($2::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text", "c2" "pg_catalog"."numeric", "s" int4) WHERE "body"."s" = 0 RETURNING "t0".*), "written1" AS (INSERT INTO "public"."books" AS "t1" ("id", "title", "price", "owner") SELECT "body"."c0", "body"."c1", "body"."c2", $1::"pg_catalog"."text" FROM json_to_recordset($2::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text", "c2" "pg_catalog"."numeric", "s" int4) WHERE "body"."s" = 1 RETURNING "t1".*), "written" AS (SELECT * FROM "written0" UNION ALL SELECT * FROM "written1") SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written" AS "t2" WHERE "t2"."owner" = $3::"pg_catalog"."text"), (SELECT json_build_array("t3"."id"::text)::text FROM "written" AS "t3" WHERE (SELECT count(*) FROM "written") = 1 AND "t3"."owner" = $3::"pg_catalog"."text"), NULL, NULL, (SELECT coalesce('[' || string_agg((row_to_json("t5".*))::text, ',') || ']', '[]') FROM (SELECT "t4"."id" AS "id", "t4"."price" AS "price" FROM "written" AS "t4" WHERE "t4"."owner" = $3::"pg_catalog"."text") AS "t5")`,
    // Postgres gives them by their sets of columns.
    rows: {
      postgres: [
        ['3', 't', '3', null, null, null, '[{"id":7,"price":9},{"id":9,"price":9},{"id":8,"price":1}]'],
      ],
      others: [
        ['3', 't', '3', null, null, null, '[{"id":7,"price":9},{"id":8,"price":1},{"id":9,"price":9}]'],
      ],
    },
  },
  {
    name: 'an upsert of rows that give different columns',
    role: 'reader',
    request: insert(['id', 'title', 'price'], [], {
      sets: {
        columns: [
          ['id', 'title'],
          ['id', 'price'],
        ],
        of: 1,
      },
      conflict: { action: 'merge' },
      values: [
        [
          { id: 2, title: 'A' },
          { id: 3, price: 1 },
        ],
        [0, 1],
      ],
    }),
    parameters: ['[{"s":0,"c0":2,"c1":"A"},{"s":1,"c0":3,"c2":1}]', '[{"c0":2,"c1":"A"},{"c0":3,"c2":1}]'],
    postgres: `WITH "written0" AS (INSERT INTO "public"."books" AS "t0" ("id", "title") SELECT "body"."c0", "body"."c1" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text", "c2" "pg_catalog"."numeric", "s" int4) WHERE "body"."s" = 0 ORDER BY "body"."c0" ON CONFLICT ("id") DO UPDATE SET "title" = "excluded"."title" WHERE true AND true RETURNING "t0".*, ("t0".xmax = 0) AS "novastack_inserted"), "written1" AS (INSERT INTO "public"."books" AS "t1" ("id", "price") SELECT "body"."c0", "body"."c2" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text", "c2" "pg_catalog"."numeric", "s" int4) WHERE "body"."s" = 1 ORDER BY "body"."c0" ON CONFLICT ("id") DO UPDATE SET "price" = "excluded"."price" WHERE true AND true RETURNING "t1".*, ("t1".xmax = 0) AS "novastack_inserted"), "written" AS (SELECT * FROM "written0" UNION ALL SELECT * FROM "written1") SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written" AS "t2" WHERE true), (SELECT json_build_array("t3"."id"::text)::text FROM "written" AS "t3" WHERE (SELECT count(*) FROM "written") = 1 AND true), (SELECT count(*) FROM "written" WHERE "novastack_inserted"), NULL, (SELECT coalesce('[' || string_agg((row_to_json("t7".*))::text, ',') || ']', '[]') FROM (SELECT "t4"."id" AS "id", "t4"."price" AS "price" FROM "written" AS "t4" LEFT JOIN (SELECT "c0", min("position") AS "position" FROM (SELECT "c0", row_number() OVER () AS "position" FROM json_to_recordset($2::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text", "c2" "pg_catalog"."numeric")) AS "t5" GROUP BY "c0") AS "t6" ON "t6"."c0" = "t4"."id" WHERE true ORDER BY "t6"."position") AS "t7")`,
    rows: [['2', 't', '2', null, '0', null, '[{"id":2,"price":20},{"id":3,"price":1}]']],
  },
  {
    name: 'written rows as lists of CSV',
    role: 'reader',
    request: insert(['id', 'title'], [{ id: 7, title: 'a,b' }], { stream: 'csv' }),
    parameters: ['[{"c0":7,"c1":"a,b"}]'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" ("id", "title") SELECT "body"."c0", "body"."c1" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text") RETURNING "t0".*) SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written" AS "t1" WHERE true), (SELECT json_build_array("t2"."id"::text)::text FROM "written" AS "t2" WHERE (SELECT count(*) FROM "written") = 1 AND true), NULL, NULL, (SELECT '[' || '["id","price"]' || coalesce(',' || string_agg(json_build_array(("t4"."c0")::text, ("t4"."c1")::text)::text, ','), '') || ']' FROM (SELECT "t3"."id" AS "c0", "t3"."price" AS "c1" FROM "written" AS "t3" WHERE true) AS "t4")`,
    // Postgres has a blank behind each comma of a list.
    rows: {
      postgres: [['1', 't', '1', '["7"]', null, null, '[["id","price"],["7", "9"]]']],
      others: [['1', 't', '1', '["7"]', null, null, '[["id","price"],["7","9"]]']],
    },
  },
  {
    name: 'written rows with a computed field',
    role: 'reader',
    request: insert(['id', 'title'], [{ id: 7, title: 'A' }], {
      returning: [{ fields: [column('label')] }],
      stripNulls: true,
    }),
    parameters: ['[{"c0":7,"c1":"A"}]'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" ("id", "title") SELECT "body"."c0", "body"."c1" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text") RETURNING "t0".*) SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written" AS "t1" WHERE true), (SELECT json_build_array("t2"."id"::text)::text FROM "written" AS "t2" WHERE (SELECT count(*) FROM "written") = 1 AND true), NULL, NULL, (SELECT coalesce('[' || string_agg((json_strip_nulls(row_to_json("t4".*)))::text, ',') || ']', '[]') FROM (SELECT "public"."label"(ROW("t3"."id", "t3"."title", "t3"."price", "t3"."owner")::"public"."books") AS "label" FROM "written" AS "t3" WHERE true) AS "t4")`,
    rows: [['1', 't', '1', '["7"]', null, null, '[{"label":"A7"}]']],
    refused: { code: '42703', message: 'column books.label does not exist' },
  },
];

holdConstructs(
  import.meta.url,
  { postgres: { sql, yaml: yamlOf(['label', ...names]) }, others: { sql: others, yaml: yamlOf(names) } },
  constructs,
);
