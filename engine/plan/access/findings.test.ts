/** What findings are bound to, where they come from, and how a project that is new is told. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Finding } from '../change.ts';
import { plainText } from '../sentence.ts';
import { diffAccess } from './access.ts';
import { openShop, patched, type Shop, shop, type Written } from './shop.fixture.ts';

describe('findings of access', () => {
  const cleanup: (() => unknown)[] = [];
  after(async () => {
    for (const work of cleanup.reverse()) await work();
  });
  const opened: Shop = openShop({ after: (work) => void cleanup.push(work) });
  const found = async (
    change: (project: Written) => void,
    base: Written = shop,
    sql?: string,
  ): Promise<readonly Finding[]> =>
    diffAccess(await opened.side(base), await opened.side(patched(base, change), sql));
  const only = async (...of: Parameters<typeof found>): Promise<Finding> => {
    const findings = await found(...of);
    assert.equal(findings.length, 1);
    return findings[0]!;
  };

  test('an approval for some roles is none for one that gains the same later', async () => {
    const gain = (p: Written) => p.tables.customers.permissions.clerk.select.columns.push('email');
    const one = await only(gain);
    const again = await only(gain);
    const more = await only(
      gain,
      patched(shop, (p) => {
        p.roles.auditor = { inherits: ['clerk'] };
      }),
    );
    assert.deepEqual(one.roles, ['clerk', 'manager']);
    assert.equal(one.fingerprint, again.fingerprint);
    assert.notEqual(more.fingerprint, one.fingerprint);
  });

  test('an approval is for the columns, the conditions and the presets that it was given for', async () => {
    const prints = await Promise.all(
      [
        (p: Written) => (p.tables.orders.permissions.clerk.insert = { columns: ['id', 'total'] }),
        (p: Written) => (p.tables.orders.permissions.clerk.insert = { columns: ['id', 'total', 'note'] }),
        (p: Written) =>
          (p.tables.orders.permissions.clerk.insert = { columns: ['id', 'total'], set: { status: 'new' } }),
        (p: Written) =>
          (p.tables.orders.permissions.clerk.insert = { columns: ['id', 'total'], set: { status: 'paid' } }),
        (p: Written) =>
          (p.tables.orders.permissions.clerk.insert = { columns: ['id', 'total'], check: { total: 1 } }),
      ].map(async (change) => (await only(change)).fingerprint),
    );
    assert.equal(new Set(prints).size, prints.length);
  });

  test('an approval is for the data that was behind the names', async () => {
    const open = (table: Written) => (p: Written) => {
      p.tables.shelf = { ...table, permissions: { visitor: { select: { columns: ['id', 'title'] } } } };
    };
    const call = (routine: string) => (p: Written) => {
      p.functions.pang = { function: routine, permissions: { visitor: { execute: true } } };
    };
    const print = async (change: (p: Written) => void, sql?: string) =>
      (await found(change, shop, sql)).find(({ needsAcceptance }) => needsAcceptance)!.fingerprint;
    const wider = 'CREATE VIEW staff AS SELECT id, title, cost FROM books; CREATE VIEW wares AS TABLE staff';
    assert.notEqual(
      await print(open({ relation: 'public.staff', key: ['id'] }), wider),
      await print(open({ relation: 'public.wares', key: ['id'] }), wider),
    );
    const renamed = { title: { name: 'heading' }, cost: { name: 'title' } };
    const shelf = { relation: 'public.books_archive', columns: renamed };
    const cost = (p: Written) => {
      open(shelf)(p);
      p.tables.shelf.permissions.visitor.select.columns = ['id', 'cost'];
    };
    assert.notEqual(await print(cost), await print(open({ relation: 'public.books_archive' })));
    assert.notEqual(await print(call('public.pong')), await print(call('public.ping')));
  });

  test('a personal tag that goes with the same change counts still', async () => {
    const { personal, needsAcceptance } = await only((p) => {
      p.tables.customers.columns = {};
      p.tables.customers.permissions.clerk.select.columns.push('email');
    });
    assert.deepEqual({ personal, needsAcceptance }, { personal: true, needsAcceptance: true });
  });

  test('a relationship is gained though a column that it leads along is lost', async () => {
    const findings = await found((p) => {
      p.tables.books.permissions.visitor.select.columns = ['title', 'price'];
      p.tables.books.relationships = { opinions: { from: 'reviews.book_id' } };
    });
    assert.deepEqual(
      findings
        .filter(({ roles }) => roles.includes('visitor'))
        .map(({ rule, sentence }) => `${rule} ${plainText(sentence)}`),
      [
        'read-lost "visitor" loses read of "books.id".',
        'relationship-gained "visitor" gains the relationship "books.opinions" to "reviews".',
      ],
    );
  });

  test('a table of a schema that the base does not read is another one', async () => {
    const before = await opened.side(shop);
    const moved = patched(shop, (p) => {
      p.tables.authors.relation = 'public.writers';
    });
    const after = await opened.side(moved, 'ALTER TABLE authors RENAME TO writers');
    const [main] = before.api.databases.values();
    const unread = { ...main!, catalog: { ...main!.catalog, schemas: ['shop'] } };
    const blind = { ...before, api: { ...before.api, databases: new Map([['main', unread]]) } };
    assert.deepEqual(diffAccess(before, after), []);
    assert.deepEqual(
      [...new Set(diffAccess(blind, after).map(({ rule, subject }) => `${rule} ${subject.table}`))],
      ['relation-changed authors'],
    );
  });

  test('columns that a function shows besides are gained', async () => {
    const listed = patched(shop, (p) => {
      p.functions.list = { permissions: { visitor: { execute: true } } };
    });
    const of = (columns: string) =>
      `CREATE FUNCTION list() RETURNS TABLE (${columns}) LANGUAGE sql STABLE AS 'SELECT ${columns.includes('mail') ? 'id, email' : 'id'} FROM customers'`;
    const found = diffAccess(
      await opened.side(listed, of('no int')),
      await opened.side(listed, of('no int, mail text')),
    );
    assert.deepEqual(
      found.map(({ rule, roles, needsAcceptance, sentence }) => [
        rule,
        roles,
        needsAcceptance,
        plainText(sentence),
      ]),
      [
        ['results-gained', ['visitor'], true, '"visitor" gains "mail" of what "list" gives.'],
        [
          'results-gained',
          ['customer', 'service'],
          false,
          '"customer" and "service" gain "mail" of what "list" gives.',
        ],
      ],
    );
  });

  test('each comes from the entry that was edited, the role, the column, or the database', async () => {
    const path = async (...of: Parameters<typeof found>) => (await found(...of))[0]!.place;
    const may = 'permissions';
    assert.deepEqual(
      await path((p) => {
        delete p.tables.books.permissions.visitor.select.where;
      }),
      { path: ['tables', 'books', may, 'visitor', 'select', 'where'] },
    );
    // The heir's finding leads to the entry that it inherits.
    const [, heir] = await found((p) => p.tables.books.permissions.visitor.select.columns.push('released'));
    assert.deepEqual(
      [heir!.roles, heir!.place],
      [['customer'], { path: ['tables', 'books', may, 'visitor', 'select', 'columns'] }],
    );
    assert.deepEqual(
      await path((p) => {
        p.roles.customer = {};
      }),
      { path: ['roles', 'customer'] },
    );
    assert.deepEqual(
      await path((p) => {
        delete p.tables.books.columns;
      }),
      { path: ['tables', 'books', 'columns', 'cost'] },
    );
    assert.deepEqual(
      await path(
        (p) => {
          p.title = 'Shop';
        },
        shop,
        'ALTER TABLE orders ADD weight int',
      ),
      {
        path: ['tables', 'orders', may, 'customer', 'select', 'columns'],
        fact: { database: 'main', relation: 'public.orders', column: 'weight' },
      },
    );
    assert.deepEqual(
      await path((p) => {
        p.auth.anonymous = 'customer';
      }),
      { path: ['auth', 'anonymous'] },
    );
  });

  test('of a project that is new everything granted is gained, in one finding a table', async () => {
    const findings = diffAccess(undefined, await opened.side(shop));
    assert.deepEqual(
      findings.map(({ rule, level, needsAcceptance, anonymous, personal, sentence }) =>
        [
          rule,
          level,
          needsAcceptance && '!',
          anonymous && 'anonymous',
          personal && 'personal',
          plainText(sentence),
        ]
          .filter(Boolean)
          .join(' '),
      ),
      [
        'granted dangerous ! anonymous "visitor" gains read of "authors".',
        'granted dangerous "customer" gains read of "authors".',
        'granted dangerous "service" gains read, insert, update and delete of "authors".',
        'granted dangerous ! anonymous "visitor" gains read of "books".',
        'granted dangerous "customer" gains read and update of "books".',
        'granted dangerous "clerk" and "manager" gain read, insert, update and delete of "books".',
        'granted dangerous "service" gains read, insert, update and delete of "books".',
        'granted dangerous ! anonymous "visitor" gains read of "reviews".',
        'granted dangerous "customer" gains read, insert and delete of "reviews".',
        'granted dangerous "service" gains read, insert, update and delete of "reviews".',
        'granted dangerous "service" gains read, insert, update and delete of "members".',
        'granted dangerous "customer" gains read of "customers".',
        'granted dangerous "clerk" and "manager" gain read of "customers".',
        'granted dangerous ! personal "service" gains read, insert, update and delete of "customers".',
        'granted dangerous "customer" gains read, insert and update of "orders".',
        'granted dangerous "clerk" and "manager" gain read and update of "orders".',
        'granted dangerous "service" gains read, insert, update and delete of "orders".',
        'execute-gained dangerous "customer" and "service" gain execute of "search_books".',
        'execute-gained dangerous "customer" and "service" gain execute of "book_label".',
        'execute-gained dangerous "customer" and "service" gain execute of "top_reviews".',
        'execute-gained dangerous "clerk", "manager" and "service" gain execute of "ping".',
        'dry-run-gained dangerous "manager" gains dry runs: writes that are rolled back.',
      ],
    );
    assert.ok(findings.every(({ gain }) => gain));
  });

  test('a project that is the same, or lost everything, gains nothing', async () => {
    const side = await opened.side(shop);
    assert.deepEqual(diffAccess(side, await opened.side(structuredClone(shop))), []);
    const empty = await opened.side({ roles: { visitor: {} } });
    assert.deepEqual(
      diffAccess(side, empty).filter(({ gain }) => gain),
      [],
    );
  });
});
