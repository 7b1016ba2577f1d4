/** A shop whose access is changed in many ways: its database, its project as data, and both sides of a change as they compile. */
import assert from 'node:assert/strict';
import { createDatabase, type Scope, type TestDatabase, type TestEngine } from '../../../test/database.ts';
import { readProject } from '../../../test/project.ts';
import { type Admin, openAdmin } from '../../../test/servers/identity.ts';
import { compileApi } from '../../api/compile.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Pool } from '../../dialect/dialect.ts';
import { dialectFor } from '../../dialect/dialects.ts';
import type { Side } from '../change.ts';

export const shopSql = `
  CREATE TYPE book_status AS ENUM ('draft', 'live', 'gone');
  CREATE TABLE authors (id int PRIMARY KEY, name text NOT NULL, country text NOT NULL);
  CREATE TABLE books (
    id int PRIMARY KEY,
    title text NOT NULL,
    price numeric(8,2) NOT NULL,
    cost numeric(8,2) NOT NULL,
    published boolean NOT NULL,
    owner text,
    status book_status NOT NULL,
    author_id int NOT NULL REFERENCES authors,
    released date
  );
  CREATE TABLE books_archive (LIKE books INCLUDING ALL);
  CREATE TABLE reviews (
    id int PRIMARY KEY, book_id int NOT NULL REFERENCES books, stars int NOT NULL, body text NOT NULL, owner text NOT NULL
  );
  CREATE TABLE members (id int PRIMARY KEY, sub text NOT NULL, org int NOT NULL);
  CREATE TABLE customers (
    id int PRIMARY KEY, name text NOT NULL, email text NOT NULL, phone text NOT NULL, vip boolean NOT NULL, owner text NOT NULL
  );
  CREATE TABLE orders (
    id int PRIMARY KEY, customer_id int REFERENCES customers, status text NOT NULL, total numeric(8,2) NOT NULL,
    owner text NOT NULL DEFAULT 'nobody', note text
  );
  CREATE FUNCTION search_books() RETURNS SETOF books LANGUAGE sql STABLE AS 'SELECT * FROM books';
  CREATE FUNCTION book_label(books) RETURNS text LANGUAGE sql STABLE AS $$ SELECT $1.title || '!' $$;
  CREATE FUNCTION top_reviews(books) RETURNS SETOF reviews LANGUAGE sql STABLE AS $$ SELECT * FROM reviews WHERE book_id = $1.id AND stars > 3 $$;
  CREATE FUNCTION ping() RETURNS int LANGUAGE sql STABLE AS 'SELECT 1';
  CREATE FUNCTION pong() RETURNS int LANGUAGE sql STABLE AS 'SELECT 2';
  INSERT INTO authors VALUES (1, 'Ann', 'FR'), (2, 'Bob', 'DE');
  INSERT INTO books VALUES
    (1, 'A', 5, 1, true, '7', 'live', 1, '2024-01-01'),
    (2, 'B', 10, 2, true, '8', 'draft', 2, '2025-01-01'),
    (3, 'C', 15.5, 3, false, '7', 'gone', 1, NULL),
    (4, 'D', 20, 4, false, NULL, 'live', 2, '2023-05-05');
  INSERT INTO books_archive SELECT id + 10, title || ' old', price, cost, published, owner, status, author_id, released FROM books;
  INSERT INTO reviews VALUES (1, 1, 5, 'good', '7'), (2, 1, 2, 'bad', '8'), (3, 2, 4, 'fine', '8'), (4, 3, 1, 'no', '7');
  INSERT INTO members VALUES (1, '7', 1), (2, '8', 2);
  INSERT INTO customers VALUES (1, 'Cy', 'cy@x', '11', true, '7'), (2, 'Di', 'di@x', '22', false, '8');
  INSERT INTO orders VALUES (1, 1, 'new', 5, '7', 'a'), (2, 1, 'paid', 15, '8', 'b'), (3, 2, 'new', 25, '7', NULL);
`;

/** A project as data: JSON is YAML. */
// biome-ignore lint/suspicious/noExplicitAny: whatever may be written in a project
export type Written = any;

