/** One level of a request, and the levels within it: fields, filters, order and pages with their names resolved. */
import type { Api, Column, Edge, World, WorldTable } from '../api/api.ts';
import { all, always, type Condition } from '../api/condition.ts';
import { limitsOf } from '../api/limits.ts';
import type { Principal } from '../auth/principal.ts';
import { Problem } from '../problem/problem.ts';
import { planFilter } from './filter.ts';
import { isAggregated, planHaving, planKey, planSummary, requireGrouped } from './group.ts';
import type { AggregateNode, ConnectionNode, EdgeItem, Field, Node, Order, OrderBy } from './query.ts';
import { relationshipNotFound } from './refusal.ts';
import { findEdge } from './relationship.ts';
import type {
  AggregateRequest,
  ConnectionRequest,
  EmbedRequest,
  FieldRequest,
  FilterRequest,
  NodeRequest,
  OrderRequest,
  EdgeItem as RequestedItem,
} from './request.ts';
import { findCast, findColumn, planAggregateTerm, planTerm, requireAggregates, typeOfTerm } from './term.ts';

export interface Planning {
  readonly api: Api;
  readonly world: World;
  readonly principal: Principal;
}

export function planNode(request: NodeRequest, table: WorldTable, planning: Planning, depth: number): Node {
  const most = limitsOf(planning.api, planning.principal.role).depth;
  if (depth > most) {
    throw new Problem('NS400', {
      message: `The request embeds relationships more than ${most} levels deep.`,
      hint: 'Ask for fewer levels, or raise limits.depth in the project.',
    });
  }
  const asked = request.fields.map((field) => asCount(field, table));
  if (request.groupBy !== undefined) requireAggregates(table);
  const groupBy = request.groupBy?.map((name) => findColumn(name, table));
  const fields =
    isRowCount(asked) && groupBy === undefined
      ? asked.map(rowCount)
      : asked.flatMap((field) => planField(field, table, planning, depth, groupBy));
  const page = planPage(request, table, planning);
  const having = request.having && planHaving(request.having, table);
  const grouped = groupBy !== undefined || fields.some(isAggregated);
  if (grouped)
    for (const { through, by } of page.order) requireGrouped(through, by, { fields, groupBy, table });
  else if (having !== undefined || page.order.some(({ by }) => by.kind === 'aggregate')) {
    throw new Problem('42803', {
      message: 'The request filters or orders groups, and selects no aggregate.',
      hint: 'Select one as well, as in select=category,amount.sum().',
    });
  }
  return { table, fields, where: planWhere(request, table, planning), ...page, having, groupBy };
}

/** `count` is the number of rows where no column of that name is, as PostgREST's clients write it. */
function asCount(field: FieldRequest, table: WorldTable): FieldRequest {
  if (field.kind !== 'column' || field.column !== 'count' || field.path !== undefined) return field;
  if (table.columns.has('count') || table.computed.has('count')) return field;
  const { as, cast } = field;
  return { kind: 'aggregate', as, term: { function: 'count' }, ...(cast === undefined ? null : { cast }) };
}

/**
 * The number of rows and nothing else: it tells no more than `Prefer: count=exact` does, which needs only `select`. With
 * other fields it counts groups.
 */
function isRowCount(fields: readonly FieldRequest[]): boolean {
  const [only, ...others] = fields;
  return (
    others.length === 0 &&
    only?.kind === 'aggregate' &&
    only.term.function === 'count' &&
    only.term.column === undefined
  );
}

function rowCount(field: FieldRequest): Field {
  const { as, cast } = field as Extract<FieldRequest, { kind: 'aggregate' }>;
  return {
    kind: 'aggregate',
    as,
    aggregate: { function: 'count', term: undefined },
    cast: cast === undefined ? undefined : findCast(cast),
  };
}

function planPage(
  request: Omit<NodeRequest, 'fields' | 'having' | 'groupBy'>,
  table: WorldTable,
  planning: Planning,
): Pick<Node, 'order' | 'limit' | 'offset' | 'distinct'> {
  return {
    order: planOrder(request.order ?? [], table, planning),
    limit: request.limit,
    offset: request.offset,
    distinct: (request.distinct ?? []).map((name) => findColumn(name, table)),
  };
}

