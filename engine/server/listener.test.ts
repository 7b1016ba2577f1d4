import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { Agent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import type { FastifyInstance } from 'fastify';
import type { Project } from '../../schema/project.ts';
import { limits } from '../../test/limits.ts';
import type { Api } from '../api/api.ts';
import { createAuthenticator } from '../auth/authenticate.ts';
import { devIssuer } from '../auth/dev-issuer.ts';
import { Problem } from '../problem/problem.ts';
import { createInstance } from '../revision/instance.ts';
import { Registry, type Slot } from '../revision/registry.ts';
import type { Revision } from '../revision/revision.ts';
import type { OperationalEvent, RequestEvent } from '../telemetry/events.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createListener, type ListenerOptions } from './listener.ts';
import { createOperator } from './operator.ts';

const project: Project = {
  name: 'shop',
  title: undefined,
  description: undefined,
  databases: new Map(),
  auth: { anonymous: 'visitor', jwt: [] },
  cors: { origins: ['*'] },
  roles: new Map(),
  tables: new Map(),
  functions: new Map(),
  limits: {
    rows: 1000,
    export: undefined,
    body: 1000,
    depth: 8,
    cost: 10000,
    graphql: limits.graphql,
    rate: new Map(),
    numbers: 'number',
    unfilteredWrites: false,
    dryRun: [],
  },
  operations: undefined,
  docs: { roles: [], folder: undefined },
  tests: [],
  files: new Map(),
  locate: () => undefined,
};
const api: Api = {
  project: 'shop',
  title: 'shop',
  description: null,
  anonymous: 'visitor',
  databases: new Map(),
  roles: new Map(),
  tables: new Map(),
  functions: new Map(),
  limits: { ...limits, body: project.limits.body },
  world: (role) => ({
    role,
    tables: new Map(),
    rest: () => undefined,
    functions: new Map(),
    rpc: () => undefined,
  }),
  granted: () => new Set(),
};
const issuer = devIssuer('a key of the tests, of 32 characters or more', 'shop');

type Gate = { readonly opened: Promise<void>; readonly open: () => void; waiting: number };

function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve, waiting: 0 };
}

function surfaces(app: FastifyInstance, hold: Gate): void {
  app.get('/rest/v1/:table', (request) => ({ role: request.principal.role }));
  app.post('/rest/v1/:table', (request, reply) => {
    const sent = request.body as Buffer | undefined;
    return reply.send({ type: typeof sent, text: sent?.toString('latin1') ?? null });
  });
  app.delete('/rest/v1/:table', (request) => ({ body: request.body === undefined }));
  app.get('/hold', async () => {
    hold.waiting += 1;
    await hold.opened;
    return { held: true };
  });
  app.get('/problem', () => {
    throw new Problem('NS503', {
      message: 'No database.',
      headers: { 'Retry-After': '5' },
      cause: new Error('down'),
    });
  });
  app.get('/fault', () => {
    throw new Error('password=hunter2 in /srv/secret');
  });
}

async function revisionOf(
  id: string,
  hold: Gate,
  extra: Partial<Project> = {},
  release = async () => {},
): Promise<Revision> {
  const authenticator = createAuthenticator({
    project: 'shop',
    auth: { anonymous: 'visitor', jwt: [issuer.config] },
    roles: new Set(['visitor', 'staff']),
  });
  const options = {
    id,
    project: { ...project, ...extra },
    api,
    pools: new Map(),
    authenticator,
    timing: true,
    release,
  };
  return createInstance(options, (app) => surfaces(app, hold));
}

const opened: (() => Promise<void>)[] = [];
after(async () => {
  for (const close of opened) await close();
});

interface Served {
  readonly port: number;
  readonly registry: Registry;
  readonly slot: Slot;
  readonly hold: Gate;
  readonly events: OperationalEvent[];
  readonly listener: ReturnType<typeof createListener>;
}

