/** A database of a test's own on a real server: made fresh, dropped when the test has ended. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { type Identity, identify, openAdmin, type Row, type TestEngine } from './servers/identity.ts';
import { fromStandardPlaces, fromVariable, variableOf } from './servers/present.ts';

export type { TestEngine } from './servers/identity.ts';

export interface TestDatabase {
  /** Connects to the new database as one who may do everything in it. */
  readonly url: string;
  readonly name: string;
  /** Who the server says it is; its engine is the one that was asked for. */
  readonly server: Identity;
  /** Runs SQL past the engine (without values several statements too) and gives rows of the last as objects. */
  readonly query: (sql: string, values?: readonly unknown[]) => Promise<Row[]>;
}

/** What a test gives: its context, or `{ after }` of node:test for a database of a whole file. */
export interface Scope {
  readonly after: (work: () => unknown) => void;
}

/** @throws when no server is there: `npm test -- <file>` starts one. */
export async function createDatabase(scope: Scope, engine: TestEngine): Promise<TestDatabase> {
  return create(scope, engine, 'template0');
}

/**
 * Two databases that are alike but for the last SQL of each. On PostgreSQL the second is a copy of the first, with its object
 * ids too: the labels of an enum are hashed by them, and groups come in the order of their hashes.
 */
export async function createTwins(
  scope: Scope,
  engine: TestEngine,
  common: string,
  apart: readonly [string, string],
): Promise<readonly [TestDatabase, TestDatabase]> {
  const one = await createDatabase(scope, engine);
  await one.query(common);
  const other = await create(scope, engine, one.name);
  if (engine !== 'postgres') await other.query(common);
  await one.query(apart[0]);
  await other.query(apart[1]);
  return [one, other];
}

/** @param template of PostgreSQL; other servers have none */
async function create(scope: Scope, engine: TestEngine, template: string): Promise<TestDatabase> {
  const server = await serverUrl(engine);
  const identity = await identify(server);
  assert.equal(identity.engine, engine);
  const name = `ns_test_${randomBytes(8).toString('hex')}`;
  await once(
    server,
    `create database ${name}${engine === 'postgres' ? ` encoding 'UTF8' template ${template}` : ''}`,
  );
  const url = withDatabase(server, name);
  scope.after(() =>
    once(server, `drop database if exists ${name}${engine === 'postgres' ? ' with (force)' : ''}`),
  );
  return { url, name, server: identity, query: (sql, values) => once(url, sql, values) };
}

/** A second schema: where a database is a schema, a second database, whose name has the first one's before it. */
export async function createSchema(
  scope: Scope,
  { name, query, server: { engine } }: TestDatabase,
  schema: string,
): Promise<string> {
  if (engine === 'postgres') {
    await query(`create schema ${schema}`);
    return schema;
  }
  const server = await serverUrl(engine);
  const full = `${name}_${schema}`;
  await once(server, `create database ${full}`);
  scope.after(() => once(server, `drop database if exists ${full}`));
  return full;
}

const urls = new Map<TestEngine, Promise<string>>();

/** The server's URL with the database that it has by itself. Looked for once a process. */
export function serverUrl(engine: TestEngine): Promise<string> {
  const url = urls.get(engine) ?? find(engine);
  urls.set(engine, url);
  return url;
}

async function find(engine: TestEngine): Promise<string> {
  const named = await fromVariable(engine);
  if (named.kind === 'server') return named.url;
  const local = await fromStandardPlaces(engine);
  if (local.kind === 'server') return local.url;
  throw new Error(
    `No ${engine} server for this test (${named.why}; ${local.why}). ` +
      `"npm test -- <file>" starts one, and so does "npm run servers"; or set ${variableOf(engine)}.`,
  );
}

async function once(url: string, sql: string, values?: readonly unknown[]): Promise<Row[]> {
  const admin = await openAdmin(url);
  try {
    return await admin.query(sql, values);
  } finally {
    await admin.close();
  }
}

function withDatabase(server: string, name: string): string {
  const url = new URL(server);
  url.pathname = `/${name}`;
  return url.href;
}
