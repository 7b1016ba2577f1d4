/** What tests stand on; here what statements about rights alone need: what the lock knows, and no database. */
import { hasErrors, type Staged } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import { compileApi } from '../api/compile.ts';
import { readLock } from '../catalog/lock.ts';
import { recordedNames } from '../reconcile/lock-of-folder.ts';
import type { Bench } from './bench.ts';

export interface Ground {
  readonly api: Api;
  openBench(): Promise<Bench>;
}

export async function groundWithoutDatabases(directory: string, project: Project): Promise<Staged<Ground>> {
  const lock = await readLock(directory);
  const known = [...(lock.value?.databases ?? [])].filter(([name]) => project.databases.has(name));
  const catalogs = new Map(known.map(([name, { catalog }]) => [name, catalog]));
  const compiled = compileApi(project, catalogs, recordedNames(lock.value));
  const diagnostics = [...lock.diagnostics, ...compiled.diagnostics];
  if (hasErrors(diagnostics)) return { diagnostics };
  const openBench = () => Promise.reject(new Error('There is no database here.'));
  return { value: { api: compiled.value!.api, openBench }, diagnostics };
}
