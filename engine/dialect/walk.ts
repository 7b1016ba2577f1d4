/** What stands somewhere in a condition: asked by every dialect alike. */
import type { Edge } from '../api/api.ts';
import type { Condition, Value } from '../api/condition.ts';

export type Comparison = Extract<Condition, { kind: 'compare' }>;
export type AggregateCondition = Extract<Condition, { kind: 'aggregate' }>;

/** Claims that a policy's condition compares with; a caller's part has none, and a grant within it is a world of its own. */
export function claimsOf(condition: Condition): Value[] {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compareColumns':
    case 'fenced':
      return [];
    case 'and':
    case 'or':
      return condition.of.flatMap(claimsOf);
    case 'not':
    case 'guarded':
      return claimsOf(condition.of);
    case 'compare':
      return condition.value?.kind === 'claim' ? [condition.value] : [];
    case 'related':
    case 'exists':
      return claimsOf(condition.where);
    case 'aggregate': {
      const compared = condition.compare.map((one) => one.value).filter((value) => value?.kind === 'claim');
      return [...claimsOf(condition.where), ...compared];
    }
    default:
      return condition satisfies never;
  }
}

/** Whether some comparison, aggregate or link of the condition is such a one. */
export function somePart(
  condition: Condition,
  compares: (part: Comparison) => boolean,
  aggregates: (part: AggregateCondition) => boolean,
  leads: (edge: Edge) => boolean,
): boolean {
  const holds = (part: Condition) => somePart(part, compares, aggregates, leads);
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compareColumns':
      return false;
    case 'and':
    case 'or':
      return condition.of.some(holds);
    case 'not':
    case 'guarded':
    case 'fenced':
      return holds(condition.of);
    case 'compare':
      return compares(condition);
    case 'related':
      return leads(condition.edge) || holds(condition.where);
    case 'aggregate':
      return aggregates(condition) || leads(condition.edge) || holds(condition.where);
    case 'exists':
      return holds(condition.where);
    default:
      return condition satisfies never;
  }
}
