/** Refuses scripts that would reach beyond the database they are run in: here any statement can name another one. Pure. */
import { Problem } from '../../problem/problem.ts';
import { placeAt } from '../place.ts';
import { ScriptError } from '../script-error.ts';
import { type ScriptStatement, splitScript, type Token } from './split.ts';

/** What every session may read. */
const harmless = new Set(['information_schema', 'performance_schema']);

/**
 * @param databases names on the server
 * @throws {Problem} 0A000 with the file and the line of the first statement that names one of them before a dot, or that
 *   uses, creates, changes or drops a database
 */
export function refuseOtherDatabases(
  scripts: readonly { readonly file: string; readonly sql: string }[],
  databases: readonly string[],
): void {
  const known = new Set(databases.map((name) => name.toLowerCase()).filter((name) => !harmless.has(name)));
  for (const { file, sql } of scripts)
    for (const statement of statementsOf(sql)) {
      const found = reaches(statement, known);
      if (found === undefined) continue;
      const { line } = placeAt(sql, statement.offset);
      throw new Problem('0A000', {
        message: `${file}:${line} ${found}, and tests write to no database that is there.`,
        hint: 'name tables without their database, or give the --url of a server that has none of that name',
      });
    }
}

/** What cannot be parted is refused with its place when it is run. */
function statementsOf(sql: string): readonly ScriptStatement[] {
  try {
    return splitScript(sql, Number.POSITIVE_INFINITY);
  } catch (error) {
    if (error instanceof ScriptError) return [];
    throw error;
  }
}

function reaches({ tokens }: ScriptStatement, known: ReadonlySet<string>): string | undefined {
  const [first, second] = tokens;
  if (first?.keyword === 'use') return 'uses a database';
  const ofDatabase = second?.keyword === 'database' || second?.keyword === 'schema';
  if (ofDatabase && ['create', 'alter', 'drop'].includes(first!.keyword))
    return `has ${first!.keyword.toUpperCase()} DATABASE`;
  const named = tokens.find(
    (token, index) =>
      isName(token) &&
      tokens[index + 1]?.keyword === '.' &&
      tokens[index - 1]?.keyword !== '.' &&
      known.has(token.value.toLowerCase()),
  );
  return named === undefined ? undefined : `names the database "${named.value}"`;
}

function isName({ kind }: Token): boolean {
  return kind === 'word' || kind === 'name';
}
