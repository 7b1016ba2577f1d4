/** Changes of a shop, and exactly what they are told as; and that whatever a role really gains or loses by one is told. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Finding } from '../change.ts';
import { plainText } from '../sentence.ts';
import { diffAccess } from './access.ts';
import { type Earlier, type Powers, powersOf, type Trials, untold } from './reality.fixture.ts';
import { openShop, patched, type ShopSide, shop, type Written } from './shop.fixture.ts';

interface Case {
  readonly what: string;
  /** Of what the base is besides the shop. */
  readonly base?: (project: Written) => void;
  readonly change: (project: Written) => void;
  /** What a migration of the head does. */
  readonly sql?: string;
  readonly earlier?: Earlier;
  /** `rule level[ needs acceptance][ gain][ anonymous][ personal] | roles | of what | sentence[ | before → after]`. */
  readonly findings: readonly string[];
}

const may = (project: Written, table: string, role: string): Written =>
  (project.tables[table].permissions[role] ??= {});

const cases: readonly Case[] = [
  {
    what: 'a column more for the anonymous role reaches whoever inherits from it',
    change: (p) => may(p, 'books', 'visitor').select.columns.push('released'),
    findings: [
      'read-gained dangerous needs acceptance gain anonymous | visitor | books.released select visitor | "visitor" gains read of "books.released".',
      'read-gained dangerous gain | customer | books.released select customer | "customer" gains read of "books.released" where "{ published: true }". |  → { published: true }',
    ],
  },
  {
    what: 'a personal column for the anonymous role',
    change: (p) => {
      may(p, 'customers', 'visitor').select = { columns: ['id', 'email'] };
    },
    findings: [
      'read-gained dangerous needs acceptance gain anonymous | visitor | customers.id select visitor | "visitor" gains read of "customers.id".',
      'read-gained dangerous needs acceptance gain anonymous personal | visitor | customers.email select visitor | "visitor" gains read of "customers.email".',
      'read-gained dangerous needs acceptance gain personal | customer | customers.email select customer | "customer" gains read of "customers.email".',
      'rows-weakened dangerous needs acceptance gain personal | customer | customers select customer | The row filter of "customer" on "customers" is weakened: "{ owner: $jwt.sub }" is now "{}". | { owner: $jwt.sub } → {}',
    ],
  },
  {
    what: 'several personal columns for a role that has a token',
    change: (p) => may(p, 'customers', 'clerk').select.columns.push('email', 'phone', 'owner'),
    findings: [
      'read-gained dangerous needs acceptance gain personal | clerk,manager | customers select | "clerk" and "manager" gain read of "email" and "phone" of "customers".',
      'read-gained dangerous gain | clerk,manager | customers.owner select | "clerk" and "manager" gain read of "customers.owner".',
    ],
  },
  {
    what: 'a column that a role no longer reads',
    change: (p) => may(p, 'customers', 'clerk').select.columns.pop(),
    findings: [
      'read-lost breaking needs acceptance | clerk,manager | customers.vip select | "clerk" and "manager" lose read of "customers.vip".',
    ],
  },
  {
    what: 'a column that the anonymous role no longer reads, and an heir still does by its own entry in some rows',
    change: (p) => may(p, 'books', 'visitor').select.columns.pop(),
    findings: [
      'read-lost breaking needs acceptance anonymous | visitor | books.price select visitor | "visitor" loses read of "books.price".',
      'cells-strengthened breaking needs acceptance | customer | books.price select customer | The condition under which "customer" reads "books.price" is strengthened: "{ _or: [ { owner: $jwt.sub }, { published: true } ] }" is now "{ owner: $jwt.sub }". | { _or: [ { owner: $jwt.sub }, { published: true } ] } → { owner: $jwt.sub }',
    ],
  },
  {
    what: 'a table that a role no longer reads at all',
    change: (p) => {
      delete may(p, 'customers', 'clerk').select;
    },
    findings: [
      'read-lost breaking needs acceptance | clerk,manager | customers select | "clerk" and "manager" lose read of "id", "name" and "vip" of "customers".',
    ],
  },
  {
    what: 'a table that a role reads as a whole',
    change: (p) => {
      may(p, 'customers', 'clerk').select = true;
    },
    findings: [
      'read-gained dangerous needs acceptance gain personal | clerk,manager | customers select | "clerk" and "manager" gain read of "email" and "phone" of "customers".',
      'read-gained dangerous gain | clerk,manager | customers.owner select | "clerk" and "manager" gain read of "customers.owner".',
      'aggregate-gained dangerous gain | clerk,manager | customers select | "clerk" and "manager" gain aggregates over "customers".',
    ],
  },
  {
    what: 'a role reads a table that it did not, by a role that it inherits from',
    change: (p) => {
      p.roles.manager.inherits.push('visitor');
    },
    findings: [
      'read-gained dangerous gain | manager | authors select manager | "manager" gains read of "id" and "name" of "authors".',
      'rows-weakened dangerous gain | manager | books select manager | The row filter of "manager" on "books" is weakened: "{ status: { _in: [ live, draft ] } }" is now "{ _or: [ { status: { _in: [ live, draft ] } }, { published: true } ] }". | { status: { _in: [ live, draft ] } } → { _or: [ { status: { _in: [ live, draft ] } }, { published: true } ] }',
      'limit-raised dangerous | manager | books select manager | Lists of "books" are no longer cut at 100 rows for "manager". | 100 → none',
      'read-gained dangerous gain | manager | reviews select manager | "manager" gains read of "id" and "stars" of "reviews".',
    ],
  },
  {
    what: 'a role no longer inherits',
    change: (p) => {
      p.roles.customer = {};
    },
    findings: [
      'read-lost breaking needs acceptance | customer | authors select customer | "customer" loses read of "id" and "name" of "authors".',
      'rows-strengthened breaking needs acceptance | customer | books select customer | The row filter of "customer" on "books" is strengthened: "{ _or: [ { owner: $jwt.sub }, { published: true } ] }" is now "{ owner: $jwt.sub }". | { _or: [ { owner: $jwt.sub }, { published: true } ] } → { owner: $jwt.sub }',
    ],
  },
  {
    what: 'a role may do everything',
    change: (p) => {
      p.roles.clerk = { everything: true };
      p.roles.manager = {};
    },
    findings: [
      'read-gained dangerous gain | clerk | authors select clerk | "clerk" gains read of "id", "name" and "country" of "authors".',
      'insert-gained dangerous gain | clerk | authors insert clerk | "clerk" gains insert of "id", "name" and "country" in "authors".',
      'update-gained dangerous gain | clerk | authors update clerk | "clerk" gains update of "id", "name" and "country" of "authors".',
      'delete-gained dangerous gain | clerk | authors delete clerk | "clerk" gains delete from "authors".',
      'read-gained dangerous gain | clerk | books.book_label select clerk | "clerk" gains read of "books.book_label".',
      'rows-weakened dangerous gain | clerk | books select clerk | The row filter of "clerk" on "books" is weakened: "{ status: { _in: [ live, draft ] } }" is now "{}". | { status: { _in: [ live, draft ] } } → {}',
      'group-lowered dangerous gain | clerk | books select clerk | "clerk" gains aggregates over "books" of any number of rows, which was 3. | 3 → 1',
      'limit-raised dangerous | clerk | books select clerk | Lists of "books" are no longer cut at 100 rows for "clerk". | 100 → none',
      'insert-gained dangerous gain | clerk | books insert clerk | "clerk" gains insert of "owner" and "released" in "books".',
      'check-weakened dangerous gain | clerk | books insert clerk | The check of "clerk" on "books" for insert is weakened: "{ price: { _gte: 5 } }" is now "{}". | { price: { _gte: 5 } } → {}',
      'update-gained dangerous gain | clerk | books update clerk | "clerk" gains update of "id", "published", "owner", "status", "author_id" and "released" of "books".',
      'rows-weakened dangerous gain | clerk | books update clerk | The row filter of "clerk" on "books" for update is weakened: "{ published: false }" is now "{}". | { published: false } → {}',
      'check-weakened dangerous gain | clerk | books update clerk | The check of "clerk" on "books" for update is weakened: "{ price: { _gte: 5 } }" is now "{}". | { price: { _gte: 5 } } → {}',
      'rows-weakened dangerous gain | clerk | books delete clerk | The row filter of "clerk" on "books" for delete is weakened: "{ published: false }" is now "{}". | { published: false } → {}',
      'read-lost breaking needs acceptance | manager | books select manager | "manager" loses read of "id", "title", "price", "published", "owner", "status", "author_id" and "released" of "books".',
      'insert-lost breaking needs acceptance | manager | books insert manager | "manager" loses insert of "id", "title", "price", "published", "status" and "author_id" in "books".',
      'update-lost breaking needs acceptance | manager | books update manager | "manager" loses update of "title" and "price" of "books".',
      'delete-lost breaking needs acceptance | manager | books delete manager | "manager" loses delete from "books".',
      'read-gained dangerous gain | clerk | reviews select clerk | "clerk" gains read of "id", "book_id", "stars", "body" and "owner" of "reviews".',
      'insert-gained dangerous gain | clerk | reviews insert clerk | "clerk" gains insert of "id", "book_id", "stars", "body" and "owner" in "reviews".',
      'update-gained dangerous gain | clerk | reviews update clerk | "clerk" gains update of "id", "book_id", "stars", "body" and "owner" of "reviews".',
      'delete-gained dangerous gain | clerk | reviews delete clerk | "clerk" gains delete from "reviews".',
      'read-gained dangerous gain | clerk | members select clerk | "clerk" gains read of "id", "sub" and "org" of "members".',
      'insert-gained dangerous gain | clerk | members insert clerk | "clerk" gains insert of "id", "sub" and "org" in "members".',
      'update-gained dangerous gain | clerk | members update clerk | "clerk" gains update of "id", "sub" and "org" of "members".',
      'delete-gained dangerous gain | clerk | members delete clerk | "clerk" gains delete from "members".',
      'read-gained dangerous needs acceptance gain personal | clerk | customers select clerk | "clerk" gains read of "email" and "phone" of "customers".',
      'read-gained dangerous gain | clerk | customers.owner select clerk | "clerk" gains read of "customers.owner".',
      'aggregate-gained dangerous gain | clerk | customers select clerk | "clerk" gains aggregates over "customers".',
      'insert-gained dangerous gain | clerk | customers insert clerk | "clerk" gains insert of "id", "name", "vip" and "owner" in "customers".',
      'insert-gained dangerous needs acceptance gain personal | clerk | customers insert clerk | "clerk" gains insert of "email" and "phone" in "customers".',
      'update-gained dangerous gain | clerk | customers update clerk | "clerk" gains update of "id", "name", "vip" and "owner" of "customers".',
      'update-gained dangerous needs acceptance gain personal | clerk | customers update clerk | "clerk" gains update of "email" and "phone" of "customers".',
      'delete-gained dangerous gain | clerk | customers delete clerk | "clerk" gains delete from "customers".',
      'read-lost breaking needs acceptance | manager | customers select manager | "manager" loses read of "id", "name" and "vip" of "customers".',
      'insert-gained dangerous gain | clerk | orders insert clerk | "clerk" gains insert of "id", "customer_id", "status", "total", "owner" and "note" in "orders".',
      'update-gained dangerous gain | clerk | orders update clerk | "clerk" gains update of "id", "customer_id", "total", "owner" and "note" of "orders".',
      'delete-gained dangerous gain | clerk | orders delete clerk | "clerk" gains delete from "orders".',
      'read-lost breaking needs acceptance | manager | orders select manager | "manager" loses read of "id", "customer_id", "status", "total", "owner" and "note" of "orders".',
      'update-lost breaking needs acceptance | manager | orders.status update manager | "manager" loses update of "orders.status".',
      'execute-gained dangerous gain | clerk | search_books execute clerk | "clerk" gains execute of "search_books".',
      'execute-gained dangerous gain | clerk | book_label execute clerk | "clerk" gains execute of "book_label".',
      'execute-gained dangerous gain | clerk | top_reviews execute clerk | "clerk" gains execute of "top_reviews".',
      'execute-lost breaking needs acceptance | manager | ping execute manager | "manager" loses execute of "ping".',
    ],
  },
  {
    what: 'a role that might do everything may not',
    change: (p) => {
      p.roles.service = {};
    },
    findings: [
      'read-lost breaking needs acceptance | service | authors select service | "service" loses read of "id", "name" and "country" of "authors".',
      'insert-lost breaking needs acceptance | service | authors insert service | "service" loses insert of "id", "name" and "country" in "authors".',
      'update-lost breaking needs acceptance | service | authors update service | "service" loses update of "id", "name" and "country" of "authors".',
      'delete-lost breaking needs acceptance | service | authors delete service | "service" loses delete from "authors".',
      'read-lost breaking needs acceptance | service | books select service | "service" loses read of "id", "title", "price", "published", "owner", "status", "author_id", "released" and "book_label" of "books".',
      'insert-lost breaking needs acceptance | service | books insert service | "service" loses insert of "id", "title", "price", "published", "owner", "status", "author_id" and "released" in "books".',
      'update-lost breaking needs acceptance | service | books update service | "service" loses update of "id", "title", "price", "published", "owner", "status", "author_id" and "released" of "books".',
      'delete-lost breaking needs acceptance | service | books delete service | "service" loses delete from "books".',
      'read-lost breaking needs acceptance | service | reviews select service | "service" loses read of "id", "book_id", "stars", "body" and "owner" of "reviews".',
      'insert-lost breaking needs acceptance | service | reviews insert service | "service" loses insert of "id", "book_id", "stars", "body" and "owner" in "reviews".',
      'update-lost breaking needs acceptance | service | reviews update service | "service" loses update of "id", "book_id", "stars", "body" and "owner" of "reviews".',
      'delete-lost breaking needs acceptance | service | reviews delete service | "service" loses delete from "reviews".',
      'read-lost breaking needs acceptance | service | members select service | "service" loses read of "id", "sub" and "org" of "members".',
      'insert-lost breaking needs acceptance | service | members insert service | "service" loses insert of "id", "sub" and "org" in "members".',
      'update-lost breaking needs acceptance | service | members update service | "service" loses update of "id", "sub" and "org" of "members".',
      'delete-lost breaking needs acceptance | service | members delete service | "service" loses delete from "members".',
      'read-lost breaking needs acceptance personal | service | customers select service | "service" loses read of "id", "name", "email", "phone", "vip" and "owner" of "customers".',
      'insert-lost breaking needs acceptance personal | service | customers insert service | "service" loses insert of "id", "name", "email", "phone", "vip" and "owner" in "customers".',
      'update-lost breaking needs acceptance personal | service | customers update service | "service" loses update of "id", "name", "email", "phone", "vip" and "owner" of "customers".',
      'delete-lost breaking needs acceptance | service | customers delete service | "service" loses delete from "customers".',
      'read-lost breaking needs acceptance | service | orders select service | "service" loses read of "id", "customer_id", "status", "total", "owner" and "note" of "orders".',
      'insert-lost breaking needs acceptance | service | orders insert service | "service" loses insert of "id", "customer_id", "status", "total", "owner" and "note" in "orders".',
      'update-lost breaking needs acceptance | service | orders update service | "service" loses update of "id", "customer_id", "status", "total", "owner" and "note" of "orders".',
      'delete-lost breaking needs acceptance | service | orders delete service | "service" loses delete from "orders".',
      'execute-lost breaking needs acceptance | service | search_books execute service | "service" loses execute of "search_books".',
      'execute-lost breaking needs acceptance | service | book_label execute service | "service" loses execute of "book_label".',
      'execute-lost breaking needs acceptance | service | top_reviews execute service | "service" loses execute of "top_reviews".',
      'execute-lost breaking needs acceptance | service | ping execute service | "service" loses execute of "ping".',
    ],
  },
  {
    what: 'a row filter that is gone',
    change: (p) => {
      delete may(p, 'books', 'visitor').select.where;
    },
    findings: [
      'rows-weakened dangerous needs acceptance gain anonymous | visitor | books select visitor | The row filter of "visitor" on "books" is weakened: "{ published: true }" is now "{}". | { published: true } → {}',
      'rows-weakened dangerous gain | customer | books select customer | The row filter of "customer" on "books" is weakened: "{ _or: [ { owner: $jwt.sub }, { published: true } ] }" is now "{}". | { _or: [ { owner: $jwt.sub }, { published: true } ] } → {}',
    ],
  },
  {
    what: 'a row filter with one condition more',
    change: (p) => {
      may(p, 'books', 'visitor').select.where = { published: true, price: { _lt: 12 } };
    },
    findings: [
      'rows-strengthened breaking needs acceptance anonymous | visitor | books select visitor | The row filter of "visitor" on "books" is strengthened: "{ published: true }" is now "{ published: true, price: { _lt: 12 } }". | { published: true } → { published: true, price: { _lt: 12 } }',
      'rows-strengthened breaking needs acceptance | customer | books select customer | The row filter of "customer" on "books" is strengthened: "{ _or: [ { owner: $jwt.sub }, { published: true } ] }" is now "{ _or: [ { owner: $jwt.sub }, { published: true, price: { _lt: 12 } } ] }". | { _or: [ { owner: $jwt.sub }, { published: true } ] } → { _or: [ { owner: $jwt.sub }, { published: true, price: { _lt: 12 } } ] }',
    ],
  },
  {
    what: 'a row filter with another bound',
    change: (p) => {
      may(p, 'books', 'visitor').select.where = { published: true, price: { _lt: 20 } };
    },
    base: (p) => {
      may(p, 'books', 'visitor').select.where = { price: { _lt: 10 }, published: true };
    },
    findings: [
      'rows-weakened dangerous needs acceptance gain anonymous | visitor | books select visitor | The row filter of "visitor" on "books" is weakened: "{ price: { _lt: 10 }, published: true }" is now "{ published: true, price: { _lt: 20 } }". | { price: { _lt: 10 }, published: true } → { published: true, price: { _lt: 20 } }',
      'rows-weakened dangerous gain | customer | books select customer | The row filter of "customer" on "books" is weakened: "{ _or: [ { owner: $jwt.sub }, { price: { _lt: 10 }, published: true } ] }" is now "{ _or: [ { owner: $jwt.sub }, { published: true, price: { _lt: 20 } } ] }". | { _or: [ { owner: $jwt.sub }, { price: { _lt: 10 }, published: true } ] } → { _or: [ { owner: $jwt.sub }, { published: true, price: { _lt: 20 } } ] }',
    ],
  },
  {
    what: 'a row filter that is another one',
    change: (p) => {
      may(p, 'orders', 'customer').select.where = { status: 'paid' };
    },
    findings: [
      'rows-changed breaking needs acceptance gain | customer | orders select customer | The row filter of "customer" on "orders" is changed; review it: "{ owner: $jwt.sub }" is now "{ status: paid }". | { owner: $jwt.sub } → { status: paid }',
    ],
  },
  {
    what: 'a row filter that is another one, of the anonymous role',
    change: (p) => {
      may(p, 'books', 'visitor').select.where = { price: { _lt: 12 } };
    },
    findings: [
      'rows-changed breaking needs acceptance gain anonymous | visitor | books select visitor | The row filter of "visitor" on "books" is changed; review it: "{ published: true }" is now "{ price: { _lt: 12 } }". | { published: true } → { price: { _lt: 12 } }',
      'rows-changed breaking needs acceptance gain | customer | books select customer | The row filter of "customer" on "books" is changed; review it: "{ _or: [ { owner: $jwt.sub }, { published: true } ] }" is now "{ _or: [ { owner: $jwt.sub }, { price: { _lt: 12 } } ] }". | { _or: [ { owner: $jwt.sub }, { published: true } ] } → { _or: [ { owner: $jwt.sub }, { price: { _lt: 12 } } ] }',
    ],
  },
  {
    what: 'a row filter with a label more',
    change: (p) => may(p, 'books', 'clerk').select.where.status._in.push('gone'),
    findings: [
      'rows-weakened dangerous gain | clerk,manager | books select | The row filter of "clerk" and "manager" on "books" is weakened: "{ status: { _in: [ live, draft ] } }" is now "{ status: { _in: [ live, draft, gone ] } }". | { status: { _in: [ live, draft ] } } → { status: { _in: [ live, draft, gone ] } }',
    ],
  },
  {
    what: 'all labels are as good as no filter',
    base: (p) => {
      may(p, 'books', 'clerk').select.where = { status: { _in: ['gone', 'draft', 'live'] } };
    },
    change: (p) => {
      delete may(p, 'books', 'clerk').select.where;
    },
    findings: [],
  },
  {
    what: 'the order in which conditions are written',
    base: (p) => {
      may(p, 'orders', 'customer').select.where = { owner: '$jwt.sub', status: 'new', total: 5 };
    },
    change: (p) => {
      may(p, 'orders', 'customer').select.where = {
        _and: [{ total: { _eq: 5 } }, { status: { _in: ['new'] } }, { owner: { _eq: '$jwt.sub' } }],
      };
    },
    findings: [],
  },
  {
    what: 'a negation written otherwise',
    base: (p) => {
      may(p, 'orders', 'customer').select.where = {
        _not: { _or: [{ status: 'new' }, { total: { _gt: 5 } }] },
      };
    },
    change: (p) => {
      may(p, 'orders', 'customer').select.where = { status: { _neq: 'new' }, total: { _lte: 5 } };
    },
    findings: [],
  },
  {
    what: 'a negation of a claim is not opened by its want',
    base: (p) => {
      may(p, 'orders', 'customer').select.where = {
        _or: [{ owner: '$jwt.sub' }, { owner: { _neq: '$jwt.sub' } }],
      };
    },
    change: (p) => {
      delete may(p, 'orders', 'customer').select.where;
    },
    findings: [
      'rows-weakened dangerous gain | customer | orders select customer | The row filter of "customer" on "orders" is weakened: "{ _or: [ { owner: $jwt.sub }, { owner: { _neq: $jwt.sub } } ] }" is now "{}". | { _or: [ { owner: $jwt.sub }, { owner: { _neq: $jwt.sub } } ] } → {}',
    ],
  },
  {
    what: 'a claim of another name',
    change: (p) => {
      may(p, 'orders', 'customer').select.where = { owner: '$jwt.email' };
    },
    findings: [
      'rows-changed breaking needs acceptance gain | customer | orders select customer | The row filter of "customer" on "orders" is changed; review it: "{ owner: $jwt.sub }" is now "{ owner: $jwt.email }". | { owner: $jwt.sub } → { owner: $jwt.email }',
    ],
  },
  {
    what: 'a row filter through a relationship',
    base: (p) => {
      may(p, 'reviews', 'visitor').select.where = { book: { published: true, price: { _lt: 12 } } };
    },
    change: (p) => {
      may(p, 'reviews', 'visitor').select.where = { book: { published: true } };
    },
    findings: [
      'rows-weakened dangerous needs acceptance gain anonymous | visitor | reviews select visitor | The row filter of "visitor" on "reviews" is weakened: "{ book: { published: true, price: { _lt: 12 } } }" is now "{ book: { published: true } }". | { book: { published: true, price: { _lt: 12 } } } → { book: { published: true } }',
    ],
  },
  {
    what: 'a row filter by other rows that a claim finds',
    base: (p) => {
      may(p, 'reviews', 'clerk').select = {
        columns: ['id'],
        where: { _exists: { table: 'members', where: { sub: '$jwt.sub' } } },
      };
    },
    change: (p) => {
      may(p, 'reviews', 'clerk').select.where._exists.where.org = 1;
    },
    findings: [
      'rows-strengthened breaking needs acceptance | clerk,manager | reviews select | The row filter of "clerk" and "manager" on "reviews" is strengthened: "{ _exists: { table: members, where: { sub: $jwt.sub } } }" is now "{ _exists: { table: members, where: { sub: $jwt.sub, org: 1 } } }". | { _exists: { table: members, where: { sub: $jwt.sub } } } → { _exists: { table: members, where: { sub: $jwt.sub, org: 1 } } }',
    ],
  },
  {
    what: 'a count of related rows',
    base: (p) => {
      may(p, 'books', 'visitor').select.where = { reviews_aggregate: { count: { predicate: { _gte: 1 } } } };
    },
    change: (p) => {
      may(p, 'books', 'visitor').select.where = { reviews_aggregate: { count: { predicate: { _gt: 1 } } } };
    },
    findings: [
      'rows-strengthened breaking needs acceptance anonymous | visitor | books select visitor | The row filter of "visitor" on "books" is strengthened: "{ reviews_aggregate: { count: { predicate: { _gte: 1 } } } }" is now "{ reviews_aggregate: { count: { predicate: { _gt: 1 } } } }". | { reviews_aggregate: { count: { predicate: { _gte: 1 } } } } → { reviews_aggregate: { count: { predicate: { _gt: 1 } } } }',
      'rows-strengthened breaking needs acceptance | customer | books select customer | The row filter of "customer" on "books" is strengthened: "{ _or: [ { owner: $jwt.sub }, { reviews_aggregate: { count: { predicate: { _gte: 1 } } } } ] }" is now "{ _or: [ { owner: $jwt.sub }, { reviews_aggregate: { count: { predicate: { _gt: 1 } } } } ] }". | { _or: [ { owner: $jwt.sub }, { reviews_aggregate: { count: { predicate: { _gte: 1 } } } } ] } → { _or: [ { owner: $jwt.sub }, { reviews_aggregate: { count: { predicate: { _gt: 1 } } } } ] }',
    ],
  },
  {
    what: 'a policy through a relationship that now follows another column',
    sql: 'ALTER TABLE reviews ADD other_id int NOT NULL DEFAULT 4 REFERENCES books',
    base: (p) => {
      p.tables.reviews.relationships = { source: { column: 'book_id', to: 'books.id' } };
      may(p, 'reviews', 'visitor').select.where = { source: { published: true } };
    },
    change: (p) => {
      p.tables.reviews.relationships.source.column = 'other_id';
      p.tables.reviews.columns = { other_id: { hidden: true } };
    },
    findings: [
      'rows-changed breaking needs acceptance gain anonymous | visitor | reviews select visitor | The row filter of "visitor" on "reviews" is changed; review it: "{ source: { published: true } }" means something else now. | { source: { published: true } } → { source: { published: true } }',
      'relationship-lost breaking needs acceptance anonymous | visitor,customer | reviews.book select | "visitor" and "customer" lose the relationship "reviews.book" to "books".',
      'relationship-gained dangerous needs acceptance gain anonymous | visitor | reviews.source select visitor | "visitor" gains the relationship "reviews.source" to "books".',
      'relationship-gained dangerous gain | customer,service | reviews.source select | "customer" and "service" gain the relationship "reviews.source" to "books".',
    ],
  },
  {
    what: 'a relationship of a policy under another name',
    base: (p) => {
      may(p, 'reviews', 'visitor').select.where = { book: { published: true } };
    },
    change: (p) => {
      p.tables.reviews.relationships = { source: { column: 'book_id', to: 'books.id' } };
      may(p, 'reviews', 'visitor').select.where = { source: { published: true } };
    },
    findings: [
      'relationship-gained dangerous needs acceptance gain anonymous | visitor | reviews.source select visitor | "visitor" gains the relationship "reviews.source" to "books".',
      'relationship-gained dangerous gain | customer | reviews.source select customer | "customer" gains the relationship "reviews.source" to "books".',
    ],
  },
  {
    what: 'a column of a policy is renamed in the database and keeps its name in the API',
    sql: 'ALTER TABLE orders RENAME owner TO held_by',
    earlier: { held_by: 'owner' },
    change: (p) => {
      const text = JSON.stringify(p.tables.orders).replaceAll('"owner"', '"held_by"');
      p.tables.orders = { ...JSON.parse(text), columns: { held_by: { name: 'owner' } } };
    },
    findings: [],
  },
  {
    what: 'a column of a policy has another name in the API',
    change: (p) => {
      p.tables.orders.columns = { owner: { name: 'held_by' } };
    },
    findings: [],
  },
  {
    what: 'a column of a policy has another type, which compares otherwise',
    sql: "CREATE COLLATION folded (provider = icu, locale = 'und-u-ks-level2', deterministic = false); ALTER TABLE orders ALTER status TYPE text COLLATE folded",
    change: (p) => {
      p.title = 'Shop';
    },
    findings: [
      'rows-changed breaking needs acceptance gain | customer | orders update customer | The row filter of "customer" on "orders" for update is changed; review it: "{ owner: $jwt.sub, status: new }" means something else now. | { owner: $jwt.sub, status: new } → { owner: $jwt.sub, status: new }',
    ],
  },
  {
    what: 'a column of a policy is longer now, and compares as before',
    sql: 'ALTER TABLE orders ALTER status TYPE varchar(40), ALTER total TYPE numeric(12,2)',
    change: (p) => {
      p.title = 'Shop';
    },
    findings: [],
  },
  {
    what: 'a label more in the enum of a policy',
    sql: "ALTER TYPE book_status ADD VALUE 'new' BEFORE 'live'",
    change: (p) => {
      p.title = 'Shop';
    },
    findings: [],
  },
  {
    what: 'an equal filter by an order that has changed with the labels of the enum',
    base: (p) => {
      may(p, 'books', 'clerk').select.where = { status: { _gt: 'draft' } };
    },
    sql: "ALTER TYPE book_status RENAME TO old_status; CREATE TYPE book_status AS ENUM ('gone', 'live', 'draft'); ALTER TABLE books ALTER status TYPE book_status USING status::text::book_status",
    change: (p) => {
      p.title = 'Shop';
    },
    findings: [
      'rows-changed breaking needs acceptance gain | clerk,manager | books select | The row filter of "clerk" and "manager" on "books" is changed; review it: "{ status: { _gt: draft } }" means something else now. | { status: { _gt: draft } } → { status: { _gt: draft } }',
    ],
  },
  {
    what: 'a cell that is shown in more rows',
    change: (p) => {
      may(p, 'reviews', 'customer').select.columns.body = {
        when: { _or: [{ owner: '$jwt.sub' }, { stars: { _gt: 3 } }] },
      };
    },
    findings: [
      'cells-weakened dangerous gain | customer | reviews.body select customer | The condition under which "customer" reads "reviews.body" is weakened: "{ owner: $jwt.sub }" is now "{ _or: [ { owner: $jwt.sub }, { stars: { _gt: 3 } } ] }". | { owner: $jwt.sub } → { _or: [ { owner: $jwt.sub }, { stars: { _gt: 3 } } ] }',
    ],
  },
  {
    what: 'a cell that is shown in fewer rows',
    change: (p) => {
      may(p, 'reviews', 'customer').select.columns.body = { when: { owner: '$jwt.sub', stars: { _gt: 3 } } };
    },
    findings: [
      'cells-strengthened breaking needs acceptance | customer | reviews.body select customer | The condition under which "customer" reads "reviews.body" is strengthened: "{ owner: $jwt.sub }" is now "{ owner: $jwt.sub, stars: { _gt: 3 } }". | { owner: $jwt.sub } → { owner: $jwt.sub, stars: { _gt: 3 } }',
    ],
  },
  {
    what: 'a cell that is shown in other rows',
    change: (p) => {
      may(p, 'reviews', 'customer').select.columns.body = { when: { stars: { _gt: 3 } } };
    },
    findings: [
      'cells-changed breaking needs acceptance gain | customer | reviews.body select customer | The condition under which "customer" reads "reviews.body" is changed; review it: "{ owner: $jwt.sub }" is now "{ stars: { _gt: 3 } }". | { owner: $jwt.sub } → { stars: { _gt: 3 } }',
    ],
  },
  {
    what: 'a cell that is shown in all rows',
    change: (p) => {
      may(p, 'reviews', 'customer').select.columns.body = true;
    },
    findings: [
      'cells-weakened dangerous gain | customer | reviews.body select customer | The condition under which "customer" reads "reviews.body" is weakened: "{ owner: $jwt.sub }" is now "{}". | { owner: $jwt.sub } → {}',
    ],
  },
  {
    what: 'a column that is shown in some rows only',
    change: (p) => {
      may(p, 'customers', 'clerk').select.columns = {
        id: true,
        name: true,
        vip: { when: { owner: '$jwt.sub' } },
      };
    },
    findings: [
      'cells-strengthened breaking needs acceptance | clerk,manager | customers.vip select | The condition under which "clerk" and "manager" read "customers.vip" is strengthened: "{}" is now "{ owner: $jwt.sub }". | {} → { owner: $jwt.sub }',
    ],
  },
  {
    what: 'a personal column in some rows',
    change: (p) => {
      may(p, 'customers', 'customer').select.columns = {
        id: true,
        name: true,
        email: { when: { vip: true } },
      };
    },
    findings: [
      'read-gained dangerous needs acceptance gain personal | customer | customers.email select customer | "customer" gains read of "customers.email" where "{ owner: $jwt.sub, vip: true }". |  → { owner: $jwt.sub, vip: true }',
    ],
  },
  {
    what: 'columns of an inherited grant open in the rows of the role',
    change: (p) => {
      may(p, 'books', 'customer').select.where = {};
    },
    findings: [
      'rows-weakened dangerous gain | customer | books select customer | The row filter of "customer" on "books" is weakened: "{ _or: [ { owner: $jwt.sub }, { published: true } ] }" is now "{}". | { _or: [ { owner: $jwt.sub }, { published: true } ] } → {}',
      'cells-weakened dangerous gain | customer | books select customer | The condition under which "customer" reads "published" and "owner" of "books" is weakened: "{ owner: $jwt.sub }" is now "{}". | { owner: $jwt.sub } → {}',
    ],
  },
  {
    what: 'a role inserts',
    change: (p) => {
      may(p, 'reviews', 'clerk').insert = { columns: ['id', 'book_id', 'stars', 'body', 'owner'] };
    },
    findings: [
      'insert-gained dangerous gain | clerk,manager | reviews insert | "clerk" and "manager" gain insert of "id", "book_id", "stars", "body" and "owner" in "reviews".',
    ],
  },
  {
    what: 'anonymous callers insert personal columns',
    change: (p) => {
      may(p, 'customers', 'visitor').insert = { columns: '*', check: { vip: false } };
    },
    findings: [
      'insert-gained dangerous needs acceptance gain anonymous | visitor | customers insert visitor | "visitor" gains insert of "id", "name", "vip" and "owner" in "customers" where "{ vip: false }". |  → { vip: false }',
      'insert-gained dangerous needs acceptance gain anonymous personal | visitor | customers insert visitor | "visitor" gains insert of "email" and "phone" in "customers" where "{ vip: false }". |  → { vip: false }',
      'insert-gained dangerous gain | customer | customers insert customer | "customer" gains insert of "id", "name", "vip" and "owner" in "customers" where "{ vip: false }". |  → { vip: false }',
      'insert-gained dangerous needs acceptance gain personal | customer | customers insert customer | "customer" gains insert of "email" and "phone" in "customers" where "{ vip: false }". |  → { vip: false }',
    ],
  },
  {
    what: 'a column more to insert, and one less',
    change: (p) => {
      may(p, 'orders', 'customer').insert.columns = ['id', 'customer_id', 'total', 'note', 'status'].filter(
        (name) => name !== 'customer_id',
      );
    },
    findings: [
      'insert-gained dangerous gain | customer | orders.note insert customer | "customer" gains insert of "orders.note".',
      'insert-lost breaking needs acceptance | customer | orders.customer_id insert customer | "customer" loses insert of "orders.customer_id".',
    ],
  },
  {
    what: 'a role no longer inserts',
    change: (p) => {
      delete may(p, 'books', 'clerk').insert;
    },
    findings: [
      'insert-lost breaking needs acceptance | clerk,manager | books insert | "clerk" and "manager" lose insert of "id", "title", "price", "published", "status" and "author_id" in "books".',
    ],
  },
  {
    what: 'an inherited insert is replaced by an own one',
    change: (p) => {
      may(p, 'books', 'manager').insert = {
        columns: ['id', 'title', 'price', 'status', 'author_id', 'published', 'owner'],
      };
    },
    findings: [
      'insert-gained dangerous gain | manager | books.owner insert manager | "manager" gains insert of "books.owner".',
      'check-weakened dangerous gain | manager | books insert manager | The check of "manager" on "books" for insert is weakened: "{ price: { _gte: 5 } }" is now "{}". | { price: { _gte: 5 } } → {}',
    ],
  },
  {
    what: 'a check that is gone',
    change: (p) => {
      delete may(p, 'books', 'clerk').insert.check;
    },
    findings: [
      'check-weakened dangerous gain | clerk,manager | books insert | The check of "clerk" and "manager" on "books" for insert is weakened: "{ price: { _gte: 5 } }" is now "{}". | { price: { _gte: 5 } } → {}',
    ],
  },
  {
    what: 'a check that asks for more',
    change: (p) => {
      may(p, 'books', 'clerk').insert.check = { price: { _gte: 5, _lte: 10 } };
    },
    findings: [
      'check-strengthened breaking needs acceptance | clerk,manager | books insert | The check of "clerk" and "manager" on "books" for insert is strengthened: "{ price: { _gte: 5 } }" is now "{ price: { _gte: 5, _lte: 10 } }". | { price: { _gte: 5 } } → { price: { _gte: 5, _lte: 10 } }',
    ],
  },
  {
    what: 'a check that is another one',
    change: (p) => {
      may(p, 'books', 'clerk').insert.check = { status: 'draft' };
    },
    findings: [
      'check-changed breaking needs acceptance gain | clerk,manager | books insert | The check of "clerk" and "manager" on "books" for insert is changed; review it: "{ price: { _gte: 5 } }" is now "{ status: draft }". | { price: { _gte: 5 } } → { status: draft }',
    ],
  },
  {
    what: 'a preset that callers choose now',
    change: (p) => {
      const { insert } = may(p, 'orders', 'customer');
      insert.columns.push('owner');
      delete insert.set;
    },
    findings: [
      'preset-removed dangerous gain | customer | orders.owner insert customer | "customer" gains the choice of "orders.owner" on insert, which was set to "$jwt.sub". | $jwt.sub → ',
    ],
  },
  {
    what: 'a preset that is gone',
    change: (p) => {
      delete may(p, 'orders', 'customer').insert.set;
    },
    findings: [
      'preset-dropped breaking needs acceptance gain | customer | orders.owner insert customer | "orders.owner" of "customer" is no longer set to "$jwt.sub" on insert. | $jwt.sub → ',
    ],
  },
  {
    what: 'a choice that is preset now',
    change: (p) => {
      const { insert } = may(p, 'orders', 'customer');
      insert.columns = insert.columns.filter((name: string) => name !== 'status');
      insert.set.status = 'new';
    },
    findings: [
      'preset-added breaking needs acceptance | customer | orders.status insert customer | "customer" loses the choice of "orders.status" on insert, which is set to "new". |  → new',
    ],
  },
  {
    what: 'a preset of what nobody chose',
    change: (p) => {
      may(p, 'orders', 'customer').insert.set.note = 'web';
    },
    findings: [
      'preset-imposed breaking needs acceptance gain | customer | orders.note insert customer | "orders.note" of "customer" is set to "web" on insert. |  → web',
    ],
  },
  {
    what: 'a preset of another value',
    change: (p) => {
      may(p, 'orders', 'customer').insert.set.owner = '$jwt.email';
    },
    findings: [
      'preset-changed breaking needs acceptance gain | customer | orders.owner insert customer | "orders.owner" of "customer" is set to another value on insert: "$jwt.sub" is now "$jwt.email". | $jwt.sub → $jwt.email',
    ],
  },
  {
    what: 'a role updates a column more',
    change: (p) => may(p, 'orders', 'customer').update.columns.push('total'),
    findings: [
      'update-gained dangerous gain | customer | orders.total update customer | "customer" gains update of "orders.total".',
    ],
  },
  {
    what: 'a role updates a column less, which another still does',
    change: (p) => {
      may(p, 'orders', 'customer').update.columns = ['note'];
    },
    findings: [
      'update-lost breaking needs acceptance | customer | orders.status update customer | "customer" loses update of "orders.status".',
    ],
  },
  {
    what: 'rows to update, with the check that follows from them',
    change: (p) => {
      delete may(p, 'orders', 'customer').update.where.status;
    },
    findings: [
      'rows-weakened dangerous gain | customer | orders update customer | The row filter of "customer" on "orders" for update is weakened: "{ owner: $jwt.sub, status: new }" is now "{ owner: $jwt.sub }". | { owner: $jwt.sub, status: new } → { owner: $jwt.sub }',
    ],
  },
  {
    what: 'a check of updates of its own',
    change: (p) => {
      may(p, 'orders', 'customer').update.check = { owner: '$jwt.sub' };
    },
    findings: [
      'check-weakened dangerous gain | customer | orders update customer | The check of "customer" on "orders" for update is weakened: "{ owner: $jwt.sub, status: new }" is now "{ owner: $jwt.sub }". | { owner: $jwt.sub, status: new } → { owner: $jwt.sub }',
    ],
  },
  {
    what: 'an update for a role that had none',
    change: (p) => {
      may(p, 'customers', 'customer').update = { columns: ['name', 'email'], where: { owner: '$jwt.sub' } };
    },
    findings: [
      'update-gained dangerous gain | customer | customers.name update customer | "customer" gains update of "customers.name" where "{ owner: $jwt.sub }". |  → { owner: $jwt.sub }',
      'update-gained dangerous needs acceptance gain personal | customer | customers.email update customer | "customer" gains update of "customers.email" where "{ owner: $jwt.sub }". |  → { owner: $jwt.sub }',
    ],
  },
  {
    what: 'an update that is gone',
    change: (p) => {
      delete may(p, 'orders', 'clerk').update;
    },
    findings: [
      'update-lost breaking needs acceptance | clerk,manager | orders.status update | "clerk" and "manager" lose update of "orders.status".',
    ],
  },
  {
    what: 'a preset of updates',
    change: (p) => {
      may(p, 'orders', 'clerk').update.set = { note: 'seen' };
    },
    findings: [
      'preset-imposed breaking needs acceptance gain | clerk,manager | orders.note update | "orders.note" of "clerk" and "manager" is set to "seen" on update. |  → seen',
    ],
  },
  {
    what: 'a delete for a role that had none',
    change: (p) => {
      may(p, 'orders', 'clerk').delete = { where: { status: 'paid' } };
    },
    findings: [
      'delete-gained dangerous gain | clerk,manager | orders delete | "clerk" and "manager" gain delete from "orders" where "{ status: paid }". |  → { status: paid }',
    ],
  },
  {
    what: 'a delete of more rows, and one that is gone',
    change: (p) => {
      may(p, 'books', 'clerk').delete = true;
      delete may(p, 'reviews', 'customer').delete;
    },
    findings: [
      'rows-weakened dangerous gain | clerk,manager | books delete | The row filter of "clerk" and "manager" on "books" for delete is weakened: "{ published: false }" is now "{}". | { published: false } → {}',
      'delete-lost breaking needs acceptance | customer | reviews delete customer | "customer" loses delete from "reviews".',
    ],
  },
  {
    what: 'a function, with its computed field',
    base: (p) => {
      delete p.functions.book_label.permissions.customer;
    },
    change: (p) => {
      p.functions.book_label.permissions.visitor = { execute: true };
    },
    findings: [
      'read-gained dangerous needs acceptance gain anonymous | visitor | books.book_label select visitor | "visitor" gains read of "books.book_label".',
      'read-gained dangerous gain | customer | books.book_label select customer | "customer" gains read of "books.book_label".',
      'execute-gained dangerous needs acceptance gain anonymous | visitor | book_label execute visitor | "visitor" gains execute of "book_label".',
      'execute-gained dangerous gain | customer | book_label execute customer | "customer" gains execute of "book_label".',
    ],
  },
  {
    what: 'a function that may no longer be called, with its relationship',
    change: (p) => {
      p.functions.top_reviews.permissions = {};
    },
    findings: [
      'relationship-lost breaking needs acceptance | customer | books.top_reviews select customer | "customer" loses the relationship "books.top_reviews" to "reviews".',
      'execute-lost breaking needs acceptance | customer | top_reviews execute customer | "customer" loses execute of "top_reviews".',
    ],
  },
  {
    what: 'a function of the same name that is another one',
    change: (p) => {
      p.functions.ping.function = 'public.pong';
    },
    findings: [
      'function-changed breaking needs acceptance gain | clerk,manager,service | ping execute | Function "ping", which "clerk", "manager" and "service" may execute, is "public.pong" now and no longer "public.ping". | public.ping → public.pong',
    ],
  },
  {
    what: 'one more function of a name that a role may call',
    sql: "CREATE FUNCTION ping(boolean) RETURNS int LANGUAGE sql STABLE AS 'SELECT 3'",
    change: (p) => {
      p.title = 'Shop';
    },
    findings: [
      'execute-gained dangerous gain | clerk,manager,service | ping execute | "clerk", "manager" and "service" gain execute of "ping" with "bool".',
    ],
  },
  {
    what: 'rows of a function pass no grant any more, since their table is not listed',
    change: (p) => {
      delete p.tables.reviews;
      delete p.tables.books;
      delete p.functions.top_reviews;
      delete p.functions.book_label;
    },
    findings: [
      'function-unfiltered dangerous gain | customer,service | search_books execute | "customer" and "service" gain all rows that "search_books" gives: they no longer pass a grant on "books".',
    ],
  },
  {
    what: 'aggregates for a role that had none',
    change: (p) => {
      may(p, 'orders', 'customer').select.aggregate = true;
    },
    findings: [
      'aggregate-gained dangerous gain | customer | orders select customer | "customer" gains aggregates over "orders".',
    ],
  },
  {
    what: 'aggregates that are gone',
    change: (p) => {
      may(p, 'orders', 'clerk').select = { columns: '*' };
    },
    findings: [
      'aggregate-lost breaking needs acceptance | clerk,manager | orders select | "clerk" and "manager" lose aggregates over "orders".',
    ],
  },
  {
    what: 'aggregates of fewer rows',
    change: (p) => {
      may(p, 'books', 'clerk').select.aggregate = true;
    },
    findings: [
      'group-lowered dangerous gain | clerk,manager | books select | "clerk" and "manager" gain aggregates over "books" of any number of rows, which was 3. | 3 → 1',
    ],
  },
  {
    what: 'aggregates of more rows',
    change: (p) => {
      may(p, 'books', 'clerk').select.aggregate = { min_group: 5 };
    },
    findings: [
      'group-raised breaking needs acceptance | clerk,manager | books select | "clerk" and "manager" lose aggregates over "books" of fewer than 5 rows, which was 3. | 3 → 5',
    ],
  },
  {
    what: 'a lower limit',
    change: (p) => {
      may(p, 'books', 'clerk').select.limit = 10;
    },
    findings: [
      'limit-lowered dangerous | clerk,manager | books select | Lists of "books" are cut at 10 rows for "clerk" and "manager", which was 100. | 100 → 10',
    ],
  },
  {
    what: 'no limit any more',
    change: (p) => {
      delete may(p, 'books', 'clerk').select.limit;
    },
    findings: [
      'limit-raised dangerous | clerk,manager | books select | Lists of "books" are no longer cut at 100 rows for "clerk" and "manager". | 100 → none',
    ],
  },
  {
    what: 'a relationship that is named, so that its columns need not be read',
    change: (p) => {
      p.tables.books.relationships = { author: { column: 'author_id', to: 'authors.id' } };
    },
    findings: [
      'relationship-gained dangerous needs acceptance gain anonymous | visitor | books.author select visitor | "visitor" gains the relationship "books.author" to "authors".',
      'relationship-gained dangerous gain | customer | books.author select customer | "customer" gains the relationship "books.author" to "authors".',
    ],
  },
  {
    what: 'a relationship that is no longer named',
    base: (p) => {
      p.tables.reviews.relationships = { book: { column: 'book_id', to: 'books.id' } };
    },
    change: (p) => {
      delete p.tables.reviews.relationships;
    },
    findings: [
      'relationship-lost breaking needs acceptance anonymous | visitor,customer | reviews.book select | "visitor" and "customer" lose the relationship "reviews.book" to "books".',
    ],
  },
  {
    what: 'a column that is no longer hidden',
    change: (p) => {
      delete p.tables.books.columns;
    },
    findings: [
      'read-gained dangerous gain | clerk,manager,service | books.cost select | "clerk", "manager" and "service" gain read of "books.cost".',
      'insert-gained dangerous gain | service | books.cost insert service | "service" gains insert of "books.cost".',
      'update-gained dangerous gain | service | books.cost update service | "service" gains update of "books.cost".',
    ],
  },
  {
    what: 'a column that is hidden is gone for everybody, which is not told here',
    change: (p) => {
      p.tables.books.columns.price = { hidden: true };
      for (const role of ['visitor', 'customer', 'clerk']) {
        const { select, insert, update } = may(p, 'books', role);
        for (const entry of [select, insert, update])
          if (Array.isArray(entry?.columns))
            entry.columns = entry.columns.filter((name: string) => name !== 'price');
      }
    },
    findings: [],
  },
  {
    what: 'a new column of the database meets "*"',
    sql: "ALTER TABLE orders ADD card text NOT NULL DEFAULT '4242'",
    change: (p) => {
      p.tables.orders.columns = { card: { personal: true } };
    },
    findings: [
      'read-gained dangerous needs acceptance gain personal | customer,clerk,manager,service | orders.card select | "customer", "clerk", "manager" and "service" gain read of "orders.card".',
      'insert-gained dangerous needs acceptance gain personal | service | orders.card insert service | "service" gains insert of "orders.card".',
      'update-gained dangerous needs acceptance gain personal | service | orders.card update service | "service" gains update of "orders.card".',
    ],
  },
  {
    what: 'a table that is listed',
    change: (p) => {
      p.tables.archive = {
        relation: 'public.books_archive',
        permissions: { visitor: { select: { columns: ['id', 'title'], where: { published: true } } } },
      };
    },
    findings: [
      'read-gained dangerous needs acceptance gain anonymous | visitor | archive select visitor | "visitor" gains read of "id" and "title" of "archive" where "{ published: true }". |  → { published: true }',
      'read-gained dangerous gain | customer | archive select customer | "customer" gains read of "id" and "title" of "archive" where "{ published: true }". |  → { published: true }',
      'read-gained dangerous gain | service | archive select service | "service" gains read of "id", "title", "price", "cost", "published", "owner", "status", "author_id" and "released" of "archive".',
      'insert-gained dangerous gain | service | archive insert service | "service" gains insert of "id", "title", "price", "cost", "published", "owner", "status", "author_id" and "released" in "archive".',
      'update-gained dangerous gain | service | archive update service | "service" gains update of "id", "title", "price", "cost", "published", "owner", "status", "author_id" and "released" of "archive".',
      'delete-gained dangerous gain | service | archive delete service | "service" gains delete from "archive".',
    ],
  },
  {
    what: 'a table that is no longer listed is not told here',
    change: (p) => {
      delete p.tables.customers;
      delete p.tables.orders;
    },
    findings: [],
  },
  {
    what: 'a table under another name',
    earlier: { purchases: 'orders' },
    change: (p) => {
      p.tables.purchases = { ...p.tables.orders, relation: 'public.orders' };
      delete p.tables.orders;
    },
    findings: [],
  },
  {
    what: 'a table of the same name that is of another relation',
    change: (p) => {
      p.tables.books.relation = 'public.books_archive';
      delete p.functions.book_label;
      delete p.functions.top_reviews;
      delete p.functions.search_books;
    },
    findings: [
      'relation-changed breaking needs acceptance gain anonymous | visitor | books visitor | Table "books" of "visitor" has other rows: it is "public.books_archive" now and no longer "public.books". | public.books → public.books_archive',
      'relation-changed breaking needs acceptance gain | customer,clerk,manager,service | books | Table "books" of "customer", "clerk", "manager" and "service" has other rows: it is "public.books_archive" now and no longer "public.books". | public.books → public.books_archive',
    ],
  },
  {
    what: 'a table whose relation is renamed in the database',
    sql: 'ALTER TABLE orders RENAME TO purchases',
    change: (p) => {
      p.tables.orders.relation = 'public.purchases';
    },
    findings: [],
  },
  {
    what: 'two columns that exchange their names in the API',
    change: (p) => {
      p.tables.customers.columns.email.name = 'name';
      p.tables.customers.columns.name = { name: 'email' };
      may(p, 'customers', 'clerk').select.columns = ['id', 'email', 'vip'];
    },
    findings: [
      'read-gained dangerous needs acceptance gain personal | clerk,manager | customers.name select | "clerk" and "manager" gain read of "customers.name".',
      'read-lost breaking needs acceptance | clerk,manager | customers.email select | "clerk" and "manager" lose read of "customers.email".',
    ],
  },
  {
    what: 'a new role',
    change: (p) => {
      p.roles.auditor = { inherits: ['visitor'] };
      may(p, 'orders', 'auditor').select = { columns: '*', limit: 10 };
    },
    findings: [
      'read-gained dangerous gain | auditor | authors select auditor | "auditor" gains read of "id" and "name" of "authors".',
      'read-gained dangerous gain | auditor | books select auditor | "auditor" gains read of "id", "title" and "price" of "books" where "{ published: true }". |  → { published: true }',
      'read-gained dangerous gain | auditor | reviews select auditor | "auditor" gains read of "id" and "stars" of "reviews".',
      'read-gained dangerous gain | auditor | orders select auditor | "auditor" gains read of "id", "customer_id", "status", "total", "owner" and "note" of "orders".',
    ],
  },
  {
    what: 'a role that is gone is not told here',
    change: (p) => {
      delete p.roles.manager;
      p.limits = {};
    },
    findings: [],
  },
  {
    what: 'dry runs for other roles',
    change: (p) => {
      p.limits.dry_run = ['clerk'];
    },
    findings: [
      'dry-run-gained dangerous gain | clerk | clerk | "clerk" gains dry runs: writes that are rolled back.',
      'dry-run-lost breaking needs acceptance | manager | manager | "manager" loses dry runs: writes that are rolled back.',
    ],
  },
  {
    what: 'callers without a token get another role',
    change: (p) => {
      p.auth.anonymous = 'clerk';
    },
    findings: [
      'anonymous-changed dangerous anonymous | clerk | clerk | Callers without a token are "clerk" now, and no longer "visitor". | visitor → clerk',
      'read-lost breaking needs acceptance anonymous | clerk | authors select clerk | Callers without a token lose read of "id" and "name" of "authors".',
      'read-gained dangerous needs acceptance gain anonymous | clerk | books select clerk | Callers without a token gain read of "published", "owner", "status", "author_id" and "released" of "books".',
      'rows-changed breaking needs acceptance gain anonymous | clerk | books select clerk | The row filter of callers without a token on "books" is changed; review it: "{ published: true }" is now "{ status: { _in: [ live, draft ] } }". | { published: true } → { status: { _in: [ live, draft ] } }',
      'aggregate-gained dangerous needs acceptance gain anonymous | clerk | books select clerk | Callers without a token gain aggregates over "books" of 3 rows and more.',
      'limit-lowered dangerous anonymous | clerk | books select clerk | Lists of "books" are cut at 100 rows for callers without a token. | none → 100',
      'insert-gained dangerous needs acceptance gain anonymous | clerk | books insert clerk | Callers without a token gain insert of "id", "title", "price", "published", "status" and "author_id" in "books" where "{ price: { _gte: 5 } }". |  → { price: { _gte: 5 } }',
      'update-gained dangerous needs acceptance gain anonymous | clerk | books update clerk | Callers without a token gain update of "title" and "price" of "books" where "{ published: false }". |  → { published: false }',
      'delete-gained dangerous needs acceptance gain anonymous | clerk | books delete clerk | Callers without a token gain delete from "books" where "{ published: false }". |  → { published: false }',
      'read-lost breaking needs acceptance anonymous | clerk | reviews select clerk | Callers without a token lose read of "id" and "stars" of "reviews".',
      'read-gained dangerous needs acceptance gain anonymous | clerk | customers select clerk | Callers without a token gain read of "id", "name" and "vip" of "customers".',
      'read-gained dangerous needs acceptance gain anonymous | clerk | orders select clerk | Callers without a token gain read of "id", "customer_id", "status", "total", "owner" and "note" of "orders".',
      'update-gained dangerous needs acceptance gain anonymous | clerk | orders.status update clerk | Callers without a token gain update of "orders.status".',
      'execute-gained dangerous needs acceptance gain anonymous | clerk | ping execute clerk | Callers without a token gain execute of "ping".',
    ],
  },
  {
    what: 'callers without a token are refused',
    change: (p) => {
      delete p.auth.anonymous;
    },
    findings: [
      'anonymous-closed breaking needs acceptance anonymous | visitor | visitor | Callers without a token are refused, and were served as "visitor". | visitor → ',
    ],
  },
  {
    what: 'callers without a token are served',
    base: (p) => {
      delete p.auth.anonymous;
    },
    change: (p) => {
      p.auth.anonymous = 'visitor';
    },
    findings: [
      'anonymous-opened dangerous needs acceptance gain anonymous | visitor | visitor | Callers without a token are served, as "visitor". |  → visitor',
      'granted dangerous needs acceptance gain anonymous | visitor | authors visitor | Callers without a token gain read of "authors".',
      'granted dangerous needs acceptance gain anonymous | visitor | books visitor | Callers without a token gain read of "books".',
      'granted dangerous needs acceptance gain anonymous | visitor | reviews visitor | Callers without a token gain read of "reviews".',
    ],
  },
  {
    what: 'callers without a token are served by a role that is new',
    base: (p) => {
      delete p.auth.anonymous;
    },
    change: (p) => {
      p.auth.anonymous = 'guest';
      p.roles.guest = {};
      may(p, 'authors', 'guest').select = { columns: ['name'] };
    },
    findings: [
      'anonymous-opened dangerous needs acceptance gain anonymous | guest | guest | Callers without a token are served, as "guest". |  → guest',
      'read-gained dangerous needs acceptance gain anonymous | guest | authors.name select guest | "guest" gains read of "authors.name".',
    ],
  },
  {
    what: 'nothing but titles, limits and names of tests',
    change: (p) => {
      p.title = 'Shop';
      p.limits.rows = 500;
    },
    findings: [],
  },
];

