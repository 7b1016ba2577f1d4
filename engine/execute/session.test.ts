/** What a transaction tells the database of its caller. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { token } from '../../test/project.ts';
import { claimsOf } from './session.ts';

test('the role is the one that was chosen, whatever claim of that name the token has', () => {
  const settings = claimsOf({ principal: token('reader', { sub: '7', role: 'owner' }) });
  assert.deepEqual([...settings], [
    ['request.jwt.claims', '{"sub":"7","role":"reader"}'],
    ['request.jwt.claim.sub', '7'],
    ['request.jwt.claim.role', 'reader'],
  ]);
}); // biome-ignore format: a list
