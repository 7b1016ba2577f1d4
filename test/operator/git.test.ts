/** The operator's API over a real repository and a real database: webhook, pipeline and operator, each with its effect on what is served. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { Operation } from '../../engine/reconcile/fleet.ts';
import type { OperatorConfig, TrustConfig } from '../../schema/server-config.ts';
import { createDatabase } from '../database.ts';
import { createRemote, type Remote } from '../git-remote.ts';
import { eventually, lockFor, type Served, serve } from '../serve.ts';
import { type Answered, ask } from '../tokens/ask.ts';
import { openIssuer } from '../tokens/issuer.ts';
import { mint, pairOf } from '../tokens/mint.ts';
import { bearer } from './serve.ts';

const iss = 'https://pipelines.example.eu';
const secret = 'the secret of a webhook, long enough';
const ops: OperatorConfig = {
  name: 'ops',
  token: 'o'.repeat(40),
  projects: undefined,
  may: ['read', 'sync', 'rollback', 'suspend'],
};
const migrations = {
  '0001_books.sql':
    "create table books (id int primary key, title text not null); insert into books values (1, 'One');",
};

describe('what is served from Git', () => {
  const key = pairOf('P-256', { kid: 'one' });
  let remote: Remote;
  let server: Served;
  let yaml: string;
  let runs = 0;
  // What `after` is given within `before` would run at the end of that.
  const ends: (() => unknown)[] = [];
  const scope = { after: (work: () => unknown) => ends.unshift(work) };
  after(async () => {
    for (const end of ends) await end();
  });

  before(async () => {
    const database = await createDatabase(scope, 'postgres');
    process.env.OPERATOR_TEST_URL = database.url;
    scope.after(() => delete process.env.OPERATOR_TEST_URL);
    yaml = `novastack: 1
project: shop
databases: { main: { engine: postgres, url: "\${env:OPERATOR_TEST_URL}", migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {} }
tables: { books: { permissions: { visitor: { select: { columns: [id, title], where: {} } } } } }
`;
    remote = await createRemote(scope);
    const lock = Object.entries(await lockFor(scope, 'postgres', migrations)).map(([file, text]) => [
      `shop/${file}`,
      text,
    ]);
    await remote.commit({
      'shop/novastack.yaml': yaml,
      'shop/migrations/0001_books.sql': migrations['0001_books.sql'],
      ...Object.fromEntries(lock),
    });
    const issuer = await openIssuer(scope, key.jwk);
    const trust: TrustConfig = {
      issuer: iss, jwks: issuer.url, audience: 'shop', claims: new Map([['repository_id', ['100']], ['ref', ['refs/heads/main']]]), may: ['read', 'sync'],
    }; // biome-ignore format: a record
    server = await serve(scope, {
      sources: { main: { url: remote.url, webhook: { secret }, trust: [trust] } },
      config: { operators: [ops] },
    }); // biome-ignore format: one record
  });

  const run = (sha: string) => {
    const now = Math.floor(Date.now() / 1000);
    runs += 1;
    return bearer(mint({
      alg: 'ES256', key: key.privateKey, header: { kid: 'one' },
      payload: { iss, aud: 'shop', jti: `run-${runs}`, iat: now, exp: now + 300, repository: 'acme/apis', repository_id: '100', ref: 'refs/heads/main', sha },
    })); // biome-ignore format: a record
  };
  const commitWith = (change: (yaml: string) => string) =>
    remote.commit({ 'shop/novastack.yaml': change(yaml) });
  const operationOf = (answer: Answered) => (answer.body as { operation: Operation }).operation;
  /** Follows an operation to its end. */
  const end = async (answer: Answered, headers: () => string[]): Promise<Operation> => {
    assert.equal(answer.status, 202, answer.text);
    let operation = operationOf(answer);
    while (operation.endedAt === null)
      operation = operationOf(
        await ask(server.url, { request: `GET ${answer.headers.location}?wait=60s`, headers: headers() }),
      );
    return operation;
  };
  const operator = () => bearer(ops.token);
  const revision = async () => {
    const answer = await ask(server.url, { request: 'GET /shop/rest/v1/books' });
    assert.equal(answer.status, 200, answer.text);
    return String(answer.headers['x-novastack-revision']);
  };

  it('a webhook has a push served long before the next look', async () => {
    const sha = await commitWith((text) => `${text}# pushed\n`);
    const body = '{"ref":"refs/heads/main"}';
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
    const answer = await fetch(`${server.url}/-/hooks/main`, {
      method: 'POST',
      body,
      headers: { 'x-hub-signature-256': signature },
    });
    assert.equal(answer.status, 202);
    await eventually(async () => (await revision()).startsWith(`main@sha1:${sha}`));
  });

  it('a pipeline asks for its commit and waits until it is served', async () => {
    const sha = await commitWith((text) => `${text}# by a pipeline\n`);
    const previous = await revision();
    const answer = await ask(server.url, {
      request: 'POST /-/projects/shop/sync',
      headers: run(sha),
      json: { sha },
    });
    const operation = await end(answer, () => run(sha));
    assert.deepEqual(
      [operation.state, operation.reason, operation.by, operation.revision, operation.previousRevision],
      ['succeeded', 'Succeeded', 'github acme/apis@refs/heads/main', await revision(), previous],
    );
    assert.ok(operation.revision!.startsWith(`main@sha1:${sha}`));
  });

  it('a bad commit fails its operation; the page says where, and a rollback goes back further', async () => {
    const good = await revision();
    const sha = await commitWith((text) => text.replace('visitor: { select', 'vistor: { select'));
    const failed = await end(
      await ask(server.url, { request: 'POST /-/projects/shop/sync', headers: run(sha) }),
      () => run(sha),
    );
    assert.deepEqual(
      [failed.state, failed.reason, failed.target, await revision()],
      ['failed', 'BuildFailed', sha, good],
    );
    const page = await ask(server.adminUrl!, {
      request: 'GET /-/projects/shop',
      headers: ['Accept', 'text/html'],
    });
    assert.match(page.text, /<code>UNKNOWN_ROLE<\/code><code>novastack\.yaml:6:\d+<\/code>/);

    const none = await ask(server.url, {
      request: 'POST /-/projects/shop/rollback',
      headers: operator(),
      json: { revision: 'main@sha1:none' },
    });
    assert.deepEqual([none.status, (none.body as { code: string }).code], [422, 'NS701']);
    const { history } = server.project('shop');
    const earlier = history.at(-1)!.revision;
    assert.notEqual(earlier, good);
    const back = await end(
      await ask(server.url, {
        request: 'POST /-/projects/shop/rollback',
        headers: operator(),
        json: { revision: earlier },
      }),
      operator,
    );
    assert.deepEqual([back.state, back.by, await revision()], ['succeeded', 'operator ops', earlier]);
  });

  it('what is suspended is not synced; resumed, it follows again', async () => {
    const post = (action: string) =>
      ask(server.url, { request: `POST /-/projects/shop/${action}`, headers: operator() });
    await end(await post('suspend'), operator);
    const refused = await post('sync');
    assert.deepEqual([refused.status, (refused.body as { code: string }).code], [409, 'NS703']);
    const sha = await commitWith((text) => `${text}# after all\n`);
    await end(await post('resume'), operator);
    await end(
      await ask(server.url, { request: 'POST /-/projects/shop/sync', headers: run(sha), json: { sha } }),
      () => run(sha),
    );
    await eventually(async () => (await revision()).startsWith(`main@sha1:${sha}`));
    const { body } = await ask(server.url, {
      request: 'GET /-/projects/shop/operations',
      headers: operator(),
    });
    const kinds = (body as { operations: Operation[] }).operations.map(({ kind }) => kind);
    assert.deepEqual(kinds, ['sync', 'resume', 'suspend', 'rollback', 'sync', 'sync']);
  });

  it('without a token nobody sees that there is a project, and no token is in the log', async () => {
    assert.equal((await ask(server.url, { request: 'GET /-/projects/shop' })).status, 401);
    assert.equal((await ask(server.url, { request: 'GET /' })).text, 'NovaStack is here.\n');
    assert.ok(!JSON.stringify(server.logged).match(/eyJ|oooo/));
  });
});