/** Each as it is, and with an owner that the caller chooses. */
function owned(bodies: Trials[string]['insert']): Trials[string]['insert'] {
  return bodies.flatMap((body) => [body, { ...body, owner: '7' }, { ...body, owner: '8' }]);
}

const trials: Trials = {
  books: {
    insert: [
      { id: 90, title: 'x', price: 6, status: 'draft', author_id: 1, published: true },
      { id: 90, title: 'x', price: 1, status: 'live', author_id: 1, published: true },
      { id: 90, title: 'x', price: 12, status: 'live', author_id: 1, published: false },
      { id: 90, title: 'x', price: 6, cost: 1, status: 'draft', author_id: 1, published: true },
      { id: 90, title: 'x', price: 6, status: 'draft', author_id: 1, published: true, owner: '7' },
    ],
    update: [{ title: 'x' }, { price: 1 }, { price: 9 }, { cost: 1 }, { owner: '7' }, { published: true }],
  },
  reviews: {
    insert: owned([{ id: 90, book_id: 1, stars: 1, body: 'x' }]),
    update: [{ stars: 1 }, { body: 'x' }, { owner: '7' }],
  },
  customers: {
    insert: [
      { id: 90, name: 'x', email: 'x', phone: 'x', vip: false, owner: '7' },
      { id: 90, name: 'x', email: 'x', phone: 'x', vip: true, owner: '7' },
    ],
    update: [{ name: 'x' }, { email: 'x' }, { phone: 'x' }, { vip: true }],
  },
  orders: {
    insert: owned([
      { id: 90, customer_id: 1, status: 'new', total: 1 },
      { id: 90, status: 'new', total: 1 },
      { id: 90, total: 1 },
      { id: 90, status: 'new', total: 1, note: 'x' },
    ]),
    update: [{ status: 'new' }, { status: 'paid' }, { note: 'x' }, { total: 1 }, { owner: '8' }],
  },
  authors: { insert: [{ id: 90, name: 'x', country: 'y' }], update: [{ name: 'x' }] },
  members: { insert: [{ id: 90, sub: 'x', org: 1 }], update: [{ org: 1 }] },
};

