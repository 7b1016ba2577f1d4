/** ApiRequest → Query: every name resolved in the caller's world, so that what it may not see does not exist here. */
import type { Api, Column, WorldTable } from '../api/api.ts';
import { all, always, type Condition } from '../api/condition.ts';
import { whyNotWritable } from '../api/writable.ts';
import type { Principal } from '../auth/principal.ts';
import { Problem } from '../problem/problem.ts';
import { planCall } from './call.ts';
import { planFilter } from './filter.ts';
import { endsInKey, formOf } from './form.ts';
import { isAggregated } from './group.ts';
import { type Planning, planAggregateNode, planField, planNode, planOrder } from './node.ts';
import type { Query, Returning } from './query.ts';
import {
  columnDenied,
  columnNotFound,
  columnNotWritable,
  denied,
  tableNotFound,
  verbDenied,
} from './refusal.ts';
import type {
  ApiRequest,
  DeleteRequest,
  FilterRequest,
  InsertRequest,
  ReturningRequest,
  Slot,
  UpdateRequest,
} from './request.ts';

/**
 * Plans a request. Pure: no I/O, no clock.
 *
 * @throws {Problem} PGRST205 no such table for this caller, 42501 verb or column not granted, 42703 and PGRST204 no such
 *   column, PGRST200/PGRST201 relationships, 21000 a write without a filter, 42P10 no such unique key
 */
export function plan(request: ApiRequest, api: Api, principal: Principal): Query {
  const planning: Planning = { api, world: api.world(principal.role), principal };
  if (request.kind === 'call') return planCall(request, planning);
  const table = planning.world.tables.get(request.table);
  if (table === undefined) throw tableNotFound(request.table, planning.world);
  switch (request.kind) {
    case 'read': {
      requireSelect(table, planning);
      const node = planNode(request.node, table, planning, 0);
      const where = all([planKey(request.key, table, planning), node.where]);
      return {
        kind: 'read',
        node: { ...node, where },
        shape: request.shape,
        count: request.count,
        lastKey: request.lastKey === true && endsInKey(node),
        locks: request.locks === true && table.table.relation.updatable,
        form: formOf(request, node),
      };
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
  return returning.map((one) => {
    const fields = one.fields.flatMap((field) => planField(field, table, planning, 0));
    const order = planOrder(one.order ?? [], table, planning);
    if (fields.some(isAggregated) || order.some(({ by }) => by.kind === 'aggregate'))
      throw new Problem('42803', {
        message: 'What a write answers with cannot be aggregated.',
        hint: 'Select columns, or aggregate with a request of its own.',
      });
    return { fields, order };
  });
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
    sets: request.sets && {
      columns: request.sets.columns.map((names) => bodyColumns(names, 'insert', table, planning)),
      of: request.sets.of,
    },
    conflict,
    ...planAnswer(request, table, planning),
  };
}

function planAnswer(
  request: InsertRequest | UpdateRequest | DeleteRequest,
  table: WorldTable,
  planning: Planning,
) {
  const returning = planReturning(request.returning, table, planning);
  return {
    returning,
    shape: request.shape,
    maxAffected: request.maxAffected,
    form: formOf(request, returning[0]),
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
          if (column === undefined) throw columnNotFound(name, table);
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
    ...planAnswer(request, table, planning),
  };
}

function planDelete(request: DeleteRequest, table: WorldTable, planning: Planning): Query {
  if (table.delete === undefined) throw verbDenied(planning.principal, 'delete', table);
  return {
    kind: 'delete',
    table,
    where: planReach(request, table, planning),
    ...planAnswer(request, table, planning),
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
