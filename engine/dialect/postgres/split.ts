/** Parts a script into its statements, as psql does: for places in messages and for what runs outside a transaction. */
import { type PlacedToken, tokens } from './tokens.ts';

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
  return [...statementsIn(sql, wordsAmong)].map(({ text, offset, tokens }) => {
    const words = tokens.filter(({ kind }) => kind === 'word').map(({ keyword }) => keyword);
    return { text, offset, words: words.slice(0, 3) };
  });
}

/** Tokens among which the first words of a statement are. */
const wordsAmong = 12;

export interface TokenizedStatement extends Pick<ScriptStatement, 'text' | 'offset'> {
  /** The first of them, as many as were asked for. */
  readonly tokens: readonly PlacedToken[];
  /** There are more. */
  readonly isCut: boolean;
}

/** @param most tokens of each statement that are kept: an INSERT of a dump has millions */
export function* statementsIn(sql: string, most: number): Generator<TokenizedStatement> {
  let open: { readonly kept: PlacedToken[]; count: number } | undefined;
  let parentheses = 0;
  let body = new BodyBlocks();
  const statement = ({ kept, count }: NonNullable<typeof open>, end: number): TokenizedStatement => {
    const offset = kept[0]!.start;
    return { text: sql.slice(offset, end), offset, tokens: kept, isCut: count > kept.length };
  };
  for (const token of tokens(sql)) {
    if (token.keyword === ';' && parentheses === 0 && !body.isOpen) {
      if (open !== undefined) yield statement(open, token.start);
      open = undefined;
      body = new BodyBlocks();
      continue;
    }
    open ??= { kept: [], count: 0 };
    open.count += 1;
    if (open.kept.length < most) open.kept.push(token);
    if (token.keyword === '(') parentheses += 1;
    if (token.keyword === ')') parentheses = Math.max(0, parentheses - 1);
    if (parentheses === 0) body.takes(token.keyword);
  }
  if (open !== undefined) yield statement(open, sql.length);
}

/**
 * The body of an SQL-standard function holds semicolons of its own: BEGIN ATOMIC … END. Nothing else does: a table may have a
 * column called "begin", and what comes after it is a statement.
 */
class BodyBlocks {
  #seen = 0;
  #isRoutine = false;
  #last = '';
  #depth = 0;

  get isOpen(): boolean {
    return this.#depth > 0;
  }

  takes(keyword: string): void {
    this.#seen += 1;
    if (this.#seen <= 4) this.#isRoutine ||= this.#begins(keyword);
    if (this.#isRoutine && keyword === 'atomic' && this.#last === 'begin' && !this.isOpen) this.#depth = 1;
    else if (this.isOpen && keyword === 'case') this.#depth += 1;
    else if (this.isOpen && keyword === 'end') this.#depth -= 1;
    this.#last = keyword;
  }

  /** CREATE [OR REPLACE] FUNCTION or PROCEDURE. */
  #begins(keyword: string): boolean {
    const isObject = keyword === 'function' || keyword === 'procedure';
    return isObject && (this.#last === 'create' || (this.#last === 'replace' && this.#seen === 4));
  }
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
