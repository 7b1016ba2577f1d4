/** Every construct as each dialect writes it: exact SQL, exact parameters, exact result on the real server. */
import { type Construct, holdConstructs } from './construct.fixture.ts';

const sql = `
  CREATE TYPE mood AS ENUM ('happy', 'sad');
  CREATE TABLE authors (id int PRIMARY KEY, name text, owner text);
  CREATE TABLE books (id int PRIMARY KEY, title varchar(40), price numeric(10,2), mood mood, tags text[], meta jsonb, author_id int REFERENCES authors, owner text);
  INSERT INTO authors VALUES (1, 'Ada', 'me'), (2, 'Bo', 'you');
  INSERT INTO books VALUES (1, 'One', 10.50, 'happy', '{a,b}', '{"k": 1}', 1, 'me'), (2, 'Two', 20, 'sad', '{}', '{}', 2, 'me'), (3, 'Three', 30, NULL, NULL, NULL, 1, 'you');
`;

const others = `
  ALTER DATABASE COLLATE utf8mb4_bin;
  CREATE TABLE authors (id int PRIMARY KEY, name text, owner varchar(40));
  CREATE TABLE books (
    id int PRIMARY KEY, title varchar(40), price decimal(10,2), mood enum('happy', 'sad'), tags set('a', 'b'), meta json, author_id int,
    owner varchar(40), FOREIGN KEY (author_id) REFERENCES authors (id)
  );
  INSERT INTO authors VALUES (1, 'Ada', 'me'), (2, 'Bo', 'you');
  INSERT INTO books VALUES (1, 'One', 10.50, 'happy', 'a,b', '{"k": 1}', 1, 'me'), (2, 'Two', 20, 'sad', '', '{}', 2, 'me'), (3, 'Three', 30, NULL, NULL, NULL, 1, 'you');
`;

const yaml = `
roles: { reader: {}, mine: {}, cells: { inherits: [titles, prices] }, titles: {}, prices: {} }
tables:
  authors: { permissions: { reader: { select: true }, mine: { select: { columns: "*", where: { owner: me } } } } }
  books:
    permissions:
      reader: { select: true, insert: true, update: true, delete: true }
      titles: { select: { columns: [id, title], where: { owner: me } } }
      prices: { select: { columns: [id, price], where: { price: { _gt: 15 } } } }
      mine:
        select: { columns: "*", where: { owner: $jwt.sub } }
        insert: { columns: [id, title, price], set: { owner: $jwt.sub }, check: { price: { _gte: 0 } } }
        update: { columns: [title], where: { owner: $jwt.sub } }
        delete: { where: { author: { owner: me } } }
`;

