/**
 * The journal of migrations and seeds: one table in the project's database, for all projects that share it. DDL commits by
 * itself here, so an entry also says how far a script has come, and which statement was started and not seen to end.
 */
import { Problem } from '../../problem/problem.ts';
import type { JournalEntry, JournalKey, Parameter, Rows, Script, Statement } from '../dialect.ts';
import { isServerError } from './errors.ts';

export const journalTable = '_novastack_journal';

/** The file keeps its `.sql`, since the server takes names for equal that differ in blanks at their end. */
const createTable = `
CREATE TABLE ${journalTable} (
  id int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  project varchar(63) NOT NULL,
  \`database\` varchar(63) NOT NULL,
  kind enum('migration', 'seed') NOT NULL,
  file varchar(255) NOT NULL,
  checksum char(64) NOT NULL,
  unfinished_at int unsigned NULL,
  started varchar(64) NULL COMMENT 'how the object was before the statement that was started and not seen to end',
  applied_at datetime(3) NOT NULL,
  UNIQUE KEY script (project, \`database\`, kind, file)
) ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_bin
  COMMENT = 'NovaStack: the migrations and seeds that were run'`;

export interface Runner {
  run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows>;
}

export function unnamed(text: string): Statement {
  return { text, name: undefined };
}

const exists = unnamed(
  `SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${journalTable}'`,
);

/** Scripts of which nothing stays are not among them: whoever began one may have died before its first statement. */
const entries = unnamed(
  `SELECT kind, file, checksum, unfinished_at, DATE_FORMAT(applied_at, '%Y-%m-%dT%H:%i:%s.%f')
     FROM ${journalTable}
    WHERE project = ? AND \`database\` = ? AND (unfinished_at IS NULL OR unfinished_at > 0 OR started IS NOT NULL)
    ORDER BY kind, file`,
);

/** Creates nothing; a database without a journal has an empty one. */
export async function readJournal(runner: Runner, key: JournalKey): Promise<readonly JournalEntry[]> {
  if (!(await hasJournal(runner))) return [];
  const { rows } = await runner.run(entries, [key.project, key.database]);
  return rows.map(([kind, file, checksum, unfinishedAt, appliedAt]) => ({
    kind: kind === 'seed' ? 'seed' : 'migration',
    name: file!.slice(0, -'.sql'.length),
    checksum: checksum!,
    unfinishedAt: unfinishedAt == null ? null : Number(unfinishedAt),
    appliedAt: `${appliedAt!.slice(0, '2000-01-01T00:00:00.000'.length)}Z`,
  }));
}

async function hasJournal(runner: Runner): Promise<boolean> {
  return (await runner.run(exists, [])).rows[0]?.[0] === '1';
}

/** The server's errors for a right that is lacking: of a table's, of a database. */
const denied: ReadonlySet<number> = new Set([1142, 1044]);

/**
 * Only for who holds the migration lock.
 *
 * @throws {Problem} 42501 the engine's user may not create it
 */
export async function createJournal(runner: Runner): Promise<void> {
  if (await hasJournal(runner)) return;
  try {
    await runner.run(unnamed(createTable), []);
  } catch (error) {
    if (!isServerError(error) || !denied.has(error.errno)) throw error;
    throw new Problem('42501', {
      message: `The engine's user may not create the table "${journalTable}", in which applied migrations are recorded.`,
      hint: 'grant it CREATE, SELECT, INSERT and UPDATE on the database',
      cause: error,
    });
  }
}

/** How far a script has come. */
export interface Progress {
  /** Of its row. */
  readonly id: string;
  /** Of the statements that were run, and of the one that was started. */
  readonly checksum: string;
  /** Statements that were run; null: all. */
  readonly done: number | null;
  /** What `stateOf` gave before the statement that was started and not seen to end; null: there is none. */
  readonly started: string | null;
}

/** Makes an entry for a script that has none. */
export async function openEntry(runner: Runner, key: JournalKey, script: Script): Promise<Progress> {
  const name = [key.project, key.database, script.kind, `${script.name}.sql`];
  await runner.run(
    unnamed(
      `INSERT INTO ${journalTable} (project, \`database\`, kind, file, checksum, unfinished_at, applied_at)
       VALUES (?, ?, ?, ?, '', 0, UTC_TIMESTAMP(3)) ON DUPLICATE KEY UPDATE id = id`,
    ),
    name,
  );
  const { rows } = await runner.run(
    unnamed(
      `SELECT id, checksum, unfinished_at, started FROM ${journalTable}
        WHERE project = ? AND \`database\` = ? AND kind = ? AND file = ?`,
    ),
    name,
  );
  const [id, checksum, done, started] = rows[0]!;
  return { id: id!, checksum: checksum!, done: done == null ? null : Number(done), started: started ?? null };
}

/** @param schema where the journal is, already quoted: the session may be in another */
export async function record(runner: Runner, schema: string, progress: Progress): Promise<void> {
  await runner.run(
    unnamed(
      `UPDATE ${schema}.${journalTable}
          SET checksum = ?, unfinished_at = ?, started = ?, applied_at = UTC_TIMESTAMP(3) WHERE id = ?`,
    ),
    [progress.checksum, progress.done === null ? null : String(progress.done), progress.started, progress.id],
  );
}
