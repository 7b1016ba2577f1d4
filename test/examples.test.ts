/** The examples as a newcomer meets them: served by `dev`, with what their own `tests` promise. */
import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { validateProject } from '../engine/check/validate.ts';
import { recordLock } from '../engine/cli/record-lock.ts';
import { novastack } from '../engine/cli/story.fixture.ts';
import { type DevServer, startDev } from '../engine/server/dev.ts';
import type { Project, TestCase } from '../schema/project.ts';
import { createDatabase } from './database.ts';

const examples = join(import.meta.dirname, '..', 'examples');

/** By example. A procedure's rows are nobody's table; two leave it to whoever takes them to name an issuer of tokens. */
const said = {
  bookshop: ['notice ROLE_UNREACHABLE', 'warning NOT_ENFORCED'],
  inventory: ['warning NOT_ENFORCED'],
  rental: ['notice FUNCTION_ROWS', 'notice ROLE_UNREACHABLE', 'warning NOT_ENFORCED'],
};

for (const [name, expected] of Object.entries(said)) {
  test(`${name} is valid without a database or a secret, and its lock is current`, async (t) => {
    const dir = await copyOf(name, t);
    const { diagnostics, project, known } = await validateProject(dir);
    assert.deepEqual(
      diagnostics.map((one) => `${one.severity} ${one.code}`),
      expected,
    );
    for (const { code, hint } of diagnostics)
      if (code === 'FUNCTION_ROWS') assert.equal(hint, 'check what it gives, and grant it to few');
    assert.equal(await recordLock(dir, project!, known), false);
  });
}

test('bookshop keeps what its tests promise', async (t) => {
  const dir = await copyOf('bookshop', t);
  const { server, project } = await serve(dir, t);
  await runAll(project, server, t);
});

test('inventory keeps what its tests promise, on a server', async (t) => {
  const dir = await copyOf('inventory', t);
  const database = await createDatabase(t, 'postgres');
  const migrations = join(dir, 'migrations');
  for (const file of (await readdir(migrations)).sort())
    await database.query(await readFile(join(migrations, file), 'utf8'));
  process.env.INVENTORY_URL = database.url;
  t.after(() => delete process.env.INVENTORY_URL);
  const { server, project } = await serve(dir, t);
  await runAll(project, server, t);
});

for (const engine of ['mariadb', 'mysql'] as const)
  test(`rental keeps what its tests promise, on ${engine}`, async (t) => {
    const dir = await copyOf('rental', t);
    const database = await createDatabase(t, engine);
    process.env.RENTAL_URL = database.url;
    t.after(() => delete process.env.RENTAL_URL);
    const up = await novastack(['migrate', 'up', dir, '--seed'], { env: { RENTAL_URL: database.url } });
    assert.deepEqual([up.code, up.stderr], [0, '']);
    await sameLock(dir);
    const { server, project } = await serve(dir, t);
    await runAll(project, server, t);
  });

/** Which of the two servers it was written from is in one file; the rest is the same. */
async function sameLock(dir: string): Promise<void> {
  const [committed, written] = await Promise.all(
    [join(examples, 'rental'), dir].map(async (from) => {
      const lock = join(from, 'novastack.lock/main');
      const files = await readdir(lock, { recursive: true });
      const texts = files
        .filter((file) => file.endsWith('.yaml') && file !== 'database.yaml')
        .map(async (file) => [file, await readFile(join(lock, file), 'utf8')] as const);
      return new Map((await Promise.all(texts)).sort());
    }),
  );
  assert.deepEqual(written, committed);
}

/** A copy without what `dev` keeps for whoever runs the example here. */
async function copyOf(name: string, t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `novastack-${name}-`));
  t.after(() => rm(dir, { recursive: true, force: true }));
  await cp(join(examples, name), dir, { recursive: true, filter: (path) => !path.endsWith('.novastack') });
  return dir;
}

async function serve(dir: string, t: TestContext): Promise<{ server: DevServer; project: Project }> {
  const server = await startDev({ folders: [dir], port: 0, signals: false });
  t.after(() => server.close());
  await server.ready;
  const { project } = await validateProject(dir);
  assert.equal(server.projects().length, 1, JSON.stringify(server.status()));
  return { server, project: project! };
}

async function runAll(project: Project, server: DevServer, t: TestContext): Promise<void> {
  for (const one of project.tests) {
    await t.test(one.name, async () => {
      if (one.request !== undefined) await runRequest(one, project, server);
      for (const [table, verbs] of one.allowed)
        assert.deepEqual(missing(one, server, table, verbs), [], table);
      for (const [table, verbs] of one.denied)
        assert.deepEqual(missing(one, server, table, verbs), verbs, table);
    });
  }
}

/** Verbs that the role of the test does not have. */
function missing(
  one: TestCase,
  server: DevServer,
  table: string,
  verbs: readonly string[],
): readonly string[] {
  const { api } = server.projects()[0]!;
  const role = one.as === 'anonymous' ? api.anonymous : one.as.role;
  const granted: ReadonlySet<string> = role === undefined ? new Set() : api.granted(role, table);
  return verbs.filter((verb) => !granted.has(verb));
}

async function runRequest(one: TestCase, project: Project, server: DevServer): Promise<void> {
  for (const [table, rows] of one.given) {
    const given = await ask(server, project, { as: 'service', path: `/rest/v1/${table}`, body: rows });
    assert.equal(given.status, 201, given.text);
  }
  const request = one.request!;
  const as = one.as === 'anonymous' ? undefined : one.as.role;
  const claims = one.as === 'anonymous' ? {} : plainJson(one.as.claims);
  const answer = await ask(
    server,
    project,
    request.kind === 'rest'
      ? { as, claims, method: request.method, path: request.path, body: request.body, prefer: request.prefer }
      : { as, claims, path: '/graphql/v1', body: { query: request.document, variables: request.variables } },
  );
  const { status, body, contains, count, hidden } = one.expect!;
  const found: unknown = answer.text === '' ? undefined : JSON.parse(answer.text);
  if (status !== undefined) assert.equal(answer.status, status, answer.text);
  if (body !== undefined) assert.deepEqual(found, plainJson(body));
  if (contains !== undefined) assert.partialDeepStrictEqual(found, plainJson(contains));
  if (count !== undefined) assert.equal((found as readonly unknown[]).length, count);
  for (const column of hidden) assert.ok(!answer.text.includes(`"${column}"`), column);
}

interface Asked {
  readonly as: string | undefined;
  readonly claims?: object;
  /** Default: POST with a body, else GET. */
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly prefer?: string | undefined;
}

async function ask(
  server: DevServer,
  project: Project,
  { as, claims, method, path, body, prefer }: Asked,
): Promise<{ readonly status: number; readonly text: string }> {
  const { issuer } = server.projects()[0]!;
  const response = await fetch(`${server.url}/${project.name}${path}`, {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(as === undefined
        ? null
        : { authorization: `Bearer ${await issuer.mint({ role: as, claims: { ...claims } })}` }),
      ...(body === undefined ? null : { 'content-type': 'application/json' }),
      ...(prefer === undefined ? null : { prefer }),
    },
    ...(body === undefined ? null : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

function plainJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(value));
}
