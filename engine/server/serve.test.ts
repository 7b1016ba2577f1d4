/** The production engine over real repositories: a commit is a deployment, and a bad one changes nothing. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { onEveryEngine } from '../../test/engines.ts';
import { eventually, serve, startServing } from '../../test/serve.ts';
import { createShop, get, projectFiles } from '../../test/serve-shop.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';

/** Of a request by a host name. */
function statusFor(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode));
    asked.on('error', reject).end();
  });
}

describe('a commit', () => {
  onEveryEngine((engine) =>
    it('is served: migrated, probed and named by every answer', async (t) => {
      const { remote } = await createShop(t, engine);
      const server = await serve(t, { sources: { main: { url: remote.url } } });
      const answer = await get(`${server.url}/shop/rest/v1/books`);
      assert.deepEqual([answer.status, answer.body], [200, [{ id: 1, title: 'One' }]]);
      assert.match(answer.revision!, new RegExp(`^main@sha1:${await remote.head()}\\+[0-9a-f]{8}$`));
      const status = server.project('shop');
      assert.equal(status.lastAppliedRevision, answer.revision);
      assert.deepEqual(
        status.conditions.map(({ type, status }) => [type, status]),
        [
          ['Ready', 'True'],
          ['Reconciling', 'False'],
          ['Stalled', 'False'],
          ['Drifted', 'False'],
        ],
      );
      assert.deepEqual(status.databases[0]?.pendingMigrations, 0);
    }),
  );

  it('that migrates is built once, and again when somebody else changes the schema', async (t) => {
    const { remote, query } = await createShop(t);
    const server = await serve(t, {
      sources: { main: { url: remote.fileUrl } },
      options: { pollMs: 50 },
    });
    // Time for some polls, which must find nothing.
    await sleep(1_000);
    assert.equal(server.project('shop').observedGeneration, 1);
    await query('create table beside (id int primary key)');
    await eventually(() => server.project('shop').drift.length > 0);
    assert.equal(server.project('shop').observedGeneration, 2);
  });

  it('that comes later takes over, and one that changes nothing of the project does not', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const first = server.project('shop').lastAppliedRevision;
    const beside = await remote.commit({ 'README.md': 'nothing of the project' });
    await server.sync('shop', beside);
    assert.equal(server.project('shop').lastAppliedRevision, first);
    assert.equal(server.project('shop').git!.commit, beside);
    const next = await remote.commit(
      await projectFiles(t, 'shop', 'postgres', {
        '0001_books.sql': files['shop/migrations/0001_books.sql']!,
        '0002_price.sql': 'alter table books add column price int not null default 5;',
      }),
    );
    await server.sync('shop', next);
    const answer = await get(`${server.url}/shop/rest/v1/books`);
    assert.deepEqual(answer.body, [{ id: 1, title: 'One', price: 5 }]);
    assert.ok(answer.revision!.startsWith(`main@sha1:${next}+`));
  });

  it('that is bad changes nothing: the last good one serves, and the reason is told', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const good = server.project('shop').lastAppliedRevision;
    const bad = await remote.commit({
      'shop/novastack.yaml': files['shop/novastack.yaml']!.replace('visitor: { select', 'vistor: { select'),
    });
    const operation = await server.fleet.sync('shop', { sha: bad, by: 'a test' });
    assert.ok('id' in operation);
    await eventually(() => server.fleet.operation(operation.id)!.endedAt !== null);
    const { state, reason, revision } = server.fleet.operation(operation.id)!;
    assert.deepEqual([state, reason, revision], ['failed', 'BuildFailed', good]);
    const status = server.project('shop');
    assert.equal(status.conditions.find(({ type }) => type === 'Stalled')?.reason, 'BuildFailed');
    assert.equal(status.conditions.find(({ type }) => type === 'Ready')?.status, 'True');
    const [found] = status.diagnostics.filter(({ severity }) => severity === 'error');
    assert.deepEqual([found?.code, found?.source?.file], ['UNKNOWN_ROLE', 'novastack.yaml']);
    assert.equal((await get(`${server.url}/shop/rest/v1/books`)).revision, good);
    const mended = await remote.commit({ 'shop/novastack.yaml': `${files['shop/novastack.yaml']}\n` });
    await server.sync('shop', mended);
    assert.ok(server.project('shop').lastAppliedRevision!.startsWith(`main@sha1:${mended}+`));
  });
});

