/** ApiRequest → Query: every name resolved in the caller's world, so that what it may not see does not exist here. */
import type { Api, Column, Edge, World, WorldTable } from '../api/api.ts';
import { all, always, type Condition } from '../api/condition.ts';
import { whyNotWritable } from '../api/writable.ts';
import type { Principal } from '../auth/principal.ts';
import { Problem } from '../problem/problem.ts';
import { findColumn, planFilter } from './filter.ts';
import type { AggregateNode, Field, Node, Order, Query, Returning, Summary } from './query.ts';
import {
  columnDenied,
  columnNotWritable,
  denied,
  relationshipNotFound,
  tableNotFound,
  verbDenied,
} from './refusal.ts';
import { findEdge } from './relationship.ts';
import type {
  AggregateRequest,
  ApiRequest,
  DeleteRequest,
  EmbedRequest,
  FieldRequest,
  FilterRequest,
  InsertRequest,
  NodeRequest,
  OrderRequest,
  ReturningRequest,
  Slot,
  SummaryRequest,
  UpdateRequest,
} from './request.ts';

interface Planning {
  readonly api: Api;
  readonly world: World;
  readonly principal: Principal;
}

/**
 * Plans a request. Pure: no I/O, no clock.
 *
 * @throws {Problem} PGRST205 no such table for this caller, 42501 verb or column not granted, 42703 and PGRST204 no such
 *   column, PGRST200/PGRST201 relationships, 21000 a write without a filter, 42P10 no such unique key
 */
export function plan(request: ApiRequest, api: Api, principal: Principal): Query {
  const planning: Planning = { api, world: api.world(principal.role), principal };
  const table = planning.world.tables.get(request.table);
  if (table === undefined) throw tableNotFound(request.table, planning.world);
  switch (request.kind) {
    case 'read': {
      requireSelect(table, planning);
      const node = planNode(request.node, table, planning, 0);
      const where = all([planKey(request.key, table, planning), node.where]);
      return { kind: 'read', node: { ...node, where }, shape: request.shape, count: request.count };
    }
    case 'readAggregate':
      requireSelect(table, planning);
      if (!table.select?.aggregate)
        throw denied(principal, `permission denied for aggregates of table ${table.table.rest}`);
      return { kind: 'readAggregate', node: planAggregateNode(request.node, table, planning, 0) };
    case 'insert':
      return planInsert(request, table, planning);
    case 'update':
      return planUpdate(request, table, planning);
    case 'delete':
      return planDelete(request, table, planning);
    default:
      return request satisfies never;
  }
}

function requireSelect(table: WorldTable, { principal }: Planning): void {
  if (table.select === undefined) throw verbDenied(principal, 'select', table);
}

function planNode(request: NodeRequest, table: WorldTable, planning: Planning, depth: number): Node {
  if (depth > planning.api.limits.depth) {
    throw new Problem('NS400', {
      message: `The request embeds relationships more than ${planning.api.limits.depth} levels deep.`,
      hint: 'Ask for fewer levels, or raise limits.depth in the project.',
    });
  }
  return {
    table,
    fields: request.fields.flatMap((field) => planField(field, table, planning, depth)),
    where: planWhere(request, table, planning),
    ...planPage(request, table, planning),
  };
}

