/** Live queries end with their revision: who comes later is told nothing, and no statement is run for them. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProject } from '../../../test/project.ts';
import type { Member } from './cohort.ts';
import { LiveQueries } from './live-queries.ts';
import type { Source } from './source.ts';

it('of a revision that has ended ask nothing, whoever joins them', async (t) => {
  const { pool } = await createProject(t, { yaml: '', sql: '' });
  const live = new LiveQueries(20);
  let asked = 0;
  const source: Source = {
    key: 'one',
    pool,
    cursor: undefined,
    async ask() {
      asked += 1;
      await pool.run({ text: 'select 1', name: undefined }, [], {});
      return [];
    },
  };
  const member = (): Member => ({
    mark: null,
    variant: undefined,
    since: 0,
    tell: () => assert.fail('told'),
    fail: () => {},
  });
  const leave = live.join(source, member(), []);
  while (asked < 2) await sleep(5);
  leave();
  await live.close();
  const before = asked;
  t.after(live.join(source, member(), []));
  await sleep(150);
  assert.equal(asked, before);
  assert.equal(live.cohorts, 0);
});
