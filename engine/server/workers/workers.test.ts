/** Several processes at one port: real ones, with real databases, and callers that come to whichever the system chooses. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { readdir, writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { onEveryEngine } from '../../../test/engines.ts';
import { eventually, type Served, serve, startServing } from '../../../test/serve.ts';
import { createShop, type Shop } from '../../../test/serve-shop.ts';
import { openAdmin } from '../../../test/servers/identity.ts';
import { freePort } from '../../../test/servers/process.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';

const token = 'a-token-of-an-operator-for-tests-of-workers';
const operators = [
  { name: 'ops', token, projects: undefined, may: ['read', 'sync', 'rollback', 'suspend'] },
] as const;

interface World {
  readonly shop: Shop;
  readonly server: Served;
  readonly books: string;
  /** Commits a revision whose rows tell its number. */
  readonly commit: (number: number) => Promise<string>;
}

async function createWorld(
  t: TestContext,
  workers: number,
  engine: 'postgres' | 'mariadb' | 'mysql' = 'postgres',
): Promise<World> {
  const shop = await createShop(t, engine);
  const text = shop.files['shop/novastack.yaml']!;
  const commit = (number: number) =>
    shop.remote.commit({
      'shop/novastack.yaml': text
        .replace('books: {', `books: { columns: { title: { name: title_${number} } },`)
        .replace('migrations: migrations', 'migrations: migrations, pool: { max: 6 }'),
    });
  await commit(0);
  const server = await serve(t, {
    sources: { main: { url: shop.remote.fileUrl, webhook: { secret: token } } },
    config: { workers, operators, admin: undefined },
  });
  return { shop, server, books: `${server.url}/shop/rest/v1/books`, commit };
}

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers: Headers;
}

/** Over a connection of its own, so that the system chooses who answers. */
async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const answer = await fetch(url, { ...init, headers: { ...init.headers, connection: 'close' } });
  return { status: answer.status, body: await answer.text(), headers: answer.headers };
}

/** A folder in which everything temporary is made until the test ends, so that what is left of it is seen. */
async function temporaryForAll(t: TestContext): Promise<string> {
  const folder = await temporaryFolder(t);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  t.after(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  });
  return folder;
}

/** Over the connection that the agent has, as long as it has one. @returns the status */
function again(url: string, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode!));
    });
    asked.on('error', reject).end();
  });
}

/** Ids of the processes that one has started as workers; default: this one. */
async function processes(parent = process.pid): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'pid=,args=', '--ppid', String(parent)]);
  return stdout
    .split('\n')
    .filter((line) => line.includes('workers/worker.ts'))
    .map((line) => Number.parseInt(line, 10));
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The workers that have answered since the log had so many lines. */
function answeredBy({ logged }: Served, from = 0): ReadonlySet<unknown> {
  const requests = logged
    .slice(from)
    .filter(({ event, surface }) => event === 'request' && surface === 'rest');
  return new Set(requests.map(({ worker }) => worker));
}

const numberIn = (body: string) => Number(/title_(\d+)/.exec(body)?.[1]);

