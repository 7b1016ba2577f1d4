/** Puts the caller's grants into a planned query. The only place where an AuthorizedQuery comes to exist. */
import type { Api, Column, Edge, SelectGrant, WorldTable } from '../api/api.ts';
import { all, type Condition } from '../api/condition.ts';
import type { Principal } from '../auth/principal.ts';
import { countable } from './counting.ts';
import {
  type Authorizing,
  authorizeCondition,
  authorizeLink,
  farTable,
  guarded,
  requireReadable,
  selectGrant,
} from './grant.ts';
import { columnsOfSummary } from './group.ts';
import type {
  AggregateNode,
  AggregateTerm,
  AuthorizedAggregate,
  AuthorizedCall,
  AuthorizedConnection,
  AuthorizedField,
  AuthorizedInsert,
  AuthorizedNode,
  AuthorizedOrder,
  AuthorizedQuery,
  AuthorizedReturning,
  AuthorizedStep,
  ConnectionNode,
  Field,
  Form,
  Having,
  Node,
  Order,
  Query,
  Returning,
} from './query.ts';
import { denied, verbDenied } from './refusal.ts';

/**
 * Applies the caller's grants: row filters, guards of cells, limits, presets and checks. Pure.
 *
 * @param query  made by `plan` for the same Api and principal
 * @throws {Problem} 42501 a verb, table or column that the grants do not hold
 */
export function authorize(query: Query, api: Api, principal: Principal): AuthorizedQuery {
  const { rows, export: maxExport } = api.limits;
  const context: Authorizing = { world: api.world(principal.role), principal, maxRows: rows, maxExport };
  return seal(authorizeKind(query, context));
}

function seal(query: Unsealed): AuthorizedQuery {
  return Object.freeze(query) as AuthorizedQuery;
}

type Unsealed = {
  [Kind in AuthorizedQuery['kind']]: Omit<Extract<AuthorizedQuery, { kind: Kind }>, symbol>;
}[AuthorizedQuery['kind']];

function authorizeKind(query: Query, context: Authorizing): Unsealed {
  switch (query.kind) {
    case 'read':
      return {
        kind: 'read',
        node:
          query.keys === undefined
            ? authorizeRoot(query.node, query.form, context)
            : // What a write answers with is as long as what it wrote.
              { ...authorizeNode(query.node, context), limit: undefined },
        shape: query.shape,
        count: countable(query.count, query.node, context),
        lastKey: query.lastKey,
        locks: query.locks,
        form: query.form,
        keys: query.keys,
      };
    case 'call':
      return authorizeCall(query, context);
    case 'readAggregate':
      return { kind: 'readAggregate', node: authorizeAggregate(query.node, context) };
    case 'readConnection':
      return { kind: 'readConnection', node: authorizeConnection(query.node, context) };
    case 'insert':
      return authorizeInsert(query, context);
    case 'update': {
      const grant = query.table.update;
      if (grant === undefined) throw verbDenied(context.principal, 'update', query.table);
      requireColumns(query.columns, grant.columns, query.table, context);
      requireWhole([...query.operators.keys()], query.table, context);
      return {
        ...writeParts(query, context),
        kind: 'update',
        columns: query.columns,
        row: query.row,
        operators: query.operators,
        set: grant.set,
        where: reach(query.where, grant.where, query.table, context),
        check: grant.check,
      };
    }
    case 'delete': {
      const grant = query.table.delete;
      if (grant === undefined) throw verbDenied(context.principal, 'delete', query.table);
      return {
        ...writeParts(query, context),
        kind: 'delete',
        where: reach(query.where, grant.where, query.table, context),
      };
    }
    default:
      return query satisfies never;
  }
}

/** Rows of an exposed table pass its grant; what else the function gives is governed by `execute` alone. */
function authorizeCall(
  query: Extract<Query, { kind: 'call' }>,
  context: Authorizing,
): Omit<AuthorizedCall, symbol> {
  const { routine } = query.source;
  const granted = [...context.world.functions.values()].some(({ overloads }) =>
    overloads.some((one) => one.routine === routine),
  );
  if (!granted) throw denied(context.principal, 'permission denied for the function');
  const { node, aggregate } = query;
  const rows = (node ?? aggregate)?.table;
  if (rows !== undefined && query.exposed && context.world.tables.get(rows.table.name) !== rows)
    throw denied(context.principal, 'permission denied for the rows of the function');
  return {
    ...query,
    // All of its rows are held at once, in whatever form they go out.
    node: node && authorizeNode(node, context),
    aggregate: aggregate && authorizeAggregate(aggregate, context),
    page: { ...query.page, limit: smallest(context.maxRows, query.page.limit) },
    count: node === undefined ? query.count : countable(query.count, node, context),
  };
}

function authorizeInsert(
  query: Extract<Query, { kind: 'insert' }>,
  context: Authorizing,
): Omit<AuthorizedInsert, symbol> {
  const { table, conflict } = query;
  const grant = table.insert;
  if (grant === undefined) throw verbDenied(context.principal, 'insert', table);
  requireColumns(query.columns, grant.columns, table, context);
  return {
    ...writeParts(query, context),
    kind: 'insert',
    columns: query.columns,
    rows: query.rows,
    sets: query.sets,
    set: grant.set,
    check: grant.check,
    key: readableKey(table),
    conflict: conflict && authorizeConflict(query, conflict, context),
    links: query.links,
    yields: query.yields,
  };
}

