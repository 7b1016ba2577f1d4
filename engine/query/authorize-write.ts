/** Grants of writes: which columns and rows, by which presets and checks, and what comes back. For `authorize` alone. */
import type { Column, WorldTable } from '../api/api.ts';
import { all, type Condition } from '../api/condition.ts';
import { authorizeFields, authorizeOrder } from './authorize-level.ts';
import { type Authorizing, authorizeCondition, guarded, requireReadable, selectGrant } from './grant.ts';
import type { AuthorizedInsert, AuthorizedReturning, Query, Returning } from './query.ts';
import { denied, verbDenied } from './refusal.ts';

export function authorizeInsert(
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
export function requireWhole(columns: readonly Column[], table: WorldTable, context: Authorizing): void {
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

export function requireColumns(
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

export function writeParts(
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
export function reach(
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