async function serve(options: Partial<ListenerOptions> = {}, extra: Partial<Project> = {}): Promise<Served> {
  const events: OperationalEvent[] = [];
  const emit = (event: OperationalEvent) => void events.push(event);
  const registry = new Registry({ emit, drainMs: 2_000 });
  const slot = registry.claim('shop', {})!;
  const hold = gate();
  registry.swap(slot, await revisionOf('dev@one', hold, extra));
  const operator = await createOperator({
    projects: () => [],
    metrics: createMetrics({
      projects: () => [],
      pools: () => [],
      running: () => registry.running(),
      process: false,
    }),
    mode: 'dev',
    access: { kind: 'open' },
    version: '0.0.0',
  });
  const listener = createListener({ registry, operator: operator.handle, emit, ...options });
  const { port } = await listener.listen(0, '127.0.0.1');
  opened.push(async () => {
    hold.open();
    listener.destroy();
    await listener.drain();
    await registry.close();
    await operator.close();
  });
  return { port, registry, slot, hold, events, listener };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string | string[]>;
  readonly body?: string | Buffer;
  readonly agent?: Agent;
}

function ask(port: number, url: string, asked: Asked = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const request = httpRequest(
    {
      port,
      host: '127.0.0.1',
      path: url,
      method: asked.method ?? 'GET',
      headers: asked.headers ?? {},
      agent: asked.agent ?? false,
    },
    (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      );
    },
  );
  request.on('error', reject);
  request.end(asked.body);
  return promise;
}

/** Sends bytes as they are and reads until the server closes. */
async function raw(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.on('error', () => {});
  socket.write(text);
  await once(socket, 'close');
  return Buffer.concat(chunks).toString();
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

const json = (answer: Answer) => JSON.parse(answer.body);

test('every answer carries the headers of the contract', async () => {
  const { port } = await serve();
  const answer = await ask(port, '/shop/rest/v1/books?select=id', {
    headers: { origin: 'https://app.example' },
  });
  assert.equal(answer.status, 200);
  assert.deepEqual(json(answer), { role: 'visitor' });
  const {
    date,
    connection,
    'content-length': length,
    'x-request-id': id,
    'server-timing': timing,
    ...headers
  } = answer.headers;
  assert.ok(date && connection && length);
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.match(String(timing), /^plan;dur=0\.00, db;dur=0\.00, total;dur=\d+\.\d\d$/);
  assert.deepEqual(headers, {
    'x-novastack-revision': 'dev@one',
    'cache-control': 'private',
    vary: 'Authorization, apikey, X-NovaStack-Role, X-Hasura-Role, Accept-Profile, Content-Profile, Accept, Prefer, Origin',
    'x-content-type-options': 'nosniff',
    'access-control-allow-origin': '*',
    'access-control-expose-headers':
      'Content-Range, Content-Location, Location, Link, ETag, Preference-Applied, Retry-After, RateLimit, RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Server-Timing, X-NovaStack-Revision, X-Request-Id',
    'content-type': 'application/json; charset=utf-8',
  });
});

test('every answer of the documentation carries the request id and the revision', async () => {
  const { port, slot } = await serve();
  const root = await mkdtemp(path.join(tmpdir(), 'ns-docs-'));
  opened.push(() => rm(root, { recursive: true }));
  const asked = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
    const answer = await ask(port, url, { method, headers: { ...headers, 'x-request-id': 'docs-1' } });
    return [answer.status, answer.headers['x-request-id'], answer.headers['x-novastack-revision']];
  };
  const stamped = (status: number) => [status, 'docs-1', 'dev@one'];
  assert.deepEqual(await asked('/shop/docs/'), stamped(503));
  await writeFile(path.join(root, 'index.html'), '<h1>Shop</h1>');
  slot.docs.serve(root);
  const { etag } = (await ask(port, '/shop/docs/')).headers;
  assert.deepEqual(await asked('/shop/docs/'), stamped(200));
  assert.deepEqual(await asked('/shop/docs/', { 'if-none-match': etag! }), stamped(304));
  assert.deepEqual(await asked('/shop/docs'), stamped(308));
  assert.deepEqual(await asked('/shop/', { accept: 'text/html' }), stamped(307));
  assert.deepEqual(await asked('/shop/docs/nowhere'), stamped(404));
  assert.deepEqual(await asked('/shop/docs/', {}, 'POST'), stamped(405));
});

test("takes a caller's request id when it is sane, and makes one otherwise", async () => {
  const { port } = await serve();
  const with_ = async (id: string) =>
    (await ask(port, '/shop/hold-not', { headers: { 'x-request-id': id } })).headers['x-request-id'];
  assert.equal(await with_('abc-123'), 'abc-123');
  assert.match(String(await with_('a b')), /^[0-9a-f-]{36}$/);
  assert.match(String(await with_('x'.repeat(129))), /^[0-9a-f-]{36}$/);
});

