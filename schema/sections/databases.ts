/** `databases`: where the data is. */
import type { Draft } from '../draft.ts';
import type { DatabaseConfig } from '../project.ts';
import { durationMs, maxDurationMs } from '../quantity.ts';
import { hasLiteralPassword, isReadableUrl, schemeOf } from '../reference.ts';
import { reservedSchema } from '../reserved.ts';
import {
  choice, count, duration, folder, list, named, object, optional, plainName, reference, text,
} from '../shape.ts'; // biome-ignore format: a list

export const engines = ['postgres', 'mysql', 'embedded'] as const;

const Pool = object(
  {
    max: optional(count('Most connections at once. Default 20.', 1, 1000)),
    acquire: optional(duration('How long a request waits for a connection. Default 5s.')),
    idle: optional(duration('After how long an idle connection is closed. Default 30s.')),
    lifetime: optional(duration('After how long any connection is replaced. Default 30m.')),
    mode: optional(
      choice(['session', 'transaction'], '`transaction` behind a pooler such as PgBouncer. Default session.'),
    ),
  },
  'The connections that the engine keeps.',
);

export const Database = object(
  {
    engine: {
      ...choice(engines, '`postgres`, `mysql` (also MariaDB), or `embedded`: a Postgres inside the engine.'),
      expects: '"postgres", "mysql" (which is MariaDB too) or "embedded"',
    },
    url: optional(reference('Connection URL; not for `embedded`. The password must be a reference.')),
    schemas: optional(
      list(
        text('Name of a schema.'),
        'Schemas whose relations can be exposed; the first is the default. Default: public. On MySQL schemas are databases of the server, and `public` is the one that the url names.',
        { minItems: 1 },
      ),
    ),
    search_path: optional(
      list(
        text('Name of a schema.'),
        'Further schemas, after `schemas`, for the functions and triggers of users. Not for `mysql`, where every name outside the database says its own.',
      ),
    ),
    migrations: optional(folder('Folder of NNNN_name.sql files.')),
    seeds: optional(folder('Folder of *.sql files, run in the order of their names.')),
    pool: optional(Pool),
    timeout: optional(duration('Of one statement, on the side of the server. Default 10s.')),
    replicas: optional(list(reference('Connection URL of a replica.'), 'Databases that serve reads only.')),
    region: optional(text('Where the data is; checked by `privacy.residency`.')),
  },
  'One database.',
  {
    if: { properties: { engine: { const: 'embedded' } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: { not: { anyOf: [{ required: ['url'] }, { required: ['replicas'] }] } },
    else: { required: ['url'] },
  },
);

export const databases = named(Database, 'Databases by the name that tables refer to.', plainName);

/** How the URLs of an engine begin, the usual one first. */
export const schemes = {
  postgres: ['postgres', 'postgresql'],
  mysql: ['mysql', 'mariadb'],
  embedded: [],
} as const;

const { properties } = Database;

/** A key that cannot be read is as if it were absent, so that what else is wrong is told at once. */
export function readDatabases(draft: Draft): ReadonlyMap<string, DatabaseConfig> {
  const result = new Map<string, DatabaseConfig>();
  for (const name of draft.names(['databases'])) {
    const database = readDatabase(draft, name);
    if (database) result.set(name, database);
  }
  return result;
}

function readDatabase(draft: Draft, name: string): DatabaseConfig | undefined {
  const path = ['databases', name];
  const engine = draft.read([...path, 'engine'], properties.engine);
  const migrations = draft.read([...path, 'migrations'], properties.migrations);
  const seeds = draft.read([...path, 'seeds'], properties.seeds);
  if (engine !== undefined) checkUrls(draft, path, engine);
  checkSchemas(draft, path, engine);
  if (engine === 'mysql') refuseSearchPath(draft, path);
  // Without these, nobody knows which tables there are, and most would seem to be missing.
  if (engine === undefined || decisive.some((key) => draft.isBroken([...path, key]))) return undefined;
  return {
    name,
    engine,
    url: draft.read([...path, 'url'], properties.url),
    schemas: draft.read([...path, 'schemas'], properties.schemas),
    searchPath: draft.read([...path, 'search_path'], properties.search_path) ?? [],
    migrations: migrations && trimmed(migrations),
    seeds: seeds && trimmed(seeds),
    pool: readPool(draft, [...path, 'pool']),
    timeoutMs: time(draft, [...path, 'timeout'], properties.timeout, '10s'),
    replicas: draft.read([...path, 'replicas'], properties.replicas) ?? [],
    region: draft.read([...path, 'region'], properties.region),
  };
}

const decisive = ['url', 'schemas', 'search_path', 'migrations'] as const;

function readPool(draft: Draft, path: readonly string[]): DatabaseConfig['pool'] {
  const { max, acquire, idle, lifetime, mode } = Pool.properties;
  return {
    max: draft.read([...path, 'max'], max) ?? 20,
    acquireMs: time(draft, [...path, 'acquire'], acquire, '5s'),
    idleMs: time(draft, [...path, 'idle'], idle, '30s'),
    lifetimeMs: time(draft, [...path, 'lifetime'], lifetime, '30m'),
    mode: draft.read([...path, 'mode'], mode) ?? 'session',
  };
}

function checkUrls(draft: Draft, path: readonly string[], engine: DatabaseConfig['engine']): void {
  if (engine === 'embedded') {
    for (const key of ['url', 'replicas'] as const) {
      if (draft.value([...path, key]) === undefined) continue;
      draft.error('URL_OF_EMBEDDED', [...path, key], `An embedded database has no "${key}".`, {
        hint: 'remove it, or choose another engine',
        part: 'key',
      });
    }
    return;
  }
  if (draft.value([...path, 'url']) === undefined) {
    draft.error('MISSING_KEY', path, `The database "${path[1]}" needs a "url".`, {
      hint: 'add url: ${env:NAME}',
      part: 'key',
    });
  }
  const replicas = draft.items([...path, 'replicas']).map((index) => [...path, 'replicas', index]);
  for (const place of [[...path, 'url'], ...replicas]) {
    const url = draft.read(place, properties.url);
    if (url !== undefined) checkUrl(draft, place, url, engine);
  }
}

/** Messages never show the url: it may hold a password. */
function checkUrl(
  draft: Draft,
  path: readonly (string | number)[],
  url: string,
  engine: 'postgres' | 'mysql',
): void {
  if (hasLiteralPassword(url)) {
    draft.error('LITERAL_PASSWORD', path, 'The url contains a password as plain text.', {
      hint: 'keep it out of Git: write ${env:NAME} in its place, and change the password if it was pushed',
    });
    return;
  }
  const scheme = schemeOf(url);
  if (scheme === undefined) {
    if (!url.startsWith('${')) {
      draft.error('WRONG_VALUE', path, 'The url has no scheme.', {
        hint: `begin it with ${schemes[engine][0]}://`,
      });
    }
    return;
  }
  const allowed: readonly string[] = schemes[engine];
  if (!allowed.includes(scheme)) {
    draft.error('WRONG_VALUE', path, `The url begins with "${scheme}://", but the engine is "${engine}".`, {
      hint: `begin it with ${schemes[engine][0]}://, or choose another engine`,
    });
    return;
  }
  if (!isReadableUrl(url)) {
    draft.error('WRONG_VALUE', path, 'The url cannot be read.', {
      hint: `write it as ${schemes[engine][0]}://user:\${env:PASSWORD}@host:port/database, special characters percent-encoded`,
    });
  }
}

function refuseSearchPath(draft: Draft, path: readonly string[]): void {
  if (draft.value([...path, 'search_path']) === undefined) return;
  draft.error('WRONG_VALUE', [...path, 'search_path'], 'A MySQL database has no "search_path".', {
    hint: 'remove it, and name the database in the SQL of functions and triggers',
    part: 'key',
  });
}

/** Databases in which MySQL and MariaDB describe and keep themselves, in any case. */
const ofMysql: ReadonlySet<string> = new Set(['mysql', 'performance_schema', 'information_schema', 'sys']);

function checkSchemas(
  draft: Draft,
  path: readonly string[],
  engine: DatabaseConfig['engine'] | undefined,
): void {
  const seen = new Set<string>();
  for (const index of draft.items([...path, 'schemas'])) {
    const place = [...path, 'schemas', index];
    const schema = draft.read(place, properties.schemas.items);
    if (schema === undefined) continue;
    if (reservedSchema(schema) || (engine === 'mysql' && ofMysql.has(schema.toLowerCase()))) {
      draft.error('RESERVED_SCHEMA', place, `The schema "${schema}" is reserved and can never be exposed.`, {
        hint: 'remove it',
      });
    } else if (schema.includes('.')) {
      draft.error(
        'WRONG_VALUE',
        place,
        `The schema "${schema}" has a dot in its name, which cannot be told from "schema.relation".`,
        {
          hint: 'rename the schema in the database',
        },
      );
    } else if (seen.has(schema)) {
      draft.error('LISTED_TWICE', place, `The schema "${schema}" is listed twice.`, { hint: 'remove one' });
    }
    seen.add(schema);
  }
}

function time(
  draft: Draft,
  path: readonly string[],
  shape: typeof properties.timeout,
  otherwise: string,
): number {
  const text = draft.read(path, shape) ?? otherwise;
  const milliseconds = durationMs(text);
  if (milliseconds <= maxDurationMs) return milliseconds;
  draft.error('WRONG_VALUE', path, `The duration ${text} is longer than 24d.`, { hint: 'write 24d or less' });
  return maxDurationMs;
}

function trimmed(folder: string): string {
  return folder.replace(/\/+$/, '');
}
