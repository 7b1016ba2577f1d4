import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import { createDatabase, serverUrl } from '../../test/database.ts';
import { openAdmin } from '../../test/servers/identity.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { configOf } from '../dialect/postgres/scratch.fixture.ts';
import { migrateUp } from '../migrate/journal.ts';
import { readMigrations } from '../migrate/migrations.ts';
import { type DevEvent, type DevOptions, type DevServer, startDev } from './dev.ts';

const project = `novastack: 1
project: shop
databases:
  main: { engine: embedded, migrations: migrations, seeds: seeds }
auth: { anonymous: visitor }
roles: { visitor: {}, staff: {} }
`;
const books = (columns: string) => `tables:
  books:
    permissions:
      visitor: { select: { columns: ${columns} } }
      staff: { select: true, insert: true }
`;

type Files = Readonly<Record<string, string>>;

const shop: Files = {
  'novastack.yaml': project,
  'tables/books.yaml': books('[id, title]'),
  'migrations/0001_books.sql':
    'create table books (id int generated always as identity primary key, title text not null, cost numeric);',
  'seeds/books.sql': "insert into books (title, cost) values ('One', 1.10), ('Two', 9007199254740993);",
};

const temporary: string[] = [];
after(async () => {
  for (const folder of temporary) await rm(folder, { recursive: true, force: true });
});

async function folderWith(files: Files): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'ns-dev-'));
  temporary.push(folder);
  for (const [name, text] of Object.entries(files)) await save(folder, name, text);
  return folder;
}

async function save(folder: string, name: string, text: string): Promise<void> {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  await writeFile(path.join(folder, name), text);
}

interface Running {
  readonly server: DevServer;
  readonly events: DevEvent[];
  /** The first event of that kind from `from` on; waits for it. */
  event<K extends DevEvent['kind']>(kind: K, from?: number): Promise<DevEvent & { kind: K }>;
  get(
    url: string,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: unknown; revision: string | null }>;
}

async function start(folders: readonly string[], options: Partial<DevOptions> = {}): Promise<Running> {
  const events: DevEvent[] = [];
  let wake = Promise.withResolvers<void>();
  const server = await startDev({
    folders,
    port: 0,
    signals: false,
    pollMs: 50,
    onEvent: (event) => {
      events.push(event);
      wake.resolve();
      wake = Promise.withResolvers();
    },
    ...options,
  });
  return {
    server,
    events,
    async event(kind, from = 0) {
      for (;;) {
        const found = events.slice(from).find((event) => event.kind === kind);
        if (found !== undefined) return found as never;
        await wake.promise;
      }
    },
    async get(url, headers = {}) {
      const response = await fetch(server.url + url, { headers });
      const text = await response.text();
      return {
        status: response.status,
        body: JSON.parse(text),
        revision: response.headers.get('x-novastack-revision'),
      };
    },
  };
}

interface Status {
  readonly ready: boolean;
  readonly projects: readonly {
    readonly project: string | null;
    readonly phase: string;
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason: string;
    }[];
    readonly lastAppliedRevision: string | null;
    readonly diagnostics: readonly { readonly code: string; readonly severity: string }[];
    readonly databases: readonly { readonly name: string; readonly reachable: boolean }[];
  }[];
}

async function statusOf({ get }: Running): Promise<Status> {
  return (await get('/-/status')).body as Status;
}

/** Once no attempt runs: a lock that was just written may have begun another one. */
async function settledStatusOf(running: Running): Promise<Status> {
  let status = await statusOf(running);
  await until(async () => {
    status = await statusOf(running);
    return conditions(status).every((one) => !one.startsWith('Reconciling True'));
  });
  return status;
}

/** The lines of one metric. */
async function series({ url }: DevServer, name: string): Promise<readonly string[]> {
  const text = await (await fetch(`${url}/-/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`));
}

const conditions = (status: Status) =>
  status.projects[0]!.conditions.map(({ type, status: holds, reason }) => `${type} ${holds} ${reason}`);

