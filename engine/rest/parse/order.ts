/** `order=price.desc.nullslast,author(name).asc,meta->>a,amount.sum().desc` → terms. */
import type { AggregateFunction } from '../../api/aggregates.ts';
import type { JsonPath } from '../../api/condition.ts';
import { readCount, readFunction } from './aggregate.ts';
import { Cursor } from './cursor.ts';
import type { OrderDraft } from './level.ts';

const hint = 'Write column.asc or column.desc, then .nullsfirst or .nullslast.';

/**
 * Reads an order parameter. Pure.
 *
 * @throws {Problem} PGRST100 (400) with the place
 */
export function parseOrder(text: string): readonly OrderDraft[] {
  const cursor = new Cursor('order', text);
  const terms: OrderDraft[] = [];
  do terms.push(readTerm(cursor));
  while (cursor.eat(','));
  if (!cursor.atEnd()) cursor.fail('".", "," or the end', hint);
  return terms;
}

function readTerm(cursor: Cursor): OrderDraft {
  const by = readBy(cursor);
  const direction = readDirection(cursor);
  const nulls = readNulls(cursor);
  cursor.skipBlanks();
  return { ...by, direction: direction ?? 'asc', nulls };
}

interface By {
  readonly through: string | undefined;
  readonly column: string | undefined;
  readonly path: JsonPath | undefined;
  readonly aggregate: AggregateFunction | undefined;
}

function readBy(cursor: Cursor): By {
  const first = cursor.name('a column');
  if (readCount(cursor, first))
    return { through: undefined, column: undefined, path: undefined, aggregate: 'count' };
  cursor.skipBlanks();
  if (!cursor.eat('(')) return { through: undefined, column: first, ...readPathAndFunction(cursor) };
  const column = cursor.name('a column of the relationship');
  cursor.skipBlanks();
  const path = cursor.jsonPath();
  cursor.expect(')', 'One column stands in the parentheses: author(name).');
  return { through: first, column, path, aggregate: undefined };
}

function readPathAndFunction(cursor: Cursor): Pick<By, 'path' | 'aggregate'> {
  const path = cursor.jsonPath();
  return { path, aggregate: readFunction(cursor) };
}

function readDirection(cursor: Cursor): 'asc' | 'desc' | undefined {
  if (eatWord(cursor, '.asc')) return 'asc';
  if (eatWord(cursor, '.desc')) return 'desc';
  return undefined;
}

function readNulls(cursor: Cursor): 'first' | 'last' | undefined {
  if (eatWord(cursor, '.nullsfirst')) return 'first';
  if (eatWord(cursor, '.nullslast')) return 'last';
  if (cursor.startsWith('.')) {
    cursor.at += 1;
    cursor.fail('asc, desc, nullsfirst or nullslast', hint);
  }
  return undefined;
}

/** Reads `word` unless it goes on (`.ascx`). */
function eatWord(cursor: Cursor, word: string): boolean {
  if (!cursor.startsWith(word)) return false;
  const next = cursor.text.charCodeAt(cursor.at + word.length);
  const ends = Number.isNaN(next) || next === 0x2c || next === 0x2e || next === 0x20 || next === 0x09;
  if (ends) cursor.at += word.length;
  return ends;
}
