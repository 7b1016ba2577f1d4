/** What each role may do with each table: permissions with inheritance resolved, bound to columns and conditions. */
import type { Pieces } from '../../schema/pieces.ts';
import type { Path } from '../../schema/predicate.ts';
import type { Project, RoleConfig, SelectPermission, TablePermission } from '../../schema/project.ts';
import type { Callable, Cells, Column, DeleteGrant, InsertGrant, SelectGrant, UpdateGrant } from './api.ts';
import { all, always, any, type Condition, conditionKey, implies, type SetValue } from './condition.ts';
import type { Findings } from './diagnose.ts';
import { bindOperand, bindPredicate, type PredicateScope } from './predicates.ts';
import { columnNotFound, type DraftTable } from './tables.ts';
import { isWritable, whyNotWritable } from './writable.ts';

export interface TableGrant {
  readonly select: SelectGrant | undefined;
  readonly insert: InsertGrant | undefined;
  readonly update: UpdateGrant | undefined;
  readonly delete: DeleteGrant | undefined;
}

interface SelectEntry {
  readonly rows: Condition;
  /** Of these rows: the columns that are readable in all, and each that is readable in some. */
  readonly parts: readonly Cells[];
  readonly limit: number | undefined;
  readonly aggregate: boolean;
  readonly minGroup: number;
}

/** A role's own entry on a table, bound. A part that did not bind is absent: closed. */
interface OwnGrant {
  readonly select: SelectEntry | undefined;
  readonly insert: InsertGrant | undefined;
  readonly update: UpdateGrant | undefined;
  readonly delete: DeleteGrant | undefined;
}

type WriteVerb = 'insert' | 'update' | 'delete';

/** Role → table → grant; tables on which a role has nothing are absent. */
export type Grants = ReadonlyMap<string, ReadonlyMap<string, TableGrant>>;

export function* bindGrants(
  project: Project,
  tables: ReadonlyMap<string, DraftTable>,
  findings: Findings,
): Pieces<Grants> {
  const scope: PredicateScope = { tables, findings };
  const own = new Map<string, Map<string, OwnGrant>>();
  for (const table of tables.values()) {
    const bound = new Map<string, OwnGrant>();
    for (const [role, permission] of table.config.permissions)
      bound.set(role, bindOwn(table, role, permission, scope));
    own.set(table.name, bound);
    yield;
  }
  const grants = new Map<string, Map<string, TableGrant>>();
  for (const role of project.roles.values()) {
    const world = new Map<string, TableGrant>();
    for (const table of tables.values()) {
      const grant = role.everything
        ? everything(table)
        : effective(role, project.roles, own.get(table.name)!);
      if (grant.select || grant.insert || grant.update || grant.delete) world.set(table.name, grant);
      yield;
    }
    grants.set(role.name, world);
  }
  return grants;
}

/** Role → names of the functions that it may execute. */
export type Executes = ReadonlyMap<string, ReadonlySet<string>>;

/** A role executes what it, or any role that it inherits from, was granted. */
export function bindExecutes(project: Project, functions: ReadonlyMap<string, Callable>): Executes {
  const executes = new Map<string, Set<string>>();
  for (const role of project.roles.values()) {
    const lineage = ancestors(role.name, project.roles);
    const names = [...functions.keys()].filter(
      (name) =>
        role.everything ||
        lineage.some((one) => project.functions.get(name)?.permissions.get(one)?.execute === true),
    );
    executes.set(role.name, new Set(names));
  }
  return executes;
}

function everything(table: DraftTable): TableGrant {
  const columns = new Set(visibleColumns(table));
  const writable = new Set([...columns].filter(isWritable));
  const none: ReadonlyMap<Column, SetValue> = new Map();
  return {
    select: selectGrant([
      {
        rows: always,
        parts: [{ where: always, columns }],
        limit: undefined,
        aggregate: true,
        minGroup: 1,
      },
    ]),
    insert: table.relation.insertable ? { columns: writable, set: none, check: always } : undefined,
    update: table.relation.updatable
      ? { columns: writable, set: none, where: always, check: always }
      : undefined,
    delete: table.relation.deletable ? { where: always } : undefined,
  };
}

