/** Keys of components are legal and unique, whatever tables are called. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Names } from './names.ts';

test('gives each name a legal key of its own', () => {
  const names = new Names(['Problem']);
  const given = ['books', 'a b', 'a_b', 'a_b', '', '😀', '_', 'Problem', 'personal.users', '__proto__'];
  assert.deepEqual(
    given.map((name) => names.claim(name)),
    ['books', 'a_b', 'a_b_2', 'a_b_3', '_', '__2', '__3', 'Problem_2', 'personal.users', '__proto__'],
  );
});