onEveryEngine((engine) => {
  it('flip together: nobody is told of the old revision after somebody was told of the new one', async (t) => {
    const { server, books, commit } = await createWorld(t, 3, engine);
    let running = true;
    /** When an answer of a revision was whole, the first time. */
    const seen = new Map<number, number>();
    const wrong: string[] = [];
    const callers = Array.from({ length: 4 }, async () => {
      while (running) {
        const from = performance.now();
        const { status, body, headers } = await ask(books);
        const number = numberIn(body);
        if (status !== 200) wrong.push(`${status} ${body}`);
        const newest = Math.max(...[...seen].filter(([, at]) => at < from - 100).map(([one]) => one), 0);
        if (number < newest) wrong.push(`${number} after ${newest} (${headers.get('x-novastack-revision')})`);
        if (!seen.has(number)) seen.set(number, performance.now());
      }
    });
    for (let number = 1; number <= 4; number += 1) await server.sync('shop', await commit(number));
    await sleep(300);
    running = false;
    await Promise.all(callers);
    assert.deepEqual(wrong, []);
    assert.deepEqual([...seen.keys()].at(-1), 4);
    await eventually(() => answeredBy(server).size === 3);
    assert.deepEqual(
      server.logged.filter(({ event }) => event === 'fault'),
      [],
    );
  });

  it('all tell of a table that its database has changed, and serve it again', async (t) => {
    const { shop, server, books } = await createWorld(t, 2, engine);
    await shop.query('alter table books rename column title to heading');
    const ten = async () =>
      (await Promise.all(Array.from({ length: 10 }, () => ask(books)))).map(({ status }) => status);
    await eventually(async () => (await ten()).every((status) => status === 503));
    await eventually(async () => assert.match((await ask(books)).body, /NS507/));
    await shop.query('alter table books rename column heading to title');
    await eventually(async () => (await ten()).every((status) => status === 200));
    assert.equal(server.project('shop').drift.length, 0);
  });
});

it('one that is killed is replaced, by one that serves what the others serve', async (t) => {
  const { server, books, commit } = await createWorld(t, 2);
  await server.sync('shop', await commit(1));
  const before = await processes();
  assert.equal(before.length, 2);
  process.kill(before[0]!, 'SIGKILL');
  await eventually(async () => {
    const now = await processes();
    assert.equal(now.length, 2);
    assert.ok(!now.includes(before[0]!));
  });
  const from = server.logged.length;
  await eventually(async () => {
    const { status, body } = await ask(books);
    assert.deepEqual([status, numberIn(body)], [200, 1]);
    return answeredBy(server, from).size === 2;
  });
  const told = JSON.stringify(server.logged);
  assert.match(told, /Worker \d has ended \(SIGKILL\); another one takes its place\./);
  await server.sync('shop', await commit(2));
  const answers = await Promise.all(Array.from({ length: 20 }, () => ask(books)));
  assert.deepEqual(new Set(answers.map(({ body }) => numberIn(body))), new Set([2]));
});

it('one that ends while it builds refuses the revision, which is tried again', async (t) => {
  const { server, books, commit } = await createWorld(t, 2);
  const [first] = await processes();
  process.kill(first!, 'SIGSTOP');
  const synced = server.sync('shop', await commit(1));
  await eventually(() => server.project('shop').phase === 'Probing');
  await sleep(500);
  process.kill(first!, 'SIGKILL');
  await synced;
  const { conditions } = server.project('shop');
  const stalled = conditions.find(({ type }) => type === 'Stalled')!;
  assert.deepEqual([stalled.status, stalled.reason], ['True', 'HealthCheckFailed']);
  assert.match(stalled.message, /^Worker \d could not build the revision: it has ended \(SIGKILL\)\. /);
  await eventually(async () => numberIn((await ask(books)).body) === 1);
});

