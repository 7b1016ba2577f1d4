/** Secrets in files that change while a project is served: in force with the next request, or the issuer is closed. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { createAuthenticator } from '../../engine/auth/authenticate.ts';
import { FollowedFile } from '../../engine/revision/followed-file.ts';
import { type DevServer, startDev } from '../../engine/server/dev.ts';
import { createDatabase } from '../database.ts';
import { ask, askSocket, openSocket } from './ask.ts';
import { mint } from './mint.ts';
import { serveProjects } from './serve.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'ns-secrets-'));
after(() => rm(folder, { recursive: true, force: true }));

const secretOf = (name: string) => `the secret ${name} of an issuer, 32 bytes or more`;
const iss = (name: string) => `https://${name}.example.eu/`;

let serial = 0;

/** A token that was never sent before, unless it is kept. */
function token(issuer: string, secret: string): string {
  serial += 1;
  const exp = Math.floor(Date.now() / 1000) + 3600;
  const payload = { iss: iss(issuer), aud: 'shop', exp, jti: `${serial}`, role: 'customer' };
  return mint({ alg: 'HS256', key: Buffer.from(secret), payload });
}

interface Place {
  readonly title: string;
  /** Of the file that the project names. */
  readonly file: string;
  readonly put: (text: string) => Promise<void>;
  readonly remove: () => Promise<void>;
}

/** As people, Docker and Kubernetes put another secret there. */
const places: readonly Place[] = [
  { title: 'written in place', ...inPlace(path.join(folder, 'plain')) },
  { title: 'replaced by a rename', ...renamed(path.join(folder, 'renamed')) },
  { title: 'removed and written anew', ...anew(path.join(folder, 'anew')) },
  { title: 'swapped by a link, as Kubernetes does', ...swapped(path.join(folder, 'mount')) },
  { title: 'swapped by a link to a file', ...relinked(path.join(folder, 'relinked')) },
];

function inPlace(file: string): Omit<Place, 'title'> {
  return { file, put: (text) => writeFile(file, text), remove: () => unlink(file) };
}

function renamed(file: string): Omit<Place, 'title'> {
  const put = async (text: string) => {
    await writeFile(`${file}.new`, text);
    await rename(`${file}.new`, file);
  };
  return { file, put, remove: () => unlink(file) };
}

function anew(file: string): Omit<Place, 'title'> {
  const put = async (text: string) => {
    await rm(file, { force: true });
    await writeFile(file, text);
  };
  return { file, put, remove: () => unlink(file) };
}

function swapped(mount: string): Omit<Place, 'title'> {
  let version = 0;
  const put = async (text: string) => {
    version += 1;
    const name = `..2026_${version}`;
    await mkdir(path.join(mount, name), { recursive: true });
    await writeFile(path.join(mount, name, 'secret'), text);
    await symlink(name, path.join(mount, '..data_tmp'));
    await rename(path.join(mount, '..data_tmp'), path.join(mount, '..data'));
    if (version === 1) await symlink('..data/secret', path.join(mount, 'secret'));
  };
  return { file: path.join(mount, 'secret'), put, remove: () => unlink(path.join(mount, '..data')) };
}

function relinked(file: string): Omit<Place, 'title'> {
  let version = 0;
  const put = async (text: string) => {
    version += 1;
    await writeFile(`${file}.${version}`, text);
    await symlink(`${file}.${version}`, `${file}.tmp`);
    await rename(`${file}.tmp`, file);
  };
  return { file, put, remove: () => unlink(file) };
}

for (const { put } of places) await put(secretOf('first'));
const salted = path.join(folder, 'salted');
await writeFile(salted, 'a part');

const entries = [
  ...places.map(
    ({ file }, index) =>
      `    - { issuer: "${iss(`p${index}`)}", audience: shop, secret: "\${file:${file}}" }`,
  ),
  `    - { issuer: "${iss('salted')}", audience: shop, secret: "\${env:SALT}-\${file:${salted}}" }`,
  `    - { issuer: "${iss('steady')}", audience: shop, secret: "\${env:STEADY}" }`,
];
const env = { SALT: 'a salt of the secret, long enough for itself', STEADY: secretOf('steady') };
const server = await serveProjects(
  { after },
  {
    sql: 'create table books (id int primary key); insert into books values (1);',
    projects: {
      shop: `
auth:
  anonymous: visitor
  jwt:
${entries.join('\n')}
roles: { visitor: {}, customer: { inherits: [visitor] } }
tables: { books: { permissions: { visitor: { select: true } } } }
`,
    },
    env,
    pingMs: 500,
  },
);

const send = (text: string) =>
  ask(server.origin, { request: 'GET /shop/rest/v1/books', headers: ['Authorization', `Bearer ${text}`] });

