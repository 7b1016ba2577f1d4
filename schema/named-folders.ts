/** Folders that the project names for something else than its own YAML: migrations, seeds, docs, operations. Pure. */
import type { Literal } from './predicate.ts';

/** @param values of all files, checked or not */
export function namedFolders(values: readonly (Literal | undefined)[]): readonly string[] {
  return values
    .flatMap((value) => [
      ...entries(member(value, 'databases')).flatMap((database) => [
        member(database, 'migrations'),
        member(database, 'seeds'),
      ]),
      member(value, 'docs'),
      member(member(value, 'docs'), 'folder'),
      operationsFolder(value),
    ])
    .flatMap((folder) => clean(folder));
}

/** The folder of GraphQL operations, if the document has any; not one that is not below the project. */
export function operationsFolder(value: Literal | undefined): string | undefined {
  const operations = member(value, 'operations');
  const isObject = typeof operations === 'object' && operations !== null;
  const [folder] = clean(isObject ? (member(operations, 'folder') ?? 'operations') : operations);
  return folder;
}

/** Whether a file is in one of the folders, at any depth. */
export function isWithin(file: string, folders: readonly string[]): boolean {
  return folders.some((folder) => file.startsWith(`${folder}/`));
}

/** A folder that is not below the project is an error elsewhere; here it must not swallow everything. */
function clean(folder: Literal | undefined): readonly string[] {
  if (typeof folder !== 'string') return [];
  const parts = folder.split('/').filter((part) => part !== '');
  const below =
    !folder.startsWith('/') && parts.length > 0 && !parts.some((part) => part === '.' || part === '..');
  return below ? [parts.join('/')] : [];
}

function member(value: Literal | undefined, key: string): Literal | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, key))
    return undefined;
  return (value as { readonly [key: string]: Literal })[key];
}

function entries(value: Literal | undefined): readonly Literal[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
