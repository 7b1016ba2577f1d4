/** Many who write at once, on MariaDB and MySQL: each row once, its own rows to each, and nobody hears of the others. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { openAdmin } from '../../../test/servers/identity.ts';
import { columns, engines, insert, openShop, update } from './write.fixture.ts';

const sql = `
  CREATE TABLE counters (id int PRIMARY KEY, client int);
  CREATE TABLE people (id int AUTO_INCREMENT PRIMARY KEY, email varchar(40) NOT NULL UNIQUE, client int);
  CREATE TABLE owned (id int PRIMARY KEY, owner varchar(9), note varchar(9));
  CREATE TABLE entries (id int AUTO_INCREMENT PRIMARY KEY, line varchar(40));
`;

const grant = '{ permissions: { staff: { select: true, insert: true, update: true } } }';
const own =
  '{ select: true, insert: true, update: { columns: [note], where: { owner: $jwt.sub }, check: {} } }';
const yaml = `
roles: { staff: {}, mine: {} }
tables: { counters: ${grant}, people: ${grant}, entries: ${grant}, owned: { permissions: { mine: ${own} } } }
`;

const clients = Array.from({ length: 8 }, (_, client) => client);
const rounds = 50;
const keysOf = (round: number) => Array.from({ length: 15 }, (_, index) => round * 5 + index);
const keyCount = (rounds - 1) * 5 + 15;

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((first, second) => first.place - second.place)
    .map(({ item }) => item);
}

for (const engine of engines)
  describe(`writes at once on ${engine}`, async () => {
    const shop = await openShop({ after }, { engine, sql, yaml });
    const { write, rows } = shop;

    /** Each client upserts rows that overlap with those of all others, in an order of its own. Gives how many were new. */
    const race = async (upsert: (keys: readonly number[], client: number) => Promise<number>) => {
      const inserted = await Promise.all(
        clients.map(async (client) => {
          let own = 0;
          for (let round = 0; round < rounds; round += 1)
            own += await upsert(shuffled(keysOf(round)), client);
          return own;
        }),
      );
      return inserted.reduce((sum, own) => sum + own, 0);
    };

    it('create each key once where they upsert by the primary key', async () => {
      const inserted = await race(async (keys, client) => {
        const given = keys.map((id) => ({ id, client }));
        const request = insert('counters', given, {
          conflict: { action: 'merge' },
          returning: columns('id', 'client'),
        });
        const written = await write(request);
        assert.deepEqual(written.body, given);
        return written.inserted!;
      });
      assert.equal(inserted, keyCount);
      assert.deepEqual(await rows('SELECT count(*) FROM counters'), [[String(keyCount)]]);
    });

    it('create each key once where they upsert by another unique key', async () => {
      const conflict = { action: 'merge', columns: ['email'] } as const;
      const inserted = await race(async (keys, client) => {
        const given = keys.map((id) => ({ email: `k${id}`, client }));
        const written = await write(
          insert('people', given, { conflict, returning: columns('email', 'client') }),
        );
        assert.deepEqual(written.body, given);
        return written.inserted!;
      });
      assert.equal(inserted, keyCount);
      assert.deepEqual(await rows('SELECT count(*) FROM people'), [[String(keyCount)]]);
    });

    it('create each key once where they pass over what is there', async () => {
      await shop.sql('DELETE FROM people');
      const conflict = { action: 'ignore', columns: ['email'] } as const;
      const inserted = await race(async (keys, client) => {
        const given = keys.map((id) => ({ email: `k${id}`, client }));
        return (await write(insert('people', given, { conflict }))).affected;
      });
      assert.equal(inserted, keyCount);
      assert.deepEqual(await rows('SELECT count(*) FROM people'), [[String(keyCount)]]);
    });

    it('count one row up, each once, and read back what they have made it themselves', async () => {
      await shop.sql('DELETE FROM counters; INSERT INTO counters VALUES (1, 0)');
      const byKey = { kind: 'compare', column: 'id', operator: 'eq', value: 1 } as const;
      const request = update('counters', { client: 1 }, byKey, {
        values: [{ client: 1 }, 1],
        operators: [{ column: 'client', operator: 'inc' }],
        returning: columns('client'),
      });
      const seen = await Promise.all(
        clients.map(async () => {
          const own: number[] = [];
          for (let round = 0; round < 20; round += 1) {
            const { body } = await write(request);
            own.push((body as { client: number }[])[0]!.client);
          }
          return own;
        }),
      );
      const all = Array.from({ length: clients.length * 20 }, (_, index) => index + 1);
      assert.deepEqual(
        seen.flat().sort((first, second) => first - second),
        all,
      );
    });

    it('take a row once where the filter says what it must hold, though all wait for it', async () => {
      await shop.sql('DELETE FROM counters; INSERT INTO counters VALUES (1, 0)');
      const is = (column: string, value: number) =>
        ({ kind: 'compare', column, operator: 'eq', value }) as const;
      for (let from = 0; from < 20; from += 1) {
        const taken = await Promise.all(
          clients.map(async () => {
            const where = { kind: 'and', of: [is('id', 1), is('client', 2)] } as const;
            const more = { values: [{ client: from + 1 }, 1, from], returning: columns('client') };
            return (await write(update('counters', { client: from + 1 }, where, more))).body;
          }),
        );
        const rowsOf = taken.filter((body) => (body as unknown[]).length > 0);
        assert.deepEqual(rowsOf, [[{ client: from + 1 }]]);
      }
    });

    /** Row 1 is given to another while the work waits for it. */
    const whileItIsGivenAway = async (work: () => Promise<unknown>) => {
      await shop.sql("DELETE FROM owned; INSERT INTO owned VALUES (1, 'me', 'a'), (2, 'me', 'b')");
      const other = await openAdmin(shop.url);
      try {
        await other.query("BEGIN; UPDATE owned SET owner = 'you' WHERE id = 1");
        const done = work().then(
          (written) => written,
          (problem: unknown) => problem,
        );
        await untilOneWaits(other);
        await other.query('COMMIT');
        return await done;
      } finally {
        await other.close();
      }
    };
    const untilOneWaits = async (other: Awaited<ReturnType<typeof openAdmin>>) => {
      const database = new URL(shop.url).pathname.slice(1);
      const deadline = performance.now() + 20_000;
      for (;;) {
        const waiting = await other.query(
          "SELECT 1 FROM information_schema.innodb_trx AS t JOIN information_schema.processlist AS p ON p.id = t.trx_mysql_thread_id WHERE t.trx_state = 'LOCK WAIT' AND p.db = ?",
          [database],
        );
        if (waiting.length > 0) return;
        assert.ok(performance.now() < deadline, 'nobody waits for the row within 20 s');
        // What innodb_trx tells is made anew only when nobody has asked for 0.1 s.
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    };

    it('writes no row that leaves the grant while it waits', async () => {
      const some = { kind: 'compare', column: 'id', operator: 'lt', value: 1 } as const;
      const request = update('owned', { note: 'x' }, some, {
        values: [{ note: 'x' }, 9],
        returning: columns('id'),
      });
      const written = await whileItIsGivenAway(() => write(request, 'mine'));
      assert.deepEqual(written, { affected: 1, body: [{ id: 2 }] });
      assert.deepEqual(await rows('SELECT id, note FROM owned ORDER BY id'), [
        [1, 'a'],
        [2, 'x'],
      ]);
    });

    it('merges no row that leaves the grant while it waits', async () => {
      const request = insert('owned', [{ id: 1, note: 'x' }], {
        conflict: { action: 'merge' },
      });
      const refusal = await whileItIsGivenAway(() => write(request, 'mine'));
      assert.equal((refusal as { code?: string }).code, '42501');
      assert.deepEqual(await rows('SELECT id, note FROM owned ORDER BY id'), [
        [1, 'a'],
        [2, 'b'],
      ]);
    });

    it('get their own rows back, whose keys the server counts up', async () => {
      await Promise.all(
        clients.map(async (client) => {
          for (let round = 0; round < 20; round += 1) {
            const lines = Array.from({ length: 1 + (round % 9) }, (_, index) => ({
              line: `${client}-${round}-${index}`,
            }));
            const { body } = await write(insert('entries', lines, { returning: columns('line') }));
            assert.deepEqual(body, lines);
          }
        }),
      );
    });
  });
