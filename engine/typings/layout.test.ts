import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  array,
  field,
  generic,
  layout,
  type Node,
  object,
  open,
  openType,
  optional,
  tuple,
  union,
} from './layout.ts';

const long = 'a_name_that_takes_half_of_the_line_alone';
const words = union([`"${long}"`, `"${long}s"`]);

const cases: readonly (readonly [string, Node, string])[] = [
  [
    'an object that fits',
    object([field('id', 'number'), optional('of', 'string')]),
    '{ id: number; of?: string }',
  ],
  ['an open object', open([field('id', 'number')]), '{\n  id: number\n}'],
  ['an open type without fields', openType([]), '{\n  [_ in never]: never\n}'],
  [
    'names that are no identifiers',
    open([field('a"b', '1'), field('class', '2'), field('1', '3')]),
    '{\n  "a\\"b": 1\n  class: 2\n  "1": 3\n}',
  ],
  ['a union of one', union(['"a"']), '"a"'],
  ['a tuple that fits', tuple(['"a"', '"b"']), '["a", "b"]'],
  ['an empty tuple', tuple([]), '[]'],
  ['an array of a union', array(union(['"a"', '"b"'])), '("a" | "b")[]'],
  ['an array of rows', array(open([field('id', 'number')])), '{\n  id: number\n}[]'],
  [
    'an object that does not fit',
    object([field(long, 'string'), field('b', `"${long}"`)]),
    `{\n  ${long}: string\n  b: "${long}"\n}`,
  ],
  ['a union that does not fit', open([field('of', words)]), `{\n  of:\n    | "${long}"\n    | "${long}s"\n}`],
  [
    'a union with an object that does not fit',
    open([
      field('f', union([object([field('Args', 'x')]), object([field('Returns', open([field('id', 'y')]))])])),
    ]),
    '{\n  f:\n    | { Args: x }\n    | {\n        Returns: {\n          id: y\n        }\n      }\n}',
  ],
  ['a tuple that does not fit', tuple([`"${long}"`, `"${long}s"`]), `[\n  "${long}",\n  "${long}s",\n]`],
  [
    'a generic that does not fit',
    generic('Omit', [`"${long}"`, `"${long}s"`]),
    `Omit<\n  "${long}",\n  "${long}s"\n>`,
  ],
  [
    'a text that does not fit',
    open([field('of', `${long}${long}${long}`)]),
    `{\n  of: ${long}${long}${long}\n}`,
  ],
];

for (const [what, node, text] of cases) {
  test(`breaks ${what}`, () => {
    assert.equal(layout(node), text);
  });
}

test('breaks at 80 characters', () => {
  const key = 'k'.repeat(40);
  const of = (length: number) => layout(open([field(key, union(['"a"', `"${'b'.repeat(length)}"`]))]));
  assert.equal(of(28), `{\n  ${key}: "a" | "${'b'.repeat(28)}"\n}`);
  assert.equal(of(28).split('\n')[1]!.length, 80);
  assert.equal(of(29), `{\n  ${key}:\n    | "a"\n    | "${'b'.repeat(29)}"\n}`);
});
