/** `eq.5`, `not.in.(1,2)`, `or=(a.eq.1,and(b.gt.2,c.is.null))` → conditions; values go to their slots. */
import type { Operator } from '../../api/condition.ts';
import type { FilterRequest } from '../../query/request.ts';
import { Cursor, noJsonPath, notServed } from './cursor.ts';

/** Most levels of `and`, `or` and `not` within one parameter. */
const mostNesting = 32;

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
]);

const search = 'Search with ilike.*word* or imatch, or make the search a column of a view.';
const ranges = 'Compare ranges with cs, cd and ov, or make the comparison a column of a view.';

/** Operators not served yet, and what to do in their place. */
const unserved: ReadonlyMap<string, string> = new Map([
  ['fts', search], ['plfts', search], ['phfts', search], ['wfts', search],
  ['sl', ranges], ['sr', ranges], ['nxr', ranges], ['nxl', ranges], ['adj', ranges],
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

/**
 * The filter of a parameter `column=eq.5`. Pure.
 *
 * @param text   what follows the `=`
 * @param values where the value is put; its index stands in the filter
 * @throws {Problem} PGRST100 (400) with the place; NS501 for operators not served yet
 */
export function parseFilter(column: string, text: string, values: unknown[]): FilterRequest {
  const cursor = new Cursor('filter', text);
  const filter = readOperation(cursor, column, values, restOfText);
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
  if (cursor.startsWith('->')) throw noJsonPath();
  cursor.expect('.', 'A condition is column.operator.value.');
  const filter = readOperation(cursor, column, values, valueInLogic);
  cursor.skipBlanks();
  return filter;
}

function readOperation(
  cursor: Cursor,
  column: string,
  values: unknown[],
  readValue: ReadValue,
): FilterRequest {
  if (cursor.eat('not.')) return { kind: 'not', of: readPlain(cursor, column, values, readValue) };
  return readPlain(cursor, column, values, readValue);
}

function readPlain(cursor: Cursor, column: string, values: unknown[], readValue: ReadValue): FilterRequest {
  const from = cursor.at;
  const word = readWord(cursor);
  const operator = operators.get(word);
  if (operator === undefined) return readSpecial(cursor, column, values, { word, from });
  if (cursor.startsWith('(any)') || cursor.startsWith('(all)'))
    throw notServed(
      `The modifier ${word}(any|all) is`,
      `Write one condition for each value: or=(${column}.${word}.a,${column}.${word}.b), or and=(…) for all.`,
    );
  expectDelimiter(cursor);
  const text = readValue(cursor);
  const value = operator === 'like' || operator === 'ilike' ? text.replaceAll('*', '%') : text;
  return { kind: 'compare', column, operator, value: values.push(value) - 1 };
}

function readSpecial(
  cursor: Cursor,
  column: string,
  values: unknown[],
  { word, from }: { readonly word: string; readonly from: number },
): FilterRequest {
  if (word === 'in') {
    expectDelimiter(cursor);
    return { kind: 'compare', column, operator: 'in', value: values.push(readList(cursor)) - 1 };
  }
  if (word === 'is') {
    expectDelimiter(cursor);
    return { kind: 'compare', column, operator: readTruth(cursor), value: undefined };
  }
  const instead = unserved.get(word);
  if (instead !== undefined) throw notServed(`The operator "${word}" is`, instead);
  cursor.at = from;
  return cursor.fail(
    'an operator (eq, neq, gt, gte, lt, lte, like, ilike, match, imatch, in, is, isdistinct, cs, cd, ov, not)',
    'Write column=operator.value, such as id=eq.1.',
  );
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
function valueInLogic(cursor: Cursor): string {
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
