/** Sockets of projects that follow Git: a commit takes subscriptions along, and the server's end is told to each of them. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it } from 'node:test';
import { onEveryEngine } from '../../test/engines.ts';
import { eventually, serve } from '../../test/serve.ts';
import { createShop, get } from '../../test/serve-shop.ts';
import { freePort } from '../../test/servers/process.ts';
import { connect } from '../../test/sockets.ts';
import { temporaryFolder } from '../../test/temporary-folder.ts';

const books = 'subscription { books(order_by: {id: asc}) { id title } }';
const ids = 'subscription { books(order_by: {id: asc}) { id } }';

function socketOf(url: string): string {
  return `${url.replace(/^http/, 'ws')}/shop/graphql/v1`;
}

onEveryEngine((engine) => {
  it('a commit takes subscriptions to its revision, a bad one leaves them, and the socket stays', async (t) => {
    const { remote, files, query } = await createShop(t, engine);
    const server = await serve(t, { sources: { main: { url: remote.fileUrl } } });
    await query("insert into books values (2, 'Two')");
    const commit = async (permission: string) => {
      const text = files['shop/novastack.yaml']!;
      const next = text.replace('{ permissions: { visitor: { select: true } } }', permission);
      assert.notEqual(next, text);
      const id = await remote.commit({ 'shop/novastack.yaml': next });
      await server.sync('shop', id);
      return server.project('shop').lastAppliedRevision!.startsWith(`main@sha1:${id}+`);
    };
    const { watch, closed } = connect(t, socketOf(server.url));
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    const one = watch(books);
    const other = watch(ids);
    assert.deepEqual(await one.next(), {
      books: [
        { id: 1, title: 'One' },
        { id: 2, title: 'Two' },
      ],
    });
    assert.deepEqual(await other.next(), { books: [{ id: 1 }, { id: 2 }] });

    // The new revision's row filter is what they are told by, though no row has changed.
    assert.ok(
      await commit('{ permissions: { visitor: { select: { columns: "*", where: { id: { _gt: 1 } } } } } }'),
    );
    assert.deepEqual(await one.next(), { books: [{ id: 2, title: 'Two' }] });
    assert.deepEqual(await other.next(), { books: [{ id: 2 }] });

    assert.equal(await commit('{ permissions: { vistor: { select: true } } }'), false);
    await query("update books set title = 'Dos' where id = 2");
    assert.deepEqual(await one.next(), { books: [{ id: 2, title: 'Dos' }] });

    // What the next revision does not understand ends, and nothing else.
    assert.ok(
      await commit('{ columns: { title: { name: heading } }, permissions: { visitor: { select: true } } }'),
    );
    const [error] = (await one.ended) as { message: string; extensions: { code: string } }[];
    assert.match(error!.message, /title/);
    assert.deepEqual(await other.next(), { books: [{ id: 1 }, { id: 2 }] });
    const late = watch('subscription { books(order_by: {id: asc}, limit: 1) { heading } }');
    assert.deepEqual(await late.next(), { books: [{ heading: 'One' }] });
    assert.equal(isClosed, false);
    assert.equal(other.answers.length, 3);

    const closing = server.close();
    assert.deepEqual(await closed, { code: 1001, reason: 'The server is shutting down.' });
    await closing;
  });
});

it('a project that is taken out of service closes its sockets with a reason', async (t) => {
  const { remote, files } = await createShop(t);
  const server = await serve(t, { sources: { main: { url: remote.fileUrl } } });
  const { watch, closed } = connect(t, socketOf(server.url));
  const one = watch(books);
  await one.next();
  await remote.commit(Object.fromEntries(Object.keys(files).map((file) => [file, null])));
  await server.sync('shop');
  const asked = await server.fleet.remove('shop', 'a test');
  assert.ok('id' in asked);
  assert.deepEqual(await closed, { code: 1001, reason: 'The project is not served any more.' });
});

it('a process that is told to end closes its sockets with 1001, and ends well', async (t) => {
  const { remote, variable } = await createShop(t);
  const folder = await temporaryFolder(t);
  const port = await freePort();
  const yaml = `listen: 127.0.0.1:${port}
secret: \${env:ENGINE_SECRET}
sources: { main: { url: "${remote.url}", secrets: ['SHOP_*'] } }
`;
  await writeFile(join(folder, 'server.yaml'), yaml);
  const child = spawn(process.execPath, [join(import.meta.dirname, '../cli/main.ts'), 'serve'], {
    cwd: folder,
    env: { ...process.env, [variable]: process.env[variable]!, ENGINE_SECRET: 'x'.repeat(40) },
    stdio: 'ignore',
  });
  t.after(() => child.kill('SIGKILL'));
  const gone = once(child, 'exit');
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => {
    const answer = await get(`${url}/shop/rest/v1/books`).catch(() => undefined);
    return answer?.status === 200;
  });
  const sockets = Array.from({ length: 3 }, () => connect(t, socketOf(url)));
  for (const { watch } of sockets) await watch(books).next();
  child.kill('SIGTERM');
  for (const { closed } of sockets)
    assert.deepEqual(await closed, { code: 1001, reason: 'The server is shutting down.' });
  assert.deepEqual(await gone, [0, null]);
});
