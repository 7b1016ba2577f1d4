/** Who answers at a database URL, and whether the tests may make databases there. */
import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import pg from 'pg';

export type TestEngine = 'postgres' | 'mariadb' | 'mysql';
export const testEngines: readonly TestEngine[] = ['postgres', 'mariadb', 'mysql'];

export interface Identity {
  readonly engine: TestEngine;
  /** As the server says it, such as `15.18` or `10.11.19`. */
  readonly version: string;
}

/** The oldest that the tests take. */
const oldest: Record<TestEngine, string> = { postgres: '13.0', mariadb: '10.6', mysql: '8.0.14' };
const connectMs = 3_000;

export type Row = Record<string, unknown>;

/** A connection past the engine: runs SQL and gives rows as objects, values as the driver reads them. */
export interface Admin {
  query(sql: string, values?: readonly unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function openAdmin(url: string): Promise<Admin> {
  return isPostgres(url) ? openPostgres(url) : openMysql(url);
}

export function isPostgres(url: string): boolean {
  return /^postgres(ql)?:/.test(url);
}

async function openPostgres(url: string): Promise<Admin> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: connectMs });
  // A server that is stopped under an idle connection is no reason to end the process.
  client.on('error', () => undefined);
  await client.connect();
  return {
    query: async (sql, values) => {
      // Several statements in one text give several results.
      const results = [await client.query<Row>(sql, values === undefined ? undefined : [...values])].flat();
      return results.at(-1)?.rows ?? [];
    },
    close: () => client.end(),
  };
}

async function openMysql(url: string): Promise<Admin> {
  const socketPath = new URL(url).searchParams.get('socketPath');
  const connection = await mysql.createConnection({
    ...mysqlOptions(url),
    ...(socketPath === null ? {} : { socketPath }),
    connectTimeout: connectMs,
    multipleStatements: true,
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
  });
  connection.on('error', () => undefined);
  return {
    query: async (sql, values = []) => {
      const [result] = await connection.query(sql, [...values]);
      // Several statements in one text give several results; those of statements that give no rows are objects.
      const results = isList(result) && result.every(isResult) ? result : [result];
      const last = results.at(-1);
      return isList(last) ? (last as Row[]) : [];
    },
    close: () => connection.end(),
  };
}

const isList = (value: unknown): value is readonly unknown[] => Array.isArray(value);

/** The rows of one statement, or what one without rows did. */
function isResult(value: unknown): boolean {
  return isList(value) || value?.constructor?.name === 'ResultSetHeader';
}

function mysqlOptions(url: string): mysql.ConnectionOptions {
  const { hostname, port, username, password, pathname } = new URL(url);
  const database = decodeURIComponent(pathname.slice(1));
  return {
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(database === '' ? {} : { database }),
  };
}

/** Asks the server who it is; throws what the driver says when nobody answers. */
export async function identify(url: string): Promise<Identity> {
  const admin = await openAdmin(url);
  try {
    const sql = isPostgres(url)
      ? "select current_setting('server_version') as version"
      : 'select version() as version';
    const version = String((await admin.query(sql))[0]?.version);
    return { engine: engineOf(url, version), version: /^[\d.]+/.exec(version)?.[0] ?? version };
  } finally {
    await admin.close();
  }
}

function engineOf(url: string, version: string): TestEngine {
  if (isPostgres(url)) return 'postgres';
  return /mariadb/i.test(version) ? 'mariadb' : 'mysql';
}

/** Why the tests cannot use this server as `engine`; undefined when they can. */
export async function unfit(url: string, engine: TestEngine): Promise<string | undefined> {
  try {
    const found = await identify(url);
    if (found.engine !== engine) return `is ${found.engine} ${found.version}`;
    if (older(found.version, oldest[engine]))
      return `is ${found.version}, ${oldest[engine]} or newer is needed`;
    await tryDatabase(url);
    return undefined;
  } catch (error) {
    return error instanceof Error && error.message !== ''
      ? error.message
      : `does not answer (${codeOf(error)})`;
  }
}

async function tryDatabase(url: string): Promise<void> {
  const name = `ns_probe_${randomBytes(6).toString('hex')}`;
  const admin = await openAdmin(url);
  try {
    await admin.query(`create database ${name}`);
    await admin.query(`drop database ${name}`);
  } finally {
    await admin.close();
  }
}

function older(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) < 0;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
