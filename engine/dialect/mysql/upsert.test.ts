/** Upserts on MariaDB and MySQL: which rows they meet, what they change of them, and what they never do. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { columns, engines, insert, openShop, withDefaults } from './write.fixture.ts';

const sql = `
  CREATE TABLE people (
    id int AUTO_INCREMENT PRIMARY KEY, email varchar(30) COLLATE utf8mb4_general_ci NOT NULL UNIQUE, phone varchar(10) UNIQUE,
    name varchar(20) DEFAULT 'nobody', visits int DEFAULT 1, owner varchar(20), note varchar(9), changed timestamp(6) NULL DEFAULT NULL ON UPDATE CURRENT_TIMESTAMP(6)
  );
  CREATE TABLE seats (hall varchar(10) NOT NULL DEFAULT 'main', place int NOT NULL, guest varchar(10), note varchar(10), PRIMARY KEY (hall, place));
  CREATE TABLE maybe (a int, b int, n int, UNIQUE (a, b));
  CREATE TABLE codes (code char(8) PRIMARY KEY DEFAULT (left(uuid(), 8)), n int);
`;

const yaml = `
roles: { staff: {}, mine: {}, judged: {} }
tables:
  people:
    permissions:
      staff: { select: true, insert: true, update: true }
      mine:
        select: { columns: "*", where: { owner: $jwt.sub } }
        insert: { columns: [id, email, phone, name, visits], set: { owner: $jwt.sub }, check: { visits: { _lt: 10 } } }
        update: { columns: [email, name, visits], where: { owner: $jwt.sub }, set: { note: set }, check: { visits: { _lt: 100 } } }
      judged:
        select: true
        insert: { columns: [id, email, name, visits, owner], check: { name: { _neq: bad }, owner: { _eq: me } } }
        update: { columns: [name, visits], where: {} }
  seats:
    permissions:
      staff: { select: true, insert: true, update: true }
      judged:
        insert: { columns: [hall, place, guest, note], check: { hall: { _neq: closed }, note: { _is_null: true } } }
        update: { columns: [guest], where: {} }
  maybe: { permissions: { staff: { select: true, insert: true, update: true } } }
  codes: { permissions: { staff: { select: true, insert: true, update: true } } }
`;

for (const engine of engines)
  describe(`an upsert on ${engine}`, async () => {
    const shop = await openShop({ after }, { engine, sql, yaml });
    const { write, refused, rows } = shop;
    const people = () => rows('SELECT id, email, name, visits, owner FROM people ORDER BY id');
    const fresh = async () => {
      await shop.sql(
        'DELETE FROM people; ALTER TABLE people AUTO_INCREMENT = 10; DELETE FROM seats; DELETE FROM maybe; DELETE FROM codes',
      );
      await shop.sql(
        "INSERT INTO people (id, email, phone, name, visits, owner) VALUES (1, 'ada@x', '1', 'Ada', 5, 'me'), (2, 'bob@x', '2', 'Bob', 5, 'you')",
      );
    };
    const merge = { action: 'merge', columns: ['email'] } as const;
    const ignore = { action: 'ignore', columns: ['email'] } as const;
    const ada = [1, 'ada@x', 'Ada', 5, 'me'] as const;
    const bob = [2, 'bob@x', 'Bob', 5, 'you'] as const;
    const it_ = (name: string, work: () => Promise<void>) =>
      it(name, async () => {
        await fresh();
        await work();
      });

    it_('updates what is there, inserts the rest, and answers in the order of the body', async () => {
      const body = [
        { email: 'zoe@x', name: 'Zoe' },
        { email: 'ADA@x', name: 'Ada L.' },
        { email: 'cyd@x', name: 'Cyd' },
      ];
      const written = await write(
        insert('people', body, { conflict: merge, returning: columns('email', 'name', 'visits') }),
      );
      assert.deepEqual(written, {
        affected: 3,
        inserted: 2,
        body: [
          { email: 'zoe@x', name: 'Zoe', visits: 1 },
          { email: 'ada@x', name: 'Ada L.', visits: 5 },
          { email: 'cyd@x', name: 'Cyd', visits: 1 },
        ],
      });
    });

    it_('never overwrites a row that the permission to update does not reach', async () => {
      const steal = insert(
        'people',
        [
          { email: 'new@x', name: 'New' },
          { email: 'bob@x', name: 'Stolen' },
        ],
        { conflict: merge },
      );
      assert.deepEqual(await refused(steal, 'mine'), [
        '42501',
        'permission denied for a row of table people',
      ]);
      const byKey = insert('people', [{ id: 2, email: 'me@x' }], {
        conflict: { action: 'merge', columns: ['id'] },
      });
      assert.equal((await refused(byKey, 'mine'))[0], '42501');
      assert.deepEqual(await people(), [ada, bob]);
    });

    it_(
      'passes the check of inserts for what is proposed, and that of updates for what becomes of it',
      async () => {
        const visits = (email: string, count: number) =>
          insert('people', [{ email, visits: count }], { conflict: merge });
        // Both: 10 is too many for a row that is proposed, though not for one that is updated.
        assert.equal((await refused(visits('ada@x', 10), 'mine'))[0], '42501');
        assert.equal((await refused(visits('new@x', 10), 'mine'))[0], '42501');
        await shop.sql('UPDATE people SET visits = 500 WHERE id = 1');
        assert.equal(
          (
            await refused(
              insert('people', [{ email: 'ada@x', name: 'A', visits: null }], {
                conflict: { ...merge, update: ['name'] },
              }),
              'mine',
            )
          )[0],
          '42501',
        );
        assert.equal(
          (await refused(insert('people', [{ email: 'ada@x', name: 'A' }], { conflict: merge }), 'mine'))[0],
          '42501',
        );
        assert.deepEqual(await people(), [[1, 'ada@x', 'Ada', 500, 'me'], bob]);
      },
    );

    it_('judges what is proposed by its defaults too, byte for byte', async () => {
      const seat = (row: object) =>
        insert('seats', [{ ...row }], { conflict: { action: 'merge', update: ['guest'] } });
      await shop.sql(
        "INSERT INTO seats VALUES ('main', 1, 'a', NULL), ('closed', 1, 'a', NULL), ('CLOSED ', 2, 'a', NULL)",
      );
      assert.equal((await write(seat({ place: 1, guest: 'b' }), 'judged')).affected, 1);
      assert.equal((await refused(seat({ hall: 'closed', place: 1, guest: 'b' }), 'judged'))[0], '42501');
      assert.equal(
        (await refused(seat({ hall: 'main', place: 1, guest: 'b', note: 'x' }), 'judged'))[0],
        '42501',
      );
      assert.deepEqual(await rows('SELECT guest FROM seats ORDER BY place, hall DESC'), [
        ['b'],
        ['a'],
        ['a'],
      ]);
      const judged = (row: object) =>
        insert('people', [{ email: 'ada@x', visits: 7, ...row }], {
          conflict: { ...merge, update: ['visits'] },
        });
      assert.equal((await write(judged({ owner: 'me', name: 'Bad' }), 'judged')).affected, 1);
      assert.equal((await refused(judged({ owner: 'me', name: 'bad' }), 'judged'))[0], '42501');
      assert.equal((await refused(judged({ owner: 'Me', name: 'good' }), 'judged'))[0], '42501');
      assert.equal((await refused(judged({ name: 'good' }), 'judged'))[0], '42501');
    });

    it_('writes the presets of updates, and takes over the columns that are named', async () => {
      await write(insert('people', [{ email: 'ada@x', name: 'A', visits: 2 }], { conflict: merge }), 'mine');
      assert.deepEqual(await rows('SELECT name, visits, note, owner FROM people WHERE id = 1'), [
        ['A', 2, 'set', 'me'],
      ]);
      const named = insert(
        'people',
        [
          { email: 'bob@x', visits: 9 },
          { email: 'cyd@x', visits: 8 },
        ],
        { conflict: { ...merge, update: ['name'] }, returning: columns('name', 'visits') },
      );
      // A column that is named and not given has its default.
      assert.deepEqual((await write(named)).body, [
        { name: 'nobody', visits: 5 },
        { name: 'nobody', visits: 8 },
      ]);
    });

    it_('takes rows that give different columns', async () => {
      const body = insert('people', [
        { email: 'ada@x', name: 'A' },
        { email: 'bob@x', visits: 1 },
        { email: 'c@x' },
      ]);
      const given = { ...withDefaults(body), conflict: merge, returning: columns('email', 'name', 'visits') };
      assert.deepEqual((await write(given)).body, [
        { email: 'ada@x', name: 'A', visits: 5 },
        { email: 'bob@x', name: 'Bob', visits: 1 },
        { email: 'c@x', name: 'nobody', visits: 1 },
      ]);
    });

    it_("leaves rows as they are that the caller's own condition leaves out, and counts them", async () => {
      const where = { kind: 'compare', column: 'visits', operator: 'lt', value: 1 } as const;
      const body = [
        { email: 'ada@x', name: 'A' },
        { email: 'new@x', name: 'N' },
      ];
      const given = insert('people', body, {
        values: [body, 5],
        conflict: { ...merge, where },
        returning: columns('email'),
      });
      assert.deepEqual(await write(given, 'mine'), {
        affected: 1,
        inserted: 1,
        body: [{ email: 'new@x' }],
        key: ['10'],
      });
      assert.equal((await write({ ...given, values: [body, 6] }, 'mine')).affected, 2);
      const others = insert('people', [{ email: 'bob@x', name: 'B' }], { conflict: { ...merge, where } });
      assert.equal((await refused({ ...others, values: [...others.values, 5] }, 'mine'))[0], '42501');
    });

    it_('refuses a body that writes a row twice, whatever its case', async () => {
      const twice = ['21000', 'ON CONFLICT DO UPDATE command cannot affect row a second time'];
      assert.deepEqual(
        await refused(insert('people', [{ email: 'n@x' }, { email: 'N@X' }], { conflict: merge })),
        twice,
      );
      assert.deepEqual(
        await refused(insert('people', [{ email: 'ada@x' }, { email: 'ADA@x' }], { conflict: merge })),
        twice,
      );
      assert.deepEqual(await people(), [ada, bob]);
    });

    it_('meets no row where the target has a null', async () => {
      const target = { action: 'merge', columns: ['a', 'b'] } as const;
      const body = [
        { a: 1, b: null, n: 1 },
        { a: 1, b: null, n: 2 },
        { a: 1, b: 2, n: 3 },
      ];
      assert.deepEqual(await write(insert('maybe', body, { conflict: target })), {
        affected: 3,
        inserted: 3,
      });
      assert.deepEqual(await write(insert('maybe', body.slice(1), { conflict: target })), {
        affected: 2,
        inserted: 1,
      });
      assert.deepEqual(
        await write(insert('maybe', body.slice(1), { conflict: { ...target, action: 'ignore' } })),
        { affected: 1 },
      );
    });

    it_('counts up what it inserts, and takes keys that the server makes for new', async () => {
      const byKey = withDefaults(insert('people', [{ email: 'n@x' }, { id: 1, email: 'a@x' }]));
      const written = await write({
        ...byKey,
        conflict: { action: 'merge' },
        returning: columns('id', 'email'),
      });
      assert.deepEqual(written.body, [
        { id: 10, email: 'n@x' },
        { id: 1, email: 'a@x' },
      ]);
      const made = withDefaults(insert('codes', [{ n: 1 }, { code: 'mine', n: 2 }]));
      assert.deepEqual(await write({ ...made, conflict: { action: 'merge' } }), { affected: 2, inserted: 2 });
      assert.deepEqual(await write({ ...made, conflict: { action: 'merge' } }), { affected: 2, inserted: 1 });
    });

    it_('follows a key that it takes over', async () => {
      const moved = insert('people', [{ id: 77, email: 'ada@x' }], {
        conflict: merge,
        returning: columns('id', 'email', 'name'),
      });
      assert.deepEqual((await write(moved)).body, [{ id: 77, email: 'ada@x', name: 'Ada' }]);
      assert.equal(
        (await refused(insert('people', [{ id: 2, email: 'ada@x' }], { conflict: merge })))[0],
        '23505',
      );
    });

    it_('passes over conflicts with its target alone', async () => {
      const body = [
        { email: 'Ada@x', name: 'No' },
        { email: 'n@x', name: 'N' },
        { email: 'N@X', name: 'Second' },
      ];
      assert.deepEqual(
        await write(insert('people', body, { conflict: ignore, returning: columns('email', 'name') })),
        {
          affected: 1,
          body: [{ email: 'n@x', name: 'N' }],
          key: ['10'],
        },
      );
      const other = ['23505', 'duplicate key value violates unique constraint "phone"'];
      assert.deepEqual(
        await refused(insert('people', [{ email: 'm@x', phone: '1' }], { conflict: ignore })),
        other,
      );
      assert.deepEqual(
        await refused(insert('people', [{ email: 'm@x', phone: '1' }], { conflict: merge })),
        other,
      );
      assert.equal(
        (await refused(insert('people', [{ email: 'm@x', name: 'x'.repeat(21) }], { conflict: ignore })))[0],
        '22001',
      );
      assert.equal((await refused(insert('people', [{ email: null }], { conflict: ignore })))[0], '23502');
    });

    it_('answers with no row where all are passed over', async () => {
      assert.deepEqual(
        await write(insert('people', [{ email: 'ada@x' }], { conflict: ignore, returning: columns('id') })),
        { affected: 0, body: [] },
      );
      assert.deepEqual(
        await write(insert('people', [], { columns: ['email'], conflict: merge, returning: columns('id') })),
        { affected: 0, inserted: 0, body: [] },
      );
    });
  });
