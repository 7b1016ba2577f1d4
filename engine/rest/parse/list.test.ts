/** Lists as one-dimensional array literals have them, or none. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseArray } from './list.ts';

const lists: readonly (readonly [string, readonly (string | null)[] | undefined])[] = [
  ['{}', []],
  [' { } ', []],
  ['{a}', ['a']],
  ['{a,b c, d }', ['a', 'b c', 'd']],
  ['{"a,b","{c}","d\\"e","f\\\\g",""}', ['a,b', '{c}', 'd"e', 'f\\g', '']],
  ['{NULL,null,"NULL",nulls}', [null, null, 'NULL', 'nulls']],
  ['{" a ", b\\,c }', [' a ', 'b,c']],
  ['{größe,😀,__proto__}', ['größe', '😀', '__proto__']],
  ['{"line\nfeed"}', ['line\nfeed']],
  ['', undefined],
  ['a,b', undefined],
  ['{a', undefined],
  ['a}', undefined],
  ['{a,}', undefined],
  ['{,a}', undefined],
  ['{a,,b}', undefined],
  ['{a}b', undefined],
  ['{{a},{b}}', undefined],
  ['{"a}', undefined],
  ['{"a"b}', undefined],
  ['{a"b"}', undefined],
];

for (const [text, list] of lists)
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(parseArray(text), list));

test('reads back any texts that were put in quotes, and null', () => {
  const element = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant(null));
  fc.assert(
    fc.property(fc.array(element), (list) => {
      const items = list.map((one) => (one === null ? 'NULL' : `"${one.replace(/["\\]/g, '\\$&')}"`));
      assert.deepEqual(parseArray(`{${items.join(',')}}`), list);
    }),
  );
});

test('reads a long list, and refuses a long one that never closes, in one pass', () => {
  const started = performance.now();
  assert.equal(parseArray(`{${Array(100_000).fill('"a b"').join(',')}}`)?.length, 100_000);
  assert.equal(parseArray(`{${'"a",'.repeat(100_000)}`), undefined);
  assert.equal(parseArray(`{${'\\'.repeat(100_001)}}`), undefined);
  assert.ok(performance.now() - started < 2_000);
});