export const shop: Written = {
  auth: { anonymous: 'visitor', jwt: [{ issuer: 'https://x.example', audience: 'a', secret: '${env:S}' }] },
  roles: {
    visitor: {},
    customer: { inherits: ['visitor'] },
    clerk: {},
    manager: { inherits: ['clerk'] },
    service: { everything: true },
  },
  tables: {
    authors: { permissions: { visitor: { select: { columns: ['id', 'name'] } } } },
    books: {
      columns: { cost: { hidden: true } },
      permissions: {
        visitor: { select: { columns: ['id', 'title', 'price'], where: { published: true } } },
        customer: {
          select: { columns: ['id', 'title', 'price', 'owner', 'published'], where: { owner: '$jwt.sub' } },
          update: { columns: ['title', 'price'], where: { owner: '$jwt.sub' } },
        },
        clerk: {
          select: {
            columns: '*',
            where: { status: { _in: ['live', 'draft'] } },
            limit: 100,
            aggregate: { min_group: 3 },
          },
          insert: {
            columns: ['id', 'title', 'price', 'status', 'author_id', 'published'],
            check: { price: { _gte: 5 } },
          },
          update: { columns: ['title', 'price'], where: { published: false }, check: { price: { _gte: 5 } } },
          delete: { where: { published: false } },
        },
      },
    },
    reviews: {
      permissions: {
        visitor: { select: { columns: ['id', 'stars'] } },
        customer: {
          select: { columns: { id: true, stars: true, body: { when: { owner: '$jwt.sub' } } } },
          insert: { columns: ['id', 'book_id', 'stars', 'body'], set: { owner: '$jwt.sub' } },
          delete: { where: { owner: '$jwt.sub' } },
        },
      },
    },
    members: {},
    customers: {
      columns: { email: { personal: true }, phone: { personal: true } },
      permissions: {
        customer: { select: { columns: ['id', 'name'], where: { owner: '$jwt.sub' } } },
        clerk: { select: { columns: ['id', 'name', 'vip'] } },
      },
    },
    orders: {
      permissions: {
        customer: {
          select: { columns: '*', where: { owner: '$jwt.sub' } },
          insert: { columns: ['id', 'customer_id', 'status', 'total'], set: { owner: '$jwt.sub' } },
          update: { columns: ['status', 'note'], where: { owner: '$jwt.sub', status: 'new' } },
        },
        clerk: { select: true, update: { columns: ['status'] } },
      },
    },
  },
  functions: {
    search_books: { permissions: { customer: { execute: true } } },
    book_label: { permissions: { customer: { execute: true } } },
    top_reviews: { permissions: { customer: { execute: true } } },
    ping: { permissions: { clerk: { execute: true } } },
  },
  limits: { dry_run: ['manager'] },
};

/** One side, and the database that it is of. */
export interface ShopSide extends Side {
  readonly pool: Pool;
  /** Past the engine. */
  readonly query: Admin['query'];
}

export interface Shop {
  /** @param sql what a migration did to the database of the shop */
  readonly side: (written: Written, sql?: string) => Promise<ShopSide>;
}

/** Databases are made once for each SQL. */
export function openShop(scope: Scope, engine: TestEngine = 'postgres', ownSql = shopSql): Shop {
  const known = new Map<string, ReturnType<typeof openCatalog>>();
  const open = async (sql: string) => {
    const database = await createDatabase(scope, engine);
    await database.query(`${ownSql};${sql}`);
    return openCatalog(scope, engine, database);
  };
  return {
    side: async (written, sql = '') => {
      const opened = known.get(sql) ?? open(sql);
      known.set(sql, opened);
      const { catalog, ...database } = await opened;
      return { ...sideOf(written, catalog, engine), ...database };
    },
  };
}

async function openCatalog(scope: Scope, engine: TestEngine, { url }: TestDatabase) {
  const admin = await openAdmin(url);
  scope.after(() => admin.close());
  const config = [...readProject({ sql: '', yaml: '', engine }).databases.values()][0]!;
  const dialect = dialectFor(config.engine);
  const pool = dialect.open({ config, url });
  scope.after(() => pool.close());
  return { catalog: await dialect.introspect(pool, config.schemas), pool, query: admin.query };
}

function sideOf(written: Written, catalog: Catalog, engine: TestEngine): Side {
  const project = readProject({ sql: '', yaml: JSON.stringify(written), engine });
  const { value, diagnostics } = compileApi(project, new Map([['main', catalog]]));
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return { project, api: value!.api };
}

/** A copy of what is written, changed. */
export function patched(written: Written, patch: (copy: Written) => void): Written {
  const copy = structuredClone(written);
  patch(copy);
  assert.notDeepEqual(copy, written, 'the patch changes nothing');
  return copy;
}
