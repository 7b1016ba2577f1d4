/** The portable museum served by NovaStack on one engine, asked by the same client as the others. */
import { Agent } from 'node:http';
import type { TestContext } from 'node:test';
import { createDatabase, createSchema, type Scope, type TestEngine } from '../../database.ts';
import { words } from '../../portable-sql.ts';
import { token } from '../../project.ts';
import { serve } from '../../rest.ts';
import { type Answer, readAnswer } from '../answer.ts';
import type { Case } from '../case.ts';
import { claims, type Side, send } from '../sides.ts';
import { functionNames, functionsSql } from './functions.ts';
import { keepPortable } from './kept.ts';
import { kindFunctions } from './kinds.ts';
import { museumSql, writable } from './museum.ts';
import { type Names, namesOf } from './names.ts';

/** Most rows of a list. */
const maxRows = 100;

const everything = { permissions: { web: { select: true, insert: true, update: true, delete: true } } };

function yaml(engine: TestEngine, stock: string): string {
  const tables = writable(stock).map((name) => [name, everything]);
  const functions = [...functionNames(stock), ...kindFunctions(words[engine])];
  const project = {
    roles: { web: {} },
    limits: { rows: maxRows, dry_run: ['web'] },
    tables: {
      ...Object.fromEntries(tables),
      priced_works: {
        ...everything,
        key: ['id'],
        relationships: { artist: { column: 'artist_id', to: 'artists.id' } },
      },
      room_areas: { permissions: { web: { select: true } } },
    },
    functions: Object.fromEntries(
      functions.map((name) => [name, { permissions: { web: { execute: true } } }]),
    ),
  };
  // JSON is YAML.
  return JSON.stringify(project, null, 2);
}

export interface PortableSide extends Side {
  readonly engine: TestEngine;
  readonly names: Names;
}

export async function openPortable(scope: Scope, engine: TestEngine): Promise<PortableSide> {
  const database = await createDatabase(scope, engine);
  const stock = await createSchema(scope, database, 'stock');
  if (engine === 'postgres') await database.query(`alter database ${database.name} set timezone = 'UTC'`);
  const served = await serve(scope as TestContext, {
    engine,
    database,
    sql: museumSql(words[engine], stock) + functionsSql(words[engine], stock),
    yaml: yaml(engine, stock),
    schemas: ['public', stock],
  });
  const kept = await keepPortable(database.url, engine, writable(stock));
  scope.after(() => kept.close());
  const agent = new Agent({ keepAlive: true });
  scope.after(() => agent.destroy());
  const origin = `${await served.listen(token('web', claims))}/rest/v1`;
  return {
    engine,
    kept,
    names: namesOf(served.api),
    ask: async (one) => named(await send(agent, origin, {}, profiled(one, stock)), stock),
  };
}

/** The second schema under the name that it has on this engine: there it is a database, and those are the whole server's. */
function profiled(one: Case, stock: string): Case {
  if (one.headers === undefined) return one;
  const headers = Object.entries(one.headers).map(([name, value]) => [
    name,
    name.endsWith('-profile') && value === 'stock' ? stock : value,
  ]);
  return { ...one, headers: Object.fromEntries(headers) };
}

/** And back, in what is answered. */
function named({ status, headers, text }: Answer, stock: string): Answer {
  const profile = headers['content-profile'];
  return readAnswer(
    status,
    profile === undefined ? headers : { ...headers, 'content-profile': profile.replace(stock, 'stock') },
    text.replaceAll(stock, 'stock'),
  );
}
