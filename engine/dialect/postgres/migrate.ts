/** Lends one session to migrations: alone by an advisory lock, without a statement timeout. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DatabaseConfig } from '../../../schema/project.ts';
import { Problem } from '../../problem/problem.ts';
import type { MigrateOptions, MigrationSession } from '../dialect.ts';
import { answered, cutWhenGivenUp } from '../giving-up.ts';
import { abortedProblem } from '../problems.ts';
import type { Connection } from './connection.ts';
import { readJournal, unnamed } from './journal.ts';
import { apply } from './script.ts';

/** One lock for all journals of a database: two projects must not make the schema at the same time either. */
const lockKey = '7957704219023483746';
const pollMs = 200;
const defaultWaitMs = 10 * 60_000;

/**
 * @throws {Problem} 55P03 another process held the lock for too long, NS503 the connection was lost, 57014 the caller gave
 *   up, or the server answers no more
 */
export function withMigrationLock<T>(
  connection: Connection,
  config: DatabaseConfig,
  work: (session: MigrationSession) => Promise<T>,
  options: MigrateOptions,
): Promise<T> {
  return cutWhenGivenUp(connection, options.signal, () => underLock(connection, config, work, options));
}

async function underLock<T>(
  connection: Connection,
  config: DatabaseConfig,
  work: (session: MigrationSession) => Promise<T>,
  options: MigrateOptions,
): Promise<T> {
  const { timeoutMs } = config;
  const { signal } = options;
  await lock(connection, timeoutMs, options);
  try {
    return await work({
      journal: (key) => answered(connection, timeoutMs, () => readJournal(connection, key)),
      apply: (key, script) => apply(connection, { config, signal }, key, script),
    });
  } finally {
    // PGlite is one session for all its sockets: there the lock would outlive the connection.
    const unlock = `SELECT pg_advisory_unlock(${lockKey})`;
    await answered(connection, timeoutMs, () => connection.script(unlock)).catch(() => {});
  }
}

/**
 * Asks again and again instead of waiting inside the server: a statement that waits holds a snapshot, and
 * CREATE INDEX CONCURRENTLY in the process that has the lock would wait for that snapshot for ever.
 */
async function lock(connection: Connection, timeoutMs: number, options: MigrateOptions): Promise<void> {
  const { signal, onWait, waitMs = defaultWaitMs } = options;
  const until = performance.now() + waitMs;
  const attempt = unnamed(`SELECT pg_try_advisory_lock(${lockKey})`);
  for (let asked = 0; ; asked += 1) {
    if (signal?.aborted) throw abortedProblem(signal.reason);
    const { rows } = await answered(connection, timeoutMs, () => connection.run(attempt, []));
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