function effective(
  role: RoleConfig,
  roles: ReadonlyMap<string, RoleConfig>,
  own: ReadonlyMap<string, OwnGrant>,
): TableGrant {
  const lineage = ancestors(role.name, roles);
  const entries = lineage.map((name) => own.get(name)?.select).filter((entry) => entry !== undefined);
  const inherit = <Verb extends WriteVerb>(verb: Verb): OwnGrant[Verb] =>
    inheritedWrite(verb, role.name, roles, own);
  return {
    select: entries.length === 0 ? undefined : selectGrant(entries),
    insert: inherit('insert'),
    update: inherit('update'),
    delete: inherit('delete'),
  };
}

/** The role and all it inherits from, each once. */
function ancestors(
  role: string,
  roles: ReadonlyMap<string, RoleConfig>,
  seen: Set<string> = new Set(),
): string[] {
  if (seen.has(role)) return [];
  seen.add(role);
  return [role, ...(roles.get(role)?.inherits ?? []).flatMap((parent) => ancestors(parent, roles, seen))];
}

/** The role's own entry, else the one that its parents agree on; when two differ, none (the language reports it). */
function inheritedWrite<Verb extends WriteVerb>(
  verb: Verb,
  role: string,
  roles: ReadonlyMap<string, RoleConfig>,
  own: ReadonlyMap<string, OwnGrant>,
): OwnGrant[Verb] {
  const candidates = new Set<NonNullable<OwnGrant[Verb]>>();
  collectWrites(verb, role, roles, own, candidates, new Set());
  const [first, ...others] = candidates;
  return first !== undefined && others.every((other) => writeKey(other) === writeKey(first))
    ? first
    : undefined;
}

/** A text that two write entries share exactly when they grant the same. */
function writeKey(grant: InsertGrant | UpdateGrant | DeleteGrant): string {
  return JSON.stringify([
    'columns' in grant ? [...grant.columns].map((column) => column.column).sort() : null,
    'set' in grant ? [...grant.set].map(([column, value]) => [column.column, value]).sort() : null,
    'where' in grant ? conditionKey(grant.where) : null,
    'check' in grant ? conditionKey(grant.check) : null,
  ]);
}

function collectWrites<Verb extends WriteVerb>(
  verb: Verb,
  role: string,
  roles: ReadonlyMap<string, RoleConfig>,
  own: ReadonlyMap<string, OwnGrant>,
  candidates: Set<NonNullable<OwnGrant[Verb]>>,
  seen: Set<string>,
): void {
  if (seen.has(role)) return;
  seen.add(role);
  const entry = own.get(role)?.[verb];
  if (entry) {
    candidates.add(entry);
    return;
  }
  for (const parent of roles.get(role)?.inherits ?? [])
    collectWrites(verb, parent, roles, own, candidates, seen);
}

/** Union of cells: a row by any entry, a column of it by an entry that admits this row and lists the column. */
function selectGrant(entries: readonly SelectEntry[]): SelectGrant {
  const parts = entries.flatMap((entry) => entry.parts);
  const rows = any(entries.map((entry) => entry.rows));
  const limits = entries.map((entry) => entry.limit);
  const aggregating = entries.filter((entry) => entry.aggregate);
  return {
    parts,
    rows,
    guards: guardsOf(parts, rows),
    limit: limits.includes(undefined) ? undefined : Math.max(...limits.map((limit) => limit!)),
    aggregate: aggregating.length > 0,
    minGroup: aggregating.length > 0 ? Math.min(...aggregating.map((entry) => entry.minGroup)) : 1,
  };
}

/** Columns whose cells do not provably cover the visible rows, with the condition under which they are readable. */
function guardsOf(parts: readonly Cells[], rows: Condition): ReadonlyMap<Column, Condition> {
  const guards = new Map<Column, Condition>();
  for (const column of new Set(parts.flatMap((part) => [...part.columns]))) {
    const cells = any(parts.filter((part) => part.columns.has(column)).map((part) => part.where));
    if (!implies(rows, cells)) guards.set(column, beyond(rows, cells));
  }
  return guards;
}

