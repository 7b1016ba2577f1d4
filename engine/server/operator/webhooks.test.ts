import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { request as requestOver } from 'node:http';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { SourceConfig } from '../../../schema/server-config.ts';
import { MemoryFleet } from '../../../test/operator/fleet.ts';
import { serveOperator } from '../../../test/operator/serve.ts';
import { Attempts } from './attempts.ts';
import { Webhooks } from './webhooks.ts';

const secret = 'the secret of a webhook, long enough';
const sources: readonly Partial<SourceConfig>[] = [
  { name: 'main', webhook: { secret } },
  { name: 'silent', webhook: undefined },
  { name: 'weak', webhook: { secret: 'short' } },
];
const fleet = () => new MemoryFleet({ shop: 'main', blog: 'silent' });

function signed(body: string | Buffer, delivery?: string, event = 'push'): Record<string, string> {
  return {
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    'x-github-event': event,
    ...(delivery === undefined ? {} : { 'x-github-delivery': delivery }),
  };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!condition() && performance.now() < deadline) await wait(20);
  assert.ok(condition());
}

test('a webhook that is signed is answered at once, and the source is looked at once', async (t) => {
  const world = fleet();
  const { closed, events, metrics } = await serveOperator(t, { fleet: world, sources });
  const post = (body: string, headers: Record<string, string>, source = 'main') =>
    fetch(`${closed}/-/hooks/${source}`, { method: 'POST', body, headers });
  const said = async (answer: Promise<Response>) => [(await answer).status, await (await answer).json()];

  const body = '{"ref":"refs/heads/main"}';
  assert.deepEqual(await said(post(body, signed(body, 'one'))), [202, { status: 'accepted' }]);
  assert.deepEqual(await said(post(body, signed(body, 'one'))), [202, { status: 'duplicate' }]);
  assert.deepEqual(await said(post(body, signed(body, 'two'))), [202, { status: 'accepted' }]);
  assert.deepEqual(await said(post(body, signed(body, 'three', 'ping'))), [200, { status: 'pong' }]);
  // Neither what it is called nor whether it can be read matters.
  for (const type of [
    'application/json',
    'application/x-www-form-urlencoded',
    'no type at all',
    'text/plain; charset=\u00e4',
    '',
  ])
    assert.deepEqual(
      await said(post('{"', { ...signed('{"'), 'content-type': type })),
      [202, { status: 'accepted' }],
      type,
    );
  assert.deepEqual(await said(post('', signed(''))), [202, { status: 'accepted' }]);
  assert.deepEqual(world.poked, []);
  await until(() => world.poked.length > 0);
  await wait(700);
  assert.deepEqual(world.poked, ['main']);

  const results = events.flatMap((event) =>
    event.kind === 'webhook' ? [`${event.source} ${event.result}`] : [],
  );
  assert.deepEqual(results.slice(0, 4), ['main accepted', 'main duplicate', 'main accepted', 'main ping']);
  assert.match(await metrics.text(), /novastack_webhooks_total\{source="main",result="duplicate"\} 1/);
});

test('what is not signed is refused, and a source without a webhook is as one that is not there', async (t) => {
  const world = fleet();
  const { closed, open, events } = await serveOperator(t, { fleet: world, sources });
  const body = '{}';
  const post = async (origin: string, source: string, headers: Record<string, string>) => {
    const answer = await fetch(`${origin}/-/hooks/${source}`, { method: 'POST', body, headers });
    return [
      answer.status,
      ((await answer.json()) as { code: string }).code,
      answer.headers.get('x-novastack'),
    ];
  };
  for (const origin of [closed, open]) {
    assert.deepEqual(await post(origin, 'main', {}), [401, 'NS308', null]);
    assert.deepEqual(await post(origin, 'main', signed('{} ')), [401, 'NS308', null]);
    assert.deepEqual(await post(origin, 'main', { 'x-gitlab-token': 'x' }), [401, 'NS308', null]);
    assert.deepEqual(await post(origin, 'main', { authorization: `Bearer ${secret}` }), [401, 'NS308', null]);
    assert.deepEqual(await post(origin, 'silent', signed(body)), [404, 'PGRST125', null]);
    assert.deepEqual(await post(origin, 'none', signed(body)), [404, 'PGRST125', null]);
    assert.deepEqual(await post(origin, '__proto__', signed(body)), [404, 'PGRST125', null]);
    assert.deepEqual(await post(origin, 'weak', { 'x-gitlab-token': 'short' }), [401, 'NS308', null]);
  }
  assert.equal((await fetch(`${closed}/-/hooks/main`)).status, 401);
  assert.equal((await fetch(`${open}/-/hooks/main`)).status, 404);
  await wait(700);
  assert.deepEqual(world.poked, []);
  assert.ok(events.some((event) => event.kind === 'webhook' && event.result === 'refused'));
  assert.ok(!JSON.stringify(events).includes(secret));
});

