/** The migrations and seeds of a project, in the order in which they run. Knows no database. */
import type { Diagnostic, Staged } from '../../schema/diagnostic.ts';
import { problemWith, readScripts, type ScriptFile, sha256, startOf } from './scripts.ts';

export interface Migration {
  /** Its digits as written: `0001`. */
  readonly number: string;
  /** What follows them: `create_books`. */
  readonly name: string;
  /** Relative to the project's folder, with `/`. */
  readonly file: string;
  readonly sql: string;
  /** Hex sha256 of the text with `\n` line ends. */
  readonly checksum: string;
  /** False: `-- novastack:no-transaction`. */
  readonly transaction: boolean;
}

export interface Seed {
  /** The file's name without `.sql`. */
  readonly name: string;
  readonly file: string;
  readonly sql: string;
  readonly checksum: string;
  readonly transaction: boolean;
}

const form = /^(\d{4,})_(.+)$/;

/**
 * Reads `NNNN_name.sql` files: four digits or more, run in the order of their numbers.
 *
 * @param folder relative to `projectDir`, as `migrations:` says
 * @returns no value when some file could not be read, so that nothing runs past a gap
 */
export async function readMigrations(
  projectDir: string,
  folder: string,
): Promise<Staged<readonly Migration[]>> {
  const { files, diagnostics: found } = await readScripts(projectDir, folder);
  const diagnostics = [...found];
  const migrations: Migration[] = [];
  for (const { base, ...script } of files) {
    const match = form.exec(base);
    if (match) migrations.push({ ...script, number: match[1]!, name: match[2]! });
    else diagnostics.push(wrongName(script.file));
  }
  migrations.sort(byNumber);
  diagnostics.push(...numbersTwice(migrations));
  return diagnostics.length > 0
    ? { diagnostics: diagnostics.sort(byFile) }
    : { value: migrations, diagnostics };
}

/** Every `*.sql` of the folder, in the order of the names' bytes. */
export async function readSeeds(projectDir: string, folder: string): Promise<Staged<readonly Seed[]>> {
  const { files, diagnostics } = await readScripts(projectDir, folder);
  if (diagnostics.length > 0) return { diagnostics: [...diagnostics].sort(byFile) };
  const seeds = files.map(({ base, ...script }: ScriptFile) => ({ ...script, name: base }));
  seeds.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return { value: seeds, diagnostics };
}

/** What the lock records of a database: undefined where its `config` names no migrations. Pure. */
export function checksumFor(
  config: { readonly migrations: string | undefined },
  migrations: readonly Migration[],
): string | undefined {
  return config.migrations === undefined ? undefined : checksumOf(migrations);
}

/** Hex sha256 of all migrations together. Pure. */
export function checksumOf(migrations: readonly Migration[]): string {
  return sha256(migrations.map(({ number, name, checksum }) => `${number}_${name} ${checksum}\n`).join(''));
}

/** Digits may differ in length: `0009` comes before `10000`. */
export function compareNumbers(a: string, b: string): number {
  const [left, right] = [BigInt(a), BigInt(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function byNumber(a: Migration, b: Migration): number {
  return compareNumbers(a.number, b.number) || (a.file < b.file ? -1 : 1);
}

function byFile(a: Diagnostic, b: Diagnostic): number {
  return (a.source?.file ?? '') < (b.source?.file ?? '') ? -1 : 1;
}

function wrongName(file: string): Diagnostic {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return problemWith(
    'MIGRATION_NAME',
    `"${name}" is not named as a migration is.`,
    'name it NNNN_name.sql, such as 0001_create_books.sql',
    startOf(file),
  );
}

/** Two branches that both took the next number. */
function numbersTwice(migrations: readonly Migration[]): readonly Diagnostic[] {
  const found: Diagnostic[] = [];
  for (const [index, migration] of migrations.entries()) {
    const before = migrations[index - 1];
    if (before === undefined || compareNumbers(before.number, migration.number) !== 0) continue;
    found.push({
      ...problemWith(
        'MIGRATION_NUMBER_TWICE',
        `Two migrations have the number ${migration.number}.`,
        'give the one that is not applied anywhere yet the next number',
        startOf(migration.file),
      ),
      related: [{ message: 'the other one', source: startOf(before.file) }],
    });
  }
  return found;
}
