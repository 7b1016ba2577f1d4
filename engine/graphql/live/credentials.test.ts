import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../problem/problem.ts';
import { credentialsOf } from './credentials.ts';

const upgrade = { authorization: 'Bearer upgrade', 'x-hasura-role': 'staff', host: 'x' };

test('a name is taken from the payload, inside headers or at its top, and else from the upgrade', () => {
  const taken: readonly [payload: Record<string, unknown> | undefined, authorization: string][] = [
    [undefined, 'Bearer upgrade'],
    [{}, 'Bearer upgrade'],
    [{ headers: {} }, 'Bearer upgrade'],
    [{ headers: { apikey: 'nspk_shop' } }, 'Bearer upgrade'],
    [{ Authorization: null }, 'Bearer upgrade'],
    [{ Authorization: 'Bearer a' }, 'Bearer a'],
    [{ headers: { AUTHORIZATION: 'Bearer a' } }, 'Bearer a'],
    [{ headers: {}, authorization: 'Bearer a' }, 'Bearer a'],
    [{ headers: null, authorization: 'Bearer a' }, 'Bearer a'],
    [{ headers: { authorization: 'Bearer a' }, Authorization: 'Bearer a' }, 'Bearer a'],
    [{ authorization: '' }, ''],
  ];
  for (const [payload, authorization] of taken)
    assert.equal(credentialsOf(payload, upgrade).authorization, authorization, JSON.stringify(payload));
  assert.deepEqual(
    credentialsOf({ headers: { apikey: 'k' }, 'X-Hasura-Role': 'customer', other: 7 }, upgrade),
    {
      authorization: 'Bearer upgrade',
      apikey: 'k',
      'x-hasura-role': 'customer',
    },
  );
});

test('what cannot be read as a credential is refused, never overlooked', () => {
  const refused: readonly Record<string, unknown>[] = [
    { headers: [['Authorization', 'Bearer a']] },
    { headers: 'Authorization: Bearer a' },
    { headers: 7 },
    { Authorization: ['Bearer a'] },
    { headers: { Authorization: { token: 'a' } } },
    { headers: { Authorization: 'Bearer a' }, authorization: 'Bearer b' },
    { Authorization: 'Bearer a', authorization: 'Bearer b' },
  ];
  for (const payload of refused)
    assert.throws(
      () => credentialsOf(payload, {}),
      (error) => error instanceof Problem && error.code === 'NS400',
      JSON.stringify(payload),
    );
});
