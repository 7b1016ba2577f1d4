/** The constructs of reads beyond plain columns, as each dialect writes them: exact SQL, parameters and rows. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject } from '../../test/project.ts';
import type { FieldRequest, FilterRequest, NodeRequest, ReadRequest } from '../query/request.ts';
import { type Construct, compileFor, holdConstructs } from './construct.fixture.ts';
import type { Parameter } from './dialect.ts';
import { dialectFor } from './dialects.ts';

const sql = `
  CREATE TABLE authors (id int PRIMARY KEY, name text, owner text);
  CREATE TABLE books (
    id int PRIMARY KEY, title text, price numeric(10,2), year int, meta jsonb, raw json, tags text[], span int4range,
    words tsvector GENERATED ALWAYS AS (to_tsvector('english', title)) STORED, author_id int REFERENCES authors, owner text
  );
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int REFERENCES books, stars int);
  INSERT INTO authors VALUES (1, 'Ada', 'me'), (2, 'Bo', 'you');
  INSERT INTO books (id, title, price, year, meta, raw, tags, span, author_id, owner) VALUES
    (1, 'One ship', 10.50, 2001, '{"k": {"a": [1, 2]}, "n": 7}', '{"n": 1}', '{a,b}', '[1,5)', 1, 'me'),
    (2, 'Two', 20, 2002, '{"n": 12}', NULL, '{}', '[5,9)', 2, 'me'),
    (3, 'Three ships', 30, NULL, NULL, NULL, NULL, NULL, 1, 'you');
  INSERT INTO reviews VALUES (1, 1, 5), (2, 1, 3), (3, 2, 4);
  CREATE FUNCTION label(books) RETURNS text LANGUAGE sql STABLE AS 'SELECT $1.title || $1.id';
  CREATE FUNCTION writer(books) RETURNS SETOF authors ROWS 1 LANGUAGE sql STABLE AS 'SELECT * FROM authors WHERE id = $1.author_id';
  CREATE FUNCTION twins(books) RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books WHERE author_id = $1.author_id AND id <> $1.id';
`;

const others = `
  ALTER DATABASE COLLATE utf8mb4_bin;
  CREATE TABLE authors (id int PRIMARY KEY, name text, owner varchar(40));
  CREATE TABLE books (
    id int PRIMARY KEY, title varchar(40), price decimal(10,2), year int, meta json, raw json, tags set('a', 'b', 'x'), span varchar(20),
    words varchar(40) COLLATE utf8mb4_general_ci GENERATED ALWAYS AS (title) STORED, author_id int, owner varchar(40), FOREIGN KEY (author_id) REFERENCES authors (id),
    FULLTEXT (words), FULLTEXT (title)
  );
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int, stars int, FOREIGN KEY (book_id) REFERENCES books (id));
  INSERT INTO authors VALUES (1, 'Ada', 'me'), (2, 'Bo', 'you');
  INSERT INTO books (id, title, price, year, meta, raw, tags, span, author_id, owner) VALUES
    (1, 'One ship', 10.50, 2001, '{"k": {"a": [1, 2]}, "n": 7}', '{"n": 1}', 'a,b', '[1,5)', 1, 'me'),
    (2, 'Two', 20, 2002, '{"n": 12}', NULL, '', '[5,9)', 2, 'me'),
    (3, 'Three ships', 30, NULL, NULL, NULL, NULL, NULL, 1, 'you');
  INSERT INTO reviews VALUES (1, 1, 5), (2, 1, 3), (3, 2, 4);
`;

/** Functions of rows are Postgres' alone. */
const tables = `
roles: { reader: {}, mine: {} }
limits: { export: 5000 }
tables:
  authors: { permissions: { reader: { select: true }, mine: { select: { columns: "*", where: { owner: me } } } } }
  books:
    permissions:
      reader: { select: true }
      mine: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
  reviews: { permissions: { reader: { select: true }, mine: { select: { columns: "*", aggregate: true } } } }
`;
const yaml = `${tables}
functions:
  label: { permissions: { reader: { execute: true }, mine: { execute: true } } }
  writer: { permissions: { reader: { execute: true }, mine: { execute: true } } }
  twins: { permissions: { reader: { execute: true } } }
`;

