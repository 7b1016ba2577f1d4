/** The files of the lock that the head has otherwise than the base: what tells where a fact of a database was written down. */
import { promises as fs } from 'node:fs';
import path from 'node:path';
import { lockFolder } from '../catalog/lock.ts';

/** @param base undefined: all are new */
export async function changedLockTexts(
  base: string | undefined,
  head: string,
): Promise<ReadonlyMap<string, string>> {
  const [before, after] = [
    base === undefined ? new Map<string, string>() : await textsOf(base),
    await textsOf(head),
  ];
  return new Map([...after].filter(([file, text]) => before.get(file) !== text));
}

/** By path within the project's folder, with `/`. */
async function textsOf(dir: string): Promise<ReadonlyMap<string, string>> {
  const top = path.join(dir, lockFolder);
  const entries = await fs.readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.yaml'));
  const texts = files.map(async (entry) => {
    const file = path.join(entry.parentPath, entry.name);
    const within = path.relative(dir, file).split(path.sep).join('/');
    return [within, await fs.readFile(file, 'utf8').catch(() => '')] as const;
  });
  return new Map(await Promise.all(texts));
}
