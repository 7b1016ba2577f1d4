/** Trees of a source as plain folders: each is written once, by its object id, whole or not at all. */
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Diagnostic } from '../../schema/diagnostic.ts';

export interface ExportedTree {
  readonly directory: string;
  /** What was left out, and what refused it. With an error there may be no folder. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Writes a tree below a folder that does not exist. */
export type ExportTree = (
  tree: string,
  to: string,
) => Promise<{ readonly diagnostics: readonly Diagnostic[] }>;

export class Trees {
  readonly #directory: string;
  readonly #export: ExportTree;
  readonly #under = new Map<string, Promise<ExportedTree>>();

  constructor(directory: string, exportTree: ExportTree) {
    this.#directory = directory;
    this.#export = exportTree;
  }

  exported(tree: string): Promise<ExportedTree> {
    const running = this.#under.get(tree) ?? this.#exported(tree).finally(() => this.#under.delete(tree));
    this.#under.set(tree, running);
    return running;
  }

  /**
   * Removes all others, and what a crash left.
   *
   * @param wanted asked before each: one may be wanted again meanwhile
   */
  async keepOnly(wanted: () => ReadonlySet<string>): Promise<void> {
    for (const name of await readdir(this.#directory).catch(() => [])) {
      // What is still written has the tree's id before the first dot too.
      const tree = name.split('.', 1)[0]!;
      if (wanted().has(tree) || this.#under.has(tree)) continue;
      await rm(path.join(this.#directory, name), { recursive: true, force: true });
    }
  }

  async #exported(tree: string): Promise<ExportedTree> {
    const directory = path.join(this.#directory, tree);
    const notes = `${directory}.json`;
    const known = await readNotes(notes);
    if (known !== undefined && (await isFolder(directory))) return { directory, diagnostics: known };
    await rm(directory, { recursive: true, force: true });
    await mkdir(this.#directory, { recursive: true });
    const { diagnostics } = await this.#export(tree, directory);
    // The notes come last: with them the folder is known to be whole.
    await writeFile(`${notes}.new`, JSON.stringify(diagnostics));
    await rename(`${notes}.new`, notes);
    return { directory, diagnostics };
  }
}

async function readNotes(file: string): Promise<readonly Diagnostic[] | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return Array.isArray(value) ? (value as Diagnostic[]) : undefined;
  } catch {
    return undefined;
  }
}

async function isFolder(directory: string): Promise<boolean> {
  return stat(directory).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
