/** Where projects are looked for, and which are there now. */
import { realpath, stat } from 'node:fs/promises';
import { join, posix, relative, resolve, sep } from 'node:path';
import { findProjects } from '../schema/folder.ts';
import { InputError, type Inputs } from './inputs.ts';

export interface Place {
  /** Absolute, links resolved: what paths that are told begin at. */
  readonly workspace: string;
  /** The working directory, absolute, links resolved. */
  readonly start: string;
  /** As `working-directory` writes it. */
  readonly written: string;
  /** Empty: all that are found. */
  readonly named: readonly Named[];
}

export interface Named {
  /** From the workspace, with `/`; `.` is the workspace itself. */
  readonly path: string;
  readonly written: string;
  /** The name under which the server has it; undefined: its own. */
  readonly servedAs: string | undefined;
}

/** @throws {InputError} a folder is outside the workspace, or the working directory is not there */
export async function placeOf(
  { workingDirectory, projects }: Pick<Inputs, 'workingDirectory' | 'projects'>,
  folder: string,
): Promise<Place> {
  const workspace = await realpath(folder);
  const start = await realFolder(resolve(workspace, workingDirectory));
  if (start === undefined)
    throw new InputError(
      `Input "working-directory" names "${workingDirectory}", and there is no such folder in the workspace. Is the repository checked out?`,
    );
  if (isOutside(workspace, start)) throw outside('working-directory', workingDirectory);
  const named = await Promise.all(projects.map((written) => namedProject(written, workspace, start)));
  return { workspace, start, written: workingDirectory, named };
}

/**
 * Folders of projects by their path from the workspace, as they are now, in the order of their names or of `projects`.
 *
 * @returns those alone that are there
 */
export async function foldersNow({ workspace, start, named }: Place): Promise<ReadonlyMap<string, string>> {
  if (named.length === 0)
    return new Map((await findProjects(start)).map((folder) => [pathFrom(workspace, folder), folder]));
  const folders = await Promise.all(
    named.map(async ({ path }) => [path, await realFolder(join(workspace, path))] as const),
  );
  return new Map(
    folders.flatMap(([path, folder]) => (folder === undefined ? [] : [[path, folder] as const])),
  );
}

/** `/` on every platform; `.` is the workspace itself. */
export function pathFrom(workspace: string, folder: string): string {
  return relative(workspace, folder).replaceAll(sep, '/') || '.';
}

export function noProject({ written }: Place): InputError {
  return new InputError(
    `No project was found in "${written}". A project is a folder with a novastack.yaml that says "novastack: 1" and "project:". Is the repository checked out, and is "working-directory" right?`,
  );
}

export function noSuchFolder(written: string): InputError {
  return new InputError(`Input "projects" names "${written}", and there is no such folder in the workspace.`);
}

/** `apis/shop`, or `apis/shop=shop-staging`. A committed link must not lead out of the workspace: the real path counts. */
async function namedProject(written: string, workspace: string, start: string): Promise<Named> {
  const [, folder = written, servedAs] = /^(.*)=([a-z0-9][a-z0-9-]*)$/.exec(written) ?? [];
  const wanted = resolve(start, folder);
  const real = (await realFolder(wanted)) ?? wanted;
  if (isOutside(workspace, real)) throw outside('projects', folder);
  return { path: posix.normalize(pathFrom(workspace, real)), written: folder, servedAs };
}

async function realFolder(folder: string): Promise<string | undefined> {
  const real = await realpath(folder).catch(() => undefined);
  return real !== undefined && (await stat(real)).isDirectory() ? real : undefined;
}

function isOutside(workspace: string, folder: string): boolean {
  const path = relative(workspace, folder);
  return path === '..' || path.startsWith(`..${sep}`) || resolve(path) === path;
}

function outside(input: string, written: string): InputError {
  return new InputError(`Input "${input}" names "${written}", which is outside the workspace.`);
}
