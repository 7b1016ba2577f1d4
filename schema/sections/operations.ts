/** `operations`: GraphQL operations that the project keeps in files, and who may run them. */
import type { Draft } from '../draft.ts';
import type { SourceFile } from '../folder.ts';
import { isWithin, operationsFolder } from '../named-folders.ts';
import type { OperationsConfig } from '../project.ts';
import { either, folder, list, type Name, named, object, optional, text } from '../shape.ts';

const operationName: Name = {
  type: 'string',
  pattern: '^[_A-Za-z][_0-9A-Za-z]*$',
  expects: 'the name of an operation: letters, digits and "_"',
};

const Roles = list(text('Name of a role.'), 'Roles that may run it, each of which it must be valid for.');

const Full = object({
  folder: optional(
    folder('Folder of *.graphql files, at any depth: named operations, and fragments. Default operations.'),
  ),
  only: optional(
    list(
      text('Name of a role.'),
      'Roles that may run these operations and nothing else. Others also run what they send.',
    ),
  ),
  roles: optional(
    named(
      Roles,
      'By operation. One that is not named here is for every role that it is valid for, and must be for one.',
      operationName,
    ),
  ),
});

export const operations = either(
  [folder('The folder alone.'), Full],
  'GraphQL operations that callers run by name or by hash, checked by `validate` against the roles that may run them.',
);

const { properties } = Full;

/** @param files of the whole project's folder; those of the operations are taken */
export function readOperations(draft: Draft, files: readonly SourceFile[]): OperationsConfig | undefined {
  if (draft.value(['operations']) === undefined || draft.isBroken(['operations', 'folder'])) return undefined;
  const folder = operationsFolder(draft.root);
  if (folder === undefined) return undefined;
  const only = draft.items(['operations', 'only']).flatMap((index) => {
    return draft.read(['operations', 'only', index], properties.only.items) ?? [];
  });
  const roles = new Map<string, readonly string[]>();
  for (const name of draft.names(['operations', 'roles'])) {
    // A list that cannot be read lets nobody run it.
    const path = ['operations', 'roles', name];
    roles.set(name, draft.read(path, Roles) ?? []);
  }
  const own = files.filter(({ path }) => path.endsWith('.graphql') && isWithin(path, [folder]));
  if (own.length === 0)
    draft.warning('NO_OPERATIONS', ['operations'], `The folder "${folder}" has no *.graphql file.`, {
      hint: 'put operations there, or name their folder in folder:',
    });
  return { folder, only, roles, files: own };
}
