/** Aggregates and groups as each dialect writes them: exact SQL, parameters and rows. */
import type {
  AggregateRequest,
  FilterRequest,
  NodeRequest,
  ReadAggregateRequest,
  ReadRequest,
  SummaryRequest,
} from '../query/request.ts';
import { type Construct, holdConstructs } from './construct.fixture.ts';

const sql = `
  CREATE TABLE authors (id int PRIMARY KEY, name text);
  CREATE TABLE books (
    id int PRIMARY KEY, title text, price numeric(10,2), stock bigint, raw json, listed boolean, owner text,
    author_id int REFERENCES authors
  );
  CREATE TABLE reviews (id int PRIMARY KEY, book_id int REFERENCES books, stars int, secret boolean, weight float8);
  INSERT INTO authors VALUES (1, 'Ada'), (2, 'Bo');
  INSERT INTO books VALUES
    (1, 'One', 10.50, 9007199254740993, '{"n": 1}', true, 'me', 1),
    (2, 'Two', 20.00, 2, '{"n": 1}', false, 'me', 1),
    (3, 'Three', 30.00, NULL, NULL, true, 'you', 2);
  INSERT INTO reviews VALUES (1, 1, 5, false, 1.5), (2, 1, 3, true, 2.5), (3, 2, 4, false, 1), (4, 3, 1, false, 1);
`;

const others = `
  ALTER DATABASE COLLATE utf8mb4_bin;
  CREATE TABLE authors (id int PRIMARY KEY, name text);
  CREATE TABLE books (
    id int PRIMARY KEY, title varchar(40), price decimal(10,2), stock bigint, raw json, listed tinyint(1), owner varchar(40), author_id int,
    FOREIGN KEY (author_id) REFERENCES authors (id)
  );
  CREATE TABLE reviews (
    id int PRIMARY KEY, book_id int, stars int, secret tinyint(1), weight double, FOREIGN KEY (book_id) REFERENCES books (id)
  );
  INSERT INTO authors VALUES (1, 'Ada'), (2, 'Bo');
  INSERT INTO books VALUES
    (1, 'One', 10.50, 9007199254740993, '{"n": 1}', true, 'me', 1),
    (2, 'Two', 20.00, 2, '{"n": 1}', false, 'me', 1),
    (3, 'Three', 30.00, NULL, NULL, true, 'you', 2);
  INSERT INTO reviews VALUES (1, 1, 5, false, 1.5), (2, 1, 3, true, 2.5), (3, 2, 4, false, 1), (4, 3, 1, false, 1);
`;

/** `some` sees all books, but their price only in its own; of the reviews it sees all, but the stars of secret ones. */
const yaml = `
roles: { reader: {}, mine: {}, owned: {}, shelf: {}, some: { inherits: [owned, shelf] }, large: {} }
tables:
  authors: { permissions: { reader: { select: true }, mine: { select: true }, some: { select: true } } }
  books:
    permissions:
      reader: { select: true }
      mine: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } }
      owned: { select: { columns: [id, title, author_id, price], where: { owner: $jwt.sub }, aggregate: true } }
      shelf: { select: { columns: [id, title, author_id], aggregate: true } }
      large:
        select:
          columns: { "*": true, price: { when: { listed: true } } }
          where: { owner: { _eq: me } }
          aggregate: { min_group: 2 }
  reviews:
    permissions:
      reader: { select: true }
      mine: { select: { columns: "*", where: { secret: false }, aggregate: true } }
      owned: { select: { columns: [id, book_id, stars], where: { secret: false }, aggregate: true } }
      shelf: { select: { columns: [id, book_id], aggregate: true } }
      large: { select: { columns: "*", aggregate: { min_group: 2 } } }
`;

