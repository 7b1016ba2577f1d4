/** Builds of documentation sites: one at a time, the newest of each project, never awaited by what serves. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Project } from '../../schema/project.ts';
import { stateFolder } from '../auth/dev-issuer.ts';
import type { ServedProject } from '../reconcile/folder-event.ts';

export interface DocsBuild {
  readonly project: Project;
  readonly api: ServedProject['api'];
  /** The project's folder. */
  readonly directory: string;
  /** Where to write; made, empty. */
  readonly out: string;
  /** What the site's URLs begin with: `/bookshop`. */
  readonly basePath: string;
  /** Scheme, host and port of the API. */
  readonly origin: string;
  readonly onProgress: (line: string) => void;
  /** The server stops. */
  readonly signal: AbortSignal;
}

/** Writes the site of one project; rejects with what to tell. */
export type BuildDocs = (build: DocsBuild) => Promise<void>;

export type DocsEvent = { readonly project: string } & (
  | { readonly kind: 'docs-building' }
  | { readonly kind: 'docs-progress'; readonly line: string }
  | { readonly kind: 'docs-built'; readonly ms: number }
  | { readonly kind: 'docs-failed'; readonly message: string; readonly cause: unknown }
);

export interface DocsBuildsOptions {
  readonly build: BuildDocs;
  readonly origin: string;
  readonly onEvent: (event: DocsEvent) => void;
}

interface Job {
  readonly served: ServedProject;
  readonly directory: string;
}

export class DocsBuilds {
  readonly #options: DocsBuildsOptions;
  readonly #waiting = new Map<string, Job>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: DocsBuildsOptions) {
    this.#options = options;
  }

  /** Pages of an earlier run are better than none while the first build runs. */
  async showEarlier(served: ServedProject, directory: string): Promise<void> {
    if (served.slot.docs.root !== undefined) return;
    const folder = await docsFolder(directory);
    const [newest] = (await readdir(folder))
      .filter((name) => !name.endsWith('.part'))
      .sort()
      .reverse();
    if (newest !== undefined && served.slot.docs.root === undefined)
      served.slot.docs.serve(path.join(folder, newest));
  }

  request(served: ServedProject, directory: string): void {
    if (this.#stop.signal.aborted) return;
    this.#waiting.set(served.project.name, { served, directory });
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async close(): Promise<void> {
    this.#waiting.clear();
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      this.#waiting.delete(next[0]);
      await this.#build(next[1]);
    }
  }

  async #build({ served, directory }: Job): Promise<void> {
    const { onEvent, build, origin } = this.#options;
    const project = served.project.name;
    const from = performance.now();
    onEvent({ project, kind: 'docs-building' });
    try {
      const folder = await docsFolder(directory);
      const finished = path.join(folder, `${Date.now()}-${randomBytes(3).toString('hex')}`);
      const out = `${finished}.part`;
      await mkdir(out);
      await build({
        project: served.project,
        api: served.api,
        directory,
        out,
        basePath: `/${project}`,
        origin,
        onProgress: (line) => onEvent({ project, kind: 'docs-progress', line }),
        signal: this.#stop.signal,
      });
      if (this.#stop.signal.aborted) return;
      await rename(out, finished);
      served.slot.docs.serve(finished);
      await sweep(folder, path.basename(finished));
      onEvent({ project, kind: 'docs-built', ms: performance.now() - from });
    } catch (cause) {
      if (this.#stop.signal.aborted) return;
      served.slot.docs.fail();
      const message = cause instanceof Error ? cause.message : String(cause);
      onEvent({ project, kind: 'docs-failed', message, cause });
    }
  }
}

/** A dot keeps it apart from the databases, whose names begin with a letter. */
async function docsFolder(directory: string): Promise<string> {
  const folder = path.join(await stateFolder(directory), '.docs');
  await mkdir(folder, { recursive: true });
  return folder;
}

/** Files that a reader has open stay readable until it is done. */
async function sweep(folder: string, keep: string): Promise<void> {
  for (const name of await readdir(folder))
    if (name !== keep) await rm(path.join(folder, name), { recursive: true, force: true });
}
