/** What migrate may know of a database: its pool and its journal, without the dialect behind them. */
export type { JournalEntry, JournalKey, MigrationSession, Pool, Script } from '../dialect/dialect.ts';
export { abortedProblem } from '../dialect/problems.ts';
export { ScriptError } from '../dialect/script-error.ts';
