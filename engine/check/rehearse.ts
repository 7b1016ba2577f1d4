/** Runs migrations in a fresh embedded database, to learn what they leave behind. Nothing outlives the call. */
import { type Diagnostic, hasErrors, type Source, type Staged } from '../../schema/diagnostic.ts';
import type { DatabaseConfig } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { postgres } from '../dialect/postgres/dialect.ts';
import { openEmbedded } from '../execute/embedded.ts';
import { migrateUp, type Step } from '../migrate/journal.ts';
import type { Migration } from '../migrate/migrations.ts';
import { startOf } from '../migrate/scripts.ts';

export interface Rehearsal {
  /** The project's slug. */
  readonly project: string;
  readonly config: DatabaseConfig;
  readonly migrations: readonly Migration[];
  /** Where the database is declared. */
  readonly source: Source | undefined;
}

export interface RehearsalSettings {
  /** For all of it together, once the database has started; what runs then is ended. Milliseconds, default 60,000. */
  readonly deadlineMs?: number;
}

const defaultDeadlineMs = 60_000;

/**
 * The catalog after every migration. Where the real database is embedded too, a migration that fails is an error. Where
 * it is a server, the migration may only need what the embedded one lacks (an extension, a role): a `NO_CATALOG` warning.
 *
 * @throws {Problem} NS503 no embedded database can be started here
 */
export async function rehearse(
  rehearsal: Rehearsal,
  { deadlineMs = defaultDeadlineMs }: RehearsalSettings = {},
): Promise<Staged<Catalog>> {
  const { config, source } = rehearsal;
  if (config.engine === 'mysql') {
    return {
      diagnostics: [
        notRun(config, 'they are for MySQL or MariaDB, and the embedded database is Postgres', source),
      ],
    };
  }
  const ran = await run(rehearsal, deadlineMs);
  if (config.engine === 'embedded' || !hasErrors(ran.diagnostics)) return ran;
  const failure = ran.diagnostics.find((diagnostic) => diagnostic.severity === 'error')!;
  return { diagnostics: [notRun(config, reason(failure), source)] };
}

async function run(rehearsal: Rehearsal, deadlineMs: number): Promise<Staged<Catalog>> {
  const database = await openEmbedded({ folder: null });
  let late = false;
  let current: string | undefined;
  // A migration has no statement timeout; what it waits for ends with the database.
  const deadline = setTimeout(() => {
    late = true;
    void database.end();
  }, deadlineMs);
  const onStep = (step: Step) => {
    if (step.kind === 'running') current = step.file;
    if (step.kind === 'applied') current = undefined;
  };
  try {
    const ran = await runIn(database.url, rehearsal, onStep);
    return late ? { diagnostics: [tooLong(rehearsal, deadlineMs, current)] } : ran;
  } catch (error) {
    if (!late) throw error;
    return { diagnostics: [tooLong(rehearsal, deadlineMs, current)] };
  } finally {
    clearTimeout(deadline);
    await database.close();
  }
}

async function runIn(
  url: string,
  { project, config, migrations }: Rehearsal,
  onStep: (step: Step) => void,
): Promise<Staged<Catalog>> {
  const pool = postgres.open({ config: { ...config, engine: 'embedded' }, url });
  try {
    const { diagnostics } = await migrateUp(pool, { project, database: config.name }, migrations, { onStep });
    if (hasErrors(diagnostics)) return { diagnostics };
    return { value: await postgres.introspect(pool, config.schemas), diagnostics };
  } finally {
    await pool.close();
  }
}

/** @param file the one that ran; undefined: they had all been run */
function tooLong({ config, source }: Rehearsal, deadlineMs: number, file: string | undefined): Diagnostic {
  const at = file === undefined ? source : startOf(file);
  return {
    code: 'MIGRATION_FAILED',
    severity: 'error',
    message: `The migrations of database "${config.name}" took longer than ${deadlineMs / 1000} s, and were ended.`,
    hint: 'look for a loop or a wait that does not end',
    ...(at === undefined ? {} : { source: at }),
  };
}

function notRun(config: DatabaseConfig, why: string, source: Source | undefined): Diagnostic {
  return {
    code: 'NO_CATALOG',
    severity: 'warning',
    message: `The migrations of database "${config.name}" cannot be run here (${why}), so its tables were checked as YAML alone.`,
    hint: 'run "novastack migrate up" against the database and commit novastack.lock/',
    ...(source === undefined ? {} : { source }),
  };
}

/** `migrations/0002_search.sql:3: Extension "postgis" is not available`. */
function reason({ message, source }: Diagnostic): string {
  const place = source === undefined ? '' : `${source.file}:${source.span.start.line}: `;
  return `${place}${message.replace(/\.$/, '')}`;
}
