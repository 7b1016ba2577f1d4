/** What a project is compared with: a folder, or what a commit of its clone has in the project's place. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projectFile } from '../../schema/merge.ts';
import { Clone } from '../reconcile/git/clone.ts';

export interface Base {
  /** As a person names it: `main (1a2b3c4)`, `../before`. */
  readonly name: string;
  /** Absolute; undefined: there is no such project there. */
  readonly dir: string | undefined;
  /** Removes what was written for it. */
  readonly close: () => Promise<void>;
}

/** Why there is no base; for whoever typed it. */
export class NoBase extends Error {
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.name = 'NoBase';
    this.hint = hint;
  }
}

/** Tried in this order where nobody says what to compare with. */
const usual = ['origin/HEAD', 'origin/main', 'origin/master', 'main', 'master'];

/**
 * @param dir the project's folder, absolute
 * @param named a folder, else a name of Git's; undefined: the branch that pull requests are usually made to
 * @throws {NoBase} nothing of that name
 * @throws {GitFailure} the clone cannot be read
 */
export async function findBase(dir: string, named: string | undefined): Promise<Base> {
  if (named !== undefined && (await isFolder(named))) return folderBase(named);
  const clone = await Clone.around(dir);
  if (clone === undefined)
    throw new NoBase(
      named === undefined
        ? `${dir} is in no Git repository, so nothing tells what to compare with.`
        : `"${named}" is no folder, and ${dir} is in no Git repository.`,
      'name the folder of the project as it was before with --base',
    );
  const found = await commitNamed(clone, named);
  return commitBase(clone, found, path.relative(clone.top, dir).split(path.sep).join('/'));
}

async function isFolder(named: string): Promise<boolean> {
  return (await stat(named).catch(() => undefined))?.isDirectory() === true;
}

async function folderBase(named: string): Promise<Base> {
  const dir = path.resolve(named);
  const isProject = await stat(path.join(dir, projectFile)).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isProject)
    throw new NoBase(
      `The folder "${named}" has no ${projectFile}, so it is no project to compare with.`,
      'name the folder of the project as it was before, or a branch',
    );
  return { name: named, dir, close: async () => {} };
}

interface Named {
  readonly name: string;
  readonly commit: string;
}

async function commitNamed(clone: Clone, named: string | undefined): Promise<Named> {
  for (const name of named === undefined ? usual : [named]) {
    const commit = await clone.commitOf(name);
    if (commit !== undefined) return { name, commit };
  }
  if (named === undefined)
    throw new NoBase(
      `The repository has none of ${usual.join(', ')}, so nothing tells what to compare with.`,
      'name a branch, a commit or a folder with --base',
    );
  throw new NoBase(
    `"${named}" is neither a folder nor a commit of the repository.`,
    `fetch it, or name another: a branch, a commit or the folder of the project as it was before`,
  );
}

/** What has happened on the base since this branch left it is none of the branch's. */
async function commitBase(clone: Clone, { name, commit }: Named, folder: string): Promise<Base> {
  const head = await clone.commitOf('HEAD');
  const left = head === undefined ? undefined : await clone.mergeBase(commit, head);
  const at = left ?? commit;
  const shown = `${name} (${at.slice(0, 7)}${at === commit ? '' : ', where this branch left it'})`;
  const tree = await clone.treeOf(at, folder);
  if (tree === undefined) return { name: shown, dir: undefined, close: async () => {} };
  const temporary = await mkdtemp(path.join(tmpdir(), 'novastack-base-'));
  const close = () => rm(temporary, { recursive: true, force: true });
  try {
    const dir = path.join(temporary, 'project');
    const { diagnostics } = await clone.export(tree, dir);
    const refused = diagnostics.find(({ severity }) => severity === 'error');
    if (refused !== undefined) throw new NoBase(`The base cannot be read: ${refused.message}`, refused.hint);
    const isProject = await isFile(path.join(dir, projectFile));
    return { name: shown, dir: isProject ? dir : undefined, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function isFile(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined))?.isFile() === true;
}
