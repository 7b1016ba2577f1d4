import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Literal } from '../../schema/predicate.ts';
import { parseJson } from '../query/json.ts';
import { differences, type Mode } from './compare.ts';

/** Expected in YAML, received as JSON text, and where they differ. */
const cases: readonly (readonly [Mode, Literal, string, readonly string[]])[] = [
  ['exact', { a: 1, b: 2 }, '{"b":2,"a":1}', []],
  ['exact', { a: 1 }, '{"a":1,"b":2}', ['b: expected nothing, received 2']],
  ['exact', { a: 1, b: null }, '{"a":1}', ['b: expected null, received nothing']],
  ['exact', [1, 2], '[2,1]', ['[0]: expected 1, received 2', '[1]: expected 2, received 1']],
  ['exact', [1], '[1,2]', ['[1]: expected nothing, received 2']],
  ['exact', [1, 2], '[1]', ['[1]: expected 2, received nothing']],
  ['exact', [], '{}', [': expected [], received {}']],
  ['exact', null, 'null', []],
  ['exact', 1, '"1"', [': expected 1, received "1"']],
  ['exact', '1', '1', [': expected "1", received 1']],
  ['exact', false, '0', [': expected false, received 0']],
  // Integers beyond a double, on either side; the same number in another form.
  ['exact', 9007199254740993n, '9007199254740993', []],
  [
    'exact',
    9007199254740993n,
    '9007199254740992',
    [': expected 9007199254740993, received 9007199254740992'],
  ],
  ['exact', 9007199254740992, '9007199254740993', [': expected 9007199254740992, received 9007199254740993']],
  ['exact', 12, '12.00', []],
  ['exact', 12, '1.2e1', []],
  ['exact', 12, '12.000000000000000001', [': expected 12, received 12.000000000000000001']],
  ['exact', 0, '-0.0', []],
  ['exact', -3, '3', [': expected -3, received 3']],
  ['exact', 3.5, '3.50', []],
  ['exact', 0.1, '0.10000000000000000001', []],
  ['exact', 3.5, '3.51', [': expected 3.5, received 3.51']],
  // What is contained.
  ['contains', { a: { b: 1 } }, '{"a":{"b":1,"c":2},"d":3}', []],
  ['contains', { a: 1 }, '{"b":1}', ['a: expected 1, received nothing']],
  ['contains', [{ a: 1 }], '[{"a":0},{"a":1,"b":2}]', []],
  ['contains', [1, 3], '[1,2,3]', []],
  ['contains', [3, 1], '[1,2,3]', ['[3…]: expected 1, received nothing']],
  ['contains', [4], '[1,2]', ['[0…]: expected 4, received 1, 2']],
  ['contains', [{ a: 2 }], '[{"a":1,"b":2}]', ['[0].a: expected 2, received 1']],
  ['contains', [1, 1], '[1]', ['[1…]: expected 1, received nothing']],
  ['contains', [], '[1]', []],
  // Names that are no words, and such as an object has by itself.
  ['exact', { 'odd name': { x: 1 } }, '{"odd name":{"x":2}}', ['["odd name"].x: expected 1, received 2']],
  ['exact', { toString: 1 }, '{}', ['toString: expected 1, received nothing']],
  ['exact', {}, '{"__proto__":1}', ['__proto__: expected nothing, received 1']],
  ['contains', { ü: 1 }, '{"ü":2}', ['ü: expected 1, received 2']],
];

for (const [mode, expected, text, found] of cases) {
  const name = JSON.stringify(expected, (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
  test(`${mode} ${name} of ${text}`, () => {
    assert.deepEqual(
      differences(expected, parseJson(text), mode).map(
        ({ path, expected, received }) =>
          `${path}: expected ${expected ?? 'nothing'}, received ${received ?? 'nothing'}`,
      ),
      found,
    );
  });
}