test('a folder becomes an API, follows every save, and keeps serving through a broken one', async (context) => {
  const folder = await folderWith(shop);
  const running = await start([folder]);
  const { server, events, event, get } = running;
  context.after(() => server.close());
  await server.ready;

  await context.test('migrations and seeds of an embedded database run by themselves', async () => {
    const answer = await get('/shop/rest/v1/books?select=*&order=id');
    assert.deepEqual(
      [answer.status, answer.body],
      [
        200,
        [
          { id: 1, title: 'One' },
          { id: 2, title: 'Two' },
        ],
      ],
    );
    assert.match(String(answer.revision), /^dev@sha256:[0-9a-f]{12}\+[0-9a-f]{8}$/);
    assert.deepEqual(
      events.flatMap((one) =>
        one.kind === 'migration' && one.step.kind === 'applied' ? [one.step.file] : [],
      ),
      ['migrations/0001_books.sql', 'seeds/books.sql'],
    );
  });

  await context.test('a minted token has its role', async () => {
    const [served] = server.projects();
    const token = await served!.issuer.mint({ role: 'staff' });
    const response = await fetch(`${server.url}/shop/rest/v1/books?select=cost&id=eq.2`, {
      headers: { authorization: `Bearer ${token}` },
    });
    assert.equal(await response.text(), '[{"cost":9007199254740993}]');
  });

  await context.test('GraphQL and the description are there', async () => {
    const response = await fetch(`${server.url}/shop/graphql/v1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ books(order_by: { id: asc }, limit: 1) { title } }' }),
    });
    assert.deepEqual(
      [response.status, await response.json()],
      [200, { data: { books: [{ title: 'One' }] } }],
    );
    const { body } = await get('/shop/openapi.json');
    assert.equal((body as { openapi: string }).openapi, '3.1.0');
  });

  await context.test('the lock is written', async () => {
    await event('lock');
    assert.deepEqual(await readdir(path.join(folder, 'novastack.lock')), ['main']);
  });

  await context.test('the lock is written again when it is lost', async () => {
    const from = events.length;
    await rm(path.join(folder, 'novastack.lock'), { recursive: true });
    await event('lock', from);
    assert.deepEqual(await readdir(path.join(folder, 'novastack.lock')), ['main']);
  });

  await context.test('the metrics have its revision and its database', async () => {
    const { revision } = await get('/shop/rest/v1/books');
    assert.deepEqual(await series(server, 'novastack_revision_info'), [
      `novastack_revision_info{project="shop",revision="${revision}"} 1`,
    ]);
    assert.deepEqual(await series(server, 'novastack_database_reachable'), [
      'novastack_database_reachable{project="shop",database="main"} 1',
    ]);
  });

  await context.test('a save swaps the API', async () => {
    const { revision: was } = await get('/shop/rest/v1/books');
    const from = events.length;
    await save(folder, 'tables/books.yaml', books('[id, title, cost]'));
    const reloaded = await event('reloaded', from);
    assert.equal(reloaded.reason, 'save');
    const answer = await get('/shop/rest/v1/books?id=eq.1');
    assert.deepEqual(answer.body, [{ id: 1, title: 'One', cost: 1.1 }]);
    assert.notEqual(answer.revision, was);
    assert.equal(answer.revision, reloaded.revision);
  });

  await context.test('a broken save is explained, and the last good revision keeps serving', async () => {
    const good = await get('/shop/rest/v1/books');
    const from = events.length;
    await save(folder, 'tables/books.yaml', books('[id, titel]'));
    const broken = await event('broken', from);
    assert.equal(broken.reason, 'ValidationFailed');
    assert.equal(broken.serving, good.revision);
    assert.ok(
      broken.diagnostics.some(
        ({ severity, hint }) => severity === 'error' && hint === 'did you mean "title"?',
      ),
    );
    assert.deepEqual(await get('/shop/rest/v1/books'), good);
    const status = await settledStatusOf(running);
    assert.deepEqual(conditions(status), [
      'Ready True Succeeded',
      'Reconciling False ValidationFailed',
      'Stalled True ValidationFailed',
    ]);
    assert.ok(status.projects[0]!.diagnostics.some(({ severity }) => severity === 'error'));
    assert.equal(status.projects[0]!.lastAppliedRevision, good.revision);

    const later = events.length;
    await save(folder, 'tables/books.yaml', 'tables: [');
    assert.equal((await event('broken', later)).reason, 'BuildFailed');
    assert.deepEqual(await get('/shop/rest/v1/books'), good);

    const mended = events.length;
    await save(folder, 'tables/books.yaml', books('[id, title, cost]'));
    assert.equal((await event('unchanged', mended)).revision, good.revision);
    assert.deepEqual(conditions(await settledStatusOf(running)), [
      'Ready True Succeeded',
      'Reconciling False Succeeded',
      'Stalled False Succeeded',
    ]);
  });

  await context.test('a new migration is applied and its column served', async () => {
    const from = events.length;
    await save(folder, 'migrations/0002_isbn.sql', "alter table books add isbn text default 'x';");
    await event('reloaded', from);
    await save(folder, 'tables/books.yaml', books('[id, isbn]'));
    await event('reloaded', events.length);
    assert.deepEqual((await get('/shop/rest/v1/books?id=eq.1')).body, [{ id: 1, isbn: 'x' }]);
  });

  await context.test('an edited migration is refused, and dev --reset offered', async () => {
    const from = events.length;
    await save(folder, 'migrations/0002_isbn.sql', "alter table books add isbn text default 'y';");
    const broken = await event('broken', from);
    assert.equal(broken.reason, 'MigrationFailed');
    assert.match(
      String(broken.diagnostics.find(({ code }) => code === 'MIGRATION_EDITED')?.hint),
      /dev --reset/,
    );
    assert.equal((await get('/shop/rest/v1/books?id=eq.1')).status, 200);
  });

  await context.test('only the names of this machine are answered', async () => {
    const { port } = server;
    const { request } = await import('node:http');
    const asked = request({ port, host: '127.0.0.1', path: '/-/status', headers: { host: 'evil.example' } });
    asked.end();
    const [response] = await once(asked, 'response');
    assert.equal(response.statusCode, 421);
    response.resume();
  });
});

test('a project of another name leaves nothing of the old one in the metrics', async (context) => {
  const plain = project.replace(', migrations: migrations, seeds: seeds', '');
  const folder = await folderWith({ 'novastack.yaml': plain });
  const { server, event, events } = await start([folder]);
  context.after(() => server.close());
  await server.ready;
  const from = events.length;
  await save(folder, 'novastack.yaml', plain.replace('project: shop', 'project: store'));
  const { revision } = await event('reloaded', from);
  assert.deepEqual(await series(server, 'novastack_revision_info'), [
    `novastack_revision_info{project="store",revision="${revision}"} 1`,
  ]);
  assert.deepEqual(await series(server, 'novastack_database_reachable'), [
    'novastack_database_reachable{project="store",database="main"} 1',
  ]);
});

test('--reset starts an embedded database anew, data outlive a restart without it', async (context) => {
  const folder = await folderWith(shop);
  const token = async (running: Running) => ({
    authorization: `Bearer ${await running.server.projects()[0]!.issuer.mint({ role: 'staff' })}`,
  });
  const count = async (running: Running) =>
    ((await running.get('/shop/rest/v1/books')).body as unknown[]).length;

  const first = await start([folder]);
  context.after(() => first.server.close());
  await first.server.ready;
  await fetch(`${first.server.url}/shop/rest/v1/books`, {
    method: 'POST',
    headers: { ...(await token(first)), 'content-type': 'application/json' },
    body: '{"title":"Three"}',
  });
  assert.equal(await count(first), 3);
  await first.server.close();

  const second = await start([folder]);
  context.after(() => second.server.close());
  await second.server.ready;
  assert.equal(await count(second), 3);
  await second.server.close();

  await save(
    folder,
    'migrations/0001_books.sql',
    shop['migrations/0001_books.sql']!.replace('numeric', 'numeric(30, 2)'),
  );
  const third = await start([folder], { reset: true });
  context.after(() => third.server.close());
  await third.server.ready;
  assert.deepEqual((await third.event('reset')).databases, ['main']);
  assert.equal(await count(third), 2);
  await third.server.close();
});

test('operations of the folder follow every save, and a broken one serves the last good ones', async (context) => {
  const operations = 'operations: { only: [visitor] }\n';
  const folder = await folderWith({
    ...shop,
    'operations.yaml': operations,
    'operations/titles.graphql': 'query Titles { books(order_by: { id: asc }) { title } }',
  });
  const { server, events, event } = await start([folder]);
  context.after(() => server.close());
  await server.ready;
  const ask = async (body: object) => {
    const response = await fetch(`${server.url}/shop/graphql/v1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.json();
  };
  const titles = { data: { books: [{ title: 'One' }, { title: 'Two' }] } };
  assert.deepEqual(await ask({ operationName: 'Titles' }), titles);
  const refused = (await ask({ query: '{ books { id } }' })) as { errors: [{ message: string }] };
  assert.equal(refused.errors[0].message, 'query is not in any of the allowlists');

  let from = events.length;
  await save(folder, 'operations/more/ids.graphql', 'query Ids {\n  books { id, titel }\n}');
  const broken = await event('broken', from);
  assert.equal(broken.reason, 'ValidationFailed');
  assert.deepEqual(
    broken.diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ code, hint, source }) => [code, hint, source!.file, source!.span.start]),
    [
      [
        'OPERATION_NOT_VALID',
        'did you mean "title"?',
        'operations/more/ids.graphql',
        { line: 2, column: 15 },
      ],
    ],
  );
  assert.deepEqual(await ask({ operationName: 'Titles' }), titles);

  from = events.length;
  await save(folder, 'operations/more/ids.graphql', 'query Ids {\n  books(order_by: { id: asc }) { id }\n}');
  await event('reloaded', from);
  assert.deepEqual(await ask({ operationName: 'Ids' }), { data: { books: [{ id: 1 }, { id: 2 }] } });

  from = events.length;
  await rm(path.join(folder, 'operations/more'), { recursive: true });
  await event('reloaded', from);
  const gone = (await ask({ operationName: 'Ids' })) as { errors: [{ message: string }] };
  assert.equal(gone.errors[0].message, 'no such operation found: "Ids"');
});