/** The level's own filter, and a row of every relationship that is embedded as `inner`. */
function planWhere(request: NodeRequest, table: WorldTable, planning: Planning): Condition {
  const own =
    request.where === undefined ? always : planFilter(request.where, table, planning.world, request.fields);
  const inner = request.fields
    .filter((field): field is EmbedRequest => field.kind === 'embed' && field.join === 'inner')
    .map((field): Condition => {
      const edge = findEdge(table, field.relationship, field.hint, planning.world);
      return {
        kind: 'related',
        edge,
        where: planWhere(field.node, planning.world.tables.get(edge.to.name)!, planning),
      };
    });
  return all([own, ...inner]);
}

export function planField(
  field: FieldRequest,
  table: WorldTable,
  planning: Planning,
  depth: number,
  groupBy?: readonly Column[],
): Field[] {
  switch (field.kind) {
    case 'all':
      return [...table.columns.values()].map((column) => ({
        kind: 'column',
        as: column.name,
        column,
        path: undefined,
        cast: undefined,
        text: false,
      }));
    case 'column':
      return [{ kind: 'column', as: field.as, ...planTerm(field, table), text: field.number === 'string' }];
    case 'aggregate':
      return [
        {
          kind: 'aggregate',
          as: field.as,
          aggregate: planAggregateTerm(field.term, table),
          cast: field.cast === undefined ? undefined : findCast(field.cast),
        },
      ];
    case 'constant':
      return [field];
    case 'keys':
      if (groupBy === undefined) throw noGroups();
      return [
        { kind: 'keys', as: field.as, items: field.items.map((item) => planKey(item, groupBy, table)) },
      ];
    case 'summary':
      requireAggregates(table);
      if (groupBy === undefined) throw noGroups();
      return [{ kind: 'summary', as: field.as, items: field.items.map((item) => planSummary(item, table)) }];
    case 'embed': {
      const edge = findEdge(table, field.relationship, field.hint, planning.world);
      const node = planNode(field.node, planning.world.tables.get(edge.to.name)!, planning, depth + 1);
      // REST's `reviews()`: there to be filtered by, not to be seen.
      if (node.fields.length === 0) return [];
      if (!field.spread) return [{ kind: 'embed', as: field.as, edge, node }];
      if (node.fields.some(isAggregated)) {
        requireAggregates(node.table);
        if (edge.kind === 'many') throw noAggregatesInLists();
      }
      return [{ kind: 'spread', edge, node }];
    }
    case 'embedAggregate': {
      const edge: Edge | undefined = table.edges.get(field.relationship);
      const far = edge && planning.world.tables.get(edge.to.name);
      if (edge === undefined || far?.select?.aggregate !== true)
        throw relationshipNotFound(field.relationship, table);
      return [
        {
          kind: 'embedAggregate',
          as: field.as,
          edge,
          node: planAggregateNode(field.node, far, planning, depth + 1),
        },
      ];
    }
    case 'embedConnection': {
      const edge: Edge | undefined = table.edges.get(field.relationship);
      const far = edge && planning.world.tables.get(edge.to.name);
      if (edge === undefined || far === undefined) throw relationshipNotFound(field.relationship, table);
      const node = planConnection(field.node, far, planning, depth + 1);
      return [{ kind: 'embedConnection', as: field.as, edge, node }];
    }
    default:
      return field satisfies never;
  }
}

function noGroups(): Problem {
  return new Problem('42803', {
    message: 'The request asks for the keys or aggregates of groups, and groups nothing.',
    hint: 'Say which columns the groups are by.',
  });
}

function noAggregatesInLists(): Problem {
  return new Problem('PGRST127', {
    message: 'Feature not implemented',
    details: 'Aggregates are not implemented for one-to-many or many-to-many spreads.',
    hint: 'Embed the relationship without spreading it: reviews(stars.avg()).',
  });
}

