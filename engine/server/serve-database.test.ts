/** A database in trouble: bounded answers that say so, the other project unharmed, and everything well again by itself. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scope, TestEngine } from '../../test/database.ts';
import { onEveryEngine } from '../../test/engines.ts';
import { createFaultProxy, type FaultProxy } from '../../test/fault-proxy.ts';
import { eventually, type Served, serve } from '../../test/serve.ts';
import { createShop, type Shop } from '../../test/serve-shop.ts';

/** Milliseconds within which every caller is answered, whatever the database does: the statement's time and the pool's, and room. */
const boundMs = 15_000;

interface World {
  readonly shop: Shop;
  readonly proxy: FaultProxy;
  readonly server: Served;
  readonly books: string;
  /** Of a project whose database is well. */
  readonly other: string;
}

async function createWorld(t: Scope, engine: TestEngine): Promise<World> {
  let proxy: FaultProxy | undefined;
  const shop = await createShop(t, engine, async (url) => {
    proxy = await createFaultProxy(t, url);
    return proxy.url;
  });
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
  const world = { shop, proxy: proxy!, server, books, other: `${server.url}/other/rest/v1/books` };
  assert.equal((await timed(books)).status, 200);
  return world;
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
    const { proxy, server, books, other } = await createWorld(t, engine);
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
    const { shop, proxy, books } = await createWorld(t, engine);
    let running = true;
    const seen = new Map<number, number>();
    const callers = Array.from({ length: 4 }, async () => {
      while (running) {
        const { status } = await timed(books);
        seen.set(status, (seen.get(status) ?? 0) + 1);
        await sleep(5);
      }
    });
    for (let round = 0; round < 5; round += 1) {
      await sleep(200);
      proxy.cut();
    }
    await sleep(500);
    running = false;
    await Promise.all(callers);
    assert.deepEqual(
      [...seen.keys()].filter((status) => ![200, 503, 504].includes(status)),
      [],
    );
    assert.ok(seen.get(200)! > 50, JSON.stringify([...seen]));
    assert.equal((await timed(books)).status, 200);
    assert.equal(await openTransactions(shop, engine), 0);
  });

  it('whose schema changes under traffic, with statements prepared, fails no request', async (t) => {
    const { shop, books, server } = await createWorld(t, engine);
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

async function openTransactions(shop: Shop, engine: TestEngine): Promise<number> {
  const sql =
    engine === 'postgres'
      ? "select count(*) as count from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'"
      : 'select count(*) as count from information_schema.innodb_trx t join information_schema.processlist p on p.id = t.trx_mysql_thread_id where p.db = database()';
  const [row] = (await shop.query(sql)) as { count: number | string }[];
  return Number(row!.count);
}
