/** Reads SQL as the server's scanner does: what is a word, a name, a text, a comment. Pure. */
import type { Token } from '../reader.ts';

export interface PlacedToken extends Token {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** A quote has no end: it reaches to that of the script. */
  readonly isBroken?: boolean;
}

const word = /[\p{L}_][\p{L}\p{N}_$]*/uy;
const number = /\d[\p{L}\p{N}_.]*/uy;
const dollarTag = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/uy;

/** Everything but white space and comments. Never throws; what is unterminated reaches to the end. */
export function* tokens(sql: string): Generator<PlacedToken> {
  let at = 0;
  while (at < sql.length) {
    const behind = endOfSpace(sql, at);
    if (behind > at) {
      at = behind;
      continue;
    }
    const token = tokenAt(sql, at);
    yield token;
    at = token.end;
  }
}

/** Behind white space or a comment; `from` where there is none. */
function endOfSpace(sql: string, from: number): number {
  if (/\s/.test(sql[from]!)) return from + 1;
  if (sql.startsWith('--', from)) return endOf(sql, '\n', from);
  return sql.startsWith('/*', from) ? endOfComment(sql, from) : from;
}

function tokenAt(sql: string, start: number): PlacedToken {
  const character = sql[start]!;
  const name = match(word, sql, start);
  if (name === 'E' || name === 'e') if (sql[start + 1] === "'") return quoted(sql, start, start + 1, true);
  if (name !== undefined) {
    const folded = fold(name);
    return { kind: 'word', value: folded, keyword: folded, start, end: start + name.length };
  }
  if (character === "'" || character === '"') return quoted(sql, start, start, false);
  const tag = character === '$' ? match(dollarTag, sql, start) : undefined;
  if (tag !== undefined) return dollarQuoted(sql, start, tag);
  const digits = match(number, sql, start);
  if (digits !== undefined)
    return { kind: 'text', value: digits, keyword: '', start, end: start + digits.length };
  return { kind: 'other', value: character, keyword: character, start, end: start + 1 };
}

/** The server leaves letters beyond ASCII as they are. */
function fold(name: string): string {
  return name.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** A doubled quote ends one literal and begins the next, but for a name, which is one token. */
function quoted(sql: string, start: number, from: number, backslashes: boolean): PlacedToken {
  const isName = sql[from] === '"';
  const end = endOfQuoted(sql, from, backslashes);
  const isBroken = end > sql.length;
  const value = isName ? sql.slice(from + 1, end - 1).replaceAll('""', '"') : sql.slice(start, end);
  return {
    kind: isName ? 'name' : 'text',
    value,
    keyword: '',
    start,
    end: Math.min(end, sql.length),
    ...(isBroken && { isBroken }),
  };
}

/** Behind its quote; beyond the text where it has none. */
function endOfQuoted(sql: string, from: number, backslashes: boolean): number {
  const quote = sql[from];
  for (let at = from + 1; at < sql.length; at += 1) {
    if (backslashes && sql[at] === '\\') at += 1;
    else if (sql[at] === quote && sql[at + 1] === quote) at += 1;
    else if (sql[at] === quote) return at + 1;
  }
  return sql.length + 1;
}

function dollarQuoted(sql: string, start: number, tag: string): PlacedToken {
  const close = sql.indexOf(tag, start + tag.length);
  const end = close < 0 ? sql.length : close + tag.length;
  return {
    kind: 'text',
    value: sql.slice(start, end),
    keyword: '',
    start,
    end,
    ...(close < 0 && { isBroken: true }),
  };
}

function match(pattern: RegExp, sql: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(sql)?.[0];
}

/** Behind the next `text`, or the end. */
function endOf(sql: string, text: string, from: number): number {
  const found = sql.indexOf(text, from);
  return found < 0 ? sql.length : found + text.length;
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
