/** For tests: a project behind the real listener, asked over sockets by the client that people use. */
import assert from 'node:assert/strict';
import { type Client, createClient, type FormattedExecutionResult } from 'graphql-ws';
import { WebSocket } from 'ws';
import { brokenBy } from '../engine/api/broken.ts';
import { compileApi } from '../engine/api/compile.ts';
import { createAuthenticator } from '../engine/auth/authenticate.ts';
import { type DevIssuer, devIssuer, type MintOptions } from '../engine/auth/dev-issuer.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';
import { compareCatalogs } from '../engine/catalog/drift.ts';
import type { Pool } from '../engine/dialect/dialect.ts';
import { dialectFor } from '../engine/dialect/dialects.ts';
import { openRelay, type Relay } from '../engine/dialect/postgres/relay.fixture.ts';
import { buildRevision } from '../engine/revision/build.ts';
import { bindOperations } from '../engine/revision/operations.ts';
import { Registry, type Slot } from '../engine/revision/registry.ts';
import type { Revision } from '../engine/revision/revision.ts';
import { createListener, type Listener, type ListenerOptions } from '../engine/server/listener.ts';
import type { OperationalEvent } from '../engine/telemetry/events.ts';
import { createDatabase, type Scope } from './database.ts';
import { readProject, type TestProjectOptions } from './project.ts';
import { countExecutes } from './statements-on-the-wire.ts';

export interface LiveServer {
  /** `ws://127.0.0.1:4000/test/graphql/v1` */
  readonly url: string;
  readonly port: number;
  readonly listener: Listener;
  readonly slot: Slot;
  readonly events: OperationalEvent[];
  readonly sql: (text: string) => Promise<unknown>;
  readonly database: string;
  /** What stands before the database server. */
  readonly relay: Relay;
  /** Statements that the server was sent so far. */
  readonly statements: () => number;
  readonly mint: (role: string, claims?: MintOptions['claims'], ttlMs?: number) => Promise<string>;
  /** Another revision of the project. */
  readonly swap: (yaml: string) => Promise<Revision>;
  /** Builds one; gives what swaps to it at once. */
  readonly prepare: (yaml: string) => Promise<() => void>;
  /** Changes the database behind its lock, which is what it was at first, and swaps to a revision of the lock that knows. */
  readonly drift: (sql: string) => Promise<Revision>;
  readonly connect: (payload?: Record<string, unknown>) => Connected;
}

export interface Connected {
  readonly client: Client;
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  readonly watch: (query: string, variables?: Record<string, unknown>) => Watched;
}

/** One operation and what came of it. */
export interface Watched {
  readonly answers: unknown[];
  /** The next answer that was not yet taken; throws what ended the operation, or when none has come for a long time. */
  readonly next: () => Promise<unknown>;
  /** Resolves with the errors, or undefined when it was completed. */
  readonly ended: Promise<unknown>;
  readonly stop: () => void;
}

export interface LiveOptions extends TestProjectOptions {
  /** Milliseconds between two looks. Default 100. */
  readonly liveMs?: number;
  readonly listener?: Partial<ListenerOptions>;
}

const secret = 'a key of the tests, of 32 characters or more';