const summary = (
  items: readonly SummaryRequest[],
  rest: Partial<AggregateRequest> = {},
): AggregateRequest => ({
  parts: [{ kind: 'summary', as: 'aggregate', items }],
  ...rest,
});
const aggregate = (node: AggregateRequest, values: readonly unknown[] = []): ReadAggregateRequest => ({
  kind: 'readAggregate',
  table: 'books',
  values,
  json: true,
  node,
});
const of = (name: string, ...columns: readonly string[]): SummaryRequest => ({
  kind: 'object',
  as: name,
  items: columns.map(
    (column) => ({ kind: 'function', as: column, function: name, column }) as SummaryRequest,
  ),
});
const count: SummaryRequest = { kind: 'count', as: 'count', columns: [], distinct: false };
const id = { kind: 'column', column: 'id', as: 'id' } as const;
const read = (node: Partial<NodeRequest>, values: readonly unknown[] = [], table = 'books'): ReadRequest => ({
  kind: 'read',
  table,
  values,
  json: true,
  node: { fields: [id], ...node },
  shape: 'list',
  count: false,
});
const by = (rest: object) =>
  ({ through: [], direction: 'asc', ...rest }) as NonNullable<NodeRequest['order']>[number];
const where = (rest: object, filter?: FilterRequest): FilterRequest =>
  ({
    kind: 'aggregate',
    relationship: 'reviews',
    columns: ['stars'],
    distinct: false,
    where: filter,
    compare: [],
    ...rest,
  }) as FilterRequest;

