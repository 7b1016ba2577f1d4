/** Patterns of SIMILAR TO as regular expressions. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { similarToRegex } from './similar.ts';

const cases: readonly (readonly [pattern: string, text: string, matches: boolean])[] = [
  ['a%', 'abc', true],
  ['a%', 'ba', false],
  ['%b%', 'abc', true],
  ['a_c', 'abc', true],
  ['a_c', 'ac', false],
  ['(a|b)+', 'abba', true],
  ['a.c', 'abc', false],
  ['a.c', 'a.c', true],
  ['^a$', '^a$', true],
  ['a\\%', 'a%', true],
  ['a\\%', 'ab', false],
  ['a\\d', 'ad', true],
  ['[a-c]{2}', 'ab', true],
  ['[^a-c]', 'd', true],
  ['[]a]', ']', true],
  ['[%_.]', '%', true],
  ['[%_.]', 'x', false],
  ['a%c', 'a\nc', true],
  ['a', 'a\n', false],
  ['', '', true],
  ['', 'a', false],
];

for (const [pattern, text, matches] of cases)
  test(`${JSON.stringify(pattern)} ${matches ? 'is' : 'is not'} like ${JSON.stringify(text)}`, () => {
    const regex = similarToRegex(pattern)!.replace(/\\z$/, '$');
    assert.equal(new RegExp(regex, 's').test(text), matches);
  });

test('a pattern that ends in its escape is none', () => assert.equal(similarToRegex('a\\'), undefined));
