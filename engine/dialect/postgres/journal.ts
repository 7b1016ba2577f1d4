/** The journal of migrations and seeds in the schema `novastack`, and the one session that may write it. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseConfig } from '../../../schema/project.ts';
import { Problem } from '../../problem/problem.ts';
import type {
  JournalEntry,
  JournalKey,
  MigrateOptions,
  MigrationSession,
  Parameter,
  Rows,
  Script,
  Statement,
} from '../dialect.ts';
import { ScriptError } from '../script-error.ts';
import type { Connection } from './connection.ts';
import { abortedProblem } from './errors.ts';
import { pinSession } from './session.ts';
import { offsetOf, placeAt, type ScriptStatement, splitScript } from './split.ts';

/** One lock for all journals of a database: two projects must not make the schema at the same time either. */
const lockKey = '7957704219023483746';
const pollMs = 200;
const defaultWaitMs = 10 * 60_000;

const createJournal = `
CREATE SCHEMA IF NOT EXISTS novastack;
CREATE TABLE IF NOT EXISTS novastack.journal (
  project text NOT NULL,
  database text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('migration', 'seed')),
  name text NOT NULL,
  checksum text NOT NULL,
  unfinished_at integer,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (project, database, kind, name)
)`;

/** All that a script may have left in the session, but for the advisory lock, which DISCARD ALL would give back too. */
const resetSession =
  'SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; DEALLOCATE ALL; CLOSE ALL; UNLISTEN *; ' +
  'DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES';

interface Runner {
  run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows>;
}

function unnamed(text: string): Statement {
  return { text, name: undefined };
}

/** Creates nothing; a database without a journal has an empty one. */
export async function readJournal(runner: Runner, key: JournalKey): Promise<readonly JournalEntry[]> {
  const found = await runner.run(unnamed(`SELECT to_regclass('novastack.journal') IS NOT NULL`), []);
  if (found.rows[0]?.[0] !== 't') return [];
  const { rows } = await runner.run(
    unnamed(
      `SELECT kind, name, checksum, unfinished_at,
              to_char(applied_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
         FROM novastack.journal WHERE project = $1 AND database = $2
        ORDER BY kind COLLATE "C", name COLLATE "C"`,
    ),
    [key.project, key.database],
  );
  return rows.map(([kind, name, checksum, unfinishedAt, appliedAt]) => ({
    kind: kind === 'seed' ? 'seed' : 'migration',
    name: name!,
    checksum: checksum!,
    unfinishedAt: unfinishedAt == null ? null : Number(unfinishedAt),
    appliedAt: appliedAt!,
  }));
}

/** @throws {Problem} 55P03 another process held the lock for too long, NS503 the connection was lost */
export async function withMigrationLock<T>(
  connection: Connection,
  config: DatabaseConfig,
  work: (session: MigrationSession) => Promise<T>,
  options: MigrateOptions,
): Promise<T> {
  await lock(connection, options);
  try {
    return await work({
      journal: (key) => readJournal(connection, key),
      apply: (key, script) => apply(connection, config, key, script),
    });
  } finally {
    // PGlite is one session for all its sockets: there the lock would outlive the connection.
    await connection.script(`SELECT pg_advisory_unlock(${lockKey})`).catch(() => {});
  }
}

/**
 * Asks again and again instead of waiting inside the server: a statement that waits holds a snapshot, and
 * CREATE INDEX CONCURRENTLY in the process that has the lock would wait for that snapshot for ever.
 */
