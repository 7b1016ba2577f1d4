/** Constructs of GraphQL's writes as each dialect writes them: upserts by choice, links between rows, operators. */
import { type Construct, holdConstructs } from './construct.fixture.ts';

const sql = `
  CREATE TABLE authors (id int PRIMARY KEY, name text);
  CREATE TABLE books (id int PRIMARY KEY, title text, stock int, meta jsonb, owner text, author_id int REFERENCES authors);
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int REFERENCES books);
  INSERT INTO authors VALUES (2, 'Ada');
  INSERT INTO books VALUES (1, 'One', 7, '{"k": {"l": 1, "m": 2}}', 'me', 2), (2, 'Two', 1, '[1, 2]', 'me', 2), (3, 'Three', 1, NULL, 'you', 2);
`;

const others = `
  ALTER DATABASE COLLATE utf8mb4_bin;
  CREATE TABLE authors (id int PRIMARY KEY, name text);
  CREATE TABLE books (
    id int PRIMARY KEY, title text, stock int, meta json, owner varchar(40), author_id int, FOREIGN KEY (author_id) REFERENCES authors (id)
  );
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int, FOREIGN KEY (book_id) REFERENCES books (id));
  INSERT INTO authors VALUES (2, 'Ada');
  INSERT INTO books VALUES (1, 'One', 7, '{"k": {"l": 1, "m": 2}}', 'me', 2), (2, 'Two', 1, '[1, 2]', 'me', 2), (3, 'Three', 1, NULL, 'you', 2);
`;

const yaml = `
roles: { staff: {}, mine: {} }
tables:
  authors: { permissions: { staff: { select: true } } }
  reviews: { permissions: { staff: { select: true } } }
  books:
    permissions:
      staff: { select: true, insert: true, update: true }
      mine:
        select: { columns: "*", where: { owner: $jwt.sub } }
        insert: { columns: [id, title], set: { owner: $jwt.sub } }
        update: { columns: [title], where: { owner: $jwt.sub } }
`;