async function accepts(text: string, why?: string): Promise<void> {
  const { status, text: body } = await send(text);
  assert.deepEqual([status, body], [200, '[{"id":1}]'], why);
}

async function refuses(text: string, why?: string): Promise<void> {
  const { status, headers, body } = await send(text);
  assert.deepEqual([status, (body as { code: string }).code], [401, 'PGRST301'], why);
  assert.match(String(headers['www-authenticate']), /error="invalid_token"/);
}

async function isClosed(text: string, why?: string): Promise<void> {
  const { status, headers, body } = await send(text);
  assert.deepEqual(
    [status, (body as { code: string }).code, headers['retry-after']],
    [503, 'NS506', '1'],
    why,
  );
}

describe('a secret in a file', () => {
  for (const [index, { title, put, remove }] of places.entries()) {
    const of = (name: string) => token(`p${index}`, secretOf(name));

    it(`that is ${title} is in force with the next request, time and again`, async () => {
      const names = ['second', 'third!', 'fourth', 'first'];
      let old = of('first');
      await accepts(old);
      for (const name of names) {
        const next = of(name);
        await refuses(next, 'not yet');
        await put(secretOf(name));
        await refuses(old, 'known, of the secret before');
        await accepts(next);
        await refuses(old, 'still');
        old = next;
      }
    });

    it(`that is ${title}, and is nothing for a while, closes the issuer and no other`, async () => {
      const from = server.events.length;
      const known = of('first');
      await accepts(known);
      await remove();
      await isClosed(known, 'known');
      await isClosed(of('first'), 'not known');
      await isClosed(token(`p${index}`, ''), 'forged');
      await accepts(token('steady', env.STEADY));
      const anonymous = await ask(server.origin, { request: 'GET /shop/rest/v1/books' });
      assert.equal(anonymous.status, 200);
      for (const text of ['', '\n', 'too short', 'x'.repeat(31), 'x'.repeat(70_000)]) {
        await put(text);
        await isClosed(known, `${text.length} characters`);
        await isClosed(token(`p${index}`, text), 'signed by what is there');
      }
      await put(`${secretOf('first')}\n`);
      await accepts(known, 'back');
      const told = server.events.slice(from).filter((event) => event.kind === 'issuer');
      assert.deepEqual([told[0]!.usable, told.at(-1)!.usable], [false, true]);
      assert.equal(told[0]!.issuer, iss(`p${index}`));
      assert.equal(
        told[0]!.message,
        'The secret of the issuer cannot be read, so none of its tokens is accepted.',
      );
    });
  }

  it('may be a part of it', async () => {
    const known = token('salted', `${env.SALT}-a part`);
    await accepts(known);
    await writeFile(salted, 'another part');
    await refuses(known);
    await accepts(token('salted', `${env.SALT}-another part`));
    await truncate(salted);
    await isClosed(token('salted', `${env.SALT}-`));
  });

  it('closes the sockets of the one before with their next operation', async () => {
    const { put } = places[0]!;
    const opened = await openSocket(server.origin, '/shop/graphql/v1', {
      Authorization: `Bearer ${token('p0', secretOf('first'))}`,
    });
    assert.ok(opened.kind === 'accepted');
    assert.deepEqual(await askSocket(opened.socket, '{ books { id } }'), { data: { books: [{ id: 1 }] } });
    await put(secretOf('second'));
    assert.deepEqual(await askSocket(opened.socket, '{ books { id } }', 'two'), { closed: 4401 });
    const refused = await openSocket(server.origin, '/shop/graphql/v1', {
      Authorization: `Bearer ${token('p0', secretOf('first'))}`,
    });
    assert.equal(refused.kind === 'closed' && refused.code, 4401);
  });

  it('closes the sockets of the one before while they only listen', async () => {
    const { put } = places[1]!;
    await put(secretOf('first'));
    const headers = { Authorization: `Bearer ${token('p1', secretOf('first'))}` };
    const opened = await openSocket(server.origin, '/shop/graphql/v1', headers);
    const steady = await openSocket(server.origin, '/shop/graphql/v1', {
      Authorization: `Bearer ${token('steady', env.STEADY)}`,
    });
    assert.ok(opened.kind === 'accepted' && steady.kind === 'accepted');
    const closed = new Promise((resolve) =>
      opened.socket.once('close', (code, reason) => resolve([code, String(reason)])),
    );
    opened.socket.send(
      JSON.stringify({ id: 'live', type: 'subscribe', payload: { query: 'subscription { books { id } }' } }),
    );
    await new Promise((resolve) => opened.socket.once('message', resolve));
    await put(secretOf('second'));
    assert.deepEqual(await closed, [4401, "The token's signature is not valid."]);
    assert.deepEqual(await askSocket(steady.socket, '{ books { id } }'), { data: { books: [{ id: 1 }] } });
    steady.socket.terminate();
  });

  it('is told of without what it is', async () => {
    const text = JSON.stringify(server.events);
    for (const secret of ['second', 'third!', 'fourth', 'first'].map(secretOf))
      assert.ok(!text.includes(secret));
    assert.ok(!text.includes('a part') && !text.includes(env.SALT));
    assert.ok(!server.events.some((event) => event.kind === 'fault'));
  });
});

