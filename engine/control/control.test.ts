/** Engines that agree through one PostgreSQL database: who leads, what is used, what was asked, and what becomes of it in trouble. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createDatabase, type Scope } from '../../test/database.ts';
import { createFaultProxy } from '../../test/fault-proxy.ts';
import { eventually } from '../../test/serve.ts';
import type { Operation } from '../reconcile/fleet.ts';
import type { Wish } from '../reconcile/peers.ts';
import { Control } from './control.ts';

interface Engine {
  readonly control: Control;
  readonly heard: string[];
}

async function start(t: Scope, url: string): Promise<Engine> {
  const heard: string[] = [];
  const control = new Control({
    url,
    lookMs: 100,
    onLook: (source) => heard.push(`look ${source}`),
    onForget: (source, folder) => heard.push(`forget ${source} ${folder}`),
    onWishes: () => heard.push('wishes'),
    onLead: (leads) => heard.push(leads ? 'leads' : 'leads no more'),
    onReachable: (reachable) => heard.push(reachable ? 'reachable' : 'unreachable'),
  });
  t.after(() => control.close());
  await control.start();
  return { control, heard };
}

function operation(id: string, more: Partial<Operation> = {}): Operation {
  return {
    id,
    kind: 'sync',
    project: 'shop',
    by: 'operator ops',
    state: 'running',
    reason: null,
    message: null,
    target: null,
    revision: null,
    previousRevision: null,
    createdAt: new Date().toISOString(),
    endedAt: null,
    ...more,
  };
}

const idOf = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

it('many that start at once make the tables once, and exactly one of them leads', async (t) => {
  const { url } = await createDatabase(t, 'postgres');
  const engines = await Promise.all(Array.from({ length: 6 }, () => start(t, url)));
  assert.equal(engines.filter(({ control }) => control.leads()).length, 1);
  const leader = engines.find(({ control }) => control.leads())!;
  await leader.control.close();
  assert.equal(leader.control.leads(), false);
  const others = engines.filter((one) => one !== leader);
  await eventually(() => others.filter(({ control }) => control.leads()).length === 1);
});

it('a token is used once, whichever engine is asked, and however many ask at once', async (t) => {
  const { url, query } = await createDatabase(t, 'postgres');
  const engines = await Promise.all([start(t, url), start(t, url), start(t, url)]);
  const expiresAt = Date.now() + 60_000;
  for (const id of ['a', `https://issuer.example ${'x'.repeat(5_000)}`, 'it\'s "so"; drop\u0000']) {
    const asked = engines.flatMap(({ control }) =>
      Array.from({ length: 5 }, () => control.first(id, expiresAt)),
    );
    assert.equal((await Promise.all(asked)).filter(Boolean).length, 1, id.slice(0, 10));
  }
  // What has expired is forgotten, and no secret of a token is in the table.
  assert.equal(await engines[0]!.control.first('old', Date.now() - 1_000), true);
  await engines[1]!.control.first('next', expiresAt);
  const rows = await query('select octet_length(id) as length from novastack_control.used_tokens');
  assert.deepEqual(rows, Array(4).fill({ length: 32 }));
});

it('the others hear of looks, wishes and what is to be forgotten; whoever says it does not', async (t) => {
  const { url } = await createDatabase(t, 'postgres');
  const [one, other] = [await start(t, url), await start(t, url)];
  one.heard.length = 0;
  const wish: Wish = {
    source: 'main',
    folder: 'apis/shop',
    suspended: true,
    pinned: { revision: 'main@sha1:1+2', commit: 'c', tree: 't', head: 'h' },
  };
  one.control.look('main');
  await one.control.wish(wish);
  await eventually(() => {
    assert.ok(other.heard.includes('look main'));
    assert.ok(other.heard.includes('wishes'));
  });
  assert.deepEqual(await other.control.wishes(), [wish]);
  await other.control.wish({ ...wish, suspended: false, pinned: null });
  assert.deepEqual(await one.control.wishes(), [{ ...wish, suspended: false, pinned: null }]);
  other.control.forget('main', 'apis/shop');
  await eventually(() => one.heard.includes('forget main apis/shop'));
  assert.deepEqual(await one.control.wishes(), []);
  assert.equal(one.heard.includes('look main'), false);
});

it('an operation is known to all, the last fifty of a project, and failed when its engine has ended', async (t) => {
  const { url } = await createDatabase(t, 'postgres');
  const [one, other] = [await start(t, url), await start(t, url)];
  for (let number = 0; number < 55; number += 1)
    one.control.keep(operation(idOf(number), { createdAt: new Date(2026, 0, 1, 0, number).toISOString() }));
  one.control.keep(operation(idOf(99), { project: 'other' }));
  await eventually(async () => (await other.control.operation(idOf(99))) !== undefined);
  const known = await other.control.operations('shop');
  assert.deepEqual([known.length, known[0]!.id, known.at(-1)!.id], [50, idOf(54), idOf(5)]);
  one.control.keep({
    ...known[0]!,
    state: 'succeeded',
    reason: 'Succeeded',
    endedAt: new Date().toISOString(),
  });
  await eventually(async () => (await other.control.operation(idOf(54)))?.state === 'succeeded');
  assert.equal(await other.control.operation('nothing'), undefined);
  assert.equal(await other.control.operation(idOf(1)), undefined);
  await one.control.close();
  const [first, second] = await other.control.operations('shop');
  assert.deepEqual([first!.state, second!.state, second!.reason], ['succeeded', 'failed', 'EngineFault']);
});

it('while the store is gone nobody leads and no token is taken; then all is as before', async (t) => {
  const { url } = await createDatabase(t, 'postgres');
  const proxy = await createFaultProxy(t, url);
  const { control, heard } = await start(t, proxy.url);
  assert.equal(control.leads(), true);
  for (const health of ['down', 'frozen'] as const) {
    heard.length = 0;
    proxy.become(health);
    await eventually(() => heard.includes('unreachable'));
    assert.equal(control.leads(), false);
    await assert.rejects(control.first(health, Date.now() + 60_000));
    await assert.rejects(control.wishes());
    control.look('main');
    control.keep(operation(idOf(1)));
    proxy.become('well');
    await eventually(() => control.leads());
    assert.ok(heard.indexOf('reachable') > heard.indexOf('unreachable'));
    assert.ok(heard.includes('wishes'));
    assert.equal(await control.first(health, Date.now() + 60_000), true);
  }
});

it('a store that is not there at the start is used as soon as it is', async (t) => {
  const { url } = await createDatabase(t, 'postgres');
  const proxy = await createFaultProxy(t, url);
  proxy.become('down');
  const { control, heard } = await start(t, proxy.url);
  assert.deepEqual(heard, ['unreachable']);
  proxy.become('well');
  await eventually(() => control.leads());
});
