/** User variables that statements read from rows: a new session cannot have them again. Pure. */
import type { ScriptStatement, Token } from './split.ts';

/** What they give is told of the statement before, in the session that ran it. */
const ofSession = new Set(['last_insert_id', 'row_count', 'found_rows']);

/** The first variable that `later` uses and a statement of `earlier` read from rows; undefined when there is none. */
export function lostVariable(
  earlier: readonly ScriptStatement[],
  later: readonly ScriptStatement[],
): { readonly name: string; readonly setBy: ScriptStatement } | undefined {
  const setBy = new Map(
    earlier.flatMap((statement) => readFromRows(statement.tokens).map((name) => [name, statement] as const)),
  );
  for (const { tokens } of later) {
    for (const at of variables(tokens)) {
      const name = nameAt(tokens, at);
      const statement = setBy.get(name);
      if (statement !== undefined && !isSet(tokens, at)) return { name, setBy: statement };
      // From here on it is this file's own again.
      setBy.delete(name);
    }
  }
  return undefined;
}

function readFromRows(tokens: readonly Token[]): readonly string[] {
  const isSetting = tokens[0]?.keyword === 'set';
  if (isSetting && !tokens.some(({ keyword }) => ofSession.has(keyword))) return [];
  return variables(tokens)
    .filter((at) => isSet(tokens, at))
    .map((at) => nameAt(tokens, at));
}

/** Where a name follows an `@` that belongs to no other `@` (a setting) and to no account. */
function variables(tokens: readonly Token[]): readonly number[] {
  return tokens.flatMap(({ keyword }, at) => {
    const before = tokens[at - 1];
    const isVariable = keyword === '@' && before?.keyword !== '@' && tokens[at + 1]?.keyword !== '@';
    return isVariable && before?.kind !== 'text' && before?.kind !== 'name' ? [at + 1] : [];
  });
}

/** Their case does not count. */
function nameAt(tokens: readonly Token[], at: number): string {
  return tokens[at]?.value.replace(/^['"]|['"]$/g, '').toLowerCase() ?? '';
}

/** `SET @a =`, `@a :=`, `INTO @a, @b`. */
function isSet(tokens: readonly Token[], at: number): boolean {
  const [next, after] = [tokens[at + 1]?.keyword, tokens[at + 2]?.keyword];
  if (next === ':' && after === '=') return true;
  const before = tokens[at - 2]?.keyword;
  if (tokens[0]?.keyword === 'set') return next === '=' && (before === 'set' || before === ',');
  if (before === 'into') return true;
  return before === ',' && tokens[at - 4]?.keyword === '@' && isSet(tokens, at - 3);
}