const column = (name: string, rest: object = {}): FieldRequest => ({
  kind: 'column',
  column: name,
  as: name,
  ...rest,
});
const id = column('id');
const byId = [{ through: [], column: 'id', direction: 'asc' }] as const;
const at = (text: boolean, ...steps: readonly (string | number)[]) => ({ path: { steps, text } });
const compare = (
  name: string,
  operator: string,
  value: number | undefined,
  rest: object = {},
): FilterRequest => ({ kind: 'compare', column: name, operator, value, ...rest }) as FilterRequest;
const and = (...of: FilterRequest[]): FilterRequest => ({ kind: 'and', of });
const aggregate = (name: string, of: object = {}, rest: object = {}): FieldRequest =>
  ({ kind: 'aggregate', as: name, term: { function: name, ...of }, ...rest }) as FieldRequest;
const embed = (relationship: string, node: NodeRequest, rest: object = {}): FieldRequest => ({
  kind: 'embed',
  as: relationship,
  relationship,
  join: 'left',
  node,
  ...rest,
});

const books = (
  node: Partial<NodeRequest>,
  values: readonly unknown[] = [],
  rest: Partial<ReadRequest> = {},
): ReadRequest => ({
  kind: 'read',
  table: 'books',
  values,
  node: { fields: [id], order: byId, ...node },
  shape: 'list',
  count: false,
  ...rest,
});
const where = (filter: FilterRequest, ...values: readonly unknown[]) => books({ where: filter }, values);

