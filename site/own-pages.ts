/**
 * The project's own pages: Markdown in the folder that `docs:` names, and the images beside it. Nothing else of the
 * folder is read, no link of the file system is followed, and a page that cannot be understood is never published.
 */
import type { Dirent } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { parseDocument } from '../schema/document.ts';
import { nearest } from '../schema/nearest.ts';
import { SiteError } from './child.ts';
import { slugs } from './slug.ts';

export interface OwnPage {
  /** Below the folder, with slashes: `guides/start.md`. */
  readonly file: string;
  readonly path: string;
  readonly title: string;
  readonly description: string | null;
  /** Whose it is; null: everybody's. */
  readonly roles: readonly string[] | null;
  /** Pages come by it, then by their files' names. */
  readonly order: number;
  readonly markdown: string;
}

export interface OwnPages {
  readonly pages: readonly OwnPage[];
  /** Where each image is, by its path below the folder. Which of them are published is what pages show. */
  readonly images: ReadonlyMap<string, string>;
}

const imageTypes = /\.(?:png|jpe?g|gif|webp|avif|svg)$/i;
const mostFiles = 5_000;
const mostBytes = 1_048_576;
const mostImageBytes = 10 * 1_048_576;

/**
 * @param directory the project's folder
 * @param folder below it
 * @param roles that the project declares
 * @throws {SiteError} with everything that is wrong
 */
export async function readOwnPages(
  directory: string,
  folder: string,
  roles: ReadonlySet<string>,
): Promise<OwnPages> {
  const root = await within(directory, folder);
  const files = (await filesOf(root)).sort();
  const images = files.filter((file) => imageTypes.test(file));
  const wrong: string[] = [];
  const pages: Omit<OwnPage, 'path'>[] = [];
  for (const file of files.filter((one) => /\.md$/i.test(one))) {
    const bytes = await readFile(join(root, file));
    const place = posix.join(folder, file);
    if (bytes.length > mostBytes) wrong.push(`${place} has more than ${mostBytes} bytes.`);
    else pages.push(readPage(file, place, bytes.toString('utf8'), roles, wrong));
  }
  for (const image of images)
    if ((await stat(join(root, image))).size > mostImageBytes)
      wrong.push(`${posix.join(folder, image)} has more than ${mostImageBytes} bytes.`);
  if (wrong.length > 0) {
    const [first, ...others] = wrong;
    throw new SiteError(
      [first, ...others].join('\n'),
      'nothing was built: a page that is not understood is not published',
    );
  }
  const slugOf = slugs(new Set(pages.flatMap(({ file }) => partsOf(file))), 'page');
  return {
    pages: pages
      .map((page) => ({
        ...page,
        path: `/pages/${partsOf(page.file)
          .map((part) => slugOf.get(part)!)
          .join('/')}/`,
      }))
      .sort((a, b) => a.order - b.order || (a.file < b.file ? -1 : 1)),
    images: new Map(images.map((image) => [image, join(root, image)])),
  };
}

function partsOf(file: string): readonly string[] {
  return file.replace(/\.md$/i, '').split('/');
}

/** The folder itself may be no way out of the project either. */
async function within(directory: string, folder: string): Promise<string> {
  const project = await realpath(directory);
  const found = await realpath(join(project, folder)).catch(() => undefined);
  if (found === undefined)
    throw new SiteError(`The folder "${folder}" of docs: does not exist.`, 'make it, or leave folder: out');
  if (relative(project, found).split(sep).includes('..') || found !== join(project, folder))
    throw new SiteError(`The folder "${folder}" of docs: is a link.`, 'name the folder itself');
  return found;
}

/** Paths with slashes. What begins with a dot or an underscore is left out, as everywhere in a project. */
async function filesOf(root: string, below = ''): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.filter(isSeen)) {
    const path = posix.join(below, entry.name);
    if (entry.isDirectory()) found.push(...(await filesOf(root, path)));
    else found.push(path);
    if (found.length > mostFiles)
      throw new SiteError(`The folder of docs: has more than ${mostFiles} files.`);
  }
  return found;
}

function isSeen(entry: Dirent): boolean {
  return (
    (entry.isFile() || entry.isDirectory()) && !/^[._]/.test(entry.name) && entry.name !== 'node_modules'
  );
}

/** What is wrong is told, and such a page is nobody's. */
function readPage(
  file: string,
  place: string,
  text: string,
  roles: ReadonlySet<string>,
  wrong: string[],
): Omit<OwnPage, 'path'> {
  const { front, body } = split(text);
  const said = front === undefined ? {} : readFront(front, place, wrong);
  const { title, description, order } = said;
  const given = rolesOf(said.roles, place, roles, wrong);
  for (const [key, value, kind] of [
    ['title', title, 'string'],
    ['description', description, 'string'],
    ['order', order, 'number'],
  ] as const)
    if (value !== undefined && typeof value !== kind)
      wrong.push(`${place}: "${key}" is no ${kind === 'string' ? 'text' : 'number'}.`);
  return {
    file,
    title: typeof title === 'string' ? title : titleOf(body, file),
    description: typeof description === 'string' ? description : null,
    roles: given,
    order: typeof order === 'number' ? order : 0,
    markdown: typeof title === 'string' ? body : withoutTitle(body),
  };
}

function split(text: string): { readonly front: string | undefined; readonly body: string } {
  const plain = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  const found = /^---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|$)/ms.exec(plain);
  if (found === null || found.index !== 0) return { front: undefined, body: plain };
  return { front: found[1]!, body: plain.slice(found[0].length) };
}

function readFront(front: string, place: string, wrong: string[]): { readonly [key: string]: unknown } {
  if (front.trim() === '') return {};
  const { document, diagnostics } = parseDocument(place, front);
  const [error] = diagnostics.filter(({ severity }) => severity === 'error');
  const value = document?.value;
  if (error === undefined && typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as { readonly [key: string]: unknown };
  wrong.push(`${place}: the front matter cannot be read. ${error?.message ?? 'It is no list of keys.'}`);
  return { roles: [] };
}

function rolesOf(
  value: unknown,
  place: string,
  declared: ReadonlySet<string>,
  wrong: string[],
): readonly string[] | null {
  if (value === undefined) return null;
  if (!Array.isArray(value) || !value.every((one): one is string => typeof one === 'string')) {
    wrong.push(`${place}: "roles" is no list of names.`);
    return [];
  }
  for (const name of value.filter((one) => !declared.has(one))) {
    const meant = nearest(name, declared);
    wrong.push(
      `${place}: there is no role "${name}".${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
    );
  }
  return value;
}

const firstHeading = /^\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\n|$)/;

/** The first heading, else the file's name. */
function titleOf(body: string, file: string): string {
  const heading = firstHeading
    .exec(body)?.[1]
    ?.replace(/[`*]|(?<!\w)_|_(?!\w)/g, '')
    .trim();
  if (heading !== undefined && heading !== '') return heading;
  return posix.basename(file).replace(/\.md$/i, '').replace(/[-_]+/g, ' ');
}

function withoutTitle(body: string): string {
  return body.replace(firstHeading, '');
}