test('2,000 requests through 50 saves: none fails, each names one revision that was served', async (context) => {
  const folder = await folderWith(shop);
  const running = await start([folder]);
  const { server, events, event, get } = running;
  context.after(() => server.close());
  await server.ready;
  let saves = 0;
  let asked = 0;
  const revisions = new Map<string, Set<string>>();
  const saving = (async () => {
    for (; saves < 50; saves += 1) {
      const from = events.length;
      await save(
        folder,
        'tables/books.yaml',
        `# ${saves}\n${books(saves % 2 === 0 ? '[id]' : '[id, title]')}`,
      );
      await event('reloaded', from);
    }
  })();
  const asking = async () => {
    while (asked < 2_000 || saves < 50) {
      asked += 1;
      const { status, body, revision } = await get('/shop/rest/v1/books?id=eq.1');
      assert.equal(status, 200, JSON.stringify(body));
      const bodies = revisions.get(String(revision)) ?? new Set();
      revisions.set(String(revision), bodies.add(JSON.stringify(body)));
    }
  };
  await Promise.all([saving, ...Array.from({ length: 8 }, asking)]);
  assert.ok(asked >= 2_000);
  const served = new Set(
    events.flatMap((one) => (one.kind === 'serving' || one.kind === 'reloaded' ? [one.revision] : [])),
  );
  assert.equal(served.size, 51);
  for (const [revision, bodies] of revisions) {
    assert.ok(served.has(revision), revision);
    assert.equal(bodies.size, 1, 'one revision gives one answer');
  }
  assert.ok(!events.some(({ kind }) => kind === 'broken'));
});

