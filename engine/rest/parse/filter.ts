/** `eq.5`, `not.in.(1,2)`, `or=(a.eq.1,and(b.gt.2,c.is.null))` → conditions; values go to their slots. */
import type { JsonPath, Operator, Quantifier } from '../../api/condition.ts';
import { Problem } from '../../problem/problem.ts';
import type { FilterRequest } from '../../query/request.ts';
import { Cursor, shorten } from './cursor.ts';
import { parseArray } from './list.ts';

/** Most levels of `and`, `or` and `not` within one parameter. */
export const mostNesting = 32;

const comma = 0x2c;
const close = 0x29;
const quote = 0x22;

const operators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['eq', 'eq'],
  ['neq', 'neq'],
  ['gt', 'gt'],
  ['gte', 'gte'],
  ['lt', 'lt'],
  ['lte', 'lte'],
  ['like', 'like'],
  ['ilike', 'ilike'],
  ['match', 'regex'],
  ['imatch', 'iregex'],
  ['isdistinct', 'isDistinct'],
  ['cs', 'contains'],
  ['cd', 'containedIn'],
  ['ov', 'overlaps'],
  ['sl', 'strictlyLeft'],
  ['sr', 'strictlyRight'],
  ['nxr', 'notRight'],
  ['nxl', 'notLeft'],
  ['adj', 'adjacent'],
  ['fts', 'fts'],
  ['plfts', 'plfts'],
  ['phfts', 'phfts'],
  ['wfts', 'wfts'],
]);

/** Operators that take `(any)` and `(all)` before their value, which is then a list: `like(any).{a*,b*}`. */
const quantifiable: ReadonlySet<string> = new Set([
  'eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'match', 'imatch',
]); // biome-ignore format: a list

const truths: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['null', 'isNull'],
  ['not_null', 'isNotNull'],
  ['true', 'isTrue'],
  ['false', 'isFalse'],
  ['unknown', 'isUnknown'],
]);

/** How far a value reaches: to the end of a parameter, or to the next sign within `or=(…)`. */
type ReadValue = (cursor: Cursor) => string;

/** What a comparison is of: a column, or a place in its JSON. */
export interface Compared {
  readonly column: string;
  readonly path?: JsonPath;
}

/**
 * The filter of a parameter `column=eq.5`. Pure.
 *
 * @param text   what follows the `=`
 * @param values where the value is put; its index stands in the filter
 * @throws {Problem} PGRST100 (400) with the place, 22P02 (400) a list that is none
 */
export function parseFilter(of: Compared | string, text: string, values: unknown[]): FilterRequest {
  const cursor = new Cursor('filter', text);
  const compared = typeof of === 'string' ? { column: of } : of;
  const filter = readOperation(cursor, compared, values, restOfText);
  if (!cursor.atEnd())
    cursor.fail('the end of the filter', 'Put values with commas or parentheses in double quotes.');
  return filter;
}

/**
 * The condition of a parameter `or=(…)`, `not.and=(…)`. Pure.
 *
 * @param kind the word before the parenthesis
 * @param text what follows the `=`
 * @throws {Problem} as `parseFilter`
 */
export function parseLogic(kind: 'and' | 'or', text: string, values: unknown[]): FilterRequest {
  const cursor = new Cursor('logic tree', text);
  cursor.skipBlanks();
  const filter = readGroup(cursor, kind, values, mostNesting);
  if (!cursor.atEnd()) cursor.fail('the end', 'Close every parenthesis once.');
  return filter;
}

function readGroup(cursor: Cursor, kind: 'and' | 'or', values: unknown[], nesting: number): FilterRequest {
  if (nesting === 0) cursor.fail(`at most ${mostNesting} nested conditions`, 'Flatten the condition.');
  cursor.expect('(', `Write ${kind}=(column.eq.1,column.eq.2).`);
  const of: FilterRequest[] = [];
  do of.push(readPart(cursor, values, nesting));
  while (cursor.eat(','));
  cursor.expect(')', 'Part conditions with commas and close the parenthesis.');
  cursor.skipBlanks();
  return of.length === 1 ? of[0]! : { kind, of };
}

