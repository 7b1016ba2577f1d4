/**
 * `node bench/live.ts`: many subscribers of a few questions over several sockets, against a served project: what they cost
 * the database and the engine's memory. Options: `--subscribers 10000`, `--shapes 10`, `--sockets 20`, `--seconds 20`.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { WebSocket } from 'ws';
import { createDatabase } from '../test/database.ts';
import { type DevChild, issuerYaml, startDevChild, tokenOf } from '../test/dev-child.ts';

const secret = 'a secret of the benchmark, which guards nothing at all';
const groups = 1_000;
const project = '{project="bench"}';

const sql = `
  create table authors (id int primary key, name text not null);
  create table books (
    id int primary key, title text not null, price numeric(10,2), stock int, owner text, author_id int references authors (id)
  );
  insert into authors select id, 'Author ' || id from generate_series(0, 99) as id;
  insert into books select id, 'Book ' || id, id % 50, id % 7, id % ${groups}, id % 100 from generate_series(0, 49999) as id;
  create index on books (owner);
  create index on books (author_id);
  analyze;
`;

const yaml = `novastack: 1
project: bench
databases:
  main: { engine: postgres, url: "$\{env:BENCH_DATABASE}" }
auth: { jwt: [ ${issuerYaml} ] }
roles: { reader: {} }
tables:
  authors: { permissions: { reader: { select: true } } }
  books: { permissions: { reader: { select: { columns: "*", where: { owner: $jwt.sub }, aggregate: true } } } }
`;

/** Each asks for the rows of one group: the caller's, or those of its variable. */
const columns = [
  'id title',
  'id price',
  'id stock',
  'title stock',
  'id title price',
  'id author { name }',
  'title author { id }',
];
const documents = [
  ...columns.map(
    (some) =>
      `subscription ($least: Int!) { books(where: {stock: {_gte: $least}}, order_by: {id: asc}) { ${some} } }`,
  ),
  'subscription ($least: Int!) { books_aggregate(where: {stock: {_gte: $least}}) { aggregate { count } } }',
  'subscription ($least: Int!) { books(where: {id: {_gte: $least}}, order_by: {price: desc}, limit: 3) { id price } }',
  'subscription ($least: Int!) { books(where: {author: {id: {_gte: $least}}}, order_by: {id: asc}, limit: 5) { id author_id } }',
];

await main();

async function main(): Promise<void> {
  const { subscribers, shapes, sockets, seconds } = readSettings();
  const cleanups: (() => unknown)[] = [];
  const scope = { after: (work: unknown) => void cleanups.unshift(work as () => unknown) };
  try {
    const database = await createDatabase(scope, 'postgres');
    await database.query(sql);
    const child = await startDevChild(scope, {
      projects: [yaml],
      env: { BENCH_DATABASE: database.url, TEST_SECRET: secret },
      // What is garbage is no memory of a subscriber.
      flags: ['--expose-gc', '--import', 'data:text/javascript,setInterval(()=>gc(),2000).unref()'],
    });
    const opened = await Promise.all(
      Array.from({ length: sockets }, async (_, index) =>
        open(child.origin, await tokenOf(secret, { role: 'reader', sub: String(index) })),
      ),
    );
    // A first of each, so that threads, plans and prepared statements are there on both sides.
    await Promise.all(documents.slice(0, shapes).map((query) => opened[0]!.subscribe(query, { least: -1 })));
    await wait(5_000);
    const before = await heap(child);
    const begun = performance.now();
    const answered = Array.from({ length: subscribers }, (_, index) =>
      opened[index % sockets]!.subscribe(documents[Math.floor(index / sockets) % shapes]!, {
        least: -1 - index,
      }),
    );
    await Promise.all(answered);
    console.log(`${subscribers} subscribers of ${shapes} shapes over ${sockets} sockets`);
    console.log(`  all had their first answer after ${(performance.now() - begun).toFixed(0)} ms`);
    await wait(6_000);
    console.log(`  heap: ${(((await heap(child)) - before) / subscribers).toFixed(0)} bytes a subscriber`);
    await steady(child, seconds);
    await change(opened, database.query);
    for (const { socket } of opened) socket.terminate();
  } finally {
    for (const cleanup of cleanups) await cleanup();
  }
}

