/** One of several processes that serve at the same port: builds what it is told to, aside, and serves it when it is told to. */
import type { ServerConfig } from '../../../schema/server-config.ts';
import { IssuerKeys } from '../../auth/issuer-keys.ts';
import type { KeysNews } from '../../auth/keys.ts';
import { type DeployOptions, deploy } from '../../reconcile/deploy.ts';
import { Gate } from '../../reconcile/gate.ts';
import { selectionOf } from '../../reconcile/selection.ts';
import type { SharedBuild } from '../../reconcile/shared-build.ts';
import { DatabaseHost, type Databases, type Pooling } from '../../revision/databases.ts';
import type { Revision } from '../../revision/revision.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Readings } from '../../telemetry/metrics.ts';
import { Core } from '../core.ts';
import { createListener, type Listener } from '../listener.ts';
import { hostsOf, openListener } from '../open.ts';
import {
  type FromWorker,
  type Named,
  type PlainProblem,
  problemOf,
  type Start,
  type ToWorker,
} from './messages.ts';
import { passOn } from './pass-on.ts';

/** A project, by what it is; its name may change. */
interface Followed {
  readonly databases: Databases;
  readonly keys: IssuerKeys;
  /** Built, and not served yet. */
  aside: Revision | undefined;
  /** Builds of one project come one after the other. */
  last: Promise<unknown>;
}

/** Milliseconds until what the other workers serve, and this one could not build, is tried again. */
const retryMs = 5_000;

class Worker {
  readonly #config: ServerConfig;
  readonly #core: Core;
  readonly #pooling: Pooling;
  readonly #gate = new Gate(1);
  readonly #listener: Listener;
  readonly #operator: ReturnType<typeof passOn>;
  readonly #followed = new Map<string, Followed>();
  /** Which of them serves a name. */
  readonly #names = new Map<string, Followed>();
  /** What is to serve a name. */
  readonly #wanted = new Map<string, SharedBuild>();

