/** What the server said against a statement of a script: where, and in words for its author. */
import { endsConnection, isServerError } from './errors.ts';
import type { ScriptStatement } from './split.ts';

export interface ServerRefusal {
  readonly message: string;
  /** In the statement's text, in UTF-16 code units. */
  readonly offset: number;
  readonly hint: string | undefined;
  readonly sqlstate: string;
  /** There was nothing to run. */
  readonly isEmpty: boolean;
}

const emptyQuery = 1065;
const syntaxError = 1064;
/** Undefined for what the server did not say of the statement: a lost connection. */
export function refusalOf(error: unknown, statement: ScriptStatement): ServerRefusal | undefined {
  if (!isServerError(error) || endsConnection(error)) return undefined;
  const { errno, sqlMessage, sqlState } = error;
  const at = errno === syntaxError ? syntaxPlace(sqlMessage, statement.text) : undefined;
  return {
    message: at?.message ?? sentence(sqlMessage),
    offset: at?.offset ?? 0,
    hint: errno === syntaxError ? hintFor(statement) : undefined,
    sqlstate: sqlState,
    isEmpty: errno === emptyQuery,
  };
}

function sentence(text: string): string {
  const capital = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}

/** The server quotes the text from the place on, at most 80 characters, and counts its line in the statement. */
function syntaxPlace(
  said: string,
  text: string,
): { readonly message: string; readonly offset: number } | undefined {
  const parts = /near '(?<near>[\s\S]*)' at line (?<line>\d+)$/.exec(said)?.groups;
  if (parts?.near === undefined || parts.line === undefined) return undefined;
  if (parts.near === '') return { message: 'Syntax error at the end of the statement.', offset: text.length };
  const line = startOfLine(text, Number(parts.line));
  const found = text.indexOf(parts.near, line);
  // A token of several lines ends on the one that is told.
  const offset = found < 0 ? text.lastIndexOf(parts.near, line) : found;
  const first = parts.near.split('\n', 1)[0]!.slice(0, 40);
  return { message: `Syntax error near "${first}".`, offset: offset < 0 ? line : offset };
}

function startOfLine(text: string, line: number): number {
  let offset = 0;
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf('\n', offset);
    if (end < 0) break;
    offset = end + 1;
  }
  return offset;
}

const bodies = new Set(['procedure', 'function', 'trigger', 'event']);

function hintFor({ text, tokens }: ScriptStatement): string | undefined {
  const keywords = new Set(tokens.map(({ keyword }) => keyword));
  if (tokens[0]?.keyword === 'create' && keywords.has('begin') && bodies.intersection(keywords).size > 0)
    return 'a body with semicolons of its own needs a line "DELIMITER //" before it and "DELIMITER ;" behind it';
  if (text.startsWith('\\') || tokens[0]?.keyword === 'source')
    return 'commands of the mysql client, but for DELIMITER, do not work here';
  return undefined;
}