test('answers a preflight before authentication, for allowed origins only, never with credentials', async () => {
  const { port } = await serve({}, { cors: { origins: ['https://app.example'] } });
  const preflight = (origin: string) =>
    ask(port, '/shop/rest/v1/books', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,apikey,x-client-info',
        authorization: 'Bearer nonsense',
      },
    });
  const allowed = await preflight('https://app.example');
  assert.equal(allowed.status, 204);
  assert.equal(allowed.headers['access-control-allow-origin'], 'https://app.example');
  assert.equal(
    allowed.headers['access-control-allow-methods'],
    'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
  );
  assert.equal(allowed.headers['access-control-allow-headers'], 'authorization,apikey,x-client-info');
  assert.equal(allowed.headers['access-control-allow-credentials'], undefined);
  assert.equal(allowed.headers.vary, 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers');
  const foreign = await preflight('https://evil.example');
  assert.equal(foreign.status, 204);
  assert.equal(foreign.headers['access-control-allow-origin'], undefined);
  assert.equal(foreign.headers['access-control-allow-methods'], undefined);
  const plain = await ask(port, '/shop/rest/v1/books', { headers: { origin: 'https://evil.example' } });
  assert.equal(plain.status, 200);
  assert.equal(plain.headers['access-control-allow-origin'], undefined);
});

test('a token decides the role, a broken one is 401 in the one error form, with CORS headers for the browser', async () => {
  const { port } = await serve();
  const token = await issuer.mint({ role: 'staff' });
  for (let round = 0; round < 2; round += 1) {
    const answer = await ask(port, '/shop/rest/v1/books', { headers: { authorization: `Bearer ${token}` } });
    assert.deepEqual(json(answer), { role: 'staff' });
  }
  const wrong = await ask(port, '/shop/rest/v1/books', {
    headers: { authorization: 'Bearer x', origin: 'https://a.example' },
  });
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers['access-control-allow-origin'], '*');
  assert.match(String(wrong.headers['www-authenticate']), /^Bearer realm="shop", error="invalid_token"/);
  assert.deepEqual(Object.keys(json(wrong)), ['code', 'message', 'details', 'hint']);
});

