/** A database in trouble: bounded answers that say so, the other project unharmed, and everything well again by itself. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope, TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { createFaultProxy, type FaultProxy } from '../../test/fault-proxy.ts';
import { createScarceUser, type ScarceUser } from '../../test/scarce-user.ts';
import { eventually, type Served, serve } from '../../test/serve.ts';
import { createShop, type Shop } from '../../test/serve-shop.ts';

/** Milliseconds within which every caller is answered, whatever the database does: the statement's time and the pool's, and room. */
const boundMs = 15_000;

interface World {
  readonly shop: Shop;
  /** The shop's novastack.yaml. */
  readonly text: string;
  readonly server: Served;
  readonly books: string;
  /** Of a project whose database is well. */
  readonly other: string;
}

/** @param through gives the address by which the engine reaches the shop's database */
async function createWorld(
  t: Scope,
  engine: TestEngine,
  through: (url: string) => Promise<string>,
): Promise<World> {
  const shop = await createShop(t, engine, through);
  const hasty = 'pool: { max: 4, acquire: 2s }, timeout: 2s, migrations: migrations';
  const text = shop.files['shop/novastack.yaml']!.replace('migrations: migrations', hasty);
  await shop.remote.commit({ 'shop/novastack.yaml': text });
  const well = await createShop(t, engine);
  const files = Object.entries(well.files).map(([file, content]) => [
    file,
    content.replace('project: shop', 'project: other'),
  ]);
  await well.remote.commit(Object.fromEntries(files));
  const server = await serve(t, {
    sources: { main: { url: shop.remote.fileUrl }, other: { url: well.remote.fileUrl } },
    options: { log: { format: 'silent' } },
  });
  const books = `${server.url}/shop/rest/v1/books`;
  assert.equal((await timed(books)).status, 200);
  return { shop, text, server, books, other: `${server.url}/other/rest/v1/books` };
}

async function createFaultyWorld(t: Scope, engine: TestEngine): Promise<World & { proxy: FaultProxy }> {
  let proxy: FaultProxy | undefined;
  const world = await createWorld(t, engine, async (url) => {
    proxy = await createFaultProxy(t, url);
    return proxy.url;
  });
  return { ...world, proxy: proxy! };
}

async function createScarceWorld(
  t: Scope,
  engine: TestEngine,
  most: number,
): Promise<World & { user: ScarceUser }> {
  let user: ScarceUser | undefined;
  const world = await createWorld(t, engine, async (url) => {
    user = await createScarceUser(t, engine, url, most);
    return user.url;
  });
  return { ...world, user: user! };
}

async function timed(
  url: string,
): Promise<{ status: number; ms: number; retry: string | null; body: string }> {
  const from = performance.now();
  const answer = await fetch(url, { signal: AbortSignal.timeout(60_000) });
  const body = await answer.text();
  return {
    status: answer.status,
    ms: performance.now() - from,
    retry: answer.headers.get('retry-after'),
    body,
  };
}