function readPart(cursor: Cursor, values: unknown[], nesting: number): FilterRequest {
  const column = cursor.name('a condition such as column.eq.1, and(…) or or(…)');
  if (!cursor.quoted) {
    if ((column === 'and' || column === 'or') && cursor.startsWith('('))
      return readGroup(cursor, column, values, nesting - 1);
    if (column === 'not' && (cursor.startsWith('.and(') || cursor.startsWith('.or('))) {
      const kind = cursor.startsWith('.and(') ? 'and' : 'or';
      cursor.at += kind.length + 1;
      return { kind: 'not', of: readGroup(cursor, kind, values, nesting - 1) };
    }
  }
  const path = cursor.jsonPath();
  cursor.expect('.', 'A condition is column.operator.value.');
  const compared = path === undefined ? { column } : { column, path };
  const filter = readOperation(cursor, compared, values, valueInLogic);
  cursor.skipBlanks();
  return filter;
}

function readOperation(
  cursor: Cursor,
  compared: Compared,
  values: unknown[],
  readValue: ReadValue,
): FilterRequest {
  const negated = cursor.eat('not.');
  const filter: FilterRequest = { kind: 'compare', ...compared, ...readPlain(cursor, values, readValue) };
  return negated ? { kind: 'not', of: filter } : filter;
}

/** What stands behind the column of a comparison. */
interface Operation {
  readonly operator: Operator;
  readonly quantifier?: Quantifier;
  readonly value: number | undefined;
  readonly language?: number;
}

export function readPlain(cursor: Cursor, values: unknown[], readValue: ReadValue): Operation {
  const from = cursor.at;
  const word = readWord(cursor);
  const operator = operators.get(word);
  if (operator === undefined) return readSpecial(cursor, values, { word, from });
  const language = operator.endsWith('fts') ? readLanguage(cursor) : undefined;
  const quantifier = quantifiable.has(word) ? readQuantifier(cursor) : undefined;
  expectDelimiter(cursor);
  const text = readValue(cursor);
  const isPattern = operator === 'like' || operator === 'ilike';
  const value = isPattern ? text.replaceAll('*', '%') : text;
  return {
    operator,
    ...(quantifier === undefined ? null : { quantifier }),
    value: values.push(quantifier === undefined ? value : readAll(value)) - 1,
    ...(language === undefined ? null : { language: values.push(language) - 1 }),
  };
}

/** `(english)`: the configuration of a text search. */
function readLanguage(cursor: Cursor): string | undefined {
  if (!cursor.eat('(')) return undefined;
  const language = readConfiguration(cursor);
  cursor.expect(')', 'Close the parenthesis: fts(english).word.');
  return language;
}

/** A plain name: what stands in it is looked up among configurations, and nowhere else. */
function readConfiguration(cursor: Cursor): string {
  const name = /[A-Za-z_][A-Za-z0-9_]{0,62}/y;
  name.lastIndex = cursor.at;
  const found = name.exec(cursor.text)?.[0];
  if (found === undefined)
    return cursor.fail('the name of a text search configuration', 'Write fts(english).word.');
  cursor.at = name.lastIndex;
  return found;
}

function readQuantifier(cursor: Cursor): Quantifier | undefined {
  if (cursor.eat('(any)')) return 'any';
  return cursor.eat('(all)') ? 'all' : undefined;
}

function readAll(text: string): readonly (string | null)[] {
  const list = parseArray(text);
  if (list !== undefined) return list;
  throw new Problem('22P02', {
    message: `malformed array literal: "${shorten(text)}"`,
    hint: 'Write the values in braces: like(any).{a*,b*}.',
  });
}

