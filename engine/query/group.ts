/** Levels of groups: what makes one, which groups there are, and what they may be ordered by. */
import type { Edge, WorldTable } from '../api/api.ts';
import { Problem } from '../problem/problem.ts';
import { slotOf } from './filter.ts';
import type { Field, Having, OrderBy } from './query.ts';
import type { HavingRequest } from './request.ts';
import { isSameTerm, planAggregateTerm, typeOfAggregate } from './term.ts';

/** An aggregate makes its level one of groups, and so does one in a to-one relationship that is spread into it. */
export function isAggregated(field: Field): boolean {
  if (field.kind === 'aggregate') return true;
  return field.kind === 'spread' && field.edge.kind === 'one' && field.node.fields.some(isAggregated);
}

/** Groups are ordered by an aggregate, or by what they are grouped by. */
export function requireGrouped(
  through: readonly Edge[],
  by: OrderBy,
  fields: readonly Field[],
  table: WorldTable,
): void {
  if (by.kind === 'aggregate') return;
  const [edge, ...further] = through;
  const within =
    edge === undefined
      ? fields
      : fields.flatMap((field) => (field.kind === 'spread' && field.edge === edge ? field.node.fields : []));
  const isKey = within.some((field) => field.kind === 'column' && isSameTerm(field, by.term));
  if (isKey && further.length === 0) return;
  throw new Problem('42803', {
    message: `column "${table.table.rest}.${by.term.column.name}" must be selected or be used in an aggregate function`,
    hint: 'Groups can be ordered by aggregates (amount.sum().desc) and by the selected columns.',
  });
}

export function planHaving(having: HavingRequest, table: WorldTable): Having {
  switch (having.kind) {
    case 'and':
    case 'or':
      return { kind: having.kind, of: having.of.map((part) => planHaving(part, table)) };
    case 'not':
      return { kind: 'not', of: planHaving(having.of, table) };
    case 'compare': {
      const aggregate = planAggregateTerm(having.term, table);
      const { operator, value } = having;
      return {
        kind: 'compare',
        aggregate,
        operator,
        value: value === undefined ? undefined : slotOf(operator, value, typeOfAggregate(aggregate)),
      };
    }
    default:
      return having satisfies never;
  }
}
