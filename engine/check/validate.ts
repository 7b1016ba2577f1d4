/** Checks a project with no server, no secret and no network: its files, and its API against the lock or its migrations. */

import { buildProject } from '../../schema/build.ts';
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import { readFolder } from '../../schema/folder.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import { type Compiled, compileApi } from '../api/compile.ts';
import { readLock } from '../catalog/lock.ts';
import { type Known, knowCatalogs, type Rehearsals } from './know.ts';
import { lintProject } from './lint.ts';
import { inOrder } from './order.ts';

export interface Validation {
  /** In the order of files and lines, each finding once. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files that were read: YAML, and documents of the project's operations. */
  readonly files: number;
  /** Absent when the folder has none. There also with errors: then it must not be served. */
  readonly project: Project | undefined;
  /** Absent when the files cannot be read or compiled. Databases without a catalog are left out of it, with their tables. */
  readonly compiled: Compiled | undefined;
  /** What is known of each database. */
  readonly known: ReadonlyMap<string, Known>;
}

/**
 * Validates the project in a folder. Reads no environment variable and opens no connection beyond this process.
 * Runs migrations in an embedded database where there is no lock to go by.
 *
 * @param dir the project's folder; it must exist
 * @param rehearsals of other folders, to be used again and added to. Default: none
 * @throws {Problem} NS503 no embedded database can be started here
 */
export async function validateProject(dir: string, rehearsals?: Rehearsals): Promise<Validation> {
  const folder = await readFolder(dir);
  const { value: project, diagnostics } = buildProject(folder);
  const read = { files: folder.files.length, project };
  if (project === undefined || diagnostics.some(leavesFilesUnread)) {
    return { ...read, diagnostics: inOrder(diagnostics), compiled: undefined, known: new Map() };
  }
  const lock = await readLock(dir);
  const catalogs = await knowCatalogs(dir, project, lock.value, rehearsals);
  const known = catalogs.value ?? new Map<string, Known>();
  const compiled = compileApi(
    project,
    new Map([...known].map(([name, { catalog }]) => [name, catalog])),
    new Map([...(lock.value?.databases ?? [])].map(([name, { names }]) => [name, names])),
  );
  const bound = [...diagnostics, ...lock.diagnostics, ...catalogs.diagnostics, ...compiled.diagnostics];
  // Of a project that is not whole every operation would be wrong.
  const isWhole = !hasErrors(bound) && known.size === project.databases.size;
  const operations = await operationFindings(project, isWhole ? compiled.value?.api : undefined);
  const linted = compiled.value === undefined ? [] : lintProject(project, compiled.value.api);
  const found = [...bound, ...operations, ...linted];
  return { ...read, diagnostics: inOrder(found), compiled: compiled.value, known };
}

/** GraphQL is loaded where there are operations. */
async function operationFindings(project: Project, api: Api | undefined): Promise<readonly Diagnostic[]> {
  if (project.operations === undefined) return [];
  const { bindOperations } = await import('../graphql/operations.ts');
  return (await bindOperations(project, api)).diagnostics;
}

/** What else is found in a project with a part missing would be a consequence of that. */
function leavesFilesUnread({ code, severity }: Diagnostic): boolean {
  return severity === 'error' && /^(YAML|FILE|FOLDER|TOO_MANY)_/.test(code);
}