/** What must still be asked of a row that is visible: a part of `and` that all such rows fulfil need not be. */
function beyond(rows: Condition, cells: Condition): Condition {
  if (cells.kind === 'or') return any(cells.of.map((part) => beyond(rows, part)));
  return cells.kind === 'and' ? all(cells.of.filter((part) => !implies(rows, part))) : cells;
}

function bindOwn(
  table: DraftTable,
  role: string,
  permission: TablePermission,
  scope: PredicateScope,
): OwnGrant {
  const path = ['tables', table.name, 'permissions', role];
  return {
    select: permission.select && bindSelect(table, permission.select, [...path, 'select'], scope),
    insert: permission.insert && bindInsert(table, permission.insert, [...path, 'insert'], scope),
    update: permission.update && bindUpdate(table, permission.update, [...path, 'update'], scope),
    delete: permission.delete && bindDelete(table, permission.delete, [...path, 'delete'], scope),
  };
}

function bindSelect(
  table: DraftTable,
  permission: SelectPermission,
  path: Path,
  scope: PredicateScope,
): SelectEntry | undefined {
  const at: Path = [...path, 'columns'];
  const { limit, aggregate, minGroup } = permission;
  const whole = permission.keyed
    ? bindNamed(table, permission.columns, at, scope.findings)
    : bindColumnList(table, permission.columns, at, scope.findings);
  const rows = bindOptional(permission.where, table, scope, always);
  const some = bindCells(table, permission.when, rows, at, scope);
  if (rows === undefined || some === undefined) return undefined;
  const columns = new Set(whole.filter((column) => !permission.when.has(column.column)));
  return { rows, parts: [{ where: rows, columns }, ...some], limit, aggregate, minGroup };
}

/** Columns that are keys of a map. */
function bindNamed(
  table: DraftTable,
  names: '*' | readonly string[],
  path: Path,
  findings: Findings,
): Column[] {
  if (names === '*') return visibleColumns(table);
  return names.flatMap((name) => bindKey(table, name, path, findings) ?? []);
}

/** `hidden` wins, and the language says so of whoever grants it. */
function bindKey(table: DraftTable, name: string, path: Path, findings: Findings): Column | undefined {
  const column = table.byDatabaseName.get(name);
  if (column === undefined) columnNotFound(table.relation, name, [...path, name], findings, 'key');
  return column?.hidden ? undefined : column;
}

/** Undefined when a condition does not bind: then nothing is known of what may be read. */
function bindCells(
  table: DraftTable,
  when: SelectPermission['when'],
  rows: Condition | undefined,
  path: Path,
  scope: PredicateScope,
): readonly Cells[] | undefined {
  const cells: Cells[] = [];
  let whole = true;
  for (const [name, predicate] of when) {
    const column = bindKey(table, name, path, scope.findings);
    const condition = bindPredicate(predicate, table, scope);
    if (condition === undefined) whole = false;
    else if (rows !== undefined && column !== undefined)
      cells.push({ where: all([rows, condition]), columns: new Set([column]) });
  }
  return whole ? cells : undefined;
}

function bindInsert(
  table: DraftTable,
  permission: NonNullable<TablePermission['insert']>,
  path: Path,
  scope: PredicateScope,
): InsertGrant | undefined {
  if (!isWritableRelation(table, 'insert', path, scope.findings)) return undefined;
  const set = bindSet(table, permission.set, path, scope);
  const columns = writableColumns(table, permission.columns, set, path, scope.findings);
  const check = bindOptional(permission.check, table, scope, always);
  return set && check && { columns, set, check };
}

function bindUpdate(
  table: DraftTable,
  permission: NonNullable<TablePermission['update']>,
  path: Path,
  scope: PredicateScope,
): UpdateGrant | undefined {
  if (!isWritableRelation(table, 'update', path, scope.findings)) return undefined;
  const set = bindSet(table, permission.set, path, scope);
  const columns = writableColumns(table, permission.columns, set, path, scope.findings);
  const where = bindOptional(permission.where, table, scope, always);
  // Bound whatever became of `where`, so that all that is wrong is reported at once.
  const check = bindOptional(permission.check, table, scope, where ?? always);
  return set && where && check && { columns, set, where, check };
}

