/** An `on_conflict` value → what an insert does with a row that is there already. Pure. */
import type { ConflictRequest } from '../query/request.ts';
import { fieldsOf } from './fields.ts';
import { buildFilter, listOf } from './filter.ts';
import { invalid } from './refusal.ts';
import { filterContext } from './selection.ts';
import type { RootContext } from './slots.ts';
import { placeholder } from './write-inputs.ts';

/**
 * @param value of type `<table>_on_conflict`, validated but for nulls; undefined or null: none
 * @throws {Refusal} NS602 no unique key is named, or two
 */
export function buildConflict(
  value: unknown,
  path: string,
  context: RootContext,
): ConflictRequest | undefined {
  if (value === undefined || value === null) return undefined;
  const { constraint, columns, update_columns: updated, where } = value as Readonly<Record<string, unknown>>;
  const target = targetOf(constraint ?? undefined, columns ?? undefined, path, context);
  const { updatable } = context.table;
  const names = listOf(updated ?? []).filter((name) => name !== placeholder);
  const update = [...new Set(names)].map((name) => updatable.find(({ graphql }) => graphql === name)!.name);
  if (update.length === 0) return { action: 'ignore', columns: target };
  return {
    action: 'merge',
    columns: target,
    update,
    ...(where === undefined || where === null || Object.keys(where).length === 0
      ? null
      : { where: buildFilter(where, context.table, `${path}.where`, filterContext(context, true)) }),
  };
}

function targetOf(
  constraint: unknown,
  columns: unknown,
  path: string,
  { table }: RootContext,
): readonly string[] {
  if ((constraint === undefined) === (columns === undefined))
    throw invalid(path, 'expected one of "constraint" and "columns", which name a unique key');
  if (constraint !== undefined)
    return table.writes.keys.find(({ graphql }) => graphql === constraint)!.columns;
  const { columns: known } = fieldsOf(table);
  return [...new Set(listOf(columns))].map((name) => known.get(name as string)!.name);
}
