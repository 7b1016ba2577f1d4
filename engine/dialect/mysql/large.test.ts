/** Requests and answers of great size on MySQL and MariaDB. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createProject, token } from '../../../test/project.ts';
import type { Executor } from '../../execute/executor.ts';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest, FilterRequest, NodeRequest } from '../../query/request.ts';

const principal = token('all');
const id: FieldRequest = { kind: 'column', column: 'id', as: 'id' };
const compare = (column: string, operator: string, value: number) =>
  ({ kind: 'compare', column, operator, value }) as FilterRequest;

async function read(
  executor: Executor,
  table: string,
  node: Partial<NodeRequest>,
  values: readonly unknown[] = [],
) {
  const order = [{ through: [], column: 'id', direction: 'asc' }] as const;
  const { body } = await executor.read(
    { kind: 'read', table, values, node: { fields: [id], order, ...node }, shape: 'list', count: false },
    { principal },
  );
  return JSON.parse(body) as Record<string, unknown>[];
}

for (const engine of ['mariadb', 'mysql'] as const) {
  test(`on ${engine} large requests are ordinary ones`, async (t) => {
    const { executor } = await createProject(t, {
      engine,
      sql: `CREATE TABLE items (id int PRIMARY KEY, name varchar(500), note text);
            INSERT INTO items VALUES (1, 'a', 'n'), (2, 'b', 'n'), (3, 'c', NULL);`,
      yaml: `
roles: { all: {} }
tables: { items: { permissions: { all: { select: { columns: "*", aggregate: true } } } } }
`,
    });
    await t.test('of many columns', async () => {
      for (const column of ['id', 'name', 'note']) {
        const fields = Array.from(
          { length: 1500 },
          (_, index): FieldRequest => ({ kind: 'column', column, as: `a${index}` }),
        );
        assert.equal((await read(executor, 'items', { fields })).length, 3, column);
      }
    });
    await t.test('of many aggregates', async () => {
      const items = Array.from(
        { length: 500 },
        (_, index) => ({ kind: 'count', as: `c${index}`, columns: [], distinct: false }) as const,
      );
      const counted = await executor.read(
        {
          kind: 'readAggregate',
          table: 'items',
          values: [],
          node: { parts: [{ kind: 'summary', as: 'aggregate', items }] },
        },
        { principal },
      );
      assert.deepEqual(
        Object.values((JSON.parse(counted.body) as { aggregate: object }).aggregate),
        Array(500).fill(3),
      );
    });
    await t.test('of many conditions', async () => {
      const of = Array.from({ length: 1000 }, (_, index) => compare('id', 'neq', index));
      const values = of.map((_, index) => String(index + 2));
      assert.equal((await read(executor, 'items', { where: { kind: 'or', of } }, values)).length, 3);
      assert.equal((await read(executor, 'items', { where: { kind: 'and', of } }, values)).length, 1);
    });
    await t.test('of a long list', async () => {
      const list = Array.from({ length: 50_000 }, (_, index) => String(index + 2));
      assert.equal((await read(executor, 'items', { where: compare('id', 'in', 0) }, [list])).length, 2);
    });
  });

  test(`on ${engine} an answer past the limit is refused, and the pool lives on`, async (t) => {
    const { executor } = await createProject(t, {
      engine,
      sql: `CREATE TABLE people (id int PRIMARY KEY, name varchar(3000), boss_id int, FOREIGN KEY (boss_id) REFERENCES people (id));
            INSERT INTO people WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 170)
              SELECT n, repeat('x', 3000), 1 FROM numbers;`,
      yaml: `
roles: { all: {} }
tables: { people: { permissions: { all: { select: true } } } }
`,
    });
    const embed = (relationship: string, fields: FieldRequest[]): FieldRequest => ({
      kind: 'embed',
      as: relationship,
      relationship,
      join: 'left',
      node: { fields },
    });
    const fields = [id, embed('boss', [id, embed('people', [{ kind: 'all' }])])];
    await assert.rejects(read(executor, 'people', { fields }), (error) => {
      assert.ok(error instanceof Problem);
      return error.code === 'NS430' && error.status === 400;
    });
    assert.equal((await read(executor, 'people', { limit: 3 })).length, 3);
  });
}
