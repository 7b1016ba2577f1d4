/** `amount.sum()`, `count()`, `price::numeric.avg()`: what an aggregate is of, wherever one may stand. */
import type { AggregateFunction } from '../../api/aggregates.ts';
import type { AggregateTermRequest } from '../../query/request.ts';
import type { Cursor } from './cursor.ts';

/** PostgREST's; GraphQL has more. */
const aggregateFunctions = ['count', 'sum', 'avg', 'min', 'max'] satisfies readonly AggregateFunction[];
const functions: ReadonlySet<string> = new Set(aggregateFunctions);
const call = /\.([a-z]+)\(\)/y;
const dot = 0x2e;

/** `.sum()` at the cursor; undefined, with nothing read, where no aggregate stands. */
export function readFunction(cursor: Cursor): AggregateFunction | undefined {
  if (cursor.peek() !== dot) return undefined;
  call.lastIndex = cursor.at;
  const name = call.exec(cursor.text)?.[1];
  if (name === undefined || !functions.has(name)) return undefined;
  cursor.at = call.lastIndex;
  return name as AggregateFunction;
}

/** Whether the name just read is `count` and `()` follows: the rows are counted. Reads the parentheses. */
export function readCount(cursor: Cursor, name: string): boolean {
  return !cursor.quoted && name === 'count' && cursor.eat('()');
}

/** An aggregate where one must stand: in `having`. */
export function readAggregate(cursor: Cursor): AggregateTermRequest {
  const column = cursor.name('an aggregate such as amount.sum() or count()');
  if (readCount(cursor, column)) return { function: 'count' };
  const path = cursor.jsonPath();
  const cast = cursor.cast();
  const name = readFunction(cursor);
  if (name === undefined)
    return cursor.fail('an aggregate such as .sum()', `The aggregates are ${aggregateFunctions.join(', ')}.`);
  return {
    function: name,
    column,
    ...(path === undefined ? null : { path }),
    ...(cast === undefined ? null : { cast }),
  };
}
