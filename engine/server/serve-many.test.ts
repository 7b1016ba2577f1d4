/** Many projects of one repository in one process: the broken ones tell why and harm no other, and a push is of one alone. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDatabase, type Scope, type TestEngine } from '../../test/database.ts';
import { createRemote, type Remote } from '../../test/git-remote.ts';
import { cases } from '../../test/nightly.ts';
import { eventually, type Served, serve } from '../../test/serve.ts';
import { get, projectFiles } from '../../test/serve-shop.ts';
import { testEngines } from '../../test/servers/identity.ts';
import { freePort } from '../../test/servers/process.ts';

const good = cases(150, 600);
/** Of each engine; projects share them, each with a pool of its own. */
const databases = 2;

const migrations: Readonly<Record<TestEngine, string>> = {
  postgres:
    "create table if not exists books (id int primary key, title text not null); insert into books values (1, 'One') on conflict do nothing;",
  mariadb:
    "create table if not exists books (id int primary key, title varchar(50) not null); insert ignore into books values (1, 'One');",
  mysql:
    "create table if not exists books (id int primary key, title varchar(50) not null); insert ignore into books values (1, 'One');",
};

interface Workspace {
  readonly remote: Remote;
  readonly names: readonly string[];
  /** Of novastack.yaml; `title` is how the API calls a column, by which projects are told apart. */
  readonly text: (name: string, title?: string) => string;
  /** What `secrets` of the source has to be. */
  readonly allowed: readonly string[];
  readonly add: (folders: ReadonlyMap<string, string>) => Promise<void>;
}

/** Projects whose names end in a number, which says what their database is. */
async function createWorkspace(t: Scope, count: number): Promise<Workspace> {
  const own = `MANY_${randomBytes(6).toString('hex').toUpperCase()}`;
  const places: string[] = [];
  for (const engine of testEngines)
    for (let number = 0; number < databases; number += 1) places.push((await createDatabase(t, engine)).url);
  places.push(`postgres://nobody@127.0.0.1:${await freePort()}/nothing`);
  for (const [index, url] of places.entries()) process.env[`${own}_${index}`] = url;
  t.after(() => {
    for (const index of places.keys()) delete process.env[`${own}_${index}`];
  });
  const text = (name: string, title = titleOf(name)) => {
    const place = numberOf(name) % places.length;
    // A server has fewer connections than projects here: those that nobody needs are closed soon.
    const pool = 'pool: { max: 1, acquire: 5s, idle: 1s }';
    const dialect = engineOf(place) === 'postgres' ? 'postgres' : 'mysql';
    return `novastack: 1
project: ${name}
databases: { main: { engine: ${dialect}, url: "\${env:${own}_${place}}", migrations: migrations, ${pool} } }
auth: { anonymous: visitor }
roles: { visitor: {} }
tables: { books: { columns: { title: { name: ${title} } }, permissions: { visitor: { select: true } } } }
`;
  };
  const shared = new Map<TestEngine, Readonly<Record<string, string>>>();
  for (const engine of testEngines)
    shared.set(engine, await projectFiles(t, 'any', engine, { '0001_books.sql': migrations[engine] }));
  const remote = await createRemote(t);
  const add: Workspace['add'] = async (folders) => {
    const files = [...folders].flatMap(([folder, yaml]) => {
      const place = Number(/_(\d)\}/.exec(yaml)?.[1] ?? 0);
      const beside = Object.entries(shared.get(engineOf(place))!);
      return [
        [`${folder}/novastack.yaml`, yaml],
        ...beside.map(([file, content]) => [file.replace('any', folder), content]),
      ];
    });
    await remote.commit(Object.fromEntries(files));
  };
  const names = Array.from({ length: count }, (_, index) => {
    // The last place is one where nobody answers.
    const place = index % (places.length - 1);
    const round = Math.floor(index / (places.length - 1));
    return `shop-${String(round * places.length + place).padStart(3, '0')}`;
  });
  await add(new Map(names.map((name) => [folderOf(name), text(name)])));
  return { remote, names, text, allowed: [`${own}_*`], add };
}

function engineOf(place: number): TestEngine {
  return testEngines[Math.floor(place / databases)] ?? 'postgres';
}

function numberOf(name: string): number {
  return Number(/-(\d+)$/.exec(name)![1]);
}

/** Projects that cannot be served as they are written, by folder, and what the status says of each. */
function brokenOnes({ text, names }: Workspace) {
  return new Map<string, { readonly text: string; readonly reason: string; readonly told: RegExp }>([
    ['zz/grammar', { text: 'novastack: 1\nproject: [', reason: 'BuildFailed', told: /YAML/ }],
    ['zz/key', { text: text('key-0').replace('roles:', 'rules:'), reason: 'BuildFailed', told: /rules/ }],
    ['zz/role', { text: text('role-0').replace('{ visitor: { select', '{ vistor: { select'), reason: 'BuildFailed', told: /vistor/ }],
    ['zz/column', { text: text('column-0').replace('select: true', 'select: { columns: [nothing] }'), reason: 'ValidationFailed', told: /nothing/ }],
    ['zz/secret', { text: text('secret-0').replace(/env:MANY_/, 'env:OF_ANOTHER_'), reason: 'BuildFailed', told: /OF_ANOTHER_/ }],
    ['zz/twin', { text: text(names[0]!), reason: 'NameTaken', told: /shop-000/ }],
    ['zz/down', { text: text(`down-${3 * databases}`), reason: 'DatabaseUnreachable', told: /cannot be reached/ }],
  ]); // biome-ignore format: one case a line
}

