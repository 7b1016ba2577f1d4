/**
 * Runs one migration or seed, statement by statement, in a session of its own, and journals how far it came. Statements on
 * rows share a transaction with their entry. One that commits by itself is journalled before it and after it, so that a
 * process that died in between leaves a trace of it.
 */
import { createHash } from 'node:crypto';
import type { ApplySettings, JournalKey, Script } from '../dialect.ts';
import { untilGivenUp } from '../giving-up.ts';
import { placeAt } from '../place.ts';
import { abortedProblem } from '../problems.ts';
import { ScriptError } from '../script-error.ts';
import { createJournal, openEntry, type Progress, record } from './journal.ts';
import type { Desk, Session } from './migrate.ts';
import { quoted } from './notation.ts';
import { repeatable, stateOf, untold } from './outcome.ts';
import { refusalOf, type ServerRefusal } from './refusal.ts';
import { type ScriptStatement, splitScript } from './split.ts';
import { effectOf, temporaryTable, traceOf } from './statement.ts';
import { lostVariable } from './variables.ts';

/** A script that is being run. */
interface Run {
  readonly desk: Desk;
  readonly session: Session;
  readonly script: Script;
  readonly statements: readonly ScriptStatement[];
  /** Of its row in the journal. */
  readonly id: string;
}

/**
 * @throws {ScriptError} the database refused the script, or it is not known whether a statement was run, with the place;
 *   the driver's error for a lost connection
 * @throws {Problem} 57014 the caller gave up
 */
export async function apply(
  desk: Desk,
  key: JournalKey,
  script: Script,
  settings: ApplySettings = {},
): Promise<void> {
  const statements = splitScript(script.sql);
  refuseControl(script.sql, statements);
  refuseTemporary(script, statements);
  await createJournal(desk.gate);
  await desk.withSession(async (session) => {
    const progress = await openEntry(desk.gate, key, script);
    const run: Run = { desk, session, script, statements, id: progress.id };
    const done = await statementsDone(run, progress, settings);
    if (done === null) return;
    refuseLostVariables(script.sql, statements, done);
    await restoreSession(run, done);
    await goOn(run, done);
  });
}

/** How many statements are not to be run again; null: all were run. */
async function statementsDone(
  run: Run,
  { done, started, checksum }: Progress,
  settings: ApplySettings,
): Promise<number | null> {
  if (done === null || (done === 0 && started === null)) return done;
  const { statements } = run;
  if (digest(statements.slice(0, started === null ? done : done + 1)) !== checksum)
    throw edited(done, started);
  if (started === null) return done;
  const wasRun = (await outcome(run, done, started)) ?? answered(run, done, settings);
  await write(run, wasRun ? done + 1 : done);
  return wasRun ? done + 1 : done;
}

function edited(done: number, started: string | null): ScriptError {
  const ran = `The first ${done} statements of this file were run before it stopped`;
  return started === null
    ? new ScriptError(`${ran}, and have been edited since.`, {
        hint: 'restore them; only what comes after them may still change',
      })
    : new ScriptError(`${ran} at the next one, and it or they have been edited since.`, {
        hint: `restore the first ${done + 1} statements, and say what came of the last of them`,
      });
}

/** Whether a statement was run that was started and not seen to end; undefined when nothing proves it. */
async function outcome(run: Run, index: number, before: string): Promise<boolean | undefined> {
  if (before === untold) return undefined;
  if (before === repeatable) return false;
  return (await stateBefore(run, index)) !== before;
}

/** What the operator says of it. */
function answered({ script, statements }: Run, index: number, { interrupted }: ApplySettings): boolean {
  if (interrupted !== undefined) return interrupted === 'done';
  const position = placeAt(script.sql, statements[index]!.offset);
  throw new ScriptError(
    `Statement ${index + 1}, at line ${position.line}, was begun when an earlier run broke off, and nothing tells whether it ran to its end.`,
    {
      kind: 'interrupted',
      position,
      hint:
        'look in the database whether it did what it says, then run "migrate up" with --interrupted done, ' +
        'or with --interrupted undone, which runs it again',
    },
  );
}

