/** Runs migrations in a fresh embedded database, to learn what they leave behind. Nothing outlives the call. */
import { type Diagnostic, hasErrors, type Source, type Staged } from '../../schema/diagnostic.ts';
import type { DatabaseConfig } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { openEmbedded } from '../execute/embedded.ts';
import { migrateUp } from '../migrate/journal.ts';
import type { Migration } from '../migrate/migrations.ts';

export interface Rehearsal {
  /** The project's slug. */
  readonly project: string;
  readonly config: DatabaseConfig;
  readonly migrations: readonly Migration[];
  /** Where the database is declared. */
  readonly source: Source | undefined;
}

/**
 * The catalog after every migration. Where the real database is embedded too, a migration that fails is an error. Where
 * it is a server, the migration may only need what the embedded one lacks (an extension, a role): a `NO_CATALOG` warning.
 *
 * @throws {Problem} NS503 no embedded database can be started here
 */
export async function rehearse(rehearsal: Rehearsal): Promise<Staged<Catalog>> {
  const { config, source } = rehearsal;
  if (config.engine === 'mysql') {
    return {
      diagnostics: [
        notRun(config, 'they are for MySQL or MariaDB, and the embedded database is Postgres', source),
      ],
    };
  }
  const ran = await run(rehearsal);
  if (config.engine === 'embedded' || !hasErrors(ran.diagnostics)) return ran;
  const failure = ran.diagnostics.find((diagnostic) => diagnostic.severity === 'error')!;
  return { diagnostics: [notRun(config, reason(failure), source)] };
}

async function run({ project, config, migrations }: Rehearsal): Promise<Staged<Catalog>> {
  const dialect = dialectFor('embedded');
  const database = await openEmbedded({ folder: null });
  try {
    const pool = dialect.open({ config: { ...config, engine: 'embedded' }, url: database.url });
    try {
      const { diagnostics } = await migrateUp(pool, { project, database: config.name }, migrations);
      if (hasErrors(diagnostics)) return { diagnostics };
      return { value: await dialect.introspect(pool, config.schemas), diagnostics };
    } finally {
      await pool.close();
    }
  } finally {
    await database.close();
  }
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
