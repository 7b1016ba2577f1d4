/** The steps of an attempt that `dev` and `serve` share: files, scripts, the compiled API, a first request. */
import { buildInPieces } from '../../schema/build.ts';
import { readFolder, type SourceFolder } from '../../schema/folder.ts';
import { piecewise } from '../../schema/pieces.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import { type Compiled, compileInPieces, type EdgeNames } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { lintConditions } from '../check/lint.ts';
import { bindOperations, type Operations } from '../revision/operations.ts';
import type { Revision } from '../revision/revision.ts';
import { type Findings, Refused } from './findings.ts';
import { readScripts, type Scripts } from './prepare.ts';

/** @throws {Refused} FetchFailed */
export async function readSource(directory: string): Promise<SourceFolder> {
  return readFolder(directory).catch((cause: NodeJS.ErrnoException) => {
    throw new Refused('FetchFailed', `The folder cannot be read (${cause.code ?? cause.message}).`);
  });
}

/**
 * @param claim hears the project's slug; throws where it may not be served
 * @throws {Refused} BuildFailed, NameTaken
 */
export async function buildFrom(
  folder: SourceFolder,
  claim: (slug: string) => void,
  found: Findings,
): Promise<Project> {
  const built = await piecewise(buildInPieces(folder));
  found.diagnostics.push(...built.diagnostics);
  found.project = built.value;
  if (built.value !== undefined && built.value.name !== '') claim(built.value.name);
  found.refuseErrors('BuildFailed', 'The project has errors.');
  if (built.value === undefined) throw new Refused('BuildFailed', 'The folder holds no project.');
  return built.value;
}

/** @throws {Refused} MigrationFailed */
export async function readAllScripts(
  directory: string,
  project: Project,
  found: Findings,
): Promise<ReadonlyMap<string, Scripts>> {
  const scripts = new Map<string, Scripts>();
  for (const [name, config] of project.databases) {
    const read = await readScripts(directory, config);
    found.diagnostics.push(...read.diagnostics);
    scripts.set(name, read);
  }
  found.refuseErrors('MigrationFailed', 'Some migrations or seeds cannot be read.');
  return scripts;
}

/** @throws {Refused} ValidationFailed */
export async function compile(
  project: Project,
  catalogs: ReadonlyMap<string, Catalog>,
  recorded: ReadonlyMap<string, EdgeNames>,
  found: Findings,
): Promise<Compiled> {
  const compiled = await piecewise(compileInPieces(project, catalogs, recorded));
  found.diagnostics.push(...compiled.diagnostics);
  found.refuseErrors('ValidationFailed', 'The project does not fit its databases.');
  if (compiled.value === undefined)
    throw new Refused('ValidationFailed', 'The project does not fit its databases.');
  found.diagnostics.push(...lintConditions(project, compiled.value.api));
  return compiled.value;
}

/** @throws {Refused} ValidationFailed */
export async function bind(project: Project, api: Api, found: Findings): Promise<Operations | undefined> {
  const bound = await bindOperations(project, api);
  found.diagnostics.push(...bound.diagnostics);
  found.refuseErrors('ValidationFailed', 'Some operations do not fit the project.');
  return bound.value;
}

/**
 * One request that every revision must answer, before callers' requests go to it; else it is closed.
 *
 * @throws {Refused} HealthCheckFailed
 */
export async function probeDescription(revision: Revision): Promise<void> {
  const answer = await revision.inject({ method: 'GET', url: '/openapi.json' });
  if (answer.status < 500) return;
  await revision.close();
  throw new Refused(
    'HealthCheckFailed',
    `The new revision answers its description with ${answer.status}.`,
    revision.id,
  );
}
