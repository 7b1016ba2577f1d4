/** The journal of migrations and seeds: one table in the schema `novastack`, for all projects of a database. */
import pg from 'pg';
import { Problem } from '../../problem/problem.ts';
import type { JournalEntry, JournalKey, Parameter, Rows, Script, Statement } from '../dialect.ts';
import type { Connection } from './connection.ts';

const createSchema = 'CREATE SCHEMA novastack';
const createTable = `
CREATE TABLE novastack.journal (
  project text NOT NULL,
  database text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('migration', 'seed')),
  name text NOT NULL,
  checksum text NOT NULL,
  unfinished_at integer,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (project, database, kind, name)
)`;

interface Runner {
  run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows>;
}

export function unnamed(text: string): Statement {
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

/**
 * Only for who holds the migration lock. Asks before it creates: `IF NOT EXISTS` wants the right to create even where
 * everything is there, made by an administrator.
 *
 * @throws {Problem} 42501 the engine's user may not create it
 */
export async function createJournal(connection: Connection): Promise<void> {
  const { rows } = await connection.run(
    unnamed(`SELECT to_regnamespace('novastack') IS NULL, to_regclass('novastack.journal') IS NULL`),
    [],
  );
  const [schemaLacks, tableLacks] = rows[0] ?? [];
  try {
    if (schemaLacks === 't') await connection.script(createSchema);
    if (tableLacks === 't') await connection.script(createTable);
  } catch (error) {
    if (!(error instanceof pg.DatabaseError) || error.code !== '42501') throw error;
    throw new Problem('42501', {
      message:
        'The engine\'s user may not create the schema "novastack", in which applied migrations are recorded.',
      hint: 'grant it CREATE on the database, or create the schema with that user as its owner',
      cause: error,
    });
  }
}

export async function record(
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
