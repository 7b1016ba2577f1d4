/** Runs one migration or seed and journals it, both or neither, in a session that is as if it were new. */
import { createHash } from 'node:crypto';
import pg from 'pg';
import type { DatabaseConfig } from '../../../schema/project.ts';
import type { JournalKey, Script } from '../dialect.ts';
import { untilGivenUp } from '../giving-up.ts';
import { placeAt } from '../place.ts';
import { ScriptError } from '../script-error.ts';
import type { Connection } from './connection.ts';
import { createJournal, readJournal, record } from './journal.ts';
import { pinSession } from './session.ts';
import { offsetOf, type ScriptStatement, splitScript } from './split.ts';

/** All that a script may have left in the session, but for the advisory lock, which DISCARD ALL would give back too. */
const resetSession =
  'SET SESSION AUTHORIZATION DEFAULT; RESET ROLE; RESET ALL; DEALLOCATE ALL; CLOSE ALL; UNLISTEN *; ' +
  'DISCARD PLANS; DISCARD TEMP; DISCARD SEQUENCES';

export interface ApplyContext {
  readonly config: DatabaseConfig;
  /** Ends the statement that runs. Never one that journals: what was done is to be known. */
  readonly signal: AbortSignal | undefined;
}

/**
 * @throws {ScriptError} the database refused the script, with the place; the driver's error for a lost connection
 * @throws {Problem} 57014 the caller gave up
 */
export async function apply(
  connection: Connection,
  { config, signal }: ApplyContext,
  key: JournalKey,
  script: Script,
): Promise<void> {
  await connection.script(resetSession);
  await connection.script(pinSession(config, 0));
  await createJournal(connection);
  const statements = splitScript(script.sql);
  const done = await statementsDone(connection, key, script, statements);
  const run: Run = { connection, script, statements, signal };
  if (script.transaction) await applyWhole(run, key, done);
  else await applyOneByOne(run, key, done);
}

/** A script that is being run. */
interface Run {
  readonly connection: Connection;
  readonly script: Script;
  readonly statements: readonly ScriptStatement[];
  readonly signal: AbortSignal | undefined;
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

async function applyWhole(run: Run, key: JournalKey, done: number): Promise<void> {
  const { connection, script, statements } = run;
  refuseTransactionControl(script.sql, statements);
  const offset = done === 0 ? 0 : (statements[done]?.offset ?? script.sql.length);
  await connection.script('BEGIN');
  try {
    await runScript(run, offset, done);
    // In the session as the script left it, the engine's role might be another.
    await connection.script('SET SESSION AUTHORIZATION DEFAULT; RESET ROLE');
    await record(connection, key, script, script.checksum, null);
    await commit(run);
  } catch (error) {
    if (connection.usable && connection.inTransaction) await connection.script('ROLLBACK');
    throw error;
  }
}

/** Constraints that are checked late speak up here, without a place. */
async function commit({ connection, signal }: Run): Promise<void> {
  try {
    await untilGivenUp(connection, signal, () => connection.script('COMMIT'));
  } catch (error) {
    throw error instanceof pg.DatabaseError ? refused(error, undefined) : error;
  }
}

/** Between a statement and its entry the process can die; then that one statement runs again. */
async function applyOneByOne(run: Run, key: JournalKey, done: number): Promise<void> {
  const { connection, script, statements } = run;
  for (const [index, statement] of statements.entries()) {
    if (index < done) continue;
    await runScript(run, statement.offset, index, statement.text);
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

function digest(statements: readonly ScriptStatement[]): string {
  const hash = createHash('sha256');
  for (const { text } of statements) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** From `offset` of the script; `index` is the first statement's number, to find the one that failed. */
async function runScript(
  { connection, script: { sql }, statements, signal }: Run,
  offset: number,
  index: number,
  text: string = sql.slice(offset),
): Promise<void> {
  try {
    await untilGivenUp(connection, signal, () => connection.script(text));
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || !connection.usable) throw error;
    // The whole text is parsed before anything runs: a place says more than the count of what has run.
    const stated = error.position === undefined ? undefined : offset + offsetOf(text, Number(error.position));
    const failed =
      stated === undefined
        ? statements[index + completedBefore(error)]
        : statements.findLast((statement) => statement.offset <= stated);
    const at = stated ?? failed?.offset;
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
