/** The settings every session is pinned to, whatever the server, the database and the account say. */
import type { DatabaseConfig } from '../../../schema/project.ts';

/** Which of the two servers it is, where their settings have different names. */
export type Flavor = 'mariadb' | 'mysql';

/** Strict for what is written, a zero among it; quotes and backslashes as every fragment is written for. */
const sqlMode = [
  'STRICT_ALL_TABLES',
  'NO_AUTO_VALUE_ON_ZERO',
  'NO_ZERO_IN_DATE',
  'NO_ZERO_DATE',
  'ERROR_FOR_DIVISION_BY_ZERO',
  'NO_ENGINE_SUBSTITUTION',
].join(',');

/**
 * Of texts of our own: that of what the servers' JSON functions give, since two that differ cannot stand in one CONCAT.
 * It passes over spaces at the end: what must not is compared as bytes.
 */
const collation = 'utf8mb4_bin';

/** A transaction whose client has frozen gives its locks back after this. */
const idleInTransactionSeconds = 60;
/** The server waits so long for a reader who takes nothing; the reader's own limits are shorter. */
const slowReaderSeconds = 3_600;
/** More than a list may have warnings is never counted. */
export const maxWarnings = 65_535;
/** MySQL sorts no row with JSON in it that is longer (error 1038), and takes no more of this than it needs. */
const sortBytes = 16 * 1024 * 1024;
/** The greatest that both take. What may be sent at once bounds it before. */
const maxGroupConcat = 4_294_967_295;

/** One after the other; constant but for numbers. */
export function pinSession(config: DatabaseConfig, flavor: Flavor): readonly string[] {
  return [
    `SET NAMES utf8mb4 COLLATE ${collation}`,
    `SET SESSION ${[
      `sql_mode = '${sqlMode}'`,
      "time_zone = '+00:00'",
      "lc_messages = 'en_US'",
      "lc_time_names = 'en_US'",
      'autocommit = 1',
      'sql_auto_is_null = 0',
      'sql_safe_updates = 0',
      'sql_select_limit = DEFAULT',
      'foreign_key_checks = 1',
      'unique_checks = 1',
      'sql_big_selects = 1',
      // MariaDB notes in which program an error was.
      `sql_notes = ${flavor === 'mariadb' ? 1 : 0}`,
      `group_concat_max_len = ${maxGroupConcat}`,
      `wait_timeout = ${waitSeconds(config)}`,
      `net_write_timeout = ${slowReaderSeconds}`,
      ...lockWaits(config.timeoutMs),
      statementTimeout(flavor, config.timeoutMs),
      ...(flavor === 'mariadb'
        ? [`idle_transaction_timeout = ${idleInTransactionSeconds}`]
        : [`sort_buffer_size = ${sortBytes}`]),
      // It takes the answer of a subquery for `Admin` as that for `admin`, where the column's collation calls them one.
      ...(flavor === 'mariadb' ? ["optimizer_switch = 'subquery_cache=off'"] : []),
    ].join(', ')}`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  ];
}

/** As long as the server takes: one session waits while another makes an index. */
const longestWaitSeconds = 31_536_000;

/**
 * For scripts, over `pinSession`: no timeouts, and the collation that clients have by themselves, which texts in new views
 * and routines keep.
 */
export function pinScripts(flavor: Flavor): readonly string[] {
  return [
    'SET NAMES utf8mb4',
    `SET SESSION ${[
      statementTimeout(flavor, 0),
      `wait_timeout = ${longestWaitSeconds}`,
      'lock_wait_timeout = DEFAULT',
      'innodb_lock_wait_timeout = DEFAULT',
      ...(flavor === 'mariadb' ? ['idle_transaction_timeout = 0'] : []),
    ].join(', ')}`,
  ];
}

/** MySQL ends only reads by itself; the pool asks it to end the rest (`timeless`). */
export function statementTimeout(flavor: Flavor, timeoutMs: number): string {
  return flavor === 'mariadb'
    ? `max_statement_time = ${timeoutMs / 1000}`
    : `max_execution_time = ${Math.ceil(timeoutMs)}`;
}

/** A little more than a statement has, which so decides: for a server that hears no request to end it. */
export function lockWaits(timeoutMs: number): readonly string[] {
  const seconds = Math.ceil(timeoutMs / 1000) + 1;
  return [`innodb_lock_wait_timeout = ${seconds}`, `lock_wait_timeout = ${seconds}`];
}

/** The pool lets connections go before the server does. */
function waitSeconds({ pool }: DatabaseConfig): number {
  return Math.ceil(pool.idleMs / 1000) + idleInTransactionSeconds;
}