function planPage(
  request: Omit<NodeRequest, 'fields'>,
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

function planField(field: FieldRequest, table: WorldTable, planning: Planning, depth: number): Field[] {
  switch (field.kind) {
    case 'all':
      return [...table.columns.values()].map((column) => ({
        kind: 'column',
        as: column.name,
        column,
        text: false,
      }));
    case 'column':
      return [
        {
          kind: 'column',
          as: field.as,
          column: findColumn(field.column, table),
          text: field.number === 'string',
        },
      ];
    case 'constant':
      return [field];
    case 'embed': {
      const edge = findEdge(table, field.relationship, field.hint, planning.world);
      const node = planNode(field.node, planning.world.tables.get(edge.to.name)!, planning, depth + 1);
      // REST's `reviews()`: there to be filtered by, not to be seen.
      return node.fields.length === 0 ? [] : [{ kind: 'embed', as: field.as, edge, node }];
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
    default:
      return field satisfies never;
  }
}

function planAggregateNode(
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

function planSummary(item: SummaryRequest, table: WorldTable): Summary {
  if (item.kind === 'constant') return item;
  return {
    kind: 'count',
    as: item.as,
    columns: item.columns.map((name) => findColumn(name, table)),
    distinct: item.distinct,
  };
}

function planOrder(order: readonly OrderRequest[], table: WorldTable, { world }: Planning): Order[] {
  return order.map(({ through, hint, column, direction, nulls }) => {
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
    return { through: edges, column: findColumn(column, at), direction, nulls };
  });
}

/** One row by the columns of the key, each of which the caller must be able to read. */
function planKey(key: readonly Slot[] | undefined, table: WorldTable, { principal }: Planning): Condition {
  if (key === undefined) return always;
  const columns = table.table.key;
  if (columns.length === 0 || columns.some((column) => table.columns.get(column.name) !== column)) {
    throw denied(
      principal,
      `table ${table.table.rest} has no key that role "${principal.role}" may read`,
      'Filter by columns instead.',
    );
  }
  if (key.length !== columns.length) {
    throw new Problem('NS400', {
      message: `The key of '${table.table.rest}' has ${columns.length} ${columns.length === 1 ? 'part' : 'parts'}, and ${key.length} ${key.length === 1 ? 'was' : 'were'} given.`,
      hint: `Give ${columns.map((column) => column.name).join(',')} in this order, separated by commas.`,
    });
  }
  return all(
    columns.map((column, index) => ({
      kind: 'compare',
      column,
      operator: 'eq',
      value: { kind: 'slot', slot: key[index]!, type: column.type.base ?? column.type, list: false },
    })),
  );
}

function planReturning(
  returning: readonly ReturningRequest[],
  table: WorldTable,
  planning: Planning,
): Returning[] {
  if (returning.length > 0) requireSelect(table, planning);
  return returning.map((one) => ({
    fields: one.fields.flatMap((field) => planField(field, table, planning, 0)),
    order: planOrder(one.order ?? [], table, planning),
  }));
}

function planInsert(request: InsertRequest, table: WorldTable, planning: Planning): Query {
  const { principal } = planning;
  if (table.insert === undefined) throw verbDenied(principal, 'insert', table);
  const columns = bodyColumns(request.columns, 'insert', table, planning);
  const conflict = request.conflict && {
    action: request.conflict.action,
    target: conflictTarget(request.conflict.columns, table),
  };
  if (conflict?.action === 'merge') {
    if (table.update === undefined) throw verbDenied(principal, 'update', table);
    const target = new Set(conflict.target);
    for (const column of columns) {
      if (!target.has(column) && !table.update.columns.has(column))
        throw columnDenied(principal, 'update', column.name, table);
    }
  }
  return {
    kind: 'insert',
    table,
    columns,
    rows: request.rows,
    conflict,
    returning: planReturning(request.returning, table, planning),
    shape: request.shape,
    maxAffected: request.maxAffected,
  };
}

/** A column the role sees may still not be one that it writes; one it does not see is like one that is not there. */
function bodyColumns(
  names: readonly string[],
  verb: 'insert' | 'update',
  table: WorldTable,
  { principal }: Planning,
): Column[] {
  return [...new Set(names)].map((name) => {
    const column = table.known.get(name);
    if (column === undefined) throw columnNotWritable(name, table);
    if (table[verb]!.columns.has(column)) return column;
    const why = whyNotWritable(column);
    if (why !== undefined) {
      throw new Problem('428C9', {
        message: `column "${name}" can not be written`,
        details: `Column "${name}" is ${why}.`,
      });
    }
    throw columnDenied(principal, verb, name, table);
  });
}

/** The columns of a unique key, all of which the role sees: by name, else the primary key. */
function conflictTarget(names: readonly string[] | undefined, table: WorldTable): Column[] {
  const { relation, byDatabaseName } = table.table;
  const noKey = new Problem('42P10', {
    message: 'there is no unique or exclusion constraint matching the ON CONFLICT specification',
    hint: names === undefined ? 'Name the columns of a unique key in on_conflict.' : null,
  });
  const columns =
    names === undefined
      ? (relation.primaryKey?.columns ?? []).map((name) => byDatabaseName.get(name)!)
      : names.map((name) => {
          const column = table.known.get(name);
          if (column === undefined) throw columnNotWritable(name, table);
          return column;
        });
  if (columns.length === 0) throw noKey;
  // A key that the role does not see whole is no key for it.
  if (columns.some((column) => table.known.get(column.name) !== column)) throw noKey;
  const keys = [relation.primaryKey, ...relation.uniques].filter((key) => key !== null);
  const wanted = new Set(columns.map((column) => column.column));
  const fits = keys.some(
    (key) => key.columns.length === wanted.size && key.columns.every((name) => wanted.has(name)),
  );
  if (!fits) throw noKey;
  return columns;
}

function planUpdate(request: UpdateRequest, table: WorldTable, planning: Planning): Query {
  if (table.update === undefined) throw verbDenied(planning.principal, 'update', table);
  return {
    kind: 'update',
    table,
    columns: bodyColumns(request.columns, 'update', table, planning),
    row: request.row,
    where: planReach(request, table, planning),
    returning: planReturning(request.returning, table, planning),
    shape: request.shape,
    maxAffected: request.maxAffected,
  };
}

function planDelete(request: DeleteRequest, table: WorldTable, planning: Planning): Query {
  if (table.delete === undefined) throw verbDenied(planning.principal, 'delete', table);
  return {
    kind: 'delete',
    table,
    where: planReach(request, table, planning),
    returning: planReturning(request.returning, table, planning),
    shape: request.shape,
    maxAffected: request.maxAffected,
  };
}

/** Which rows a write reaches: filters read, so they need `select`; none at all must have been meant. */
function planReach(
  request: UpdateRequest | DeleteRequest,
  table: WorldTable,
  planning: Planning,
): Condition | undefined {
  if (request.key === undefined && isEmpty(request.where)) {
    if (request.unfiltered || planning.api.limits.unfilteredWrites) return undefined;
    throw new Problem('21000', {
      message: `${request.kind === 'update' ? 'UPDATE' : 'DELETE'} requires a WHERE clause`,
      hint: 'Add a filter; a project that wants this sets limits.unfiltered_writes.',
    });
  }
  requireSelect(table, planning);
  const where = request.where === undefined ? always : planFilter(request.where, table, planning.world);
  return all([planKey(request.key, table, planning), where]);
}

function isEmpty(filter: FilterRequest | undefined): boolean {
  return filter === undefined || (filter.kind === 'and' && filter.of.every(isEmpty));
}
