/** What is sent to a server, to whom, and what is told of its answers. */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { authorizationOf } from './authorization.ts';
import { begin, follow } from './operation.ts';
import { Server, serverUrlOf } from './server.ts';

interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

interface Fake {
  readonly url: URL;
  /** Method, path and token of each request. */
  readonly asked: string[];
}

/** Answers one after the other; the last again and again. */
async function serverWith(t: TestContext, answers: readonly Answer[]): Promise<Fake> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const { status, body, headers } = answers[Math.min(asked.length, answers.length - 1)]!;
    asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), asked };
}

function ofTokens(): () => Promise<string> {
  let count = 0;
  return async () => {
    count += 1;
    return `token-${count}`;
  };
}

function open({ url }: Fake, ms = 10_000): Server {
  return new Server({ url, authorization: ofTokens(), deadline: Date.now() + ms });
}

const running = { operation: { id: 'op-1', state: 'running' } };
const over = { operation: { id: 'op-1', state: 'succeeded', revision: 'main@sha1:1' } };

test('each request has a token of its own, tried again or not', async (t) => {
  const fake = await serverWith(t, [
    { status: 503, body: { message: 'Busy.' }, headers: { 'retry-after': '0' } },
    { status: 202, body: running },
    { status: 200, body: running },
    { status: 200, body: over },
  ]);
  const asking = { server: open(fake), project: 'a/b', kind: 'sync', body: {} } as const;
  const ended = await follow(asking, await begin(asking));
  assert.equal(ended.revision, 'main@sha1:1');
  assert.deepEqual(
    fake.asked.map((line) => line.replace(/wait=\d+ms/, 'wait=…')),
    [
      'POST /-/projects/a%2Fb/sync Bearer token-1',
      'POST /-/projects/a%2Fb/sync Bearer token-2',
      'GET /-/operations/op-1?wait=… Bearer token-3',
      'GET /-/operations/op-1?wait=… Bearer token-4',
    ],
  );
});

test('an operation that a restarted server has forgotten is asked for again', async (t) => {
  const unknown = { status: 404, body: { code: 'PGRST125', message: 'No such operation.' } };
  const fake = await serverWith(t, [{ status: 202, body: running }, unknown, { status: 202, body: over }]);
  const asking = { server: open(fake), project: 'shop', kind: 'sync', body: {} } as const;
  assert.equal((await follow(asking, await begin(asking))).state, 'succeeded');
  const rollback = { ...asking, kind: 'rollback' } as const;
  const other = await serverWith(t, [{ status: 202, body: running }, unknown]);
  const again = { ...rollback, server: open(other) };
  await assert.rejects(follow(again, await begin(again)), /No such operation\. \(404 PGRST125\)/);
});

test('a refusal is told whole, each condition on a line', async (t) => {
  const details = [
    { claim: 'ref', found: '"refs/heads/x"', accepted: '"refs/heads/main"', source: 'main' },
    { claim: 'environment' },
  ];
  const body = { code: 'NS304', message: 'No trust fits.', details, hint: 'See trust.' };
  const fake = await serverWith(t, [{ status: 403, body }]);
  await assert.rejects(open(fake).ask({ method: 'GET', path: '/-/status' }), {
    name: 'ServerRefusal',
    message: [
      'No trust fits. (403 NS304)',
      '- "ref" is "refs/heads/x"; accepted: "refs/heads/main"; source main',
      '- "environment" is missing',
      'Hint: See trust.',
    ].join('\n'),
  });
  assert.equal(fake.asked.length, 1);
});

test('a token is not taken to where an answer redirects', async (t) => {
  const other = await serverWith(t, [{ status: 200, body: {} }]);
  const fake = await serverWith(t, [{ status: 307, headers: { location: `${other.url}x` } }]);
  await assert.rejects(open(fake).ask({ method: 'GET', path: '/' }), {
    name: 'ServerRefusal',
    message: new RegExp(`a token is not taken there\\. \\(307\\)\\nHint: .*: ${other.url}x$`),
  });
  assert.deepEqual(other.asked, []);
});

test('what is no server of ours, or none at all, is told as that', async (t) => {
  const page = await serverWith(t, [{ status: 200, body: '<html>' }]);
  await assert.rejects(
    open(page).ask({ method: 'GET', path: '/' }),
    /is not NovaStack, or a proxy before it/,
  );
  const gone = { url: new URL('http://127.0.0.1:9'), asked: [] };
  await assert.rejects(open(gone, 500).ask({ method: 'GET', path: '/' }), {
    name: 'ServerUnreachable',
    message: /^The server http:\/\/127\.0\.0\.1:9 cannot be reached \(/,
  });
});

test('a token goes over the network encrypted alone', () => {
  const good = [
    'https://api.example.com',
    'https://x/prefix/',
    'http://127.0.0.1:4000',
    'http://[::1]:4',
    'http://localhost',
  ];
  for (const text of good) assert.equal(serverUrlOf(text).href.replace(/\/$/, ''), text.replace(/\/$/, ''));
  const bad = [
    '',
    'api.example.com',
    'http://api.example.com',
    'http://127.0.0.1.example.com',
    'ftp://x',
    'https://u:p@x',
    'https://x?y',
  ];
  for (const text of bad) assert.throws(() => serverUrlOf(text), /Input "server-url"/, text);
});

test("GitHub's issuer is asked for the audience, and what it gives is masked", async (t) => {
  const issuer = await serverWith(t, [
    { status: 200, body: { value: 'one' } },
    { status: 200, body: { value: 'two' } },
  ]);
  const env = {
    ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.url}token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'ask',
  };
  const masked: string[] = [];
  const inputs = { auth: 'oidc', serverToken: '', audience: '' } as const;
  const server = new URL('https://api.example.com/prefix');
  const options = { inputs, server, env, mask: (secret: string) => masked.push(secret) };
  const authorization = authorizationOf(options);
  assert.deepEqual([await authorization(), await authorization()], ['one', 'two']);
  assert.deepEqual(masked, ['one', 'two']);
  const asked = 'GET /token?api-version=2.0&audience=https%3A%2F%2Fapi.example.com Bearer ask';
  assert.deepEqual(issuer.asked, [asked, asked]);
  assert.throws(() => authorizationOf({ ...options, env: {} }), /permissions: \{ id-token: write \}/);
  assert.throws(
    () => authorizationOf({ ...options, inputs: { ...inputs, auth: 'token' } }),
    /"server-token" has to be given/,
  );
  assert.equal(await authorizationOf({ ...options, inputs: { ...inputs, auth: 'none' } })(), undefined);
});
