/** Grants of what is read: each level's rows and cells, its limits, and the levels within it. For `authorize` alone. */
import type { Column, Edge, SelectGrant, WorldTable } from '../api/api.ts';
import type { Condition } from '../api/condition.ts';
import {
  type Authorizing,
  authorizeCondition,
  authorizeLink,
  farTable,
  guarded,
  requireReadable,
  selectGrant,
} from './grant.ts';
import { columnsOfSummary, isAggregated, ofRows } from './group.ts';
import type {
  AggregateNode,
  AggregateTerm,
  AuthorizedAggregate,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedNode,
  AuthorizedOrder,
  AuthorizedStep,
  ConnectionNode,
  Field,
  Form,
  Having,
  Node,
  Order,
} from './query.ts';
import { denied } from './refusal.ts';

export function authorizeNode(node: Node, context: Authorizing): AuthorizedNode {
  const grant = selectGrant(node.table, context);
  return {
    ...authorizePage(node, grant, context),
    limit: smallest(node.limit, grant.limit, context.maxRows),
    fields: authorizeFields(node.fields, node.table, context),
    having: authorizeGroupRows(node, context),
    groupBy: node.groupBy && authorizeGroups(node.groupBy, node.table, context),
  };
}

function authorizeGroups(
  groupBy: readonly Column[],
  table: WorldTable,
  context: Authorizing,
): readonly Column[] {
  requireAggregates(table, context);
  requireReadable(groupBy, table, context);
  return groupBy;
}

/** A stream of rows has a limit of its own. */
export function authorizeRoot(node: Node, form: Form, context: Authorizing): AuthorizedNode {
  const grant = selectGrant(node.table, context);
  return {
    ...authorizeNode(node, context),
    limit: smallest(node.limit, grant.limit, mostRows(form, context)),
  };
}

function mostRows({ stream }: Form, { maxRows, maxExport }: Authorizing): number | undefined {
  return stream === undefined ? maxRows : maxExport;
}

/** What the caller asks of groups, of those alone that are as large as the grants of what is aggregated demand. */
function authorizeGroupRows(node: Node, context: Authorizing): Having | undefined {
  const asked = node.having && authorizeHaving(node.having, node.table, context);
  const fewest = fewestRows(node, context);
  if (fewest <= 1) return asked;
  const large = ofRows(fewest);
  return asked === undefined ? large : { kind: 'and', of: [asked, large] };
}

/** Of the level's own table and of those that are spread into its groups. */
function fewestRows({ table, fields, having, groupBy }: Node, context: Authorizing): number {
  if (groupBy === undefined && !fields.some(isAggregated)) return 1;
  const isCount =
    groupBy === undefined && having === undefined && fields.every((one) => isRowCount(one, fields));
  return Math.max(
    isCount ? 1 : selectGrant(table, context).minGroup,
    ...fields.map((field) =>
      field.kind === 'spread' && isAggregated(field) ? spreadRows(field.node, context) : 1,
    ),
  );
}

/** A count of the rows of a table that is spread is one of groups, never the number of rows alone. */
function spreadRows({ table, fields }: Node, context: Authorizing): number {
  return Math.max(
    selectGrant(table, context).minGroup,
    ...fields.map((field) =>
      field.kind === 'spread' && isAggregated(field) ? spreadRows(field.node, context) : 1,
    ),
  );
}

/** The number of rows and nothing else needs only `select`, as `Prefer: count=exact` does. */
function isRowCount(field: Field, fields: readonly Field[]): boolean {
  return fields.length === 1 && field.kind === 'aggregate' && field.aggregate.term === undefined;
}

function authorizeHaving(having: Having, table: WorldTable, context: Authorizing): Having {
  switch (having.kind) {
    case 'and':
    case 'or':
      return { kind: having.kind, of: having.of.map((part) => authorizeHaving(part, table, context)) };
    case 'not':
      return { kind: 'not', of: authorizeHaving(having.of, table, context) };
    case 'compare':
      requireAggregate(having.aggregate, table, context);
      return having;
    default:
      return having satisfies never;
  }
}

function requireAggregates(table: WorldTable, context: Authorizing): void {
  if (!selectGrant(table, context).aggregate)
    throw denied(context.principal, `permission denied for aggregates of table ${table.table.rest}`);
}

function requireAggregate({ term }: AggregateTerm, table: WorldTable, context: Authorizing): void {
  requireAggregates(table, context);
  if (term !== undefined) requireReadable([term.column], table, context);
}

function authorizePage(
  node: Omit<Node, 'fields' | 'having' | 'groupBy'>,
  grant: SelectGrant,
  context: Authorizing,
): Omit<AuthorizedNode, 'fields' | 'limit' | 'having' | 'groupBy'> {
  requireReadable(node.distinct, node.table, context);
  return {
    table: node.table.table,
    where: {
      kind: 'fenced',
      policy: grant.rows,
      of: guarded(grant.guards, authorizeCondition(node.where, node.table, context)),
    },
    guards: grant.guards,
    order: authorizeOrder(node.order, node.table, context),
    offset: node.offset,
    distinct: node.distinct,
  };
}

