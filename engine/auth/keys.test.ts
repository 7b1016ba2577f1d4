import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { readKeySet } from './key-set.ts';
import { defaultTimes, type KeysNews, KeysUnavailable, RemoteKeys } from './keys.ts';

const jwk = { ...generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }), kid: 'one' };
const set = JSON.stringify({ keys: [jwk] });

/** Keys by a clock that the test turns. */
async function open(t: TestContext, timeoutMs: number) {
  const state = { time: 0, asked: 0, answer: ((_request, response) => response.end(set)) as RequestListener };
  const server = createServer((request, response) => {
    state.asked += 1;
    state.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const news: KeysNews[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const keys = new RemoteKeys(url, {
    times: { timeoutMs },
    ticks: () => state.time,
    onNews: (one) => news.push(one),
  });
  return { keys, state, news };
}

test('nobody waits for an issuer that is known not to answer while its keys are still good', async (t) => {
  // An answer that never comes, and a deadline that is never reached: whoever waits makes this test fail.
  const { keys, state } = await open(t, 600_000);
  const { generation } = await keys.find('EdDSA', 'one');
  state.answer = (_request, response) => response.writeHead(500).end();
  state.time += defaultTimes.staleMs;
  await keys.find('EdDSA', 'one');
  state.answer = () => {};
  state.time += defaultTimes.retryMs;
  assert.equal((await keys.find('EdDSA', 'one')).generation, generation);
  assert.equal(keys.generation(), generation);
  while (state.asked < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  state.time += 10 * defaultTimes.retryMs;
  await keys.find('EdDSA', 'one');
  assert.equal(state.asked, 3);
});

test('the same keys fetched again are the same generation, so that no token has to be verified again', async (t) => {
  const { keys, state, news } = await open(t, 5_000);
  assert.equal(keys.generation(), undefined);
  const { generation } = await keys.find('EdDSA', 'one');
  state.time += defaultTimes.staleMs;
  assert.equal(keys.generation(), undefined);
  assert.equal((await keys.find('EdDSA', 'one')).generation, generation);
  assert.equal(keys.generation(), generation);
  assert.deepEqual([state.asked, news], [2, []]);
});

test('a key that nobody should have published is left out, and told', async (t) => {
  const { keys, state, news } = await open(t, 5_000);
  state.answer = (_request, response) =>
    response.end(JSON.stringify({ keys: [jwk, { kty: 'oct', k: 'AAAA' }] }));
  await keys.find('EdDSA', 'one');
  assert.deepEqual(
    news.map(({ usable, message }) => [usable, message]),
    [[true, "1 of the issuer's keys are not used: they are private, symmetric or weak."]],
  );
});

test('keys that were never had are unavailable, for the rest of the pause', async (t) => {
  const { keys, state } = await open(t, 5_000);
  state.answer = (_request, response) => response.writeHead(500).end();
  const seconds = async () => {
    const outcome = await keys.find('EdDSA', 'one').catch((error: unknown) => error);
    assert.ok(outcome instanceof KeysUnavailable);
    return outcome.retryAfterSeconds;
  };
  assert.equal(await seconds(), 5);
  state.time += 3_500;
  assert.equal(await seconds(), 2);
  assert.equal(state.asked, 1);
});

test('a token that names no key is tried with a few of them, never with all', async () => {
  const { publicKey } = generateKeyPairSync('ed25519');
  const many = Array.from({ length: 50 }, (_, index) => ({
    ...publicKey.export({ format: 'jwk' }),
    kid: `${index}`,
  }));
  const keys = readKeySet(JSON.stringify({ keys: many }));
  assert.equal((await keys.candidates('EdDSA', undefined)).length, 8);
  assert.equal((await keys.candidates('EdDSA', '7')).length, 1);
});
