/** All of `novastack serve` but the command line: projects that follow Git, served until a signal comes. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerConfig, SourceConfig } from '../../schema/server-config.ts';
import { FolderReplayGuard } from '../auth/replay.ts';
import { Control } from '../control/control.ts';
import { type FolderLock, lockFolder } from '../execute/embedded-lock.ts';
import { Problem } from '../problem/problem.ts';
import type { Fleet } from '../reconcile/fleet.ts';
import { Gate } from '../reconcile/gate.ts';
import { Mirror } from '../reconcile/git/mirror.ts';
import { GitFleet } from '../reconcile/git-fleet.ts';
import { GitProject } from '../reconcile/git-project.ts';
import { GitSource } from '../reconcile/git-source.ts';
import { GoodStore } from '../reconcile/good.ts';
import { selectionOf } from '../reconcile/selection.ts';
import type { ProjectStatus } from '../reconcile/status.ts';
import { Trees } from '../reconcile/trees.ts';
import { DatabaseHost, type Pooling } from '../revision/databases.ts';
import { Registry } from '../revision/registry.ts';
import type { LogOptions } from '../telemetry/log.ts';
import { Core } from './core.ts';
import { createListener, type Listener } from './listener.ts';
import { hostsOf, openListener, requireFree, urlHost, urlOf } from './open.ts';
import { createDoors, type Doors } from './operator/doors.ts';
import { createOperator, type Operator, type OperatorOptions } from './operator.ts';
import { ownHosts } from './place.ts';
import { onShutdown } from './shutdown.ts';
import { SourceReports } from './source-reports.ts';
import { packageVersion } from './version.ts';
import { trustOf } from './workers/pass-on.ts';
import { Workers } from './workers/workers.ts';

export type ServeEvent =
  | { readonly kind: 'listening'; readonly url: string; readonly admin: string | undefined }
  /** Another process holds the state folder: what was good is served, and Git is followed once that one has ended. */
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'following' }
  | { readonly kind: 'stopping'; readonly signal: string }
  | { readonly kind: 'stopped' };

export interface ServeOptions {
  /** With its references resolved. */
  readonly config: ServerConfig;
  readonly log?: LogOptions;
  readonly onEvent?: (event: ServeEvent) => void;
  /** Listen to SIGTERM and SIGINT. Default true. */
  readonly signals?: boolean;
  /** Milliseconds between looks at each database. Default 5,000. */
  readonly pollMs?: number;
  /** Milliseconds that requests are still answered when the server is closed, so that callers leave in order. Default 1,000. */
  readonly lingerMs?: number;
}

export interface ServeServer {
  readonly url: string;
  /** Undefined: the operator's endpoints are on `url`. */
  readonly adminUrl: string | undefined;
  readonly fleet: Fleet;
  /** Resolves when what was good before serves, and the first commit of each source has been attempted. */
  readonly ready: Promise<void>;
  status(): readonly ProjectStatus[];
  /** Finishes what runs, then closes everything. Idempotent. */
  close(signal?: string): Promise<void>;
  readonly closed: Promise<void>;
}

/** Builds at a time, while no database is waited for: they share the event loop with requests. */
const buildsAtOnce = 1;
const pollMs = 5_000;
const lingerMs = 1_000;
/** Of each database, for the process that follows Git beside its workers. */
const connectionsOfFollower = 4;

/** @throws what Node says when an address cannot be had (`EADDRINUSE`), and what the file system says of the state folder */
export async function startServe(options: ServeOptions): Promise<ServeServer> {
  const server = new ServeInstance(options);
  await server.start();
  return server;
}

