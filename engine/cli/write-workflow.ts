/** Puts the workflow where GitHub looks for it: at the top of the Git repository in which a project lies. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { packageVersion } from '../server/version.ts';
import { workflow, workflowFile } from './workflow.ts';

export interface WrittenWorkflow {
  /** Absolute. */
  readonly file: string;
  /** `kept`: one was there, and is as it was. `barred`: something else is where its folder would be. */
  readonly outcome: 'written' | 'kept' | 'barred';
}

/** @param dir the project's folder, absolute; where it is in no repository, it will be the top of one */
export async function writeWorkflow(dir: string): Promise<WrittenWorkflow> {
  const top = repositoryOf(dir) ?? dir;
  const file = path.join(top, workflowFile);
  const folder = path.relative(top, dir).split(path.sep).join('/');
  const text = workflow({ folder, branch: await branchOf(top), version: packageVersion() });
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text, { flag: 'wx' });
    return { file, outcome: 'written' };
  } catch (error) {
    if (!['EEXIST', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    return { file, outcome: existsSync(file) ? 'kept' : 'barred' };
  }
}

/** Of a work tree `.git` is a file. */
function repositoryOf(dir: string): string | undefined {
  if (existsSync(path.join(dir, '.git'))) return dir;
  const parent = path.dirname(dir);
  return parent === dir ? undefined : repositoryOf(parent);
}

/** What the remote calls its default branch, as a clone has recorded it; else the one that is checked out. */
async function branchOf(top: string): Promise<string> {
  const git = path.join(top, '.git');
  const remote = await branchIn(path.join(git, 'refs/remotes/origin/HEAD'), 'refs/remotes/origin/');
  return remote ?? (await branchIn(path.join(git, 'HEAD'), 'refs/heads/')) ?? 'main';
}

async function branchIn(file: string, prefix: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const [, name] = /^ref: (\S+)\s*$/.exec(text) ?? [];
  return name?.startsWith(prefix) ? name.slice(prefix.length) : undefined;
}
