/** Two engines over one repository, one database and one control store, as behind a load balancer. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createDatabase, type Scope, type TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { createFaultProxy, type FaultProxy } from '../../test/fault-proxy.ts';
import { eventually, type Served, serve } from '../../test/serve.ts';
import { createShop, get, projectFiles, type Shop } from '../../test/serve-shop.ts';
import type { Operation } from '../reconcile/fleet.ts';

interface World {
  readonly shop: Shop;
  readonly engines: readonly [Served, Served];
  readonly leader: Served;
  readonly other: Served;
  /** Between the engines and the control store. */
  readonly proxy: FaultProxy;
}

const token = 'a-token-of-an-operator-of-two-engines';

async function createWorld(t: Scope, engine: TestEngine = 'postgres'): Promise<World> {
  const shop = await createShop(t, engine);
  const proxy = await createFaultProxy(t, (await createDatabase(t, 'postgres')).url);
  const start = () =>
    serve(t, {
      // Long: what one engine hears of a push, the other hears from it.
      sources: { main: { url: shop.remote.fileUrl, intervalMs: 3_600_000, webhook: { secret: token } } },
      config: {
        control: { url: proxy.url },
        operators: [
          { name: 'ops', token, projects: undefined, may: ['read', 'sync', 'rollback', 'suspend'] },
        ],
      },
    });
  const engines = [await start(), await start()] as const;
  const leads = (one: Served) => one.logged.some(({ event }) => event === 'leading');
  await eventually(() => engines.filter(leads).length === 1);
  const leader = engines.find(leads)!;
  return { shop, engines, leader, other: engines.find((one) => one !== leader)!, proxy };
}

const revisionOf = (server: Served) => server.project('shop').lastAppliedRevision!;

async function done(server: Served, asked: unknown): Promise<Operation> {
  const { id } = asked as Operation;
  assert.ok(id, JSON.stringify(asked));
  await eventually(() => server.fleet.operation(id)!.endedAt !== null);
  return server.fleet.operation(id)!;
}

onEveryEngine((engine) => {
  it('one migrates, both serve the commit, whichever was told of it', async (t) => {
    const { shop, leader, other } = await createWorld(t, engine);
    const more = await projectFiles(t, 'shop', engine, {
      '0001_books.sql': shop.files['shop/migrations/0001_books.sql']!,
      '0002_authors.sql': 'create table authors (id int primary key)',
    });
    const text = `${shop.files['shop/novastack.yaml']}  authors: { permissions: { visitor: { select: true } } }\n`;
    const flat = text
      .replace('tables: { books: {', 'tables:\n  books: {')
      .replace(/\} \} \} \}\n/, '} } }\n');
    const commit = await shop.remote.commit({ ...more, 'shop/novastack.yaml': flat });
    // The one that does not lead is told.
    const asked = await other.fleet.sync('shop', { sha: commit, by: 'a test' });
    await done(other, asked);
    await eventually(() => {
      assert.match(revisionOf(leader), new RegExp(commit));
      assert.match(revisionOf(other), new RegExp(commit));
    });
    assert.equal(revisionOf(leader), revisionOf(other));
    for (const server of [leader, other])
      assert.equal((await get(`${server.url}/shop/rest/v1/authors`)).status, 200);
    const migrated = (server: Served) =>
      server.logged.filter(({ event, file }) => event === 'migrated' && file?.includes('0002_authors'));
    assert.deepEqual([migrated(leader).length, migrated(other).length], [1, 0]);
  });
});

it('what an operator asks of one is so in both: suspended, resumed, gone back', async (t) => {
  const { shop, leader, other } = await createWorld(t);
  const text = shop.files['shop/novastack.yaml']!;
  const first = revisionOf(leader);
  const second = await shop.remote.commit({ 'shop/novastack.yaml': `title: Two\n${text}` });
  await done(leader, await leader.fleet.sync('shop', { sha: second, by: 'a test' }));
  await eventually(() => revisionOf(other).includes(second));

  await done(other, await other.fleet.rollback('shop', first, 'a test'));
  await eventually(() => assert.deepEqual([revisionOf(leader), revisionOf(other)], [first, first]));
  assert.equal(leader.project('shop').git!.pinned, first);
  const third = await shop.remote.commit({ 'shop/novastack.yaml': `title: Three\n${text}` });
  leader.fleet.poke('main');
  await eventually(() => {
    assert.match(revisionOf(leader), new RegExp(third));
    assert.match(revisionOf(other), new RegExp(third));
  });
  assert.deepEqual([leader.project('shop').git!.pinned, other.project('shop').git!.pinned], [null, null]);

  await done(leader, await leader.fleet.suspend('shop', 'a test'));
  await eventually(() => other.project('shop').git!.suspended);
  const fourth = await shop.remote.commit({ 'shop/novastack.yaml': `title: Four\n${text}` });
  leader.fleet.poke('main');
  await eventually(() => other.project('shop').git!.commit === fourth);
  assert.match(revisionOf(other), new RegExp(third));
  await done(other, await other.fleet.resume('shop', 'a test'));
  await eventually(() => {
    assert.match(revisionOf(leader), new RegExp(fourth));
    assert.match(revisionOf(other), new RegExp(fourth));
  });
});

