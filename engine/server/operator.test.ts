import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { MemoryFleet } from '../../test/operator/fleet.ts';
import { bearer, operators, serveOperator, tokens } from '../../test/operator/serve.ts';
import { ask } from '../../test/tokens/ask.ts';
import { codes } from '../problem/codes.ts';
import type { Operation, Refusal } from '../reconcile/fleet.ts';
import { Attempts } from './operator/attempts.ts';

const sha = 'b'.repeat(40);
const world = () => new MemoryFleet({ shop: 'main', blog: 'main', till: 'other' });

function operationOf(body: unknown): Operation {
  return (body as { operation: Operation }).operation;
}

test('without a token the closed listener says that it is there, alive and ready, and nothing else', async (t) => {
  const { closed } = await serveOperator(t, { fleet: world(), operators });
  const front = await ask(closed, { request: 'GET /', headers: ['Accept', 'text/html'] });
  assert.deepEqual([front.status, front.text], [200, 'NovaStack is here.\n']);
  for (const [path, status] of [
    ['/-/live', 'live'],
    ['/-/ready', 'ready'],
  ])
    assert.deepEqual((await ask(closed, { request: `GET ${path}` })).body, { status });
  const paths = [
    'GET /-/status', 'GET /-/projects/shop', 'GET /-/projects/none', 'GET /-/metrics', 'GET /-/openapi.json', 'GET /-/nowhere', 'GET /-/projects/shop/operations',
    'GET /-/operations/7', 'POST /-/projects/shop/sync', 'POST /-/projects/shop/rollback', 'POST /-/projects/shop/suspend', 'POST /-/projects/shop/resume', 'POST /-/projects/shop/remove', 'POST /-/projects/shop/reconcile',
    'PUT /-/status', 'GET /-/live/more', 'GET /-//status', 'GET /-/status?token=x',
  ]; // biome-ignore format: a list
  for (const request of paths) {
    const { status, headers, body } = await ask(closed, { request });
    assert.deepEqual(
      [request, status, headers['www-authenticate'], body],
      [request, 401, 'Bearer realm="novastack"', {
        code: 'PGRST302',
        message: "The operator's API answers no request without a token.",
        details: null,
        hint: 'Send "Authorization: Bearer <token>".',
      }],
    ); // biome-ignore format: one assertion
  }
});

test('the open listener needs no token, and takes the one that is sent seriously', async (t) => {
  const { open } = await serveOperator(t, { fleet: world(), operators });
  assert.equal((await ask(open, { request: 'GET /-/status' })).status, 200);
  const wrong = await ask(open, { request: 'GET /-/status', headers: bearer('x'.repeat(40)) });
  assert.equal(wrong.status, 401);
  const limited = await ask(open, { request: 'GET /-/status', headers: bearer(tokens.shop) });
  assert.deepEqual(
    (limited.body as { projects: { project: string }[] }).projects.map((one) => one.project),
    ['shop'],
  );
});

test('a page cannot have a browser ask the open listener, whatever its site is called', async (t) => {
  const fleet = world();
  const { open } = await serveOperator(t, { fleet, operators });
  for (const origin of ['https://evil.example', 'null', '', open]) {
    const { status, body } = await ask(open, {
      request: 'POST /-/projects/shop/suspend',
      headers: ['Origin', origin, 'Content-Type', 'text/plain'],
    });
    assert.deepEqual([origin, status, (body as { code: string }).code], [origin, 403, 'NS307']);
  }
  assert.deepEqual(fleet.asked, []);
  assert.equal(
    (
      await ask(open, {
        request: 'POST /-/projects/shop/suspend',
        headers: [...bearer(tokens.all), 'Origin', open],
      })
    ).status,
    202,
  );
});

