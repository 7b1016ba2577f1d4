/** Parts a script into its statements, as psql does: for places in messages and for what runs outside a transaction. */

export interface ScriptStatement {
  /** Without the semicolon. */
  readonly text: string;
  /** Of its first token, in UTF-16 code units from the start of the script. */
  readonly offset: number;
  /** Its first words in lower case, at most three. */
  readonly words: readonly string[];
}

/** Comments and empty statements are left out. Pure; never throws: what is unterminated reaches to the end. */
export function splitScript(sql: string): readonly ScriptStatement[] {
  const statements: ScriptStatement[] = [];
  let start: number | undefined;
  let words: string[] = [];
  let parentheses = 0;
  let blocks = 0;
  const finish = (end: number) => {
    if (start !== undefined) statements.push({ text: sql.slice(start, end), offset: start, words });
    start = undefined;
    words = [];
    parentheses = 0;
    blocks = 0;
  };
  for (const token of tokens(sql)) {
    if (token.kind === 'semicolon' && parentheses === 0 && blocks === 0) {
      finish(token.start);
      continue;
    }
    start ??= token.start;
    if (token.kind === 'open') parentheses += 1;
    if (token.kind === 'close') parentheses = Math.max(0, parentheses - 1);
    if (token.kind !== 'word') continue;
    const word = sql.slice(token.start, token.end).toLowerCase();
    if (words.length < 3) words.push(word);
    // The body of an SQL-standard function holds semicolons of its own: BEGIN ATOMIC … END.
    if (words[0] !== 'create') continue;
    if (word === 'begin' || (word === 'case' && blocks > 0)) blocks += 1;
    if (word === 'end') blocks = Math.max(0, blocks - 1);
  }
  finish(sql.length);
  return statements;
}

interface Token {
  readonly kind: 'word' | 'semicolon' | 'open' | 'close' | 'other';
  readonly start: number;
  readonly end: number;
}

const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const dollarTag = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** Everything but white space and comments. */
function* tokens(sql: string): Generator<Token> {
  let at = 0;
  while (at < sql.length) {
    const start = at;
    const character = sql[at]!;
    if (/\s/.test(character)) {
      at += 1;
      continue;
    }
    if (sql.startsWith('--', at)) {
      at = endOf(sql, '\n', at);
      continue;
    }
    if (sql.startsWith('/*', at)) {
      at = endOfComment(sql, at);
      continue;
    }
    const name = match(word, sql, at);
    if (name !== undefined) {
      const isEscape = (name === 'E' || name === 'e') && sql[at + 1] === "'";
      at = isEscape ? endOfQuoted(sql, at + 1, true) : at + name.length;
      yield { kind: isEscape ? 'other' : 'word', start, end: at };
      continue;
    }
    const tag = character === '$' ? match(dollarTag, sql, at) : undefined;
    if (tag !== undefined) at = endOf(sql, tag, at + tag.length);
    else if (character === "'" || character === '"') at = endOfQuoted(sql, at, false);
    else at += 1;
    yield { kind: punctuation.get(character) ?? 'other', start, end: at };
  }
}

const punctuation = new Map<string, Token['kind']>([
  [';', 'semicolon'],
  ['(', 'open'],
  [')', 'close'],
]);

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

/** Behind the next `text`, or the end. */
function endOf(sql: string, text: string, from: number): number {
  const found = sql.indexOf(text, from);
  return found < 0 ? sql.length : found + text.length;
}

/** A doubled quote needs no care: it ends one literal and begins the next. */
function endOfQuoted(sql: string, from: number, backslashes: boolean): number {
  const quote = sql[from];
  for (let at = from + 1; at < sql.length; at += 1) {
    if (backslashes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length;
}

/** Postgres nests them. */
function endOfComment(sql: string, from: number): number {
  let depth = 0;
  for (let at = from; at < sql.length; at += 1) {
    if (sql.startsWith('/*', at)) {
      depth += 1;
      at += 1;
    } else if (sql.startsWith('*/', at)) {
      depth -= 1;
      at += 1;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
}

/** The server counts characters from 1 where JavaScript counts UTF-16 code units from 0. */
export function offsetOf(text: string, position: number): number {
  let offset = 0;
  let seen = 1;
  for (const character of text) {
    if (seen >= position) break;
    seen += 1;
    offset += character.length;
  }
  return offset;
}
