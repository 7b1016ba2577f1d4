/** Whether a number of rows may be estimated for a caller. */
import type { Condition } from '../api/condition.ts';
import { type Authorizing, selectGrant } from './grant.ts';
import type { Node } from './query.ts';
import type { Counting } from './request.ts';

/**
 * An estimate is made of what the database knows of all rows and all cells, so it is only for those who see them all,
 * and of no table but the one that is read.
 */
export function countable(count: Counting, node: Node, context: Authorizing): Counting {
  if (count === false || count === true) return count;
  const { rows, guards } = selectGrant(node.table, context);
  const isPlain =
    node.groupBy === undefined && node.fields.every(({ kind }) => kind !== 'aggregate' && kind !== 'spread');
  const seesAll = rows.kind === 'true' && guards.size === 0;
  return seesAll && isPlain && !looksElsewhere(node.where) ? count : true;
}

function looksElsewhere(condition: Condition): boolean {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compareColumns':
      return false;
    case 'compare':
      return condition.column.routine !== undefined;
    case 'and':
    case 'or':
      return condition.of.some(looksElsewhere);
    case 'not':
    case 'guarded':
    case 'fenced':
      return looksElsewhere(condition.of);
    case 'related':
    case 'aggregate':
    case 'exists':
      return true;
    default:
      return condition satisfies never;
  }
}