export function authorizeAggregate(node: AggregateNode, context: Authorizing): AuthorizedAggregate {
  const grant = selectGrant(node.table, context);
  requireAggregates(node.table, context);
  return {
    ...authorizePage(node, grant, context),
    // An aggregate is over all visible rows: only the caller's own limit cuts it.
    limit: node.limit,
    minGroup: grant.minGroup,
    parts: node.parts.map((part) => {
      switch (part.kind) {
        case 'constant':
          return part;
        case 'summary':
          requireReadable(columnsOfSummary(part.items), node.table, context);
          return part;
        case 'nodes':
          return {
            kind: 'nodes',
            as: part.as,
            fields: authorizeFields(part.fields, node.table, context),
            limit: smallest(context.maxRows, node.limit, grant.limit),
          };
        default:
          return part satisfies never;
      }
    }),
  };
}

export function authorizeConnection(node: ConnectionNode, context: Authorizing): AuthorizedConnection {
  const { table, backward, binding, known } = node;
  const grant = selectGrant(table, context);
  const fenced = (of: Condition): Condition => ({
    kind: 'fenced',
    policy: grant.rows,
    of: guarded(grant.guards, authorizeCondition(of, table, context)),
  });
  return {
    table: table.table,
    guards: grant.guards,
    where: fenced(node.where),
    page: fenced(node.page),
    order: authorizeOrder(node.order, table, context),
    limit: smallest(context.maxRows, node.limit, grant.limit),
    backward,
    binding,
    known,
    parts: node.parts.map((part) => {
      if (part.kind !== 'edges') return part;
      const items = part.items.map((item) =>
        item.kind === 'node' ? { ...item, fields: authorizeFields(item.fields, table, context) } : item,
      );
      return { ...part, items };
    }),
  };
}

export function authorizeFields(
  fields: readonly Field[],
  table: WorldTable,
  context: Authorizing,
): AuthorizedField[] {
  return fields.map((field): AuthorizedField => {
    switch (field.kind) {
      case 'constant':
        return field;
      case 'column':
        requireReadable([field.column], table, context);
        return field;
      case 'aggregate':
        if (!isRowCount(field, fields)) requireAggregate(field.aggregate, table, context);
        return field;
      case 'keys':
        requireReadable(
          field.items.flatMap((item) => (item.kind === 'key' ? [item.column] : [])),
          table,
          context,
        );
        return field;
      case 'summary':
        requireAggregates(table, context);
        requireReadable(columnsOfSummary(field.items), table, context);
        return field;
      case 'spread':
        for (const inner of field.node.fields)
          if (inner.kind === 'aggregate') requireAggregate(inner.aggregate, field.node.table, context);
        return {
          kind: 'spread',
          link: authorizeLink(field.edge, context),
          node: authorizeNode(field.node, context),
        };
      case 'embed':
        return {
          kind: 'embed',
          as: field.as,
          link: authorizeLink(field.edge, context),
          node: authorizeNode(field.node, context),
        };
      case 'embedAggregate':
        return {
          kind: 'embedAggregate',
          as: field.as,
          link: authorizeLink(field.edge, context),
          node: authorizeAggregate(field.node, context),
        };
      case 'embedConnection':
        return {
          kind: 'embedConnection',
          as: field.as,
          link: authorizeLink(field.edge, context),
          node: authorizeConnection(field.node, context),
        };
      default:
        return field satisfies never;
    }
  });
}

export function authorizeOrder(
  order: readonly Order[],
  table: WorldTable,
  context: Authorizing,
): AuthorizedOrder[] {
  return order.map((term) => {
    const last = term.through.at(-1);
    const at = last === undefined ? table : farTable(last, context);
    return {
      by: authorizeOrderBy(term.by, at, context),
      direction: term.direction,
      nulls: term.nulls,
      through: term.through.map((edge) => authorizeStep(edge, context)),
    };
  });
}

function authorizeOrderBy(by: Order['by'], table: WorldTable, context: Authorizing): AuthorizedOrder['by'] {
  switch (by.kind) {
    case 'term':
      requireReadable([by.term.column], table, context);
      return by;
    case 'aggregate':
      requireAggregate(by.aggregate, table, context);
      return by;
    case 'related': {
      const far = farTable(by.edge, context);
      requireAggregate(by.aggregate, far, context);
      const { minGroup } = selectGrant(far, context);
      return { kind: 'related', step: authorizeStep(by.edge, context), aggregate: by.aggregate, minGroup };
    }
    default:
      return by satisfies never;
  }
}

function authorizeStep(edge: Edge, context: Authorizing): AuthorizedStep {
  const { rows, guards } = selectGrant(farTable(edge, context), context);
  return { link: authorizeLink(edge, context), where: rows, guards };
}

export function smallest(most: number, ...limits: readonly (number | undefined)[]): number;
export function smallest(...limits: readonly (number | undefined)[]): number | undefined;
export function smallest(...limits: readonly (number | undefined)[]): number | undefined {
  const least = Math.min(...limits.filter((limit) => limit !== undefined));
  return Number.isFinite(least) ? least : undefined;
}
