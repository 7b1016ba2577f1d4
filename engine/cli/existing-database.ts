/** Reads the catalog of the database that `init --from` names. */
import type { DatabaseConfig } from '../../schema/project.ts';
import { hasReference, parseReferences } from '../../schema/reference.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { addressOf, withDatabase } from './database.ts';
import { badInput } from './failure.ts';

export interface Existing {
  readonly engine: DatabaseConfig['engine'];
  readonly catalog: Catalog;
  /** What the project says in place of the URL. */
  readonly reference: string;
  /** The environment variable that has to hold the URL from now on; undefined when it held it already. */
  readonly variable: string | undefined;
}

/**
 * @param from a URL, or `${env:NAME}` alone
 * @param schemas undefined: `public`, which on MySQL is the database of the URL
 * @throws {Failure} 2 when it is no URL of a database or a schema has nothing, 3 when it cannot be reached
 */
export async function readExisting(
  project: string,
  from: string,
  schemas: readonly string[] | undefined,
): Promise<Existing> {
  const { url, reference, variable } = locate(project, from);
  const engine = engineOf(url);
  const config: DatabaseConfig = { ...defaults, engine, name: 'main', url: reference, schemas };
  const catalog = await withDatabase('.', { config, url }, (database) => database.introspect());
  const filled = new Set([...catalog.relations.values()].map(({ schema }) => schema));
  const empty = (schemas ?? []).filter((name) => !filled.has(name));
  if (filled.size > 0 && empty.length === 0) return { engine, catalog, reference, variable };
  const among = (empty.length > 0 ? empty : catalog.schemas).map((name) => `"${name}"`).join(', ');
  throw badInput(
    `The database has no table or view in ${among} that this user may see.`,
    'name its schemas with --schemas a,b; nothing was written',
  );
}

interface Located {
  readonly url: string;
  readonly reference: string;
  readonly variable: string | undefined;
}

function locate(project: string, from: string): Located {
  if (!hasReference(from)) {
    const variable = `${project.toUpperCase().replaceAll('-', '_')}_URL`;
    return { url: from, reference: `\${env:${variable}}`, variable };
  }
  const [part, ...others] = parseReferences(from);
  if (part?.kind !== 'env' || others.length > 0) {
    throw badInput('Option --from takes a URL, or one reference such as ${env:BOOKSHOP_URL}.');
  }
  const url = process.env[part.name];
  if (url === undefined || url === '') throw badInput(`The environment variable ${part.name} is not set.`);
  return { url, reference: from, variable: undefined };
}

/** Schemes of URLs, by the engine that serves them. */
const engines = new Map<string, 'postgres' | 'mysql'>([
  ['postgres', 'postgres'],
  ['postgresql', 'postgres'],
  ['mysql', 'mysql'],
  ['mariadb', 'mysql'],
]);

/** The message never shows the URL: it may hold a password. */
function engineOf(url: string): 'postgres' | 'mysql' {
  const hint = 'write it as postgres://user@host:5432/name or mysql://user@host:3306/name';
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  const engine = engines.get(scheme ?? '');
  if (engine === undefined) throw badInput('The value of --from is not the URL of a database.', hint);
  if (addressOf(url) === undefined)
    throw badInput('The value of --from is not a URL that can be read.', hint);
  return engine;
}

/** One command reads the catalog once: a small pool, and longer than an API's request for a schema of thousands of tables. */
const defaults: Omit<DatabaseConfig, 'name' | 'engine' | 'url' | 'schemas'> = {
  searchPath: [],
  migrations: undefined,
  seeds: undefined,
  pool: { max: 2, acquireMs: 5_000, idleMs: 30_000, lifetimeMs: 1_800_000, mode: 'session' },
  timeoutMs: 30_000,
  replicas: [],
  region: undefined,
};