const constructs: readonly Construct[] = [
  {
    name: 'functions of columns over a page',
    role: 'reader',
    request: aggregate(
      summary(
        [
          count,
          of('sum', 'price', 'stock'),
          {
            kind: 'object',
            as: 'max',
            items: [
              { kind: 'constant', as: '__typename', text: 'books_max_fields' },
              { kind: 'function', as: 'most', function: 'max', column: 'stock', number: 'string' },
            ],
          },
          of('stddev_pop', 'price'),
        ],
        { order: [by({ column: 'id' })], limit: 2 },
      ),
    ),
    parameters: [],
    postgres: `SELECT (SELECT row_to_json("t3".*) FROM (SELECT (SELECT ('{' || '"count":' || coalesce(to_json("t1"."c0")::text, 'null') || ',"sum":' || '{' || '"price":' || coalesce(to_json("t1"."c1")::text, 'null') || ',"stock":' || coalesce(to_json("t1"."c2")::text, 'null') || '}' || ',"max":' || '{' || '"__typename":' || coalesce(to_json("t1"."c3")::text, 'null') || ',"most":' || coalesce(to_json("t1"."c4")::text, 'null') || '}' || ',"stddev_pop":' || '{' || '"price":' || coalesce(to_json("t1"."c5")::text, 'null') || '}' || '}')::json FROM (SELECT count(*) AS "c0", sum("c0") AS "c1", sum("c1") AS "c2", 'books_max_fields'::text AS "c3", (max("c1"))::text AS "c4", stddev_pop("c0") AS "c5" FROM (SELECT "t0"."price" AS "c0", "t0"."stock" AS "c1" FROM "public"."books" AS "t0" WHERE (true) ORDER BY "t0"."id" LIMIT 2) AS "t2") AS "t1") AS "aggregate") AS "t3")::text, 1`,
    // Postgres has sixteen places in such a number.
    rows: {
      postgres: [
        [
          '{"aggregate":{"count":2,"sum":{"price":30.50,"stock":9007199254740995},"max":{"__typename":"books_max_fields","most":"9007199254740993"},"stddev_pop":{"price":4.7500000000000000}}}',
          '1',
        ],
      ],
      others: [
        [
          '{"aggregate":{"count":2,"sum":{"price":30.50,"stock":9007199254740995},"max":{"__typename":"books_max_fields","most":"9007199254740993"},"stddev_pop":{"price":4.75}}}',
          '1',
        ],
      ],
    },
  },
  {
    name: 'functions of cells that are readable in some rows',
    role: 'some',
    request: aggregate(summary([count, of('avg', 'price'), of('variance', 'price')])),
    parameters: ['me'],
    postgres: `SELECT (SELECT row_to_json("t3".*) FROM (SELECT (SELECT ('{' || '"count":' || coalesce(to_json("t1"."c0")::text, 'null') || ',"avg":' || '{' || '"price":' || coalesce(to_json("t1"."c1")::text, 'null') || '}' || ',"variance":' || '{' || '"price":' || coalesce(to_json("t1"."c2")::text, 'null') || '}' || '}')::json FROM (SELECT count(*) AS "c0", avg("c0") AS "c1", variance("c0") AS "c2" FROM (SELECT CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN "t0"."price" END AS "c0" FROM "public"."books" AS "t0" WHERE (true)) AS "t2") AS "t1") AS "aggregate") AS "t3")::text, 1`,
    // Postgres has sixteen places in such a number.
    rows: {
      postgres: [
        [
          '{"aggregate":{"count":3,"avg":{"price":15.2500000000000000},"variance":{"price":45.1250000000000000}}}',
          '1',
        ],
      ],
      others: [['{"aggregate":{"count":3,"avg":{"price":15.25},"variance":{"price":45.125}}}', '1']],
    },
  },
  {
    name: 'names alone, and no function',
    role: 'reader',
    request: aggregate(
      summary([
        {
          kind: 'object',
          as: 'max',
          items: [{ kind: 'constant', as: '__typename', text: 'books_max_fields' }],
        },
      ]),
    ),
    parameters: [],
    postgres: `SELECT (SELECT row_to_json("t2".*) FROM (SELECT (SELECT ('{' || '"max":' || '{' || '"__typename":' || coalesce(to_json("t1"."c0")::text, 'null') || '}' || '}')::json FROM (SELECT 'books_max_fields'::text AS "c0") AS "t1") AS "aggregate") AS "t2")::text, 1`,
    rows: [['{"aggregate":{"max":{"__typename":"books_max_fields"}}}', '1']],
  },
  {
    name: 'functions of related rows',
    role: 'mine',
    request: read({
      fields: [
        id,
        { kind: 'embedAggregate', as: 'r', relationship: 'reviews', node: summary([of('min', 'stars')]) },
      ],
      order: [by({ column: 'id' })],
    }),
    parameters: ['false', 'me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t5".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT row_to_json("t4".*) FROM (SELECT (SELECT ('{' || '"min":' || '{' || '"stars":' || coalesce(to_json("t2"."c0")::text, 'null') || '}' || '}')::json FROM (SELECT min("c0") AS "c0" FROM (SELECT "t1"."stars" AS "c0" FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND "t1"."secret" = $1::"pg_catalog"."bool") AS "t3") AS "t2") AS "aggregate") AS "t4") AS "r" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $2::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1000) AS "t5"`,
    rows: [
      [
        '[{"id":1,"r":{"aggregate":{"min":{"stars":5}}}},{"id":2,"r":{"aggregate":{"min":{"stars":4}}}}]',
        '2',
      ],
    ],
  },
  {
    name: 'an order by aggregates of related rows',
    role: 'some',
    request: read({
      order: [
        by({ related: 'reviews', aggregate: 'count', direction: 'desc' }),
        by({ related: 'reviews', aggregate: 'avg', column: 'stars', nulls: 'first' }),
      ],
    }),
    parameters: ['false'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE (true) ORDER BY (SELECT count(*) FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND (true)) DESC, (SELECT avg(CASE WHEN "t2"."secret" = $1::"pg_catalog"."bool" THEN "t2"."stars" END) FROM "public"."reviews" AS "t2" WHERE "t2"."book_id" = "t0"."id" AND (true)) NULLS FIRST LIMIT 1000) AS "t3"`,
    rows: [['[{"id":1},{"id":3},{"id":2}]', '3']],
  },
  {
    name: 'an order by an aggregate behind a relationship to one, of distinct rows',
    role: 'mine',
    request: read({
      distinct: ['author_id'],
      order: [
        by({ column: 'author_id' }),
        by({ through: ['author'], related: 'books', aggregate: 'sum', column: 'stock', direction: 'desc' }),
        by({ column: 'id', direction: 'desc' }),
      ],
    }),
    parameters: ['me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT DISTINCT ON ("t0"."author_id") "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $1::"pg_catalog"."text" ORDER BY "t0"."author_id", (SELECT (SELECT sum("t2"."stock") FROM "public"."books" AS "t2" WHERE "t2"."author_id" = "t1"."id" AND "t2"."owner" = $1::"pg_catalog"."text") FROM "public"."authors" AS "t1" WHERE "t1"."id" = "t0"."author_id" AND (true) LIMIT 1) DESC, "t0"."id" DESC LIMIT 1000) AS "t3"`,
    rows: [['[{"id":2}]', '1']],
  },
  {
    name: 'rows by the truth of their related rows',
    role: 'mine',
    request: read(
      {
        where: where({ function: 'bool_or', columns: ['secret'], compare: [{ operator: 'eq', value: 0 }] }),
        order: [by({ column: 'id' })],
      },
      [false],
    ),
    parameters: ['me', 'false', 'false'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND ((SELECT bool_or("t1"."secret") FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND "t1"."secret" = $2::"pg_catalog"."bool") = $3::"pg_catalog"."bool")) ORDER BY "t0"."id" LIMIT 1000) AS "t2"`,
    rows: [['[{"id":1},{"id":2}]', '2']],
  },
  {
    name: 'rows by a sum, which stands behind the row filter',
    role: 'mine',
    request: read(
      {
        where: where(
          {
            function: 'sum',
            distinct: true,
            compare: [{ operator: 'gt', value: 0 }, { operator: 'isNotNull' }],
          },
          { kind: 'compare', column: 'stars', operator: 'lt', value: 1 },
        ),
        order: [by({ column: 'id' })],
      },
      [3.5, 5],
    ),
    parameters: ['me', 'false', '5', '3.5'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN ((SELECT sum(DISTINCT "t1"."stars") FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND ("t1"."secret" = $2::"pg_catalog"."bool" AND "t1"."stars" < $3::"pg_catalog"."int4")) > $4::"pg_catalog"."numeric" AND (SELECT sum(DISTINCT "t1"."stars") FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND ("t1"."secret" = $2::"pg_catalog"."bool" AND "t1"."stars" < $3::"pg_catalog"."int4")) IS NOT NULL) ELSE false END) ORDER BY "t0"."id" LIMIT 1000) AS "t2"`,
    rows: [['[{"id":2}]', '1']],
  },
  {
    name: 'rows by a least cell among those that are readable',
    role: 'some',
    request: read(
      {
        where: { kind: 'not', of: where({ function: 'min', compare: [{ operator: 'gte', value: 0 }] }) },
        order: [by({ column: 'id' })],
      },
      ['4.5'],
    ),
    parameters: ['false', '4.5'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE (NOT ((SELECT min(CASE WHEN "t1"."secret" = $1::"pg_catalog"."bool" THEN "t1"."stars" END) FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND (true)) >= $2::"pg_catalog"."numeric")) ORDER BY "t0"."id" LIMIT 1000) AS "t2"`,
    rows: [['[{"id":2},{"id":3}]', '2']],
  },
  {
    name: 'groups by columns, whatever is selected',
    role: 'reader',
    request: read(
      {
        groupBy: ['author_id', 'stock'],
        fields: [
          {
            kind: 'keys',
            as: 'keys',
            items: [
              { kind: 'key', as: 'stock', column: 'stock', number: 'string' },
              { kind: 'key', as: 'title', column: 'title' },
              { kind: 'constant', as: '__typename', text: 'books_group_keys' },
            ],
          },
          { kind: 'summary', as: 'aggregate', items: [count, of('sum', 'price')] },
          { kind: 'constant', as: '__typename', text: 'books_group' },
        ],
        having: {
          kind: 'or',
          of: [
            {
              kind: 'not',
              of: {
                kind: 'compare',
                term: { function: 'stddev', column: 'price' },
                operator: 'lt',
                value: 0,
              },
            },
            { kind: 'compare', term: { function: 'count' }, operator: 'in', value: 1 },
            { kind: 'or', of: [] },
          ],
        },
        order: [by({ column: 'author_id', direction: 'desc' }), by({ aggregate: 'max', column: 'id' })],
        limit: 3,
        offset: 2,
      },
      [0.5, [1, 2], 1],
    ),
    parameters: ['0.5', ['1', '2'], '1'],
    postgres: `SELECT coalesce('[' || string_agg((('{' || '"keys":' || '{' || '"stock":' || coalesce(to_json("t2"."c0")::text, 'null') || ',"title":' || coalesce(to_json("t2"."c1")::text, 'null') || ',"__typename":' || coalesce(to_json("t2"."c2")::text, 'null') || '}' || ',"aggregate":' || '{' || '"count":' || coalesce(to_json("t2"."c3")::text, 'null') || ',"sum":' || '{' || '"price":' || coalesce(to_json("t2"."c4")::text, 'null') || '}' || '}' || ',"__typename":' || coalesce(to_json("t2"."c5")::text, 'null') || '}')::json)::text, ',') || ']', '[]'), count(*) FROM (SELECT ("g1")::text AS "c0", NULL::text AS "c1", 'books_group_keys'::text AS "c2", count(*) AS "c3", sum("g2") AS "c4", 'books_group'::text AS "c5" FROM (SELECT "t0"."author_id" AS "g0", "t0"."stock" AS "g1", "t0"."price" AS "g2", "t0"."id" AS "g3", "t0"."price" AS "g4" FROM "public"."books" AS "t0" WHERE (true)) AS "t1" GROUP BY "g0", "g1" HAVING ((NOT stddev("g4") < $1::"pg_catalog"."numeric") OR count(*) = ANY($2::"pg_catalog"."int8"[]) OR (false)) ORDER BY "g0" DESC, max("g3") LIMIT 3 OFFSET $3::int8) AS "t2"`,
    rows: [
      [
        '[{"keys":{"stock":"9007199254740993","title":null,"__typename":"books_group_keys"},"aggregate":{"count":1,"sum":{"price":10.50}},"__typename":"books_group"},{"keys":{"stock":"2","title":null,"__typename":"books_group_keys"},"aggregate":{"count":1,"sum":{"price":20.00}},"__typename":"books_group"}]',
        '2',
      ],
    ],
  },
  {
    name: 'groups by cells that are readable in some rows',
    role: 'some',
    request: read({
      groupBy: ['price'],
      fields: [
        { kind: 'keys', as: 'keys', items: [{ kind: 'key', as: 'price', column: 'price' }] },
        {
          kind: 'summary',
          as: 'aggregate',
          items: [
            count,
            { ...count, as: 'p', columns: ['price', 'title'], distinct: true } as SummaryRequest,
          ],
        },
      ],
      order: [by({ column: 'price' })],
    }),
    parameters: ['me'],
    postgres: `SELECT coalesce('[' || string_agg((('{' || '"keys":' || '{' || '"price":' || coalesce(to_json("t2"."c0")::text, 'null') || '}' || ',"aggregate":' || '{' || '"count":' || coalesce(to_json("t2"."c1")::text, 'null') || ',"p":' || coalesce(to_json("t2"."c2")::text, 'null') || '}' || '}')::json)::text, ',') || ']', '[]'), count(*) FROM (SELECT "g0" AS "c0", count(*) AS "c1", count(DISTINCT ROW("g1", "g2")) FILTER (WHERE "g1" IS NOT NULL AND "g2" IS NOT NULL) AS "c2" FROM (SELECT CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN "t0"."price" END AS "g0", CASE WHEN "t0"."owner" = $1::"pg_catalog"."text" THEN "t0"."price" END AS "g1", "t0"."title" AS "g2" FROM "public"."books" AS "t0" WHERE (true)) AS "t1" GROUP BY "g0" ORDER BY "g0" LIMIT 1000) AS "t2"`,
    rows: [
      [
        '[{"keys":{"price":10.50},"aggregate":{"count":1,"p":1}},{"keys":{"price":20.00},"aggregate":{"count":1,"p":1}},{"keys":{"price":null},"aggregate":{"count":1,"p":0}}]',
        '3',
      ],
    ],
  },
  {
    name: 'functions over no fewer rows than the grant demands, of cells with a condition',
    role: 'large',
    request: aggregate(
      summary([count, of('sum', 'price')], {
        where: where({ function: 'max', compare: [{ operator: 'gt', value: 0 }] }),
        order: [by({ related: 'reviews', aggregate: 'count', direction: 'desc' })],
        limit: 10,
      }),
      [1],
    ),
    parameters: ['true', 'me', '1'],
    postgres: `SELECT (SELECT row_to_json("t5".*) FROM (SELECT (SELECT ('{' || '"count":' || coalesce(to_json("t3"."c0")::text, 'null') || ',"sum":' || '{' || '"price":' || coalesce(to_json("t3"."c1")::text, 'null') || '}' || '}')::json FROM (SELECT count(*) AS "c0", sum("c0") AS "c1" FROM (SELECT CASE WHEN "t0"."listed" = $1::"pg_catalog"."bool" THEN "t0"."price" END AS "c0" FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $2::"pg_catalog"."text" AND ((SELECT max("t1"."stars") FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND (true) HAVING count(*) >= 2) > $3::"pg_catalog"."numeric")) ORDER BY (SELECT count(*) FROM "public"."reviews" AS "t2" WHERE "t2"."book_id" = "t0"."id" AND (true) HAVING count(*) >= 2) DESC LIMIT 10) AS "t4" HAVING count(*) >= 2) AS "t3") AS "aggregate") AS "t5")::text, 1`,
    rows: [['{"aggregate":null}', '1']],
  },
  {
    name: 'groups of no fewer rows than the grant demands',
    role: 'large',
    request: read(
      {
        fields: [
          { kind: 'column', column: 'author_id', as: 'author_id' },
          { kind: 'aggregate', as: 'max', term: { function: 'max', column: 'price' } },
        ],
        having: { kind: 'compare', term: { function: 'count' }, operator: 'gt', value: 0 },
        order: [by({ column: 'author_id' })],
      },
      [1],
    ),
    parameters: ['true', 'me', '1', '2'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t2".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "g0" AS "author_id", max("g1") AS "max" FROM (SELECT "t0"."author_id" AS "g0", CASE WHEN "t0"."listed" = $1::"pg_catalog"."bool" THEN "t0"."price" END AS "g1" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $2::"pg_catalog"."text") AS "t1" GROUP BY "g0" HAVING (count(*) > $3::"pg_catalog"."int8" AND count(*) >= $4::"pg_catalog"."int8") ORDER BY "g0" LIMIT 1000) AS "t2"`,
    rows: [['[{"author_id":1,"max":10.50}]', '1']],
  },
  {
    name: 'one group of all rows, or of none',
    role: 'mine',
    request: read(
      {
        groupBy: [],
        fields: [
          { kind: 'keys', as: 'keys', items: [{ kind: 'key', as: 'title', column: 'title' }] },
          { kind: 'constant', as: '__typename', text: 'books_group' },
        ],
        where: { kind: 'compare', column: 'id', operator: 'gt', value: 0 },
      },
      [100],
    ),
    parameters: ['me', '100'],
    postgres: `SELECT coalesce('[' || string_agg((('{' || '"keys":' || '{' || '"title":' || coalesce(to_json("t2"."c0")::text, 'null') || '}' || ',"__typename":' || coalesce(to_json("t2"."c1")::text, 'null') || '}')::json)::text, ',') || ']', '[]'), count(*) FROM (SELECT NULL::text AS "c0", 'books_group'::text AS "c1" FROM (SELECT  FROM "public"."books" AS "t0" WHERE ("t0"."owner" = $1::"pg_catalog"."text" AND "t0"."id" > $2::"pg_catalog"."int4")) AS "t1" GROUP BY () LIMIT 1000) AS "t2"`,
    rows: [['[{"keys":{"title":null},"__typename":"books_group"}]', '1']],
  },
  {
    name: 'groups by the type json',
    role: 'reader',
    request: read({
      groupBy: ['raw'],
      fields: [
        { kind: 'keys', as: 'keys', items: [{ kind: 'key', as: 'raw', column: 'raw' }] },
        { kind: 'summary', as: 'aggregate', items: [count] },
      ],
      order: [by({ aggregate: 'count', direction: 'desc' })],
    }),
    parameters: [],
    postgres: `SELECT coalesce('[' || string_agg((('{' || '"keys":' || '{' || '"raw":' || coalesce(to_json("t2"."c0")::text, 'null') || '}' || ',"aggregate":' || '{' || '"count":' || coalesce(to_json("t2"."c1")::text, 'null') || '}' || '}')::json)::text, ',') || ']', '[]'), count(*) FROM (SELECT "g0" AS "c0", count(*) AS "c1" FROM (SELECT to_jsonb("t0"."raw") AS "g0" FROM "public"."books" AS "t0" WHERE (true)) AS "t1" GROUP BY "g0" ORDER BY count(*) DESC LIMIT 1000) AS "t2"`,
    rows: [
      [
        '[{"keys":{"raw":{"n": 1}},"aggregate":{"count":2}},{"keys":{"raw":null},"aggregate":{"count":1}}]',
        '2',
      ],
    ],
  },
  {
    name: 'rows by whether their number of related rows is in a list, or in none',
    role: 'reader',
    request: read(
      {
        where: {
          kind: 'and',
          of: [
            where({ columns: [], compare: [{ operator: 'in', value: 0 }] }),
            where({ function: 'max', compare: [{ operator: 'nin', value: 1 }] }),
          ],
        },
        order: [by({ column: 'id' })],
      },
      [
        [1, 2],
        [1, 9],
      ],
    ),
    parameters: [
      ['1', '2'],
      ['1', '9'],
    ],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t3".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id" FROM "public"."books" AS "t0" WHERE (((SELECT count(*) FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND (true)) = ANY($1::"pg_catalog"."int8"[])) AND ((SELECT max("t2"."stars") FROM "public"."reviews" AS "t2" WHERE "t2"."book_id" = "t0"."id" AND (true)) <> ALL($2::"pg_catalog"."numeric"[]))) ORDER BY "t0"."id" LIMIT 1000) AS "t3"`,
    rows: [['[{"id":1},{"id":2}]', '2']],
  },
  {
    name: 'groups of related rows, by whether what they give is in a list',
    role: 'mine',
    request: read(
      {
        fields: [
          id,
          {
            kind: 'embed',
            as: 'reviews',
            relationship: 'reviews',
            join: 'left',
            node: {
              fields: [
                { kind: 'column', column: 'stars', as: 'stars' },
                { kind: 'aggregate', as: 'count', term: { function: 'count' } },
              ],
              having: {
                kind: 'and',
                of: [
                  { kind: 'compare', term: { function: 'count' }, operator: 'in', value: 0 },
                  { kind: 'compare', term: { function: 'max', column: 'stars' }, operator: 'nin', value: 1 },
                ],
              },
              order: [by({ column: 'stars' })],
            },
          },
        ],
        order: [by({ column: 'id' })],
      },
      [
        [1, 7],
        [4, 9],
      ],
    ),
    parameters: ['false', ['1', '7'], ['4', '9'], 'me'],
    postgres: `SELECT coalesce('[' || string_agg((row_to_json("t4".*))::text, ',') || ']', '[]'), count(*) FROM (SELECT "t0"."id" AS "id", (SELECT coalesce(json_agg(row_to_json("t3".*)), '[]'::json) FROM (SELECT "g0" AS "stars", count(*) AS "count" FROM (SELECT "t1"."stars" AS "g0", "t1"."stars" AS "g1" FROM "public"."reviews" AS "t1" WHERE "t1"."book_id" = "t0"."id" AND "t1"."secret" = $1::"pg_catalog"."bool") AS "t2" GROUP BY "g0" HAVING (count(*) = ANY($2::"pg_catalog"."int8"[]) AND max("g1") <> ALL($3::"pg_catalog"."int4"[])) ORDER BY "g0" LIMIT 1000) AS "t3") AS "reviews" FROM "public"."books" AS "t0" WHERE "t0"."owner" = $4::"pg_catalog"."text" ORDER BY "t0"."id" LIMIT 1000) AS "t4"`,
    rows: [['[{"id":1,"reviews":[{"stars":5,"count":1}]},{"id":2,"reviews":[]}]', '2']],
  },
];

holdConstructs(import.meta.url, { postgres: { sql, yaml }, others: { sql: others, yaml } }, constructs);