/** A table's rights hang on its own entry, where neither roles nor functions nor the database are others. */
function touchedBy(from: Written, to: Written, sql: string | undefined): (table: string) => boolean {
  const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const isLocal =
    ['roles', 'auth', 'functions'].every((key) => isSame(from[key], to[key])) && sql === undefined;
  return (table) => !isLocal || !isSame(from.tables[table], to.tables[table]);
}

function line(one: Finding): string {
  const { rule, level, needsAcceptance, gain, anonymous, personal, roles, subject, before, after: now } = one;
  const flags = { 'needs acceptance': needsAcceptance, gain, anonymous, personal };
  const marks = Object.entries(flags).flatMap(([name, is]) => (is ? [name] : []));
  const { table, column, relationship, function: called, verb, role } = subject;
  const of = [[table, column, relationship, called].filter(Boolean).join('.'), verb, role]
    .filter(Boolean)
    .join(' ');
  const transition = before === undefined && now === undefined ? [] : [`${before ?? ''} → ${now ?? ''}`];
  return [[rule, level, ...marks].join(' '), roles.join(), of, plainText(one.sentence), ...transition].join(
    ' | ',
  );
}

describe('access', () => {
  const cleanup: (() => unknown)[] = [];
  const opened = openShop({ after: (work) => void cleanup.push(work) });
  after(async () => {
    for (const work of cleanup.reverse()) await work();
  });
  const powers = new Map<string, Promise<Powers>>();
  const measured = (side: ShopSide, key: string, ...how: [Earlier?, ((table: string) => boolean)?]) => {
    const known = powers.get(key) ?? powersOf(side, trials, ...how);
    powers.set(key, known);
    return known;
  };

  for (const { what, base = () => undefined, change, sql, earlier, findings } of cases)
    test(what, async () => {
      const from = structuredClone(shop);
      base(from);
      const to = patched(from, change);
      const [before, now] = [await opened.side(from), await opened.side(to, sql)];
      const found = diffAccess(before, now);
      assert.deepEqual(found.map(line), findings);
      assert.equal(new Set(found.map(({ fingerprint }) => fingerprint)).size, found.length);
      const could = await measured(before, JSON.stringify(from));
      const can = await measured(now, JSON.stringify([to, sql]), earlier, touchedBy(from, to, sql));
      assert.deepEqual(untold(could, can, found, now, earlier), []);
    });
});
