/** The rows that a filter reaches, found and locked before they are written, each judged as it is then. */
import type { Table } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import { type Sql, sql } from '../sql.ts';
import { aliasOf } from './check.ts';
import { type Aliases, compileCondition, relationOf, rowsOf, type Scope } from './condition.ts';
import { type Identity, keyTexts } from './keys.ts';
import { raisesByItself } from './raising.ts';

/** In the order of their keys. @param more what else is read of each row */
export function findKeys(
  table: Table,
  where: Condition,
  identity: Identity,
  aliases: Aliases,
  more: (scope: Scope) => readonly Sql[] = () => [],
): Sql {
  const scope = aliasOf(aliases);
  const order = sql.join(
    identity.map(({ column }) => sql`${scope.alias}.${sql.identifier(column)}`),
    sql`, `,
  );
  const values = sql.join([...keyTexts(identity, scope.alias), ...more(scope)], sql`, `);
  return sql`SELECT ${values} FROM ${relationOf(table)} AS ${scope.alias} WHERE ${reachOf(table, where, scope)} ORDER BY ${order} FOR UPDATE`;
}

/**
 * Of a view, the rows are found behind a fence where the caller's condition can raise (`rowsOf`). What the project calls a
 * key may be none, and then rows that the policy hides have the keys of rows that it shows: so it is asked of each itself.
 */
export function reachOf(table: Table, where: Condition, scope: Scope): Sql {
  if (!isFenced(where, table)) return compileCondition(where, scope);
  const found: Scope = { ...scope, alias: scope.aliases.next() };
  const keysOf = ({ alias }: Scope) =>
    sql.join(
      table.key.map((column) => sql`${alias}.${sql.identifier(column.column)}`),
      sql`, `,
    );
  const from = rowsOf(table, where, found.alias, scope.aliases);
  const reached = sql`(${keysOf(scope)}) IN (SELECT ${keysOf(found)} FROM ${from} WHERE ${compileCondition(where, found)})`;
  return where.kind === 'fenced' ? sql`${compileCondition(where.policy, scope)} AND ${reached}` : reached;
}

function isFenced(where: Condition, { relation }: Table): boolean {
  return relation.kind === 'view' && raisesByItself(where);
}

/**
 * Whether the rows that a condition reaches must be found before they are written: it reads the table itself, perhaps by a
 * view that stands on it, and no statement may do both here; or they are found behind a fence.
 */
export function needsKeys(condition: Condition, table: Table): boolean {
  return isFenced(condition, table) || isOwnSource(condition, table);
}

function isOwnSource(condition: Condition, table: Table): boolean {
  const isOwn = ({ relation }: Table) =>
    relation.kind === 'view' || table.relation.kind === 'view' || relation === table.relation;
  return somePart(condition, (part) => tablesOf(part).some(isOwn));
}

/**
 * Whether an UPDATE on MariaDB would fail for a row that the view hides: its own condition may come after this one, which
 * warns of a text that the column's character set has not, and in an UPDATE a warning is an error. In a SELECT it is none.
 */
export function warnsOfText(condition: Condition, { relation }: Table): boolean {
  return (
    relation.kind === 'view' &&
    somePart(
      condition,
      (part) => part.kind === 'compare' && part.column.source.collation?.startsWith('utf8mb4_') === false,
    )
  );
}

/** Whether the condition is a subquery somewhere: a list of values is one too. */
export function hasSubquery(condition: Condition): boolean {
  return somePart(
    condition,
    (part) => tablesOf(part).length > 0 || (part.kind === 'compare' && part.value?.list === true),
  );
}

function somePart(condition: Condition, is: (part: Condition) => boolean): boolean {
  return is(condition) || partsOf(condition).some((part) => somePart(part, is));
}

function partsOf(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compare':
    case 'compareColumns':
      return [];
    case 'and':
    case 'or':
      return condition.of;
    case 'not':
      return [condition.of];
    case 'guarded':
      return [condition.of, ...condition.guards.values()];
    case 'fenced':
      return [condition.policy, condition.of];
    case 'exists':
      return [condition.where];
    case 'related':
    case 'aggregate': {
      const { where, junction, guards } = condition;
      const cells = condition.kind === 'aggregate' ? condition.cells : undefined;
      const guarding = [guards?.near, guards?.junction, guards?.far, cells];
      return [
        where,
        ...(junction === undefined ? [] : [junction]),
        ...guarding.flatMap((some) => [...(some?.values() ?? [])]),
      ];
    }
    default:
      return condition satisfies never;
  }
}

/** Whose rows a part looks at. */
function tablesOf(part: Condition): readonly Table[] {
  if (part.kind === 'exists') return [part.table];
  if (part.kind !== 'related' && part.kind !== 'aggregate') return [];
  const { to, through } = part.edge;
  return through === undefined ? [to] : [to, through.table];
}
