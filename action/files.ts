/** Files that a step leaves behind, written so that nothing that was committed can say where to. */
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, realpath, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { Context } from './event.ts';
import { InputError } from './inputs.ts';

/** A folder of its own that is there until the job has ended. */
export async function temporaryFolder({ temp }: Pick<Context, 'temp'>): Promise<string> {
  return mkdtemp(join(temp ?? tmpdir(), 'novastack-'));
}

/**
 * In the workspace, or in the runner's temporary folder. A link in its place is replaced, and one on the way out of there refused.
 *
 * @throws {InputError} it would be elsewhere
 */
export async function writeNamedFile(
  input: string,
  name: string,
  text: string,
  { workspace, temp }: Pick<Context, 'workspace' | 'temp'>,
): Promise<void> {
  const file = resolve(workspace, name);
  const roots = [workspace, ...(temp === undefined ? [] : [temp])];
  const refused = new InputError(
    `Input "${input}" is "${name}", which is neither in the workspace nor in the runner's temporary folder.`,
  );
  if (!roots.some((root) => isWithin(resolve(root), file))) throw refused;
  await mkdir(dirname(file), { recursive: true });
  const folder = await realpath(dirname(file));
  const real = await Promise.all(roots.map((root) => realpath(root)));
  if (!real.some((root) => folder === root || isWithin(root, folder))) throw refused;
  const draft = join(folder, `.${basename(file)}.${randomUUID()}`);
  await writeFile(draft, text, { flag: 'wx' });
  await rename(draft, join(folder, basename(file)));
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
