/**
 * A tree as plain files in a folder: regular files alone, each by its object's id, byte for byte as it was committed. No filter,
 * no attribute, no link and no name that means something to a file system has an effect.
 */
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Diagnostic, Severity } from '../../../schema/diagnostic.ts';
import { maxLevels } from '../../../schema/folder.ts';
import { diskFailure, GitFailure } from './failure.ts';
import { asDamage, isProject, readTree } from './find-projects.ts';
import type { Objects } from './objects.ts';
import { maxTreeBytes, parseTree, type TreeEntry } from './tree.ts';

export interface ExportLimits {
  readonly files: number;
  readonly bytes: number;
}

export interface Exported {
  /** Of the files that were written. */
  readonly files: number;
  readonly bytes: number;
  /** Errors: nothing was written. Notices: what was left out. */
  readonly diagnostics: readonly Diagnostic[];
}

interface PlannedFile {
  readonly path: string;
  readonly id: string;
}

/** Of one code; a tree of many links is told by the first. */
const maxNotices = 20;
/** Bytes, so that it is a path on every file system, below whatever folder. */
const maxPath = 1_000;
const maxName = 255;
/** Files that are read at the same time. */
const window = 16;

/**
 * @param to must not exist; written beside it and renamed as a whole
 * @throws {GitFailure} missing, corrupt, timeout, disk
 */
export async function exportTree(
  reader: Objects,
  tree: string,
  to: string,
  limits: ExportLimits,
): Promise<Exported> {
  const plan = new Plan(reader, limits);
  await plan.make(tree);
  const { diagnostics, files, bytes } = plan;
  if (plan.isRefused) return { files: 0, bytes: 0, diagnostics };
  const partial = `${to}.partial`;
  try {
    await rm(partial, { recursive: true, force: true });
    // An end of a repository: no `.gitignore` further up, if the state folder is in a clone, is read with these files.
    await mkdir(join(partial, '.git'), { recursive: true, mode: 0o755 });
    await write(reader, files, partial, limits.bytes);
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => {});
    throw onDisk(error);
  }
  return { files: files.length, bytes, diagnostics };
}

class Plan {
  readonly files: PlannedFile[] = [];
  readonly diagnostics: Diagnostic[] = [];
  bytes = 0;
  isRefused = false;
  readonly #reader: Objects;
  readonly #limits: ExportLimits;
  readonly #told = new Map<string, number>();
  #folders = 0;

  constructor(reader: Objects, limits: ExportLimits) {
    this.#reader = reader;
    this.#limits = limits;
  }