test('two folders with one name: the first is served, the second is told', async (context) => {
  const [one, two] = [await folderWith(shop), await folderWith(shop)];
  const running = await start([one, two]);
  context.after(() => running.server.close());
  await running.server.ready;
  const broken = await running.event('broken');
  assert.deepEqual([broken.directory, broken.reason], [two, 'NameTaken']);
  assert.equal((await running.get('/shop/rest/v1/books')).status, 200);
  const status = await statusOf(running);
  assert.deepEqual([status.ready, status.projects.map((each) => each.project)], [false, ['shop', null]]);
});

test('documentation is built after the swap and served; a failing build leaves the earlier pages', async (context) => {
  const folder = await folderWith(shop);
  let builds = 0;
  const running = await start([folder], {
    buildDocs: async ({ out, project: built }) => {
      builds += 1;
      if (builds === 2) throw new Error('no space left');
      await writeFile(path.join(out, 'index.html'), `${built.name} ${builds}`);
    },
  });
  const { server, event, events } = running;
  context.after(() => server.close());
  await event('docs-built');
  const page = async () => (await fetch(`${server.url}/shop/docs/`)).text();
  assert.equal(await page(), 'shop 1');
  const from = events.length;
  await save(folder, 'tables/books.yaml', books('[id]'));
  assert.equal((await event('docs-failed', from)).message, 'no space left');
  assert.equal(await page(), 'shop 1');
});

async function run(url: string, ...statements: readonly string[]): Promise<void> {
  const admin = await openAdmin(url);
  try {
    for (const statement of statements) await admin.query(statement);
  } finally {
    await admin.close();
  }
}

const external = configOf({ url: '', migrations: 'migrations', timeoutMs: 30_000, pool: { max: 1 } });

