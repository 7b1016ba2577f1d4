import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../problem/problem.ts';
import { Attempts } from './attempts.ts';

const wrong = async () => {
  throw new Problem('PGRST301', { message: 'Wrong.' });
};
const right = async () => 'right';

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    return String(await work);
  } catch (error) {
    return (error as Problem).code;
  }
}

test('an address is heard again as the minute goes by', async () => {
  let ticks = 0;
  const attempts = new Attempts({ perMinute: 6, ticks: () => ticks });
  const at = (address: string, check: () => Promise<unknown>) => codeOf(attempts.guard(address, true, check));
  for (let count = 0; count < 6; count += 1) assert.equal(await at('192.0.2.1', wrong), 'PGRST301');
  assert.equal(await at('192.0.2.1', wrong), 'NS429');
  assert.equal(await at('192.0.2.1', right), 'NS429');
  assert.equal(await at('192.0.2.2', right), 'right');
  ticks += 10_000;
  assert.equal(await at('192.0.2.1', right), 'right');
  assert.equal(await at('192.0.2.1', wrong), 'PGRST301');
  assert.equal(await at('192.0.2.1', wrong), 'NS429');
  ticks += 60_000;
  for (let count = 0; count < 6; count += 1) assert.equal(await at('192.0.2.1', wrong), 'PGRST301');
  assert.equal(await at('192.0.2.1', wrong), 'NS429');
});

test('only what was shown and is wrong counts', async () => {
  const attempts = new Attempts({ perMinute: 2 });
  const refused = async () => {
    throw new Problem('NS304', { message: 'Genuine, and not trusted.' });
  };
  for (let count = 0; count < 5; count += 1) {
    assert.equal(await codeOf(attempts.guard('192.0.2.1', true, right)), 'right');
    assert.equal(await codeOf(attempts.guard('192.0.2.1', true, refused)), 'NS304');
    assert.equal(await codeOf(attempts.guard('192.0.2.1', false, wrong)), 'PGRST301');
  }
  assert.equal(await codeOf(attempts.guard('192.0.2.1', true, right)), 'right');
});

test('addresses are told apart by what one caller has: all of a /64', async () => {
  const same: readonly [string, string][] = [
    ['2001:db8:0:1::1', '2001:db8:0:1:ffff:ffff:ffff:ffff'],
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8::1', '2001:DB8:0:0:0:0:0:9'],
    ['fe80::1%eth0', 'fe80::2'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::1', '::2'],
  ]; // biome-ignore format: a table
  const apart: readonly [string, string][] = [
    ['2001:db8:0:1::1', '2001:db8:0:2::1'],
    ['2001:db8::1', '2001:db8:1::1'],
    ['192.0.2.1', '192.0.2.2'],
    ['::ffff:192.0.2.1', '::ffff:192.0.2.2'],
  ]; // biome-ignore format: a table
  for (const [pairs, expected] of [
    [same, 'NS429'],
    [apart, 'right'],
  ] as const)
    for (const [one, other] of pairs) {
      const attempts = new Attempts({ perMinute: 1 });
      await codeOf(attempts.guard(one, true, wrong));
      assert.deepEqual(
        [one, other, await codeOf(attempts.guard(other, true, right))],
        [one, other, expected],
      );
    }
});

test('addresses are not remembered without a bound', async () => {
  const attempts = new Attempts({ perMinute: 1, ticks: () => 0 });
  await codeOf(attempts.guard('first', true, wrong));
  assert.equal(await codeOf(attempts.guard('first', true, right)), 'NS429');
  for (let count = 0; count < 10_000; count += 1) await codeOf(attempts.guard(`10.${count}`, true, wrong));
  assert.equal(await codeOf(attempts.guard('first', true, right)), 'right');
  assert.equal(await codeOf(attempts.guard('10.9999', true, right)), 'NS429');
});
