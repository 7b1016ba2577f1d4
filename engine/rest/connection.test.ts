/** What only a real connection shows: bytes as they come, and callers who go away. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { token } from '../../test/project.ts';
import { serve } from '../../test/rest.ts';

const staff = token('staff');
const options = {
  sql: `
    create view slow as select 1 as id, pg_sleep(30)::text as nap;
    create schema "é";
    create table "é".t (id int primary key);
    create table plain (id int primary key);
  `,
  schemas: ['public', 'é'],
  yaml: `
roles: { staff: {} }
tables:
  slow: { permissions: { staff: { select: true } } }
  é.t: { permissions: { staff: { select: true } } }
  plain: { permissions: { staff: { select: true, insert: true, delete: true } } }
`,
};

/** Sends bytes and gives all that comes back until the server closes. */
async function exchange(origin: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  socket.write(text);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function request(line: string, ...headers: string[]): string {
  return [line, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n');
}

test('over a real connection', async (t) => {
  const { listen, sql } = await serve(t, options);
  const origin = await listen(staff);

  await t.test('refuses a URL that is not ASCII', async () => {
    assert.match(await exchange(origin, request('GET /rest/v1/größe HTTP/1.1')), /^HTTP\/1\.1 400 /);
  });

  await t.test('reads profile headers as UTF-8, and repeats only those in ASCII', async () => {
    const wide = await exchange(origin, request('GET /rest/v1/t HTTP/1.1', 'Accept-Profile: é'));
    assert.match(wide, /^HTTP\/1\.1 200 OK\r\n/);
    assert.doesNotMatch(wide, /content-profile/i);
    const plain = await exchange(origin, request('GET /rest/v1/plain HTTP/1.1', 'Accept-Profile: public'));
    assert.match(plain, /\r\ncontent-profile: public\r\n/i);
  });

  await t.test(
    'takes a content type without a body for no body, and answers without one truly empty',
    async () => {
      const removed = await exchange(
        origin,
        request('DELETE /rest/v1/plain?id=eq.1 HTTP/1.1', 'Content-Type: application/json'),
      );
      assert.match(removed, /^HTTP\/1\.1 204 No Content\r\n/);
      assert.ok(removed.endsWith('\r\n\r\n'));
      const posted = await exchange(
        origin,
        `${request('POST /rest/v1/plain HTTP/1.1', 'Content-Type: application/json', 'Content-Length: 8')}{"id":7}`,
      );
      assert.match(posted, /^HTTP\/1\.1 201 Created\r\n/);
      assert.match(posted, /\r\ncontent-length: 0\r\n/i);
      assert.doesNotMatch(posted, /content-type/i);
      assert.ok(posted.endsWith('\r\n\r\n'));
    },
  );

  await t.test('ends the statement of a caller who goes away', async () => {
    const running = async () =>
      (
        await sql(
          "select 1 from pg_stat_activity where datname = current_database() and state = 'active' and query like '%slow%' and pid <> pg_backend_pid()",
        )
      ).length;
    const { hostname, port } = new URL(origin);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write('GET /rest/v1/slow HTTP/1.1\r\nHost: x\r\n\r\n');
    while ((await running()) === 0) await sleep(20);
    socket.destroy();
    const deadline = Date.now() + 10_000;
    while ((await running()) > 0 && Date.now() < deadline) await sleep(20);
    assert.equal(await running(), 0);
  });
});