  async make(tree: string): Promise<void> {
    // What was asked for by its id may be missing; what is below it may not.
    const entries = parseTree(await this.#reader.read(tree, 'tree', maxTreeBytes));
    await this.#plan(entries, '', 0);
    if (!this.#isOver()) await this.#measure();
  }

  async #plan(entries: readonly TreeEntry[], folder: string, level: number): Promise<void> {
    for (const entry of entries) {
      if (this.#isOver()) return;
      const path = folder === '' ? (entry.name ?? '') : `${folder}/${entry.name ?? ''}`;
      if (!this.#mayBeNamed(entry, path, folder)) continue;
      switch (entry.kind) {
        case 'file':
          this.files.push({ path, id: entry.id });
          break;
        case 'folder':
          await this.#planFolder(entry, path, level + 1);
          break;
        case 'link':
          this.#tell(
            'LINK_SKIPPED',
            'notice',
            path,
            `"${path}" is a link, and links are not followed.`,
            'put the file itself there',
          );
          break;
        case 'submodule':
          this.#tell(
            'SUBMODULE_SKIPPED',
            'notice',
            path,
            `"${path}" is a submodule, and submodules are not read.`,
            'put the files themselves there, or make a source of the other repository',
          );
          break;
        default:
          entry.kind satisfies never;
      }
    }
  }

  async #planFolder(entry: TreeEntry, path: string, level: number): Promise<void> {
    this.#folders += 1;
    if (level > maxLevels) {
      this.#tell('FOLDER_TOO_DEEP', 'error', path, 'The folder is too deep to be read.', 'move it up');
      return;
    }
    const entries = await readTree(this.#reader, entry.id);
    if (!(await isProject(this.#reader, entries))) await this.#plan(entries, path, level);
  }

  /** Whether there is more than is written; said once. */
  #isOver(): boolean {
    const { files } = this.#limits;
    if (this.files.length <= files && this.#folders <= files) return false;
    const what = this.files.length > files ? 'files' : 'folders';
    if (!this.#told.has('TREE_TOO_LARGE'))
      this.#tell(
        'TREE_TOO_LARGE',
        'error',
        undefined,
        `The project has more than ${files} ${what}.`,
        'move what is not part of it out of its folder, or raise "limits.files" of the server',
      );
    return true;
  }

  async #measure(): Promise<void> {
    for (let at = 0; at < this.files.length; at += window) {
      const some = this.files.slice(at, at + window);
      const infos = await Promise.all(some.map(({ id }) => this.#reader.info(id)));
      for (const [index, info] of infos.entries()) {
        if (info?.kind !== 'blob')
          throw new GitFailure('corrupt', `The mirror lacks the file "${some[index]!.path}".`);
        this.bytes += info.size;
        if (this.bytes <= this.#limits.bytes) continue;
        this.#tell(
          'TREE_TOO_LARGE',
          'error',
          some[index]!.path,
          `The project has more than ${this.#limits.bytes} bytes; with this file it is past that.`,
          'move what is not part of it out of its folder, or raise "limits.bytes" of the server',
        );
        return;
      }
    }
  }

  /** Names that are no plain name of a file everywhere are refused, and with them the project: nothing is guessed. */
  #mayBeNamed({ name, bytes }: TreeEntry, path: string, folder: string): boolean {
    const why = name === undefined ? 'is not UTF-8' : wrongName(name, bytes);
    const tooLong =
      Buffer.byteLength(path) > maxPath ? `has a path of more than ${maxPath} bytes` : undefined;
    const found = why ?? tooLong;
    if (found === undefined) return true;
    const shown = JSON.stringify((name ?? '?').slice(0, 60));
    this.#tell(
      'FILE_NAME_REFUSED',
      'error',
      folder === '' ? undefined : folder,
      `The name ${shown} ${found}.`,
      'give it another name',
    );
    return false;
  }

  #tell(code: string, severity: Severity, file: string | undefined, message: string, hint: string): void {
    if (severity === 'error') this.isRefused = true;
    const count = (this.#told.get(code) ?? 0) + 1;
    this.#told.set(code, count);
    if (count > maxNotices) return;
    const source = file === undefined ? {} : { source: { file, span: { start, end: start } } };
    this.diagnostics.push({ code, severity, message, hint, ...source });
  }
}

const start = { line: 1, column: 1 };

/** @returns how the sentence "The name … " goes on */
function wrongName(name: string, bytes: number): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'is not that of a file';
  if (name.toLowerCase() === '.git') return "is that of Git's own folder";
  if (name.includes('/')) return 'has a slash';
  if (name.includes('\\')) return 'has a backslash';
  if (/\p{Cc}/u.test(name)) return 'has a control character';
  if (bytes > maxName) return `is longer than ${maxName} bytes`;
  return undefined;
}

async function write(
  reader: Objects,
  files: readonly PlannedFile[],
  folder: string,
  maxBytes: number,
): Promise<void> {
  const made = new Set<string>([folder]);
  for (let at = 0; at < files.length; at += window) {
    const some = files.slice(at, at + window);
    for (const { path } of some) {
      const parent = dirname(join(folder, path));
      if (!made.has(parent)) await mkdir(parent, { recursive: true, mode: 0o755 });
      made.add(parent);
    }
    const results = await Promise.allSettled(
      some.map(async ({ path, id }) => {
        const bytes = await reader.read(id, 'blob', maxBytes);
        await writeFile(join(folder, path), bytes, { flag: 'wx', mode: 0o644 });
      }),
    );
    const failed = results.find((result) => result.status === 'rejected');
    if (failed) throw asDamage(failed.reason);
  }
}

function onDisk(error: unknown): unknown {
  if (error instanceof GitFailure) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOTEMPTY' || code === 'EEXIST')
    return new GitFailure('git', 'The folder that the files go to is there already.', undefined, {
      cause: error,
    });
  return diskFailure(error);
}
