/** Which projects of the workspace are checked, and what is found in each. */
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { validateProject } from '../engine/index.ts';
import type { Diagnostic, Severity } from '../schema/diagnostic.ts';
import { findProjects } from '../schema/folder.ts';
import { InputError, type Inputs } from './inputs.ts';

export interface Checked {
  /** The project's folder relative to the workspace, with `/`; `.` is the workspace itself. */
  readonly path: string;
  /** The project's slug; absent when its files do not say it. */
  readonly project: string | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** One after the other: each may start an embedded database. */
export async function checkProjects(inputs: Inputs): Promise<readonly Checked[]> {
  const workspace = await realpath(inputs.workspace);
  const checked: Checked[] = [];
  for (const folder of await foldersOf(inputs, workspace)) {
    const { diagnostics, project } = await validateProject(folder);
    checked.push({ path: relativePath(workspace, folder), project: project?.name, diagnostics });
  }
  return checked;
}

export function count(checked: readonly Checked[], severity: Severity): number {
  return checked.reduce(
    (sum, { diagnostics }) => sum + diagnostics.filter((one) => one.severity === severity).length,
    0,
  );
}

/** @throws {InputError} a folder is outside the workspace or absent; no project is there at all */
async function foldersOf(
  { workingDirectory, projects }: Inputs,
  workspace: string,
): Promise<readonly string[]> {
  const start = await within(
    workspace,
    resolve(workspace, workingDirectory),
    'working-directory',
    workingDirectory,
  );
  const folders = await Promise.all(
    projects.map((name) => within(workspace, resolve(start, name), 'projects', name)),
  );
  const found = folders.length > 0 ? folders : await findProjects(start);
  if (found.length > 0) return found.map((folder) => (isAbsolute(folder) ? folder : join(start, folder)));
  throw new InputError(
    `No project was found in "${workingDirectory}". A project is a folder with a novastack.yaml that says "novastack: 1" and "project:". Is the repository checked out, and is "working-directory" right?`,
  );
}

/** A committed link must not lead out of the workspace: the real path counts. */
async function within(workspace: string, folder: string, input: string, written: string): Promise<string> {
  const real = await realpath(folder).catch(() => undefined);
  if (real === undefined || !(await stat(real)).isDirectory()) {
    throw new InputError(
      `Input "${input}" names "${written}", and there is no such folder in the workspace.`,
    );
  }
  const path = relative(workspace, real);
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) {
    throw new InputError(`Input "${input}" names "${written}", which is outside the workspace.`);
  }
  return real;
}

function relativePath(workspace: string, folder: string): string {
  return relative(workspace, folder).replaceAll(sep, '/') || '.';
}
