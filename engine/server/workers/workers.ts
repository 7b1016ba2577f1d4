/** The processes that serve, as seen from the one that follows Git: all build a revision before any of them serves it. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ServerConfig } from '../../../schema/server-config.ts';
import { Refused } from '../../reconcile/findings.ts';
import type { SharedBuild } from '../../reconcile/shared-build.ts';
import type { Change } from '../../revision/registry.ts';
import type { Revision } from '../../revision/revision.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { LogOptions } from '../../telemetry/log.ts';
import { countedIn, type Readings } from '../../telemetry/metrics.ts';
import { type FromWorker, type Named, plainOf, type Start, type ToWorker } from './messages.ts';

export interface WorkersOptions {
  /** With the port that was chosen; `workers` of them are started. */
  readonly config: ServerConfig;
  readonly log: Pick<LogOptions, 'format' | 'level'>;
  /** Path of the socket where the operator's endpoints are. */
  readonly operator: string;
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
  /** By what this process has built itself, which may come to serve. */
  readonly #shared = new WeakMap<Revision, SharedBuild>();
  readonly #restarts = new Set<NodeJS.Timeout>();
  /** What those have counted that have ended. */
  #past: Promise<Readings> = Promise.resolve([]);
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
        const build = this.#shared.get(change.revision);
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
  async share(build: SharedBuild, revision: Revision): Promise<void> {
    this.#shared.set(revision, build);
    const asked = new Set<Child>();
    // One that has been started meanwhile knows of what was served then, and is asked too.
    for (;;) {
      const children = [...this.#running.values()].filter((child) => !asked.has(child));
      if (children.length === 0) return;
      for (const child of children) asked.add(child);
      // All have ended before it is said that one has failed: the next build finds them at rest.
      const ends = await Promise.allSettled(children.map((child) => prepare(child, build)));
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed === undefined) continue;
      this.#tell({ kind: 'drop', build });
      throw failed.reason;
    }
  }

  /** Of one that does not answer in time, as they were; of those that have ended, what they have counted: no sum goes down. */
  async metrics(): Promise<readonly Readings[]> {
    const past = this.#past;
    const children = [...this.#running.values()];
    await Promise.all(
      children.map(async (child) => {
        const asked = child.ask({ kind: 'metrics' }, patience.metrics);
        child.readings = ((await asked.catch(() => undefined)) as Readings | undefined) ?? child.readings;
      }),
    );
    return [await past, ...children.map(({ readings }) => readings)];
  }

  /** Lets them finish what runs, and what comes for a while. Resolves when the last one has ended. */
  async close(lingerMs: number): Promise<void> {
    this.#startNoMore();
    const { drainMs } = this.#options.config;
    // They cut what is left themselves; this is for one that does nothing any more.
    const deadline = setTimeout(() => this.kill(), lingerMs + drainMs + 10_000);
    await Promise.all([...this.#running.values()].map((child) => child.stop(lingerMs)));
    clearTimeout(deadline);
  }

  /** Ends them at once. */
  kill(): void {
    this.#startNoMore();
    for (const child of this.#running.values()) child.kill();
  }

  #startNoMore(): void {
    this.#closing = true;
    for (const timer of this.#restarts) clearTimeout(timer);
  }

  #tell(message: ToWorker): void {
    for (const child of this.#running.values()) child.send(message);
  }

  #start(number: number, waitMs = restartMs.first): Child {
    const { config, log, operator, relay } = this.#options;
    const names = [...this.#names.values()];
    const child = new Child({ kind: 'start', worker: number, config, log, operator, names }, relay);
    this.#running.set(number, child);
    void child.ended.then((how) => this.#ended(child, how, waitMs));
    return child;
  }

  #ended(child: Child, how: string, waitMs: number): void {
    this.#running.delete(child.number);
    this.#past = this.#past.then((past) => countedIn([past, child.readings]));
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

/** @throws {Refused} HealthCheckFailed */
async function prepare(child: Child, build: SharedBuild): Promise<void> {
  try {
    await child.ask({ kind: 'prepare', build }, patience.prepare);
  } catch (error) {
    const message = `Worker ${child.number} could not build the revision: ${(error as Error).message}`;
    throw new Refused('HealthCheckFailed', message, build.id);
  }
}

interface Call {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

class Child {
  readonly number: number;
  readonly startedAt = performance.now();
  /** Rejects with what Node says when it cannot listen, and when it ends before. */
  readonly listening: Promise<void>;
  /** `SIGKILL`, `exit code 1`; of one that cannot listen, why. */
  readonly ended: Promise<string>;
  /** The last that it has answered. */
  readings: Readings = [];
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
    let deaf: string | undefined;
    this.#process.on('message', (message: FromWorker) => {
      if (message.kind === 'listening') listening.resolve();
      else if (message.kind === 'deaf') {
        deaf = message.message;
        listening.reject(Object.assign(new Error(deaf), { code: message.code }));
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
      this.#process.once('exit', (code, signal) => end(deaf ?? signal ?? `exit code ${code}`));
    });
    // There is none where not even a pipe could be had; the error that is to come says so.
    if (this.#process.stdout) relayLines(this.#process.stdout, relay);
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

  async stop(lingerMs: number): Promise<void> {
    this.send({ kind: 'stop', lingerMs });
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