const constructs: readonly Construct[] = [
  {
    name: 'a list with a limit',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        limit: 2,
      },
      shape: 'list',
      count: false,
    },
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 2) AS "t1"`,
    rows: [['[{"id":1},{"id":2}]', '2']],
  },
  {
    name: 'a list with an offset and a total',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: ['1'],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        limit: 1,
        offset: 0,
      },
      shape: 'list',
      count: true,
    },
    parameters: ['1'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*), (SELECT count(*) FROM "public"."books" AS "t2" WHERE (true)) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1 OFFSET $1::int8) AS "t1"`,
    rows: [['[{"id":2}]', '1', '3']],
  },
  {
    name: 'comparisons with typed parameters',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: ['10.50', 'happy', ['1', '2'], 't%'],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        where: {
          kind: 'and',
          of: [
            { kind: 'compare', column: 'price', operator: 'gte', value: 0 },
            { kind: 'compare', column: 'mood', operator: 'eq', value: 1 },
            { kind: 'compare', column: 'id', operator: 'in', value: 2 },
            { kind: 'not', of: { kind: 'compare', column: 'title', operator: 'ilike', value: 3 } },
          ],
        },
      },
      shape: 'list',
      count: false,
    },
    parameters: ['10.50', 'happy', ['1', '2'], 't%'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."price" >= $1::"pg_catalog"."numeric" AND "t0"."mood" = $2::"public"."mood" AND "t0"."id" = ANY($3::"pg_catalog"."int4"[]) AND (NOT "t0"."title" ILIKE $4::"pg_catalog"."text")) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'or, not and null',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: ['One'],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        where: {
          kind: 'or',
          of: [
            { kind: 'compare', column: 'mood', operator: 'isNull' },
            { kind: 'not', of: { kind: 'compare', column: 'title', operator: 'neq', value: 0 } },
          ],
        },
      },
      shape: 'list',
      count: false,
    },
    parameters: ['One'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."mood" IS NULL OR (NOT "t0"."title" <> $1::"pg_catalog"."varchar")) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1},{"id":3}]', '2']],
  },
  {
    name: 'json and array containment',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: [{ k: 1 }, 'k', ['a']],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        where: {
          kind: 'and',
          of: [
            { kind: 'compare', column: 'meta', operator: 'contains', value: 0 },
            { kind: 'compare', column: 'meta', operator: 'hasKey', value: 1 },
            { kind: 'compare', column: 'tags', operator: 'contains', value: 2 },
          ],
        },
      },
      shape: 'list',
      count: false,
      json: true,
    },
    parameters: ['{"k":1}', 'k', '{"a"}'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."meta" @> $1::"pg_catalog"."jsonb" AND "t0"."meta" ? $2::"pg_catalog"."text" AND "t0"."tags" OPERATOR(pg_catalog.@>) $3::"pg_catalog"."_text") ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'a row filter with a claim',
    role: 'mine',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
      },
      shape: 'list',
      count: false,
    },
    parameters: ['me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1},{"id":2}]', '2']],
  },
  {
    name: 'a pattern that may raise stands behind the row filter',
    role: 'mine',
    request: {
      kind: 'read',
      table: 'books',
      values: ['^O', '0'],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        where: {
          kind: 'and',
          of: [
            { kind: 'compare', column: 'title', operator: 'regex', value: 0 },
            { kind: 'compare', column: 'id', operator: 'gt', value: 1 },
          ],
        },
      },
      shape: 'list',
      count: false,
    },
    parameters: ['me', '0', '^O'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND "t0"."id" > $2::"pg_catalog"."int4" AND CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN "t0"."title" ~ $3::"pg_catalog"."text" ELSE false END) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'cells of two grants',
    role: 'cells',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [
          { kind: 'column', column: 'id', as: 'id' },
          { kind: 'column', column: 'title', as: 'title' },
          { kind: 'column', column: 'price', as: 'price' },
        ],
        order: [{ through: [], column: 'id', direction: 'asc' }],
      },
      shape: 'list',
      count: false,
    },
    parameters: ['me', '15'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN "t0"."title" END AS "title", CASE WHEN "t0"."price" > $2::"pg_catalog"."numeric" THEN "t0"."price" END AS "price" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" OR "t0"."price" > $2::"pg_catalog"."numeric") ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [
      [
        '[{"id":1,"title":"One","price":null},{"id":2,"title":"Two","price":20.00},{"id":3,"title":null,"price":30.00}]',
        '3',
      ],
    ],
  },
  {
    name: 'to one, with the far row filter',
    role: 'mine',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [
          { kind: 'column', column: 'id', as: 'id' },
          {
            kind: 'embed',
            as: 'author',
            relationship: 'author',
            join: 'left',
            node: { fields: [{ kind: 'column', column: 'name', as: 'name' }] },
          },
        ],
        order: [{ through: [], column: 'id', direction: 'asc' }],
      },
      shape: 'list',
      count: false,
    },
    parameters: ['me', 'me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT row_to_json("t2".*) FROM (SELECT "t1"."name" AS "name" FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND "t1"."owner" = $1::"pg_catalog"."text" LIMIT 1) AS "t2") AS "author" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $2::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1000) AS "t3"`,
    rows: [['[{"id":1,"author":{"name":"Ada"}},{"id":2,"author":null}]', '2']],
  },
  {
    name: 'to one, inner',
    role: 'mine',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [
          { kind: 'column', column: 'id', as: 'id' },
          {
            kind: 'embed',
            as: 'author',
            relationship: 'author',
            join: 'inner',
            node: { fields: [{ kind: 'column', column: 'name', as: 'name' }] },
          },
        ],
        order: [{ through: [], column: 'id', direction: 'asc' }],
      },
      shape: 'list',
      count: false,
    },
    parameters: ['me', 'me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t4".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT row_to_json("t3".*) FROM (SELECT "t2"."name" AS "name" FROM "public"."authors" AS "t2" WHERE "t2"."id" = "t0"."author_id" AND "t2"."owner" = $1::"pg_catalog"."text" LIMIT 1) AS "t3") AS "author" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $2::"pg_catalog"."text" AND EXISTS (SELECT 1 FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND "t1"."owner" = $1::"pg_catalog"."text")) ORDER BY "t0"."id" LIMIT 1000) AS "t4"`,
    rows: [['[{"id":1,"author":{"name":"Ada"}}]', '1']],
  },
  {
    name: 'to many, filtered, ordered and cut',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'authors',
      values: ['5'],
      node: {
        fields: [
          { kind: 'column', column: 'id', as: 'id' },
          {
            kind: 'embed',
            as: 'books',
            relationship: 'books',
            join: 'left',
            node: {
              fields: [{ kind: 'column', column: 'id', as: 'id' }],
              where: { kind: 'compare', column: 'price', operator: 'gt', value: 0 },
              order: [{ through: [], column: 'price', direction: 'desc', nulls: 'last' }],
              limit: 1,
            },
          },
        ],
        order: [{ through: [], column: 'id', direction: 'asc' }],
      },
      shape: 'list',
      count: false,
    },
    parameters: ['5'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT coalesce(json_agg(row_to_json("t2".*)), '[]'::json) FROM (SELECT "t1"."id" AS "id" FROM "public"."books" AS "t1" WHERE "t1"."author_id" = "t0"."id" AND "t1"."price" > $1::"pg_catalog"."numeric" ORDER BY "t1"."price" DESC NULLS LAST LIMIT 1) AS "t2") AS "books" FROM "public"."authors" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1000) AS "t3"`,
    rows: [['[{"id":1,"books":[{"id":3}]},{"id":2,"books":[{"id":2}]}]', '2']],
  },
  {
    name: 'order by a column of a to-one relationship',
    role: 'mine',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: ['author'], column: 'name', direction: 'desc', nulls: 'first' }],
      },
      shape: 'list',
      count: false,
    },
    parameters: ['me', 'me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" ORDER BY (SELECT "t1"."name" FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND "t1"."owner" = $2::"pg_catalog"."text" LIMIT 1) DESC NULLS FIRST LIMIT 1000) AS "t2"`,
    rows: [['[{"id":2},{"id":1}]', '2']],
  },
  {
    name: 'distinct on',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [{ kind: 'column', column: 'author_id', as: 'author_id' }],
        order: [{ through: [], column: 'author_id', direction: 'asc' }],
        distinct: ['author_id'],
      },
      shape: 'list',
      count: false,
    },
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT DISTINCT ON ("t0"."author_id") "t0"."author_id" AS "author_id" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."author_id" LIMIT 1000) AS "t1"`,
    rows: [['[{"author_id":1},{"author_id":2}]', '2']],
  },
  {
    name: 'a filter through the count of a relationship',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'authors',
      values: ['1'],
      node: {
        fields: [{ kind: 'column', column: 'id', as: 'id' }],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        where: {
          kind: 'aggregate',
          relationship: 'books',
          columns: [],
          distinct: false,
          compare: [{ operator: 'gt', value: 0 }],
        },
      },
      shape: 'list',
      count: false,
    },
    parameters: ['1'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."authors" AS "t0" WHERE ((SELECT count(*) FROM "public"."books" AS "t1" WHERE "t1"."author_id" = "t0"."id" AND (true)) > $1::"pg_catalog"."int8") ORDER BY "t0"."id" LIMIT 1000) AS "t2"`,
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'aggregate and nodes',
    role: 'reader',
    request: {
      kind: 'readAggregate',
      table: 'books',
      values: [],
      node: {
        order: [{ through: [], column: 'id', direction: 'asc' }],
        limit: 2,
        parts: [
          {
            kind: 'summary',
            as: 'aggregate',
            items: [
              { kind: 'count', as: 'count', columns: [], distinct: false },
              { kind: 'count', as: 'authors', columns: ['author_id'], distinct: true },
            ],
          },
          { kind: 'nodes', as: 'nodes', fields: [{ kind: 'column', column: 'id', as: 'id' }] },
        ],
      },
    },
    parameters: [],
    postgres: `SELECT (SELECT row_to_json("t4".*) FROM (SELECT (SELECT row_to_json("t1".*) FROM (SELECT count(*) AS "count", count(DISTINCT "c0") AS "authors" FROM (SELECT "t0"."author_id" AS "c0" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 2) AS "t2") AS "t1") AS "aggregate", (SELECT coalesce(json_agg(row_to_json("t3".*)), '[]'::json) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 2) AS "t3") AS "nodes") AS "t4")::text, 1`,
    // Postgres has a blank behind each comma of a list.
    rows: {
      postgres: [['{"aggregate":{"count":2,"authors":2},"nodes":[{"id":1}, {"id":2}]}', '1']],
      others: [['{"aggregate":{"count":2,"authors":2},"nodes":[{"id":1},{"id":2}]}', '1']],
    },
  },
  {
    name: 'a name longer than an identifier',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: {
        fields: [
          {
            kind: 'column',
            column: 'id',
            as: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
          },
        ],
        order: [{ through: [], column: 'id', direction: 'asc' }],
        limit: 1,
      },
      shape: 'list',
      count: false,
    },
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((('{' || '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx":' || coalesce(to_json("t1"."c0")::text, 'null') || '}')::json)::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "c0" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1) AS "t1"`,
    rows: [['[{"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx":1}]', '1']],
  },
  {
    name: 'no field at all',
    role: 'reader',
    request: {
      kind: 'read',
      table: 'books',
      values: [],
      node: { fields: [], order: [], limit: 1 },
      shape: 'list',
      count: false,
    },
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT  FROM "public"."books" AS "t0" WHERE (true) LIMIT 1) AS "t1"`,
    rows: [['[{}]', '1']],
  },
  {
    name: 'insert with presets and a check',
    role: 'mine',
    request: {
      kind: 'insert',
      table: 'books',
      values: [[{ id: 7, title: 'New', price: 1 }]],
      rows: 0,
      columns: ['id', 'title', 'price'],
      returning: [
        {
          fields: [
            { kind: 'column', column: 'id', as: 'id' },
            { kind: 'column', column: 'owner', as: 'owner' },
          ],
        },
      ],
      shape: 'list',
    },
    parameters: ['me', '[{"c0":7,"c1":"New","c2":1}]', '0', 'me'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" ("id", "title", "price", "owner") SELECT "body"."c0", "body"."c1", "body"."c2", $1::"pg_catalog"."text" FROM json_to_recordset($2::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."varchar", "c2" "pg_catalog"."numeric") RETURNING "t0".*) SELECT (SELECT count(*) FROM "written"), (SELECT coalesce(bool_and(("t1"."price" >= $3::"pg_catalog"."numeric") IS TRUE), true) FROM "written" AS "t1"), (SELECT count(*) FROM "written" AS "t2" WHERE "t2"."owner" = $4::"pg_catalog"."text"), (SELECT json_build_array("t3"."id"::text)::text FROM "written" AS "t3" WHERE (SELECT count(*) FROM "written") = 1 AND "t3"."owner" = $4::"pg_catalog"."text"), NULL, NULL, (SELECT coalesce('[' || string_agg((row_to_json("t5".*))::text, ',') || ']', '[]') FROM (SELECT "t4"."id" AS "id", "t4"."owner" AS "owner" FROM "written" AS "t4" WHERE "t4"."owner" = $4::"pg_catalog"."text") AS "t5")`,
    rows: [['1', 't', '1', '["7"]', null, null, '[{"id":7,"owner":"me"}]']],
  },
  {
    name: 'insert of nothing but defaults',
    role: 'reader',
    request: {
      kind: 'insert',
      table: 'books',
      values: [[]],
      rows: 0,
      columns: [],
      returning: [],
      shape: 'list',
    },
    parameters: ['[]'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" SELECT  FROM json_array_elements($1::json) AS "body" RETURNING "t0".*) SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written"), (SELECT json_build_array("t1"."id"::text)::text FROM "written" AS "t1" WHERE (SELECT count(*) FROM "written") = 1 AND true), NULL, NULL`,
    rows: [['0', 't', '0', null, null, null]],
  },
  {
    name: 'ignore duplicates',
    role: 'reader',
    request: {
      kind: 'insert',
      table: 'books',
      values: [[{ id: 1, title: 'Again' }]],
      rows: 0,
      columns: ['id', 'title'],
      conflict: { action: 'ignore' },
      returning: [],
      shape: 'list',
    },
    parameters: ['[{"c0":1,"c1":"Again"}]'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" ("id", "title") SELECT "body"."c0", "body"."c1" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."varchar") ORDER BY "body"."c0" ON CONFLICT ("id") DO NOTHING RETURNING "t0".*) SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written"), (SELECT json_build_array("t1"."id"::text)::text FROM "written" AS "t1" WHERE (SELECT count(*) FROM "written") = 1 AND true), NULL, NULL`,
    rows: [['0', 't', '0', null, null, null]],
  },
  {
    name: 'merge duplicates',
    role: 'reader',
    request: {
      kind: 'insert',
      table: 'books',
      values: [[{ id: 1, title: 'Again' }]],
      rows: 0,
      columns: ['id', 'title'],
      conflict: { action: 'merge' },
      returning: [{ fields: [{ kind: 'column', column: 'title', as: 'title' }] }],
      shape: 'list',
    },
    parameters: ['[{"c0":1,"c1":"Again"}]'],
    postgres: `WITH "written" AS (INSERT INTO "public"."books" AS "t0" ("id", "title") SELECT "body"."c0", "body"."c1" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."varchar") ORDER BY "body"."c0" ON CONFLICT ("id") DO UPDATE SET "title" = "excluded"."title" WHERE true AND true RETURNING "t0".*, ("t0".xmax = 0) AS "novastack_inserted") SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written" AS "t1" WHERE true), (SELECT json_build_array("t2"."id"::text)::text FROM "written" AS "t2" WHERE (SELECT count(*) FROM "written") = 1 AND true), (SELECT count(*) FROM "written" WHERE "novastack_inserted"), NULL, (SELECT coalesce('[' || string_agg((row_to_json("t6".*))::text, ',') || ']', '[]') FROM (SELECT "t3"."title" AS "title" FROM "written" AS "t3" LEFT JOIN (SELECT "c0", min("position") AS "position" FROM (SELECT "c0", row_number() OVER () AS "position" FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."int4", "c1" "pg_catalog"."varchar")) AS "t4" GROUP BY "c0") AS "t5" ON "t5"."c0" = "t3"."id" WHERE true ORDER BY "t5"."position") AS "t6")`,
    rows: [['1', 't', '1', '["1"]', '0', null, '[{"title":"Again"}]']],
  },
  {
    name: 'update',
    role: 'mine',
    request: {
      kind: 'update',
      table: 'books',
      values: [{ title: 'Uno' }, '1'],
      row: 0,
      columns: ['title'],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 1 },
      returning: [
        {
          fields: [
            { kind: 'column', column: 'id', as: 'id' },
            { kind: 'column', column: 'title', as: 'title' },
          ],
        },
      ],
      shape: 'object',
    },
    parameters: ['[{"c0":"Uno"}]', 'me', '1'],
    postgres: `WITH "body" AS MATERIALIZED (SELECT * FROM json_to_recordset($1::json) AS "body"("c0" "pg_catalog"."varchar")), "written" AS (UPDATE "public"."books" AS "t0" SET "title" = "body"."c0" FROM "body" WHERE ("t0"."owner" = $2::"pg_catalog"."text" AND "t0"."id" = $3::"pg_catalog"."int4") RETURNING "t0".*) SELECT (SELECT count(*) FROM "written") + 0 * (SELECT count(*) FROM "body"), (SELECT coalesce(bool_and(("t1"."owner" = $2::"pg_catalog"."text") IS TRUE), true) FROM "written" AS "t1"), (SELECT count(*) FROM "written" AS "t2" WHERE "t2"."owner" = $2::"pg_catalog"."text"), NULL, NULL, NULL, (SELECT coalesce((json_agg(row_to_json("t4".*)) -> 0)::text, 'null') FROM (SELECT "t3"."id" AS "id", "t3"."title" AS "title" FROM "written" AS "t3" WHERE "t3"."owner" = $2::"pg_catalog"."text") AS "t4")`,
    rows: [['1', 't', '1', null, null, null, '{"id":1,"title":"Uno"}']],
  },
  {
    name: 'delete',
    role: 'mine',
    request: {
      kind: 'delete',
      table: 'books',
      values: ['1'],
      where: { kind: 'compare', column: 'id', operator: 'eq', value: 0 },
      returning: [{ fields: [{ kind: 'column', column: 'id', as: 'id' }] }],
      shape: 'list',
    },
    parameters: ['me', 'me', '1'],
    postgres: `WITH "written" AS (DELETE FROM "public"."books" AS "t0" WHERE (("t0"."owner" = $1::"pg_catalog"."text" AND EXISTS (SELECT 1 FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND "t1"."owner" = $2::"pg_catalog"."text")) AND "t0"."id" = $3::"pg_catalog"."int4") RETURNING "t0".*) SELECT (SELECT count(*) FROM "written"), true, (SELECT count(*) FROM "written" AS "t2" WHERE "t2"."owner" = $1::"pg_catalog"."text"), NULL, NULL, NULL, (SELECT coalesce('[' || string_agg((row_to_json("t4".*))::text, ',') || ']', '[]') FROM (SELECT "t3"."id" AS "id" FROM "written" AS "t3" WHERE "t3"."owner" = $1::"pg_catalog"."text") AS "t4")`,
    rows: [['1', 't', '1', null, null, null, '[{"id":1}]']],
  },
];

holdConstructs(import.meta.url, { postgres: { sql, yaml }, others: { sql: others, yaml } }, constructs);