export async function serveSockets(
  t: Scope,
  { liveMs = 100, listener: own, ...options }: LiveOptions,
): Promise<LiveServer> {
  const { engine = 'postgres' } = options;
  const database = await createDatabase(t, engine);
  await database.query(options.sql);
  const relay = await openRelay(database.url);
  const cleanups: (() => unknown)[] = [() => relay.close()];
  t.after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  const statements = countExecutes(relay, engine);
  const first = readProject(options);
  const config = [...first.databases.values()][0]!;
  const pool = dialectFor(config.engine).open({ config, url: relay.url });
  cleanups.unshift(() => pool.close());
  const events: OperationalEvent[] = [];
  const registry = new Registry({ emit: (event) => void events.push(event), drainMs: 2_000 });
  const slot = registry.claim('test', {})!;
  const issuer = devIssuer(secret, 'test');
  cleanups.unshift(() => registry.close());
  let revisions = 0;
  const introspect = () => dialectFor(config.engine).introspect(pool, config.schemas);
  const next = async (yaml: string, catalog?: Catalog, live?: Catalog) => {
    revisions += 1;
    const building = { pool, catalog: catalog ?? (await introspect()), live, issuer, liveMs };
    return build({ ...options, yaml }, `dev@${revisions}`, building);
  };
  const swap = async (yaml: string, catalog?: Catalog, live?: Catalog) => {
    const revision = await next(yaml, catalog, live);
    registry.swap(slot, revision);
    return revision;
  };
  const locked = await introspect();
  await swap(options.yaml, locked);
  const listener = createListener({
    registry,
    operator: (_request, response) => response.end(),
    emit: (event) => void events.push(event),
    ...own,
  });
  const { port } = await listener.listen(0, '127.0.0.1');
  cleanups.unshift(
    () => listener.destroy(),
    () => listener.drain(),
  );
  const url = `ws://127.0.0.1:${port}/test/graphql/v1`;
  return {
    url,
    port,
    listener,
    slot,
    events,
    sql: database.query,
    database: database.name,
    statements,
    relay,
    mint: (role, claims = {}, ttlMs) =>
      issuer.mint({ role, claims, ...(ttlMs === undefined ? {} : { ttlMs }) }),
    swap,
    prepare: async (yaml) => {
      const revision = await next(yaml);
      return () => registry.swap(slot, revision);
    },
    drift: async (sql) => {
      await database.query(sql);
      return swap(options.yaml, locked, await introspect());
    },
    connect: (payload) => connect(t, url, payload),
  };
}

interface Building {
  readonly pool: Pool;
  readonly catalog: Catalog;
  /** What the database is by now, when it is not the catalog. */
  readonly live: Catalog | undefined;
  readonly issuer: DevIssuer;
  readonly liveMs: number;
}

async function build(options: TestProjectOptions, id: string, building: Building): Promise<Revision> {
  const { pool, catalog, live, issuer, liveMs } = building;
  const project = readProject(options);
  const { value, diagnostics } = compileApi(project, new Map([['main', catalog]]));
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  const operations = await bindOperations(project, value!.api);
  assert.deepEqual(operations.diagnostics, []);
  const auth = { ...project.auth, jwt: [issuer.config] };
  return buildRevision({
    id,
    project,
    api: value!.api,
    operations: operations.value,
    pools: new Map([['main', pool]]),
    authenticator: createAuthenticator({ project: 'test', auth, roles: new Set(project.roles.keys()) }),
    timing: false,
    graphiql: false,
    basePath: '/test',
    cursorSecret: Buffer.alloc(32, 1),
    liveMs,
    broken: live && brokenBy(value!.api, new Map([['main', compareCatalogs(catalog, live)]])),
  });
}

export function connect(t: Scope, url: string, payload: Record<string, unknown> = {}): Connected {
  const { promise: closed, resolve } = Promise.withResolvers<{ code: number; reason: string }>();
  const client = createClient({
    url,
    webSocketImpl: WebSocket,
    connectionParams: payload,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
    on: {
      closed: (event) => {
        const { code, reason } = event as { code: number; reason: string };
        resolve({ code, reason });
      },
    },
  });
  t.after(() => client.dispose());
  return { client, closed, watch: (query, variables) => watch(client, query, variables) };
}

/** What no answer comes to is told by the test that waits for it. */
const patienceMs = 30_000;

async function within<Result>(work: Promise<Result>, what: string): Promise<Result> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no ${what} within ${patienceMs / 1000} s`)), patienceMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function watch(client: Client, query: string, variables: Record<string, unknown> = {}): Watched {
  const answers: unknown[] = [];
  let wake = Promise.withResolvers<void>();
  let taken = 0;
  let over: { readonly error: unknown } | undefined;
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();
  const end = (error: unknown) => {
    over = { error };
    resolve(error);
    wake.resolve();
  };
  const stop = client.subscribe<unknown>(
    { query, variables },
    {
      next: (result: FormattedExecutionResult<unknown>) => {
        answers.push(result.data);
        wake.resolve();
        wake = Promise.withResolvers();
      },
      error: end,
      complete: () => end(undefined),
    },
  );
  return {
    answers,
    ended,
    stop,
    next: async () => {
      while (answers.length <= taken) {
        if (over !== undefined) throw over.error ?? new Error('it was completed');
        await within(wake.promise, 'answer');
      }
      taken += 1;
      return answers[taken - 1];
    },
  };
}