it('pass what is asked of the operator on, with who asks', async (t) => {
  const { server, books } = await createWorld(t, 2);
  const bearer = { authorization: `Bearer ${token}` };
  const answers = await Promise.all(Array.from({ length: 12 }, () => ask(books)));
  assert.ok(answers.every(({ status }) => status === 200));
  assert.equal((await ask(`${server.url}/-/ready`)).status, 200);
  assert.equal((await ask(`${server.url}/-/status`)).status, 401);
  const status = await ask(`${server.url}/-/status`, { headers: bearer });
  assert.equal(status.status, 200, status.body);
  assert.equal(JSON.parse(status.body).projects[0].project, 'shop');
  assert.match(status.headers.get('x-request-id')!, /^.{8,}$/);
  // Counted by whoever answered, and added up.
  await eventually(async () => {
    const { body } = await ask(`${server.url}/-/metrics`, { headers: bearer });
    assert.match(body, /^novastack_requests_total\{project="shop",surface="rest",status="200"\} 12$/m);
    assert.match(body, /^novastack_revision_info\{project="shop",revision="[^"]+"\} 1$/m);
  });
  const suspended = await ask(`${server.url}/-/projects/shop/suspend`, { method: 'POST', headers: bearer });
  assert.equal(suspended.status, 202);
  const { id } = JSON.parse(suspended.body).operation;
  const waited = await ask(`${server.url}/-/operations/${id}?wait=10s`, { headers: bearer });
  assert.equal(JSON.parse(waited.body).operation.state, 'succeeded', waited.body);
  // An address that nobody vouches for does not get around the bound on wrong tokens.
  const guesses = await Promise.all(
    Array.from({ length: 80 }, (_, index) =>
      ask(`${server.url}/-/status`, {
        headers: { authorization: `Bearer ${'x'.repeat(40)}`, 'x-forwarded-for': `203.0.113.${index}` },
      }),
    ),
  );
  assert.deepEqual(new Set(guesses.map(({ status }) => status)), new Set([401, 429]));
  const twice = server.logged.filter(({ surface, worker }) => surface === 'operator' && worker !== undefined);
  assert.deepEqual(twice, []);
});

it('share the connections that a project may have', async (t) => {
  const { shop, books } = await createWorld(t, 3);
  await Promise.all(Array.from({ length: 200 }, () => ask(books)));
  const [row] = (await shop.query(
    'select count(*)::int as count from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )) as { count: number }[];
  // Six of the project, and those of the process that looks after the schema.
  assert.ok(row!.count <= 6 + 4, String(row!.count));
});

it('finish what runs when the server is closed, and leave no process', async (t) => {
  const { shop, server, books } = await createWorld(t, 2);
  const holder = await openAdmin(process.env[shop.variable]!);
  t.after(() => holder.close());
  await holder.query('begin; lock table books in access exclusive mode');
  const waiting = [ask(books), ask(books), ask(books)];
  const blocked =
    'select pid from pg_stat_activity where datname = current_database() and cardinality(pg_blocking_pids(pid)) > 0';
  await eventually(async () => (await shop.query(blocked)).length >= 3);
  const closed = server.close();
  await holder.query('commit');
  assert.deepEqual(
    (await Promise.all(waiting)).map(({ status }) => status),
    [200, 200, 200],
  );
  await closed;
  assert.deepEqual(await processes(), []);
  await assert.rejects(ask(books));
});

it('an embedded database is refused, since one process alone can have it', async (t) => {
  const { shop, server } = await createWorld(t, 2);
  const text = shop.files['shop/novastack.yaml']!.replace(
    /databases: .*/,
    'databases: { main: { engine: embedded, migrations: migrations } }',
  );
  await server.sync('shop', await shop.remote.commit({ 'shop/novastack.yaml': text }));
  const stalled = server.project('shop').conditions.find(({ type }) => type === 'Stalled')!;
  assert.match(stalled.message, /^Database "main" is embedded, and only one process can have it/);
});

it('end with the process above them, however that ends', async (t) => {
  const { remote, variable } = await createShop(t);
  const folder = await temporaryFolder(t);
  const port = await freePort();
  await writeFile(
    join(folder, 'server.yaml'),
    `listen: 127.0.0.1:${port}
workers: 2
secret: \${env:ENGINE_SECRET}
sources: { main: { url: "${remote.fileUrl}", secrets: ['SHOP_*'] } }
`,
  );
  const script = join(import.meta.dirname, '../../cli/main.ts');
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    const child = spawn(process.execPath, [script, 'serve'], {
      cwd: folder,
      env: { ...process.env, [variable]: process.env[variable]!, ENGINE_SECRET: 'x'.repeat(40) },
      stdio: 'ignore',
    });
    t.after(() => child.kill('SIGKILL'));
    const url = `http://127.0.0.1:${port}/shop/rest/v1/books`;
    await eventually(async () => (await ask(url)).status === 200);
    const workers = await processes(child.pid!);
    assert.equal(workers.length, 2);
    // As a terminal and a service manager do, who mean the whole group.
    if (signal === 'SIGTERM') for (const pid of workers) process.kill(pid, signal);
    child.kill(signal);
    await eventually(() => workers.every((pid) => !isAlive(pid)));
    await assert.rejects(ask(url));
  }
});

it('say that a port is taken', async (t) => {
  const shop = await createShop(t);
  const temporary = await temporaryForAll(t);
  const port = await freePort();
  const other = createServer().listen(port, '127.0.0.1');
  t.after(() => other.close());
  const fixture = {
    state: join(temporary, 'state'),
    sources: { main: { url: shop.remote.fileUrl } },
    config: { workers: 2, listen: { host: '127.0.0.1', port } },
  };
  await assert.rejects(serve(t, fixture), { code: 'EADDRINUSE' });
  await eventually(async () => assert.deepEqual(await processes(), []));
  assert.deepEqual(await readdir(temporary), ['state']);
});

it('one that ends before it listens is told, and nothing is left of the others', async (t) => {
  const { remote } = await createShop(t);
  const temporary = await temporaryForAll(t);
  const started = serve(t, {
    state: join(temporary, 'state'),
    sources: { main: { url: remote.fileUrl } },
    config: { workers: 2, admin: undefined },
  });
  const refused = assert.rejects(started, /^Error: Worker \d has ended \(SIGKILL\)\.$/);
  await eventually(async () => process.kill((await processes())[0]!, 'SIGKILL'));
  await refused;
  // Longer than until one that has ended is started again.
  await sleep(2_000);
  assert.deepEqual(await processes(), []);
  assert.deepEqual(await readdir(temporary), ['state']);
});

it('no sum of the metrics goes down when one of them ends', async (t) => {
  const { server, books } = await createWorld(t, 2);
  await Promise.all(Array.from({ length: 30 }, () => ask(books)));
  const counted = async () => {
    const { body } = await ask(`${server.url}/-/metrics`, { headers: { authorization: `Bearer ${token}` } });
    const [, total] = /^novastack_requests_total\{project="shop",surface="rest",status="200"\} (\d+)$/m.exec(
      body,
    )!;
    const [, timed] =
      /^novastack_request_duration_seconds_count\{project="shop",surface="rest"\} (\d+)$/m.exec(body)!;
    return [Number(total), Number(timed)];
  };
  await eventually(async () => assert.deepEqual(await counted(), [30, 30]));
  for (const pid of await processes()) {
    process.kill(pid, 'SIGKILL');
    await eventually(() => !isAlive(pid));
    await eventually(async () => assert.deepEqual(await counted(), [30, 30]));
  }
});

for (const workers of [1, 2])
  it(`a successor with as many (${workers}) answers nobody before it serves what is served`, async (t) => {
    const shop = await createShop(t);
    const fixture = {
      state: await temporaryFolder(t),
      sources: { main: { url: shop.remote.fileUrl } },
      config: { workers, admin: undefined, listen: { host: '127.0.0.1', port: await freePort() } },
    };
    const first = await serve(t, { ...fixture, options: { lingerMs: 1_000 } });
    // What serves is written down soon after it does.
    await eventually(async () => (await readdir(join(fixture.state, 'projects', 'main'))).length > 0);
    const books = `${first.url}/shop/rest/v1/books`;
    let running = true;
    const told = new Set<unknown>();
    const callers = Array.from({ length: 6 }, async () => {
      while (running) {
        const { status, body } = await ask(books);
        told.add(status === 200 ? status : body);
      }
    });
    const second = await startServing(t, fixture);
    await eventually(() => answeredBy(second).size === workers);
    running = false;
    await Promise.all(callers);
    // And whoever uses a connection again and again leaves the first one in order.
    running = true;
    const loyal = Array.from({ length: 12 }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      t.after(() => agent.destroy());
      while (running) {
        told.add(await again(books, agent).catch((error: NodeJS.ErrnoException) => error.code));
        await sleep(10);
      }
    });
    await sleep(200);
    await first.close();
    await second.ready;
    await sleep(200);
    running = false;
    await Promise.all(loyal);
    assert.deepEqual([...told], [200]);
  });
