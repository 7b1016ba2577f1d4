/** What short URLs may ask for: conditions are shared, counted and bounded while a request is built. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limits } from '../../../test/limits.ts';
import type { WorldTable } from '../../api/api.ts';
import type { FilterRequest } from '../../query/request.ts';
import { parseRequest } from './request.ts';

const table = { table: { name: 'nodes', rest: 'nodes', key: [] }, known: new Map() } as unknown as WorldTable;

function where(query: string): FilterRequest | undefined {
  const { request } = parseRequest({ method: 'GET', table, query }, limits);
  return request.kind === 'read' ? request.node.where : undefined;
}

const depth = 8;
const levels = `${'boss('.repeat(depth)}id${')'.repeat(depth)}`;

/** Each filter at every level: `boss=…`, `boss.boss=…`. */
function everywhere(filters: readonly string[]): string {
  const paths = Array.from({ length: depth }, (_, at) =>
    Array(at + 1)
      .fill('boss')
      .join('.'),
  );
  return `select=id,${levels}&${paths.flatMap((path) => filters.map((filter) => `${path}=${filter}`)).join('&')}`;
}

function sizeOf(filter: FilterRequest | undefined): number {
  return JSON.stringify(filter ?? null).split('"kind":"related"').length - 1;
}

test('asks once for the presence of an embed, however often a filter repeats it', () => {
  const once = where(everywhere(['not.is.null']));
  assert.equal(sizeOf(once), depth);
  assert.deepEqual(where(everywhere(Array(50).fill('not.is.null'))), once);
  assert.deepEqual(where(everywhere(['not.is.null', 'is.not_null', 'not.is.null'])), once);
  assert.deepEqual(
    where('select=id,boss(id)&or=(boss.is.null,boss.is.null,not.and(boss.is.null,boss.is.null))'),
    {
      kind: 'or',
      of: [
        { kind: 'not', of: { kind: 'related', relationship: 'boss', where: { kind: 'and', of: [] } } },
        {
          kind: 'not',
          of: { kind: 'not', of: { kind: 'related', relationship: 'boss', where: { kind: 'and', of: [] } } },
        },
      ],
    },
  );
});

const tooMany = {
  code: 'PGRST100',
  status: 400,
  message: 'The request has more than 1000 conditions.',
  details:
    'A relationship in a filter, in an order or as an inner embed counts as 10, and with the filters of what is embedded.',
  hint: 'Send fewer filters, or a list of values in one: id=in.(1,2,3).',
};

test('refuses filters that multiply from level to level, before they do', () => {
  const path = (at: number) => 'boss.'.repeat(at);
  const both = Array.from(
    { length: depth },
    (_, at) => `${path(at)}or=(boss.is.null,and(boss.not.is.null,id.gt.1),and(boss.is.null,id.lt.1))`,
  ).join('&');
  const started = performance.now();
  assert.throws(() => where(`select=id,${levels}&${both}`), tooMany);
  assert.throws(() => where(everywhere(['not.is.null', 'is.null'])), tooMany);
  assert.ok(performance.now() - started < 2_000);
});

test('counts flat conditions, those of inner embeds as often as they are repeated, and those of writes', () => {
  const list = (count: number) => `or=(${Array(count).fill('id.is.null').join(',')})`;
  assert.ok(where(list(1000)));
  assert.throws(() => where(list(1001)), tooMany);
  const inner = (count: number) => `select=id,boss!inner(id)&boss.${list(count)}`;
  assert.equal(where(inner(495)), undefined);
  assert.throws(() => where(inner(496)), tooMany);
  for (const method of ['PATCH', 'DELETE'] as const)
    assert.throws(
      () => parseRequest({ method, table, query: list(1001), body: Buffer.from('{}') }, limits),
      tooMany,
    );
});

test('counts relationships in an order, and orders by each term once', () => {
  const order = (count: number) =>
    `select=id,${Array.from({ length: 51 }, (_, at) => `e${at}:boss(id)`).join(',')}&order=${Array.from({ length: count }, (_, at) => `e${at % 51}(c${at})`).join(',')}`;
  assert.equal(where(order(100)), undefined);
  assert.throws(() => where(order(101)), tooMany);
  const query = 'select=id,boss(id)&order=boss(id),id.desc,boss(id).desc,id,id';
  const { request } = parseRequest({ method: 'GET', table, query }, limits);
  assert.deepEqual(request.kind === 'read' && request.node.order, [
    { through: ['boss'], column: 'id', direction: 'asc', nulls: undefined },
    { through: [], column: 'id', direction: 'desc', nulls: undefined },
  ]);
});
