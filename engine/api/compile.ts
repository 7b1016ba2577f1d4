/** Project × catalogs → Api. */
import type { Staged } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Api } from './api.ts';

/**
 * Names of relationships that came from foreign keys: relation key (`public.books`) → edge id → name.
 * An edge id is `one <constraint>`, `many <relation key> <constraint>` or `through <junction key> <near> <far>`.
 */
export type EdgeNames = ReadonlyMap<string, ReadonlyMap<string, string>>;

export interface Compiled {
  readonly api: Api;
  /** By database: every derived name in use, to be recorded in the lock. */
  readonly names: ReadonlyMap<string, EdgeNames>;
}

/**
 * Binds a project to its catalogs and compiles it. Pure.
 *
 * @param catalogs by the database's name under `databases:`; a database without one is left out with its tables
 * @param recorded by database: names the lock holds; they never change by themselves
 */
export function compileApi(
  _project: Project,
  _catalogs: ReadonlyMap<string, Catalog>,
  _recorded?: ReadonlyMap<string, EdgeNames>,
): Staged<Compiled> {
  throw new Error('written next');
}