  constructor({ config, operator, log, worker }: Start) {
    this.#config = config;
    const share = (whole: number) => Math.max(1, Math.floor(whole / config.workers));
    this.#core = new Core({ log: { ...log, worker }, drainMs: config.drainMs, status: () => [] });
    this.#pooling = { maxPool: config.limits.pool, share };
    this.#operator = passOn(operator);
    // The process that answers the operator's requests tells of them.
    const emit: Emit = (event) => {
      if (event.kind !== 'request' || event.surface !== 'operator') this.#core.emit(event);
    };
    this.#listener = createListener({
      registry: this.#core.registry,
      operator: this.#operator,
      emit,
      projectOfHost: hostsOf(config.sources.values()),
      maxSockets: share(config.limits.sockets),
    });
  }

  /** Serves what is served already, then listens. */
  async start(names: readonly Named[]): Promise<void> {
    await Promise.all(names.map((named) => this.#take(named)));
    await openListener(this.#listener, this.#config.listen);
  }

  /** @throws why it could not be built */
  prepare(build: SharedBuild): Promise<void> {
    const followed = this.#follow(build);
    return inTurn(followed, () => this.#prepare(build, followed));
  }

  claim(name: string): void {
    this.#core.registry.claim(name, this);
  }

  refuse(name: string, problem: PlainProblem): void {
    const { registry } = this.#core;
    registry.refuse(registry.claim(name, this)!, problemOf(problem));
  }

  /** At once where it stands ready, as it does unless this process has come in between; else until it can be built. */
  async swap(build: SharedBuild): Promise<void> {
    const followed = this.#follow(build);
    this.#wanted.set(build.name, build);
    if (followed.aside?.id === build.id) return this.#put(build, followed);
    await inTurn(followed, async () => {
      if (this.#wanted.get(build.name) !== build) return;
      await this.#prepare(build, followed);
      // Its name may have been released meanwhile, or another build of it be wanted.
      if (this.#wanted.get(build.name) !== build) return this.#discard(followed);
      this.#put(build, followed);
    }).catch((cause: unknown) => {
      this.fault(`"${build.name}" could not be built as the other workers have it.`, cause);
      const again = setTimeout(() => {
        if (this.#wanted.get(build.name) === build) void this.swap(build);
      }, retryMs);
      again.unref();
    });
  }

  async release(name: string): Promise<void> {
    const { registry } = this.#core;
    const slot = registry.get(name);
    if (slot !== undefined) registry.release(slot);
    const wanted = this.#wanted.get(name);
    const followed = this.#names.get(name) ?? (wanted && this.#follow(wanted));
    this.#names.delete(name);
    this.#wanted.delete(name);
    if (followed !== undefined) await inTurn(followed, () => this.#rest(followed));
  }

  async drop(build: SharedBuild): Promise<void> {
    const followed = this.#follow(build);
    await inTurn(followed, async () => {
      if (followed.aside?.id === build.id) await this.#discard(followed);
      await this.#rest(followed);
    });
  }

  readings(): Promise<Readings> {
    return this.#core.metrics.readings();
  }

  async stop(lingerMs: number): Promise<void> {
    await this.#core.drain(this.#listener, lingerMs);
    this.#operator.close();
    for (const followed of this.#followed.values()) await this.#discard(followed);
    await this.#core.registry.close();
    for (const { databases } of this.#followed.values()) await databases.close();
  }

  fault(message: string, cause: unknown): void {
    this.#core.emit({ kind: 'fault', project: undefined, message, cause });
  }

  async #take({ name, build, problem }: Named): Promise<void> {
    this.claim(name);
    if (problem !== undefined) this.refuse(name, problem);
    if (build !== undefined) await this.swap(build);
  }

  async #prepare(build: SharedBuild, followed: Followed): Promise<void> {
    await this.#discard(followed);
    followed.aside = await this.#build(build, followed);
  }

  #put({ name }: SharedBuild, followed: Followed): void {
    const { registry } = this.#core;
    registry.swap(registry.claim(name, this)!, followed.aside!);
    followed.aside = undefined;
    this.#names.set(name, followed);
  }

  /** Lets go of the databases of what serves no name, and is not to. */
  async #rest(followed: Followed): Promise<void> {
    const wanted = [...this.#wanted.values()].map((build) => this.#follow(build));
    if ([...this.#names.values(), ...wanted].includes(followed)) return;
    await this.#discard(followed);
    await followed.databases.close();
  }

  #follow({ source, folder }: SharedBuild): Followed {
    const key = JSON.stringify([source, folder]);
    const known = this.#followed.get(key);
    if (known !== undefined) return known;
    const made: Followed = {
      databases: new DatabaseHost(this.#pooling).of(''),
      keys: new IssuerKeys({
        onNews: (issuer, news) => this.#news(this.#nameOf(made), issuer, news),
      }),
      aside: undefined,
      last: Promise.resolve(),
    };
    this.#followed.set(key, made);
    return made;
  }

  #news(project: string | undefined, issuer: string, { usable, message, cause }: KeysNews): void {
    this.#core.emit({ kind: 'issuer', project, issuer, usable, message, cause });
  }

  #nameOf(followed: Followed): string | undefined {
    return [...this.#names].find(([, one]) => one === followed)?.[0];
  }

  async #build(build: SharedBuild, { databases, keys }: Followed): Promise<Revision> {
    const { source, folder, directory, commit, name, id, drifts } = build;
    const config = this.#config.sources.get(source)!;
    let mayRead: DeployOptions['mayRead'] = () => false;
    const { end, diagnostics } = await deploy({
      intent: 'last-good',
      given: { id, drifts },
      directory,
      folder,
      commit,
      ref: config.ref,
      databases,
      gate: this.#gate,
      secret: this.#config.secret,
      previous: this.#config.previous,
      mayRead: (reference) => mayRead(reference),
      migrate: () => 'never',
      keys,
      onNews: (issuer, news) => this.#news(name, issuer, news),
      serving: undefined,
      onPhase: () => {},
      claim: (slug) => {
        mayRead = selectionOf(config, slug)?.mayRead ?? mayRead;
        return name;
      },
      onStep: () => {},
    });
    if (end.kind === 'built') return end.revision;
    const first = diagnostics.find(({ severity }) => severity === 'error')?.message;
    throw new Error(end.kind === 'failed' ? (first ?? end.message) : 'It is served already.');
  }

  async #discard(followed: Followed): Promise<void> {
    const { aside } = followed;
    followed.aside = undefined;
    await aside?.close();
  }
}

async function inTurn(followed: Followed, work: () => Promise<void>): Promise<void> {
  const done = followed.last.then(work);
  followed.last = done.catch(() => {});
  return done;
}

/** Follows what the process above says, in the order in which it says it, until that ends. */
function follow(): void {
  let worker: Worker | undefined;
  let started: Promise<void> = Promise.resolve();
  const tell = (message: FromWorker) => {
    if (process.connected) process.send!(message);
  };
  /** Where the process above is gone nobody reads the log, and pino's last write of it, at an exit in order, would never come back. */
  const end = async (lingerMs: number) => {
    await started;
    await worker
      ?.stop(lingerMs)
      .catch((cause: unknown) => worker?.fault('The worker could not end in order.', cause));
    if (!process.connected) process.kill(process.pid, 'SIGKILL');
    process.exit(0);
  };
  let isEnding = false;
  /** Told to end by the one above, which may end meanwhile. */
  const stop = (lingerMs: number) => {
    if (isEnding) return;
    isEnding = true;
    void end(lingerMs);
  };
  const start = async (message: Start) => {
    worker = new Worker(message);
    try {
      await worker.start(message.names);
      tell({ kind: 'listening' });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      tell({ kind: 'deaf', code, message });
    }
  };
  const answer = async (call: number, work: Promise<unknown>) => {
    try {
      tell({ kind: 'done', call, value: await work });
    } catch (error) {
      tell({ kind: 'failed', call, message: error instanceof Error ? error.message : String(error) });
    }
  };
  process.on('message', async (message: ToWorker) => {
    if (message.kind === 'start') {
      started = start(message);
      return;
    }
    if (message.kind === 'stop') return stop(message.lingerMs);
    // What it serves at its start comes first; promises that wait for one another keep their order.
    await started;
    switch (message.kind) {
      case 'prepare':
        return void answer(message.call, worker!.prepare(message.build));
      case 'claim':
        return worker!.claim(message.name);
      case 'refuse':
        return worker!.refuse(message.name, message.problem);
      case 'swap':
        return void worker!.swap(message.build);
      case 'release':
        return void worker!
          .release(message.name)
          .catch((cause: unknown) => worker!.fault(`"${message.name}" could not be closed.`, cause));
      case 'drop':
        return void worker!
          .drop(message.build)
          .catch((cause: unknown) => worker!.fault('A build could not be closed.', cause));
      case 'metrics':
        return void answer(message.call, worker!.readings());
      default:
        message satisfies never;
    }
  });
  process.once('disconnect', () => stop(0));
  // Signals of a terminal or a service manager reach the whole group: the process above says when to end.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {});
}

follow();
