/** Projects as `serve` has them, behind one real listener: their references resolved, and no issuer of `dev`. */
import assert from 'node:assert/strict';
import { compileApi } from '../../engine/api/compile.ts';
import { createAuthenticator } from '../../engine/auth/authenticate.ts';
import { IssuerKeys } from '../../engine/auth/issuer-keys.ts';
import type { KeyTimes } from '../../engine/auth/keys.ts';
import type { Pool } from '../../engine/dialect/dialect.ts';
import { dialectFor } from '../../engine/dialect/dialects.ts';
import { buildRevision } from '../../engine/revision/build.ts';
import { Registry, type Slot } from '../../engine/revision/registry.ts';
import { resolveSecrets } from '../../engine/revision/secrets.ts';
import { createListener } from '../../engine/server/listener.ts';
import type { OperationalEvent } from '../../engine/telemetry/events.ts';
import { buildProject } from '../../schema/build.ts';
import type { Project } from '../../schema/project.ts';
import { createDatabase, type Scope, type TestDatabase, type TestEngine } from '../database.ts';

export interface ServeOptions {
  readonly engine?: TestEngine;
  readonly sql: string;
  /** By name: the YAML without `novastack`, `project` and `databases`. */
  readonly projects: Readonly<Record<string, string>>;
  /** What references to variables stand for. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of the keys that are fetched. */
  readonly times?: Partial<KeyTimes>;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: () => number;
  /** Milliseconds between two looks at open sockets; default 25,000. */
  readonly pingMs?: number;
  /** Milliseconds of the clock by which keys grow old. */
  readonly ticks?: () => number;
}

export interface TokenServer {
  readonly port: number;
  /** `http://127.0.0.1:4000` */
  readonly origin: string;
  readonly events: OperationalEvent[];
  readonly database: TestDatabase;
  /** Another revision of a project: of the same YAML, unless another one is given. */
  readonly swap: (name: string, yaml?: string) => Promise<void>;
}

export async function serveProjects(t: Scope, options: ServeOptions): Promise<TokenServer> {
  const { engine = 'postgres' } = options;
  const database = await createDatabase(t, engine);
  const cleanups: (() => unknown)[] = [];
  t.after(async () => {
    for (const cleanup of cleanups) await cleanup();
  });
  await database.query(options.sql);
  const events: OperationalEvent[] = [];
  const emit = (event: OperationalEvent) => void events.push(event);
  const registry = new Registry({ emit, drainMs: 2_000, ...(options.pingMs && { pingMs: options.pingMs }) });
  const served = new Map<string, (yaml: string) => Promise<void>>();
  for (const name of Object.keys(options.projects)) {
    const config = [...readProject(name, '', engine).databases.values()][0]!;
    const pool = dialectFor(config.engine).open({ config, url: database.url });
    cleanups.push(() => pool.close());
    const env = { ...options.env, TEST_DATABASE: database.url };
    served.set(
      name,
      await serveOne(name, registry.claim(name, {})!, pool, { ...options, env, engine, emit, registry }),
    );
  }
  for (const [name, yaml] of Object.entries(options.projects)) await served.get(name)!(yaml);
  const operator = (_request: unknown, response: { end: () => void }) => response.end();
  const listener = createListener({ registry, emit, operator });
  const { port } = await listener.listen(0, '127.0.0.1');
  cleanups.unshift(
    () => listener.destroy(),
    () => listener.drain(),
    () => registry.close(),
  );
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    events,
    database,
    swap: (name, yaml = options.projects[name]!) => served.get(name)!(yaml),
  };
}

interface Surroundings extends ServeOptions {
  readonly engine: TestEngine;
  readonly registry: Registry;
  readonly emit: (event: OperationalEvent) => void;
}

async function serveOne(
  name: string,
  slot: Slot,
  pool: Pool,
  { engine, registry, emit, times, ticks, clock, env = {} }: Surroundings,
): Promise<(yaml: string) => Promise<void>> {
  const onNews = (issuer: string, news: { usable: boolean; message: string; cause?: unknown }) =>
    emit({ kind: 'issuer', project: name, issuer, cause: undefined, ...news });
  const keys = new IssuerKeys({ onNews, ...(times && { times }), ...(ticks && { ticks }) });
  let revisions = 0;
  return async (yaml) => {
    revisions += 1;
    const project = readProject(name, yaml, engine);
    const config = [...project.databases.values()][0]!;
    const catalog = await dialectFor(config.engine).introspect(pool, config.schemas);
    const { value, diagnostics } = compileApi(project, new Map([['main', catalog]]));
    const { auth, followed, diagnostics: found } = resolveSecrets(project, { env, leaveOutIssuers: false });
    const errors = [...diagnostics, ...found].filter(({ severity }) => severity === 'error');
    assert.deepEqual(errors, []);
    const revision = await buildRevision({
      id: `${name}@${revisions}`,
      project,
      api: value!.api,
      pools: new Map([['main', pool]]),
      authenticator: createAuthenticator({
        project: name,
        auth,
        roles: new Set(project.roles.keys()),
        secrets: followed,
        keys,
        onNews,
        ...(clock && { clock }),
      }),
      timing: false,
      graphiql: false,
      basePath: `/${name}`,
      cursorSecret: Buffer.alloc(32, 1),
      liveMs: 50,
    });
    registry.swap(slot, revision);
  };
}

function readProject(name: string, yaml: string, engine: TestEngine): Project {
  const head = `novastack: 1
project: ${name}
databases:
  main: { engine: ${engine === 'postgres' ? engine : 'mysql'}, url: "\${env:TEST_DATABASE}" }
`;
  const files = [
    { path: 'novastack.yaml', text: head },
    { path: 'rest.yaml', text: yaml },
  ].filter(({ text }) => text !== '');
  const { value, diagnostics } = buildProject({ root: '.', files, diagnostics: [] });
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return value!;
}
