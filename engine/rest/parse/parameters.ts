/** The decoded parameters → levels of fields, filters, order and pages, and what only writes have. */
import type { ApiLimits } from '../../api/api.ts';
import { Cursor } from './cursor.ts';
import { type Compared, isOperation, parseFilter, parseLogic } from './filter.ts';
import { parseHaving } from './having.ts';
import { isCursor } from './keyset.ts';
import { type Level, levelAt } from './level.ts';
import { parseOrder } from './order.ts';
import { parseRows } from './page.ts';
import type { Parameter } from './query.ts';
import { parseSelect } from './select.ts';

export interface Parameters {
  readonly root: Level;
  readonly columns: readonly string[] | undefined;
  readonly onConflict: readonly string[] | undefined;
  /** A cursor, as a `Link` gave it. */
  readonly after: string | undefined;
}

const dot = 0x2e;

/**
 * Reads every parameter. Pure.
 *
 * @param values where the values of filters are put
 * @throws {Problem} PGRST100 (400) not the grammar, PGRST108 (400) a relationship that is not selected
 */
export function parseParameters(
  parameters: readonly Parameter[],
  limits: ApiLimits,
  values: unknown[],
): Parameters {
  const root = parseSelect(first(parameters, 'select') ?? '*', limits.depth);
  for (const parameter of parameters) readParameter(parameter, root, values);
  return {
    root,
    columns: parseNames('columns parameter', first(parameters, 'columns')),
    onConflict: parseNames('on_conflict parameter', first(parameters, 'on_conflict')),
    after: parameters.find(({ key, value }) => key === 'after' && isCursor(value))?.value,
  };
}

function first(parameters: readonly Parameter[], key: string): string | undefined {
  for (const parameter of parameters) if (parameter.key === key) return parameter.value;
  return undefined;
}

function readParameter({ key, value }: Parameter, root: Level, values: unknown[]): void {
  const cut = key.lastIndexOf('.');
  const word = cut === -1 ? key : key.slice(cut + 1);
  switch (word) {
    case 'order':
      levelOf(key, cut, root).order.push(...parseOrder(value));
      return;
    case 'limit':
      levelOf(key, cut, root).limit = parseRows('limit', value);
      return;
    case 'offset':
      levelOf(key, cut, root).offset = parseRows('offset', value);
      return;
    case 'and':
    case 'or':
      // Without parentheses it is a column of this name.
      if (!value.trimStart().startsWith('(') && isOperation(value)) break;
      readLogic(key, cut, word, value, root, values);
      return;
    case 'having':
      // A column may have this name.
      if (isOperation(value)) break;
      levelOf(key, cut, root).having.push(parseHaving(value, values));
      return;
    case 'select':
    case 'columns':
    case 'on_conflict':
      if (cut === -1) return;
      break;
    case 'after':
      if (cut === -1 && isCursor(value)) return;
      break;
    default:
  }
  readFilter(key, value, root, values);
}

function levelOf(key: string, cut: number, root: Level): Level {
  return cut === -1 ? root : levelAt(root, parsePath(key.slice(0, cut)));
}

/** `or=(…)`, `not.or=(…)`, `author.or=(…)`, `author.not.or=(…)`. */
function readLogic(
  key: string,
  cut: number,
  kind: 'and' | 'or',
  value: string,
  root: Level,
  values: unknown[],
): void {
  const path = cut === -1 ? [] : parsePath(key.slice(0, cut));
  const negated = path.at(-1) === 'not';
  const level = levelAt(root, negated ? path.slice(0, -1) : path);
  const filter = parseLogic(kind, value, values);
  level.filters.push(negated ? { kind: 'not', of: filter } : filter);
}

function readFilter(key: string, value: string, root: Level, values: unknown[]): void {
  const cursor = new Cursor('tree path', key);
  const path = readNames(cursor);
  const column = path.pop()!;
  const json = cursor.jsonPath();
  eatIndex(cursor);
  requireEnd(cursor);
  const compared: Compared = json === undefined ? { column } : { column, path: json };
  levelAt(root, path).filters.push(parseFilter(compared, value, values));
}

/** Names between dots: `author.name`, `"a.b"`. */
function parsePath(text: string): string[] {
  const cursor = new Cursor('tree path', text);
  const path = readNames(cursor);
  requireEnd(cursor);
  return path;
}

function readNames(cursor: Cursor): string[] {
  const path = [cursor.name('a column')];
  while (cursor.peek() === dot) {
    cursor.at += 1;
    path.push(cursor.name('a column'));
  }
  cursor.skipBlanks();
  return path;
}

/** Libraries that write lists into URLs number the filters of one column: `title[0]=…&title[1]=…`, `title[]=…`. */
function eatIndex(cursor: Cursor): void {
  const index = /\[[0-9]*\]$/y;
  index.lastIndex = cursor.at;
  if (index.test(cursor.text)) cursor.at = cursor.text.length;
}

function requireEnd(cursor: Cursor): void {
  if (!cursor.atEnd()) cursor.fail('"." or the end', 'Put names with other characters in double quotes.');
}

function parseNames(subject: string, text: string | undefined): readonly string[] | undefined {
  if (text === undefined) return undefined;
  const cursor = new Cursor(subject, text);
  const names = new Set<string>();
  do {
    names.add(cursor.name('a column'));
    cursor.skipBlanks();
  } while (cursor.eat(','));
  if (!cursor.atEnd()) cursor.fail('"," or the end', 'Part columns with commas.');
  return [...names];
}
