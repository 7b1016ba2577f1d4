/** The databases that a command was pointed at: which, where, and opened. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { nearest } from '../../schema/nearest.ts';
import type { DatabaseConfig, Project } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Pool } from '../dialect/dialect.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { openEmbedded } from '../execute/embedded.ts';
import { Problem, reasonOf } from '../problem/problem.ts';
import { embeddedFolder } from '../revision/databases.ts';
import { resolveSecrets } from '../revision/secrets.ts';
import { badInput, unreachable } from './failure.ts';

export interface Target {
  readonly config: DatabaseConfig;
  /** With references resolved; undefined for an embedded database. */
  readonly url: string | undefined;
}

export interface OpenDatabase {
  readonly pool: Pool;
  readonly introspect: () => Promise<Catalog>;
  readonly close: () => Promise<void>;
}

export interface Wanted {
  /** A name under `databases:`; undefined: all. */
  readonly database: string | undefined;
  /** In place of the project's own. */
  readonly url: string | undefined;
}

/**
 * @returns diagnostics for references that cannot be resolved, of the databases that are wanted
 * @throws {Failure} 2 for a name that is not declared, or a URL that fits no or several databases
 */
export async function targets(
  project: Project,
  wanted: Wanted,
): Promise<{ value?: readonly Target[]; diagnostics: readonly Diagnostic[] }> {
  const configs = choose(project, wanted.database);
  if (wanted.url !== undefined) return { value: [overridden(configs, wanted.url)], diagnostics: [] };
  const chosen = new Map(configs.map((config) => [config.name, config]));
  const withoutAuth = { ...project, databases: chosen, auth: { anonymous: undefined, jwt: [] } };
  const { urls, diagnostics } = resolveSecrets(withoutAuth, { leaveOutIssuers: true });
  return { value: configs.map((config) => ({ config, url: urls.get(config.name) })), diagnostics };
}

/**
 * Opens a database for as long as `work` takes.
 *
 * @param dir the project's folder: an embedded database is under its `.novastack/`
 * @throws {Failure} 3 when it cannot be reached or is held by another process, 2 when its server is too old
 */
export async function withDatabase<T>(
  dir: string,
  target: Target,
  work: (database: OpenDatabase) => Promise<T>,
): Promise<T> {
  try {
    const database = await open(dir, target);
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  } catch (error) {
    throw explained(target, error);
  }
}

/** The host and the name of the database behind a URL, without user and password. */
export function addressOf(url: string): { readonly host: string; readonly name: string } | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  const host = parsed.searchParams.get('host') ?? decodeURIComponent(parsed.hostname).replace(/^\[|\]$/g, '');
  const name = decodeURIComponent(parsed.pathname.slice(1)) || decodeURIComponent(parsed.username);
  return { host: parsed.port === '' || host.startsWith('/') ? host : `${host}:${parsed.port}`, name };
}

async function open(dir: string, { config, url }: Target): Promise<OpenDatabase> {
  const dialect = dialectFor(config.engine);
  const embedded =
    config.engine === 'embedded'
      ? await openEmbedded({ folder: await embeddedFolder(dir, config.name) })
      : undefined;
  const pool = dialect.open({ config, url: embedded?.url ?? url! });
  return {
    pool,
    introspect: () => dialect.introspect(pool, config.schemas),
    close: async () => {
      await pool.close();
      await embedded?.close();
    },
  };
}

function choose(project: Project, name: string | undefined): readonly DatabaseConfig[] {
  if (name === undefined) return [...project.databases.values()];
  const config = project.databases.get(name);
  if (config !== undefined) return [config];
  const names = [...project.databases.keys()];
  const guess = nearest(name, names);
  throw badInput(
    `There is no database "${name}" in the project.`,
    guess === undefined ? `the databases are ${names.join(', ')}` : `did you mean "${guess}"?`,
  );
}

function overridden(configs: readonly DatabaseConfig[], url: string): Target {
  const [config, ...others] = configs;
  if (config === undefined) throw badInput('The project declares no database.');
  if (others.length > 0)
    throw badInput('Option --url is for one database, and there are several.', 'add --database <name>');
  if (config.engine === 'embedded')
    throw badInput('An embedded database has no address, so --url cannot be given.');
  if (addressOf(url) === undefined) {
    throw badInput('The value of --url is not a URL.', `write ${config.engine}://user@host/name`);
  }
  return { config, url };
}

/** Who runs a command owns the database, so the driver's own reason is said, unlike to a caller of the API. */
function explained({ config, url }: Target, error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const hint = error.hint ?? undefined;
  if (error.code === 'NS501') return badInput(`Database "${config.name}": ${error.message}`, hint);
  const address = url === undefined ? undefined : addressOf(url);
  const where = address === undefined ? '' : ` ("${address.name}" on ${address.host})`;
  const said = url === undefined ? undefined : reasonOf(error);
  const reason = said === undefined ? '' : ` ${said}.`;
  return unreachable(`Database "${config.name}"${where}: ${error.message}${reason}`, { hint, cause: error });
}