export function planAggregateNode(
  request: AggregateRequest,
  table: WorldTable,
  planning: Planning,
  depth: number,
): AggregateNode {
  return {
    table,
    where: request.where === undefined ? always : planFilter(request.where, table, planning.world),
    ...planPage(request, table, planning),
    parts: request.parts.map((part) => {
      switch (part.kind) {
        case 'constant':
          return part;
        case 'summary':
          return { kind: 'summary', as: part.as, items: part.items.map((item) => planSummary(item, table)) };
        case 'nodes':
          return {
            kind: 'nodes',
            as: part.as,
            fields: part.fields.flatMap((field) => planField(field, table, planning, depth)),
          };
        default:
          return part satisfies never;
      }
    }),
  };
}

export function planConnection(
  request: ConnectionRequest,
  table: WorldTable,
  planning: Planning,
  depth: number,
): ConnectionNode {
  const { backward, binding, known, limit } = request;
  const filter = (where: FilterRequest | undefined) =>
    where === undefined ? always : planFilter(where, table, planning.world);
  const where = filter(request.where);
  return {
    table,
    where,
    page: all([where, filter(request.within)]),
    order: planOrder(request.order, table, planning),
    limit,
    backward,
    binding,
    known,
    parts: request.parts.map((part) =>
      part.kind === 'edges' ? { ...part, items: planEdge(part.items, table, planning, depth) } : part,
    ),
  };
}

function planEdge(
  items: readonly RequestedItem[],
  table: WorldTable,
  planning: Planning,
  depth: number,
): EdgeItem<Field>[] {
  return items.map((item) =>
    item.kind === 'node'
      ? { ...item, fields: item.fields.flatMap((field) => planField(field, table, planning, depth)) }
      : item,
  );
}

export function planOrder(order: readonly OrderRequest[], table: WorldTable, { world }: Planning): Order[] {
  return order.map((term) => {
    const { through, hint, direction, nulls } = term;
    const edges: Edge[] = [];
    let at = table;
    for (const [step, name] of through.entries()) {
      const edge = findEdge(at, name, step === 0 ? hint : undefined, world);
      if (edge.kind !== 'one') {
        throw new Problem('PGRST118', {
          message: `A related order on '${name}' is not possible`,
          details: `'${at.table.rest}' and '${name}' do not form a many-to-one or one-to-one relationship`,
        });
      }
      edges.push(edge);
      at = world.tables.get(edge.to.name)!;
    }
    const by =
      term.related === undefined ? planOrderBy(term, at) : planRelated(term, term.related, at, world);
    return { through: edges, by, direction, nulls };
  });
}

/** By an aggregate of the rows that a to-many relationship leads to. */
function planRelated(term: OrderRequest, name: string, table: WorldTable, world: World): OrderBy {
  const edge = table.edges.get(name);
  const far = edge && world.tables.get(edge.to.name);
  if (edge?.kind !== 'many' || far?.select?.aggregate !== true) throw relationshipNotFound(name, table);
  const by = planOrderBy({ ...term, aggregate: term.aggregate ?? 'count' }, far);
  return by.kind === 'aggregate' ? { ...by, kind: 'related', edge } : by;
}

function planOrderBy({ column, path, aggregate }: OrderRequest, table: WorldTable): OrderBy {
  if (aggregate !== undefined) {
    const term = column === undefined ? {} : { column, ...(path === undefined ? null : { path }) };
    return { kind: 'aggregate', aggregate: planAggregateTerm({ function: aggregate, ...term }, table) };
  }
  const term = planTerm({ column: column ?? '', path }, table);
  requireOrder(term.column.name, typeOfTerm(term));
  return { kind: 'term', term };
}

/** `json` is kept as text, and has no order. */
function requireOrder(name: string, type: Column['type']): void {
  if (!type.verbatim) return;
  throw new Problem('42883', {
    message: `column ${name} of type json has no order`,
    hint: 'Order by a value in it: meta->>key.',
  });
}
