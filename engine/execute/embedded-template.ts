/** A new database's files: copied from one that was made before where that can be kept, since making one takes seconds. */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DatabaseThread } from './embedded-thread.ts';

/** Makes the files of an empty database in `folder`, which must not exist. */
export async function createDatabaseFiles(folder: string): Promise<void> {
  const template = await openTemplate();
  if (template !== undefined) await cp(template, folder, { recursive: true });
  else await make(folder);
}

async function make(folder: string): Promise<void> {
  const thread = await DatabaseThread.start({ folder });
  await thread.close();
}

/** The folder of an empty database, to copy. Undefined where nothing can be kept: an installation that is read-only, a bundle. */
export async function openTemplate(): Promise<string | undefined> {
  const template = await templateFolder();
  if (template === undefined || existsSync(template)) return template;
  const draft = `${template}.${randomUUID()}`;
  try {
    await mkdir(dirname(template), { recursive: true });
  } catch {
    return undefined;
  }
  try {
    await make(draft);
    await rename(draft, template);
    return template;
  } catch (error) {
    // Another process was first.
    if (existsSync(template)) return template;
    throw error;
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** In `node_modules/.cache`, so that it goes when the package goes; by version, since its files change with it. */
async function templateFolder(): Promise<string | undefined> {
  try {
    const root = fileURLToPath(new URL('..', import.meta.resolve('@electric-sql/pglite')));
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
    // root is node_modules/@electric-sql/pglite/
    return join(root, '..', '..', '.cache', 'novastack', `pglite-${version}`);
  } catch {
    return undefined;
  }
}
