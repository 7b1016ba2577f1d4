/**
 * `node bench/reload.ts`: how long a commit takes until it is served, and what it costs the requests of another project.
 *
 * `novastack serve` runs in a process of its own over a repository with one project of many tables (ten columns, a foreign key,
 * five roles) and one with a single table, on PostgreSQL. Options: `--tables 10,100,1000`, `--reloads 7`, `--pushes 11`.
 */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDatabase, type Scope } from '../test/database.ts';
import { createRemote, type Remote } from '../test/git-remote.ts';
import { projectFiles, projectText } from '../test/serve-shop.ts';
import { freePort } from '../test/servers/process.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';

const webhookSecret = 'a secret of the benchmark, which guards nothing at all';
const roles = ['visitor', 'customer', 'clerk', 'editor', 'owner'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      tables: { type: 'string', default: '10,100,1000' },
      reloads: { type: 'string', default: '7' },
      pushes: { type: 'string', default: '11' },
    },
  });
  for (const count of values.tables.split(',').map(Number))
    await inScope((scope) => reloads(scope, count, Number(values.reloads)));
  for (const way of ['webhook', 'polling'] as const)
    await inScope((scope) => pushes(scope, way, Number(values.pushes)));
}

async function inScope(work: (scope: Scope) => Promise<void>): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  try {
    await work({ after: (cleanup) => void cleanups.unshift(cleanup) });
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

/** The commits are synced one after the other, while another project is asked all the time. */
async function reloads(scope: Scope, count: number, times: number): Promise<void> {
  const repository = await createWorkspace(scope, count);
  const { remote, commit } = repository;
  const server = await startServer(scope, repository, '7d');
  const load = new Load(`${server.url}/small/rest/v1/books`);
  const measured: { all: number; build: number; held: number; slowest: number }[] = [];
  await load.during(wait(1_000));
  const alone = load.take();
  // The first two find code that has not run yet.
  for (let number = 0; number < times + 2; number += 1) {
    const id = await commit(number);
    await wait(300);
    await server.held();
    load.take();
    const from = performance.now();
    const applied = await load.during(server.sync('wide', id));
    const all = performance.now() - from;
    if (number < 2) continue;
    measured.push({
      all,
      build: applied.ms,
      held: await server.held(),
      slowest: Math.max(...load.take()),
    });
  }
  const of = (key: keyof (typeof measured)[number]) => spread(measured.map((one) => one[key]));
  console.log(`\n${count} tables, ${roles.length} roles, ${times} reloads (least, median, most)`);
  console.log(`  from sync to served                  ${of('all')} ms`);
  console.log(`  of it from the attempt to the swap   ${of('build')} ms`);
  console.log(`  longest hold of the event loop       ${of('held')} ms of processor time`);
  console.log(
    `  slowest request of another project   ${of('slowest')} ms; alone the median is ${median(alone).toFixed(1)} ms`,
  );
  console.log(`  resident                             ${await server.residentMb()} MB`);
  await remote.down();
}

/** From the moment at which the branch points to the commit until a caller is answered by it. */
async function pushes(scope: Scope, way: 'webhook' | 'polling', times: number): Promise<void> {
  const repository = await createWorkspace(scope, 1);
  const server = await startServer(scope, repository, way === 'webhook' ? '7d' : '1s');
  const measured: number[] = [];
  for (let number = 0; number < times + 1; number += 1) {
    // Whenever in the interval.
    await wait(500 + Math.random() * 1_000);
    const id = await repository.commit(number);
    const from = performance.now();
    if (way === 'webhook') await server.hook(id);
    await server.answersBy(`${server.url}/wide/rest/v1/t_0`, id);
    if (number > 0) measured.push(performance.now() - from);
  }
  const how =
    way === 'webhook' ? 'a webhook, which waits 500 ms for more of them' : 'polling at an interval of 1s';
  console.log(`\nfrom push to served by ${how}: ${spread(measured)} ms (${times} pushes)`);
}

interface Workspace {
  readonly remote: Remote;
  readonly env: Readonly<Record<string, string>>;
  /** A change of the project of many tables. @returns the commit's id */
  readonly commit: (number: number) => Promise<string>;
}

async function createWorkspace(scope: Scope, count: number): Promise<Workspace> {
  const wide = await createDatabase(scope, 'postgres');
  const small = await createDatabase(scope, 'postgres');
  const remote = await createRemote(scope);
  const numbers = Array.from({ length: count }, (_, index) => index);
  const books = 'create table books (id int primary key, title text not null);';
  await remote.commit({
    'small/novastack.yaml': projectText('small', 'SMALL_URL', 'postgres'),
    ...(await projectFiles(scope, 'small', 'postgres', { '0001_books.sql': books })),
    'wide/novastack.yaml': yamlOf(),
    ...Object.fromEntries(numbers.map((number) => [`wide/tables/t_${number}.yaml`, tableYaml(number)])),
    ...(await projectFiles(scope, 'wide', 'postgres', { '0001_tables.sql': numbers.map(tableSql).join('') })),
  });
  return {
    remote,
    env: { WIDE_URL: wide.url, SMALL_URL: small.url },
    commit: (number) => remote.commit({ 'wide/tables/t_0.yaml': tableYaml(0, `renamed_${number}`) }),
  };
}

function yamlOf(): string {
  return `novastack: 1
project: wide
databases: { main: { engine: postgres, url: "\${env:WIDE_URL}", migrations: migrations } }
auth: { anonymous: visitor }
roles: { ${roles.map((role) => `${role}: {}`).join(', ')} }
`;
}

function tableYaml(number: number, name = 'amount'): string {
  return `tables:
  t_${number}:
    columns: { amount: { name: ${name} } }
    permissions:
      visitor: { select: { columns: [id, title, amount] } }
      customer: { select: { columns: "*", where: { state: open } } }
      clerk: { select: true, insert: { columns: [id, title, amount, state] } }
      editor: { select: true, insert: true, update: { columns: [title, amount], where: { state: open } } }
      owner: { select: true, insert: true, update: true, delete: true }
`;
}

/** Each points to the one before. */
function tableSql(number: number): string {
  const parent = number === 0 ? '' : `references t_${number - 1}`;
  return `create table t_${number} (
  id int primary key, title text not null, amount numeric(10,2), state text not null default 'open', owner text,
  created timestamptz not null default now(), changed timestamptz, notes text, stock int, parent int ${parent}
);
`;
}

interface Server {
  readonly url: string;
  /** Resolves at the swap. */
  readonly sync: (project: string, id: string) => Promise<Applied>;
  /** Tells of a push as GitHub does. */
  readonly hook: (id: string) => Promise<void>;
  /** Asks until the answer is of a commit. */
  readonly answersBy: (url: string, id: string) => Promise<void>;
  /** Milliseconds of processor time between two turns of the event loop, the most since the last call. */
  readonly held: () => Promise<number>;
  readonly residentMb: () => Promise<number>;
}

/** A line of the log. */
interface Applied {
  readonly event: string;
  readonly revision: string;
  readonly ms: number;
}

async function startServer(
  scope: Scope,
  { remote, env }: Pick<Workspace, 'remote' | 'env'>,
  interval: string,
): Promise<Server> {
  const folder = await temporaryFolder(scope);
  const [port, adminPort] = [await freePort(), await freePort()];
  const yaml = `listen: 127.0.0.1:${port}
admin: 127.0.0.1:${adminPort}
secret: \${env:ENGINE_SECRET}
sources:
  main: { url: "${remote.fileUrl}", interval: ${interval}, secrets: [WIDE_URL, SMALL_URL], webhook: { secret: "\${env:HOOK_SECRET}" } }
`;
  await writeFile(join(folder, 'server.yaml'), yaml);
  const probe = join(folder, 'probe');
  const script = join(import.meta.dirname, '../engine/cli/main.ts');
  const flags = ['--import', join(import.meta.dirname, '../test/loop-probe.ts')];
  const child = spawn(process.execPath, [...flags, script, 'serve'], {
    cwd: folder,
    env: {
      ...process.env,
      ...env,
      ENGINE_SECRET: 'x'.repeat(40),
      HOOK_SECRET: webhookSecret,
      PROBE_FILE: probe,
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  process.once('exit', () => child.kill());
  scope.after(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const waiting = new Map<string, (line: Applied) => void>();
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (!text.startsWith('{')) throw new Error(text);
    const line = JSON.parse(text) as Applied;
    if (line.event === 'rejected' || line.event === 'fault') throw new Error(text);
    if (line.event !== 'applied') return;
    const id = /:([0-9a-f]{40})/.exec(line.revision)![1]!;
    waiting.get(id)?.(line);
    waiting.delete(id);
  });
  const url = `http://127.0.0.1:${port}`;
  const admin = `http://127.0.0.1:${adminPort}`;
  for (const path of ['small/rest/v1/books', 'wide/rest/v1/t_0'])
    while ((await fetch(`${url}/${path}`).catch(() => undefined))?.status !== 200) await wait(50);
  const probeUrl = await readFile(probe, 'utf8');
  return {
    url,
    sync: async (project, id) => {
      const applied = new Promise<Applied>((resolve) => waiting.set(id, resolve));
      const body = JSON.stringify({ sha: id });
      const asked = await fetch(`${admin}/-/projects/${project}/sync`, { method: 'POST', body });
      if (asked.status !== 202) throw new Error(await asked.text());
      return applied;
    },
    hook: async (id) => {
      const body = JSON.stringify({ ref: 'refs/heads/main', after: id });
      const signature = createHmac('sha256', webhookSecret).update(body).digest('hex');
      const answer = await fetch(`${url}/-/hooks/main`, {
        method: 'POST',
        body,
        headers: {
          'x-github-event': 'push',
          'x-github-delivery': id,
          'x-hub-signature-256': `sha256=${signature}`,
        },
      });
      if (answer.status !== 202) throw new Error(await answer.text());
    },
    answersBy: async (from, id) => {
      for (;;) {
        const answer = await fetch(from);
        await answer.arrayBuffer();
        if (answer.headers.get('x-novastack-revision')?.includes(id)) return;
        await wait(5);
      }
    },
    held: async () => Number(await (await fetch(probeUrl)).text()),
    residentMb: async () => {
      const text = await (await fetch(`${admin}/-/metrics`)).text();
      return Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(text)![1]) / 1e6);
    },
  };
}

/** One caller that asks again and again while something goes on. */
class Load {
  readonly #url: string;
  #taken: number[] = [];

  constructor(url: string) {
    this.#url = url;
  }

  async during<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = work.finally(() => {
      ended = true;
    });
    while (!ended) {
      const from = performance.now();
      const answer = await fetch(this.#url);
      await answer.arrayBuffer();
      if (answer.status !== 200) throw new Error(`the other project answers with ${answer.status}`);
      this.#taken.push(performance.now() - from);
      await wait(2);
    }
    return end;
  }

  /** Milliseconds of each request since the last call. */
  take(): readonly number[] {
    const taken = this.#taken;
    this.#taken = [];
    return taken;
  }
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)]!;
}

function spread(numbers: readonly number[]): string {
  return [Math.min(...numbers), median(numbers), Math.max(...numbers)]
    .map((number) => number.toFixed(0))
    .join(' · ');
}

await main();
