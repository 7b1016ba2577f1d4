/** Who calls, as variables of a session that many callers share one after the other. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDatabase } from '../../../test/database.ts';
import type { Rows } from '../dialect.ts';
import { claims } from './claims.ts';
import { openPool } from './pool.ts';
import { configOf } from './scratch.fixture.ts';

const variables = {
  text: 'SELECT CONCAT(@novastack_claims), CONCAT(@novastack_request), CONCAT(@novastack_status), CONCAT(@novastack_headers)',
  name: 'variables',
};
const none: Rows['rows'] = [[null, null, null, null]];

const config = configOf({ pool: { max: 1 } });

const settings = new Map([
  ['request.jwt.claims', '{"sub":"ä","role":"reader"}'],
  ['request.jwt.claim.sub', 'ä'],
  ['request.method', 'POST'],
  ['request.path', '/rest/v1/books'],
  ['request.headers', '{"x-a":"b"}'],
]);

for (const engine of ['mariadb', 'mysql'] as const)
  test(`claims on ${engine}`, async (t) => {
    const { url } = await createDatabase(t, engine);
    const pool = openPool({ config, url });
    t.after(() => pool.close());
    const { statement, parameters } = claims(settings);
    const session = async () =>
      (await pool.run({ text: 'SELECT CONNECTION_ID()', name: 'id' }, [])).rows[0]![0];
    /** Sets them, and leaves a status and headers behind. */
    const asCaller = (after?: () => Promise<unknown>) =>
      pool.transaction<Rows['rows']>(async (transaction) => {
        transaction.prepend(statement, parameters);
        await transaction.run(
          { text: "SET @novastack_status = '201', @novastack_headers = '[]'", name: undefined },
          [],
        );
        const { rows } = await transaction.run(variables, []);
        await after?.();
        return rows;
      });
    const own = [
      [
        '{"sub":"ä","role":"reader"}',
        '{"method":"POST","path":"/rest/v1/books","headers":{"x-a":"b"}}',
        '201',
        '[]',
      ],
    ];
    const id = await session();

    await t.test('are there until the transaction ends', async () => {
      assert.deepEqual(await asCaller(), own);
      assert.deepEqual((await pool.run(variables, [])).rows, none);
      assert.equal(await session(), id);
    });

    await t.test('of one who failed are gone too', async () => {
      await assert.rejects(asCaller(() => Promise.reject(new Error('no'))));
      const { rows } = await pool.transaction((transaction) => transaction.run(variables, []));
      assert.deepEqual(rows, none);
    });

    await t.test('of another are never those of a stream, nor a status that was said before', async () => {
      await asCaller();
      const seen: (readonly (string | null)[])[] = [];
      await pool.stream(variables, [], (rows) => void seen.push(...rows));
      assert.deepEqual(seen, none);
      await pool.stream(variables, [], (rows) => void seen.push(...rows), {
        before: [{ statement, parameters }],
      });
      assert.deepEqual(seen[1]!.slice(2), [null, null]);
      assert.deepEqual((await pool.run(variables, [])).rows, none);
      await asCaller();
      const other = claims(new Map([['request.jwt.claims', '{}']]));
      const { rows } = await pool.transaction((transaction) => {
        transaction.prepend(other.statement, other.parameters);
        return transaction.run(variables, []);
      });
      assert.deepEqual(rows, [['{}', null, null, null]]);
      assert.equal(await session(), id);
    });

    await t.test('tell no zone: times are told in UTC, and another is refused', () => {
      assert.throws(() => claims(new Map([...settings, ['TimeZone', 'Europe/Vienna']])), {
        code: '0A000',
        status: 400,
      });
      assert.deepEqual(claims(new Map([...settings, ['TimeZone', 'UTC']])), { statement, parameters });
    });
  });
