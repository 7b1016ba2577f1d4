/** Whether a read depends on settings of the session, such as the caller's claims: then they are set before it runs. */
import type { Column, Edge, Table } from '../api/api.ts';
import type { Condition, Guards, LinkGuards } from '../api/condition.ts';
import { columnsOfSummary } from './group.ts';
import type {
  AuthorizedAggregate,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedNode,
  AuthorizedOrder,
  AuthorizedQuery,
  Having,
  Link,
} from './query.ts';

/** True for what may ask; plain tables never do. Pure. */
export function asksSession(query: AuthorizedQuery): boolean {
  switch (query.kind) {
    case 'read':
      return askedByLevel(query.node) || askedByGroups(query.node);
    case 'readAggregate':
      return askedByAggregate(query.node);
    case 'readConnection':
      return askedByConnection(query.node);
    // These run in a transaction with the settings whatever they touch.
    case 'call':
    case 'insert':
    case 'update':
    case 'delete':
      return true;
    default:
      return query satisfies never;
  }
}

function askedByLevel({
  table,
  where,
  guards,
  order,
  distinct,
}: Pick<AuthorizedNode, 'table' | 'where' | 'guards' | 'order' | 'distinct'>): boolean {
  return (
    table.relation.asksSession ||
    askedByCondition(where) ||
    askedByGuards(guards) ||
    order.some(askedByOrder) ||
    distinct.some(askedByColumn)
  );
}

function askedByGroups({ fields, having, groupBy = [] }: AuthorizedNode): boolean {
  return askedByFields(fields) || askedByHaving(having) || groupBy.some(askedByColumn);
}

function askedByFields(fields: readonly AuthorizedField[]): boolean {
  return fields.some((field) => {
    switch (field.kind) {
      case 'column':
        return askedByColumn(field.column);
      case 'aggregate':
        return field.aggregate.term !== undefined && askedByColumn(field.aggregate.term.column);
      case 'constant':
        return false;
      case 'keys':
        return field.items.some((item) => item.kind === 'key' && askedByColumn(item.column));
      case 'summary':
        return columnsOfSummary(field.items).some(askedByColumn);
      case 'embed':
      case 'spread':
        return askedByLink(field.link) || askedByLevel(field.node) || askedByGroups(field.node);
      case 'embedAggregate':
        return askedByLink(field.link) || askedByAggregate(field.node);
      case 'embedConnection':
        return askedByLink(field.link) || askedByConnection(field.node);
      default:
        return field satisfies never;
    }
  });
}

function askedByAggregate(node: AuthorizedAggregate): boolean {
  return (
    askedByLevel(node) ||
    node.parts.some((part) => {
      switch (part.kind) {
        case 'constant':
          return false;
        case 'summary':
          return columnsOfSummary(part.items).some(askedByColumn);
        case 'nodes':
          return askedByFields(part.fields);
        default:
          return part satisfies never;
      }
    })
  );
}

function askedByConnection({ page, parts, ...node }: AuthorizedConnection): boolean {
  return (
    askedByLevel({ ...node, distinct: [] }) ||
    askedByCondition(page) ||
    parts.some(
      (part) =>
        part.kind === 'edges' &&
        part.items.some((item) => item.kind === 'node' && askedByFields(item.fields)),
    )
  );
}

function askedByHaving(having: Having | undefined): boolean {
  switch (having?.kind) {
    case undefined:
      return false;
    case 'and':
    case 'or':
      return having.of.some(askedByHaving);
    case 'not':
      return askedByHaving(having.of);
    case 'compare': {
      const { term } = having.aggregate;
      return term !== undefined && askedByColumn(term.column);
    }
    default:
      return having satisfies never;
  }
}

function askedByOrder({ through, by }: AuthorizedOrder): boolean {
  const column = by.kind === 'term' ? by.term.column : by.aggregate.term?.column;
  const steps = by.kind === 'related' ? [...through, by.step] : through;
  return (
    (column !== undefined && askedByColumn(column)) ||
    steps.some(
      ({ link, where, guards }) => askedByLink(link) || askedByCondition(where) || askedByGuards(guards),
    )
  );
}

function askedByLink({ edge, junction, guards }: Link): boolean {
  return askedByEdge(edge) || askedByCondition(junction) || askedByLinkGuards(guards);
}

function askedByLinkGuards({ near, junction, far }: LinkGuards): boolean {
  return [near, junction, far].some(askedByGuards);
}

function askedByEdge({ to, through, routine }: Edge): boolean {
  return (
    askedByTable(to) ||
    (through !== undefined && askedByTable(through.table)) ||
    (routine !== undefined && routine.volatility !== 'immutable')
  );
}

function askedByTable({ relation }: Table): boolean {
  return relation.asksSession;
}

function askedByColumn({ routine }: Column): boolean {
  return routine !== undefined && routine.volatility !== 'immutable';
}

function askedByGuards(guards: Guards): boolean {
  return [...guards.values()].some(askedByCondition);
}

function askedByCondition(condition: Condition): boolean {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compareColumns':
      return false;
    case 'and':
    case 'or':
      return condition.of.some(askedByCondition);
    case 'not':
      return askedByCondition(condition.of);
    case 'compare':
      return askedByColumn(condition.column);
    case 'related':
    case 'aggregate': {
      const { edge, where, junction, guards } = condition;
      return (
        askedByEdge(edge) ||
        askedByCondition(where) ||
        (junction !== undefined && askedByCondition(junction)) ||
        (guards !== undefined && askedByLinkGuards(guards)) ||
        (condition.kind === 'aggregate' &&
          (condition.columns.some(askedByColumn) || askedByGuards(condition.cells ?? new Map())))
      );
    }
    case 'exists':
      return askedByTable(condition.table) || askedByCondition(condition.where);
    case 'guarded':
      return askedByGuards(condition.guards) || askedByCondition(condition.of);
    case 'fenced':
      return askedByCondition(condition.policy) || askedByCondition(condition.of);
    default:
      return condition satisfies never;
  }
}
