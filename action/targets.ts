/** Which projects the server is asked about, and by which names it has them. */
import { GitFailure } from '../engine/index.ts';
import { comparedCommits } from './git/compared.ts';
import { pairsOf, slugOf } from './git/pairs.ts';
import { Repository } from './git/repository.ts';
import { isOfGithub } from './github/github.ts';
import { RemoteObjects } from './github/remote-objects.ts';
import { InputError } from './inputs.ts';
import { foldersNow, type Named, noProject, noSuchFolder, type Place, placeOf } from './place.ts';
import type { Step } from './step.ts';

export interface Target {
  /** From the workspace, with `/`. */
  readonly path: string;
  /** The name under which it is served. */
  readonly project: string;
}

/** Those that `projects` names, else all that are found. @throws {InputError} none is there, or one says no name */
export async function allTargets({ inputs, context }: Step): Promise<readonly Target[]> {
  const place = await placeOf(inputs, context.workspace);
  const folders = await foldersNow(place);
  if (place.named.length > 0)
    return Promise.all(place.named.map((named) => namedTarget(named, folders.get(named.path))));
  if (folders.size === 0) throw noProject(place);
  return Promise.all([...folders].map(([path, folder]) => targetAt(path, folder)));
}

/** Those that `projects` names, else those that the push has changed. */
export async function changedTargets(step: Step): Promise<readonly Target[]> {
  const all = await allTargets(step);
  const { inputs, context, runner } = step;
  const place = await placeOf(inputs, context.workspace);
  if (place.named.length > 0 || context.event.kind !== 'push') return all;
  const touched = await touchedPaths(step, place);
  if (touched === undefined) return all;
  for (const path of touched.gone)
    runner.notice(
      `The project "${path}" is gone from the repository. The server serves it until an operator removes it.`,
    );
  return all.filter(({ path }) => touched.changed.has(path));
}

interface Touched {
  readonly changed: ReadonlySet<string>;
  readonly gone: readonly string[];
}

/** Undefined: it cannot be told what was changed, so that everything may have been. */
async function touchedPaths({ context, runner, github }: Step, place: Place): Promise<Touched | undefined> {
  const repository = await Repository.open(place.start, place.workspace, github && new RemoteObjects(github));
  try {
    const compared = await comparedCommits('', context, repository);
    const pairs = (await pairsOf(place, compared, repository)).filter(({ isTouched }) => isTouched);
    return {
      changed: new Set(pairs.filter(({ head }) => head !== undefined).map(({ path }) => path)),
      gone: pairs.filter(({ head }) => head === undefined).map(({ path }) => path),
    };
  } catch (error) {
    if (!isOfGithub(error) && !(error instanceof GitFailure)) throw error;
    runner.warn(`It cannot be told which projects the push has changed, so all are synced. ${error.message}`);
    return undefined;
  } finally {
    repository.close();
  }
}

/** One that has a served name in `projects` need not be checked out. */
async function namedTarget({ path, written, servedAs }: Named, folder: string | undefined): Promise<Target> {
  if (servedAs !== undefined) return { path, project: servedAs };
  if (folder === undefined) throw noSuchFolder(written);
  return targetAt(path, folder);
}

async function targetAt(path: string, folder: string): Promise<Target> {
  const project = await slugOf(folder);
  if (project !== undefined) return { path, project };
  throw new InputError(
    `The novastack.yaml of "${path}" does not say the project's name. Write it in "projects": ${path}=<name>.`,
  );
}