function stateBefore({ desk, statements }: Run, index: number): Promise<string> {
  const used = statements.slice(0, index).findLast(({ tokens }) => tokens[0]?.keyword === 'use');
  return stateOf(desk.gate, traceOf(statements[index]!), used?.tokens[1]?.value ?? desk.schema);
}

/** Settings that the statements before made in a session that has ended. */
async function restoreSession(run: Run, done: number): Promise<void> {
  for (const [index, statement] of run.statements.slice(0, done).entries())
    if (effectOf(statement) === 'session') await execute(run, index, done);
}

async function goOn(run: Run, done: number): Promise<void> {
  const { statements } = run;
  let index = done;
  while (index < statements.length) {
    const next = effectOf(statements[index]!) === 'commits' ? index + 1 : endOfGroup(run, index);
    if (effectOf(statements[index]!) === 'commits') await runAlone(run, index);
    else await runTogether(run, index, next);
    index = next;
  }
  if (statements.length === done) await write(run, done);
}

/** Behind the statements that one transaction can hold. */
function endOfGroup({ script, statements }: Run, from: number): number {
  if (!script.transaction) return from + 1;
  const end = statements.findIndex((one, index) => index > from && effectOf(one) === 'commits');
  return end < 0 ? statements.length : end;
}

/** All of them and their entry, or none. */
async function runTogether(run: Run, from: number, to: number): Promise<void> {
  const { session, statements } = run;
  let open = false;
  try {
    for (let index = from; index < to; index += 1) {
      // Some settings cannot be made inside a transaction.
      if (!open && effectOf(statements[index]!) === 'rows') {
        await session.script('START TRANSACTION');
        open = true;
      }
      await execute(run, index, from);
      if (open && !session.inTransaction) throw await endedTransaction(run, index);
    }
    if (!open) return await write(run, to);
    await write(run, to, { by: session });
    await session.script('COMMIT');
  } catch (error) {
    throw await rolledBack(session, error);
  }
}

/** What it and those before it did is committed, and journalled so. */
async function endedTransaction(run: Run, index: number): Promise<ScriptError> {
  await write(run, index + 1);
  return new ScriptError('This statement ended the transaction in which it ran.', {
    position: placeAt(run.script.sql, run.statements[index]!.offset),
    hint: 'what ran up to here stays applied; the file goes on behind it when it is run again',
  });
}

/** Tables of another engine than InnoDB keep what was written to them. */
async function rolledBack(session: Session, error: unknown): Promise<unknown> {
  if (!session.usable || !session.inTransaction) return error;
  await session.script('ROLLBACK');
  const { rows } = await session.script('SHOW WARNINGS');
  if (!(error instanceof ScriptError) || !rows.some(([, code]) => code === '1196')) return error;
  const { position, sqlstate, hint, cause } = error;
  return new ScriptError(`${error.message} Rows of tables that know no transactions stay changed.`, {
    position,
    hint: hint ?? 'undo them by hand, or give the tables ENGINE = InnoDB',
    sqlstate,
    cause,
  });
}

async function runAlone(run: Run, index: number): Promise<void> {
  const { session, desk } = run;
  await write(run, index, { started: await stateBefore(run, index) });
  if (desk.signal?.aborted) {
    await write(run, index);
    throw abortedProblem(desk.signal.reason);
  }
  try {
    await execute(run, index, index);
  } catch (error) {
    // Otherwise the next run has to find out what came of it.
    if (error instanceof ScriptError) await write(run, index);
    throw error;
  }
  if (session.inTransaction) {
    await session.script('ROLLBACK');
    await write(run, index);
    throw new ScriptError('This statement left a transaction open.', {
      position: placeAt(run.script.sql, run.statements[index]!.offset),
      hint: 'end it in the same statement',
    });
  }
  await write(run, index + 1);
}

interface Writing {
  /** Default: nothing was begun. */
  readonly started?: string;
  /** Default: the session that keeps others out, which no script has changed. */
  readonly by?: Session;
}

