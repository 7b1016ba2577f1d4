/** A program written for Supabase, unchanged: its keys, tokens, headers and retries, from a browser too. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { type TestEngine, testEngines } from './servers/identity.ts';
import { openLibrary } from './supabase-world.ts';

for (const engine of testEngines) test(`supabase-js is met as it comes on ${engine}`, (t) => met(t, engine));

async function met(t: TestContext, engine: TestEngine): Promise<void> {
  const { url, key, client } = await openLibrary(t, { engine });

  await t.test(
    'from a page of another origin: a preflight, then headers that the page may read',
    async () => {
      const seen: Response[] = [];
      const browser: typeof fetch = async (input, init = {}) => {
        const headers = new Headers(init.headers);
        headers.set('Origin', 'https://app.example');
        const preflight = await fetch(input, {
          method: 'OPTIONS',
          headers: {
            Origin: 'https://app.example',
            'Access-Control-Request-Method': init.method ?? 'GET',
            'Access-Control-Request-Headers': [...headers.keys()].join(','),
          },
        });
        const answer = await fetch(input, { ...init, headers });
        seen.push(preflight, answer);
        return answer;
      };
      const staff = client('staff', { global: { fetch: browser } });
      const { data, count } = await staff
        .from('tags')
        .update({ uses: 1 }, { count: 'exact' })
        .eq('id', 1)
        .select('uses');
      assert.deepEqual([data, count], [[{ uses: 1 }], 1]);
      const [preflight, answer] = seen as [Response, Response];
      assert.equal(preflight.status, 204);
      assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
      assert.match(preflight.headers.get('access-control-allow-methods')!, /PATCH/);
      for (const name of [
        'apikey',
        'authorization',
        'content-profile',
        'content-type',
        'prefer',
        'x-client-info',
      ])
        assert.match(preflight.headers.get('access-control-allow-headers')!, new RegExp(name));
      assert.equal(answer.headers.get('access-control-allow-origin'), '*');
      assert.match(answer.headers.get('access-control-expose-headers')!, /Content-Range/);
    },
  );

  await t.test('with the key of the project, with another one, with a token that is none', async () => {
    assert.equal((await createClient(url, key).from('authors').select('id')).data?.length, 3);
    const other = await createClient(url, 'nspk_other').from('authors').select('id');
    assert.deepEqual([other.status, other.error?.code], [401, 'NS401']);
    const forged = createClient(url, key, { accessToken: async () => 'a.b.c' });
    const answer = await forged.from('authors').select('id');
    assert.deepEqual([answer.status, answer.error?.code], [401, 'PGRST301']);
  });

  await t.test('with headers of its own for one request', async () => {
    const { data, error } = await client('staff')
      .from('authors')
      .select('id')
      .order('id')
      .setHeader('Range', '1-1')
      .setHeader('Accept', 'application/x-ndjson, application/json;q=0.5');
    assert.deepEqual([data, error], [{ id: 2 }, null]);
  });

  await t.test('with the description of what it may see', async () => {
    const answer = await fetch(`${url}/rest/v1/`, {
      headers: { apikey: key, Authorization: `Bearer ${key}` },
    });
    const { swagger, definitions } = (await answer.json()) as { swagger: string; definitions: object };
    assert.deepEqual([swagger, Object.keys(definitions)], ['2.0', ['authors', 'books', 'reviews']]);
  });

  await t.test('and is answered when it asks again, after 503', async () => {
    let asked = 0;
    const front = createServer(async (request, response) => {
      asked += 1;
      if (asked < 3) return response.writeHead(503, { 'Retry-After': '0' }).end('{"message":"not yet"}');
      const answer = await fetch(new URL(request.url!, url), {
        headers: { apikey: key, 'X-Retry-Count': String(request.headers['x-retry-count']) },
      });
      response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end(await answer.text());
    });
    await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
    t.after(() => front.close());
    const through = `http://127.0.0.1:${(front.address() as AddressInfo).port}/library`;
    const { data } = await createClient(through, key).from('authors').select('name').eq('id', 1);
    assert.deepEqual([data, asked], [[{ name: 'Ann' }], 3]);
  });
}
