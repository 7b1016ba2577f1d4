/** Every project of the two commits: where it was, where it is now, and whether anything of it has changed. */
import { readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { FoundProject } from '../../engine/index.ts';
import { maxBytes, parseDocument } from '../../schema/document.ts';
import { projectFile } from '../../schema/merge.ts';
import { foldersNow, type Place, pathFrom } from '../place.ts';
import type { Compared } from './compared.ts';
import type { Repository } from './repository.ts';

export interface Pair {
  /** From the workspace, with `/`: of the head, of the base where it is gone. */
  readonly path: string;
  /** Absolute; undefined: it is gone. */
  readonly head: string | undefined;
  /** Undefined: it is new. */
  readonly base: FoundProject | undefined;
  readonly isTouched: boolean;
}

/** In the order of their folders, or of `projects`. */
export async function pairsOf(
  place: Place,
  { base, head }: Pick<Compared, 'base' | 'head'>,
  repository: Repository,
): Promise<readonly Pair[]> {
  const now = await foldersNow(place);
  const before = await projectsOf(base, place, repository);
  const committed = await projectsOf(head, place, repository);
  const moved = await movedProjects(now, before, repository);
  const pairs = [...now].map(([path, folder]): Pair => {
    const was = before.get(path) ?? moved.get(path);
    const isTouched = was === undefined || moved.has(path) || committed.get(path)?.tree !== was.tree;
    return { path, head: folder, base: was, isTouched };
  });
  const kept = new Set(pairs.map((pair) => pair.base));
  const gone = [...before]
    .filter(([, project]) => !kept.has(project))
    .map(([path, project]): Pair => ({ path, head: undefined, base: project, isTouched: true }));
  return inOrder([...pairs, ...gone], place);
}

/** By their path from the workspace; of those that are named alone. */
async function projectsOf(
  commit: string | undefined,
  { workspace, start, named }: Place,
  repository: Repository,
): Promise<ReadonlyMap<string, FoundProject>> {
  if (commit === undefined) return new Map();
  const within = pathFrom(repository.top, start);
  const found = await repository.projects(commit, within === '.' ? '' : within);
  const wanted = new Set(named.map(({ path }) => path));
  const paths = found.map((one) => [pathFrom(workspace, join(repository.top, one.folder)), one] as const);
  return new Map(paths.filter(([path]) => wanted.size === 0 || wanted.has(path)));
}

/** A folder that is new and one that is gone are one project where they have the same slug. */
async function movedProjects(
  now: ReadonlyMap<string, string>,
  before: ReadonlyMap<string, FoundProject>,
  repository: Repository,
): Promise<ReadonlyMap<string, FoundProject>> {
  const gone = [...before].filter(([path]) => !now.has(path));
  const added = [...now].filter(([path]) => !before.has(path));
  if (gone.length === 0 || added.length === 0) return new Map();
  const bySlug = new Map<string, FoundProject>();
  for (const [, project] of gone) {
    const slug = slugIn(await repository.file(project.tree, projectFile, maxBytes));
    if (slug !== undefined) bySlug.set(slug, project);
  }
  const moved = new Map<string, FoundProject>();
  for (const [path, folder] of added) {
    const slug = await slugOf(folder);
    const was = slug === undefined ? undefined : bySlug.get(slug);
    if (was === undefined) continue;
    bySlug.delete(slug!);
    moved.set(path, was);
  }
  return moved;
}

/** What `project:` says, however wrong the rest of the file may be. */
export async function slugOf(folder: string): Promise<string | undefined> {
  return slugIn(await readFile(join(folder, projectFile)).catch(() => undefined));
}

function slugIn(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length > maxBytes) return undefined;
  const value = parseDocument(projectFile, Buffer.from(bytes).toString('utf8')).document?.value;
  const slug = typeof value === 'object' && value !== null && 'project' in value ? value.project : undefined;
  return typeof slug === 'string' && slug !== '' ? slug : undefined;
}

function inOrder(pairs: readonly Pair[], { named }: Place): readonly Pair[] {
  const rank = new Map(named.map(({ path }, index) => [path, index]));
  return pairs.toSorted(
    (a, b) =>
      (rank.get(a.path) ?? 0) - (rank.get(b.path) ?? 0) ||
      Buffer.compare(Buffer.from(posix.normalize(a.path)), Buffer.from(posix.normalize(b.path))),
  );
}
