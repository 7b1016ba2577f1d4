/** Bodies of writes → rows and the columns they give: JSON, CSV and forms, and what a row lacks. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WorldTable } from '../api/api.ts';
import { type BodyOptions, readRow, readRows } from './body.ts';

const table = {
  known: new Map([
    ['id', { type: { family: 'integer' } }],
    ['meta', { type: { family: 'json' } }],
  ]),
} as unknown as WorldTable;
const csv = { type: 'csv', table } as const;
const form = { type: 'form', table } as const;

/** A row whose keys may be `__proto__`. */
const row = (text: string) => JSON.parse(text) as object;

const accepted: readonly (readonly [string, BodyOptions, readonly string[], readonly object[]])[] = [
  ['{"a":1,"b":null}', {}, ['a', 'b'], [{ a: 1, b: null }]],
  ['[{"a":1,"b":2},{"b":4,"a":3}]', {}, ['a', 'b'], [{ a: 1, b: 2 }, { b: 4, a: 3 }]],
  ['[]', {}, [], []],
  ['{"__proto__":1,"constructor":2}', {}, ['__proto__', 'constructor'], [row('{"__proto__":1,"constructor":2}')]],
  ['a,b\n1,x\n2,y\n', csv, ['a', 'b'], [{ a: '1', b: 'x' }, { a: '2', b: 'y' }]],
  ['a,b\r\n1,x', csv, ['a', 'b'], [{ a: '1', b: 'x' }]],
  ['\uFEFFa\n1', csv, ['a'], [{ a: '1' }]],
  ['a\n"multi\nline, ""quoted"""\n', csv, ['a'], [{ a: 'multi\nline, "quoted"' }]],
  ['a,b,c\nNULL,"NULL",\n', csv, ['a', 'b', 'c'], [{ a: null, b: 'NULL', c: '' }]],
  ['id,meta\n1,"{""k"": [1]}"\n', csv, ['id', 'meta'], [{ id: '1', meta: { k: [1] } }]],
  ['id,meta\n1,NULL\n', csv, ['id', 'meta'], [{ id: '1', meta: null }]],
  ['__proto__,größe,😀\n1,2,3\n', csv, ['__proto__', 'größe', '😀'], [row('{"__proto__":"1","größe":"2","😀":"3"}')]],
  ['"a.b","c,d"\n1,2\n', csv, ['a.b', 'c,d'], [{ 'a.b': '1', 'c,d': '2' }]],
  ['a\n', csv, [], []],
  ['a=1&b=x+y%26', form, ['a', 'b'], [{ a: '1', b: 'x y&' }]],
  ['id=1&meta=[1]', form, ['id', 'meta'], [{ id: '1', meta: [1] }]],
  ['__proto__=1', form, ['__proto__'], [row('{"__proto__":"1"}')]],
  ['', form, [], [{}]],
]; // biome-ignore format: one case a line

for (const [text, options, columns, rows] of accepted)
  test(`reads ${options.type ?? 'json'} ${JSON.stringify(text)}`, () =>
    assert.deepEqual(readRows(Buffer.from(text), options), { columns, rows }));

const refused: readonly (readonly [string, BodyOptions, object])[] = [
  ['', csv, { code: 'PGRST102', message: 'The body is empty.' }],
  ['a,b\n1\n', csv, { code: 'PGRST102', message: 'The body is not CSV with one header line and as many fields in every line.', details: 'Row 1 has 1 fields, and the header 2.' }],
  ['a,b\n1,2\n1,2,3\n', csv, { code: 'PGRST102', details: 'Row 2 has 3 fields, and the header 2.' }],
  ['a\n"open\n', csv, { code: 'PGRST102' }],
  ['a\nx"y"z\n', csv, { code: 'PGRST102' }],
  ['meta\n{\n', csv, { code: '22P02' }],
  ['meta={', form, { code: '22P02' }],
  ['a', form, { code: 'PGRST100', message: 'The parameter "a" has no value.' }],
  ['a=%00', form, { code: '22021' }],
  ['[{"a":1},{"b":1}]', {}, { code: 'PGRST102', message: 'All object keys must match' }],
]; // biome-ignore format: one case a line

for (const [text, options, problem] of refused)
  test(`refuses ${options.type ?? 'json'} ${JSON.stringify(text)}`, () =>
    assert.throws(() => readRows(Buffer.from(text), options), { status: 400, ...problem }));

test('refuses a body that is not UTF-8', () => {
  for (const type of ['json', 'csv', 'form'] as const)
    assert.throws(() => readRows(Buffer.from([0x61, 0xff]), { type, table }), {
      code: 'PGRST102',
      message: 'The body is not valid UTF-8.',
    });
});

const sets: readonly (readonly [string, readonly string[], object])[] = [
  ['[{"a":1,"b":2},{"a":3,"b":4}]', ['a', 'b', 'c'], { columns: ['a', 'b'] }],
  ['[{"a":1,"x":9},{"a":3}]', ['a', 'b'], { columns: ['a'] }],
  ['[{"a":1},{"b":2},{"a":3}]', ['b', 'a'], { columns: ['b', 'a'], sets: { columns: [['a'], ['b']], of: [0, 1, 0] } }],
  ['[{"b":1,"a":2},{"a":3,"b":4},{}]', ['a', 'b'], { columns: ['a', 'b'], sets: { columns: [['a', 'b'], []], of: [0, 0, 1] } }],
  ['[{"a":null},{}]', ['a'], { columns: ['a'], sets: { columns: [['a'], []], of: [0, 1] } }],
  ['[{"__proto__":1},{"toString":2}]', ['__proto__', 'toString', 'valueOf'], { columns: ['__proto__', 'toString'], sets: { columns: [['__proto__'], ['toString']], of: [0, 1] } }],
  ['[{},{}]', ['a'], { columns: [] }],
  ['[]', ['a'], { columns: ['a'] }],
]; // biome-ignore format: one case a line

for (const [text, columns, given] of sets)
  test(`leaves what a row lacks of ${columns} to its default: ${text}`, () => {
    const rows: unknown = JSON.parse(text);
    const body = Buffer.from(text);
    assert.deepEqual(readRows(body, { columns, missing: 'default' }), { rows, ...given });
    assert.deepEqual(readRows(body, { columns, missing: 'null' }), { rows, columns });
    assert.deepEqual(readRows(body, { columns }), { rows, columns });
  });

test('refuses more sets of columns than a statement takes well', () => {
  const columns = Array.from({ length: 60 }, (_, at) => `c${at}`);
  const body = (count: number) =>
    Buffer.from(JSON.stringify(columns.slice(0, count).map((name) => ({ [name]: 1 }))));
  assert.equal(readRows(body(50), { columns, missing: 'default' }).sets?.columns.length, 50);
  assert.throws(() => readRows(body(51), { columns, missing: 'default' }), {
    code: 'PGRST102',
    message: 'The rows give more than 50 different sets of keys.',
  });
});

test('reads one row where one is expected', () => {
  assert.deepEqual(readRow(Buffer.from('[{"a":1}]')), { columns: ['a'], rows: [{ a: 1 }] });
  assert.deepEqual(readRow(Buffer.from('a\n1'), csv), { columns: ['a'], rows: [{ a: '1' }] });
  for (const text of ['[]', '[{"a":1},{"a":2}]'])
    assert.throws(() => readRow(Buffer.from(text)), {
      code: 'PGRST102',
      message: `The body holds ${(JSON.parse(text) as unknown[]).length} rows where one is expected.`,
    });
});