function bindDelete(
  table: DraftTable,
  permission: NonNullable<TablePermission['delete']>,
  path: Path,
  scope: PredicateScope,
): DeleteGrant | undefined {
  if (!isWritableRelation(table, 'delete', path, scope.findings)) return undefined;
  const where = bindOptional(permission.where, table, scope, always);
  return where && { where };
}

function bindOptional(
  predicate: Parameters<typeof bindPredicate>[0] | undefined,
  table: DraftTable,
  scope: PredicateScope,
  otherwise: Condition,
): Condition | undefined {
  return predicate === undefined ? otherwise : bindPredicate(predicate, table, scope);
}

function bindSet(
  table: DraftTable,
  set: NonNullable<TablePermission['insert']>['set'],
  path: Path,
  scope: PredicateScope,
): ReadonlyMap<Column, SetValue> | undefined {
  const bound = new Map<Column, SetValue>();
  let whole = true;
  for (const [name, operand] of set) {
    const at = [...path, 'set', name];
    const column = table.byDatabaseName.get(name);
    if (column === undefined) columnNotFound(table.relation, name, at, scope.findings, 'key');
    else if (!isWritable(column)) notWritable(column, at, scope.findings);
    const value = column && bindOperand(operand, { type: column.type, list: false }, at, scope.findings);
    if (column === undefined || value === undefined) whole = false;
    else bound.set(column, value);
  }
  return whole ? bound : undefined;
}

function writableColumns(
  table: DraftTable,
  columns: '*' | readonly string[],
  set: ReadonlyMap<Column, SetValue> | undefined,
  path: Path,
  findings: Findings,
): ReadonlySet<Column> {
  const listed = bindColumnList(table, columns, [...path, 'columns'], findings);
  if (columns !== '*') {
    for (const column of listed) {
      if (!isWritable(column))
        notWritable(column, [...path, 'columns', columns.indexOf(column.column)], findings);
    }
  }
  return new Set(listed.filter((column) => isWritable(column) && !set?.has(column)));
}

function notWritable(column: Column, path: Path, findings: Findings): void {
  findings.add({
    code: 'BIND_COLUMN_NOT_WRITABLE',
    message: `Column "${column.column}" is ${whyNotWritable(column)} and cannot be written.`,
    hint: 'remove it from the list',
    path,
  });
}

function bindColumnList(
  table: DraftTable,
  columns: '*' | readonly string[],
  path: Path,
  findings: Findings,
): Column[] {
  if (columns === '*') return visibleColumns(table);
  const bound: Column[] = [];
  for (const [index, name] of columns.entries()) {
    const column = table.byDatabaseName.get(name);
    if (column === undefined) columnNotFound(table.relation, name, [...path, index], findings);
    // `hidden` wins, and the language says so of whoever grants it.
    else if (!column.hidden) bound.push(column);
  }
  return bound;
}

function isWritableRelation(
  table: DraftTable,
  verb: 'insert' | 'update' | 'delete',
  path: Path,
  findings: Findings,
): boolean {
  const able = {
    insert: table.relation.insertable,
    update: table.relation.updatable,
    delete: table.relation.deletable,
  }[verb];
  if (able) return true;
  findings.add({
    code: 'BIND_NOT_WRITABLE',
    message: `Relation "${table.relation.schema}.${table.relation.name}" is a ${table.relation.kind.replace('-', ' ')} that the database cannot ${verb}.`,
    hint: `remove "${verb}" here, or ${table.relation.kind === 'view' ? 'grant it on the table beneath' : 'give the table a storage that can undo what is written'}`,
    path,
    part: 'key',
  });
  return false;
}

function visibleColumns(table: DraftTable): Column[] {
  return [...table.columns.values()].filter((column) => !column.hidden);
}
