import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createDatabase } from '../../../test/database.ts';
import { estimated } from './estimate.ts';

const sql = `
  CREATE TABLE n (id int PRIMARY KEY, i int);
  CREATE TABLE m (id int PRIMARY KEY, n_id int, KEY (n_id));
  INSERT INTO n SELECT seq, seq FROM (SELECT a.x * 10 + b.x AS seq FROM
    (SELECT 0 x UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) a,
    (SELECT 0 x UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) b) s;
  INSERT INTO m SELECT id, id FROM n WHERE id < 10;
  ANALYZE TABLE n; ANALYZE TABLE m;
`;

describe('the estimate of rows', () => {
  for (const engine of ['mysql', 'mariadb'] as const) {
    it(`is read from what ${engine} explains`, async (t) => {
      const { query } = await createDatabase(t, engine);
      await query(sql);
      const of = async (statement: string) => {
        const rows = await query(`EXPLAIN FORMAT=JSON ${statement}`);
        return estimated(rows.map((row) => [String(Object.values(row)[0])]));
      };
      assert.equal(await of('SELECT 1 FROM n'), 100);
      assert.equal(await of('SELECT 1 FROM n WHERE id < 10'), 10);
      assert.equal(await of('SELECT 1 FROM n WHERE 1 = 0'), 0);
      assert.equal(await of('SELECT 1 FROM n WHERE id = -1'), 0);
      assert.equal(await of('SELECT 1 FROM n WHERE id IN (SELECT n_id FROM m)'), 10);
    });
  }

  it('is read from the form that MySQL writes when it is asked for the older one', () => {
    const explained = {
      query_block: {
        nested_loop: [
          { table: { rows_examined_per_scan: 20, rows_produced_per_join: 20, filtered: '100.00' } },
          { table: { rows_examined_per_scan: 1, rows_produced_per_join: 12, filtered: '60.00' } },
        ],
      },
    };
    assert.equal(estimated([[JSON.stringify(explained)]]), 12);
  });

  it('is not known from what is no plan', () => {
    for (const text of ['', '{', '{}', 'null', '{"query_block":{}}', '{"query_plan":{}}'])
      assert.equal(estimated([[text]]), undefined);
  });
});
