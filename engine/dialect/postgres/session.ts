/** The settings every session is pinned to, whatever the server, the database and the role say. */
import type { DatabaseConfig } from '../../../schema/project.ts';

const fixed: readonly (readonly [string, string])[] = [
  ['client_encoding', 'UTF8'],
  ['standard_conforming_strings', 'on'],
  ['TimeZone', 'UTC'],
  ['DateStyle', 'ISO, MDY'],
  ['IntervalStyle', 'postgres'],
  ['bytea_output', 'hex'],
  ['extra_float_digits', '1'],
  // Compiling a nested statement takes longer than running it: seconds, past some dozen relationships.
  ['jit', 'off'],
];

/** A transaction whose client has frozen gives its locks back after this. */
const idleInTransactionMs = 60_000;

export const defaultSchemas: readonly string[] = ['public'];

/** One statement; settings sent after the start work behind poolers that refuse unknown startup parameters. */
export function pinSession(config: DatabaseConfig, statementTimeoutMs: number = config.timeoutMs): string {
  const settings = [
    ...fixed,
    ['search_path', searchPath(config)],
    ['statement_timeout', String(statementTimeoutMs)],
    ['idle_in_transaction_session_timeout', String(idleInTransactionMs)],
  ] as const;
  return `SELECT ${settings.map(([name, value]) => `set_config('${name}', ${literal(value)}, false)`).join(', ')}`;
}

/** The project's schemas, then the language's `search_path`, each taken literally. */
function searchPath(config: DatabaseConfig): string {
  return [...(config.schemas ?? defaultSchemas), ...config.searchPath].map(identifier).join(', ');
}

export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Safe whatever `standard_conforming_strings` is: a backslash makes it an escape string. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}
