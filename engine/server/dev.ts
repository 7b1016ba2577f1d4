/** All of `novastack dev` but the printing: projects of folders, followed and served on this machine alone. */
import type { DevIssuer } from '../auth/dev-issuer.ts';
import { FolderFollower } from '../reconcile/folder.ts';
import type { FolderEvent, ServedProject } from '../reconcile/folder-event.ts';
import type { ProjectStatus } from '../reconcile/status.ts';
import { DatabaseHost } from '../revision/databases.ts';
import type { LogOptions } from '../telemetry/log.ts';
import { Core } from './core.ts';
import { type BuildDocs, DocsBuilds, type DocsEvent } from './docs-builds.ts';
import { createListener } from './listener.ts';
import { createOperator } from './operator.ts';
import { ownHosts } from './place.ts';
import { onShutdown } from './shutdown.ts';
import { packageVersion } from './version.ts';

export type DevEvent =
  | FolderEvent
  | DocsEvent
  | { readonly kind: 'listening'; readonly url: string }
  /** A signal came; requests are finished. A second signal ends at once. */
  | { readonly kind: 'stopping'; readonly signal: string }
  | { readonly kind: 'stopped' };

export interface DevOptions {
  /** Folders of projects, each with a `novastack.yaml` (as `findProjects` gives them). */
  readonly folders: readonly string[];
  /** 0: a free one. */
  readonly port: number;
  /** Throw the data of embedded databases away first. Default false. */
  readonly reset?: boolean;
  /** Default: nothing is logged. */
  readonly log?: LogOptions;
  readonly onEvent?: (event: DevEvent) => void;
  /** Builds a project's documentation after each swap; without it `/docs/` keeps saying that it is being built. */
  readonly buildDocs?: BuildDocs;
  /** Listen to SIGTERM and SIGINT. Default true. */
  readonly signals?: boolean;
  /** Host names that are answered besides those of this machine: of a tunnel, say. */
  readonly hosts?: readonly string[];
  /** Milliseconds between looks at each database's schema. Default 1,000. */
  readonly pollMs?: number;
}

/** A project that is served now. */
export interface DevProject {
  readonly name: string;
  readonly directory: string;
  readonly revision: string;
  readonly api: ServedProject['api'];
  readonly issuer: DevIssuer;
}

export interface DevServer {
  /** `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
  /** Resolves when the first attempt of every project has ended, served or not. */
  readonly ready: Promise<void>;
  /** In the order of the folders; only those that are served. */
  projects(): readonly DevProject[];
  status(): readonly ProjectStatus[];
  /** Finishes what runs, then closes everything. Idempotent. */
  close(signal?: string): Promise<void>;
  /** Resolves when it has closed, by whatever cause. */
  readonly closed: Promise<void>;
}

const address = '127.0.0.1';
/** Milliseconds that running requests get when the server stops. */
const stopMs = 10_000;

/** @throws what Node says when the port cannot be had (`EADDRINUSE`) */
export async function startDev(options: DevOptions): Promise<DevServer> {
  const server = new DevInstance(options);
  await server.start();
  return server;
}

class DevInstance implements DevServer {
  readonly #options: DevOptions;
  readonly #core: Core;
  readonly #followers: readonly FolderFollower[];
  readonly #directories = new Map<FolderFollower, string>();
  #listener: ReturnType<typeof createListener> | undefined;
  #operator: Awaited<ReturnType<typeof createOperator>> | undefined;
  #docs: DocsBuilds | undefined;
  #unlisten: () => void = () => {};
  #closing: Promise<void> | undefined;
  readonly #ended = Promise.withResolvers<void>();
  url = '';
  port = 0;
  ready: Promise<void> = Promise.resolve();

  constructor(options: DevOptions) {
    this.#options = options;
    const { log } = options;
    this.#core = new Core({ log, drainMs: stopMs, status: () => this.status() });
    const host = new DatabaseHost();
    this.#followers = options.folders.map((directory) => {
      const follower: FolderFollower = new FolderFollower({
        directory,
        registry: this.#core.registry,
        databases: host.of(directory),
        emit: this.#core.emit,
        onEvent: (event) => this.#tell(event),
        onServed: (served) => this.#served(served, directory),
        reset: options.reset ?? false,
        pollMs: options.pollMs,
      });
      this.#directories.set(follower, directory);
      return follower;
    });
  }

  get closed(): Promise<void> {
    return this.#ended.promise;
  }

  async start(): Promise<void> {
    this.#operator = await createOperator({
      projects: () => this.status(),
      metrics: this.#core.metrics,
      mode: 'dev',
      access: { kind: 'open' },
      version: packageVersion(),
    });
    this.#listener = createListener({
      registry: this.#core.registry,
      operator: this.#operator.handle,
      emit: this.#core.emit,
      hosts: new Set([...ownHosts, ...(this.#options.hosts ?? [])].map((name) => name.toLowerCase())),
    });
    try {
      this.port = (await this.#listener.listen(this.#options.port, address)).port;
    } catch (error) {
      await this.#operator.close();
      throw error;
    }
    this.url = `http://${address}:${this.port}`;
    const { buildDocs } = this.#options;
    if (buildDocs !== undefined)
      this.#docs = new DocsBuilds({
        build: buildDocs,
        origin: this.url,
        onEvent: (event) => this.#tell(event),
      });
    if (this.#options.signals ?? true)
      this.#unlisten = onShutdown({
        stop: (signal) => this.close(signal),
        force: (signal) => process.exit(128 + (signal === 'SIGINT' ? 2 : 15)),
      });
    this.#core.emit({ kind: 'listening', url: this.url });
    this.#tell({ kind: 'listening', url: this.url });
    this.ready = this.#startAll();
  }

  projects(): readonly DevProject[] {
    return this.#followers.flatMap((follower) => {
      const { served } = follower;
      if (served === undefined) return [];
      const { project, revision, api, issuer } = served;
      return [{ name: project.name, directory: this.#directories.get(follower)!, revision, api, issuer }];
    });
  }

  status(): readonly ProjectStatus[] {
    return this.#followers.map((follower) => follower.status());
  }

  close(signal = 'close'): Promise<void> {
    this.#closing ??= this.#close(signal).finally(() => this.#ended.resolve());
    return this.#closing;
  }

  /** In order: a folder that comes first has the name that two want. */
  async #startAll(): Promise<void> {
    for (const follower of this.#followers) {
      if (this.#closing !== undefined) return;
      await follower.start();
    }
  }

  async #close(signal: string): Promise<void> {
    this.#tell({ kind: 'stopping', signal });
    this.#core.emit({ kind: 'stopping', signal, running: this.#core.running });
    const stopped = Promise.all([
      this.#docs?.close(),
      ...this.#followers.map((follower) => follower.close()),
    ]);
    await this.#core.drain(this.#listener!);
    await stopped;
    await this.#core.registry.close();
    for (const follower of this.#followers) await follower.closeDatabases();
    await this.#operator?.close();
    this.#unlisten();
    this.#core.emit({ kind: 'stopped' });
    this.#core.log.flush();
    this.#tell({ kind: 'stopped' });
  }

  #served(served: ServedProject, directory: string): void {
    const docs = this.#docs;
    if (docs === undefined) return;
    docs.showEarlier(served, directory).catch((cause: unknown) => this.#fault(served, cause));
    docs.request(served, directory);
  }

  #fault(served: ServedProject, cause: unknown): void {
    const message = 'The documentation of an earlier run could not be shown.';
    this.#core.emit({ kind: 'fault', project: served.project.name, message, cause });
  }

  #tell(event: DevEvent): void {
    this.#options.onEvent?.(event);
  }
}