async function lock(connection: Connection, options: MigrateOptions): Promise<void> {
  const { signal, onWait, waitMs = defaultWaitMs } = options;
  const until = performance.now() + waitMs;
  const attempt = unnamed(`SELECT pg_try_advisory_lock(${lockKey})`);
  for (let asked = 0; ; asked += 1) {
    if (signal?.aborted) throw abortedProblem(signal.reason);
    const { rows } = await connection.run(attempt, []);
    if (rows[0]?.[0] === 't') return;
    if (asked === 0) onWait?.();
    if (performance.now() >= until) throw stillLocked(waitMs);
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

function stillLocked(waitMs: number): Problem {
  return new Problem('55P03', {
    message: `Another process has been migrating this database for more than ${waitMs} ms.`,
    hint: 'wait until it has ended, then repeat the command',
    headers: { 'Retry-After': '1' },
  });
}

async function apply(
  connection: Connection,
  config: DatabaseConfig,
  key: JournalKey,
  script: Script,
): Promise<void> {
  await connection.script(resetSession);
  await connection.script(pinSession(config, 0));
  await connection.script(createJournal);
  const statements = splitScript(script.sql);
  const done = await statementsDone(connection, key, script, statements);
  if (script.transaction) await applyWhole(connection, key, script, statements, done);
  else await applyOneByOne(connection, key, script, statements, done);
}

/** Of a script that stopped half-way: how many of its statements are not to be run again. */
async function statementsDone(
  connection: Connection,
  key: JournalKey,
  script: Script,
  statements: readonly ScriptStatement[],
): Promise<number> {
  const entries = await readJournal(connection, key);
  const entry = entries.find(({ kind, name }) => kind === script.kind && name === script.name);
  const done = entry?.unfinishedAt ?? 0;
  if (done === 0 || digest(statements.slice(0, done)) === entry?.checksum) return done;
  throw new ScriptError(
    `The first ${done} statements of this file were run before a later one failed, and have been edited since.`,
    { hint: 'restore them; only what comes after them may still change' },
  );
}

async function applyWhole(
  connection: Connection,
  key: JournalKey,
  script: Script,
  statements: readonly ScriptStatement[],
  done: number,
): Promise<void> {
  refuseTransactionControl(script.sql, statements);
  const offset = done === 0 ? 0 : (statements[done]?.offset ?? script.sql.length);
  await connection.script('BEGIN');
  try {
    await runScript(connection, script.sql, offset, statements, done);
    // In the session as the script left it, the engine's role might be another.
    await connection.script('SET SESSION AUTHORIZATION DEFAULT; RESET ROLE');
    await record(connection, key, script, script.checksum, null);
    await commit(connection);
  } catch (error) {
    if (connection.usable && connection.inTransaction) await connection.script('ROLLBACK');
    throw error;
  }
}

/** Constraints that are checked late speak up here, without a place. */
async function commit(connection: Connection): Promise<void> {
  try {
    await connection.script('COMMIT');
  } catch (error) {
    throw error instanceof pg.DatabaseError ? refused(error, undefined) : error;
  }
}

/** Between a statement and its entry the process can die; then that one statement runs again. */
async function applyOneByOne(
  connection: Connection,
  key: JournalKey,
  script: Script,
  statements: readonly ScriptStatement[],
  done: number,
): Promise<void> {
  for (const [index, statement] of statements.entries()) {
    if (index < done) continue;
    await runScript(connection, script.sql, statement.offset, statements, index, statement.text);
    if (connection.inTransaction) {
      await connection.script('ROLLBACK');
      throw new ScriptError(
        'This file opens a transaction by itself, which one without a transaction cannot.',
        {
          position: placeAt(script.sql, statement.offset),
          hint: 'remove BEGIN and COMMIT',
        },
      );
    }
    const ran = statements.slice(0, index + 1);
    if (ran.length < statements.length) await record(connection, key, script, digest(ran), ran.length);
  }
  await record(connection, key, script, script.checksum, null);
}

async function record(
  connection: Connection,
  key: JournalKey,
  script: Script,
  checksum: string,
  unfinishedAt: number | null,
): Promise<void> {
  await connection.run(
    unnamed(
      `INSERT INTO novastack.journal (project, database, kind, name, checksum, unfinished_at)
       VALUES ($1, $2, $3, $4, $5, $6::integer)
       ON CONFLICT (project, database, kind, name) DO UPDATE
          SET checksum = excluded.checksum, unfinished_at = excluded.unfinished_at, applied_at = clock_timestamp()`,
    ),
    [
      key.project,
      key.database,
      script.kind,
      script.name,
      checksum,
      unfinishedAt === null ? null : String(unfinishedAt),
    ],
  );
}

function digest(statements: readonly ScriptStatement[]): string {
  const hash = createHash('sha256');
  for (const { text } of statements) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** From `offset` of the script; `index` is the first statement's number, to find the one that failed. */
async function runScript(
  connection: Connection,
  sql: string,
  offset: number,
  statements: readonly ScriptStatement[],
  index: number,
  text: string = sql.slice(offset),
): Promise<void> {
  try {
    await connection.script(text);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !connection.usable) throw error;
    const failed = statements[index + completedBefore(error)];
    const at =
      error.position === undefined ? failed?.offset : offset + offsetOf(text, Number(error.position));
    throw refused(error, at === undefined ? undefined : placeAt(sql, at), failed);
  }
}

function completedBefore(error: Error): number {
  return 'completed' in error && typeof error.completed === 'number' ? error.completed : 0;
}

function refused(
  error: pg.DatabaseError,
  position: { readonly line: number; readonly column: number } | undefined,
  statement?: ScriptStatement,
): ScriptError {
  return new ScriptError(sentence(error.message), {
    position,
    hint: hintFor(error, statement),
    sqlstate: error.code,
    cause: error,
  });
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

function hintFor(error: pg.DatabaseError, statement: ScriptStatement | undefined): string | undefined {
  if (statement?.words[0] === 'copy' && error.code === '57014') return 'write the rows as INSERT';
  if (statement?.text.startsWith('\\'))
    return 'commands of psql, which begin with a backslash, do not work here';
  if (error.code === '55P04') return 'add the value in a migration of its own, before this one';
  if (error.code === '25001')
    return 'put it into a file of its own that begins with "-- novastack:no-transaction"';
  return error.hint;
}

const transactionWords = new Set(['begin', 'start', 'commit', 'end', 'rollback', 'abort']);

/** They would end the transaction that keeps the script and its entry together. */
function refuseTransactionControl(sql: string, statements: readonly ScriptStatement[]): void {
  for (const { words, offset } of statements) {
    const [first, second] = words;
    const controls = transactionWords.has(first ?? '') || (first === 'prepare' && second === 'transaction');
    if (!controls || words.includes('to')) continue;
    throw new ScriptError(
      `${first?.toUpperCase()} is not possible here: each file runs in a transaction of its own.`,
      {
        position: placeAt(sql, offset),
        hint: 'remove it, or begin the file with "-- novastack:no-transaction"',
      },
    );
  }
}
