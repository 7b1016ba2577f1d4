/** The rows that a filter reaches, found and locked before they are written, each judged as it is then. */
import type { Table } from '../../api/api.ts';
import type { Condition } from '../../api/condition.ts';
import { type Sql, sql } from '../sql.ts';
import { aliasOf } from './check.ts';
import { type Aliases, compileCondition, relationOf, type Scope } from './condition.ts';
import { type Identity, keyTexts } from './keys.ts';

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
  return sql`SELECT ${values} FROM ${relationOf(table)} AS ${scope.alias} WHERE ${compileCondition(where, scope)} ORDER BY ${order} FOR UPDATE`;
}

/**
 * Whether a condition reads the table that is written, by itself or by a view that may stand on it: no statement may do
 * both here.
 */
export function isOwnSource(condition: Condition, table: Table): boolean {
  const isOwn = ({ relation }: Table) =>
    relation.kind === 'view' || table.relation.kind === 'view' || relation === table.relation;
  return someTable(condition, isOwn);
}

function someTable(condition: Condition, is: (table: Table) => boolean): boolean {
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compare':
    case 'compareColumns':
      return false;
    case 'and':
    case 'or':
      return condition.of.some((part) => someTable(part, is));
    case 'not':
      return someTable(condition.of, is);
    case 'guarded':
      return someTable(condition.of, is) || condition.guards.values().some((guard) => someTable(guard, is));
    case 'fenced':
      return someTable(condition.policy, is) || someTable(condition.of, is);
    case 'exists':
      return is(condition.table) || someTable(condition.where, is);
    case 'related':
    case 'aggregate': {
      const { to, through } = condition.edge;
      if (is(to) || (through !== undefined && is(through.table))) return true;
      const guards = [condition.guards?.near, condition.guards?.junction, condition.guards?.far]
        .flatMap((some) => [...(some?.values() ?? [])])
        .concat(condition.junction ?? []);
      return someTable(condition.where, is) || guards.some((guard) => someTable(guard, is));
    }
    default:
      return condition satisfies never;
  }
}