function titleOf(name: string): string {
  return name.replace('-', '_');
}

function folderOf(name: string): string {
  return `teams/${name.slice(0, -1)}/${name}`;
}

it(`${good} projects, and some that are broken, are served side by side`, async (t) => {
  const workspace = await createWorkspace(t, good);
  const { remote, names, text, allowed } = workspace;
  const broken = brokenOnes(workspace);
  await workspace.add(new Map([...broken].map(([folder, { text }]) => [folder, text])));
  const before = memory();
  const from = performance.now();
  const token = 'a-token-for-two-of-many-with-32-characters-or-more';
  const server = await serve(t, {
    sources: { main: { url: remote.fileUrl, secrets: allowed } },
    config: {
      operators: [{ name: 'two', token, projects: ['shop-001', 'shop-002'], may: ['read'] }],
    },
    // Hundreds that look at few servers again and again would be what is measured.
    options: { pollMs: 60_000 },
  });
  const started = performance.now() - from;
  const after = memory();
  const kept = (kind: 'heapUsed' | 'rss') => ((after[kind] - before[kind]) / good / 1024).toFixed(0);
  t.diagnostic(
    `started in ${(started / 1000).toFixed(1)} s, ${(started / (good + broken.size)).toFixed(0)} ms a project; heap ${kept('heapUsed')} KB and resident ${kept('rss')} KB a project`,
  );

  await t.test('each good one answers with what is its own', () => eachAnswers(server, names));

  await t.test('the broken ones tell why, and the one whose database is down tells its callers', async () => {
    const { projects } = (await get(`${server.adminUrl}/-/status`)).body as {
      projects: ReturnType<Served['status']>;
    };
    assert.equal(projects.length, good + broken.size);
    for (const [folder, { reason, told }] of broken) {
      const status = projects.find(({ source }) => source === `main:${folder}`)!;
      if (reason === 'DatabaseUnreachable') {
        assert.deepEqual(
          status.databases.map(({ reachable }) => reachable),
          [false],
        );
        assert.match(status.databases[0]!.message!, told);
        continue;
      }
      const stalled = status.conditions.find(({ type }) => type === 'Stalled')!;
      assert.deepEqual([stalled.status, stalled.reason], ['True', reason], folder);
      assert.match(JSON.stringify([stalled.message, status.diagnostics]), told, folder);
    }
    const down = await get(`${server.url}/down-6/rest/v1/books`);
    assert.deepEqual([down.status, (down.body as { code: string }).code], [503, 'NS503']);
    assert.equal((await get(`${server.url}/grammar/rest/v1/books`)).status, 404);
  });

  await t.test('the front page lists those that are visible', async () => {
    const all = (await get(`${server.adminUrl}/`)).body as { projects: { project: string | null }[] };
    const listed = new Set(all.projects.map(({ project }) => project));
    assert.deepEqual(
      names.filter((name) => !listed.has(name)),
      [],
    );
    const some = await fetch(`${server.url}/`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(some.status, 200);
    const { projects } = (await some.json()) as typeof all;
    assert.deepEqual(
      projects.map(({ project }) => project),
      ['shop-001', 'shop-002'],
    );
    assert.equal((await get(`${server.url}/`)).body, 'NovaStack is here.\n');
  });

  await t.test('a push that changes one rebuilds that one alone', async () => {
    const known = server.logged.length;
    const generations = new Map(
      server.status().map(({ source, observedGeneration }) => [source, observedGeneration]),
    );
    await remote.commit({ [`${folderOf('shop-007')}/novastack.yaml`]: text('shop-007', 'other') });
    await server.sync('shop-007');
    const applied = server.logged.slice(known).filter(({ event }) => event === 'applied');
    assert.deepEqual(
      applied.map(({ project }) => project),
      ['shop-007'],
    );
    const attempted = server
      .status()
      .filter(({ source, observedGeneration }) => generations.get(source) !== observedGeneration);
    // Whoever waits for a name asks for it each time.
    assert.deepEqual(
      attempted.map(({ source }) => source),
      [`main:${folderOf('shop-007')}`, 'main:zz/twin'],
    );
    const answer = await get(`${server.url}/shop-007/rest/v1/books`);
    assert.deepEqual(answer.body, [{ id: 1, other: 'One' }]);
  });

  await t.test('while one is reloaded again and again, another is hardly slower', async () => {
    const alone = median(await latencies(server, 'shop-002', sleep(2_000)));
    const known = server.logged.length;
    const reloads = async () => {
      for (let number = 0; number < 6; number += 1) {
        await remote.commit({ [`${folderOf('shop-007')}/novastack.yaml`]: text('shop-007', `t${number}`) });
        await server.sync('shop-007');
      }
    };
    const during = await latencies(server, 'shop-002', reloads());
    const applied = server.logged.slice(known).filter(({ event }) => event === 'applied').length;
    assert.equal(applied, 6);
    const told = `${alone.toFixed(1)} ms alone, ${median(during).toFixed(1)} ms beside ${applied} reloads, the slowest ${Math.max(...during).toFixed(0)} ms`;
    assert.ok(median(during) < 5 * alone + 20, told);
    t.diagnostic(told);
  });

  await t.test('and all of them as they were before', () =>
    eachAnswers(
      server,
      names.filter((name) => name !== 'shop-007'),
    ),
  );
});

it('a server with room for fewer says of the others that they are not served, until there is room', async (t) => {
  const { remote, names: some } = await createWorkspace(t, 5);
  const server = await serve(t, {
    sources: { main: { url: remote.fileUrl } },
    config: { limits: { projects: 3, pool: 5, sockets: 10, files: 1_000, bytes: 1_000_000 } },
  });
  await eachAnswers(server, some.slice(0, 3));
  const leftOut = () =>
    server
      .status()
      .filter(({ conditions }) => conditions.some(({ reason }) => reason === 'LimitReached'))
      .map(({ source, git }) => [source, git!.path, git!.commit] as const);
  const folders = some.slice(3).map(folderOf);
  const head = await remote.head();
  assert.deepEqual(
    leftOut(),
    folders.map((folder) => [`main:${folder}`, folder, head]),
  );
  const { projects } = (await get(`${server.adminUrl}/-/status`)).body as {
    projects: { conditions: { type: string; message: string }[] }[];
  };
  const stalled = projects.at(-1)!.conditions.find(({ type }) => type === 'Stalled')!;
  assert.match(stalled.message, /limits\.projects/);
  const logged = server.logged.filter(({ event }) => event === 'fault').map(({ message }) => message);
  assert.equal(logged.filter((message) => message?.includes('is not served')).length, 2);

  // One that is removed makes room for the next.
  await remote.commit({ [`${folderOf(some[0]!)}/novastack.yaml`]: null });
  await server.sync(some[1]!);
  const removed = await server.fleet.remove(some[0]!, 'a test');
  assert.ok('id' in removed, JSON.stringify(removed));
  await eventually(() => server.fleet.operation(removed.id)!.endedAt !== null);
  await server.sync(some[1]!);
  await eachAnswers(server, some.slice(1, 4));
  assert.deepEqual(
    leftOut().map(([source]) => source),
    [`main:${folderOf(some[4]!)}`],
  );
});

it('projects that the operator does not list take no room from those that are listed', async (t) => {
  const { remote, names } = await createWorkspace(t, 9);
  const listed = names.slice(-2);
  const given = { hosts: [], secrets: ['*'], migrate: true };
  const server = await serve(t, {
    sources: {
      main: { url: remote.fileUrl, projects: new Map(listed.map((name) => [name, { as: name, ...given }])) },
    },
    config: { limits: { projects: 3, pool: 5, sockets: 10, files: 1_000, bytes: 1_000_000 } },
  });
  await eachAnswers(server, listed);
  assert.equal((await get(`${server.url}/${names[0]}/rest/v1/books`)).status, 404);
  const unlisted = server.status().filter(({ project }) => project !== null && !listed.includes(project));
  assert.deepEqual(
    unlisted.map(({ project }) => project),
    [],
  );
});

/** One after the other, so that what is told of the first wrong one is its own. */
async function eachAnswers(server: Served, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const ask = () => get(`${server.url}/${name}/rest/v1/books`);
    // The servers are those of other tests too, and may be out of connections for a moment.
    await eventually(async () => (await ask()).status !== 503);
    const { status, body, revision } = await ask();
    assert.deepEqual(
      [status, body, revision],
      [200, [{ id: 1, [titleOf(name)]: 'One' }], server.project(name).lastAppliedRevision],
      name,
    );
  }
}

/** Milliseconds of each request, one after the other, until something has ended. */
async function latencies(server: Served, name: string, until: Promise<unknown>): Promise<readonly number[]> {
  let ended = false;
  const end = until.finally(() => {
    ended = true;
  });
  const taken: number[] = [];
  while (!ended) {
    const from = performance.now();
    const { status } = await get(`${server.url}/${name}/rest/v1/books`);
    taken.push(performance.now() - from);
    assert.equal(status, 200);
    await sleep(5);
  }
  await end;
  return taken;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]!;
}

function memory(): NodeJS.MemoryUsage {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage();
}
