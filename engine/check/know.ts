/** What each database of a project looks like, found without it: from the lock, else by running its migrations. */
import type { Diagnostic, Source, Staged } from '../../schema/diagnostic.ts';
import type { DatabaseConfig, Project } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { isStale, type Lock, type LockedDatabase, staleDiagnostic } from '../catalog/lock.ts';
import { checksumFor, type Migration, readMigrations, readSeeds } from '../migrate/migrations.ts';

export interface Known {
  readonly catalog: Catalog;
  /** Checksum of all migration files; undefined when the database has no migrations. */
  readonly migrations: string | undefined;
}

/** What migrations came to, by all that it follows from: two commits that have the same ones run them once. */
export type Rehearsals = Map<string, Promise<Staged<Catalog>>>;

/** One entry for each database that could be known; a warning or an error for each that could not. */
export async function knowCatalogs(
  dir: string,
  project: Project,
  lock: Lock | undefined,
  rehearsals: Rehearsals = new Map(),
): Promise<Staged<ReadonlyMap<string, Known>>> {
  const known = new Map<string, Known>();
  const diagnostics: Diagnostic[] = [];
  for (const config of project.databases.values()) {
    const entry = lock?.databases.get(config.name);
    const one = await knowCatalog({ dir, project, config, entry, rehearsals });
    diagnostics.push(...one.diagnostics);
    if (one.value !== undefined) known.set(config.name, one.value);
  }
  return { value: known, diagnostics };
}

interface Unknown {
  readonly dir: string;
  readonly project: Project;
  readonly config: DatabaseConfig;
  readonly entry: LockedDatabase | undefined;
  readonly rehearsals: Rehearsals;
}

async function knowCatalog({ dir, project, config, entry, rehearsals }: Unknown): Promise<Staged<Known>> {
  const at = project.locate(['databases', config.name], 'key');
  const files = await readFiles(dir, config);
  const migrations = files.value;
  if (migrations === undefined) return { diagnostics: files.diagnostics };

  const checksum = checksumFor(config, migrations);
  if (entry !== undefined) {
    // An error: what is checked against an old lock proves nothing about what will be served.
    const stale = isStale(entry, checksum) ? [staleDiagnostic(config.name)] : [];
    const value: Known = { catalog: entry.catalog, migrations: checksum };
    return { value, diagnostics: [...files.diagnostics, ...stale] };
  }
  if (migrations.length === 0) return { diagnostics: [...files.diagnostics, noCatalog(config, at)] };

  // The embedded database and the dialects are loaded when they are wanted.
  const { rehearse } = await import('./rehearse.ts');
  const key = JSON.stringify([project.name, config, at, checksum]);
  const running = rehearsals.get(key) ?? rehearse({ project: project.name, config, migrations, source: at });
  rehearsals.set(key, running);
  const run = await running;
  const value: Known | undefined = run.value && {
    catalog: run.value,
    migrations: checksum,
  };
  return { value, diagnostics: [...files.diagnostics, ...run.diagnostics] };
}

/** The migrations in order, and every finding about them and the seeds. */
async function readFiles(dir: string, config: DatabaseConfig): Promise<Staged<readonly Migration[]>> {
  const migrations =
    config.migrations === undefined
      ? { value: [], diagnostics: [] }
      : await readMigrations(dir, config.migrations);
  const seeds = config.seeds === undefined ? { diagnostics: [] } : await readSeeds(dir, config.seeds);
  return { value: migrations.value, diagnostics: [...migrations.diagnostics, ...seeds.diagnostics] };
}

function noCatalog(config: DatabaseConfig, source: Source | undefined): Diagnostic {
  return {
    code: 'NO_CATALOG',
    severity: 'warning',
    message: `Nothing tells what database "${config.name}" looks like, so its tables were checked as YAML alone.`,
    hint: 'run "novastack lock" against the database and commit novastack.lock/, or give it "migrations:"',
    ...(source === undefined ? {} : { source }),
  };
}