describe('the last good revision', () => {
  it('serves at the next start with Git gone, with a bad newest commit, and with the database gone', async (t) => {
    const { remote } = await createShop(t);
    const state = await temporaryFolder(t);
    const first = await serve(t, { sources: { main: { url: remote.url } }, state });
    const good = first.project('shop').lastAppliedRevision;
    await first.close();
    await remote.down();
    const second = await serve(t, { sources: { main: { url: remote.url } }, state });
    assert.equal((await get(`${second.url}/shop/rest/v1/books`)).revision, good);
    const stalled = second.project('shop').conditions.find(({ type }) => type === 'Stalled');
    assert.deepEqual([stalled?.status, stalled?.reason], ['True', 'FetchFailed']);
    await second.close();
    await remote.up();
    await remote.commit({ 'shop/novastack.yaml': 'novastack: 1\nproject: [' });
    const third = await serve(t, { sources: { main: { url: remote.url } }, state });
    assert.equal((await get(`${third.url}/shop/rest/v1/books`)).revision, good);
    assert.equal(
      third.project('shop').conditions.find(({ type }) => type === 'Stalled')?.reason,
      'BuildFailed',
    );
  });

  it('is gone back to until another commit comes', async (t) => {
    const { remote, files } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const first = server.project('shop').lastAppliedRevision!;
    const text = files['shop/novastack.yaml']!;
    await server.sync('shop', await remote.commit({ 'shop/novastack.yaml': `title: Two\n${text}` }));
    const second = server.project('shop').lastAppliedRevision!;
    assert.notEqual(second, first);
    const operation = await server.fleet.rollback('shop', first, 'a test');
    assert.ok('id' in operation);
    await eventually(() => server.fleet.operation(operation.id)!.endedAt !== null);
    assert.equal(server.project('shop').lastAppliedRevision, first);
    assert.equal(server.project('shop').git!.pinned, first);
    await server.sync('shop');
    assert.equal(server.project('shop').lastAppliedRevision, first);
    await server.sync('shop', await remote.commit({ 'shop/novastack.yaml': `title: Three\n${text}` }));
    assert.match(server.project('shop').lastAppliedRevision!, new RegExp(await remote.head()));
    assert.equal(server.project('shop').git!.pinned, null);
    const unknown = await server.fleet.rollback('shop', 'main@sha1:0', 'a test');
    assert.equal('kind' in unknown && unknown.kind, 'unknown-revision');
  });
});

