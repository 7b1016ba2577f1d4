/** For tests of plans: a project before and after a change, each served on a database of its own that holds the same rows. */
import assert from 'node:assert/strict';
import { SignJWT } from 'jose';
import { compileApi } from '../engine/api/compile.ts';
import { createAuthenticator } from '../engine/auth/authenticate.ts';
import type { Catalog, Type } from '../engine/catalog/catalog.ts';
import { dialectFor } from '../engine/dialect/dialects.ts';
import type { Side } from '../engine/plan/change.ts';
import { buildRevision } from '../engine/revision/build.ts';
import { bindOperations } from '../engine/revision/operations.ts';
import type { InjectedAnswer, Revision } from '../engine/revision/revision.ts';
import { buildProject } from '../schema/build.ts';
import type { JwtConfig, Project } from '../schema/project.ts';
import { catalogOf } from './catalogs.ts';
import type { Scope, TestDatabase } from './database.ts';
import type { OldRequest, Row, Rows } from './old-client.ts';

/** Files of a project by path. */
export type Files = Readonly<Record<string, string>>;

export function projectOf(files: Files): Project {
  const read = Object.entries(files).map(([path, text]) => ({ path, text }));
  const { value, diagnostics } = buildProject({ root: '.', files: read, diagnostics: [] });
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return value!;
}

export function sideOf(project: Project, catalog: Catalog): Side {
  const catalogs = new Map([...project.databases.keys()].map((name) => [name, catalog]));
  const { value, diagnostics } = compileApi(project, catalogs);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return { project, api: value!.api };
}

export async function readSide(project: Project, database: TestDatabase): Promise<Side> {
  return sideOf(project, await catalogOf(database));
}

/** The real way of a request: tokens, limits, origins, both surfaces. */
export async function serveSide(
  scope: Scope,
  { project, api }: Side,
  { url }: TestDatabase,
): Promise<Revision> {
  const config = [...project.databases.values()][0]!;
  const pool = dialectFor(config.engine).open({ config, url });
  scope.after(() => pool.close());
  const { value: operations, diagnostics } = await bindOperations(project, api);
  assert.deepEqual(diagnostics, []);
  const revision = await buildRevision({
    id: 'test',
    project,
    api,
    pools: new Map([[config.name, pool]]),
    authenticator: createAuthenticator({
      project: project.name,
      auth: { ...project.auth, jwt: project.auth.jwt.map((one) => ({ ...one, secret: keyOf(one) })) },
      roles: new Set(project.roles.keys()),
    }),
    basePath: '',
    graphiql: false,
    operations,
    cursorSecret: Buffer.alloc(32),
    timing: false,
  });
  scope.after(() => revision.close());
  return revision;
}

/** What a reference to a secret stands for. */
function keyOf({ secret, jwks }: JwtConfig): string {
  assert.equal(jwks, undefined, 'no keys are fetched here');
  return secret!.padEnd(32, '.');
}

/** Who sends requests: nobody, each role by the first issuer, and one caller more for each way of being let in. */
export async function callersOf({ auth, roles }: Project): Promise<ReadonlyMap<string | undefined, Row>> {
  const callers = new Map<string | undefined, Row>([[undefined, {}]]);
  const [first, ...others] = auth.jwt;
  if (first === undefined) return callers;
  const all = [...roles.keys()];
  for (const role of all)
    callers.set(role, await headersOf(first, first.roles === undefined ? role : all[0]!, all, role));
  for (const issuer of others) callers.set(`by ${issuer.issuer}`, await headersOf(issuer, all[0]!, all));
  if (first.defaultRole !== undefined) callers.set('without a role', await headersOf(first, undefined, all));
  return callers;
}

async function headersOf(
  issuer: JwtConfig,
  role: string | undefined,
  all: readonly string[],
  wanted?: string,
): Promise<Row> {
  const claims: Record<string, unknown> = { sub: '1' };
  if (role !== undefined) put(claims, issuer.role, role);
  if (issuer.roles !== undefined) put(claims, issuer.roles, all);
  const token = await new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(issuer.issuer)
    .setAudience(issuer.audience)
    .setExpirationTime('1h')
    .sign(Buffer.from(keyOf(issuer)));
  const chosen = issuer.roles === undefined || wanted === undefined ? {} : { 'x-novastack-role': wanted };
  return { authorization: `Bearer ${token}`, ...chosen };
}

