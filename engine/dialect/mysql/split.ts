/** Parts a script into its statements, as the mysql client does: the server takes one at a time. Pure. */
import { placeAt } from '../place.ts';
import { ScriptError } from '../script-error.ts';

export interface ScriptStatement {
  /** Without the delimiter. */
  readonly text: string;
  /** Of its first token, in UTF-16 code units from the start of the script. */
  readonly offset: number;
  /** The first of them, as many as were asked for: comments left out, what executable comments hold among them. */
  readonly tokens: readonly Token[];
}

/** More than says what a statement is; an INSERT of a dump has millions. */
export const maxTokens = 500;

export interface Token {
  /** A `name` is a quoted one, in backticks; a `text` in single or double quotes. */
  readonly kind: 'word' | 'name' | 'text' | 'other';
  /** As it is written; a name without its quotes. */
  readonly value: string;
  /** A word in lower case, or a sign; empty for names and texts, which are no keywords. */
  readonly keyword: string;
}

/**
 * Comments and empty statements are left out. A statement ends at `;`, or at what a line `DELIMITER //` says from there on:
 * bodies of routines, triggers and events need one. What is unterminated reaches to the end.
 *
 * Reads quotes as the engine's sessions do; a script that sets `NO_BACKSLASH_ESCAPES` or `ANSI_QUOTES` is still read so.
 *
 * @param most tokens of each statement that are kept
 * @throws {ScriptError} a delimiter that cannot be one, or a NUL, which the server takes for the end of a text
 */
export function splitScript(sql: string, most = maxTokens): readonly ScriptStatement[] {
  refuseNul(sql);
  const statements: ScriptStatement[] = [];
  let open: { readonly offset: number; readonly tokens: Token[] } | undefined;
  let delimiter = ';';
  let executable = false;
  const finish = (end: number) => {
    if (open !== undefined)
      statements.push({
        text: sql.slice(open.offset, end).trimEnd(),
        offset: open.offset,
        tokens: open.tokens,
      });
    open = undefined;
  };
  for (let at = 0; at < sql.length; ) {
    if (sql.startsWith(delimiter, at) && !executable) {
      finish(at);
      at += delimiter.length;
      continue;
    }
    const skipped = endOfSpace(sql, at);
    if (skipped > at) {
      at = skipped;
      continue;
    }
    const command = open === undefined ? match(delimiterCommand, sql, at) : undefined;
    if (command !== undefined) {
      delimiter = delimiterOf(sql, at, command);
      at += command.length;
      continue;
    }
    const { token, end } = tokenAt(sql, at, executable ? undefined : delimiter);
    open ??= { offset: at, tokens: [] };
    if (token === 'opens') executable = true;
    else if (token === 'closes' && executable) executable = false;
    else if (typeof token === 'object' && open.tokens.length < most) open.tokens.push(token);
    at = end;
  }
  finish(sql.length);
  return statements;
}

function refuseNul(sql: string): void {
  const at = sql.indexOf('\0');
  if (at < 0) return;
  throw new ScriptError('The file holds a NUL character.', {
    position: placeAt(sql, at),
    hint: "remove it; a value may be written as X'00'",
  });
}

/** The whole line is its own; the client reads no further statement from it. */
const delimiterCommand = /delimiter(?![\p{L}\p{N}_$])[^\n]*/iuy;

function delimiterOf(sql: string, at: number, command: string): string {
  const written = /^\w+[ \t]+(?:"([^"]*)"|'([^']*)'|`([^`]*)`|(\S+))/.exec(command);
  const delimiter = written?.slice(1).find((part) => part !== undefined) ?? '';
  if (delimiter === '')
    throw new ScriptError('DELIMITER says none.', {
      position: placeAt(sql, at),
      hint: 'write it as "DELIMITER //"',
    });
  if (delimiter.includes('\\'))
    throw new ScriptError('A delimiter cannot hold a backslash.', {
      position: placeAt(sql, at),
      hint: 'write "DELIMITER //"',
    });
  return delimiter;
}

const space = /\s+/y;
/** `--` begins a comment only before a blank: `5--3` is 8. */
const lineComment = /(?:#|--(?=[\s\p{Cc}]|$))[^\n]*/uy;
/** `/*!50003 …` and MariaDB's `/*M!100100 …` are run by servers of that version or later. */
const executableComment = /\/\*M?!\d*/y;

/** Behind white space or a comment; `from` where there is none. */
function endOfSpace(sql: string, from: number): number {
  const found = match(space, sql, from) ?? match(lineComment, sql, from);
  if (found !== undefined) return from + found.length;
  if (!sql.startsWith('/*', from) || match(executableComment, sql, from) !== undefined) return from;
  const end = sql.indexOf('*/', from + 2);
  return end < 0 ? sql.length : end + 2;
}

const word = /[\p{L}\p{N}_$]+/uy;

interface Found {
  readonly token: Token | 'opens' | 'closes';
  readonly end: number;
}

/** @param delimiter ends a word in its middle, as in `END$$` */
function tokenAt(sql: string, at: number, delimiter: string | undefined): Found {
  const opening = match(executableComment, sql, at);
  if (opening !== undefined) return { token: 'opens', end: at + opening.length };
  if (sql.startsWith('*/', at)) return { token: 'closes', end: at + 2 };
  const quote = sql[at]!;
  if (quote === '`') {
    const end = endOfQuoted(sql, at, false);
    return { token: { kind: 'name', value: unquoted(sql.slice(at, end)), keyword: '' }, end };
  }
  if (quote === "'" || quote === '"') {
    const end = endOfQuoted(sql, at, true);
    return { token: { kind: 'text', value: sql.slice(at, end), keyword: '' }, end };
  }
  const found = match(word, sql, at);
  if (found === undefined) return { token: { kind: 'other', value: quote, keyword: quote }, end: at + 1 };
  const cut = delimiter === undefined ? -1 : found.indexOf(delimiter);
  const text = cut > 0 ? found.slice(0, cut) : found;
  return { token: { kind: 'word', value: text, keyword: text.toLowerCase() }, end: at + text.length };
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

/** A doubled quote ends one literal and begins the next, but for a name, which is one token. */
function endOfQuoted(sql: string, from: number, backslashes: boolean): number {
  const quote = sql[from];
  for (let at = from + 1; at < sql.length; at += 1) {
    if (backslashes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote && sql[at + 1] === quote) at += 1;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length;
}

function unquoted(name: string): string {
  return name.slice(1, -1).replaceAll('``', '`');
}
