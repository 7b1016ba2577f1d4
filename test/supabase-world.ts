/** A library on a database of its own, served by the whole engine, and supabase-js's clients of it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClient, type SupabaseClient, type SupabaseClientOptions } from '@supabase/supabase-js';
import { publishableKey } from '../engine/auth/authenticate.ts';
import { startDev } from '../engine/server/dev.ts';
import { createDatabase, createSchema, type Scope, type TestDatabase, type TestEngine } from './database.ts';
import { libraryOf } from './supabase-library.ts';

const everything = '{ permissions: { staff: { select: true, insert: true, update: true, delete: true } } }';

const yamlOf = (engine: TestEngine, stock: string, functions: readonly string[]) => `novastack: 1
project: library
databases:
  main: { engine: ${engine === 'postgres' ? engine : 'mysql'}, url: "\${env:NS_SUPABASE_LIBRARY_URL}", schemas: [public, ${stock}] }
auth: { anonymous: visitor }
roles:
  visitor: {}
  reader: { inherits: [visitor] }
  staff: {}
limits: { rows: 1000, dry_run: [staff] }
tables:
  authors:
    permissions:
      visitor: { select: true }
      staff: { select: true, insert: true, update: true, delete: true }
  books:
    permissions:
      visitor: { select: { columns: [id, title, author_id], where: { published: true } } }
      staff: { select: true, insert: true, update: true, delete: true }
  reviews:
    permissions:
      visitor: { select: { columns: [id, book_id, stars] } }
      reader: { insert: { columns: [book_id, stars, note] } }
      staff: { select: true, insert: true, update: true, delete: true }
  covers: ${everything}
  tags: ${everything}
  book_tags: ${everything}
  "we ird": ${everything}
  ${stock}.shelves: ${everything}
  cheap_books: { key: [id], permissions: { staff: { select: true } } }
functions:
${functions.map((name) => `  ${name}: { permissions: { staff: { execute: true } } }\n`).join('')}  whoami: { permissions: { visitor: { execute: true }, staff: { execute: true } } }
`;

export interface Library {
  /** Where supabase-js finds the project. */
  readonly url: string;
  /** The publishable key: what an application carries. */
  readonly key: string;
  /** The schema beside the first. */
  readonly stock: string;
  /** Runs SQL past the engine. */
  readonly sql: TestDatabase['query'];
  /** @param role absent: nobody has signed in */
  readonly client: (role?: 'reader' | 'staff', options?: Options) => Client;
}

/** Names of tables are free, as in a program in JavaScript; the version opens what is typed for newer ones only. */
export interface Names {
  // biome-ignore lint/suspicious/noExplicitAny: what createClient has without a Database type
  public: any;
  __InternalSupabase: { PostgrestVersion: '14' };
}
export type Client = SupabaseClient<Names>;
type Options = SupabaseClientOptions<'public'>;

export interface LibraryOptions {
  /** Default `postgres`. */
  readonly engine?: TestEngine;
  /** SQL and a file of the project besides. */
  readonly more?: { readonly sql: string; readonly yaml: string };
}

export async function openLibrary(
  scope: Scope,
  { engine = 'postgres', more }: LibraryOptions = {},
): Promise<Library> {
  const database = await createDatabase(scope, engine);
  const stock = await createSchema(scope, database, 'stock');
  const { sql, functions } = libraryOf(engine, stock);
  await database.query(sql);
  if (more !== undefined) await database.query(more.sql);
  process.env.NS_SUPABASE_LIBRARY_URL = database.url;
  const folder = await mkdtemp(path.join(tmpdir(), 'ns-supabase-'));
  await writeFile(path.join(folder, 'novastack.yaml'), yamlOf(engine, stock, functions));
  if (more !== undefined) await writeFile(path.join(folder, 'more.yaml'), more.yaml);
  const server = await startDev({ folders: [folder], port: 0, signals: false });
  // In this order: a server that still runs may write its lock into the folder.
  scope.after(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });
  await server.ready;
  assert.equal(server.projects().length, 1, JSON.stringify(server.status()));
  const { issuer } = server.projects()[0]!;
  const url = `${server.url}/library`;
  const key = publishableKey('library');
  return {
    url,
    key,
    stock,
    sql: database.query,
    client: (role, options = {}) =>
      createClient<Names>(url, key, {
        ...options,
        ...(role === undefined ? null : { accessToken: () => issuer.mint({ role, claims: { sub: 'u7' } }) }),
      }),
  };
}