const constructs: readonly Construct[] = [
  {
    name: "an upsert by the caller's own condition, of columns of its choice",
    role: 'mine',
    request: {
      kind: 'insert',
      table: 'books',
      json: true,
      values: [
        5,
        [
          { id: 1, title: 'Again' },
          { id: 9, title: 'New' },
        ],
      ],
      rows: 1,
      columns: ['id', 'title'],
      conflict: {
        action: 'merge',
        columns: ['id'],
        update: ['title'],
        where: { kind: 'compare', column: 'stock', operator: 'lt', value: 0 },
      },
      returning: [],
      shape: 'list',
    },
    parameters: ['me', '[{"c0":1,"c1":"Again"},{"c0":9,"c1":"New"}]', 'me', '5'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" ("id", "title", "owner") SELECT "body"."c0", "body"."c1", $1::"pg_catalog"."text" FROM json_to_recordset($2::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text") ORDER BY "body"."c0" ON CONFLICT ("id") DO UPDATE SET "title" = "excluded"."title" WHERE "t0"."owner" = $3::"pg_catalog"."text" AND true AND ("t0"."owner" = $3::"pg_catalog"."text" AND "t0"."stock" < $4::"pg_catalog"."int4") RETURNING "t0".*, ("t0".xmax = 0) AS "novastack_inserted") SELECT (SELECT count(*) FROM "written"), (SELECT coalesce(bool_and(CASE WHEN "t2"."novastack_inserted" THEN (true) IS TRUE ELSE ("t2"."owner" = $3::"pg_catalog"."text") IS TRUE END), true) FROM "written" AS "t2"), (SELECT count(*) FROM "written"), (SELECT json_build_array("t3"."id"::text)::text FROM "written" AS "t3" WHERE (SELECT count(*) FROM "written") = 1 AND "t3"."owner" = $3::"pg_catalog"."text"), (SELECT count(*) FROM "written" WHERE "novastack_inserted"), NULL, (SELECT count(*) FROM json_to_recordset($2::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text") JOIN "public"."books" AS "t1" ON "t1"."id" = "body"."c0" WHERE "t1"."owner" = $3::"pg_catalog"."text" AND NOT coalesce(("t1"."owner" = $3::"pg_catalog"."text" AND "t1"."stock" < $4::"pg_catalog"."int4"), false))`,
    rows: [['1', 't', '1', '["9"]', '1', null, '1']],
  },
  {
    name: 'rows that hang on others, and what hangs on them needs',
    role: 'staff',
    request: {
      kind: 'insert',
      table: 'books',
      json: true,
      values: [[{ id: 8, title: 'New', author_id: 2 }]],
      rows: 0,
      columns: ['id', 'title'],
      links: [{ table: 'books', relationship: 'author', side: 'near' }],
      yields: ['key', { table: 'books', relationship: 'reviews', side: 'near' }],
      returning: [],
      shape: 'list',
    },
    parameters: ['[{"c0":8,"c1":"New","c2":2}]'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" ("id", "title", "author_id") SELECT "body"."c0", "body"."c1", "body"."c2" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."text", "c2" "pg_catalog"."int4") RETURNING "t0".*) SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written"), (SELECT json_build_array("t1"."id"::text)::text FROM "written" AS "t1" WHERE (SELECT count(*) FROM "written") = 1 AND true), NULL, NULL, (SELECT coalesce(json_agg(json_build_array("written"."id", "written"."id")), '[]')::text FROM "written")`,
    // Postgres has a blank behind each comma of a list.
    rows: {
      postgres: [['1', 't', '1', '["8"]', null, null, '[[8, 8]]']],
      others: [['1', 't', '1', '["8"]', null, null, '[[8,8]]']],
    },
  },
  {
    name: 'written rows read back by their keys, in their order',
    role: 'mine',
    request: {
      kind: 'read',
      table: 'books',
      json: true,
      values: [[{ c0: 2 }, { c0: 3 }, { c0: 1 }]],
      keys: 0,
      node: { fields: [{ kind: 'column', column: 'title', as: 'title' }] },
      shape: 'list',
      count: false,
    },
    parameters: ['[{"c0":2},{"c0":3},{"c0":1}]', 'me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."title" AS "title" FROM ROWS FROM (json_to_recordset($1::json) AS ("c0" "pg_catalog"."int4")) WITH ORDINALITY AS "t1"("c0", "position") JOIN "public"."books" AS "t0" ON "t0"."id" = "t1"."c0" WHERE "t0"."owner" = $2::"pg_catalog"."text" ORDER BY "t1"."position") AS "t2"`,
    rows: [['[{"title":"Two"},{"title":"One"}]', '2']],
  },
  {
    name: 'an update by operators',
    role: 'staff',
    request: {
      kind: 'update',
      table: 'books',
      json: true,
      values: [{ title: 'Uno', stock: 2, meta: { a: 1 } }, 1],
      row: 0,
      columns: ['title', 'stock', 'meta'],
      operators: [
        { column: 'stock', operator: 'inc' },
        { column: 'meta', operator: 'append' },
      ],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
      returning: [],
      shape: 'list',
    },
    parameters: ['[{"c0":"Uno","c1":2,"c2":{"a":1}}]', '1'],
    postgres: `WITH "body" AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."text", "c1" "pg_catalog"."int4", "c2" "pg_catalog"."jsonb")), "written" AS (UPDATE "public"."books" AS "t0" SET "title" = "body"."c0", "stock" = "t0"."stock" + "body"."c1", "meta" = "t0"."meta" || "body"."c2" FROM "body" WHERE "t0"."id" = $2::"pg_catalog"."int4" RETURNING "t0".*) SELECT (SELECT count(*) FROM "written") + 0 * (SELECT count(*) FROM "body"), true, (SELECT count(*) FROM "written"), NULL, NULL, NULL`,
    rows: [['1', 't', '1', null, null, null]],
  },
  {
    name: 'prepend',
    role: 'staff',
    request: {
      kind: 'update',
      table: 'books',
      json: true,
      values: [{ meta: [0] }, 1],
      row: 0,
      columns: ['meta'],
      operators: [{ column: 'meta', operator: 'prepend' }],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
      returning: [{ fields: [{ kind: 'column', column: 'meta', as: 'meta' }] }],
      shape: 'list',
    },
    parameters: ['[{"c0":[0]}]', '1'],
    postgres: `WITH "body" AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."jsonb")), "written" AS (UPDATE "public"."books" AS "t0" SET "meta" = "body"."c0" || "t0"."meta" FROM "body" WHERE "t0"."id" = $2::"pg_catalog"."int4" RETURNING "t0".*) SELECT (SELECT count(*) FROM "written") + 0 * (SELECT count(*) FROM "body"), true, (SELECT count(*) FROM "written" AS "t1" WHERE true), NULL, NULL, NULL, (SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]') FROM (SELECT "t2"."meta" AS "meta" FROM "written" AS "t2" WHERE true) AS "t3")`,
    // MariaDB writes JSON without blanks where it changes it.
    rows: {
      mariadb: [['1', 't', '1', null, null, null, '[{"meta":[0,{"k":{"l":1,"m":2}}]}]']],
      otherwise: [['1', 't', '1', null, null, null, '[{"meta":[0, {"k": {"l": 1, "m": 2}}]}]']],
    },
  },
  {
    name: 'delete a key',
    role: 'staff',
    request: {
      kind: 'update',
      table: 'books',
      json: true,
      values: [{ meta: 'k' }, 1],
      row: 0,
      columns: ['meta'],
      operators: [{ column: 'meta', operator: 'deleteKey' }],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
      returning: [{ fields: [{ kind: 'column', column: 'meta', as: 'meta' }] }],
      shape: 'list',
    },
    parameters: ['[{"c0":"k"}]', '1'],
    postgres: `WITH "body" AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."text")), "written" AS (UPDATE "public"."books" AS "t0" SET "meta" = "t0"."meta" - "body"."c0" FROM "body" WHERE "t0"."id" = $2::"pg_catalog"."int4" RETURNING "t0".*) SELECT (SELECT count(*) FROM "written") + 0 * (SELECT count(*) FROM "body"), true, (SELECT count(*) FROM "written" AS "t1" WHERE true), NULL, NULL, NULL, (SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]') FROM (SELECT "t2"."meta" AS "meta" FROM "written" AS "t2" WHERE true) AS "t3")`,
    rows: [['1', 't', '1', null, null, null, '[{"meta":{}}]']],
  },
  {
    name: 'delete an element',
    role: 'staff',
    request: {
      kind: 'update',
      table: 'books',
      json: true,
      values: [{ meta: 0 }, 2],
      row: 0,
      columns: ['meta'],
      operators: [{ column: 'meta', operator: 'deleteElem' }],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
      returning: [{ fields: [{ kind: 'column', column: 'meta', as: 'meta' }] }],
      shape: 'list',
    },
    parameters: ['[{"c0":0}]', '2'],
    postgres: `WITH "body" AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4")), "written" AS (UPDATE "public"."books" AS "t0" SET "meta" = "t0"."meta" - "body"."c0" FROM "body" WHERE "t0"."id" = $2::"pg_catalog"."int4" RETURNING "t0".*) SELECT (SELECT count(*) FROM "written") + 0 * (SELECT count(*) FROM "body"), true, (SELECT count(*) FROM "written" AS "t1" WHERE true), NULL, NULL, NULL, (SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]') FROM (SELECT "t2"."meta" AS "meta" FROM "written" AS "t2" WHERE true) AS "t3")`,
    rows: [['1', 't', '1', null, null, null, '[{"meta":[2]}]']],
  },
  {
    name: 'delete at a path',
    role: 'staff',
    request: {
      kind: 'update',
      table: 'books',
      json: true,
      values: [{ meta: ['k', 'l'] }, 1],
      row: 0,
      columns: ['meta'],
      operators: [{ column: 'meta', operator: 'deleteAtPath' }],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
      returning: [{ fields: [{ kind: 'column', column: 'meta', as: 'meta' }] }],
      shape: 'list',
    },
    parameters: ['[{"c0":["k","l"]}]', '1'],
    postgres: `WITH "body" AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."text"[])), "written" AS (UPDATE "public"."books" AS "t0" SET "meta" = "t0"."meta" #- "body"."c0" FROM "body" WHERE "t0"."id" = $2::"pg_catalog"."int4" RETURNING "t0".*) SELECT (SELECT count(*) FROM "written") + 0 * (SELECT count(*) FROM "body"), true, (SELECT count(*) FROM "written" AS "t1" WHERE true), NULL, NULL, NULL, (SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]') FROM (SELECT "t2"."meta" AS "meta" FROM "written" AS "t2" WHERE true) AS "t3")`,
    // MariaDB writes JSON without blanks where it changes it.
    rows: {
      mariadb: [['1', 't', '1', null, null, null, '[{"meta":{"k":{"m":2}}}]']],
      otherwise: [['1', 't', '1', null, null, null, '[{"meta":{"k": {"m": 2}}}]']],
    },
  },
];

holdConstructs(import.meta.url, { postgres: { sql, yaml }, others: { sql: others, yaml } }, constructs);