function readSettings() {
  const { values } = parseArgs({
    options: {
      subscribers: { type: 'string', default: '10000' },
      shapes: { type: 'string', default: '10' },
      sockets: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '20' },
    },
  });
  return {
    subscribers: Number(values.subscribers),
    shapes: Math.min(documents.length, Number(values.shapes)),
    sockets: Number(values.sockets),
    seconds: Number(values.seconds),
  };
}

function heap(child: DevChild): Promise<number> {
  return child.metric('nodejs_heap_size_used_bytes');
}

/** Nothing changes: what is asked all the same. */
async function steady(child: DevChild, seconds: number): Promise<void> {
  const read = async () => ({
    statements: await child.metric(`novastack_live_statements_total${project}`),
    cpu: await child.metric('process_cpu_seconds_total'),
    at: performance.now(),
  });
  const from = await read();
  await wait(seconds * 1_000);
  const to = await read();
  const passed = (to.at - from.at) / 1_000;
  const cohorts = await child.metric(`novastack_live_cohorts${project}`);
  const statements = to.statements - from.statements;
  console.log(
    `  ${statements} statements in ${passed.toFixed(1)} s for ${cohorts} shapes: ${(statements / passed / cohorts).toFixed(2)} a shape and second`,
  );
  console.log(`  the engine took ${((100 * (to.cpu - from.cpu)) / passed).toFixed(0)} % of a core`);
}

/** One row of one caller: who sees it is told, and nobody else. */
async function change(opened: readonly Opened[], query: (sql: string) => Promise<unknown>): Promise<void> {
  const before = opened.map(({ answers }) => answers());
  const begun = performance.now();
  await query(`update books set title = title || '!' where id = 0`);
  while (opened[0]!.answers() === before[0]) await wait(5);
  const first = performance.now() - begun;
  await wait(3_000);
  const told = opened.map(({ answers }, index) => answers() - before[index]!);
  console.log(
    `  a change of one caller's row: first told after ${first.toFixed(0)} ms, ${told[0]} answers to the caller, ${told.slice(1).reduce((sum, one) => sum + one, 0)} to others`,
  );
}

interface Opened {
  readonly socket: WebSocket;
  readonly answers: () => number;
  /** Resolves with the first answer. */
  readonly subscribe: (query: string, variables: object) => Promise<void>;
}

async function open(origin: string, token: string): Promise<Opened> {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}/bench/graphql/v1`, 'graphql-transport-ws');
  const waiting = new Map<string, () => void>();
  const acknowledged = Promise.withResolvers<void>();
  let answers = 0;
  let ids = 0;
  socket.on('message', (data) => {
    const text = String(data);
    if (text.includes('"connection_ack"')) acknowledged.resolve();
    else if (text.includes('"type":"error"')) throw new Error(text.slice(0, 500));
    else {
      answers += 1;
      const id = /^\{"id":"(\d+)"/.exec(text)?.[1] ?? '';
      waiting.get(id)?.();
      waiting.delete(id);
    }
  });
  socket.on('close', (code, reason) => {
    if (waiting.size > 0) throw new Error(`closed with ${code} ${reason}`);
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  socket.send(
    JSON.stringify({ type: 'connection_init', payload: { headers: { Authorization: `Bearer ${token}` } } }),
  );
  await acknowledged.promise;
  return {
    socket,
    answers: () => answers,
    subscribe: (query, variables) => {
      ids += 1;
      const id = String(ids);
      socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query, variables } }));
      return new Promise((resolve) => waiting.set(id, resolve));
    },
  };
}