function put(claims: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) claims[key!] = value;
  else {
    const inner = (claims[key!] ?? {}) as Record<string, unknown>;
    claims[key!] = inner;
    put(inner, rest, value);
  }
}

/** A few rows of each table, by the names of the API, read past the engine. */
export async function rowsOf({ api }: Side, database: TestDatabase): Promise<Rows> {
  const rows = new Map<string, readonly Row[]>();
  const isPostgres = database.server.engine === 'postgres';
  for (const { name, relation, columns } of api.tables.values()) {
    const text = isPostgres
      ? `select to_jsonb(t) as row from "${relation.schema}"."${relation.name}" t order by t limit 5`
      : `select * from ${relation.name} order by 1 limit 5`;
    const found = await database.query(text);
    rows.set(
      name,
      found.map((one) => {
        const row = (isPostgres ? one.row : one) as Record<string, unknown>;
        return Object.fromEntries(
          [...columns.values()].map(({ name, column, type }) => [name, told(row[column], type)]),
        );
      }),
    );
  }
  return (table) => rows.get(table) ?? [];
}

/** As JSON has it, where a driver gives it otherwise. */
function told(value: unknown, { family }: Type): unknown {
  if (family === 'boolean' && typeof value === 'number') return value === 1;
  return family === 'array' && typeof value === 'string' ? value.split(',') : value;
}

export interface Answered {
  readonly asked: OldRequest;
  readonly ok: boolean;
  readonly status: number;
  readonly origin: unknown;
  readonly text: string;
}

export async function ask(
  revision: Revision,
  asked: OldRequest,
  callers: ReadonlyMap<string | undefined, Row>,
): Promise<Answered> {
  const { request, role } = asked;
  const headers = { ...request.headers, ...(callers.get(role) as Record<string, string>) };
  const { status, body, headers: answered } = await revision.inject({ ...request, headers });
  const allowed = answered['access-control-allow-origin'];
  return { asked, ok: isOk(status, body, request.url), status, origin: allowed, text: body };
}

function isOk(status: InjectedAnswer['status'], body: string, url: string): boolean {
  if (status >= 300) return false;
  return !url.startsWith('/graphql') || !/^\[?\{"errors"|"errors":\[/.test(body);
}

/** Why a caller who knew the one answer notices the other; undefined: it has the same shape, or more of it where all was asked for. */
export function shapeDiffers(before: Answered, after: Answered): string | undefined {
  if (!after.ok || after.status !== before.status)
    return `${before.status} became ${after.status} ${after.text}`;
  if (before.origin !== after.origin && after.origin !== '*')
    return `the origin ${String(before.origin)} became ${String(after.origin)}`;
  return differs(jsonOf(before.text), jsonOf(after.text), before.asked.open === true, '');
}

function jsonOf(text: string): unknown {
  if (text === '') return undefined;
  const lines = text.trim().split('\n');
  return lines.length > 1 ? lines.map((line) => JSON.parse(line)) : JSON.parse(text);
}

function differs(before: unknown, after: unknown, open: boolean, path: string): string | undefined {
  if (Array.isArray(before) && Array.isArray(after)) {
    const least = Math.min(before.length, after.length);
    if (least < before.length) return `${path}: ${before.length} became ${after.length}`;
    return firstOf(before.slice(0, least), (one, at) =>
      differs(one, after[Number(at)], open, `${path}[${at}]`),
    );
  }
  if (typeof before !== typeof after || before === null || after === null || typeof before !== 'object')
    return typeof before === typeof after && (before === null) === (after === null)
      ? undefined
      : `${path}: ${JSON.stringify(before)} became ${JSON.stringify(after)}`;
  const [old, now] = [before as Row, after as Row];
  const extra = open ? undefined : Object.keys(now).find((key) => !(key in old));
  if (extra !== undefined) return `${path}: "${extra}" is new`;
  return firstOf(old, (one, key) =>
    key in now ? differs(one, now[key], open, `${path}.${key}`) : `${path}: "${key}" is gone`,
  );
}

function firstOf(all: object, find: (one: unknown, key: string) => string | undefined): string | undefined {
  for (const [key, one] of Object.entries(all)) {
    const found = find(one, key);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether it is another answer in any way. */
export function answerDiffers(before: Answered, after: Answered): boolean {
  return before.status !== after.status || before.origin !== after.origin || before.text !== after.text;
}