describe('what it costs to look', () => {
  it('is next to nothing', async (t) => {
    const file = path.join(folder, 'cost');
    await writeFile(file, secretOf('cost'));
    const auth = {
      anonymous: undefined,
      jwt: [
        {
          issuer: iss('cost'),
          audience: 'shop',
          jwks: undefined,
          secret: secretOf('cost'),
          role: ['role'],
          roles: undefined,
          defaultRole: undefined,
        },
      ],
    };
    const roles = new Set(['customer']);
    const followed = new FollowedFile(file, -60_000);
    const secrets = new Map([[iss('cost'), () => followed.read()]]);
    const headers = { authorization: `Bearer ${token('cost', secretOf('cost'))}` };
    const fixed = createAuthenticator({ project: 'shop', auth, roles });
    const following = createAuthenticator({ project: 'shop', auth, roles, secrets });
    await fixed.authenticate(headers);
    await following.authenticate(headers);
    const microseconds = (work: () => unknown) => {
      const rounds = 20_000;
      const from = process.cpuUsage();
      for (let round = 0; round < rounds; round += 1) work();
      const { user, system } = process.cpuUsage(from);
      return (user + system) / rounds;
    };
    const before = microseconds(() => fixed.recognize(headers));
    const after = microseconds(() => following.recognize(headers));
    const stat = microseconds(() => statSync(file, { bigint: true }));
    t.diagnostic(
      `a known token: ${before.toFixed(1)} µs with a fixed secret, ${after.toFixed(1)} µs with one in a file (a stat is ${stat.toFixed(1)} µs)`,
    );
    assert.ok(following.recognize(headers) !== undefined);
    // A request takes some hundred; this is many times what was measured.
    assert.ok(after - before < 100, `${after - before} µs`);
  });
});

const database = await createDatabase({ after }, 'postgres');
await database.query('create table books (id int primary key)');
/** The engine of a folder reads its references from the environment. */
process.env.NOVASTACK_TEST_TOKENS_URL = database.url;

describe('dev', () => {
  const directory = path.join(folder, 'project');
  const file = path.join(folder, 'dev-secret');
  const log: string[] = [];
  let dev: DevServer;

  before(async () => {
    await mkdir(directory);
    await writeFile(file, secretOf('first'));
    await writeFile(
      path.join(directory, 'novastack.yaml'),
      `novastack: 1
project: shop
databases: { main: { engine: postgres, url: "\${env:NOVASTACK_TEST_TOKENS_URL}" } }
auth:
  anonymous: visitor
  jwt: [ { issuer: "${iss('dev')}", audience: shop, secret: "\${file:${file}}" } ]
roles: { visitor: {}, customer: { inherits: [visitor] } }
tables: { books: { permissions: { visitor: { select: true } } } }
`,
    );
    dev = await startDev({
      folders: [directory],
      port: 0,
      signals: false,
      log: { format: 'json', write: (line) => void log.push(line) },
    });
    await dev.ready;
  });
  after(() => dev.close());

  it('follows the file too, without another revision, and says so in its log', async () => {
    const status = async (text: string) =>
      (
        await ask(dev.url, {
          request: 'GET /shop/rest/v1/books',
          headers: ['Authorization', `Bearer ${text}`],
        })
      ).status;
    const [old, next] = [token('dev', secretOf('first')), token('dev', secretOf('second'))];
    const revision = dev.projects()[0]!.revision;
    assert.deepEqual([await status(old), await status(next)], [200, 401]);
    await writeFile(file, secretOf('second'));
    assert.deepEqual([await status(old), await status(next)], [401, 200]);
    await unlink(file);
    assert.deepEqual([await status(old), await status(next)], [503, 503]);
    await writeFile(file, secretOf('second'));
    assert.deepEqual([await status(old), await status(next)], [401, 200]);
    assert.equal(dev.projects()[0]!.revision, revision);
    const lines = log.map((line) => JSON.parse(line)).filter(({ event }) => event === 'issuer');
    assert.deepEqual(
      lines.map(({ level, project, issuer, usable }) => [level, project, issuer, usable]),
      [
        ['info', 'shop', iss('dev'), true],
        ['warn', 'shop', iss('dev'), false],
        ['info', 'shop', iss('dev'), true],
      ],
    );
    const text = log.join('');
    for (const name of ['first', 'second']) assert.ok(!text.includes(secretOf(name)));
    assert.ok(!text.includes((await readFile(file, 'utf8')).slice(0, 20)));
  });
});
