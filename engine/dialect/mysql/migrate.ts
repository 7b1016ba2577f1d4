/** Lends sessions to migrations: one engine at a time by named locks of the server, without a statement timeout. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../../problem/problem.ts';
import type { MigrateOptions, MigrationSession, Rows } from '../dialect.ts';
import { answered, cutWhenGivenUp, type Endable } from '../giving-up.ts';
import { abortedProblem } from '../problems.ts';
import { type Runner, readJournal, unnamed } from './journal.ts';
import { apply } from './script.ts';
import { type Flavor, pinScripts } from './session.ts';

/** One session of the server, with no statement timeout of the pool's. Rejects with the driver's errors. */
export interface Session extends Runner, Endable {
  readonly flavor: Flavor;
  /**
   * Runs one statement's text as it is, unprepared: the server prepares no CREATE PROCEDURE and its like (error 1295). For
   * our own texts and those of a project's repository alone: there are no values to be escaped, and none may be put in.
   */
  script(text: string): Promise<Rows>;
  /** As the server said with its last answer. */
  readonly inTransaction: boolean;
  end(): Promise<void>;
}

export interface Sessions {
  /** Keeps other engines out and writes the journal. */
  readonly gate: Session;
  /** Of statements that are not a script's. */
  readonly timeoutMs: number;
  /** @throws {Problem} NS503 unreachable */
  open(): Promise<Session>;
}

/** Where scripts are run: by sessions of their own, while `gate` keeps other engines out and writes the journal. */
export interface Desk {
  readonly gate: Session;
  /** The database that holds the journal. */
  readonly schema: string;
  /** Ends the statement of a script that runs. Never one that journals: what was done is to be known. */
  readonly signal: AbortSignal | undefined;
  /** A new session, alone: when it is given, nothing of an earlier script runs any more. */
  readonly withSession: <T>(work: (session: Session) => Promise<T>) => Promise<T>;
}

const pollMs = 200;
const defaultWaitMs = 10 * 60_000;

/**
 * Two locks, both of this database: who holds the first is the one that migrates; a script's own session holds the second
 * besides. A server goes on with a statement whose client has gone, and the second lock with it: whoever comes next waits
 * for that, too. A script cannot run in the session that keeps others out, since what it leaves there could not be undone
 * without giving the lock back.
 *
 * @throws {Problem} 55P03 another process held the lock for too long, NS503 the connection was lost, 57014 the caller gave
 *   up, or the server answers no more
 */
export function withMigrationLock<T>(
  sessions: Sessions,
  work: (session: MigrationSession) => Promise<T>,
  options: MigrateOptions,
): Promise<T> {
  return cutWhenGivenUp(sessions.gate, options.signal, () => underLock(sessions, work, options));
}

async function underLock<T>(
  sessions: Sessions,
  work: (session: MigrationSession) => Promise<T>,
  options: MigrateOptions,
): Promise<T> {
  const { gate, timeoutMs } = sessions;
  const wait = waiting(options, timeoutMs);
  const schema = await answered(gate, timeoutMs, () => schemaOf(gate));
  await answered(gate, timeoutMs, () => pin(gate));
  const desk: Desk = {
    gate,
    schema,
    signal: options.signal,
    withSession: (run) => withScriptSession(sessions, schema, wait, run),
  };
  return holding(gate, lockName('gate', schema), wait, () =>
    work({
      journal: (key) => answered(gate, timeoutMs, () => readJournal(gate, key)),
      apply: (key, script, settings) => apply(desk, key, script, settings),
    }),
  );
}

async function withScriptSession<T>(
  sessions: Sessions,
  schema: string,
  wait: Wait,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await sessions.open();
  try {
    return await cutWhenGivenUp(session, wait.signal, async () => {
      await answered(session, wait.timeoutMs, () => pin(session));
      return holding(session, lockName('script', schema), wait, () => work(session));
    });
  } finally {
    if (session.usable && !session.inTransaction) await session.end();
    else session.destroy();
  }
}

async function pin(session: Session): Promise<void> {
  for (const text of pinScripts(session.flavor)) await session.script(text);
}

async function holding<T>(session: Session, name: string, wait: Wait, work: () => Promise<T>): Promise<T> {
  await lock(session, name, wait);
  try {
    return await work();
  } finally {
    // The server notices the end of a session a little later than whoever comes next asks.
    const release = () => session.run(unnamed('SELECT RELEASE_LOCK(?)'), [name]);
    await answered(session, wait.timeoutMs, release).catch(() => {});
  }
}

/** @throws {Problem} NS503 the URL names none */
async function schemaOf(session: Session): Promise<string> {
  // Where names of databases are kept in lower case, the URL may write them otherwise.
  const { rows } = await session.run(
    unnamed('SELECT IF(@@lower_case_table_names = 0, DATABASE(), LOWER(DATABASE()))'),
    [],
  );
  const schema = rows[0]?.[0];
  if (schema != null) return schema;
  throw new Problem('NS503', {
    message: 'The URL names no database in which the migrations could run.',
    hint: 'write it as mysql://user@host:3306/database',
  });
}

/** Names of locks are the server's, not a database's, and have at most 64 characters. */
function lockName(what: string, schema: string): string {
  return `novastack_${createHash('sha256').update(`${what} ${schema}`).digest('hex').slice(0, 40)}`;
}

interface Wait {
  readonly signal: AbortSignal | undefined;
  readonly waitMs: number;
  /** Of one attempt. */
  readonly timeoutMs: number;
  /** Called at most once. */
  readonly onWait: () => void;
}

function waiting({ signal, waitMs = defaultWaitMs, onWait }: MigrateOptions, timeoutMs: number): Wait {
  let told = false;
  return {
    signal,
    waitMs,
    timeoutMs,
    onWait: () => {
      if (!told) onWait?.();
      told = true;
    },
  };
}

/** Asks again and again: a wait inside the server could not be given up without a second connection. */
async function lock(session: Session, name: string, wait: Wait): Promise<void> {
  const { signal, waitMs, timeoutMs, onWait } = wait;
  const attempt = () => session.run(unnamed('SELECT GET_LOCK(?, 0)'), [name]);
  const until = performance.now() + waitMs;
  for (;;) {
    if (signal?.aborted) throw abortedProblem(signal.reason);
    const { rows } = await answered(session, timeoutMs, attempt);
    if (rows[0]?.[0] === '1') return;
    onWait();
    if (performance.now() >= until) throw stillLocked(waitMs);
    await sleep(pollMs, undefined, { signal }).catch(() => {});
  }
}

function stillLocked(waitMs: number): Problem {
  return new Problem('55P03', {
    message: `Another process, or a statement that it left behind, has been migrating this database for more than ${waitMs} ms.`,
    hint: 'wait until it has ended, then repeat the command',
    headers: { 'Retry-After': '1' },
  });
}