it('an engine that is new does what was asked before it came', async (t) => {
  const { shop, leader, proxy } = await createWorld(t);
  const first = revisionOf(leader);
  const text = shop.files['shop/novastack.yaml']!;
  const second = await shop.remote.commit({ 'shop/novastack.yaml': `title: Two\n${text}` });
  await done(leader, await leader.fleet.sync('shop', { sha: second, by: 'a test' }));
  await done(leader, await leader.fleet.rollback('shop', first, 'a test'));
  const third = await serve(t, {
    sources: { main: { url: shop.remote.fileUrl } },
    config: { control: { url: proxy.url } },
  });
  await eventually(() => revisionOf(third) === first);
  assert.equal(third.project('shop').git!.pinned, first);
});

it('an operation can be followed at either engine', async (t) => {
  const { engines } = await createWorld(t);
  const [one, other] = engines;
  const bearer = { headers: { authorization: `Bearer ${token}` } };
  const asked = await fetch(`${one.url}/-/projects/shop/reconcile`, { method: 'POST', ...bearer });
  const { operation } = (await asked.json()) as { operation: Operation };
  await eventually(async () => {
    const answer = await fetch(`${other.url}/-/operations/${operation.id}?wait=5s`, bearer);
    assert.equal(answer.status, 200);
    const { operation: now } = (await answer.json()) as { operation: Operation };
    assert.deepEqual([now.state, now.by], ['succeeded', 'operator ops']);
  });
  const listed = await fetch(`${other.url}/-/projects/shop/operations`, bearer);
  assert.equal(((await listed.json()) as { operations: Operation[] }).operations[0]!.id, operation.id);
  assert.equal((await fetch(`${other.url}/-/operations/${operation.id}x`, bearer)).status, 404);
});

it('the other leads once the leader has ended, and runs what was waiting', async (t) => {
  const { shop, leader, other } = await createWorld(t);
  const more = await projectFiles(t, 'shop', 'postgres', {
    '0001_books.sql': shop.files['shop/migrations/0001_books.sql']!,
    '0002_authors.sql': 'create table authors (id int primary key)',
  });
  await done(leader, await leader.fleet.suspend('shop', 'a test'));
  await leader.close();
  await done(other, await other.fleet.resume('shop', 'a test'));
  const commit = await shop.remote.commit(more);
  other.fleet.poke('main');
  await eventually(() => revisionOf(other).includes(commit));
  assert.equal((await shop.query('select count(*)::int as count from authors')).length, 1);
});

it('while the control store is gone both serve, none migrates, and nothing is half suspended', async (t) => {
  const { shop, engines, leader, other, proxy } = await createWorld(t);
  proxy.become('down');
  for (const server of engines)
    await eventually(() => server.logged.some((line) => line.event === 'control' && line.level === 'warn'));
  const refused = await done(leader, await leader.fleet.suspend('shop', 'a test'));
  assert.deepEqual([refused.state, refused.reason], ['failed', 'ControlStoreUnreachable']);
  assert.equal(leader.project('shop').git!.suspended, false);
  const text = shop.files['shop/novastack.yaml']!;
  const plain = await shop.remote.commit({ 'shop/novastack.yaml': `title: Two\n${text}` });
  for (const server of engines) {
    await server.sync('shop', plain);
    assert.match(revisionOf(server), new RegExp(plain));
    assert.equal((await get(`${server.url}/shop/rest/v1/books`)).status, 200);
    const bearer = { headers: { authorization: `Bearer ${token}` } };
    const status = await fetch(`${server.url}/-/operations/00000000-0000-4000-8000-000000000000`, bearer);
    assert.equal(status.status, 503);
    assert.ok(Number(status.headers.get('retry-after')) > 0);
  }
  const more = await projectFiles(t, 'shop', 'postgres', {
    '0001_books.sql': shop.files['shop/migrations/0001_books.sql']!,
    '0002_authors.sql': 'create table authors (id int primary key)',
  });
  const migrating = await shop.remote.commit(more);
  for (const server of engines) {
    await server.sync('shop', migrating);
    const stalled = server.project('shop').conditions.find(({ type }) => type === 'Stalled')!;
    assert.match(stalled.message, /another engine, the one that leads, runs them/);
    assert.match(revisionOf(server), new RegExp(plain));
  }
  proxy.become('well');
  await eventually(() => {
    assert.match(revisionOf(leader), new RegExp(migrating));
    assert.match(revisionOf(other), new RegExp(migrating));
  });
});
