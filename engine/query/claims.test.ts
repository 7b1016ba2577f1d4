/** Claims that a permission asks for, of types whose text the database would read in its own way, or fail at. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onEveryEngine } from '../../test/engines.ts';
import { createProject, token } from '../../test/project.ts';
import type { Principal } from '../auth/principal.ts';
import { Problem } from '../problem/problem.ts';

const yaml = `
auth: { anonymous: visitor }
roles:
  visitor: {}
  member: {}
  planner: {}
tables:
  days:
    permissions:
      member: { select: { columns: [id], where: { day: $jwt.day } } }
      planner: { select: { columns: [id], where: { day: { _in: $jwt.days } } } }
`;
const sql = `
  CREATE TABLE days (id int PRIMARY KEY, day date);
  INSERT INTO days VALUES (1, '2024-02-29'), (2, '2024-03-01');
`;

onEveryEngine((engine) => {
  test('a claim is a day only in the form of one, and of a day that there is', async (t) => {
    const { executor } = await createProject(t, { engine, sql, yaml });
    const read = (role: string, claims: Principal['claims']) =>
      executor
        .read(
          {
            kind: 'read',
            table: 'days',
            values: [],
            node: { fields: [{ kind: 'column', column: 'id', as: 'id' }], order: [] },
            shape: 'list',
            count: false,
          },
          { principal: token(role, claims) },
        )
        .then(
          ({ body }) => JSON.parse(body) as unknown,
          (error: unknown) => {
            if (error instanceof Problem) return [error.code, error.status];
            throw error;
          },
        );
    const refused = ['NS302', 403];
    for (const day of [
      1.5,
      20240229,
      true,
      'now',
      'tomorrow',
      '29.02.2024',
      '2024-13-45',
      '2024-02-30',
      ['2024-02-29'],
    ]) {
      assert.deepEqual(await read('member', { day }), refused, JSON.stringify(day));
      assert.deepEqual(await read('planner', { days: ['2024-03-01', day] }), refused, JSON.stringify(day));
    }
    assert.deepEqual(await read('member', { day: '2024-02-29' }), [{ id: 1 }]);
    assert.deepEqual(await read('planner', { days: ['2024-02-29', null] }), [{ id: 1 }]);
  });
});
