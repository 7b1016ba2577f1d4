/** Where in the head's YAML, or in its database, an effect on a role's rights comes from. Pure. */
import type { Project, RoleConfig, TableConfig, TablePermission } from '../../../schema/project.ts';
import { lineageOf } from '../../api/lineage.ts';
import { relationKey } from '../../catalog/catalog.ts';
import type { Place } from '../change.ts';
import type { Where } from './effect.ts';

/** The entry that was edited, the role's own or one that it inherits; else the role; else the table, or a column of it. */
export function placeOf(
  { role, pair, verb, key, column }: Where,
  base: Project | undefined,
  head: Project,
): Place {
  const { head: table, base: before } = pair;
  const at = ['tables', table.name];
  if (before === undefined)
    return { path: [...at, 'permissions', role, ...(verb === undefined ? [] : [verb])] };
  const now = head.tables.get(table.name);
  const then = base?.tables.get(before.name);
  const edited = editedEntry(role, verb, now, then, head);
  if (edited !== undefined)
    return { path: [...at, 'permissions', ...edited, ...(key === undefined ? [] : [key])] };
  if (relationText(before.relation) !== relationText(table.relation) || before.database !== table.database)
    return { path: [...at, 'relation'], part: 'value' };
  const changedRole = lineageOf(role, head.roles).find(
    (name) => textOf(head.roles.get(name)) !== textOf(base?.roles.get(name)),
  );
  if (changedRole !== undefined) return { path: ['roles', changedRole] };
  if (column === undefined)
    return { path: [...at, 'permissions', role, ...(verb === undefined ? [] : [verb])] };
  if (textOf(now?.columns.get(column)) !== textOf(then?.columns.get(column)))
    return { path: [...at, 'columns', column] };
  const fact = {
    database: table.database,
    relation: relationKey(table.relation.schema, table.relation.name),
    column,
  };
  return { path: [...at, 'permissions', role, ...(verb === undefined ? [] : [verb]), 'columns'], fact };
}

function editedEntry(
  role: string,
  verb: Where['verb'],
  now: TableConfig | undefined,
  then: TableConfig | undefined,
  { roles }: Project,
): readonly string[] | undefined {
  const of = (entry: TablePermission | undefined) => textOf(verb === undefined ? entry : entry?.[verb]);
  const edited = lineageOf(role, roles).find(
    (name) => of(now?.permissions.get(name)) !== of(then?.permissions.get(name)),
  );
  return edited === undefined ? undefined : [edited, ...(verb === undefined ? [] : [verb])];
}

function relationText({ schema, name }: { readonly schema: string; readonly name: string }): string {
  return relationKey(schema, name);
}

/** What is written, without its places in the file. */
function textOf(
  config: TablePermission | RoleConfig | TablePermission[keyof TablePermission] | unknown,
): string {
  return (
    JSON.stringify(config, (name, value: unknown) => {
      if (name === 'path' && Array.isArray(value)) return undefined;
      if (value instanceof Map) return [...value];
      return typeof value === 'bigint' ? String(value) : value;
    }) ?? ''
  );
}
