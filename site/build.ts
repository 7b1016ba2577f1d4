/**
 * Builds the documentation site of a project: content → Astro in a child process → a folder of static files.
 * Each build has a private root: two from one root put one project's pages in another's site.
 */
import { randomUUID } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Api, type Project, publishableKey } from '../engine/index.ts';
import { type Shelf, shelfOf } from './book.ts';
import { runToEnd, SiteError } from './child.ts';
import { siteContent } from './content.ts';
import { ensureInstalled } from './dependencies.ts';
import { examplesFor, type RoleExamples } from './examples.ts';
import { bookMarkdown, pageMarkdown } from './markdown.ts';
import { type OwnPages, readOwnPages } from './own-pages.ts';
import { bounded, type Rehearsal } from './rehearsal.ts';
import { inTurn } from './turn.ts';

export { SiteError } from './child.ts';

export interface SiteOptions {
  /** The compiled project. */
  readonly api: Api;
  /** What it was compiled of. */
  readonly project: Project;
  /** Its folder. */
  readonly directory: string;
  /** Whose pages are built, the first at the root. Default: those that the project publishes. */
  readonly roles?: readonly string[];
  /** Where examples are tried. Default: nowhere, and their values are made up. */
  readonly rehearsal?: Rehearsal;
  /** Folder of the finished site, replaced as a whole. It must be empty, absent, or an earlier site. */
  readonly out: string;
  /** What the project's paths begin with: `/bookshop`; empty with a host of its own. The site is for `<basePath>/docs/`. */
  readonly basePath: string;
  /** Scheme, host and port in the examples. Default `http://127.0.0.1:4000`, where `dev` serves. */
  readonly origin?: string;
  /** One line of text for a person who waits. */
  readonly onProgress?: (line: string) => void;
  /** Ends the build and leaves `out` as it was. */
  readonly signal?: AbortSignal;
}

const here = import.meta.dirname;
/**
 * Private roots are made here and not in the system's temporary folder: Astro 7 takes a module whose path shares no
 * folder with the root for one inside it, and `node_modules` is found beside.
 */
const builds = join(here, '.builds');
const sources = ['astro.config.mjs', 'search.mjs', 'package.json', 'src', 'diagram', 'public'];
/** A site carries this file, so that no other folder is ever replaced by one. */
const marker = '.novastack-site';
const buildMs = 5 * 60_000;
const heapMegabytes = 1024;
const defaultOrigin = 'http://127.0.0.1:4000';
/** Requests of a rehearsal, a write counted as many: some seconds. */
const mostTried = 1200;

/**
 * Builds the site and puts it in the place of the one before. The first build installs Astro and Starlight; builds on
 * one host take turns.
 *
 * @throws {SiteError} `out` is something else's folder; npm or Astro failed (with the end of its output)
 * @throws the signal's reason, when aborted
 */
export async function buildSite(options: SiteOptions): Promise<void> {
  const out = resolve(options.out);
  await refuseForeign(out);
  const { api, project, basePath, onProgress, signal } = options;
  const own = await ownPages(options);
  const content = siteContent(api, {
    basePath,
    origin: options.origin ?? defaultOrigin,
    roles: options.roles ?? project.docs.roles,
    issuers: project.auth.jwt,
    own: own.pages,
    examples: await examplesOf(options),
  });
  const shelf = shelfOf(content, [...own.images.keys()]);
  await inTurn(
    async () => {
      await ensureInstalled(onProgress, signal);
      await buildAside(shelf, [...own.images.values()], out, signal);
    },
    {
      onWait: () => onProgress?.('Waiting for another documentation site to be built.'),
      ...(signal === undefined ? {} : { signal }),
    },
  );
}

async function examplesOf(options: SiteOptions): Promise<ReadonlyMap<string, RoleExamples>> {
  const { api, project, basePath, rehearsal } = options;
  const url = `${options.origin ?? defaultOrigin}${basePath}`;
  const place = {
    project: url,
    rest: `${url}/rest/v1`,
    graphql: `${url}/graphql/v1`,
    publishableKey: publishableKey(project.name),
  };
  const tried = rehearsal === undefined ? undefined : bounded(rehearsal, mostTried, api.tables.size);
  const found = new Map<string, RoleExamples>();
  for (const role of options.roles ?? project.docs.roles)
    found.set(
      role,
      await examplesFor(api, role, { place, ...(tried === undefined ? {} : { rehearsal: tried }) }),
    );
  return found;
}