async function write(
  { desk, script, statements, id }: Run,
  done: number,
  { started, by = desk.gate }: Writing = {},
): Promise<void> {
  const isWhole = done === statements.length;
  const begun = statements.slice(0, started === undefined ? done : done + 1);
  await record(by, quoted(desk.schema), {
    id,
    checksum: isWhole ? script.checksum : digest(begun),
    done: isWhole ? null : done,
    started: started ?? null,
  });
}

function digest(statements: readonly ScriptStatement[]): string {
  const hash = createHash('sha256');
  for (const { text } of statements) hash.update(text).update('\0');
  return hash.digest('hex');
}

/** @param kept statements that stay applied when this one fails */
async function execute(run: Run, index: number, kept: number): Promise<void> {
  const { session, script, statements } = run;
  const { signal } = run.desk;
  const statement = statements[index]!;
  try {
    await untilGivenUp(session, signal, () => session.script(statement.text));
    // A statement may be cut short and not say so: SLEEP does.
    if (signal?.aborted) throw abortedProblem(signal.reason);
  } catch (error) {
    if (signal?.aborted) throw error;
    const refusal = session.usable ? refusalOf(error, statement) : undefined;
    if (refusal === undefined) throw error;
    // Executable comments of other servers leave nothing of it.
    if (refusal.isEmpty) return;
    throw new ScriptError(refusal.message, {
      position: placeAt(script.sql, statement.offset + refusal.offset),
      hint: hintOf(refusal, kept),
      sqlstate: refusal.sqlstate,
      cause: error,
    });
  }
}

function hintOf({ hint }: ServerRefusal, kept: number): string | undefined {
  if (kept === 0) return hint;
  const stays =
    kept === 1
      ? 'the first statement of the file stays applied; what comes after it may be mended, and the file goes on there'
      : `the first ${kept} statements of the file stay applied; what comes after them may be mended, and the file goes on there`;
  return hint === undefined ? stays : `${hint}; ${stays}`;
}

/** What comes may still be changed, so that it needs none of them. */
function refuseLostVariables(sql: string, statements: readonly ScriptStatement[], done: number): void {
  const lost = lostVariable(statements.slice(0, done), statements.slice(done));
  if (lost === undefined) return;
  const { line } = placeAt(sql, lost.setBy.offset);
  throw new ScriptError(
    `The file goes on in a new session, in which @${lost.name}, read from rows at line ${line}, is not set.`,
    {
      position: placeAt(sql, statements[done]!.offset),
      hint: `set it to its value before this statement: SET @${lost.name} = …`,
    },
  );
}

/** They would part what a script did from its entry. */
function refuseControl(sql: string, statements: readonly ScriptStatement[]): void {
  for (const statement of statements) {
    if (effectOf(statement) !== 'control') continue;
    const [first, second] = statement.tokens;
    const isLock = first?.keyword === 'lock' || first?.keyword === 'unlock';
    const name = isLock ? `${first.keyword} ${second?.value ?? ''}` : first!.keyword;
    throw new ScriptError(
      isLock
        ? `${name.toUpperCase()} is not possible here: the journal is written between statements.`
        : `${first?.keyword === 'set' ? 'Setting autocommit' : name.toUpperCase()} is not possible here: statements on rows run in transactions of the engine's own.`,
      {
        position: placeAt(sql, statement.offset),
        hint: isLock ? 'remove it; of a dump, make it with --skip-add-locks' : 'remove it',
      },
    );
  }
}

/** A run that goes on behind a statement that commits is in another session, where they would be lacking. */
function refuseTemporary({ sql, transaction }: Script, statements: readonly ScriptStatement[]): void {
  let made: ScriptStatement | undefined;
  for (const statement of statements) {
    const temporary = temporaryTable(statement);
    if (temporary === 'dropped') made = undefined;
    else if (made !== undefined && (!transaction || effectOf(statement) === 'commits'))
      throw new ScriptError('A temporary table does not outlive a statement that commits by itself.', {
        position: placeAt(sql, made.offset),
        hint: 'drop it before that, or put it and what uses it into a file of its own',
      });
    if (temporary === 'made') made = statement;
  }
}
