/** Writes → Query: the columns of a body, what they conflict with, which rows they reach and what they answer. */
import type { Column, Edge, WorldTable } from '../api/api.ts';
import { all, always, type Condition } from '../api/condition.ts';
import { updatesWith } from '../api/update-operators.ts';
import { mayFill, whyNotWritable } from '../api/writable.ts';
import { uniquesOf } from '../catalog/unique-keys.ts';
import { typeTitle } from '../catalog/value.ts';
import { Problem } from '../problem/problem.ts';
import { planFilter } from './filter.ts';
import { formOf } from './form.ts';
import { isAggregated } from './group.ts';
import { planKey, requireSelect } from './key.ts';
import { type Planning, planField, planOrder } from './node.ts';
import type { Query, Returning } from './query.ts';
import {
  columnDenied,
  columnNotFound,
  columnNotWritable,
  denied,
  relationshipNotFound,
  verbDenied,
} from './refusal.ts';
import type {
  ConflictRequest,
  DeleteRequest,
  FilterRequest,
  InsertRequest,
  LinkRequest,
  ReturningRequest,
  UpdateOperator,
  UpdateRequest,
} from './request.ts';
import { findColumn } from './term.ts';

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

export function planInsert(request: InsertRequest, table: WorldTable, planning: Planning): Query {
  const { principal } = planning;
  if (table.insert === undefined) throw verbDenied(principal, 'insert', table);
  const columns = bodyColumns(request.columns, 'insert', table, planning);
  const links = (request.links ?? []).map((link) => planLink(link, table, planning));
  requireFree(links.flat(), columns, table, planning);
  return {
    kind: 'insert',
    table,
    columns,
    rows: request.rows,
    sets: request.sets && {
      columns: request.sets.columns.map((names) => bodyColumns(names, 'insert', table, planning)),
      of: request.sets.of,
    },
    conflict: request.conflict && planConflict(request.conflict, columns, table, planning),
    links,
    yields: (request.yields ?? []).map((one) =>
      one === 'key' ? table.table.key : endOf(one, table, planning),
    ),
    carries: (request.yields ?? []).some((one) => one !== 'key'),
    ...planAnswer(request, table, planning),
  };
}

type Conflict = NonNullable<Extract<Query, { kind: 'insert' }>['conflict']>;

function planConflict(
  request: ConflictRequest,
  given: readonly Column[],
  table: WorldTable,
  planning: Planning,
): Conflict {
  const { principal } = planning;
  const target = conflictTarget(request.columns, table);
  if (request.action === 'ignore') return { action: 'ignore', target };
  if (table.update === undefined) throw verbDenied(principal, 'update', table);
  const update = request.update && bodyColumns(request.update, 'update', table, planning);
  for (const column of update ?? given) {
    if ((update !== undefined || !target.includes(column)) && !table.update.columns.has(column))
      throw columnDenied(principal, 'update', column.name, table);
  }
  if (request.where !== undefined) requireSelect(table, planning);
  const where = request.where && planFilter(request.where, table, planning.world);
  return { action: 'merge', target, update, where };
}

/** The columns at this table's end of a relationship; the caller must be able to follow it. */
function endOf(link: LinkRequest, table: WorldTable, planning: Planning): readonly Column[] {
  return edgeOf(link, table, planning).pairs.map((pair) => pair[link.side]);
}

function edgeOf(link: LinkRequest, table: WorldTable, { world }: Planning): Edge {
  const from = world.tables.get(link.table);
  const edge = from?.edges.get(link.relationship);
  const end = link.side === 'near' ? edge?.from : edge?.to;
  if (
    from === undefined ||
    edge === undefined ||
    end !== table.table ||
    edge.pairs.length === 0 ||
    edge.through
  )
    throw relationshipNotFound(link.relationship, from ?? table);
  return edge;
}

/** Columns that a row written before determines, rather than the caller: they need no grant. */
function planLink(link: LinkRequest, table: WorldTable, planning: Planning): readonly Column[] {
  const edge = edgeOf(link, table, planning);
  const [other, source] = link.side === 'near' ? (['far', edge.to] as const) : (['near', edge.from] as const);
  const pairs = edge.pairs.map((pair) => ({ from: pair[other], to: pair[link.side] }));
  for (const { to } of pairs) {
    const why = whyNotWritable(to);
    if (why !== undefined) throw notWritable(to.name, why);
  }
  if (!mayFill(pairs, planning.world.tables.get(source.name)!, table)) throw nestedDenied(table, planning);
  return pairs.map(({ to }) => to);
}

/** A column has one source: the caller, a preset, or one relationship. */
function requireFree(
  linked: readonly Column[],
  given: readonly Column[],
  table: WorldTable,
  planning: Planning,
): void {
  const twice = linked.find((column, index) => given.includes(column) || linked.indexOf(column) !== index);
  if (twice !== undefined)
    throw new Problem('21000', {
      message: `cannot insert column "${twice.name}" of "${table.table.rest}": the row that it is nested in determines it`,
      hint: 'Leave the column out of the nested object, or leave the nesting.',
    });
  if (linked.some((column) => table.insert?.set.has(column))) throw nestedDenied(table, planning);
}

function nestedDenied({ table }: WorldTable, { principal }: Planning): Problem {
  return denied(principal, `permission denied for a nested row of table ${table.rest}`);
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
    if (why !== undefined) throw notWritable(name, why);
    throw columnDenied(principal, verb, name, table);
  });
}

function notWritable(name: string, why: string): Problem {
  return new Problem('428C9', {
    message: `column "${name}" can not be written`,
    details: `Column "${name}" is ${why}.`,
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
  const wanted = new Set(columns.map((column) => column.column));
  const fits = uniquesOf(relation).some(
    (key) => key.columns.length === wanted.size && key.columns.every((name) => wanted.has(name)),
  );
  if (!fits) throw noKey;
  return columns;
}

export function planUpdate(request: UpdateRequest, table: WorldTable, planning: Planning): Query {
  if (table.update === undefined) throw verbDenied(planning.principal, 'update', table);
  const columns = bodyColumns(request.columns, 'update', table, planning);
  const operators = new Map(
    (request.operators ?? []).map(({ column: name, operator }) => {
      const column = findColumn(name, table);
      requireOperator(operator, column);
      return [column, operator] as const;
    }),
  );
  // What is changed is read first.
  if (operators.size > 0) requireSelect(table, planning);
  const where = planReach(request, table, planning);
  return {
    kind: 'update',
    table,
    columns,
    row: request.row,
    operators,
    where: operators.size > 0 ? (where ?? always) : where,
    ...planAnswer(request, table, planning),
  };
}

/** @throws {Problem} 42883 the operator does not apply to the column's type */
function requireOperator(operator: UpdateOperator, { name, type }: Column): void {
  if (updatesWith(operator, type)) return;
  throw new Problem('42883', {
    message: `operator does not apply to column ${name} of type ${typeTitle(type)}`,
    hint: 'Set the column to a value instead.',
  });
}

export function planDelete(request: DeleteRequest, table: WorldTable, planning: Planning): Query {
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