describe('a project', () => {
  it('that is suspended follows no commit until it is resumed, over a restart too', async (t) => {
    const { remote, files } = await createShop(t);
    const state = await temporaryFolder(t);
    const first = await serve(t, { sources: { main: { url: remote.url } }, state });
    const good = first.project('shop').lastAppliedRevision!;
    const asked = await first.fleet.suspend('shop', 'a test');
    assert.ok('id' in asked);
    await eventually(() => first.fleet.operation(asked.id)!.endedAt !== null);
    assert.deepEqual(await first.fleet.sync('shop', { sha: undefined, by: 'a test' }), { kind: 'suspended' });
    await first.close();
    const next = await remote.commit({
      'shop/novastack.yaml': `title: Two\n${files['shop/novastack.yaml']}`,
    });
    const second = await serve(t, { sources: { main: { url: remote.url } }, state });
    assert.equal(second.project('shop').lastAppliedRevision, good);
    const resumed = await second.fleet.resume('shop', 'a test');
    assert.ok('id' in resumed);
    await eventually(() => second.project('shop').lastAppliedRevision!.includes(next));
  });

  it('has the name that the operator gives it, and a host name of its own', async (t) => {
    const { remote } = await createShop(t);
    const projects = new Map([
      ['shop', { as: 'shop-staging', hosts: ['api.example.com'], secrets: ['*'], migrate: true }],
    ]);
    const server = await serve(t, { sources: { main: { url: remote.url, projects } } });
    assert.equal((await get(`${server.url}/shop-staging/rest/v1/books`)).status, 200);
    assert.equal((await get(`${server.url}/shop/rest/v1/books`)).status, 404);
    assert.equal(await statusFor(`${server.url}/rest/v1/books`, 'API.example.com:80'), 200);
  });

  it('that is gone from the repository serves on until an operator removes it, and comes back with its folder', async (t) => {
    const { remote, files, query } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.fileUrl } } });
    assert.deepEqual(await server.fleet.remove('shop', 'a test'), { kind: 'still-there' });
    await remote.commit(Object.fromEntries(Object.keys(files).map((file) => [file, null])));
    await server.sync('shop');
    const reason = () => server.project('shop').conditions.find(({ type }) => type === 'Stalled')?.reason;
    assert.equal(reason(), 'ProjectRemoved');
    // It is built for its database still, which says nothing of the commit.
    const { observedGeneration } = server.project('shop');
    await query('create table beside (id int primary key)');
    await eventually(() => server.project('shop').drift.length > 0);
    assert.ok(server.project('shop').observedGeneration > observedGeneration);
    await eventually(() => reason() === 'ProjectRemoved', 5_000);
    assert.equal((await get(`${server.url}/shop/rest/v1/books`)).status, 200);
    const asked = await server.fleet.remove('shop', 'a test');
    assert.ok('id' in asked);
    await eventually(() => server.fleet.operation(asked.id)!.endedAt !== null);
    assert.equal((await get(`${server.url}/shop/rest/v1/books`)).status, 404);
    assert.deepEqual(await server.fleet.remove('shop', 'a test'), { kind: 'unknown-project' });
    await remote.commit(files);
    server.fleet.poke('main');
    await eventually(async () => (await get(`${server.url}/shop/rest/v1/books`)).status === 200);
  });

  it('reads no secret that the operator did not allow', async (t) => {
    const { remote } = await createShop(t);
    const server = await serve(t, { sources: { main: { url: remote.url, secrets: [] } } });
    const status = server.project('shop');
    assert.equal(status.lastAppliedRevision, null);
    assert.deepEqual(
      status.diagnostics.map(({ code }) => code),
      ['REFERENCE_REFUSED'],
    );
  });

  it('whose name is served already waits, and takes it over when it is free', async (t) => {
    const { remote, files } = await createShop(t);
    const twin = Object.entries(files).map(([file, text]) => [file.replace('shop/', 'twin/'), text]);
    await remote.commit(Object.fromEntries(twin));
    const server = await serve(t, { sources: { main: { url: remote.url } } });
    const reasons = server
      .status()
      .map(({ conditions }) => conditions.find(({ type }) => type === 'Stalled')?.reason)
      .sort();
    assert.deepEqual(reasons, ['NameTaken', 'Succeeded']);
  });
});

describe('the doors of health', () => {
  it('are open while one project of several is broken, and answer nobody who comes by another name', async (t) => {
    const { remote } = await createShop(t);
    await remote.commit({ 'other/novastack.yaml': 'novastack: 1\nproject: other\ndatabases: [' });
    const server = await serve(t, { sources: { main: { url: remote.fileUrl } } });
    assert.equal((await get(`${server.url}/-/ready`)).status, 200);
    const stalled = server.status().filter(({ lastAppliedRevision }) => lastAppliedRevision === null);
    assert.deepEqual(
      stalled.map(({ source }) => source),
      ['main:other'],
    );
    assert.equal(await statusFor(`${server.adminUrl}/-/status`, 'evil.example.com'), 421);
    assert.equal(await statusFor(`${server.adminUrl}/-/status`, 'localhost:1'), 200);
    assert.equal(await statusFor(`${server.url}/-/status`, 'localhost'), 401);
  });
});

describe('the state folder', () => {
  it('has one owner: a second process serves what was good, and follows when the first has ended', async (t) => {
    const { remote, files } = await createShop(t);
    const state = await temporaryFolder(t);
    const sources = { main: { url: remote.url } };
    const first = await serve(t, { sources, state });
    const told: string[] = [];
    const options = { onEvent: ({ kind }: { kind: string }) => told.push(kind) };
    const second = await startServing(t, { sources, state, options });
    await eventually(async () => (await get(`${second.url}/shop/rest/v1/books`)).status === 200);
    assert.deepEqual(told, ['waiting', 'listening']);
    assert.deepEqual(await second.fleet.reconcile('shop', 'a test'), {
      kind: 'busy',
      message: 'Another process follows Git, or the server is ending.',
    });
    await first.close();
    await second.ready;
    await second.sync(
      'shop',
      await remote.commit({ 'shop/novastack.yaml': `title: Two\n${files['shop/novastack.yaml']}` }),
    );
    assert.match(second.project('shop').lastAppliedRevision!, new RegExp(await remote.head()));
  });
});
