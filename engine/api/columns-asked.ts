/** Which columns of its own row a condition reads. */
import type { Column } from './api.ts';
import type { Condition } from './condition.ts';

/** Some may be named more than once. Pure. */
export function columnsAsked(condition: Condition): readonly Column[] {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'exists':
      return [];
    case 'and':
    case 'or':
      return condition.of.flatMap(columnsAsked);
    case 'not':
      return columnsAsked(condition.of);
    case 'guarded':
      return [
        ...[...condition.guards].flatMap(([column, guard]) => [column, ...columnsAsked(guard)]),
        ...columnsAsked(condition.of),
      ];
    case 'fenced':
      return [condition.policy, condition.of].flatMap(columnsAsked);
    case 'compare':
      return [condition.column];
    case 'compareColumns':
      return [condition.column, condition.other];
    case 'related':
    case 'aggregate':
      return (condition.edge.through?.near ?? condition.edge.pairs).map(({ near }) => near);
    default:
      return condition satisfies never;
  }
}
