/** Where an editor finds the JSON Schema of the language, seen from a project's folder. */
import { existsSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stateFolder } from '../auth/dev-issuer.ts';

const file = 'novastack.schema.json';
const copy = `.novastack/${file}`;

export interface EditorSchema {
  /** From the project's folder, with `/`. */
  readonly path: string;
  /** The schema is a copy under `.novastack/`, which has to be written. */
  readonly copied: boolean;
}

/**
 * The schema of the installed package, or of the clone, when it lies in the same repository as the project, since such a
 * path holds on every machine; else a copy under `.novastack/`.
 *
 * @param dir the project's folder, absolute; it need not exist yet
 */
export function editorSchema(dir: string): EditorSchema {
  for (const folder of upwards(dir)) {
    const installed = path.join(folder, 'node_modules', 'novastack', file);
    if (existsSync(installed)) return { path: relative(dir, installed), copied: false };
    const isRepository = existsSync(path.join(folder, '.git'));
    if (isRepository && contains(folder, packageSchema())) {
      return { path: relative(dir, packageSchema()), copied: false };
    }
    if (isRepository) break;
  }
  return { path: copy, copied: true };
}

/** How a file of the project refers to a schema that `from the folder` is at `schema`. */
export function schemaFrom(schema: EditorSchema): (projectFile: string) => string {
  return (projectFile) => {
    const text = path.posix.relative(path.posix.dirname(projectFile), schema.path);
    return text.startsWith('.') && !text.startsWith(copy) ? text : `./${text}`;
  };
}

export async function writeSchemaCopy(dir: string): Promise<void> {
  await stateFolder(dir);
  await copyFile(packageSchema(), path.join(dir, copy));
}

/**
 * Brings the copy up to date, or back after a fresh checkout, in a project whose files refer to one: `.novastack/` is
 * not in Git, and another version of the engine has another schema.
 */
export async function refreshSchemaCopy(dir: string): Promise<void> {
  const text = await readFile(path.join(dir, 'novastack.yaml'), 'utf8').catch(() => '');
  if (!text.includes(`$schema=./${copy}`)) return;
  const current = await readFile(packageSchema());
  const present = await readFile(path.join(dir, copy)).catch(() => undefined);
  if (present?.equals(current) === true) return;
  await stateFolder(dir);
  await writeFile(path.join(dir, copy), current);
}

/** The folder of this package is the nearest one upwards that holds the schema, in a clone and in a built package. */
function packageSchema(): string {
  const folder = upwards(import.meta.dirname).find((each) => existsSync(path.join(each, file)));
  if (folder === undefined)
    throw new Error(`${file} is not in the package; it is incomplete, install it again.`);
  return path.join(folder, file);
}

function upwards(from: string): string[] {
  const parent = path.dirname(from);
  return parent === from ? [from] : [from, ...upwards(parent)];
}

function contains(folder: string, inner: string): boolean {
  const way = path.relative(folder, inner);
  return !way.startsWith('..') && !path.isAbsolute(way);
}

function relative(from: string, to: string): string {
  return path.relative(from, to).split(path.sep).join('/');
}
