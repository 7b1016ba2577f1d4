/** Files against journal: what is applied, what is to be run, and what does not fit. Pure. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { JournalEntry } from '../execute/journal.ts';
import { compareNumbers, type Migration, type Seed } from './migrations.ts';
import { problemWith, startOf } from './scripts.ts';

/**
 * `edited`: its text is not the one that was run. `missing`: the journal has it, the folder does not. `unfinished`: some
 * of its statements were run, outside a transaction; `up` goes on behind them.
 */
export type ScriptState = 'applied' | 'pending' | 'unfinished' | 'edited' | 'missing';

export interface ScriptStatus {
  /** `0001_create_books`; of a seed the file's name without `.sql`. */
  readonly name: string;
  /** Undefined for a missing one. */
  readonly file: string | undefined;
  readonly state: ScriptState;
  /** ISO 8601, UTC; null when it was never run. */
  readonly appliedAt: string | null;
  /** Of a missing one: only some of its statements were run. */
  readonly unfinished?: true;
}

export interface MigrationStatus {
  /** In the order in which they run. */
  readonly scripts: readonly ScriptStatus[];
  /** Errors here mean that nothing will be applied. */
  readonly diagnostics: readonly Diagnostic[];
}

export function planMigrations(
  migrations: readonly Migration[],
  journal: readonly JournalEntry[],
): MigrationStatus {
  const entries = journal.filter((entry) => entry.kind === 'migration');
  const byNumber = new Map(entries.map((entry) => [numberOf(entry.name), entry]));
  const present = new Set(migrations.map(({ number }) => BigInt(number)));
  const missing = entries.filter((entry) => !present.has(numberOf(entry.name)));
  const scripts = [
    ...migrations.map((migration) =>
      statusOf(migration, scriptName(migration), byNumber.get(BigInt(migration.number))),
    ),
    ...missing.map(missingStatus),
  ].sort((a, b) => compareNumbers(digitsOf(a.name), digitsOf(b.name)));
  return {
    scripts,
    diagnostics: [...scripts.flatMap((script) => explain(script, 'MIGRATION')), ...outOfOrder(scripts)],
  };
}

/** A seed that is gone is no finding: its rows are data now. */
export function planSeeds(seeds: readonly Seed[], journal: readonly JournalEntry[]): MigrationStatus {
  const byName = new Map(
    journal.filter((entry) => entry.kind === 'seed').map((entry) => [entry.name, entry]),
  );
  const scripts = seeds.map((seed) => statusOf(seed, seed.name, byName.get(seed.name)));
  return { scripts, diagnostics: scripts.flatMap((script) => explain(script, 'SEED')) };
}

export function scriptName({ number, name }: Migration): string {
  return `${number}_${name}`;
}

function digitsOf(name: string): string {
  return /^\d+/.exec(name)?.[0] ?? '0';
}

function numberOf(name: string): bigint {
  return BigInt(digitsOf(name));
}

function statusOf(
  script: { readonly file: string; readonly checksum: string },
  name: string,
  entry: JournalEntry | undefined,
): ScriptStatus {
  const { file, checksum } = script;
  if (entry === undefined) return { name, file, state: 'pending', appliedAt: null };
  const { appliedAt } = entry;
  if (entry.unfinishedAt !== null) return { name: entry.name, file, state: 'unfinished', appliedAt };
  return { name, file, state: entry.checksum === checksum ? 'applied' : 'edited', appliedAt };
}

function missingStatus({ name, appliedAt, unfinishedAt }: JournalEntry): ScriptStatus {
  const part = unfinishedAt === null ? null : { unfinished: true as const };
  return { name, file: undefined, state: 'missing', appliedAt, ...part };
}

function explain(
  { name, file, state, appliedAt, unfinished }: ScriptStatus,
  kind: 'MIGRATION' | 'SEED',
): readonly Diagnostic[] {
  if (state === 'edited' && file !== undefined)
    return [
      problemWith(
        `${kind}_EDITED`,
        `"${name}.sql" has been edited since it was applied (${appliedAt}).`,
        'restore it and put the change into a new file, or start an embedded database anew with "dev --reset"',
        startOf(file),
      ),
    ];
  if (state === 'missing')
    return [
      problemWith(
        `${kind}_MISSING`,
        `"${name}.sql" was ${unfinished ? 'applied in part' : 'applied'} (${appliedAt}) and is not in the folder.`,
        'restore the file, or start an embedded database anew with "dev --reset"',
      ),
    ];
  return [];
}

/** What was applied after it was written without knowing of it. */
function outOfOrder(scripts: readonly ScriptStatus[]): readonly Diagnostic[] {
  const last = scripts.findLastIndex(({ state }) => state === 'applied' || state === 'edited');
  return scripts.slice(0, Math.max(0, last)).flatMap(({ name, file, state }) => {
    if (file === undefined || (state !== 'pending' && state !== 'unfinished')) return [];
    return [
      problemWith(
        'MIGRATION_OUT_OF_ORDER',
        `"${name}.sql" is not applied, but "${scripts[last]!.name}.sql", which comes after it, is.`,
        'give it the next free number',
        startOf(file),
      ),
    ];
  });
}
