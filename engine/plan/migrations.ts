/** The migrations of the head that the base does not have, and what does not fit the ones that it has. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { DatabaseConfig, Project } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { compareNumbers, type Migration, readMigrations } from '../migrate/migrations.ts';
import { problemWith, startOf } from '../migrate/scripts.ts';
import type { NewStatement } from './place.ts';
import type { MigrationReport } from './report.ts';

export interface NewMigrations {
  readonly reports: readonly MigrationReport[];
  readonly statements: readonly NewStatement[];
  /** Errors: a database that ran the base's would refuse the head's. */
  readonly diagnostics: readonly Diagnostic[];
}

/** A commit's folder and what it says. */
export interface Tree {
  readonly dir: string;
  readonly project: Project;
}

/**
 * @param base undefined: all are new
 * @param catalogs of the head, by database: which version of which server it is
 */
export async function newMigrations(
  base: Tree | undefined,
  head: Tree,
  catalogs: ReadonlyMap<string, Catalog>,
): Promise<NewMigrations> {
  const found = { reports: [], statements: [], diagnostics: [] } as {
    [Part in keyof NewMigrations]: NewMigrations[Part][number][];
  };
  for (const config of head.project.databases.values()) {
    const own = await migrationsOf(head.dir, config);
    const before = base?.project.databases.get(config.name);
    const ran = base === undefined || before === undefined ? [] : await migrationsOf(base.dir, before);
    const fresh = own.filter((one) => !ran.some(({ number }) => isSame(number, one.number)));
    for (const migration of fresh) {
      const report = describe(migration, config, catalogs.get(config.name));
      found.reports.push(report);
      found.statements.push(...statementsOf(report, migration.sql));
    }
    found.diagnostics.push(...misfits(own, ran, fresh));
  }
  return found;
}

/** Those that cannot be read are findings of the validation. */
async function migrationsOf(dir: string, { migrations }: DatabaseConfig): Promise<readonly Migration[]> {
  return migrations === undefined ? [] : ((await readMigrations(dir, migrations)).value ?? []);
}

function isSame(a: string, b: string): boolean {
  return compareNumbers(a, b) === 0;
}

function describe(
  { file, sql, transaction }: Migration,
  { name, engine }: DatabaseConfig,
  catalog: Catalog | undefined,
): MigrationReport {
  const statements = dialectFor(engine).describe(sql, catalog);
  return { database: name, engine, file, transaction, statements };
}

/** Each with its text, from its beginning to that of the next. */
function statementsOf({ database, file, statements }: MigrationReport, sql: string): readonly NewStatement[] {
  const offsets = lineOffsets(sql);
  const begins = statements.map(({ start }) => offsets[start.line - 1]! + start.column - 1);
  return statements.map(({ start }, index) => ({
    database,
    file,
    start,
    text: sql.slice(begins[index], begins[index + 1]),
  }));
}

function lineOffsets(text: string): readonly number[] {
  const offsets = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) offsets.push(at + 1);
  return offsets;
}

function misfits(
  own: readonly Migration[],
  ran: readonly Migration[],
  fresh: readonly Migration[],
): readonly Diagnostic[] {
  const last = ran.at(-1);
  const late = fresh.filter(({ number }) => last !== undefined && compareNumbers(number, last.number) < 0);
  const found = ran.flatMap((one): readonly Diagnostic[] => {
    const now = own.find(({ number }) => isSame(number, one.number));
    if (now === undefined) return [missing(one)];
    return now.checksum === one.checksum ? [] : [edited(now)];
  });
  return [...found, ...late.map((one) => outOfOrder(one, last!))];
}

function edited({ file }: Migration): Diagnostic {
  return problemWith(
    'MIGRATION_EDITED',
    `"${file}" is not what it is in the base: a database that ran it refuses it now.`,
    'restore it, and put the change into a new file',
    startOf(file),
  );
}

function missing({ file }: Migration): Diagnostic {
  return problemWith(
    'MIGRATION_MISSING',
    `"${file}" is in the base and is gone: a database that ran it refuses the rest.`,
    'restore the file',
  );
}

function outOfOrder({ file }: Migration, last: Migration): Diagnostic {
  return problemWith(
    'MIGRATION_OUT_OF_ORDER',
    `"${file}" comes before "${last.file}", which the base has already: where that ran, this is refused.`,
    'give it the next free number',
    startOf(file),
  );
}
