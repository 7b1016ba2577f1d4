/** Exports of many rows of MariaDB and MySQL by the whole engine in a process of its own: the core of `export.test.ts`. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createDatabase, type TestEngine } from './database.ts';
import { startDevChild } from './dev-child.ts';

/** Some 60 MB of lines: more than the engine may hold of them. */
const rows = 500_000;
const sql = `
create table items (id int primary key, title varchar(60) not null, note varchar(60) not null);
insert into items (id, title, note)
  select 1 + a.n + 100 * b.n + 10000 * c.n, concat('Item, number ', 1 + a.n + 100 * b.n + 10000 * c.n), repeat('n', 60)
  from digits a, digits b, digits c where c.n < ${rows / 10_000};
analyze table items;
`;
const digits = `create table digits (n int primary key); insert into digits values ${Array.from({ length: 100 }, (_, n) => `(${n})`).join()};`;

const project = `
novastack: 1
project: whole
databases: { main: { engine: mysql, url: "\${env:TEST_URL}", timeout: 2s } }
auth: { anonymous: visitor }
roles: { visitor: {} }
tables: { items: { permissions: { visitor: { select: true } } } }
`;

const line = (id: number) => `{"id":${id},"title":"Item, number ${id}","note":"${'n'.repeat(60)}"}`;

for (const engine of ['mariadb', 'mysql'] as const)
  test(`exports of ${engine}`, { timeout: 180_000 }, (t) => exports(t, engine));

async function exports(t: TestContext, engine: TestEngine): Promise<void> {
  // What is made first goes last.
  const cleanups: (() => unknown)[] = [];
  const scope = { after: (work: () => unknown) => void cleanups.unshift(work) };
  t.after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const { url, query, name } = await createDatabase(scope, engine);
  await query(digits + sql);
  const child = await startDevChild(scope, {
    projects: [project],
    env: { TEST_URL: url },
    flags: ['--max-semi-space-size=16'],
  });
  const resident = () => child.metric('process_resident_memory_bytes');
  const open = async (accept = 'application/x-ndjson') => {
    const request = get(`${child.origin}/whole/rest/v1/items?order=id`, {
      headers: { accept },
      agent: false,
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  };
  const running = () =>
    query(
      'select id from information_schema.processlist where db = ? and id <> connection_id() and info like ?',
      [name, 'select%items%'],
    );
  const until = async (holds: () => Promise<boolean>) => {
    const deadline = performance.now() + 20_000;
    while (!(await holds())) {
      assert.ok(performance.now() < deadline, 'it did not come to pass within 20 s');
      await sleep(20);
    }
  };

  await t.test('come whole and in order, to fast and to slow readers, in constant memory', async () => {
    const read = async (isSlow: boolean) => {
      const response = await open();
      assert.equal(response.statusCode, 200);
      let [rest, count] = ['', 0];
      for await (const chunk of response) {
        const lines = (rest + String(chunk)).split('\n');
        rest = lines.pop()!;
        for (const text of lines) {
          count += 1;
          if (text !== line(count)) assert.equal(text, line(count));
        }
        if (isSlow && count % 50 === 0) await sleep(1);
      }
      assert.deepEqual([count, rest], [rows, '']);
    };
    await read(false);
    const start = await resident();
    await read(false);
    await read(true);
    const more = Math.round(((await resident()) - start) / 1024 / 1024);
    assert.ok(more < 64, `${more} MB more than at the start`);
  });

  await t.test('end with a reader who goes away in the middle, again and again', async () => {
    for (let time = 0; time < 3; time += 1) {
      const response = await open();
      await once(response, 'data');
      response.destroy();
      await until(async () => (await running()).length === 0);
    }
  });

  await t.test('are cut where the database ends them, so that nobody takes them for whole', async () => {
    const response = await open();
    await once(response, 'data');
    response.pause();
    await until(async () => (await running()).length === 1);
    await query(`kill ${(await running())[0]?.id}`);
    await assert.rejects(async () => {
      for await (const _ of response);
    });
    assert.equal((await open('application/json')).statusCode, 200);
  });
}
