/** The project that a command was pointed at, or a helpful refusal. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { buildProject } from '../../schema/build.ts';
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import { findProjects, readFolder } from '../../schema/folder.ts';
import type { Project } from '../../schema/project.ts';
import { badInput } from './failure.ts';

/**
 * The absolute path of a folder that holds a project.
 *
 * @param word as typed; undefined is the current folder
 * @throws {Failure} 2 when there is no such folder or no `novastack.yaml` in it
 */
export async function projectFolder(word: string | undefined): Promise<string> {
  const dir = path.resolve(word ?? '.');
  const found = await stat(dir).catch(() => undefined);
  if (found === undefined) throw badInput(`There is no folder ${dir}.`);
  if (found.isFile() && path.basename(dir) === 'novastack.yaml') return path.dirname(dir);
  if (!found.isDirectory()) throw badInput(`${dir} is not a folder.`, "name the project's folder");
  if (await isFile(path.join(dir, 'novastack.yaml'))) return dir;
  throw badInput(`${dir} is not a project: it has no novastack.yaml.`, await elsewhere(dir));
}

export interface Loaded {
  readonly project: Project;
  /** Warnings and notices; a project with errors is not loaded. */
  readonly diagnostics: readonly Diagnostic[];
}

/** The project, or its diagnostics when it has errors. Reads files only. */
export async function loadProject(
  dir: string,
): Promise<Loaded | { readonly diagnostics: readonly Diagnostic[] }> {
  const { value: project, diagnostics } = buildProject(await readFolder(dir));
  return project === undefined || hasErrors(diagnostics) ? { diagnostics } : { project, diagnostics };
}

async function elsewhere(dir: string): Promise<string> {
  const below = await findProjects(dir);
  if (below.length === 0) return 'name the folder of a project, or begin one with "novastack init"';
  const names = below.slice(0, 4).map((each) => path.relative(process.cwd(), path.resolve(dir, each)) || '.');
  return `there ${below.length === 1 ? 'is one' : 'are projects'} in ${names.join(', ')}: name its folder`;
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}
