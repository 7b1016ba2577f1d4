/** `having=(count().gt.1,amount.sum().lt.9)` → which groups. */
import type { AggregateTermRequest, HavingRequest } from '../../query/request.ts';
import { readAggregate } from './aggregate.ts';
import { Cursor } from './cursor.ts';
import { mostNesting, readPlain, valueInLogic } from './filter.ts';

/**
 * Which groups: `having=amount.sum().gt.100`, or several, all of which must hold: `having=(count().gt.1,or(…))`. Pure.
 *
 * @throws {Problem} as `parseFilter`
 */
export function parseHaving(text: string, values: unknown[]): HavingRequest {
  const cursor = new Cursor('having', text);
  cursor.skipBlanks();
  const having = cursor.startsWith('(')
    ? readGroups(cursor, 'and', values, mostNesting)
    : readOneGroup(cursor, values, mostNesting);
  if (!cursor.atEnd()) cursor.fail('the end', 'Put several conditions in parentheses, parted by commas.');
  return having;
}

function readGroups(cursor: Cursor, kind: 'and' | 'or', values: unknown[], nesting: number): HavingRequest {
  if (nesting === 0) cursor.fail(`at most ${mostNesting} nested conditions`, 'Flatten the condition.');
  cursor.expect('(', `Write ${kind}(count().gt.1,amount.sum().lt.9).`);
  const of: HavingRequest[] = [];
  do of.push(readOneGroup(cursor, values, nesting));
  while (cursor.eat(','));
  cursor.expect(')', 'Part conditions with commas and close the parenthesis.');
  cursor.skipBlanks();
  return of.length === 1 ? of[0]! : { kind, of };
}

function readOneGroup(cursor: Cursor, values: unknown[], nesting: number): HavingRequest {
  cursor.skipBlanks();
  const word = /(not\.)?(and|or)(?=\()/y;
  word.lastIndex = cursor.at;
  const match = word.exec(cursor.text);
  if (match !== null) {
    cursor.at = word.lastIndex;
    const of = readGroups(cursor, match[2] as 'and' | 'or', values, nesting - 1);
    return match[1] === undefined ? of : { kind: 'not', of };
  }
  return readComparedGroup(cursor, readAggregate(cursor), values);
}

function readComparedGroup(cursor: Cursor, term: AggregateTermRequest, values: unknown[]): HavingRequest {
  cursor.expect('.', 'A condition is aggregate.operator.value, such as amount.sum().gt.100.');
  const negated = cursor.eat('not.');
  const from = cursor.at;
  const { operator, quantifier, value } = readPlain(cursor, values, valueInLogic);
  if (quantifier !== undefined) {
    cursor.at = from;
    cursor.fail('an operator without (any) or (all)', 'Write one condition for each value.');
  }
  if (operator.endsWith('fts')) {
    cursor.at = from;
    cursor.fail(
      'an operator that compares values',
      'Filter the rows by a search; groups have no text of their own.',
    );
  }
  cursor.skipBlanks();
  const having: HavingRequest = { kind: 'compare', term, operator, value };
  return negated ? { kind: 'not', of: having } : having;
}
