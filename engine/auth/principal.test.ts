import assert from 'node:assert/strict';
import { test } from 'node:test';
import { token } from '../../test/project.ts';
import { readClaim } from './principal.ts';

test('a claim is what the token says, and nothing that its values have by themselves', () => {
  const principal = token('user', { sub: 'me', list: ['a'], deep: { name: 'x' } });
  assert.equal(readClaim(principal, ['deep', 'name']), 'x');
  for (const path of [
    ['constructor'],
    ['toString', 'name'],
    ['list', 'length'],
    ['list', '0'],
    ['sub', 'length'],
    ['deep', '__proto__'],
  ])
    assert.equal(readClaim(principal, path), undefined, path.join('.'));
});
