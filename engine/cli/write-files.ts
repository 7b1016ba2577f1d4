/** Writes a project's files into a folder, or refuses before anything is touched. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { badInput } from './failure.ts';
import type { Files } from './scaffold.ts';

/**
 * @param dir absolute; made when it does not exist
 * @throws {Failure} 2 when the folder is a project already, or holds one of the files
 */
export async function writeFiles(dir: string, files: Files): Promise<void> {
  await refuseConflicts(dir, [...files.keys()]);
  for (const [file, text] of files) {
    const target = path.join(dir, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text, { flag: 'wx' });
  }
}

/** Adds a line to `.gitignore` unless it is there; resolves to whether it was added. */
export async function ignoreInGit(dir: string, line: string): Promise<boolean> {
  const file = path.join(dir, '.gitignore');
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.split(/\r?\n/).some((each) => each.trim() === line)) return false;
  await writeFile(file, `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
  return true;
}

/** @throws {Failure} 2 */
export async function refuseConflicts(dir: string, files: readonly string[]): Promise<void> {
  const folder = await stat(dir).catch(() => undefined);
  if (folder === undefined) return;
  if (!folder.isDirectory()) throw badInput(`${dir} is a file, not a folder.`);
  for (const name of ['novastack.yaml', 'novastack.yml']) {
    if (await exists(path.join(dir, name))) {
      throw badInput(
        `${dir} holds a project already: there is a ${name}.`,
        'choose another folder; nothing was written',
      );
    }
  }
  const there: string[] = [];
  for (const file of files) if (await exists(path.join(dir, file))) there.push(file);
  if (there.length === 0) return;
  const more = there.length > 3 ? ` and ${there.length - 3} more` : '';
  throw badInput(
    `${dir} already has ${there.slice(0, 3).join(', ')}${more}, which would be written.`,
    'choose another folder, or move them away; nothing was written',
  );
}

async function exists(file: string): Promise<boolean> {
  return (await stat(file).catch(() => undefined)) !== undefined;
}
