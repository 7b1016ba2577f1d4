/** For tests of plans: a project before and after a change. */
import assert from 'node:assert/strict';
import { compileApi } from '../engine/api/compile.ts';
import type { Catalog } from '../engine/catalog/catalog.ts';
import type { Side } from '../engine/plan/change.ts';
import { buildProject } from '../schema/build.ts';
import type { Project } from '../schema/project.ts';
import { catalogOf } from './catalogs.ts';
import type { TestDatabase } from './database.ts';

/** Files of a project by path. */
export type Files = Readonly<Record<string, string>>;

export function projectOf(files: Files): Project {
  const read = Object.entries(files).map(([path, text]) => ({ path, text }));
  const { value, diagnostics } = buildProject({ root: '.', files: read, diagnostics: [] });
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return value!;
}

export function sideOf(project: Project, catalog: Catalog): Side {
  const catalogs = new Map([...project.databases.keys()].map((name) => [name, catalog]));
  const { value, diagnostics } = compileApi(project, catalogs);
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  return { project, api: value!.api };
}

export async function readSide(project: Project, database: TestDatabase): Promise<Side> {
  return sideOf(project, await catalogOf(database));
}