function readSpecial(
  cursor: Cursor,
  values: unknown[],
  { word, from }: { readonly word: string; readonly from: number },
): Operation {
  if (word === 'in') {
    expectDelimiter(cursor);
    return { operator: 'in', value: values.push(readList(cursor)) - 1 };
  }
  if (word === 'is') {
    expectDelimiter(cursor);
    return { operator: readTruth(cursor), value: undefined };
  }
  cursor.at = from;
  return cursor.fail(
    `an operator (${[...operators.keys(), 'in', 'is', 'not'].join(', ')})`,
    'Write column=operator.value, such as id=eq.1.',
  );
}

const beginsWithOperator = new RegExp(
  String.raw`^(?:not\.)?(?:(?:${[...operators.keys()].join('|')})(?:\([^()]*\))?|in|is)\.`,
);

/** Whether a value reads as `operator.value`, where the parameter might also be something else than a filter. */
export function isOperation(text: string): boolean {
  return beginsWithOperator.test(text);
}

/** Letters and `_` up to the next sign. */
function readWord(cursor: Cursor): string {
  const from = cursor.at;
  let code = cursor.peek();
  while ((code >= 0x61 && code <= 0x7a) || code === 0x5f) {
    cursor.at += 1;
    code = cursor.peek();
  }
  return cursor.text.slice(from, cursor.at);
}

function expectDelimiter(cursor: Cursor): void {
  cursor.expect('.', 'An operator is followed by a dot and its value: eq.1.');
}

function readTruth(cursor: Cursor): Operator {
  const from = cursor.at;
  let code = cursor.peek();
  while ((code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f) {
    cursor.at += 1;
    code = cursor.peek();
  }
  const operator = truths.get(cursor.text.slice(from, cursor.at).toLowerCase());
  if (operator !== undefined) return operator;
  cursor.at = from;
  return cursor.fail('null, not_null, true, false or unknown', 'Compare with other values by eq.');
}

function readList(cursor: Cursor): readonly string[] {
  cursor.skipBlanks();
  cursor.expect('(', 'A list is in parentheses: in.(1,2,3).');
  const list: string[] = [];
  do list.push(quotedText(cursor) ?? plainText(cursor));
  while (cursor.eat(','));
  cursor.expect(')', 'Close the list: in.(1,2,3).');
  cursor.skipBlanks();
  return list.length === 1 && list[0] === '' ? [] : list;
}

function restOfText(cursor: Cursor): string {
  const { text, at } = cursor;
  cursor.at = text.length;
  return text.slice(at);
}

/** `"…"` with escapes where a sign follows it, `{…}` whole, else all up to the next comma or parenthesis. */
export function valueInLogic(cursor: Cursor): string {
  return quotedText(cursor) ?? bracedText(cursor) ?? plainText(cursor);
}

/** Undefined where the quotes are only part of the value (`"a"b`): then they are plain characters. */
function quotedText(cursor: Cursor): string | undefined {
  if (cursor.peek() !== quote) return undefined;
  const closing = cursor.closingQuote();
  if (closing === -1) return undefined;
  const after = cursor.text.charCodeAt(closing + 1);
  const ends = closing + 1 === cursor.text.length || after === comma || after === close;
  return ends ? cursor.quotedText() : undefined;
}

function bracedText(cursor: Cursor): string | undefined {
  const { text, at } = cursor;
  if (text[at] !== '{') return undefined;
  const closing = endOfBraces(text, at);
  if (closing === -1) return undefined;
  cursor.at = closing;
  return text.slice(at, closing);
}

function plainText(cursor: Cursor): string {
  const { text, at } = cursor;
  let to = at;
  while (to < text.length) {
    const code = text.charCodeAt(to);
    if (code === comma || code === close) break;
    to += 1;
  }
  cursor.at = to;
  return text.slice(at, to);
}

/** The place after `{…}` without inner braces; -1 when it is not one. */
function endOfBraces(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '}') return at + 1;
    if (text[at] === '{') return -1;
  }
  return -1;
}
