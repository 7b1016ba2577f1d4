/** `functions`: functions of the database that the API serves. */
import { databaseOf } from '../database.ts';
import type { Draft } from '../draft.ts';
import type { FunctionConfig } from '../project.ts';
import { flag, named, object, optional, text } from '../shape.ts';

const Permission = object({ execute: flag('Whether the role may call it.') }, 'What the role may do.');

const Callable = object(
  {
    function: optional(
      text(
        'Name in the database, split at its first dot. Default: the same name. All overloads share the entry.',
      ),
    ),
    database: optional(text('Name under `databases`. Default: the only database.')),
    permissions: optional(named(Permission, 'By role.')),
  },
  'One function.',
);

export const functions = named(Callable, 'Functions by the name they have in the API.');

const { properties } = Callable;

export function readFunctions(draft: Draft): ReadonlyMap<string, FunctionConfig> {
  const result = new Map<string, FunctionConfig>();
  for (const name of draft.names(['functions'])) {
    const path = ['functions', name];
    const database = databaseOf(draft, path);
    // Under a name that cannot be read there would seem to be no function.
    if (database === undefined || draft.isBroken([...path, 'function'])) continue;
    result.set(name, {
      name,
      function: draft.read([...path, 'function'], properties.function),
      database,
      permissions: readPermissions(draft, [...path, 'permissions']),
    });
  }
  return result;
}

function readPermissions(draft: Draft, path: readonly string[]): FunctionConfig['permissions'] {
  const result = new Map<string, { readonly execute: boolean }>();
  for (const role of draft.names(path)) {
    const permission = draft.read([...path, role], Permission);
    if (permission) result.set(role, permission);
  }
  return result;
}