class ServeInstance implements ServeServer {
  readonly #options: ServeOptions;
  /** Its port is the one that was chosen, where it was 0 and there are workers. */
  #config: ServerConfig;
  readonly #core: Core;
  readonly #sources: readonly GitSource[];
  readonly fleet: GitFleet;
  readonly #reports: SourceReports[] = [];
  readonly #listeners: Listener[] = [];
  /** Where workers ask what is asked of the operator. */
  #inner: Listener | undefined;
  /** The folder of it. */
  #private: string | undefined;
  readonly #pooling: Pooling;
  readonly #operators: Operator[] = [];
  readonly #doors: Doors;
  readonly #ending = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  /** Undefined: this engine is the only one. */
  readonly #control: Control | undefined;
  /** Undefined: this process serves by itself. */
  #workers: Workers | undefined;
  #lock: FolderLock | undefined;
  /** What was good before serves, or every source has been looked at: a project that is broken keeps no other from its callers. */
  #canServe = false;
  #unlisten: () => void = () => {};
  #closing: Promise<void> | undefined;
  url = '';
  adminUrl: string | undefined;
  ready: Promise<void> = Promise.resolve();

  constructor(options: ServeOptions) {
    this.#options = options;
    this.#config = options.config;
    const { log } = options;
    const { drainMs, workers } = options.config;
    this.#core = new Core({
      log,
      drainMs,
      status: () => this.status(),
      ...(workers > 1 && {
        onChange: (change) => this.#workers?.change(change),
        readings: async () => (await this.#workers?.metrics()) ?? [],
      }),
    });
    // What serves has the connections; this process only looks.
    const share = workers > 1 ? (whole: number) => Math.min(whole, connectionsOfFollower) : undefined;
    this.#pooling = { maxPool: options.config.limits.pool, ...(share && { share }) };
    if (options.config.control !== undefined) this.#control = this.#agreeBy(options.config.control.url);
    const gate = new Gate(buildsAtOnce);
    this.#sources = [...options.config.sources.values()].map((source) => this.#source(source, gate));
    this.fleet = new GitFleet(this.#sources, this.#control);
    this.#doors = createDoors({
      config: options.config,
      replay: this.#control ?? new FolderReplayGuard(path.join(options.config.state, 'used-tokens')),
      fleet: this.fleet,
      emit: this.#core.emit,
    });
  }

  get closed(): Promise<void> {
    return this.#ended.promise;
  }

  status(): readonly ProjectStatus[] {
    return this.fleet.projects();
  }

  async start(): Promise<void> {
    this.#lock = await this.#tryLock();
    try {
      // Whoever hands over to us still listens at the same port; without one nobody else may.
      if (this.#lock !== undefined) await this.#requireFree();
      if (this.#config.workers > 1) await this.#openInner();
      // It comes in when it serves what the other one serves.
      if (this.#lock === undefined) await this.#restore();
      await this.#listen();
    } catch (error) {
      this.#lock?.release();
      this.#workers?.kill();
      for (const listener of [...this.#listeners, ...(this.#inner ? [this.#inner] : [])]) {
        const drained = listener.drain();
        listener.destroy();
        await drained;
      }
      this.#removePrivate();
      await this.fleet.close();
      await this.#core.registry.close();
      await this.fleet.closeDatabases();
      for (const operator of this.#operators) await operator.close();
      throw error;
    }
    if (this.#options.signals ?? true)
      this.#unlisten = onShutdown({
        stop: (signal) => this.close(signal),
        force: (signal) => {
          this.#workers?.kill();
          this.#removePrivate();
          process.exit(128 + (signal === 'SIGINT' ? 2 : 15));
        },
      });
    this.#core.emit({ kind: 'listening', url: this.url });
    this.#tell({ kind: 'listening', url: this.url, admin: this.adminUrl });
    this.ready = this.#follow().catch((cause: unknown) =>
      this.#core.emit({ kind: 'fault', project: undefined, message: 'Git is not followed.', cause }),
    );
  }

  close(signal = 'close'): Promise<void> {
    this.#closing ??= this.#close(signal).finally(() => this.#ended.resolve());
    return this.#closing;
  }

  #source(config: SourceConfig, gate: Gate): GitSource {
    const { state } = this.#config;
    const { pollMs: every = pollMs } = this.#options;
    const mirror = openMirror(config, path.join(state, 'mirrors', `${config.name}.git`));
    const store = new GoodStore(path.join(state, 'projects', config.name));
    const { files, bytes } = this.#config.limits;
    const trees = new Trees(path.join(state, 'trees', config.name), (tree, to) =>
      mirror.export(tree, to, { files, bytes }),
    );
    const { emit } = this.#core;
    const reports = this.#reportsOf(config);
    const leads = () => this.#control?.leads() ?? true;
    const make = (folder: string) => {
      if (this.fleet.size >= this.#config.limits.projects) return undefined;
      return new GitProject({
        source: { name: config.name, url: config.url, ref: config.ref },
        folder,
        store,
        mayRecord: () => this.#lock !== undefined,
        trees,
        registry: this.#core.registry,
        databases: new DatabaseHost(this.#pooling).of(store.folderOf(folder)),
        gate,
        emit,
        previous: this.#config.previous,
        secret: this.#config.secret,
        select: (slug) => selectionOf(config, slug),
        onSettled: (project) => {
          if (leads()) reports?.settled(project);
        },
        onLock: (project, files) => {
          if (leads()) reports?.lock(project, files);
        },
        leads,
        pollMs: every,
        ...(this.#config.workers > 1 && {
          share: async (build, revision) => this.#workers?.share(build, revision),
        }),
      });
    };
    return new GitSource({ config, mirror, store, trees, emit, make });
  }

  /** With other engines, through a database. */
  #agreeBy(url: string): Control {
    const { emit } = this.#core;
    return new Control({
      url,
      onLook: (source) => this.fleet.look(source),
      onForget: (source, folder) =>
        void this.fleet.forget(source, folder).catch((cause: unknown) => {
          const message = `The project in "${folder}" could not be forgotten, as another engine was told to.`;
          emit({ kind: 'fault', project: undefined, message, cause });
        }),
      onWishes: () => void this.fleet.follow(),
      onLead: (leads) => {
        emit({ kind: 'leading', leads });
        if (leads) this.fleet.takeLead();
      },
      onReachable: (reachable, cause) => emit({ kind: 'control', reachable, cause }),
      lookMs: this.#options.pollMs ?? pollMs,
    });
  }

  #reportsOf(source: SourceConfig): SourceReports | undefined {
    if (source.github === undefined) return undefined;
    const { state, url } = this.#config;
    const { emit } = this.#core;
    const reports = new SourceReports(source, source.github, { state, url, emit });
    this.#reports.push(reports);
    return reports;
  }

  async #listen(): Promise<void> {
    const { listen, admin, limits, sources } = this.#config;
    const { emit, registry } = this.#core;
    const { authority } = this.#doors;
    if (this.#workers !== undefined) {
      await this.#workers.start();
      this.url = urlOf(listen);
    } else {
      const listener = createListener({
        registry,
        operator: await this.#operator({ access: { kind: 'closed', authority } }),
        emit,
        projectOfHost: hostsOf(sources.values()),
        maxSockets: limits.sockets,
      });
      this.#listeners.push(listener);
      this.url = await openListener(listener, listen);
    }
    if (admin === undefined) return;
    const inner = createListener({
      registry: new Registry({ emit }),
      operator: await this.#operator({ access: { kind: 'open', authority } }),
      emit,
      // A page of another site can make its own name point to this machine.
      ...(ownHosts.includes(urlHost(admin)) && { hosts: new Set(ownHosts) }),
    });
    this.#listeners.push(inner);
    this.adminUrl = await openListener(inner, admin);
  }

  /** Workers listen where callers are answered; what is asked of the operator there, they ask of us, here. */
  async #openInner(): Promise<void> {
    const { emit, log } = this.#core;
    const { format = 'silent', level } = this.#options.log ?? {};
    if (this.#config.listen.port === 0)
      this.#config = { ...this.#config, listen: await requireFree(this.#config.listen) };
    const access = { kind: 'closed', authority: this.#doors.authority } as const;
    this.#private = await mkdtemp(path.join(tmpdir(), 'novastack-'));
    const socket = operatorSocket(this.#private);
    const operator = await this.#operator({ access, proxies: trustOf(this.#config.proxies) });
    this.#inner = createListener({ registry: new Registry({ emit }), operator, emit });
    await this.#inner.listenAt(socket);
    this.#workers = new Workers({
      config: this.#config,
      log: { format, ...(level && { level }) },
      operator: socket,
      emit,
      relay: (lines) => log.relay(lines),
    });
  }

  async #operator(given: Pick<OperatorOptions, 'access' | 'proxies'>): Promise<Operator['handle']> {
    const { webhooks, attempts } = this.#doors;
    const operator = await createOperator({
      projects: () => this.status(),
      metrics: this.#core.metrics,
      mode: 'serve',
      version: packageVersion(),
      fleet: this.fleet,
      webhooks,
      attempts,
      proxies: this.#config.proxies,
      ready: () => this.#canServe,
      emit: this.#core.emit,
      ...given,
    });
    this.#operators.push(operator);
    return operator.handle;
  }

  async #follow(): Promise<void> {
    await this.#restore();
    while (this.#lock === undefined) {
      await sleep(500, undefined, { signal: this.#ending.signal }).catch(() => {});
      if (this.#closing !== undefined) return;
      this.#lock = await this.#tryLock().catch((cause: unknown) => {
        // A full disk, say: what serves goes on, and it is tried again.
        this.#core.emit({
          kind: 'fault',
          project: undefined,
          message: 'The state folder cannot be had.',
          cause,
        });
        return undefined;
      });
      // Whoever holds the folder may have come to serve more.
      await this.#restore();
    }
    this.#tell({ kind: 'following' });
    await this.#control?.start();
    await this.fleet.start();
    this.#canServe = true;
  }

  async #restore(): Promise<void> {
    for (const source of this.#sources) await source.restore();
    this.#canServe = this.#sources.every((source) =>
      source.projects().some(({ served }) => served !== undefined),
    );
  }

  async #tryLock(): Promise<FolderLock | undefined> {
    try {
      return await lockFolder(path.join(this.#config.state, 'engine'));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (this.url === '') this.#tell({ kind: 'waiting', message: error.message });
      return undefined;
    }
  }

  async #requireFree(): Promise<void> {
    const { listen, admin } = this.#config;
    for (const address of admin === undefined ? [listen] : [listen, admin])
      if (address.port !== 0) await requireFree(address);
  }

  async #close(signal: string): Promise<void> {
    this.#tell({ kind: 'stopping', signal });
    this.#core.emit({ kind: 'stopping', signal, running: this.#core.running });
    this.#ending.abort();
    this.#doors.webhooks.close();
    for (const operator of this.#operators) operator.stopWaiting();
    const stopped = this.fleet.close().finally(() => this.#control?.close());
    // A successor may follow Git as soon as we no longer do, while our last requests end.
    const released = stopped.finally(() => this.#lock?.release());
    const linger = this.#options.lingerMs ?? lingerMs;
    await Promise.all([
      this.#workers?.close(linger),
      ...this.#listeners.map((listener) => this.#core.drain(listener, linger)),
    ]);
    // Until the last worker has ended it may have something to ask.
    if (this.#inner !== undefined) await this.#core.drain(this.#inner);
    this.#removePrivate();
    await released;
    for (const reports of this.#reports) await reports.close();
    await this.#core.registry.close();
    await this.fleet.closeDatabases();
    for (const operator of this.#operators) await operator.close();
    this.#unlisten();
    this.#core.emit({ kind: 'stopped' });
    this.#core.log.flush();
    this.#tell({ kind: 'stopped' });
  }

  /** At once: the process may be about to end. */
  #removePrivate(): void {
    if (this.#private !== undefined) rmSync(this.#private, { recursive: true, force: true });
  }

  #tell(event: ServeEvent): void {
    this.#options.onEvent?.(event);
  }
}

/** Where workers ask: nobody but this user can. */
function operatorSocket(folder: string): string {
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\${path.basename(folder)}`
    : path.join(folder, 'operator.sock');
}

/** @throws {GitFailure} an address or a ref that is not allowed */
function openMirror({ url, ref, timeoutMs, credentials, verify }: SourceConfig, directory: string): Mirror {
  return new Mirror({ directory, url, ref, timeoutMs, credentials, verify });
}
