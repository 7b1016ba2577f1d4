/** Levels of groups: what makes one, which groups there are, and what they may be ordered by. */
import type { Column, Edge, WorldTable } from '../api/api.ts';
import { Problem } from '../problem/problem.ts';
import { slotOf } from './filter.ts';
import type { AggregateTerm, Field, Having, Key, Node, OrderBy, Summary } from './query.ts';
import type { HavingRequest, KeyRequest, SummaryRequest } from './request.ts';
import { findColumn, isSameTerm, planAggregateTerm, requireAggregate, typeOfAggregate } from './term.ts';

/** An aggregate makes its level one of groups, and so does one in a to-one relationship that is spread into it. */
export function isAggregated(field: Field): boolean {
  if (field.kind === 'aggregate') return true;
  return field.kind === 'spread' && field.edge.kind === 'one' && field.node.fields.some(isAggregated);
}

/** Groups are ordered by an aggregate, or by what they are grouped by. */
export function requireGrouped(
  through: readonly Edge[],
  by: OrderBy,
  { fields, groupBy, table }: Pick<Node, 'fields' | 'groupBy' | 'table'>,
): void {
  if (by.kind === 'aggregate') return;
  if (by.kind === 'related') throw ungrouped(table, by.edge.name);
  const [edge, ...further] = through;
  const { column, path, cast } = by.term;
  if (edge === undefined && path === undefined && cast === undefined && groupBy?.includes(column)) return;
  const within =
    edge === undefined
      ? fields
      : fields.flatMap((field) => (field.kind === 'spread' && field.edge === edge ? field.node.fields : []));
  const isKey = within.some((field) => field.kind === 'column' && isSameTerm(field, by.term));
  if (isKey && further.length === 0) return;
  throw ungrouped(table, column.name);
}

function ungrouped(table: WorldTable, name: string): Problem {
  return new Problem('42803', {
    message: `column "${table.table.rest}.${name}" must be selected or be used in an aggregate function`,
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

/** Groups of at least so many rows. */
export function ofRows(fewest: number): Having {
  const aggregate: AggregateTerm = { function: 'count', term: undefined };
  const type = typeOfAggregate(aggregate);
  return {
    kind: 'compare',
    aggregate,
    operator: 'gte',
    value: { kind: 'constant', text: String(fewest), type, list: false },
  };
}

/** A column that the groups are not by is null: one type serves every choice of keys. */
export function planKey(item: KeyRequest, groupBy: readonly Column[], table: WorldTable): Key {
  if (item.kind === 'constant') return item;
  const column = findColumn(item.column, table);
  if (!groupBy.includes(column)) return { kind: 'null', as: item.as };
  return { kind: 'key', as: item.as, column, text: item.number === 'string' };
}

export function planSummary(item: SummaryRequest, table: WorldTable): Summary {
  switch (item.kind) {
    case 'constant':
      return item;
    case 'count':
      return {
        kind: 'count',
        as: item.as,
        columns: item.columns.map((name) => findColumn(name, table)),
        distinct: item.distinct,
      };
    case 'function': {
      const column = findColumn(item.column, table);
      requireAggregate(item.function, { column, path: undefined, cast: undefined });
      const { as, function: name } = item;
      return { kind: 'function', as, function: name, column, text: item.number === 'string' };
    }
    case 'object':
      return { kind: 'object', as: item.as, items: item.items.map((one) => planSummary(one, table)) };
    default:
      return item satisfies never;
  }
}

/** The columns that aggregates are of. */
export function columnsOfSummary(items: readonly Summary[]): Column[] {
  return items.flatMap((item) => {
    switch (item.kind) {
      case 'constant':
        return [];
      case 'count':
        return item.columns;
      case 'function':
        return [item.column];
      case 'object':
        return columnsOfSummary(item.items);
      default:
        return item satisfies never;
    }
  });
}