onEveryEngine((engine) => {
  it('frozen, cut off, down or slow: callers are told 503 or 504 in time, and served again by themselves', async (t) => {
    const { proxy, server, books, other } = await createFaultyWorld(t, engine);
    const revision = server.project('shop').lastAppliedRevision;
    for (const health of ['frozen', 'down', 'slow'] as const) {
      proxy.become(health);
      const answers = await Promise.all([...Array.from({ length: 8 }, () => timed(books)), timed(other)]);
      const unharmed = answers.pop()!;
      assert.equal(unharmed.status, 200, `${health}: ${unharmed.body}`);
      assert.ok(unharmed.ms < 5_000, `${health}: the other project took ${unharmed.ms} ms`);
      for (const { status, ms, retry, body } of answers) {
        assert.ok(ms < boundMs, `${health}: ${ms} ms`);
        if (health === 'slow' && status === 200) continue;
        assert.ok(status === 503 || status === 504, `${health}: ${status} ${body}`);
        assert.ok(Number(retry) > 0, `${health}: ${body}`);
      }
      proxy.become('well');
      await eventually(async () => (await timed(books)).status === 200);
      assert.equal(server.project('shop').lastAppliedRevision, revision, health);
    }
    // Whatever was opened meanwhile is within the pool, with a connection or two that look after the schema.
    await eventually(() => proxy.connections <= 6);
  });

  it('whose connections are killed under load answers again at once, and leaves no transaction behind', async (t) => {
    const { shop, proxy, books } = await createFaultyWorld(t, engine);
    let running = true;
    const seen = new Map<number, number>();
    const callers = Array.from({ length: 4 }, async () => {
      while (running) {
        const { status } = await timed(books);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        await sleep(5);
      }
    });
    const well = () => seen.get(200) ?? 0;
    for (let round = 0; round < 5; round += 1) {
      const before = well();
      await eventually(() => well() >= before + 10);
      proxy.cut();
    }
    const before = well();
    await eventually(() => well() >= before + 10);
    running = false;
    await Promise.all(callers);
    assert.deepEqual(
      [...seen.keys()].filter((status) => ![200, 503, 504].includes(status)),
      [],
    );
    assert.equal((await timed(books)).status, 200);
    // The server may need a moment to notice that the last ones are gone.
    await eventually(async () => (await openTransactions(shop, engine)) === 0);
  });

  it('whose schema changes under traffic, with statements prepared, fails no request', async (t) => {
    const { shop, books, server } = await createFaultyWorld(t, engine);
    let running = true;
    const wrong: string[] = [];
    const callers = Array.from({ length: 3 }, async () => {
      while (running) {
        const { status, body } = await timed(books);
        if (status !== 200 || body !== '[{"id":1,"title":"One"}]') wrong.push(`${status} ${body}`);
        await sleep(5);
      }
    });
    for (let round = 0; round < 6; round += 1) {
      await shop.query(`alter table books add column more_${round} int`);
      await sleep(150);
      await shop.query(`alter table books drop column more_${round}`);
      await sleep(150);
    }
    running = false;
    await Promise.all(callers);
    assert.deepEqual(wrong.slice(0, 3), []);
    await eventually(() => server.project('shop').drift.every(({ class: kind }) => kind !== 'breaking'));
  });
});

onEveryEngine((engine) => {
  it('out of connections: what the pool has still serves, then callers are told 503 at once, and all is well again by itself', async (t) => {
    const { shop, text, server, books, other, user } = await createScarceWorld(t, engine, 6);
    const good = server.project('shop').lastAppliedRevision!;
    await user.takeRest();
    assert.ok((await user.held()) > 0);
    // Those for whom no connection can be opened wait for the one that there is.
    const few = await Promise.all(Array.from({ length: 12 }, () => timed(books)));
    assert.deepEqual(few.filter(({ status }) => status !== 200).map(told), []);

    await user.takeAll();
    const asked = Array.from({ length: 12 }, () => timed(books));
    const unharmed = await Promise.all(Array.from({ length: 4 }, () => timed(other)));
    assert.deepEqual(unharmed.filter(({ status }) => status !== 200).map(told), []);
    for (const answer of await Promise.all(asked)) {
      assert.ok(answer.ms < boundMs, `${answer.ms} ms`);
      const { code, message } = JSON.parse(answer.body) as { code: string; message: string };
      assert.deepEqual(
        [answer.status, code, message, answer.retry],
        [503, 'NS503', 'The database cannot be reached at the moment.', '1'],
      );
    }
    await eventually(() => server.project('shop').databases[0]!.reachable === false);

    // A commit has to wait for its database; what serves goes on to be what it was.
    const next = await shop.remote.commit({ 'shop/novastack.yaml': `title: Two\n${text}` });
    await server.sync('shop', next);
    const stalled = server.project('shop').conditions.find(({ type }) => type === 'Stalled')!;
    assert.deepEqual([stalled.status, stalled.reason], ['True', 'DatabaseUnreachable']);
    assert.equal(server.project('shop').lastAppliedRevision, good);

    await user.giveBack();
    await eventually(async () => (await timed(books)).status === 200);
    await eventually(() => server.project('shop').lastAppliedRevision!.startsWith(`main@sha1:${next}+`));
    await eventually(() => server.project('shop').databases[0]!.reachable);
    // The pool's four at most, and one that asks the server to cancel.
    await Promise.all(Array.from({ length: 12 }, () => timed(books)));
    await eventually(async () => (await user.held()) <= 5);
    assert.equal(await openTransactions(shop, engine), 0);
    await server.close();
    await eventually(async () => (await user.held()) === 0);
  });
});

function told({ status, body }: { readonly status: number; readonly body: string }): string {
  return `${status} ${body}`;
}

async function openTransactions(shop: Shop, engine: TestEngine): Promise<number> {
  const sql =
    engine === 'postgres'
      ? "select count(*) as count from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"
      : 'select count(*) as count from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id where p.db = database()';
  const [row] = (await shop.query(sql)) as { count: number | string }[];
  return Number(row!.count);
}
