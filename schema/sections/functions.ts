/** `functions`: functions of the database that the API serves. */
import { databaseOf } from '../database.ts';
import type { Draft } from '../draft.ts';
import type { FunctionConfig } from '../project.ts';
import { flag, named, object, optional, text } from '../shape.ts';

const Callable = object(
  {
    function: optional(
      text(
        'Name in the database, split at its first dot. Default: the same name. All overloads share the entry.',
      ),
    ),
    database: optional(text('Name under `databases`. Default: the only database.')),
    permissions: optional(
      named(object({ execute: flag('Whether the role may call it.') }, 'What the role may do.'), 'By role.'),
    ),
  },
  'One function.',
);

export const functions = named(Callable, 'Functions by the name they have in the API.');

export function readFunctions(draft: Draft): ReadonlyMap<string, FunctionConfig> {
  const result = new Map<string, FunctionConfig>();
  for (const name of draft.names(['functions'])) {
    const path = ['functions', name];
    const raw = draft.read(path, Callable);
    const database = databaseOf(draft, path);
    if (!raw || database === undefined) continue;
    result.set(name, {
      name,
      function: raw.function,
      database,
      permissions: new Map(Object.entries(raw.permissions ?? {})),
    });
  }
  return result;
}