test("an operator's token is compared as a whole", async (t) => {
  const { closed } = await serveOperator(t, {
    fleet: world(),
    operators: [
      ...operators,
      { name: 'short', token: 'short', projects: undefined, may: ['read'] },
      { name: 'none', token: '', projects: undefined, may: ['read'] },
    ],
  });
  const wrong = [
    'short', tokens.all.slice(0, -1), `${tokens.all}x`, tokens.all.toUpperCase(), 'eyJhbGciOiJub25lIn0.e30.', 'a.b.c', '.'.repeat(100), 'x'.repeat(9_000),
  ]; // biome-ignore format: a list
  for (const token of wrong) {
    const answer = await ask(closed, { request: 'GET /-/status', headers: bearer(token) });
    assert.deepEqual(
      [token.slice(0, 40), answer.status, (answer.body as { code: string }).code],
      [token.slice(0, 40), 401, 'PGRST301'],
    );
  }
  for (const header of ['', 'Bearer', 'Bearer ', 'Basic b3BzOnB3', tokens.all, `Token ${tokens.all}`])
    assert.equal(
      (await ask(closed, { request: 'GET /-/status', headers: ['Authorization', header] })).status,
      401,
      header,
    );
  const two = await ask(closed, { request: 'GET /-/status', headers: [...bearer('x'), ...bearer('y')] });
  assert.deepEqual([two.status, (two.body as { code: string }).code], [400, 'NS400']);
});

test('what is asked is an operation: 202, where to follow it, and who asked', async (t) => {
  const fleet = world();
  const { closed, events, metrics } = await serveOperator(t, { fleet, operators });
  const answer = await ask(closed, {
    request: 'POST /-/projects/shop/sync',
    headers: bearer(tokens.all),
    json: { sha, ref: 'refs/heads/main' },
  });
  const operation = operationOf(answer.body);
  assert.deepEqual(
    [answer.status, answer.headers.location, operation],
    [202, `/-/operations/${operation.id}`, fleet.operation(operation.id)],
  );
  const again = await ask(closed, {
    request: 'POST /-/projects/shop/sync',
    headers: bearer(tokens.shop),
    json: { sha },
  });
  assert.equal(operationOf(again.body).id, operation.id);
  const others = [
    ['reconcile', undefined],
    ['rollback', { revision: 'main@sha1:c' }],
    ['suspend', {}],
    ['resume', undefined],
  ] as const;
  for (const [kind, json] of others)
    assert.equal(
      (await ask(closed, { request: `POST /-/projects/shop/${kind}`, headers: bearer(tokens.all), json }))
        .status,
      202,
      kind,
    );
  assert.deepEqual(
    fleet.asked.map(({ kind, by, target }) => [kind, by, target]),
    [
      ['sync', 'operator ops', sha], ['reconcile', 'operator ops', undefined], ['rollback', 'operator ops', 'main@sha1:c'],
      ['suspend', 'operator ops', undefined], ['resume', 'operator ops', undefined],
    ], // biome-ignore format: a table
  );
  const told = events.flatMap((event) => (event.kind === 'operation-asked' ? [event] : []));
  assert.deepEqual(
    told.map((event) => [event.operation, event.by, event.result]),
    [
      ['sync', 'operator ops', 'accepted'], ['sync', 'operator shopkeeper', 'accepted'], ['reconcile', 'operator ops', 'accepted'],
      ['rollback', 'operator ops', 'accepted'], ['suspend', 'operator ops', 'accepted'], ['resume', 'operator ops', 'accepted'],
    ], // biome-ignore format: a table
  );
  assert.equal(told[0]!.id, operation.id);
  assert.match(
    await metrics.text(),
    /novastack_operations_asked_total\{project="shop",operation="sync",result="accepted"\} 2/,
  );
  for (const token of Object.values(tokens)) assert.ok(!JSON.stringify(events).includes(token));
});

