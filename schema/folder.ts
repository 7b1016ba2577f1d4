/** The files of a project's folder, as the language reads them. The only file of `schema/` that touches a disk. */
import { lstat, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from './diagnostic.ts';
import { maxBytes, parseDocument } from './document.ts';
import { IgnoreRules } from './ignored.ts';
import { projectFile } from './merge.ts';
import { isWithin, operationsFolder } from './named-folders.ts';

export interface SourceFile {
  /** Relative to the folder, with `/` on every platform. */
  readonly path: string;
  readonly text: string;
}

export interface SourceFolder {
  /** Absolute, links resolved. */
  readonly root: string;
  /** In bytewise order. */
  readonly files: readonly SourceFile[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Files of one project. More are a folder that is not a project's. */
const maxFiles = 20_000;
/** Levels of folders. */
export const maxLevels = 64;

/**
 * Reads the YAML files of a project's folder, and the *.graphql files of the folder of its operations: not nested projects, `node_modules`, names that begin with `.` or `_`,
 * `novastack.lock`, `approvals.yaml`, or what `.gitignore` names. Links are never followed.
 *
 * @throws {Error} of the file system when the folder itself cannot be read
 */
export async function readFolder(dir: string): Promise<SourceFolder> {
  const root = await realpath(dir);
  const reader = new Reader(root);
  await reader.read('', await IgnoreRules.above(root), 0);
  await reader.readOperations();
  return {
    root,
    files: reader.files.sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path))),
    diagnostics: reader.diagnostics,
  };
}

/**
 * Every folder at or below `dir` that is a project, absolute, sorted. Projects inside projects are found too.
 *
 * @throws {Error} of the file system when `dir` cannot be read
 */
export async function findProjects(dir: string): Promise<string[]> {
  const root = await realpath(dir);
  const found: string[] = [];
  const visit = async (folder: string, rules: IgnoreRules, level: number): Promise<void> => {
    if (await isProject(folder)) found.push(folder);
    if (level >= maxLevels) return;
    const inner = await rules.within(folder);
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && isReadableFolder(entry.name) && !inner.ignores(path, true)) {
        await visit(path, inner, level + 1);
      }
    }
  };
  await visit(root, await IgnoreRules.above(root), 0);
  return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

class Reader {
  readonly files: SourceFile[] = [];
  readonly diagnostics: Diagnostic[] = [];
  readonly #root: string;
  /** *.graphql files, in whatever folder: a front end may have many that are none of the project's. */
  readonly #documents: { readonly path: string; readonly isLink: boolean }[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  async read(folder: string, rules: IgnoreRules, level: number): Promise<void> {
    const absolute = join(this.#root, folder);
    const inner = await rules.within(absolute);
    for (const entry of await readdir(absolute, { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      const full = join(absolute, entry.name);
      if (entry.isDirectory()) {
        if (!isReadableFolder(entry.name) || inner.ignores(full, true) || (await isProject(full))) continue;
        if (level >= maxLevels)
          this.#refuse('FOLDER_TOO_DEEP', path, 'The folder is too deep to be read.', 'move it up');
        else await this.read(path, inner, level + 1);
      } else if (isDocument(entry.name)) {
        if ((entry.isFile() || entry.isSymbolicLink()) && !inner.ignores(full, false))
          this.#documents.push({ path, isLink: entry.isSymbolicLink() });
      } else if (isReadableFile(entry.name) && !inner.ignores(full, false)) {
        if (entry.isSymbolicLink()) this.#skipLink(path);
        else if (entry.isFile()) await this.#readFile(path, full);
      }
    }
  }

  /** Those in the folder that the files read so far name. */
  async readOperations(): Promise<void> {
    if (this.#documents.length === 0) return;
    const folders = this.files.flatMap(({ path, text }) => {
      const value = /\boperations\b/.test(text) ? parseDocument(path, text).document?.value : undefined;
      return operationsFolder(value) ?? [];
    });
    for (const { path, isLink } of this.#documents) {
      if (!isWithin(path, folders)) continue;
      if (isLink) this.#skipLink(path);
      else await this.#readFile(path, join(this.#root, path));
    }
  }

  async #readFile(path: string, full: string): Promise<void> {
    if (this.files.length >= maxFiles) {
      if (this.files.length === maxFiles)
        this.#refuse(
          'TOO_MANY_FILES',
          path,
          `The folder has more than ${maxFiles} YAML and GraphQL files.`,
          "name what is not the project's in .gitignore",
        );
      return;
    }
    const { size } = await lstat(full);
    if (size > maxBytes) {
      this.#refuse('FILE_TOO_LARGE', path, 'The file is larger than 1 MB.', 'split it into several files');
      return;
    }
    const text = decode(await readFile(full));
    if (text === undefined)
      this.#refuse('FILE_NOT_UTF8', path, 'The file is not UTF-8 text.', 'save it as UTF-8');
    else this.files.push({ path, text });
  }

  #skipLink(path: string): void {
    this.diagnostics.push({
      code: 'LINK_SKIPPED',
      severity: 'notice',
      message: `"${path}" is a link, and links are not followed.`,
      hint: 'put the file itself there',
      source: { file: path, span: start },
    });
  }

  #refuse(code: string, path: string, message: string, hint: string): void {
    this.diagnostics.push({ code, severity: 'error', message, hint, source: { file: path, span: start } });
  }
}

const start = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };

/** Whether folders of that name are looked into. */
export function isReadableFolder(name: string): boolean {
  return !/^[._]/.test(name) && name !== 'node_modules' && name !== 'novastack.lock';
}

/** Whether files of that name are read, if nothing says otherwise. */
export function isReadName(name: string): boolean {
  return isReadableFile(name) || isDocument(name);
}

function isReadableFile(name: string): boolean {
  return (
    !/^[._]/.test(name) && /\.ya?ml$/.test(name) && name !== 'approvals.yaml' && name !== 'approvals.yml'
  );
}

function isDocument(name: string): boolean {
  return !/^[._]/.test(name) && name.endsWith('.graphql');
}

/** Whether a folder's `novastack.yaml` says `novastack:` and `project:`, even where the rest of it cannot be read. */
async function isProject(folder: string): Promise<boolean> {
  const path = join(folder, projectFile);
  const stats = await lstat(path).catch(() => undefined);
  if (!stats?.isFile() || stats.size > maxBytes) return false;
  return isProjectText(await readFile(path));
}

/** Whether a `novastack.yaml` of that content makes its folder a project. Pure. */
export function isProjectText(bytes: Uint8Array): boolean {
  const text = bytes.length > maxBytes ? undefined : decode(bytes);
  if (text === undefined) return false;
  const value = parseDocument(projectFile, text).document?.value;
  if (typeof value === 'object' && value !== null)
    return Object.hasOwn(value, 'novastack') && Object.hasOwn(value, 'project');
  return /^novastack\s*:/m.test(text) && /^project\s*:/m.test(text);
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
