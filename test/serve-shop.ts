/** For tests of the production engine: a repository with one project, `shop`, over a database of its own. */
import { randomBytes } from 'node:crypto';
import { createDatabase, type Scope, type TestEngine } from './database.ts';
import { createRemote, type Remote } from './git-remote.ts';
import { lockFor } from './serve.ts';

export interface Shop {
  readonly remote: Remote;
  readonly files: Record<string, string>;
  readonly query: (sql: string) => Promise<readonly object[]>;
  /** That its url is in. */
  readonly variable: string;
}

/**
 * A repository with one project, `shop`, over a database of its own.
 *
 * @param through gives the address by which the engine reaches it; default: its own
 */
export async function createShop(
  t: Scope,
  engine: TestEngine = 'postgres',
  through: (url: string) => string | Promise<string> = (url) => url,
): Promise<Shop> {
  const database = await createDatabase(t, engine);
  const variable = `SHOP_${randomBytes(6).toString('hex').toUpperCase()}`;
  process.env[variable] = await through(database.url);
  t.after(() => delete process.env[variable]);
  const remote = await createRemote(t);
  const migrations = {
    '0001_books.sql':
      "create table books (id int primary key, title text not null); insert into books values (1, 'One');",
  };
  const files = {
    'shop/novastack.yaml': projectText('shop', variable, engine),
    ...(await projectFiles(t, 'shop', engine, migrations)),
  };
  await remote.commit(files);
  return { remote, files, query: (sql) => database.query(sql), variable };
}

/** Migrations and their lock. */
export async function projectFiles(
  t: Scope,
  folder: string,
  engine: TestEngine,
  migrations: Readonly<Record<string, string>>,
): Promise<Record<string, string>> {
  const scripts = Object.entries(migrations).map(([file, sql]) => [`migrations/${file}`, sql] as const);
  const all = [...scripts, ...Object.entries(await lockFor(t, engine, migrations))];
  return Object.fromEntries(all.map(([file, text]) => [`${folder}/${file}`, text]));
}

export function projectText(name: string, variable: string, engine: TestEngine): string {
  const dialect = engine === 'postgres' ? 'postgres' : 'mysql';
  return `novastack: 1
project: ${name}
databases: { main: { engine: ${dialect}, url: "\${env:${variable}}", migrations: migrations } }
auth: { anonymous: visitor }
roles: { visitor: {} }
${books}`;
}

const books = 'tables: { books: { permissions: { visitor: { select: true } } } }\n';

export async function get(url: string): Promise<{ status: number; body: unknown; revision: string | null }> {
  const answer = await fetch(url);
  const text = await answer.text();
  const body = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
  return { status: answer.status, body, revision: answer.headers.get('x-novastack-revision') };
}
