/** The processes that serve, as seen from the one that follows Git: all build a revision before any of them serves it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServerConfig } from '../../../schema/server-config.ts';
import { Refused } from '../../reconcile/findings.ts';
import type { SharedBuild } from '../../reconcile/shared-build.ts';
import type { Change } from '../../revision/registry.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { LogOptions } from '../../telemetry/log.ts';
import type { Readings } from '../../telemetry/metrics.ts';
import { type FromWorker, type Named, plainOf, type Start, type ToWorker } from './messages.ts';

export interface WorkersOptions {
  /** With the port that was chosen; `workers` of them are started. */
  readonly config: ServerConfig;
  readonly log: Pick<LogOptions, 'format' | 'level'>;
  /** Path of the socket where the operator's endpoints are. */
  readonly control: string;
  readonly emit: Emit;
  /** Whole lines of their logs. */
  readonly relay: (lines: string) => void;
}

/** Milliseconds that a build may take in a worker, and that its readings may. */
const patience = { prepare: 120_000, metrics: 2_000 };
/** Milliseconds before one that ended soon after its start is started again: the first time, and at most. */
const restartMs = { first: 1_000, most: 30_000, soon: 10_000 };

// Compiled, this file and the worker's are JavaScript.
const entry = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);

export class Workers {
  readonly #options: WorkersOptions;
  readonly #running = new Map<number, Child>();
  readonly #names = new Map<string, Named>();
  /** The newest build of each project, which may come to serve. */
  readonly #shared = new Map<string, SharedBuild>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  #closing = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** @throws what Node says when one of them cannot listen (`EADDRINUSE`) */
  async start(): Promise<void> {
    const numbers = Array.from({ length: this.#options.config.workers }, (_, index) => index + 1);
    try {
      await Promise.all(numbers.map((number) => this.#start(number).listening));
    } catch (error) {
      this.kill();
      throw error;
    }
  }

  /** Tells all of them what has become of a name. */
  change(change: Change): void {
    const { name } = change;
    switch (change.kind) {
      case 'claimed':
        this.#names.set(name, { name, build: undefined, problem: undefined });
        this.#tell({ kind: 'claim', name });
        break;
      case 'refused': {
        const problem = plainOf(change.problem);
        this.#names.set(name, { name, build: undefined, problem });
        this.#tell({ kind: 'refuse', name, problem });
        break;
      }
      case 'swapped': {
        const build = [...this.#shared.values()].find(
          (one) => one.name === name && one.id === change.revision,
        );
        if (build === undefined) return;
        this.#names.set(name, { name, build, problem: undefined });
        this.#tell({ kind: 'swap', build });
        break;
      }
      case 'released':
        this.#names.delete(name);
        this.#tell({ kind: 'release', name });
        break;
      default:
        change satisfies never;
    }
  }

  /** @throws {Refused} HealthCheckFailed one of them could not build it */
  async share(build: SharedBuild): Promise<void> {
    this.#shared.set(JSON.stringify([build.source, build.folder]), build);
    const asked = [...this.#running.values()].map(async (child) => {
      try {
        await child.ask({ kind: 'prepare', build }, patience.prepare);
      } catch (error) {
        throw new Refused(
          'HealthCheckFailed',
          `Worker ${child.number} could not build the revision: ${(error as Error).message}`,
          build.id,
        );
      }
    });
    // All have ended before it is said that one has failed: the next build finds them at rest.
    const [failed] = (await Promise.allSettled(asked)).filter(({ status }) => status === 'rejected');
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  /** Of those that answer in time. */
  async metrics(): Promise<readonly Readings[]> {
    const asked = [...this.#running.values()].map((child) =>
      child.ask({ kind: 'metrics' }, patience.metrics).catch(() => undefined),
    );
    return (await Promise.all(asked)).filter((readings) => readings !== undefined) as Readings[];
  }

  /** Lets them finish what runs. Resolves when the last one has ended. */
  async close(): Promise<void> {
    this.#closing = true;
    for (const timer of this.#restarts) clearTimeout(timer);
    const { drainMs } = this.#options.config;
    // They cut what is left themselves; this is for one that does nothing any more.
    const deadline = setTimeout(() => this.kill(), drainMs + 10_000);
    await Promise.all([...this.#running.values()].map((child) => child.stop()));
    clearTimeout(deadline);
  }

  /** Ends them at once. */
  kill(): void {
    this.#closing = true;
    for (const child of this.#running.values()) child.kill();
  }

  #tell(message: ToWorker): void {
    for (const child of this.#running.values()) child.send(message);
  }

  #start(number: number, waitMs = restartMs.first): Child {
    const { config, log, control, relay } = this.#options;
    const names = [...this.#names.values()];
    const child = new Child({ kind: 'start', worker: number, config, log, control, names }, relay);
    this.#running.set(number, child);
    void child.ended.then((how) => this.#ended(child, how, waitMs));
    return child;
  }

  #ended(child: Child, how: string, waitMs: number): void {
    this.#running.delete(child.number);
    if (this.#closing) return;
    const message = `Worker ${child.number} has ended (${how}); another one takes its place.`;
    this.#options.emit({ kind: 'fault', project: undefined, message, cause: undefined });
    const wasSoon = performance.now() - child.startedAt < restartMs.soon;
    const timer = setTimeout(
      () => {
        this.#restarts.delete(timer);
        const next = wasSoon ? Math.min(waitMs * 2, restartMs.most) : restartMs.first;
        // It may be deaf: then it ends, and is started again.
        this.#start(child.number, next).listening.catch(() => {});
      },
      wasSoon ? waitMs : 0,
    );
    this.#restarts.add(timer);
  }
}

type Question =
  | { readonly kind: 'prepare'; readonly build: SharedBuild }
  | { readonly kind: 'metrics' }; // biome-ignore format: one case a line

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

class Child {
  readonly number: number;
  readonly startedAt = performance.now();
  /** Rejects with what Node says when it cannot listen, and when it ends before. */
  readonly listening: Promise<void>;
  /** `SIGKILL`, `exit code 1`. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  readonly #calls = new Map<number, Call>();
  #serial = 0;

  constructor(start: Start, relay: (lines: string) => void) {
    this.number = start.worker;
    this.#process = fork(fileURLToPath(entry), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const listening = Promise.withResolvers<void>();
    this.listening = listening.promise;
    this.#process.on('message', (message: FromWorker) => {
      if (message.kind === 'listening') listening.resolve();
      else if (message.kind === 'deaf') {
        listening.reject(Object.assign(new Error(message.message), { code: message.code }));
        this.kill();
      } else this.#answered(message);
    });
    this.ended = new Promise((resolve) => {
      const end = (how: string) => {
        listening.reject(new Error(`Worker ${this.number} has ended (${how}).`));
        for (const { reject } of this.#calls.values()) reject(new Error(`it has ended (${how}).`));
        this.#calls.clear();
        resolve(how);
      };
      this.#process.once('error', (error) => end(error.message));
      this.#process.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
    });
    relayLines(this.#process.stdout!, relay);
    this.send(start);
  }

  send(message: ToWorker): void {
    // One that is ending hears no more; its place is taken by one that is told everything.
    if (this.#process.connected) this.#process.send(message, () => {});
  }

  /** @throws what it answers, or that it has ended; one that does not answer in time is ended */
  async ask(question: Question, withinMs: number): Promise<unknown> {
    this.#serial += 1;
    const call = this.#serial;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#calls.set(call, { resolve, reject });
    const timer = setTimeout(() => {
      reject(new Error(`it has not answered within ${withinMs / 1000} s.`));
      if (question.kind === 'prepare') this.kill();
    }, withinMs);
    this.send({ ...question, call });
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#calls.delete(call);
    }
  }

  async stop(): Promise<void> {
    this.send({ kind: 'stop' });
    await this.ended;
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  #answered(message: Extract<FromWorker, { call: number }>): void {
    const call = this.#calls.get(message.call);
    if (message.kind === 'done') call?.resolve(message.value);
    else call?.reject(new Error(message.message));
  }
}

/** As whole lines: several processes write one log. */
function relayLines(stream: NodeJS.ReadableStream, relay: (lines: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8');
  stream.on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) relay(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  stream.on('end', () => {
    if (rest !== '') relay(`${rest}\n`);
  });
}
