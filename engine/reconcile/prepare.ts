/** Brings one database to where its files say, where that happens by itself; says what is pending elsewhere. */
import { createHash } from 'node:crypto';
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import { migrateUp, migrationStatus, type Step, seed, seedStatus } from '../migrate/journal.ts';
import { checksumOf, type Migration, readMigrations, readSeeds, type Seed } from '../migrate/migrations.ts';
import type { Database } from '../revision/databases.ts';

/** The scripts that a project has for one database. */
export interface Scripts {
  readonly migrations: readonly Migration[];
  readonly seeds: readonly Seed[];
  /** What the lock records; undefined where the project declares no migrations. */
  readonly checksum: string | undefined;
  /** Tells one set of scripts from another, seeds included. */
  readonly hash: string;
  readonly diagnostics: readonly Diagnostic[];
}

export async function readScripts(directory: string, config: Database['config']): Promise<Scripts> {
  const migrations =
    config.migrations === undefined ? undefined : await readMigrations(directory, config.migrations);
  const seeds = config.seeds === undefined ? undefined : await readSeeds(directory, config.seeds);
  const texts = [...(migrations?.value ?? []), ...(seeds?.value ?? [])].map(
    ({ file, checksum }) => `${file} ${checksum}`,
  );
  return {
    migrations: migrations?.value ?? [],
    seeds: seeds?.value ?? [],
    checksum: migrations?.value === undefined ? undefined : checksumOf(migrations.value),
    hash: createHash('sha256').update(texts.join('\n')).digest('hex'),
    diagnostics: [...(migrations?.diagnostics ?? []), ...(seeds?.diagnostics ?? [])],
  };
}

export interface Prepared {
  /** Scripts that were not run; null where that could not be found out. */
  readonly pending: number | null;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Runs migrations and seeds of an embedded database; of any other, looks which are pending.
 *
 * @throws {Problem} NS503 the database cannot be reached
 */
export async function prepareDatabase(
  project: Project,
  database: Database,
  scripts: Scripts,
  onStep: (step: Step) => void,
): Promise<Prepared> {
  const { config, pool } = database;
  const key = { project: project.name, database: config.name };
  if (config.engine === 'embedded') {
    const migrated = await migrateUp(pool, key, scripts.migrations, { onStep });
    if (hasErrors(migrated.diagnostics)) return { pending: null, diagnostics: migrated.diagnostics };
    const seeded = await seed(pool, key, scripts.seeds, { onStep });
    return { pending: 0, diagnostics: [...migrated.diagnostics, ...seeded.diagnostics] };
  }
  const migrations = await migrationStatus(pool, key, scripts.migrations);
  const seeds = await seedStatus(pool, key, scripts.seeds);
  const isOpen = ({ state }: { readonly state: string }) => state === 'pending' || state === 'unfinished';
  const pending = migrations.scripts.filter(isOpen).length;
  const found: Diagnostic[] = migrations.diagnostics.map((diagnostic) => ({
    ...diagnostic,
    severity: 'warning',
  }));
  if (pending > 0) found.push(pendingScripts(project, config.name, pending, 'migration', 'migrate up'));
  const unseeded = seeds.scripts.filter(isOpen).length;
  if (unseeded > 0) found.push(pendingScripts(project, config.name, unseeded, 'seed', 'migrate up --seed'));
  return { pending, diagnostics: found };
}

function pendingScripts(
  project: Project,
  database: string,
  count: number,
  what: 'migration' | 'seed',
  command: string,
): Diagnostic {
  const source = project.locate(['databases', database, what === 'seed' ? 'seeds' : 'migrations']);
  return {
    code: what === 'seed' ? 'SEEDS_PENDING' : 'MIGRATIONS_PENDING',
    severity: what === 'seed' ? 'notice' : 'warning',
    message: `${count} ${what}${count === 1 ? ' has' : 's have'} not been run on database "${database}".`,
    hint: `run: novastack ${command}`,
    ...(source === undefined ? {} : { source }),
  };
}
