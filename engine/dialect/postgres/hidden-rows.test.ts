/** What raises on rows that a policy hides, where PostgreSQL would rather ask it first: each kind of it tells of visible rows alone. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createProject, type TestProject, token } from '../../../test/project.ts';
import { Problem } from '../../problem/problem.ts';
import type { FieldRequest, FilterRequest } from '../../query/request.ts';

const id: FieldRequest = { kind: 'column', column: 'id', as: 'id' };
const compare = (column: string, operator: string, rest: object = {}) =>
  ({ kind: 'compare', column, operator, value: 0, ...rest }) as FilterRequest;
const aggregate = (relationship: string, name: string, column: string) =>
  ({
    kind: 'aggregate',
    relationship,
    function: name,
    columns: [column],
    distinct: false,
    compare: [{ operator: 'gt', value: 0 }],
  }) as FilterRequest;

const me = '00000000-0000-0000-0000-000000000001';
const other = '00000000-0000-0000-0000-000000000002';

// PostgreSQL asks conditions in the order of what they cost: here the policy's costs more than any that a caller asks.
const sql = `
alter function pg_catalog.uuid_eq(uuid, uuid) cost 100000;
create table notes (id int primary key, owner uuid, body text, disc circle, doc json);
create view numbers as select id, owner, body::int as n from notes;
create table amounts (id int primary key, note_id int references notes, amount float8);
create view counted as select id, note_id, 1 / (amount - 1e308) as n from amounts;
create function worth(notes) returns int language sql stable as 'select $1.body::int';
insert into notes values (1, '${me}', '7', '<(0,0),1>', '{"a":"x"}'), (2, '${other}', 'secret', '<(0,0),1e200>', '{"a":"\\u0000"}');
insert into amounts values (1, 1, 2), (2, 2, 1e308), (3, 2, 1e308);
analyze;
`;

const all = '{ admin: { select: true }, member: { select: true } }';
const own = `{ admin: { select: true }, member: { select: { columns: "*", where: { owner: "${me}" } } } }`;
const yaml = `
roles: { admin: {}, member: {} }
tables:
  notes: { relationships: { counted: { from: counted.note_id } }, permissions: ${own} }
  numbers: { key: [id], permissions: ${own} }
  amounts: { permissions: ${all} }
  counted: { key: [id], permissions: ${all} }
functions: { worth: { permissions: { admin: { execute: true }, member: { execute: true } } } }
`;

describe('what can raise is asked of visible rows alone', () => {
  const endings: (() => unknown)[] = [];
  let project: TestProject;
  before(async () => {
    project = await createProject({ after: (end) => void endings.unshift(end) }, { sql, yaml });
  });
  after(async () => {
    for (const end of endings) await end();
  });
  const ids = async (role: string, table: string, where: FilterRequest, value: string) => {
    const order = [{ through: [], column: 'id', direction: 'asc' }] as const;
    const node = { fields: [id], order, where };
    const request = { kind: 'read', table, values: [value], node, shape: 'list', count: false } as const;
    const { body } = await project.executor.read(request, { principal: token(role) });
    return (JSON.parse(body) as { id: number }[]).map((row) => row.id);
  };

  for (const [what, table, where, value, code] of [
    ['an operator', 'notes', compare('disc', 'lt'), '<(0,0),5>', '22003'],
    ['a cast', 'notes', compare('body', 'gt', { cast: 'int4' }), '5', '22P02'],
    ['a path', 'notes', compare('doc', 'eq', { path: { steps: ['a'], text: true } }), 'x', '22021'],
    ['a computed field', 'notes', compare('worth', 'gt'), '5', '22P02'],
    ['a column that a view computes', 'numbers', compare('n', 'gt'), '5', '22P02'],
    ['an aggregate', 'notes', aggregate('amounts', 'sum', 'amount'), '0', '22003'],
    ['an aggregate of such a column', 'notes', aggregate('counted', 'max', 'n'), '-5', '22012'],
  ] as const)
    test(what, async () => {
      assert.deepEqual(await ids('member', table, where, value), [1]);
      await assert.rejects(ids('admin', table, where, value), (error) => {
        assert.ok(error instanceof Problem);
        assert.deepEqual([error.code, error.status], [code, 400]);
        return true;
      });
    });
});