test('a body is read strictly, and what is wrong with it is told', async (t) => {
  const fleet = world();
  const { open } = await serveOperator(t, { fleet });
  const post = (action: string, text: string, type = 'application/json') =>
    fetch(`${open}/-/projects/shop/${action}`, {
      method: 'POST',
      body: text,
      headers: { 'content-type': type },
    });
  const rows: readonly [action: string, body: string, code: string, message: string][] = [
    ['sync', '{', 'PGRST102', 'The body is not a JSON object.'],
    ['sync', '[]', 'PGRST102', 'The body is not a JSON object.'],
    ['sync', 'null', 'PGRST102', 'The body is not a JSON object.'],
    ['sync', `"${sha}"`, 'PGRST102', 'The body is not a JSON object.'],
    ['sync', `${'['.repeat(30_000)}`, 'PGRST102', 'The body is not a JSON object.'],
    ['sync', '{"sha":7}', 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', '{"sha":""}', 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', '{"sha":"b"}', 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', `{"sha":"${'B'.repeat(40)}"}`, 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', `{"sha":"${sha}\\n"}`, 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', `{"sha":"${sha}b"}`, 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', '{"sha":"--upload-pack=x"}', 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', '{"sha":null}', 'NS400', 'The "sha" of the body is not valid.'],
    ['sync', '{"ref":"a b"}', 'NS400', 'The "ref" of the body is not valid.'],
    ['sync', `{"ref":"${'r'.repeat(256)}"}`, 'NS400', 'The "ref" of the body is not valid.'],
    ['sync', '{"commit":"x"}', 'NS400', 'The body has a member "commit" that is not known here.'],
    ['sync', '{"__proto__":{"sha":"x"}}', 'NS400', 'The body has a member "__proto__" that is not known here.'],
    ['sync', '{"ref":"refs/heads/dev"}', 'NS705', 'The project\'s source follows refs/heads/main, not "refs/heads/dev".'],
    ['sync', '{"ref":"dev"}', 'NS705', 'The project\'s source follows refs/heads/main, not "dev".'],
    ['rollback', '', 'NS400', 'The body names no "revision".'],
    ['rollback', '{}', 'NS400', 'The body names no "revision".'],
    ['rollback', '{"revision":""}', 'NS400', 'The "revision" of the body is not valid.'],
    ['suspend', '{"for":"ever"}', 'NS400', 'The body has a member "for" that is not known here.'],
  ]; // biome-ignore format: a table
  for (const [action, body, code, message] of rows) {
    const answer = await post(action, body);
    const told = (await answer.json()) as { code: string; message: string };
    assert.deepEqual([body.slice(0, 50), told.code, told.message], [body.slice(0, 50), code, message]);
    assert.equal(answer.status, code === 'NS705' ? 422 : 400);
  }
  assert.deepEqual(fleet.asked, []);
  assert.equal((await post('sync', `{"sha":"${sha}"}`, 'application/x-www-form-urlencoded')).status, 202);
  assert.equal((await post('sync', '{"ref":"main"}')).status, 202);
  assert.equal((await post('sync', '')).status, 202);
  assert.equal((await post('sync', JSON.stringify({ sha: 'x'.repeat(70_000) }))).status, 413);
  assert.equal((await post('sync', '{}', 'no type at all')).status, 415);
});

test('each refusal of the fleet has its status and its code', async (t) => {
  const fleet = world();
  const { open, events } = await serveOperator(t, { fleet });
  const rows: readonly [Refusal, number, string, RegExp][] = [
    [{ kind: 'unknown-project' }, 404, 'PGRST125', /No project \\"shop\\" is known here/],
    [{ kind: 'unknown-revision', known: ['main@sha1:1', 'main@sha1:2'] }, 422, 'NS701', /Choose one of: main@sha1:1, main@sha1:2/],
    [{ kind: 'unknown-revision', known: [] }, 422, 'NS701', /There is none to go back to/],
    [{ kind: 'suspended' }, 409, 'NS703', /suspended/],
    [{ kind: 'still-there' }, 409, 'NS707', /The newest commit still has the project/],
    [{ kind: 'busy', message: 'The server is ending.' }, 409, 'NS704', /The server is ending/],
  ]; // biome-ignore format: a table
  for (const [refusal, status, code, told] of rows) {
    fleet.refusal = refusal;
    const answer = await ask(open, {
      request: 'POST /-/projects/shop/rollback',
      json: { revision: 'main@sha1:9' },
    });
    assert.deepEqual([answer.status, (answer.body as { code: string }).code], [status, code]);
    assert.match(answer.text, told);
  }
  const results = events.flatMap((event) => (event.kind === 'operation-asked' ? [event.result] : []));
  assert.deepEqual(results, ['unknown-revision', 'unknown-revision', 'suspended', 'still-there', 'busy']);
});

test('what a token may not see is not there, and what it may not do is said', async (t) => {
  const fleet = world();
  const { closed } = await serveOperator(t, { fleet, operators });
  const { id } = (await fleet.sync('blog', { sha, by: 'somebody' })) as Operation;
  const rows: readonly [token: string, request: string, status: number, code?: string][] = [
    [tokens.shop, 'GET /-/projects/shop', 200],
    [tokens.shop, 'GET /-/projects/blog', 404, 'PGRST125'],
    [tokens.shop, 'GET /-/projects/none', 404, 'PGRST125'],
    [tokens.shop, 'GET /-/projects/blog/operations', 404, 'PGRST125'],
    [tokens.shop, 'GET /-/projects/none/operations', 404, 'PGRST125'],
    [tokens.shop, `GET /-/operations/${id}`, 404, 'PGRST125'],
    [tokens.shop, 'GET /-/operations/none', 404, 'PGRST125'],
    [tokens.shop, 'POST /-/projects/blog/sync', 404, 'PGRST125'],
    [tokens.shop, 'POST /-/projects/blog/rollback', 404, 'PGRST125'],
    [tokens.shop, 'POST /-/projects/none/sync', 404, 'PGRST125'],
    [tokens.shop, 'POST /-/projects/shop/sync', 202],
    [tokens.shop, 'POST /-/projects/shop/reconcile', 202],
    [tokens.shop, 'POST /-/projects/shop/suspend', 403, 'NS305'],
    [tokens.shop, 'POST /-/projects/shop/resume', 403, 'NS305'],
    [tokens.shop, 'POST /-/projects/shop/rollback', 403, 'NS305'],
    [tokens.shop, 'GET /-/metrics', 403, 'NS305'],
    [tokens.shop, 'GET /-/openapi.json', 200],
    [tokens.reader, 'GET /-/metrics', 200],
    [tokens.reader, `GET /-/operations/${id}`, 200],
    [tokens.reader, 'GET /-/projects/till/operations', 200],
    [tokens.reader, 'GET /-/projects/none/operations', 404, 'PGRST125'],
    [tokens.reader, 'POST /-/projects/shop/sync', 403, 'NS305'],
    [tokens.reader, 'POST /-/projects/none/sync', 403, 'NS305'],
    [tokens.all, 'POST /-/projects/none/sync', 404, 'PGRST125'],
  ]; // biome-ignore format: a table
  for (const [token, request, status, code] of rows) {
    const answer = await ask(closed, { request, headers: bearer(token) });
    assert.deepEqual(
      [request, answer.status, (answer.body as { code?: string } | undefined)?.code],
      [request, status, code],
    );
  }
  const hidden = await ask(closed, { request: 'GET /-/projects/blog', headers: bearer(tokens.shop) });
  const absent = await ask(closed, { request: 'GET /-/projects/none', headers: bearer(tokens.shop) });
  assert.equal(hidden.text.replaceAll('blog', 'none'), absent.text);
  for (const path of ['/', '/-/status']) {
    const seen = await ask(closed, { request: `GET ${path}`, headers: bearer(tokens.shop) });
    const { projects } = seen.body as { projects: { project: string }[] };
    assert.deepEqual(
      projects.map(({ project }) => project),
      ['shop'],
    );
    assert.ok(!seen.text.includes('blog'));
  }
});

test('whoever waits for an operation is answered at its end, or when the time is over', async (t) => {
  const fleet = world();
  const { open, stopWaiting } = await serveOperator(t, { fleet });
  const begin = async () => ((await fleet.reconcile('shop', 'somebody')) as Operation).id;
  const state = async (path: string) =>
    operationOf((await ask(open, { request: `GET /-/operations/${path}` })).body).state;
  const timed = async (work: () => Promise<unknown>) => {
    const from = performance.now();
    return [await work(), performance.now() - from] as const;
  };

  const first = await begin();
  setTimeout(() => fleet.end(first), 300);
  const [ended, afterMs] = await timed(() => state(`${first}?wait=30s`));
  assert.equal(ended, 'succeeded');
  assert.ok(afterMs >= 250 && afterMs < 2_000, `${afterMs} ms`);
  assert.ok((await timed(() => state(`${first}?wait=30s`)))[1] < 1_000);

  const second = await begin();
  const [unended, waitedMs] = await timed(() => state(`${second}?wait=400ms`));
  assert.equal(unended, 'running');
  assert.ok(waitedMs >= 350 && waitedMs < 2_000, `${waitedMs} ms`);

  const stopped = state(`${second}?wait=60s`);
  setTimeout(stopWaiting, 100);
  assert.equal(await stopped, 'running');

  for (const wait of ['', '30', '-1s', '1h', '1e3s', '30s30s', '9999999s']) {
    const answer = await ask(open, { request: `GET /-/operations/${second}?wait=${wait}` });
    assert.deepEqual([wait, answer.status], [wait, 400]);
  }
  assert.equal((await ask(open, { request: `GET /-/operations/${second}?wait=1s&wait=2s` })).status, 400);
});

/** No second goes by, however long the machine takes. */
const stopped = () => new Attempts({ ticks: () => 0 });

test('tokens cannot be found by trying: 60 wrong ones a minute, then nobody at the address is heard', async (t) => {
  const { closed } = await serveOperator(t, {
    fleet: world(),
    operators,
    more: { attempts: stopped() },
  });
  const statuses: number[] = [];
  for (let attempt = 0; attempt < 62; attempt += 1)
    statuses.push(
      (await ask(closed, { request: 'GET /-/status', headers: bearer(`wrong-${attempt}`) })).status,
    );
  assert.deepEqual([statuses.filter((status) => status === 401).length, statuses.at(-1)], [60, 429]);
  const right = await ask(closed, { request: 'GET /-/status', headers: bearer(tokens.all) });
  assert.deepEqual(
    [right.status, (right.body as { code: string }).code, right.headers['retry-after']],
    [429, 'NS429', '1'],
  );
  assert.equal((await ask(closed, { request: 'GET /-/status' })).status, 401);
  assert.equal((await ask(closed, { request: 'GET /-/live' })).status, 200);
});

test('behind a proxy that is known each caller has attempts of its own', async (t) => {
  const { closed } = await serveOperator(t, {
    fleet: world(),
    operators,
    more: { proxies: ['127.0.0.1'], attempts: stopped() },
  });
  const from = (address: string, token: string) =>
    ask(closed, { request: 'GET /-/status', headers: [...bearer(token), 'X-Forwarded-For', address] });
  for (let attempt = 0; attempt < 61; attempt += 1) await from('203.0.113.7', 'wrong');
  assert.deepEqual(
    [(await from('203.0.113.7', tokens.all)).status, (await from('203.0.113.8', tokens.all)).status],
    [429, 200],
  );
});

test('docs/server.md tells every code of the API', async () => {
  const page = await readFile(new URL('../../docs/server.md', import.meta.url), 'utf8');
  const own = Object.entries(codes).filter(([code]) => /^NS(30[3-8]|429|7..)$/.test(code));
  assert.ok(own.length > 10);
  for (const [code, { status }] of own)
    assert.match(page, new RegExp(`^\\| ${status} \\| \\\`${code}\\\` \\|`, 'm'), code);
});

test('the description of the API is a valid OpenAPI document and names every path', async (t) => {
  const { closed } = await serveOperator(t, { fleet: world(), operators });
  const { body } = await ask(closed, { request: 'GET /-/openapi.json', headers: bearer(tokens.all) });
  const { valid, errors } = await new Validator().validate(body as Record<string, unknown>);
  assert.deepEqual(errors ?? [], []);
  assert.ok(valid);
  const { paths, security } = body as {
    paths: Record<string, Record<string, { responses: object; security?: unknown }>>;
    security: unknown;
  };
  assert.deepEqual(security, [{ bearer: [] }]);
  assert.deepEqual(
    Object.entries(paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
      .sort(),
    [
      'get /-/live', 'get /-/metrics', 'get /-/operations/{id}', 'get /-/projects/{project}', 'get /-/projects/{project}/operations', 'get /-/ready', 'get /-/status',
      'post /-/hooks/{source}', 'post /-/projects/{project}/reconcile', 'post /-/projects/{project}/remove', 'post /-/projects/{project}/resume', 'post /-/projects/{project}/rollback',
      'post /-/projects/{project}/suspend', 'post /-/projects/{project}/sync',
    ], // biome-ignore format: a list
  );
  assert.deepEqual(Object.keys(paths['/-/projects/{project}/sync']!.post!.responses), [
    '202',
    '400',
    '401',
    '403',
    '404',
    '409',
    '422',
    '429',
    '503',
  ]);
  assert.deepEqual(paths['/-/hooks/{source}']!.post!.security, []);
});
