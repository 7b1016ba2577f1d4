/** For tests: the production engine in this process, over real repositories and real databases. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lockFiles } from '../engine/catalog/lock-files.ts';
import { dialectFor } from '../engine/dialect/dialects.ts';
import { checksumOf, readMigrations } from '../engine/migrate/migrations.ts';
import type { ProjectStatus } from '../engine/reconcile/status.ts';
import { type ServeOptions, type ServeServer, startServe } from '../engine/server/serve.ts';
import type { ServerConfig, SourceConfig } from '../schema/server-config.ts';
import { createDatabase, type Scope, type TestEngine } from './database.ts';
import { readProject } from './project.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface ServeFixture {
  /** By name; what is not given is as server.yaml has it by default. */
  readonly sources: Readonly<Record<string, Partial<SourceConfig> & { readonly url: string }>>;
  readonly config?: Partial<ServerConfig>;
  /** Default: one of its own, removed at the end. */
  readonly state?: string;
  readonly options?: Partial<ServeOptions>;
}

export interface Served extends ServeServer {
  readonly state: string;
  /** What was logged, from level info on. */
  readonly logged: Logged[];
  /** One project's status, by its served name. */
  readonly project: (name: string) => ProjectStatus;
  /** Looks at a source now, and waits for what comes of it. */
  readonly sync: (name: string, sha?: string) => Promise<void>;
}

/** A line of the log. */
export interface Logged {
  readonly level: string;
  /** The event's kind. */
  readonly event: string;
  readonly project?: string;
  readonly message?: string;
  /** Of a migration. */
  readonly file?: string;
  /** Of a request. */
  readonly surface?: string;
  /** The process that wrote it, where it is not this one. */
  readonly worker?: number;
}

export const engineSecret = 'an engine secret for tests, of more than 32 bytes';

export function sourceConfig(
  name: string,
  given: Partial<SourceConfig> & { readonly url: string },
): SourceConfig {
  return {
    name,
    ref: 'main',
    path: '',
    intervalMs: 600_000,
    timeoutMs: 20_000,
    credentials: undefined,
    verify: undefined,
    projects: undefined,
    secrets: ['*', '/*'],
    trust: [],
    webhook: undefined,
    github: undefined,
    ...given,
  };
}

export function serverConfig(state: string, { sources, config }: ServeFixture): ServerConfig {
  return {
    listen: { host: '127.0.0.1', port: 0 },
    admin: { host: '127.0.0.1', port: 0 },
    url: undefined,
    secret: engineSecret,
    previous: [],
    state,
    control: undefined,
    redis: undefined,
    workers: 1,
    proxies: [],
    operators: [],
    sources: new Map(Object.entries(sources).map(([name, given]) => [name, sourceConfig(name, given)])),
    telemetry: { log: 'json', level: 'info' },
    limits: { projects: 1_000, pool: 50, sockets: 10_000, files: 20_000, bytes: 64_000_000 },
    drainMs: 10_000,
    docs: false,
    ...config,
  };
}

/** Serves until the scope ends. Resolves when the first attempts have ended, whatever their end. */
export async function serve(scope: Scope, fixture: ServeFixture): Promise<Served> {
  const served = await startServing(scope, fixture);
  await served.ready;
  return served;
}

/** The same, without waiting for anything but the port. */
export async function startServing(scope: Scope, fixture: ServeFixture): Promise<Served> {
  const state = fixture.state ?? (await temporaryFolder(scope));
  const logged: Logged[] = [];
  const server = await startServe({
    config: serverConfig(state, fixture),
    signals: false,
    pollMs: 200,
    lingerMs: 0,
    log: { format: 'json', write: (line) => logged.push(JSON.parse(line) as Logged) },
    ...fixture.options,
  });
  scope.after(() => server.close());
  const project = (name: string) => {
    const found = server.status().find((status) => status.project === name);
    if (found === undefined)
      throw new Error(`no project ${name}: ${JSON.stringify(server.status(), null, 2)}`);
    return found;
  };
  const sync = async (name: string, sha?: string) => {
    const operation = await server.fleet.sync(name, { sha, by: 'a test' });
    if (!('id' in operation)) throw new Error(JSON.stringify(operation));
    while (server.fleet.operation(operation.id)!.endedAt === null) await sleep(10);
  };
  return Object.assign(server, { state, logged, project, sync });
}

/** Until it is true; else after a minute the last thing it threw, or what is known. */
export async function eventually(check: () => unknown, ms = 60_000): Promise<void> {
  const until = performance.now() + ms;
  for (;;) {
    try {
      if ((await check()) !== false) return;
      if (performance.now() > until) throw new Error(`not within ${ms} ms: ${check}`);
    } catch (error) {
      if (performance.now() > until) throw error;
    }
    await sleep(20);
  }
}

/**
 * The files of a lock of one database, `main`, as its migrations leave it: they are run in a database of their own.
 *
 * @param migrations by file name, in order
 */
export async function lockFor(
  scope: Scope,
  engine: TestEngine,
  migrations: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const database = await createDatabase(scope, engine);
  const folder = await temporaryFolder(scope);
  for (const [file, sql] of Object.entries(migrations)) {
    await writeFile(join(folder, file), sql);
    await database.query(sql);
  }
  const dialect = dialectFor(engine === 'postgres' ? 'postgres' : 'mysql');
  const project = readProject({ yaml: '', sql: '', engine });
  const pool = dialect.open({ config: project.databases.get('main')!, url: database.url });
  try {
    const catalog = await dialect.introspect(pool, undefined);
    const read = await readMigrations(folder, '.');
    const entry = { catalog, names: new Map(), migrations: checksumOf(read.value!) };
    const files = lockFiles(new Map([['main', entry]]));
    return Object.fromEntries([...files].map(([file, text]) => [`novastack.lock/${file}`, text]));
  } finally {
    await pool.close();
  }
}
