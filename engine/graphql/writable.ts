/** What of a table a role may write by GraphQL, beyond its columns: unique keys, operators, nested rows. Pure. */
import type { Column, Edge, World, WorldTable } from '../api/api.ts';
import { graphqlName } from '../api/naming.ts';
import { updatesWith } from '../api/update-operators.ts';
import { isWritable, mayFill } from '../api/writable.ts';
import { type UpdateOperator, updateOperators } from '../query/request.ts';

/** A unique key by which an insert may meet a row that is there already. */
export interface UniqueKey {
  readonly graphql: string;
  /** API names. */
  readonly columns: readonly string[];
}

/** Keys all of whose columns the role knows; one whose GraphQL name an earlier one has is left out. */
export function uniqueKeysOf({ table, known }: WorldTable): readonly UniqueKey[] {
  const { primaryKey, uniques } = table.relation;
  const keys = new Map<string, UniqueKey>();
  for (const key of [primaryKey, ...uniques]) {
    if (key === null) continue;
    const columns = key.columns.map((name) => table.byDatabaseName.get(name));
    const graphql = graphqlName(key.name);
    if (keys.has(graphql) || reserved.has(graphql)) continue;
    if (columns.every((column) => column !== undefined && known.get(column.name) === column))
      keys.set(graphql, { graphql, columns: columns.map((column) => column!.name) });
  }
  return [...keys.values()];
}

/** No enum's value has such a name. */
const reserved: ReadonlySet<string> = new Set(['true', 'false', 'null']);

/** Which columns each operator changes: they are read, so the role must read them in every row that it sees. */
export function operatorColumns(
  updatable: readonly Column[],
  { columns, select }: WorldTable,
): ReadonlyMap<UpdateOperator, readonly Column[]> {
  const whole = updatable.filter(
    (column) => columns.get(column.name) === column && select?.guards.has(column) === false,
  );
  return new Map(
    updateOperators
      .map((operator) => [operator, whole.filter((column) => updatesWith(operator, column.type))] as const)
      .filter(([, some]) => some.length > 0),
  );
}

/**
 * When a row nested by this relationship is written: `before` the row that it is nested in, which then takes its key, or
 * `after` it. Undefined: not at all, because it is not known which of the two has the key, or the engine may not fill the other.
 */
export function nestingOf(edge: Edge, near: WorldTable, world: World): 'before' | 'after' | undefined {
  const far = world.tables.get(edge.to.name);
  if (edge.through !== undefined || edge.pairs.length === 0 || far?.insert === undefined) return undefined;
  if (near.insert === undefined) return undefined;
  const order = orderOf(edge);
  const pairs = edge.pairs.map(({ near: one, far: other }) =>
    order === 'before' ? { from: other, to: one } : { from: one, to: other },
  );
  const [source, target] = order === 'before' ? [far, near] : [near, far];
  const { set } = target.insert!;
  const fills = pairs.every(({ to }) => isWritable(to) && !set.has(to)) && mayFill(pairs, source, target);
  return fills ? order : undefined;
}

function orderOf({ kind, constraint, from, to, pairs }: Edge): 'before' | 'after' {
  if (kind === 'many') return 'after';
  const holds = (keys: Edge['from']['relation']['foreignKeys'], columns: readonly string[]) =>
    keys.some((key) => key.name === constraint && key.columns.every((name) => columns.includes(name)));
  const near = pairs.map((pair) => pair.near.column);
  const far = pairs.map((pair) => pair.far.column);
  if (holds(from.relation.foreignKeys, near)) return 'before';
  if (holds(to.relation.foreignKeys, far)) return 'after';
  // Without a foreign key, the row whose key is meant comes first.
  const key = from.relation.primaryKey?.columns ?? from.key.map((column) => column.column);
  return near.length === key.length && near.every((name) => key.includes(name)) ? 'after' : 'before';
}
