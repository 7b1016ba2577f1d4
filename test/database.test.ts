/** The servers of the tests are what they say they are. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import mysql from 'mysql2/promise';
import { createDatabase, serverUrl } from './database.ts';
import { openAdmin, testEngines, unfit } from './servers/identity.ts';

describe('the database servers of the tests', () => {
  for (const engine of testEngines) {
    it(`give a fresh ${engine} database that is dropped afterwards`, async (t) => {
      let drop: (() => unknown) | undefined;
      const database = await createDatabase({ after: (work) => (drop = work as () => unknown) }, engine);
      t.after(() => drop?.());
      assert.equal(database.server.engine, engine);
      await database.query('create table kept (id int)');
      assert.deepEqual(await database.query('select count(*) as n from kept'), [{ n: '0' }]);
      await drop?.();
      await assert.rejects(database.query('select 1'), /does not exist|Unknown database/);
    });

    it(`are told apart: what is ${engine} is nothing else`, async () => {
      const url = await serverUrl(engine);
      for (const other of testEngines) {
        const reason = await unfit(url, other);
        if (other === engine) assert.equal(reason, undefined);
        else if ((other === 'postgres') === (engine === 'postgres'))
          assert.match(reason ?? '', new RegExp(`^is ${engine} `));
      }
    });
  }

  it('answer mysql2 with prepared statements on both of its servers', async (t) => {
    const found: string[] = [];
    for (const engine of ['mariadb', 'mysql'] as const) {
      const database = await createDatabase(t, engine);
      const connection = await mysql.createConnection({
        uri: database.url,
        supportBigNumbers: true,
        bigNumberStrings: true,
      });
      const [rows] = await connection.execute<mysql.RowDataPacket[]>(
        'select cast(? as signed) as n, version() as version',
        ['9223372036854775807'],
      );
      await connection.end();
      assert.equal(rows[0]?.n, '9223372036854775807');
      found.push(/mariadb/i.test(String(rows[0]?.version)) ? 'mariadb' : 'mysql');
    }
    assert.deepEqual(found, ['mariadb', 'mysql']);
  });

  it('show what stands at them', async () => {
    const admin = await openAdmin(await serverUrl('postgres'));
    assert.deepEqual(await admin.query('select 1 as one, null as nothing'), [{ one: 1, nothing: null }]);
    await admin.close();
  });
});