const constructs: readonly Construct[] = [
  {
    name: 'places in JSON, selected',
    role: 'reader',
    request: books({
      fields: [
        column('meta', { as: 'a', ...at(false, 'k', 'a', 0) }),
        column('meta', { as: 't', ...at(true, 'k', 'a', -1) }),
        column('raw', { as: 'r', ...at(false, 'n') }),
        column('tags', { as: 'g', ...at(true, 0) }),
        column('meta', { as: 'q', ...at(true, 'o\'k"') }),
      ],
      limit: 1,
    }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT ("t0"."meta" -> 'k' -> 'a' -> 0) AS "a", ("t0"."meta" -> 'k' -> 'a' ->> -1) AS "t", ("t0"."raw" -> 'n')::jsonb AS "r", (to_jsonb("t0"."tags") ->> 0) AS "g", ("t0"."meta" ->> 'o''k"') AS "q" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1) AS "t1"`,
    rows: [['[{"a":1,"t":"2","r":1,"g":"a","q":null}]', '1']],
  },
  {
    name: 'places in JSON, compared and ordered by',
    role: 'mine',
    request: books(
      {
        where: and(
          compare('meta', 'gt', 0, at(false, 'n')),
          compare('meta', 'in', 1, at(true, 'n')),
          compare('raw', 'isNull', undefined, at(false, 'n')),
        ),
        order: [{ through: [], column: 'meta', ...at(true, 'n'), direction: 'desc', nulls: 'last' }],
      },
      ['6', ['12', '7']],
    ),
    parameters: ['me', '6', ['12', '7']],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND ("t0"."meta" -> 'n') > $2::"pg_catalog"."jsonb" AND ("t0"."meta" ->> 'n') = ANY($3::"pg_catalog"."text"[]) AND CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN ("t0"."raw" -> 'n')::jsonb IS NULL ELSE false END) ORDER BY ("t0"."meta" ->> 'n') DESC NULLS LAST LIMIT 1000) AS "t1"`,
    rows: [['[{"id":2}]', '1']],
  },
  {
    name: 'casts',
    role: 'reader',
    request: books({
      fields: [column('price', { cast: 'text' }), column('meta', { as: 'n', ...at(true, 'n'), cast: 'int' })],
      limit: 1,
    }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT ("t0"."price")::"pg_catalog"."text" AS "price", (("t0"."meta" ->> 'n'))::"pg_catalog"."int4" AS "n" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1) AS "t1"`,
    rows: [['[{"price":"10.50","n":7}]', '1']],
  },
  {
    name: 'a cast to a list',
    role: 'reader',
    request: books({ fields: [column('tags', { cast: 'text[]' })], limit: 1 }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT ("t0"."tags")::"pg_catalog"."_text" AS "tags" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1) AS "t1"`,
    rows: [['[{"tags":["a","b"]}]', '1']],
    refused: { code: '42846', message: 'cannot cast type set to text[]' },
  },
  {
    name: 'any and all of a list',
    role: 'reader',
    request: where(
      and(
        compare('id', 'eq', 0, { quantifier: 'any' }),
        compare('title', 'like', 1, { quantifier: 'all' }),
        compare('title', 'regex', 2, { quantifier: 'any' }),
      ),
      ['1', '2', '3'],
      ['%e%', 'T%'],
      ['^T', '^O'],
    ),
    parameters: [
      ['1', '2', '3'],
      ['%e%', 'T%'],
      ['^T', '^O'],
    ],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."id" = ANY($1::"pg_catalog"."int4"[]) AND "t0"."title" LIKE ALL($2::"pg_catalog"."text"[]) AND "t0"."title" ~ ANY($3::"pg_catalog"."text"[])) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":3}]', '1']],
  },
  {
    name: 'searches of a vector',
    role: 'mine',
    request: where(
      and(
        compare('words', 'fts', 0),
        compare('words', 'plfts', 1, { language: 2 }),
        compare('words', 'phfts', 3),
        { kind: 'not', of: compare('words', 'wfts', 4) },
      ),
      'ship & one',
      'ships',
      'english',
      'one ship',
      'two or "three ships"',
    ),
    parameters: ['me', 'ship & one', 'english', 'ships', 'one ship', 'two or "three ships"'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND "t0"."words" @@ to_tsquery($2::"pg_catalog"."text") AND "t0"."words" @@ plainto_tsquery($3::"pg_catalog"."regconfig", $4::"pg_catalog"."text") AND "t0"."words" @@ phraseto_tsquery($5::"pg_catalog"."text") AND (NOT "t0"."words" @@ websearch_to_tsquery($6::"pg_catalog"."text"))) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1}]', '1']],
    refused: { code: '0A000', message: 'A search in a language is not supported by this database.' },
  },
  {
    name: 'a search of a text stands behind the row filter',
    role: 'mine',
    request: where(compare('title', 'fts', 0, { language: 1 }), 'ship', 'english'),
    parameters: ['me', 'english', 'ship'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN to_tsvector($2::"pg_catalog"."regconfig", "t0"."title") @@ to_tsquery($2::"pg_catalog"."regconfig", $3::"pg_catalog"."text") ELSE false END) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1}]', '1']],
    refused: { code: '0A000', message: 'A search in a language is not supported by this database.' },
  },
  {
    name: 'searches of words in every form, with no language',
    role: 'mine',
    request: where(
      and(compare('words', 'fts', 0), compare('words', 'plfts', 1), compare('words', 'phfts', 2), {
        kind: 'not',
        of: compare('words', 'wfts', 3),
      }),
      'ship & one',
      'ship',
      'one ship',
      'two or "three ships"',
    ),
    parameters: ['me', 'ship & one', 'ship', 'one ship', 'two or "three ships"'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND "t0"."words" @@ to_tsquery($2::"pg_catalog"."text") AND "t0"."words" @@ plainto_tsquery($3::"pg_catalog"."text") AND "t0"."words" @@ phraseto_tsquery($4::"pg_catalog"."text") AND (NOT "t0"."words" @@ websearch_to_tsquery($5::"pg_catalog"."text"))) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1}]', '1']],
  },
  {
    name: 'ranges',
    role: 'reader',
    request: where(
      and(
        compare('span', 'overlaps', 0),
        compare('span', 'strictlyLeft', 1),
        compare('span', 'notRight', 2),
        compare('span', 'notLeft', 3),
        compare('span', 'adjacent', 4),
        compare('span', 'contains', 5),
        compare('span', 'containedIn', 6),
      ),
      '[1,9)',
      '[6,9)',
      '[2,6)',
      '[1,2)',
      '[5,6)',
      '[2,3)',
      '[0,10)',
    ),
    parameters: ['[1,9)', '[6,9)', '[2,6)', '[1,2)', '[5,6)', '[2,3)', '[0,10)'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."span" && $1::"pg_catalog"."int4range" AND "t0"."span" << $2::"pg_catalog"."int4range" AND "t0"."span" &< $3::"pg_catalog"."int4range" AND "t0"."span" &> $4::"pg_catalog"."int4range" AND "t0"."span" -|- $5::"pg_catalog"."int4range" AND "t0"."span" @> $6::"pg_catalog"."int4range" AND "t0"."span" <@ $7::"pg_catalog"."int4range") ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1}]', '1']],
    // A text there, as such databases keep a range.
    refused: { code: '42883', message: 'operator does not apply to column span of type varchar' },
  },
  {
    name: 'a range to the right',
    role: 'reader',
    request: where(compare('span', 'strictlyRight', 0), '[1,5)'),
    parameters: ['[1,5)'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."span" >> $1::"pg_catalog"."int4range" ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":2}]', '1']],
    refused: { code: '42883', message: 'operator does not apply to column span of type varchar' },
  },
  {
    name: 'a list that overlaps, and what is distinct',
    role: 'reader',
    request: where(
      and({ kind: 'not', of: compare('tags', 'overlaps', 0) }, compare('year', 'isDistinct', 1)),
      '{a,x}',
      '2001',
    ),
    parameters: ['{a,x}', '2001'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ((NOT "t0"."tags" OPERATOR(pg_catalog.&&) $1::"pg_catalog"."_text") AND "t0"."year" IS DISTINCT FROM $2::"pg_catalog"."int4") ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":2}]', '1']],
  },
  {
    name: 'a level of groups, with having and orders',
    role: 'mine',
    request: books(
      {
        fields: [
          column('author_id'),
          aggregate('count'),
          aggregate('sum', { column: 'price' }, { cast: 'text' }),
          aggregate('max', { column: 'meta', ...at(true, 'n'), cast: 'int' }, { as: 'n' }),
        ],
        having: {
          kind: 'and',
          of: [
            { kind: 'compare', term: { function: 'count' }, operator: 'gte', value: 0 },
            {
              kind: 'not',
              of: { kind: 'compare', term: { function: 'avg', column: 'price' }, operator: 'isNull' },
            },
          ],
        },
        order: [
          { through: [], aggregate: 'sum', column: 'price', direction: 'desc' },
          { through: [], column: 'author_id', direction: 'asc' },
        ],
        limit: 5,
      },
      ['1'],
    ),
    parameters: ['me', '1'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "g0" AS "author_id", count(*) AS "count", (sum("g1"))::"pg_catalog"."text" AS "sum", max("g2") AS "n" FROM (SELECT "t0"."author_id" AS "g0", "t0"."price" AS "g1", (("t0"."meta" ->> 'n'))::"pg_catalog"."int4" AS "g2", "t0"."price" AS "g3", "t0"."price" AS "g4" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text") AS "t1" GROUP BY "g0" HAVING (count(*) >= $2::"pg_catalog"."int8" AND (NOT avg("g4") IS NULL)) ORDER BY sum("g3") DESC, "g0" LIMIT 5) AS "t2"`,
    rows: [
      ['[{"author_id":2,"count":1,"sum":"20.00","n":12},{"author_id":1,"count":1,"sum":"10.50","n":7}]', '2'],
    ],
  },
  {
    name: 'the number of rows',
    role: 'mine',
    request: books({ fields: [aggregate('count')], order: [] }, [], { count: true }),
    parameters: ['me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*), (SELECT count(*) FROM (SELECT count(*) AS "count" FROM (SELECT  FROM "public"."books" AS "t3" WHERE "t3"."owner" = $1::"pg_catalog"."text") AS "t4") AS "t5") FROM (SELECT count(*) AS "count" FROM (SELECT  FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text") AS "t1" LIMIT 1000) AS "t2"`,
    rows: [['[{"count":2}]', '1', '1']],
  },
  {
    name: 'groups by the type json',
    role: 'reader',
    request: books({
      fields: [column('raw'), aggregate('count')],
      order: [{ through: [], aggregate: 'count', direction: 'desc' }],
    }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "g0" AS "raw", count(*) AS "count" FROM (SELECT to_jsonb("t0"."raw") AS "g0" FROM "public"."books" AS "t0" WHERE (true)) AS "t1" GROUP BY "g0" ORDER BY count(*) DESC LIMIT 1000) AS "t2"`,
    rows: [['[{"raw":null,"count":2},{"raw":{"n": 1},"count":1}]', '2']],
  },
  {
    name: 'aggregates of what is embedded',
    role: 'mine',
    request: books({
      fields: [id, embed('reviews', { fields: [aggregate('avg', { column: 'stars' }), aggregate('count')] })],
    }),
    parameters: ['me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t4".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT coalesce(json_agg(row_to_json("t3".*)), '[]'::json) FROM (SELECT avg("g0") AS "avg", count(*) AS "count" FROM (SELECT "t1"."stars" AS "g0" FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND (true)) AS "t2" LIMIT 1000) AS "t3") AS "reviews" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1000) AS "t4"`,
    // Postgres has sixteen places in such a number.
    rows: {
      postgres: [
        [
          '[{"id":1,"reviews":[{"avg":4.0000000000000000,"count":2}]},{"id":2,"reviews":[{"avg":4.0000000000000000,"count":1}]}]',
          '2',
        ],
      ],
      others: [['[{"id":1,"reviews":[{"avg":4,"count":2}]},{"id":2,"reviews":[{"avg":4,"count":1}]}]', '2']],
    },
  },
  {
    name: 'spread of one',
    role: 'mine',
    request: books({
      fields: [id, embed('author', { fields: [column('name', { as: 'author' })] }, { spread: true })],
    }),
    parameters: ['me', 'me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", "t2"."c0" AS "author" FROM "public"."books" AS "t0" LEFT JOIN LATERAL (SELECT "t1"."name" AS "c0" FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND "t1"."owner" = $1::"pg_catalog"."text" LIMIT 1) AS "t2" ON true WHERE "t0"."owner" = $2::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1000) AS "t3"`,
    rows: [['[{"id":1,"author":"Ada"},{"id":2,"author":null}]', '2']],
  },
  {
    name: 'spread of many',
    role: 'reader',
    request: books({
      fields: [
        id,
        embed(
          'reviews',
          {
            fields: [column('stars'), column('id', { as: 'ids' })],
            order: [{ through: [], column: 'stars', direction: 'asc' }],
            limit: 9,
          },
          { spread: true },
        ),
      ],
    }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t4".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", "t2"."c0" AS "stars", "t2"."c1" AS "ids" FROM "public"."books" AS "t0" LEFT JOIN LATERAL (SELECT coalesce(json_agg("t3"."c0"), '[]'::json) AS "c0", coalesce(json_agg("t3"."c1"), '[]'::json) AS "c1" FROM (SELECT "t1"."stars" AS "c0", "t1"."id" AS "c1" FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND (true) ORDER BY "t1"."stars" LIMIT 9) AS "t3") AS "t2" ON true WHERE (true) ORDER BY "t0"."id" LIMIT 1000) AS "t4"`,
    // Postgres has a blank behind each comma of a list.
    rows: {
      postgres: [
        [
          '[{"id":1,"stars":[3, 5],"ids":[2, 1]},{"id":2,"stars":[4],"ids":[3]},{"id":3,"stars":[],"ids":[]}]',
          '3',
        ],
      ],
      others: [
        [
          '[{"id":1,"stars":[3,5],"ids":[2,1]},{"id":2,"stars":[4],"ids":[3]},{"id":3,"stars":[],"ids":[]}]',
          '3',
        ],
      ],
    },
  },
  {
    name: 'groups by what is spread',
    role: 'reader',
    request: books({
      fields: [embed('author', { fields: [column('name')] }, { spread: true }), aggregate('count')],
      order: [{ through: ['author'], column: 'name', direction: 'desc' }],
    }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t4".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "g0" AS "name", count(*) AS "count" FROM (SELECT "t2"."c0" AS "g0" FROM "public"."books" AS "t0" LEFT JOIN LATERAL (SELECT "t1"."name" AS "c0" FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND (true) LIMIT 1) AS "t2" ON true WHERE (true)) AS "t3" GROUP BY "g0" ORDER BY "g0" DESC LIMIT 1000) AS "t4"`,
    rows: [['[{"name":"Bo","count":1},{"name":"Ada","count":2}]', '2']],
  },
  {
    name: 'a computed field, selected, compared behind the row filter and ordered by',
    role: 'mine',
    request: books(
      {
        fields: [column('label')],
        where: compare('label', 'like', 0),
        order: [{ through: [], column: 'label', direction: 'desc' }],
      },
      ['T%'],
    ),
    parameters: ['me', 'T%'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "public"."label"("t0".*) AS "label" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN "public"."label"("t0".*) LIKE $2::"pg_catalog"."text" ELSE false END) ORDER BY "public"."label"("t0".*) DESC LIMIT 1000) AS "t1"`,
    rows: [['[{"label":"Two2"}]', '1']],
    refused: { code: '42703', message: 'column books.label does not exist' },
  },
  {
    name: 'a computed relationship of one row, with the far row filter',
    role: 'mine',
    request: books(
      {
        fields: [id, embed('writer', { fields: [column('name')] })],
        where: { kind: 'related', relationship: 'writer', where: compare('name', 'neq', 0) },
      },
      ['x'],
    ),
    parameters: ['me', 'me', 'x'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t4".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT row_to_json("t3".*) FROM (SELECT "t2"."name" AS "name" FROM "public"."writer"("t0".*) AS "t2" WHERE NOT ("t2" IS NULL) AND "t2"."owner" = $1::"pg_catalog"."text" LIMIT 1) AS "t3") AS "writer" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $2::"pg_catalog"."text" AND CASE WHEN "t0"."owner" = $2::"pg_catalog"."text" THEN EXISTS (SELECT 1 FROM "public"."writer"("t0".*) AS "t1" WHERE NOT ("t1" IS NULL) AND ("t1"."owner" = $1::"pg_catalog"."text" AND "t1"."name" <> $3::"pg_catalog"."text")) ELSE false END) ORDER BY "t0"."id" LIMIT 1000) AS "t4"`,
    rows: [['[{"id":1,"writer":{"name":"Ada"}}]', '1']],
    refused: {
      code: 'PGRST200',
      message: "Could not find a relationship between 'books' and 'writer' in the schema cache",
    },
  },
  {
    name: 'a computed relationship of many rows',
    role: 'reader',
    request: books({ fields: [id, embed('twins', { fields: [id], order: byId })] }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT coalesce(json_agg(row_to_json("t2".*)), '[]'::json) FROM (SELECT "t1"."id" AS "id" FROM "public"."twins"("t0".*) AS "t1" WHERE NOT ("t1" IS NULL) AND (true) ORDER BY "t1"."id" LIMIT 1000) AS "t2") AS "twins" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1000) AS "t3"`,
    rows: [['[{"id":1,"twins":[{"id":3}]},{"id":2,"twins":[]},{"id":3,"twins":[{"id":1}]}]', '3']],
    refused: {
      code: 'PGRST200',
      message: "Could not find a relationship between 'books' and 'twins' in the schema cache",
    },
  },
  {
    name: 'without nulls',
    role: 'reader',
    request: books({ fields: [id, column('year')] }, [], { stripNulls: true }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((json_strip_nulls(row_to_json("t1".*)))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", "t0"."year" AS "year" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1,"year":2001},{"id":2,"year":2002},{"id":3}]', '3']],
  },
  {
    name: 'the last key of a page, from selected columns',
    role: 'reader',
    request: books(
      {
        fields: [column('title'), id],
        order: [{ through: [], column: 'title', direction: 'desc' }, ...byId],
        limit: 2,
      },
      [],
      { lastKey: true },
    ),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*), json_build_array((array_agg("t1"."title"::text))[count(*)], (array_agg("t1"."id"::text))[count(*)])::text FROM (SELECT "t0"."title" AS "title", "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."title" DESC, "t0"."id" LIMIT 2) AS "t1"`,
    // Postgres has a blank behind each comma of a list.
    rows: {
      postgres: [['[{"title":"Two","id":2},{"title":"Three ships","id":3}]', '2', '["Three ships", "3"]']],
      others: [['[{"title":"Two","id":2},{"title":"Three ships","id":3}]', '2', '["Three ships","3"]']],
    },
  },
  {
    name: 'the last key of a page, from hidden columns',
    role: 'reader',
    request: books(
      {
        fields: [column('title', { as: 'id' })],
        order: [{ through: [], column: 'year', direction: 'desc', nulls: 'last' }, ...byId],
        limit: 2,
        offset: 0,
      },
      [1],
      { lastKey: true },
    ),
    parameters: ['1'],
    postgres: `SELECT coalesce('[' || string_agg((('{' || '"id":' || coalesce(to_json("t1"."c0")::text, 'null') || '}')::json)::text, ',') || ']', '[]'), count(*), json_build_array((array_agg("t1"."novastack_0"::text))[count(*)], (array_agg("t1"."novastack_1"::text))[count(*)])::text FROM (SELECT "t0"."title" AS "c0", "t0"."year" AS "novastack_0", "t0"."id" AS "novastack_1" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."year" DESC NULLS LAST, "t0"."id" LIMIT 2 OFFSET $1::int8) AS "t1"`,
    // Postgres has a blank behind each comma of a list.
    rows: {
      postgres: [['[{"id":"One ship"},{"id":"Three ships"}]', '2', '[null, "3"]']],
      others: [['[{"id":"One ship"},{"id":"Three ships"}]', '2', '[null,"3"]']],
    },
  },
  {
    name: 'a planned count',
    role: 'reader',
    request: books({ where: compare('id', 'gt', 0) }, ['1'], { count: 'planned' }),
    parameters: ['1'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."id" > $1::"pg_catalog"."int4" ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":2},{"id":3}]', '2']],
  },
  {
    name: 'an estimated count: exact up to a number of rows',
    role: 'reader',
    request: books({ where: compare('id', 'gt', 0) }, ['1'], { count: 'estimated' }),
    parameters: ['1'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*), (SELECT count(*) FROM (SELECT FROM "public"."books" AS "t2" WHERE "t2"."id" > $1::"pg_catalog"."int4" LIMIT 1001) AS "t3") FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."id" > $1::"pg_catalog"."int4" ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":2},{"id":3}]', '2', '2']],
  },
  {
    name: 'an estimated count where rows are hidden is exact',
    role: 'mine',
    request: books({}, [], { count: 'estimated' }),
    parameters: ['me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t1".*))::text, ',') || ']', '[]'), count(*), (SELECT count(*) FROM "public"."books" AS "t2" WHERE "t2"."owner" = $1::"pg_catalog"."text") FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1000) AS "t1"`,
    rows: [['[{"id":1},{"id":2}]', '2', '2']],
  },
  {
    name: 'rows to be locked',
    role: 'mine',
    beside: 'lock',
    request: books({ where: compare('id', 'eq', 0) }, ['1'], { locks: true }),
    parameters: ['me', '1'],
    postgres: `SELECT FROM "public"."books" AS "t2" WHERE ("t2"."owner" = $1::"pg_catalog"."text" AND "t2"."id" = $2::"pg_catalog"."int4") FOR UPDATE`,
    // A SELECT needs a value there; nobody reads it.
    rows: { postgres: [[]], others: [['1']] },
  },
  {
    name: 'a stream of JSON',
    role: 'mine',
    request: books({ fields: [id, column('title')] }, [], { stream: 'ndjson' }),
    parameters: ['me'],
    postgres: `SELECT (row_to_json("t1".*))::text FROM (SELECT "t0"."id" AS "id", "t0"."title" AS "title" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 5000) AS "t1"`,
    rows: [['{"id":1,"title":"One ship"}'], ['{"id":2,"title":"Two"}']],
  },
  {
    name: 'a stream of JSON whose values may hold line feeds',
    role: 'reader',
    request: books({ fields: [column('raw')], limit: 1 }, [], { stream: 'ndjson' }),
    parameters: [],
    postgres: `SELECT replace((row_to_json("t1".*))::text, E'\\n', ' ') FROM (SELECT "t0"."raw" AS "raw" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 1) AS "t1"`,
    rows: [['{"raw":{"n": 1}}']],
  },
  {
    name: 'a stream of CSV, counted',
    role: 'mine',
    request: books(
      { fields: [id, column('price'), column('tags'), embed('author', { fields: [column('name')] })] },
      [],
      { stream: 'csv', count: true },
    ),
    parameters: ['me', 'me'],
    postgres: `SELECT ("t3"."c0")::text, ("t3"."c1")::text, ("t3"."c2")::text, ("t3"."c3")::text, (SELECT count(*) FROM "public"."books" AS "t4" WHERE "t4"."owner" = $1::"pg_catalog"."text") FROM (SELECT "t0"."id" AS "c0", "t0"."price" AS "c1", "t0"."tags" AS "c2", (SELECT row_to_json("t2".*) FROM (SELECT "t1"."name" AS "name" FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND "t1"."owner" = $2::"pg_catalog"."text" LIMIT 1) AS "t2") AS "c3" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 5000) AS "t3"`,
    rows: [
      ['1', '10.50', '{a,b}', '{"name":"Ada"}', '2'],
      ['2', '20.00', '{}', null, '2'],
    ],
  },
];

holdConstructs(
  import.meta.url,
  { postgres: { sql, yaml }, others: { sql: others, yaml: tables } },
  constructs,
);

const planned = {
  postgres: `EXPLAIN (FORMAT JSON) SELECT FROM "public"."books" AS "t2" WHERE "t2"."id" > $1::"pg_catalog"."int4"`,
  others:
    'EXPLAIN FORMAT=JSON SELECT 1 FROM `books` AS `t1` WHERE `t1`.`id` > CAST(CAST(? AS CHAR) AS SIGNED)',
};

for (const engine of ['postgres', 'mariadb', 'mysql'] as const)
  test(`asks ${engine} how many rows it expects`, async (t) => {
    const isPostgres = engine === 'postgres';
    const project = await createProject(
      t,
      isPostgres ? { sql, yaml } : { engine, sql: others, yaml: tables },
    );
    const { compiled, parameters } = compileFor(project, {
      name: 'what a planned count asks',
      role: 'reader',
      beside: 'estimate',
      request: books({ where: compare('id', 'gt', 0), limit: 1 }, ['1'], { count: 'planned' }),
    });
    const { text } = compiled.statement;
    assert.deepEqual([text, parameters], [isPostgres ? planned.postgres : planned.others, ['1']]);
    const { rows } = await project.pool.run(compiled.statement, parameters as readonly Parameter[]);
    const expected = dialectFor(isPostgres ? 'postgres' : 'mysql').estimated(rows);
    // Postgres guesses of a table that it has not looked at.
    assert.ok(isPostgres ? expected! > 0 : expected === 2, String(expected));
  });