function authorizeConflict(
  query: Extract<Query, { kind: 'insert' }>,
  conflict: NonNullable<Extract<Query, { kind: 'insert' }>['conflict']>,
  context: Authorizing,
): AuthorizedInsert['conflict'] {
  if (conflict.action === 'ignore') return { action: 'ignore', target: conflict.target };
  const grant = query.table.update;
  if (grant === undefined) throw verbDenied(context.principal, 'update', query.table);
  const given = query.columns.filter((column) => !conflict.target.includes(column));
  requireColumns(conflict.update ?? given, grant.columns, query.table, context);
  return {
    action: 'merge',
    target: conflict.target,
    columns: conflict.update ?? given,
    named: conflict.update !== undefined,
    set: grant.set,
    // Rows that hang on it take over its columns, so it is read.
    where: query.carries ? all([selectGrant(query.table, context).rows, grant.where]) : grant.where,
    check: grant.check,
    only: conflict.where && reach(conflict.where, grant.where, query.table, context),
  };
}

/** Columns that are read in every row that a write reaches. */
function requireWhole(columns: readonly Column[], table: WorldTable, context: Authorizing): void {
  if (columns.length === 0) return;
  requireReadable(columns, table, context);
  const { guards } = selectGrant(table, context);
  const partly = columns.find((column) => guards.has(column));
  if (partly !== undefined)
    throw denied(
      context.principal,
      `permission denied for column ${partly.name} of table ${table.table.rest}`,
      'It can be set, and not changed by what it holds, since it is readable in some rows only.',
    );
}

function requireColumns(
  columns: readonly Column[],
  granted: ReadonlySet<Column>,
  table: WorldTable,
  { principal }: Authorizing,
): void {
  const outside = columns.find((column) => !granted.has(column));
  if (outside !== undefined)
    throw denied(principal, `permission denied for column ${outside.name} of table ${table.table.rest}`);
}

/** Columns of the key, when each is readable in every row that the caller sees. */
function readableKey(table: WorldTable): AuthorizedInsert['key'] {
  const { select } = table;
  const { key: columns } = table.table;
  if (select === undefined || columns.length === 0) return undefined;
  const readable = columns.every(
    (column) => table.columns.get(column.name) === column && !select.guards.has(column),
  );
  return readable ? { columns, where: select.rows } : undefined;
}

function writeParts(
  query: Exclude<Query, { kind: 'read' | 'readAggregate' | 'readConnection' | 'call' }>,
  context: Authorizing,
) {
  return {
    table: query.table.table,
    shape: query.shape,
    maxAffected: query.maxAffected,
    form: query.form,
    returning: query.returning.map((one) => authorizeReturning(one, query.table, context)),
  };
}

function authorizeReturning(
  returning: Returning,
  table: WorldTable,
  context: Authorizing,
): AuthorizedReturning {
  const grant = selectGrant(table, context);
  return {
    fields: authorizeFields(returning.fields, table, context),
    order: authorizeOrder(returning.order, table, context),
    where: grant.rows,
    guards: grant.guards,
  };
}

/** A caller's filter reads, so such a write touches only rows that the caller also sees. */
function reach(
  where: Condition | undefined,
  policy: Condition,
  table: WorldTable,
  context: Authorizing,
): Condition {
  if (where === undefined) return policy;
  const grant = selectGrant(table, context);
  return {
    kind: 'fenced',
    policy: all([grant.rows, policy]),
    of: guarded(grant.guards, authorizeCondition(where, table, context)),
  };
}

function authorizeNode(node: Node, context: Authorizing): AuthorizedNode {
  const grant = selectGrant(node.table, context);
  return {
    ...authorizePage(node, grant, context),
    limit: smallest(node.limit, grant.limit, context.maxRows),
    fields: authorizeFields(node.fields, node.table, context),
    having: node.having && authorizeHaving(node.having, node.table, context),
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
function authorizeRoot(node: Node, form: Form, context: Authorizing): AuthorizedNode {
  const grant = selectGrant(node.table, context);
  return {
    ...authorizeNode(node, context),
    limit: smallest(node.limit, grant.limit, mostRows(form, context)),
  };
}

function mostRows({ stream }: Form, { maxRows, maxExport }: Authorizing): number | undefined {
  return stream === undefined ? maxRows : maxExport;
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

function authorizeAggregate(node: AggregateNode, context: Authorizing): AuthorizedAggregate {
  const grant = selectGrant(node.table, context);
  requireAggregates(node.table, context);
  return {
    ...authorizePage(node, grant, context),
    // An aggregate is over all visible rows: only the caller's own limit cuts it.
    limit: node.limit,
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

function authorizeConnection(node: ConnectionNode, context: Authorizing): AuthorizedConnection {
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

function authorizeFields(
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
        // The number of rows and nothing else needs only `select`, as `Prefer: count=exact` does.
        if (fields.length > 1 || field.aggregate.term !== undefined)
          requireAggregate(field.aggregate, table, context);
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

function authorizeOrder(order: readonly Order[], table: WorldTable, context: Authorizing): AuthorizedOrder[] {
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
    case 'related':
      requireAggregate(by.aggregate, farTable(by.edge, context), context);
      return { kind: 'related', step: authorizeStep(by.edge, context), aggregate: by.aggregate };
    default:
      return by satisfies never;
  }
}

function authorizeStep(edge: Edge, context: Authorizing): AuthorizedStep {
  const { rows, guards } = selectGrant(farTable(edge, context), context);
  return { link: authorizeLink(edge, context), where: rows, guards };
}

function smallest(most: number, ...limits: readonly (number | undefined)[]): number;
function smallest(...limits: readonly (number | undefined)[]): number | undefined;
function smallest(...limits: readonly (number | undefined)[]): number | undefined {
  const least = Math.min(...limits.filter((limit) => limit !== undefined));
  return Number.isFinite(least) ? least : undefined;
}
