/** `order=price.desc.nullslast,author(name).asc` → terms. */
import { Cursor, noJsonPath, notServed } from './cursor.ts';
import type { OrderDraft } from './level.ts';

const hint = 'Write column.asc or column.desc, then .nullsfirst or .nullslast.';

/**
 * Reads an order parameter. Pure.
 *
 * @throws {Problem} PGRST100 (400) with the place; NS501 for JSON paths
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
  const first = cursor.name('a column');
  cursor.skipBlanks();
  refusePath(cursor);
  const related = cursor.eat('(');
  const column = related ? readRelated(cursor) : first;
  const direction = readDirection(cursor);
  const nulls = readNulls(cursor);
  cursor.skipBlanks();
  return { through: related ? first : undefined, column, direction: direction ?? 'asc', nulls };
}

function readRelated(cursor: Cursor): string {
  const column = cursor.name('a column of the relationship');
  cursor.skipBlanks();
  refusePath(cursor);
  cursor.expect(')', 'One column stands in the parentheses: author(name).');
  return column;
}

function refusePath(cursor: Cursor): void {
  if (cursor.startsWith('->')) throw noJsonPath();
  if (cursor.startsWith('.sum()') || cursor.startsWith('.count()'))
    throw notServed('Ordering by an aggregate is', 'Order by GraphQL, at /graphql/v1.');
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
