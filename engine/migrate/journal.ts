/** Brings a database up to its migrations and seeds, each once, in order; one process at a time. */
import { type Diagnostic, hasErrors, type Staged } from '../../schema/diagnostic.ts';
import {
  abortedProblem,
  type JournalEntry,
  type JournalKey,
  type MigrationSession,
  type Pool,
  type Script,
  ScriptError,
} from '../execute/journal.ts';
import type { Migration, Seed } from './migrations.ts';
import { type MigrationStatus, planMigrations, planSeeds, scriptName } from './plan.ts';
import { placed, problemWith, startOf } from './scripts.ts';

/** What happens meanwhile, to be printed. */
export type Step =
  /** Another process is migrating the same database. */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly file: string }
  | { readonly kind: 'applied'; readonly file: string; readonly durationMs: number };

export interface MigrateSettings {
  readonly onStep?: (step: Step) => void;
  /** Ends the statement that runs, within seconds whatever the server does: 57014. What was done is journalled. */
  readonly signal?: AbortSignal;
  /** How long another process is waited for. Milliseconds, default 10 minutes. */
  readonly waitMs?: number;
  /** What the operator says of the statement inside which an earlier run broke off. */
  readonly interrupted?: 'done' | 'undone';
}

/** Changes nothing. @throws {Problem} NS503 the database cannot be reached */
export async function migrationStatus(
  pool: Pool,
  key: JournalKey,
  migrations: readonly Migration[],
): Promise<MigrationStatus> {
  return planMigrations(migrations, await pool.journal(key));
}

/** As `migrationStatus`, for seeds. */
export async function seedStatus(
  pool: Pool,
  key: JournalKey,
  seeds: readonly Seed[],
): Promise<MigrationStatus> {
  return planSeeds(seeds, await pool.journal(key));
}

/**
 * Applies what is pending, each in a transaction of its own with its entry.
 *
 * @returns files applied, also when a later one failed; nothing is applied where the journal and the folder do not fit
 * @throws {Problem} NS503 the database cannot be reached, 55P03 another process took too long
 */
export async function migrateUp(
  pool: Pool,
  key: JournalKey,
  migrations: readonly Migration[],
  settings: MigrateSettings = {},
): Promise<Staged<readonly string[]>> {
  const scripts = migrations.map((migration) => scriptOf('migration', scriptName(migration), migration));
  return bringUp(pool, key, scripts, (journal) => planMigrations(migrations, journal), settings);
}

/** Runs the seeds that have not been run, as `migrateUp` does. */
export async function seed(
  pool: Pool,
  key: JournalKey,
  seeds: readonly Seed[],
  settings: MigrateSettings = {},
): Promise<Staged<readonly string[]>> {
  const scripts = seeds.map((item) => scriptOf('seed', item.name, item));
  return bringUp(pool, key, scripts, (journal) => planSeeds(seeds, journal), settings);
}

interface FiledScript extends Script {
  readonly file: string;
}

function scriptOf(kind: Script['kind'], name: string, from: Migration | Seed): FiledScript {
  const { sql, checksum, transaction, file } = from;
  return { kind, name, sql, checksum, transaction, file };
}

type Plan = (journal: readonly JournalEntry[]) => MigrationStatus;

/** Looks first without the lock: mostly there is nothing to do. */
async function bringUp(
  pool: Pool,
  key: JournalKey,
  scripts: readonly FiledScript[],
  plan: Plan,
  settings: MigrateSettings,
): Promise<Staged<readonly string[]>> {
  const first = plan(await unlessAborted(pool.journal(key), settings.signal));
  if (hasErrors(first.diagnostics)) return { diagnostics: first.diagnostics };
  if (first.scripts.every(({ state }) => state === 'applied')) return { value: [], diagnostics: [] };
  return pool.migrate((session) => runPending(session, key, scripts, plan, settings), {
    signal: settings.signal,
    waitMs: settings.waitMs,
    onWait: () => settings.onStep?.({ kind: 'waiting' }),
  });
}

/** What only reads may go on without us. */
async function unlessAborted<T>(reading: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return reading;
  let giveUp = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    giveUp = () => reject(abortedProblem(signal.reason));
  });
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    return await Promise.race([reading, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

async function runPending(
  session: MigrationSession,
  key: JournalKey,
  scripts: readonly FiledScript[],
  plan: Plan,
  { onStep, signal, interrupted }: MigrateSettings,
): Promise<Staged<readonly string[]>> {
  // Whoever had the lock before may have applied some.
  const status = plan(await session.journal(key));
  if (hasErrors(status.diagnostics)) return { diagnostics: status.diagnostics };
  const open = new Map(
    status.scripts.filter(({ state }) => state !== 'applied').map(({ file, name }) => [file, name]),
  );
  const applied: string[] = [];
  for (const script of scripts) {
    const name = open.get(script.file);
    if (name === undefined) continue;
    if (signal?.aborted) break;
    onStep?.({ kind: 'running', file: script.file });
    const started = performance.now();
    const failure = await applyOne(session, key, { ...script, name }, interrupted);
    if (failure !== undefined) return { value: applied, diagnostics: [failure] };
    applied.push(script.file);
    onStep?.({ kind: 'applied', file: script.file, durationMs: performance.now() - started });
  }
  return { value: applied, diagnostics: [] };
}

async function applyOne(
  session: MigrationSession,
  key: JournalKey,
  script: FiledScript,
  interrupted: MigrateSettings['interrupted'],
): Promise<Diagnostic | undefined> {
  try {
    await session.apply(key, script, { interrupted });
    return undefined;
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error;
    const source = error.position ? placed(script.file, error.position) : startOf(script.file);
    const state = error.sqlstate === undefined ? '' : ` (${error.sqlstate})`;
    return problemWith(
      `${script.kind.toUpperCase()}_${error.kind === 'interrupted' ? 'INTERRUPTED' : 'FAILED'}`,
      `${error.message.replace(/\.$/, '')}${state}.`,
      error.hint,
      source,
    );
  }
}