/** A project without a folder of pages has none of its own. */
async function ownPages({ project, directory }: SiteOptions): Promise<OwnPages> {
  const { folder } = project.docs;
  if (folder === undefined) return { pages: [], images: new Map() };
  return readOwnPages(directory, folder, new Set(project.roles.keys()));
}

async function buildAside(
  shelf: Shelf,
  images: readonly string[],
  out: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  // Whoever has the turn is alone: what is there was left by a build that was killed.
  await rm(builds, { recursive: true, force: true, maxRetries: 3 });
  await mkdir(builds, { recursive: true });
  const root = await mkdtemp(join(builds, 'build-'));
  try {
    for (const source of sources) await cp(join(here, source), join(root, source), { recursive: true });
    const contentFile = join(root, 'content.json');
    await writeFile(contentFile, JSON.stringify(shelf));
    await mkdir(join(root, 'images'));
    for (const [number, file] of images.entries()) await cp(file, join(root, 'images', String(number)));
    await runToEnd(
      `the build of the documentation site of "${shelf.project}"`,
      process.execPath,
      [
        `--max-old-space-size=${heapMegabytes}`,
        join(here, 'node_modules/astro/bin/astro.mjs'),
        'build',
        '--root',
        root,
      ],
      {
        cwd: root,
        env: environment(root, contentFile),
        timeoutMs: buildMs,
        ...(signal === undefined ? {} : { signal }),
      },
    );
    await writeTexts(shelf, join(root, 'out'));
    await writeFile(
      join(root, 'out', marker),
      'Written by novastack docs, replaced as a whole by the next build.\n',
    );
    await swap(join(root, 'out'), out);
  } finally {
    await rm(root, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Each page and the list of them, for programs that read. */
async function writeTexts({ books, title, base }: Shelf, out: string): Promise<void> {
  for (const book of books) {
    for (const page of book.pages)
      await writeFile(join(out, book.root, page.path, 'index.md'), pageMarkdown(page, { base, book }));
    await writeFile(join(out, book.root, 'llms.txt'), bookMarkdown(book, title, base));
  }
}

/** Nothing of the engine's own environment: it may hold the databases' passwords. */
function environment(root: string, contentFile: string): NodeJS.ProcessEnv {
  const { PATH, SystemRoot } = process.env;
  return {
    PATH,
    ...(SystemRoot === undefined ? {} : { SystemRoot }),
    HOME: root,
    TMPDIR: root,
    TEMP: root,
    NODE_ENV: 'production',
    NO_COLOR: '1',
    ASTRO_TELEMETRY_DISABLED: '1',
    NOVASTACK_SITE_CONTENT: contentFile,
  };
}

/** Copies beside `out` first, since a rename does not cross file systems, then puts it in its place by renames. */
async function swap(built: string, out: string): Promise<void> {
  await mkdir(dirname(out), { recursive: true });
  const id = randomUUID().slice(0, 8);
  const next = join(dirname(out), `.${basename(out)}.${id}.next`);
  const last = join(dirname(out), `.${basename(out)}.${id}.last`);
  try {
    await cp(built, next, { recursive: true });
    const replaced = await rename(out, last).then(
      () => true,
      () => false,
    );
    await rename(next, out).catch(async (error: unknown) => {
      if (replaced) await rename(last, out);
      throw error;
    });
  } finally {
    await rm(next, { recursive: true, force: true });
    await rm(last, { recursive: true, force: true });
  }
}

async function refuseForeign(out: string): Promise<void> {
  const stats = await stat(out).catch(() => undefined);
  if (stats === undefined) return;
  if (!stats.isDirectory()) throw new SiteError(`"${out}" is a file.`, 'name a folder for the site');
  const names = await readdir(out);
  if (names.length === 0 || names.includes(marker)) return;
  throw new SiteError(
    `The folder "${out}" holds something other than a documentation site.`,
    'name a new folder, or empty this one: a build replaces it as a whole',
  );
}
