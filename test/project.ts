/** A project for one test: YAML and SQL on a fresh database of a real server, compiled and ready to run requests. */
import assert from 'node:assert/strict';
import type { Api } from '../engine/api/api.ts';
import { compileApi, type EdgeNames } from '../engine/api/compile.ts';
import type { Principal } from '../engine/auth/principal.ts';
import type { Pool } from '../engine/dialect/dialect.ts';
import { dialectFor } from '../engine/dialect/dialects.ts';
import { createExecutor, type Executor } from '../engine/execute/executor.ts';
import { buildProject } from '../schema/build.ts';
import type { Diagnostic } from '../schema/diagnostic.ts';
import type { Project } from '../schema/project.ts';
import { createDatabase, type Scope, type TestDatabase, type TestEngine } from './database.ts';

export interface TestProject {
  readonly project: Project;
  readonly api: Api;
  readonly names: EdgeNames;
  /** Of the binder: warnings and notices; errors too when `allowErrors`. */
  readonly diagnostics: readonly Diagnostic[];
  readonly executor: Executor;
  readonly pool: Pool;
  readonly url: string;
  /** Runs SQL as the owner, past the engine, and gives rows as objects. */
  readonly sql: (text: string, values?: readonly unknown[]) => Promise<Record<string, unknown>[]>;
}

export interface TestProjectOptions {
  readonly sql: string;
  /** Default `postgres`. */
  readonly engine?: TestEngine;
  /** A database that is made already, of that engine. */
  readonly database?: TestDatabase;
  /** The YAML without `novastack`, `project` and `databases`. */
  readonly yaml: string;
  readonly schemas?: readonly string[];
  readonly recorded?: EdgeNames;
  readonly allowErrors?: boolean;
  /** Further files of the project by path: documents of its operations. */
  readonly files?: Readonly<Record<string, string>>;
}

export async function createProject(t: Scope, options: TestProjectOptions): Promise<TestProject> {
  const database = options.database ?? (await createDatabase(t, options.engine ?? 'postgres'));
  if (options.sql.trim() !== '') await database.query(options.sql);
  const project = readProject(options);
  const config = [...project.databases.values()][0]!;
  const dialect = dialectFor(config.engine);
  const pool = dialect.open({ config, url: database.url });
  t.after(() => pool.close());
  const catalog = await dialect.introspect(pool, config.schemas);
  const recorded = options.recorded === undefined ? undefined : new Map([['main', options.recorded]]);
  const { value, diagnostics } = compileApi(project, new Map([['main', catalog]]), recorded);
  if (!options.allowErrors)
    assert.deepEqual(
      diagnostics.filter((one) => one.severity === 'error'),
      [],
    );
  const { api, names } = value!;
  return {
    project,
    api,
    names: names.get('main') ?? new Map(),
    diagnostics,
    executor: createExecutor(api, new Map([['main', pool]])),
    pool,
    url: database.url,
    sql: database.query,
  };
}

export function readProject({
  yaml,
  schemas,
  files: further = {},
  engine = 'postgres',
}: TestProjectOptions): Project {
  const head = [
    'novastack: 1',
    'project: test',
    'databases:',
    '  main:',
    `    engine: ${engine === 'postgres' ? engine : 'mysql'}`,
    '    url: ${env:TEST_DATABASE}',
    ...(schemas === undefined ? [] : [`    schemas: [${schemas.join(', ')}]`]),
    '',
  ].join('\n');
  const files = [
    { path: 'novastack.yaml', text: head },
    { path: 'rest.yaml', text: yaml },
    ...Object.entries(further).map(([path, text]) => ({ path, text })),
  ];
  const { value, diagnostics } = buildProject({ root: '.', files, diagnostics: [] });
  assert.deepEqual(
    diagnostics.filter((one) => one.severity === 'error'),
    [],
  );
  return value!;
}

export function anonymous(role: string): Principal {
  return Object.freeze({
    kind: 'anonymous',
    role,
    roles: [role],
    subject: null,
    issuer: null,
    claims: Object.create(null),
    expiresAt: null,
  } satisfies Principal);
}

export function token(role: string, claims: Principal['claims'] = {}): Principal {
  return Object.freeze({
    ...anonymous(role),
    kind: 'token',
    claims,
    subject: typeof claims.sub === 'string' ? claims.sub : null,
  });
}
