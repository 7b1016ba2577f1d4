/** Cursors: what one is bound to, that nothing in it can be altered, and the condition that it stands for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { limits } from '../../../test/limits.ts';
import type { WorldTable } from '../../api/api.ts';
import type { FilterRequest, OrderRequest } from '../../query/request.ts';
import type { ParsedRead } from './draft.ts';
import { behind, freshSecret, isCursor, type KeyValues, readCursor, writeCursor } from './keyset.ts';
import { parseRequest } from './request.ts';

const secret = Buffer.alloc(32, 7);
const of = (current: Buffer, ...previous: readonly Buffer[]) => ({ current, previous });
const refused = {
  code: 'NS402',
  status: 400,
  message: 'The cursor is not valid for this request.',
  hint: 'Follow the Link of the page before as it is: a cursor is bound to its table, filters, order and role.',
};

test('reads back the values that a cursor was written of, whatever texts they are', () => {
  const key = fc.array(fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(null)), { maxLength: 5 });
  fc.assert(
    fc.property(key, fc.string(), (values, binding) => {
      const cursor = writeCursor(values, binding, secret);
      assert.match(cursor, /^k1~[A-Za-z0-9_-]+~[A-Za-z0-9_-]{43}$/);
      assert.ok(isCursor(cursor));
      assert.deepEqual(readCursor(cursor, binding, of(secret)), values);
    }),
  );
});

test('refuses a cursor with any character altered, left out or added', () => {
  const cursor = writeCursor(['a"b', null, '😀'], 'binding', secret);
  for (let at = 0; at < cursor.length; at += 1) {
    for (const other of ['A', 'b', '0', '_', '-', '~', '=', '+', '/', '.', ' ', 'é', '\0', '']) {
      if (other === cursor[at]) continue;
      const altered = cursor.slice(0, at) + other + cursor.slice(at + 1);
      assert.throws(() => readCursor(altered, 'binding', of(secret)), refused, altered);
    }
    const added = `${cursor.slice(0, at)}A${cursor.slice(at)}`;
    assert.throws(() => readCursor(added, 'binding', of(secret)), refused, added);
  }
  const [, text = '', given = ''] = cursor.split('~');
  for (const other of [
    '',
    'k1~~',
    `k1~${text}`,
    `k1~${text}~`,
    `k1~${text}~${given}~`,
    `k2~${text}~${given}`,
    `${cursor}A`,
    `${cursor}=`,
    `k1~${given}~${text}`,
    `k1~${text}~${given.toUpperCase()}`,
    `k1~${Buffer.from('["b"]').toString('base64url')}~${given}`,
    `k1~${'A'.repeat(10_000)}~${given}`,
  ])
    assert.throws(() => readCursor(other, 'binding', of(secret)), refused, other);
});

test('refuses a cursor under another binding or another secret', () => {
  const cursor = writeCursor(['1'], 'binding', secret);
  assert.throws(() => readCursor(cursor, 'bindin', of(secret)), refused);
  assert.throws(() => readCursor(cursor, 'binding ', of(secret)), refused);
  assert.throws(() => readCursor(cursor, 'binding', of(Buffer.alloc(32, 8))), refused);
  assert.throws(() => readCursor(cursor, 'binding', of(freshSecret())), refused);
  assert.notDeepEqual(freshSecret(), freshSecret());
});

test('reads cursors of secrets that were in force before', () => {
  const [older, old] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  for (const before of [older, old, secret])
    assert.deepEqual(readCursor(writeCursor(['1'], 'binding', before), 'binding', of(secret, old, older)), [
      '1',
    ]);
  const foreign = writeCursor(['1'], 'binding', Buffer.alloc(32, 3));
  assert.throws(() => readCursor(foreign, 'binding', of(secret, old, older)), refused);
});

const int4 = { name: 'int4', family: 'integer', scalar: 'int4' };
const columns = new Map(
  [
    { name: 'id', nullable: false, type: int4 },
    { name: 'price', nullable: true, type: int4 },
    { name: 'title', nullable: false, type: int4 },
  ].map((column) => [column.name, column]),
);
const table = {
  table: { name: 'books', rest: 'books', key: [columns.get('id')] },
  columns,
  known: columns,
} as unknown as WorldTable;

const by = (column: string, direction: 'asc' | 'desc' = 'asc', nulls?: 'first' | 'last'): OrderRequest => ({
  through: [],
  column,
  direction,
  nulls,
});
const compare = (column: string, operator: string, value?: number): FilterRequest =>
  ({ kind: 'compare', column, operator, value }) as FilterRequest;
const or = (...of: FilterRequest[]): FilterRequest => ({ kind: 'or', of });
const and = (...of: FilterRequest[]): FilterRequest => ({ kind: 'and', of });

const conditions: readonly (readonly [string, KeyValues, readonly OrderRequest[], FilterRequest])[] = [
  ['a key that ascends', ['5'], [by('id')], compare('id', 'gt', 0)],
  ['a key that descends', ['5'], [by('id', 'desc')], compare('id', 'lt', 0)],
  [
    'two columns without nulls: the first once more for its index',
    ['A', '5'],
    [by('title'), by('id', 'desc')],
    and(
      compare('title', 'gte', 0),
      or(compare('title', 'gt', 0), and(compare('title', 'eq', 0), compare('id', 'lt', 1))),
    ),
  ],
  [
    'nulls last',
    ['7', '5'],
    [by('price'), by('id')],
    or(
      or(compare('price', 'gt', 0), compare('price', 'isNull')),
      and(compare('price', 'eq', 0), compare('id', 'gt', 1)),
    ),
  ],
  [
    'nulls first',
    ['7', '5'],
    [by('price', 'desc'), by('id')],
    and(
      compare('price', 'lte', 0),
      or(compare('price', 'lt', 0), and(compare('price', 'eq', 0), compare('id', 'gt', 1))),
    ),
  ],
  [
    'within the nulls that come last',
    [null, '5'],
    [by('price', 'desc', 'last'), by('id')],
    and(compare('price', 'isNull'), compare('id', 'gt', 0)),
  ],
  [
    'within the nulls that come first',
    [null, '5'],
    [by('price', 'asc', 'first'), by('id')],
    or(compare('price', 'isNotNull'), and(compare('price', 'isNull'), compare('id', 'gt', 0))),
  ],
];

for (const [name, key, order, condition] of conditions)
  test(`stands for the rows behind ${name}`, () => {
    const values: unknown[] = [];
    assert.deepEqual(behind(key, order, table, values), condition);
    assert.deepEqual(
      values,
      key.filter((value) => value !== null),
    );
  });

test('refuses values that are not those of the order', () => {
  assert.throws(() => behind(['1', '2'], [by('id')], table, []), refused);
  assert.throws(() => behind(['1'], [by('nope')], table, []), refused);
});

function read(query: string, rest: { role?: string; accept?: string; secret?: Buffer } = {}): ParsedRead {
  const cursors = { role: rest.role ?? 'staff', secrets: of(rest.secret ?? secret) };
  const call = { method: 'GET', table, query, cursors, accept: rest.accept } as const;
  return parseRequest(call, limits) as ParsedRead;
}

test('gives the query of the next page, and takes it back', () => {
  const first = read('select=id&order=title.desc,id&price=gt.1&limit=2&offset=4');
  assert.equal(first.request.lastKey, true);
  const query = first.next!(['Ä"&', '5']);
  assert.match(query, /^select=id&order=title\.desc%2Cid&price=gt\.1&limit=2&after=k1~[\w-]+~[\w-]{43}$/);
  const second = read(query);
  assert.equal(second.offset, undefined);
  assert.deepEqual(second.request, {
    ...first.request,
    node: {
      fields: [{ kind: 'column', column: 'id', as: 'id' }],
      order: [by('title', 'desc'), by('id')],
      limit: 2,
      where: and(
        compare('price', 'gt', 0),
        and(
          compare('title', 'lte', 1),
          or(compare('title', 'lt', 1), and(compare('title', 'eq', 1), compare('id', 'gt', 2))),
        ),
      ),
    },
    values: ['1', 'Ä"&', '5'],
  });
  assert.match(second.next!(['B', '6']), /&limit=2&after=k1~[\w-]+~[\w-]{43}$/);
});

test('refuses a cursor for another role, secret, table, filter, selection or order; another page is free', () => {
  const query = read('select=id&order=id&price=gt.1&limit=2').next!(['5']);
  assert.ok(read(query.replace('limit=2', 'limit=50')));
  assert.ok(read(query.replace('&limit=2', '')));
  assert.throws(() => read(query, { role: 'visitor' }), refused);
  assert.throws(() => read(query, { secret: Buffer.alloc(32, 9) }), refused);
  for (const other of [
    query.replace('price=gt.1', 'price=gt.2'),
    query.replace('price=gt.1', 'price=gte.1'),
    query.replace('&price=gt.1', ''),
    `${query}&title=eq.x`,
    query.replace('select=id', 'select=id,title'),
    query.replace('order=id', 'order=id.desc'),
    query.replace('order=id', 'order=title,id'),
  ])
    assert.throws(() => read(other), refused, other);
  const elsewhere = { ...table, table: { ...table.table, name: 'others' } } as WorldTable;
  assert.throws(
    () =>
      parseRequest(
        { method: 'GET', table: elsewhere, query, cursors: { role: 'staff', secrets: of(secret) } },
        limits,
      ),
    refused,
  );
});

test('refuses a cursor without an order or with an offset', () => {
  const message = 'A cursor needs a list in the order that it is of, and no offset.';
  const query = read('order=id&limit=2').next!(['5']);
  assert.throws(() => read(query.replace('order=id&', '')), { code: 'NS402', message });
  assert.throws(() => read(`${query}&offset=2`), { code: 'NS402', message });
  assert.throws(() => parseRequest({ method: 'GET', table, query }, limits), { code: 'NS402', message });
});

test('gives the rest of the rows in other forms too, which have no next page', () => {
  const query = read('order=id&limit=2').next!(['5']);
  for (const accept of ['text/csv', 'application/x-ndjson', 'application/vnd.pgrst.object+json']) {
    const { next, request } = read(query, { accept });
    assert.deepEqual(
      [next, request.lastKey, request.node.where],
      [undefined, undefined, compare('id', 'gt', 0)],
    );
  }
});

test('takes after for a filter where its value is no cursor', () => {
  const { request } = read('after=gt.5&order=id');
  assert.deepEqual([request.node.where, request.values], [compare('after', 'gt', 0), ['5']]);
});
