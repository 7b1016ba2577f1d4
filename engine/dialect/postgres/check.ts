/** Whether written rows pass their check: in the writing statement, or after it where a check looks at other rows. */
import type { Column } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import type { AuthorizedDelete, AuthorizedInsert, AuthorizedUpdate } from '../../query/query.ts';
import type { CompiledStatement } from '../program.ts';
import { type Sql, sql } from '../sql.ts';
import { Aliases, compileCondition, relationOf, type Scope } from './condition.ts';
import { finish, typeName } from './notation.ts';

export type Write = AuthorizedInsert | AuthorizedUpdate | AuthorizedDelete;

/** The CTE of the rows as written, and what its statement adds to their own columns. */
export const written: Sql = sql.identifier('written');
export const inserted: Sql = sql.identifier('novastack_inserted');
export const place: Sql = sql.identifier('novastack_place');

const noGuards: Scope['guards'] = new Map();

export function aliasOf(aliases: Aliases): Scope {
  return { alias: aliases.next(), guards: noGuards, aliases };
}

export function isMerge(query: Write): boolean {
  return query.kind === 'insert' && query.conflict?.action === 'merge';
}

/**
 * A merged row's `xmax` tells whether it was there before. Views and partitioned tables have none to give, so on them a
 * row must pass both checks: stricter than the grant, never wider.
 */
export function tellsInserted(query: Write): boolean {
  return isMerge(query) && query.table.relation.kind === 'table';
}

/** Whether every new row passes: unknown is not true. */
export function checks(query: Write, aliases: Aliases): Sql {
  if (!isChecked(query)) return sql`true`;
  const scope = aliasOf(aliases);
  return sql`(SELECT coalesce(bool_and(${checkOf(query, scope, scope.alias)}), true) FROM ${written} AS ${scope.alias})`;
}

type Checked = AuthorizedInsert | AuthorizedUpdate;

function isChecked(query: Write): query is Checked {
  return (
    query.kind !== 'delete' &&
    [query.check, mergeCheck(query)].some((check) => check !== undefined && check.kind !== 'true')
  );
}

function mergeCheck(query: Write): Condition | undefined {
  return query.kind === 'insert' && query.conflict?.action === 'merge' ? query.conflict.check : undefined;
}

/** @param flags the alias that has the column which tells new rows from merged ones */
function checkOf(query: Checked, scope: Scope, flags: Sql): Sql {
  const own = sql`(${compileCondition(query.check, scope)}) IS TRUE`;
  const merge = mergeCheck(query);
  if (merge === undefined) return own;
  const merged = sql`(${compileCondition(merge, scope)}) IS TRUE`;
  if (!tellsInserted(query)) return sql`${own} AND ${merged}`;
  return sql`CASE WHEN ${flags}.${inserted} THEN ${own} ELSE ${merged} END`;
}

/** What finds a written row again: its primary key, else its place in the table. */
export type Identity =
  | { readonly kind: 'key'; readonly columns: readonly Column[] }
  | { readonly kind: 'ctid' };

/**
 * Set when a check looks at other rows, which the writing statement would see as they were before it. A view without a
 * key gives no way to find its rows again: there the check sees the rows before the write.
 */
export function verifiable(query: Write): Identity | undefined {
  if (
    !isChecked(query) ||
    ![query.check, mergeCheck(query)].some((check) => check !== undefined && looksAround(check))
  )
    return undefined;
  const { relation, byDatabaseName, key } = query.table;
  const columns = relation.primaryKey?.columns.map((name) => byDatabaseName.get(name)!) ?? key;
  if (columns.length > 0) return { kind: 'key', columns };
  return relation.kind === 'table' ? { kind: 'ctid' } : undefined;
}

function looksAround(condition: Condition): boolean {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compare':
    case 'compareColumns':
      return false;
    case 'and':
    case 'or':
      return condition.of.some(looksAround);
    case 'not':
    case 'guarded':
    case 'fenced':
      return looksAround(condition.of);
    case 'related':
    case 'aggregate':
    case 'exists':
      return true;
    default:
      return condition satisfies never;
  }
}

function identityColumns(identity: Identity): { readonly value: (alias: Sql) => Sql; readonly type: Sql }[] {
  if (identity.kind === 'ctid') return [{ value: (alias) => sql`${alias}.ctid`, type: sql`tid` }];
  return identity.columns.map((column) => ({
    value: (alias) => sql`${alias}.${sql.identifier(column.column)}`,
    type: typeName(column.type.base ?? column.type),
  }));
}

/** The written rows' identities, as JSON that `verify` reads back. */
export function identities(query: Write, identity: Identity): Sql {
  const parts = identityColumns(identity).map(({ value }, index) => {
    const text = identity.kind === 'ctid' ? sql`${written}.${place}` : value(written);
    return sql`${sql.literal(`k${index}`)}, ${text}::text`;
  });
  const flag = tellsInserted(query) ? sql`, 'novastack_inserted', ${inserted}` : sql.empty;
  return sql`(SELECT coalesce(json_agg(json_build_object(${sql.join(parts, sql`, `)}${flag})), '[]')::text FROM ${written})`;
}

export function verify(query: Write, identity: Identity): CompiledStatement {
  const aliases = new Aliases();
  const scope = aliasOf(aliases);
  const found = aliases.next();
  const columns = identityColumns(identity);
  const flag = tellsInserted(query) ? sql`, ${inserted} boolean` : sql.empty;
  const list = sql.join(
    columns.map(({ type }, index) => sql`${sql.identifier(`k${index}`)} ${type}`),
    sql`, `,
  );
  const on = sql.join(
    columns.map(({ value }, index) => sql`${value(scope.alias)} = ${found}.${sql.identifier(`k${index}`)}`),
    sql` AND `,
  );
  const from = sql`json_to_recordset(${sql.parameter({ kind: 'written' })}::json) AS ${found}(${list}${flag})`;
  const check = checkOf(query as Checked, scope, found);
  // A left join: a row that is not found again, such as one that a trigger moved, is one that does not pass.
  return finish(
    sql`SELECT coalesce(bool_and(${columns[0]!.value(scope.alias)} IS NOT NULL AND ${check}), true) FROM ${from} LEFT JOIN ${relationOf(query.table)} AS ${scope.alias} ON ${on}`,
  );
}