/** As `migrate up` does, without its lock. */
async function migrate(folder: string, url: string): Promise<void> {
  const pool = dialectFor('postgres').open({ config: external, url });
  try {
    const { value } = await readMigrations(folder, 'migrations');
    const { diagnostics } = await migrateUp(pool, { project: 'shop', database: 'main' }, value!);
    assert.deepEqual(diagnostics, []);
  } finally {
    await pool.close();
  }
}

async function lockedTables(folder: string): Promise<readonly string[]> {
  const tables = path.join(folder, 'novastack.lock/main/tables');
  return (await readdir(tables).catch(() => [])).filter((name) => !name.startsWith('.')).sort();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('an external Postgres', async (context) => {
  const administration = await serverUrl('postgres');
  const name = `ns_administration${process.pid}`;
  const url = new URL(administration);
  url.pathname = `/${name}`;
  process.env.NS_SERVER_TEST_URL = url.href;
  const folder = await folderWith({
    ...shop,
    'novastack.yaml': project.replace(
      'engine: embedded',
      'engine: postgres, url: "${env:NS_SERVER_TEST_URL}"',
    ),
    'tables/books.yaml': books('"*"'),
  });
  const running = await start([folder]);
  const { server, event, events, get } = running;
  context.after(async () => {
    await server.close();
    await run(administration, `drop database if exists ${name} with (force)`);
    delete process.env.NS_SERVER_TEST_URL;
  });

  await context.test('that is not there is waited for, and its requests are told 503', async () => {
    const broken = await event('broken');
    assert.equal(broken.reason, 'DatabaseUnreachable');
    const answer = await get('/shop/rest/v1/books');
    assert.deepEqual([answer.status, (answer.body as { code: string }).code], [503, 'NS503']);
    assert.equal((await statusOf(running)).projects[0]!.databases[0]!.reachable, false);
  });

  await context.test(
    'is served as it is, with a word on what is pending, once it can be reached',
    async () => {
      await run(administration, `create database ${name}`);
      await run(url.href, shop['migrations/0001_books.sql']!);
      const serving = await event('serving');
      assert.equal(serving.reason, 'database');
      assert.deepEqual(
        serving.diagnostics.map(({ code, severity }) => `${severity} ${code}`),
        ['warning MIGRATIONS_PENDING', 'notice SEEDS_PENDING', 'notice LOCK_KEPT'],
      );
      assert.deepEqual((await get('/shop/rest/v1/books')).body, []);
    },
  );

  await context.test('is recorded once its migrations have been run', async () => {
    await assert.rejects(readdir(path.join(folder, 'novastack.lock')), { code: 'ENOENT' });
    await run(url.href, 'drop table books');
    await migrate(folder, url.href);
    await event('lock');
    assert.deepEqual(await lockedTables(folder), ['public.books.yaml']);
  });

  await context.test('keeps its record while a migration is pending', async () => {
    const database = path.join(folder, 'novastack.lock/main/database.yaml');
    const recorded = await readFile(database, 'utf8');
    let from = events.length;
    await save(folder, 'migrations/0002_pens.sql', 'create table pens (id int primary key);');
    const { diagnostics } = await event('reloaded', from);
    assert.ok(diagnostics.some(({ code }) => code === 'LOCK_KEPT'));
    // Another attempt begins when the one before has recorded what it had to.
    from = events.length;
    await save(folder, 'tables/books.yaml', `# saved\n${books('"*"')}`);
    await event('reloaded', from);
    assert.equal(await readFile(database, 'utf8'), recorded);
    from = events.length;
    await migrate(folder, url.href);
    await event('reloaded', from);
    await until(async () => (await lockedTables(folder)).length === 2);
    assert.notEqual(await readFile(database, 'utf8'), recorded);
  });

  await context.test('has its DDL noticed', async () => {
    const from = events.length;
    await run(
      url.href,
      "alter table books add isbn text default 'i'",
      "insert into books (title) values ('New')",
    );
    assert.equal((await event('reloaded', from)).reason, 'schema');
    await event('lock', from);
    assert.deepEqual((await get('/shop/rest/v1/books')).body, [
      { id: 1, title: 'New', cost: null, isbn: 'i' },
    ]);
    // The lock that was told of may be that of the attempt before.
    await until(async () =>
      /isbn/.test(await readFile(path.join(folder, 'novastack.lock/main/tables/public.books.yaml'), 'utf8')),
    );
  });

  await context.test('that goes away is told, and noticed when it is back', async () => {
    let from = events.length;
    await run(
      administration,
      `alter database ${name} allow_connections false`,
      `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`,
    );
    assert.equal((await event('database', from)).reachable, false);
    assert.equal((await get('/shop/rest/v1/books')).status, 503);
    const status = await statusOf(running);
    assert.deepEqual(
      [status.projects[0]!.databases[0]!.reachable, conditions(status)[0]],
      [false, 'Ready True Succeeded'],
    );
    from = events.length;
    await run(administration, `alter database ${name} allow_connections true`);
    assert.equal((await event('database', from)).reachable, true);
    assert.equal((await get('/shop/rest/v1/books')).status, 200);
  });

  await context.test('keeps its API by the lock where a start finds it gone', async () => {
    await server.close();
    process.env.NS_SERVER_TEST_URL = url.href.replace(name, `${name}_gone`);
    const again = await start([folder]);
    try {
      await again.server.ready;
      assert.equal((await again.get('/shop/rest/v1/books')).status, 503);
      assert.equal((await again.get('/shop/rest/v1/nope')).status, 404);
    } finally {
      await again.server.close();
    }
  });
});

for (const engine of ['mariadb', 'mysql'] as const)
  test(`a database of ${engine} is served, recorded, and has its DDL noticed`, async (context) => {
    const database = await createDatabase(context, engine);
    await database.query(
      "create table books (id int primary key, title varchar(40) not null, cost decimal(20,2)); insert into books values (1, 'One', 1.10)",
    );
    const variable = `NS_SERVER_TEST_${engine.toUpperCase()}`;
    process.env[variable] = database.url;
    context.after(() => delete process.env[variable]);
    const folder = await folderWith({
      'novastack.yaml': project.replace(
        '{ engine: embedded, migrations: migrations, seeds: seeds }',
        `{ engine: mysql, url: "\${env:${variable}}" }`,
      ),
      'tables/books.yaml': books('"*"'),
    });
    const { server, get, event, events } = await start([folder]);
    context.after(() => server.close());
    await server.ready;
    assert.deepEqual((await get('/shop/rest/v1/books')).body, [{ id: 1, title: 'One', cost: 1.1 }]);
    await event('lock');
    assert.deepEqual(await lockedTables(folder), ['public.books.yaml']);
    const from = events.length;
    await database.query("alter table books add isbn varchar(20) default 'i'");
    assert.equal((await event('reloaded', from)).reason, 'schema');
    assert.deepEqual((await get('/shop/rest/v1/books')).body, [
      { id: 1, title: 'One', cost: 1.1, isbn: 'i' },
    ]);
  });

const program = `
import { startDev } from ${JSON.stringify(new URL('./dev.ts', import.meta.url).href)};
const server = await startDev({ folders: [process.argv[2]], port: 0, onEvent: (event) => console.log(JSON.stringify(event)) });
await server.closed;
console.log(JSON.stringify({ kind: 'ended', left: process.getActiveResourcesInfo().filter((name) => !/Pipe|TTY|Immediate|CloseReq|FSReq/.test(name)) }));
`;

test('SIGTERM finishes what is running and ends the process by itself', async () => {
  const folder = await folderWith({
    ...shop,
    'migrations/0001_books.sql': `${shop['migrations/0001_books.sql']}
create view slow as select id, pg_sleep(0.7)::text as slept from books limit 1;`,
    'tables/slow.yaml': 'tables: { slow: { permissions: { visitor: { select: true } } } }',
  });
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-', folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin!.end(program);
  const lines: { kind: string; url?: string; left?: string[] }[] = [];
  let url = '';
  const reader = createInterface({ input: child.stdout! });
  const exited = once(child, 'exit');
  for await (const line of reader) {
    const event = JSON.parse(line);
    lines.push(event);
    if (event.kind === 'listening') url = event.url;
    if (event.kind === 'serving') break;
  }
  const slow = fetch(`${url}/shop/rest/v1/slow`);
  // Running once the operator's metrics count it.
  while (
    !/novastack_requests_running\{project="shop"\} 1/.test(await (await fetch(`${url}/-/metrics`)).text())
  );
  child.kill('SIGTERM');
  const answer = await slow;
  assert.deepEqual([answer.status, await answer.json()], [200, [{ id: 1, slept: '' }]]);
  assert.deepEqual(await exited, [0, null]);
  await assert.rejects(fetch(`${url}/shop/rest/v1/books`));
});
