/** Reads the catalog of the database that `init --from` names. */
import type { DatabaseConfig } from '../../schema/project.ts';
import { hasReference, parseReferences } from '../../schema/reference.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { addressOf, withDatabase } from './database.ts';
import { badInput } from './failure.ts';

export interface Existing {
  readonly catalog: Catalog;
  /** What the project says in place of the URL. */
  readonly reference: string;
  /** The environment variable that has to hold the URL from now on; undefined when it held it already. */
  readonly variable: string | undefined;
}

/**
 * @param from a URL, or `${env:NAME}` alone
 * @param schemas undefined: `public`
 * @throws {Failure} 2 when it is no Postgres URL or a schema has nothing, 3 when it cannot be reached
 */
export async function readExisting(
  project: string,
  from: string,
  schemas: readonly string[] | undefined,
): Promise<Existing> {
  const { url, reference, variable } = locate(project, from);
  checkUrl(url);
  const config: DatabaseConfig = { ...defaults, name: 'main', url: reference, schemas };
  const catalog = await withDatabase('.', { config, url }, (database) => database.introspect());
  if (catalog.relations.size > 0) return { catalog, reference, variable };
  const among = catalog.schemas.map((name) => `"${name}"`).join(', ');
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

/** The message never shows the URL: it may hold a password. */
function checkUrl(url: string): void {
  const hint = 'write it as postgres://user@host:5432/name';
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  if (scheme === 'mysql' || scheme === 'mariadb') {
    throw badInput('MySQL and MariaDB are not served yet.', 'use a PostgreSQL database');
  }
  if (scheme !== 'postgres' && scheme !== 'postgresql')
    throw badInput('The value of --from is not a Postgres URL.', hint);
  if (addressOf(url) === undefined)
    throw badInput('The value of --from is not a URL that can be read.', hint);
}

/** One command reads the catalog once: a small pool, and longer than an API's request for a schema of thousands of tables. */
const defaults: Omit<DatabaseConfig, 'name' | 'url' | 'schemas'> = {
  engine: 'postgres',
  searchPath: [],
  migrations: undefined,
  seeds: undefined,
  pool: { max: 2, acquireMs: 5_000, idleMs: 30_000, lifetimeMs: 1_800_000, mode: 'session' },
  timeoutMs: 30_000,
  replicas: [],
  region: undefined,
};