test('two Authorization headers are refused', async () => {
  const { port } = await serve();
  const answer = await raw(
    port,
    'GET /shop/rest/v1/books HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\nConnection: close\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 400 /);
  assert.match(answer, /two Authorization headers/);
});

test('bodies reach the surface as bytes; an empty one with a content type is no body', async () => {
  const { port } = await serve();
  const headers = { 'content-type': 'application/json' };
  const sent = await ask(port, '/shop/rest/v1/books', {
    method: 'POST',
    headers,
    body: '{"id":9007199254740993}',
  });
  assert.deepEqual(json(sent), { type: 'object', text: '{"id":9007199254740993}' });
  const bare = await ask(port, '/shop/rest/v1/books', { method: 'POST', body: 'é' });
  assert.deepEqual(json(bare), { type: 'object', text: 'Ã©' });
  const noText = await ask(port, '/shop/rest/v1/books', {
    method: 'POST',
    body: Buffer.from([0x22, 0xff, 0, 0x22]),
  });
  assert.deepEqual(json(noText), { type: 'object', text: '"ÿ\0"' });
  const empty = await ask(port, '/shop/rest/v1/books', {
    method: 'POST',
    headers: { ...headers, 'content-length': '0' },
  });
  assert.deepEqual(json(empty), { type: 'undefined', text: null });
  const gone = await ask(port, '/shop/rest/v1/books', { method: 'DELETE', headers });
  assert.deepEqual(json(gone), { body: true });
});

const wrongRequests: [title: string, url: string, asked: Asked, status: number, code: string][] = [
  ['a body beyond the limit', '/shop/rest/v1/books', { method: 'POST', body: 'x'.repeat(1001) }, 413, 'NS413'],
  ['a chunked body beyond the limit', '/shop/rest/v1/books', { method: 'POST', headers: { 'transfer-encoding': 'chunked' }, body: 'x'.repeat(1001) }, 413, 'NS413'],
  ['a content type that is none', '/shop/rest/v1/books', { method: 'POST', headers: { 'content-type': ';;' }, body: '1' }, 415, 'PGRST107'],
  ['a URL with a NUL character', '/shop/rest/v1/books?a=eq.%00', {}, 400, 'NS400'],
  ['a URL with broken encoding', '/shop/rest/v1/%zz', {}, 400, 'NS400'],
  ['a URL that is not UTF-8', '/shop/rest/v1/books?a=%ff', {}, 400, 'NS400'],
  ['a URL that is too long', `/shop/rest/v1/books?a=${'x'.repeat(16_400)}`, {}, 414, 'NS414'],
  ['headers that are too large', '/shop/rest/v1/books', { headers: { 'x-large': 'x'.repeat(40_000) } }, 431, 'NS431'],
  ['a path that is not there', '/shop/nowhere', {}, 404, 'PGRST125'],
  ['a project that is not there', '/other/rest/v1/books', {}, 404, 'PGRST125'],
  ['a project named like a property of every object', '/__proto__/rest/v1/books', {}, 404, 'PGRST125'],
  ['a method that the path has not', '/shop/rest/v1/books', { method: 'PUT', body: '{}' }, 405, 'PGRST117'],
  ['a method nobody has', '/shop/rest/v1/books', { method: 'PROPFIND' }, 405, 'PGRST117'],
  ['a path that is not there, at the operator', '/-/nowhere', {}, 404, 'PGRST125'],
]; // biome-ignore format: a table

test('what is wrong with a request is a 4xx in the one error form', async (context) => {
  const { port, events } = await serve();
  for (const [title, url, asked, status, code] of wrongRequests)
    await context.test(title, async () => {
      const answer = await ask(port, url, asked);
      assert.equal(answer.status, status, answer.body);
      const problem = json(answer);
      assert.deepEqual(Object.keys(problem), ['code', 'message', 'details', 'hint']);
      assert.equal(problem.code, code);
      assert.match(answer.headers['content-type']!, /^application\/json/);
    });
  assert.equal(
    (await ask(port, '/shop/rest/v1/books', { method: 'PUT' })).headers.allow,
    'DELETE, GET, HEAD, POST',
  );
  assert.ok(events.every((event) => event.kind === 'request' && event.status < 500));
});

test('what is no HTTP is refused cleanly', async () => {
  const { port } = await serve();
  const refused: [sent: string, status: number][] = [
    ['NONSENSE\r\n\r\n', 400],
    ['GET /shop/rest/v1/books HTTP/1.1\r\n\r\n', 400],
    ['GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n', 400],
    [
      'POST /shop/rest/v1/books HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
    ],
  ];
  for (const [sent, status] of refused)
    assert.match(await raw(port, sent), new RegExp(`^HTTP/1\\.1 ${status} `), sent);
});

test("an engine's fault says nothing of its cause, and the event has it", async () => {
  const { port, events } = await serve();
  const answer = await ask(port, '/shop/fault');
  assert.equal(answer.status, 500);
  assert.deepEqual(json(answer), {
    code: 'NS000',
    message: 'Something went wrong in the engine.',
    details: null,
    hint: "The log has the cause under this answer's X-Request-Id.",
  });
  await until(() => events.length > 0);
  assert.match(String((events[0] as RequestEvent).cause), /hunter2/);
  const refused = await ask(port, '/shop/problem');
  assert.equal(refused.status, 503);
  assert.equal(refused.headers['retry-after'], '5');
});

test('each request is told by one event without its query, token or body', async () => {
  const { port, events } = await serve();
  const token = await issuer.mint({ role: 'staff', claims: { sub: 'somebody@example.eu' } });
  await ask(port, '/shop/rest/v1/books?email=eq.secret', {
    headers: { authorization: `Bearer ${token}`, 'x-request-id': 'one' },
  });
  await until(() => events.length > 0);
  const { durations, bytes, subjectHash, ...event } = events[0] as RequestEvent;
  assert.ok(durations.total > 0 && bytes > 200);
  assert.match(String(subjectHash), /^[0-9a-f]{12}$/);
  assert.deepEqual(event, {
    kind: 'request',
    requestId: 'one',
    project: 'shop',
    revision: 'dev@one',
    surface: 'rest',
    method: 'GET',
    route: '/rest/v1/:table',
    table: 'books',
    role: 'staff',
    status: 200,
    code: undefined,
    aborted: false,
    cause: undefined,
  });
  assert.doesNotMatch(JSON.stringify(events), /secret|somebody|Bearer/);
});

test('in dev only the names of this machine are answered', async () => {
  const { port } = await serve({ hosts: new Set(['localhost', '127.0.0.1', '[::1]']) });
  for (const host of ['localhost:4000', '127.0.0.1', '[::1]:4000', 'LOCALHOST'])
    assert.equal((await ask(port, '/shop/rest/v1/books', { headers: { host } })).status, 200, host);
  for (const host of ['evil.example', 'localhost.evil.example:4000', '127.0.0.1.nip.io', '[::2]']) {
    const answer = await ask(port, '/-/status', { headers: { host } });
    assert.equal(answer.status, 421, host);
    assert.equal(json(answer).code, 'NS421');
  }
});

test('2,000 requests through 50 swaps: none fails, each names the one revision that answered it', async () => {
  const { port, registry, slot, hold, events } = await serve();
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  let released = 0;
  let swaps = 0;
  const revisions = new Set(['dev@one']);
  let asked = 0;
  const swapping = (async () => {
    for (; swaps < 50; swaps += 1) {
      await until(() => asked >= swaps * 40);
      const id = `dev@${swaps}`;
      revisions.add(id);
      const release = async () => {
        released += 1;
      };
      registry.swap(slot, await revisionOf(id, hold, {}, release));
    }
  })();
  const seen = new Set<string>();
  const caller = async () => {
    while (asked < 2_000 || swaps < 50) {
      asked += 1;
      const answer = await ask(port, '/shop/rest/v1/books', { agent });
      assert.equal(answer.status, 200);
      const revision = String(answer.headers['x-novastack-revision']);
      assert.ok(revisions.has(revision), revision);
      seen.add(revision);
    }
  };
  await Promise.all([swapping, ...Array.from({ length: 16 }, caller)]);
  agent.destroy();
  await until(() => events.filter((event) => event.kind === 'retired').length === 50);
  assert.ok(asked >= 2_000);
  assert.ok(seen.size > 40, `${seen.size} revisions answered`);
  assert.equal(released, 49);
  assert.ok(events.every((event) => event.kind !== 'retired' || event.drained));
});

test('a replaced revision keeps its pools until its last request has ended', async () => {
  const { port, registry, slot, hold, events } = await serve();
  const running = ask(port, '/shop/hold');
  await until(() => hold.waiting === 1);
  registry.swap(slot, await revisionOf('dev@two', hold));
  assert.equal((await ask(port, '/shop/rest/v1/books')).headers['x-novastack-revision'], 'dev@two');
  assert.ok(!events.some((event) => event.kind === 'retired'));
  hold.open();
  const answer = await running;
  assert.deepEqual([answer.status, answer.headers['x-novastack-revision']], [200, 'dev@one']);
  await until(() => events.some((event) => event.kind === 'retired' && event.drained));
});

test('a caller that goes away gives its lease back, in a pipeline too', async () => {
  const { port, registry, hold, events } = await serve();
  const socket = connect(port, '127.0.0.1');
  const one = 'GET /shop/hold HTTP/1.1\r\nHost: localhost\r\n\r\n';
  socket.write(one + one + one);
  await until(() => hold.waiting === 3);
  assert.deepEqual([...registry.running()], [{ project: 'shop', count: 3 }]);
  socket.destroy();
  await until(() => events.filter((event) => event.kind === 'request' && event.aborted).length === 3);
  assert.deepEqual([...registry.running()], [{ project: 'shop', count: 0 }]);
});

test('draining finishes what runs, closes idle connections and takes nothing new', async () => {
  const { port, hold, listener } = await serve();
  const agent = new Agent({ keepAlive: true });
  await ask(port, '/shop/rest/v1/books', { agent });
  const running = ask(port, '/shop/hold', { agent });
  await until(() => hold.waiting === 1);
  const drained = listener.drain();
  await assert.rejects(ask(port, '/shop/rest/v1/books'), { code: 'ECONNREFUSED' });
  hold.open();
  assert.equal((await running).status, 200);
  await drained;
  agent.destroy();
});

test('a project without a revision is 503 with Retry-After, and its name stays with its owner', async () => {
  const { port, registry, slot } = await serve();
  const owner = {};
  const waiting = registry.claim('waiting', owner)!;
  const answer = await ask(port, '/waiting/rest/v1/books');
  assert.deepEqual([answer.status, json(answer).code, answer.headers['retry-after']], [503, 'NS505', '1']);
  assert.equal(registry.claim('waiting', {}), undefined);
  assert.equal(registry.claim('waiting', owner), waiting);
  registry.release(slot);
  assert.equal((await ask(port, '/shop/rest/v1/books')).status, 404);
});

test('documentation is served from its folder and from nowhere else', async () => {
  const { port, slot } = await serve();
  const folder = await mkdtemp(path.join(tmpdir(), 'ns-docs-'));
  try {
    const root = path.join(folder, 'site');
    await mkdir(path.join(root, 'tables'), { recursive: true });
    await writeFile(path.join(root, 'index.html'), '<h1>Shop</h1>');
    await writeFile(path.join(root, 'tables', 'index.html'), '<h1>Tables</h1>');
    await writeFile(path.join(root, '404.html'), '<h1>Not here</h1>');
    await writeFile(path.join(root, '.hidden'), 'secret');
    await writeFile(path.join(folder, 'secret.txt'), 'secret');
    await symlink(path.join(folder, 'secret.txt'), path.join(root, 'link.txt'));

    const waiting = await ask(port, '/shop/docs/');
    assert.equal(waiting.status, 503);
    assert.match(waiting.body, /http-equiv="refresh"/);
    slot.docs.serve(root);

    const page = await ask(port, '/shop/docs/');
    assert.deepEqual(
      [page.status, page.body, page.headers['content-type']],
      [200, '<h1>Shop</h1>', 'text/html; charset=utf-8'],
    );
    const again = await ask(port, '/shop/docs/', { headers: { 'if-none-match': page.headers.etag! } });
    assert.deepEqual([again.status, again.body], [304, '']);
    const moved = await ask(port, '/shop/docs');
    assert.deepEqual([moved.status, moved.headers.location], [308, '/shop/docs/']);
    const folderMoved = await ask(port, '/shop/docs/tables');
    assert.deepEqual([folderMoved.status, folderMoved.headers.location], [308, '/shop/docs/tables/']);
    assert.equal((await ask(port, '/shop/docs/tables/')).body, '<h1>Tables</h1>');
    assert.equal(
      (await ask(port, '/shop', { headers: { accept: 'text/html' } })).headers.location,
      '/shop/docs/',
    );
    for (const hostile of [
      '/../secret.txt',
      '/%2e%2e/secret.txt',
      '/..%2fsecret.txt',
      '/link.txt',
      '/.hidden',
      '/%00',
      '/a%5cb',
      '/%ff',
    ]) {
      const answer = await ask(port, `/shop/docs${hostile}`);
      assert.deepEqual([answer.status, answer.body], [404, '<h1>Not here</h1>'], hostile);
    }
    assert.equal((await ask(port, '/shop/docs/', { method: 'POST' })).status, 405);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('the operator is told what runs, and the description of it is an OpenAPI document', async () => {
  const { port } = await serve();
  assert.deepEqual(
    [(await ask(port, '/-/live')).body, (await ask(port, '/-/ready')).body],
    ['{"status":"live"}', '{"status":"ready"}'],
  );
  assert.deepEqual(json(await ask(port, '/-/status')), {
    version: '0.0.0',
    mode: 'dev',
    ready: true,
    projects: [],
  });
  const metrics = await ask(port, '/-/metrics');
  assert.match(metrics.body, /novastack_requests_running\{project="shop"\} 0/);
  assert.match(metrics.headers['content-type']!, /^text\/plain/);
  const described = json(await ask(port, '/-/openapi.json'));
  assert.equal(described.openapi, '3.1.0');
  const { valid, errors } = await new Validator().validate(described);
  assert.ok(valid, JSON.stringify(errors));
  assert.deepEqual(Object.keys(described.paths).sort(), [
    '/-/live',
    '/-/metrics',
    '/-/projects/{project}',
    '/-/ready',
    '/-/status',
  ]);
  assert.match((await ask(port, '/', { headers: { accept: 'text/html' } })).body, /^<!doctype html>/);
  assert.deepEqual(json(await ask(port, '/')), { projects: [] });
});