test('wrong signatures are bounded for an address as wrong tokens are', async (t) => {
  const { closed } = await serveOperator(t, {
    fleet: fleet(),
    sources,
    // No second goes by, however long the machine takes.
    more: { attempts: new Attempts({ ticks: () => 0 }) },
  });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 61; attempt += 1)
    statuses.push(
      (await fetch(`${closed}/-/hooks/main`, { method: 'POST', body: '{}', headers: signed('no') })).status,
    );
  assert.deepEqual([statuses.indexOf(429), statuses.at(-1)], [60, 429]);
  const right = await fetch(`${closed}/-/hooks/main`, { method: 'POST', body: '{}', headers: signed('{}') });
  assert.equal(right.status, 429);
});

test('20 MB are hashed and not kept; more than 25 MB are refused', { timeout: 60_000 }, async (t) => {
  const { closed } = await serveOperator(t, { fleet: fleet(), sources });
  const megabyte = Buffer.alloc(1024 * 1024, 'x');
  const large = Buffer.concat(Array.from({ length: 20 }, () => megabyte));
  const headers = { ...signed(large), 'content-length': String(large.length) };
  const sent = requestOver(`${closed}/-/hooks/main`, { method: 'POST', headers });
  const answered = new Promise<number>((resolve, reject) => {
    sent.on('response', (response) => resolve(response.resume().statusCode!));
    sent.on('error', reject);
  });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < 19; index += 1) await new Promise((written) => sent.write(megabyte, written));
  // Memory is given back beside the test, when the machine finds time for it.
  await until(() => {
    collect();
    return process.memoryUsage().arrayBuffers - before < 8 * 1024 * 1024;
  });
  sent.end(megabyte);
  assert.equal(await answered, 202);
  const endless = { ...signed(megabyte), 'transfer-encoding': 'chunked' };
  assert.equal(await send(closed, Buffer.alloc(26 * 1024 * 1024), endless), 413);
  assert.equal(
    await send(closed, megabyte, { ...signed(megabyte), 'content-length': String(26 * 1024 * 1024) }),
    413,
  );
});

/** @returns the status, however much of the body was taken */
function send(origin: string, body: Buffer, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = requestOver(`${origin}/-/hooks/main`, { method: 'POST', headers }, (response) => {
      sent.off('error', reject).on('error', () => {});
      resolve(response.statusCode!);
      sent.destroy();
    });
    sent.on('error', reject);
    sent.write(body);
  });
}

test('many webhooks are one look, which comes within two seconds however many follow', async (t) => {
  const looks: number[] = [];
  const webhooks = new Webhooks({
    secrets: new Map(),
    poke: () => looks.push(performance.now()),
    quietMs: 100,
    latestMs: 400,
  });
  t.after(() => webhooks.close());
  const from = performance.now();
  while (performance.now() - from < 1_000) {
    webhooks.deliver('main', {});
    await wait(20);
  }
  await until(() => looks.length >= 3);
  assert.ok(looks.length <= 4, `${looks.length} looks`);
  assert.ok(looks[0]! - from >= 350 && looks[0]! - from < 800, `${looks[0]! - from} ms`);
  webhooks.close();
  webhooks.deliver('main', {});
  await wait(200);
  assert.ok(looks.length <= 4);
});

test('deliveries are remembered, but not without a bound', () => {
  const webhooks = new Webhooks({ secrets: new Map(), poke: () => {} });
  const deliver = (id: string, source = 'main') => webhooks.deliver(source, { 'x-gitea-delivery': id });
  assert.deepEqual([deliver('a'), deliver('a'), deliver('a', 'other')], [true, false, true]);
  for (let index = 0; index < 10_000; index += 1) deliver(String(index));
  assert.deepEqual([deliver('a'), deliver('9999')], [true, false]);
  webhooks.close();
});
