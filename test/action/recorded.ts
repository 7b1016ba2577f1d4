/** What is recorded of a story, beside it: one folder for each run. `NOVASTACK_RECORD=1` writes it anew. */
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Told } from './play.ts';

/** Runs are numbered: `1-opened/`. */
const isOfRun = /^\d+-[^/]+\//;

export async function compareOrRecord(folder: string, told: readonly Told[]): Promise<void> {
  const files = Object.fromEntries(
    told.flatMap((one) => Object.entries(one.files).map(([file, text]) => [`${one.name}/${file}`, text])),
  );
  if (process.env.NOVASTACK_RECORD === '1') await record(folder, files);
  assert.deepEqual(await recorded(folder), files);
}

async function record(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const file of Object.keys(await recorded(folder))) await rm(join(folder, file));
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), text);
  }
}

async function recorded(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => isOfRun.test(path));
  const files = paths.map(async (path) => [path, await readFile(join(folder, path), 'utf8')] as const);
  return Object.fromEntries(await Promise.all(files));
}
