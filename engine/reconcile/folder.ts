/** Follows one project's folder: every save and every DDL becomes a revision, or a diagnosis while the last good serves. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import { IssuerKeys } from '../auth/issuer-keys.ts';
import type { KeysNews } from '../auth/keys.ts';
import { type Lock, writeLock } from '../catalog/lock.ts';
import { Problem, reasonOf } from '../problem/problem.ts';
import type { Databases } from '../revision/databases.ts';
import type { Registry, Slot } from '../revision/registry.ts';
import type { Emit } from '../telemetry/events.ts';
import { type Attempt, attempt } from './attempt.ts';
import type { FolderEvent, FolderEventBody, ServedProject } from './folder-event.ts';
import { Heartbeat } from './heartbeat.ts';
import { LatestQueue } from './queue.ts';
import { type FailureReason, type Phase, type ProjectStatus, StatusKeeper } from './status.ts';
import { type FolderWatch, watchFolder } from './watch.ts';

export interface FollowOptions {
  readonly directory: string;
  readonly registry: Registry;
  readonly databases: Databases;
  readonly emit: Emit;
  readonly onEvent: (event: FolderEvent) => void;
  /** After a swap; must not throw. */
  readonly onServed: (served: ServedProject) => void;
  /** Before the first attempt, throw the data of embedded databases away. */
  readonly reset: boolean;
  /** Milliseconds between looks at each database's schema. Default 1,000. */
  readonly pollMs?: number;
}

interface Failure {
  readonly reason: FailureReason;
  readonly message: string;
  readonly diagnostics: readonly Diagnostic[];
  readonly revision: string | null;
}

export class FolderFollower {
  readonly #options: FollowOptions;
  readonly #status: StatusKeeper;
  readonly #queue: LatestQueue;
  readonly #heartbeat: Heartbeat;
  readonly #keys = new IssuerKeys({ onNews: (issuer, news) => this.#news(issuer, news) });
  #watch: FolderWatch | undefined;
  #slot: Slot | undefined;
  #served: ServedProject | undefined;
  /** What was told last, while it holds. */
  #failure: string | undefined;
  #reset: boolean;
  #recording = Promise.resolve();
  #closed = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#reset = options.reset;
    this.#status = new StatusKeeper(options.directory);
    this.#queue = new LatestQueue((reason) => this.#reconcile(reason));
    this.#heartbeat = new Heartbeat({
      databases: options.databases,
      pollMs: options.pollMs ?? 1_000,
      onReachable: (name, problem) => this.#reachable(name, problem),
      onChange: (reason) => this.reconcile(reason),
    });
  }

  get served(): ServedProject | undefined {
    return this.#served;
  }

  status(): ProjectStatus {
    return this.#status.get();
  }

  /** Resolves when the first attempt has ended, served or not. */
  async start(): Promise<void> {
    this.#tell({ kind: 'starting' });
    this.#watch = watchFolder(this.#options.directory, () => void this.reconcile('save'), {
      onError: () => void this.reconcile('save'),
    });
    await this.#watch.ready;
    await this.reconcile('start');
    this.#heartbeat.start();
  }

  /** @returns settles when an attempt that began after this call has ended */
  reconcile(reason: 'start' | 'save' | 'schema' | 'database'): Promise<void> {
    return this.#queue.request(reason);
  }

  /** Follows no more. What serves is taken out of service by the registry's owner. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch?.close();
    this.#heartbeat.close();
    await this.#queue.close();
    await this.#recording;
  }

  /** Lets go of the databases, once no revision uses them. */
  closeDatabases(): Promise<void> {
    return this.#options.databases.close();
  }

  async #reconcile(reason: string): Promise<void> {
    const from = performance.now();
    this.#status.begin();
    // The attempt reads the lock: it must find the one that the last attempt left, whole.
    await this.#recording;
    try {
      const result = await attempt({
        directory: this.#options.directory,
        databases: this.#options.databases,
        keys: this.#keys,
        onNews: (issuer, news) => this.#news(issuer, news),
        serving: this.#served?.revision,
        reset: this.#reset,
        onPhase: (phase) => this.#phase(phase),
        onName: (name) => this.#claim(name),
        onReset: (databases) => {
          this.#reset = false;
          if (databases.length > 0) this.#tell({ kind: 'reset', databases });
        },
        onStep: (database, step) => this.#tell({ kind: 'migration', database, step }),
      });
      this.#status.databases(result.databases);
      this.#heartbeat.settle(result);
      this.#settle(result, reason, from);
    } catch (cause) {
      // Nothing a folder or a database holds comes here: this is the engine's own fault, and what serves goes on.
      const { message } = cause instanceof Error ? cause : new Error(String(cause));
      this.#options.emit({
        kind: 'fault',
        project: this.#name,
        message: 'A revision could not be built.',
        cause,
      });
      this.#fail(
        {
          reason: 'BuildFailed',
          message: `The revision could not be built: ${message}`,
          diagnostics: [],
          revision: null,
        },
        reason,
      );
    }
  }

  #settle(result: Attempt, reason: string, from: number): void {
    const { end, diagnostics } = result;
    switch (end.kind) {
      case 'failed':
        this.#fail({ ...end, diagnostics }, reason);
        break;
      case 'unchanged': {
        const wasBroken = this.#isStalled();
        this.#status.unchanged(end.revision, diagnostics);
        this.#failure = undefined;
        if (wasBroken) this.#tell({ kind: 'unchanged', revision: end.revision, diagnostics });
        this.#keep(end.lock);
        break;
      }
      case 'built':
        this.#swap(result, end, reason, from);
        break;
      default:
        end satisfies never;
    }
  }

  #swap(
    result: Attempt,
    end: Extract<Attempt['end'], { kind: 'built' }>,
    reason: string,
    from: number,
  ): void {
    const { registry, emit, onServed } = this.#options;
    const { revision, lock } = end;
    this.#phase('Swapping');
    const slot = registry.claim(revision.project, this);
    if (this.#closed || slot === undefined) {
      void revision.close();
      return;
    }
    this.#failure = undefined;
    const previous = this.#served;
    registry.swap(slot, revision);
    // The project has another name than before: the old one leaves once the new one serves.
    if (this.#slot !== undefined && this.#slot !== slot) registry.release(this.#slot);
    this.#slot = slot;
    this.#status.named(revision.project);
    this.#status.applied(revision.id, result.diagnostics);
    this.#served = {
      project: revision.source,
      api: revision.api,
      revision: revision.id,
      issuer: result.issuer!,
      slot,
    };
    const ms = performance.now() - from;
    emit({
      kind: 'applied',
      project: revision.project,
      revision: revision.id,
      previous: previous?.revision,
      ms,
    });
    const kind = previous === undefined ? 'serving' : 'reloaded';
    this.#tell({ kind, revision: revision.id, reason, ms, diagnostics: result.diagnostics });
    this.#keep(lock);
    onServed(this.#served);
  }

  #fail({ reason, message, diagnostics, revision }: Failure, trigger: string): void {
    const serving = this.#served?.revision;
    this.#status.failed(reason, message, { revision, diagnostics });
    if (this.#slot !== undefined && serving === undefined)
      this.#options.registry.refuse(this.#slot, notReady(reason));
    // Another attempt to reach a database that ends as the one before is no news.
    const failure = JSON.stringify([reason, message, diagnostics]);
    const isNews = trigger !== 'database' || failure !== this.#failure;
    this.#failure = failure;
    if (!isNews) return;
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    if (this.#name !== undefined)
      this.#options.emit({ kind: 'rejected', project: this.#name, reason, errors, serving });
    this.#tell({ kind: 'broken', reason, message, diagnostics, serving });
  }

  /** A name is its first folder's. While we serve under another one, the new one waits for the swap. */
  #claim(name: string): boolean {
    const { registry } = this.#options;
    if (this.#served !== undefined) return (registry.get(name)?.owner ?? this) === this;
    const slot = registry.claim(name, this);
    if (slot === undefined) return false;
    if (this.#slot !== undefined && this.#slot !== slot) registry.release(this.#slot);
    this.#slot = slot;
    this.#status.named(name);
    return true;
  }

  #phase(phase: Phase): void {
    this.#status.phase(phase);
    if (this.#name !== undefined) this.#options.emit({ kind: 'reconciling', project: this.#name, phase });
  }

  /** One after the other: the newest is written last. What the files say already is not written again. */
  #keep(lock: Lock): void {
    this.#recording = this.#recording.then(() => this.#record(lock));
  }

  async #record(lock: Lock): Promise<void> {
    try {
      const written = await writeLock(this.#options.directory, lock);
      if (written) this.#tell({ kind: 'lock', written, message: undefined });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell({ kind: 'lock', written: false, message });
    }
  }

  #reachable(name: string, problem: Problem | undefined): void {
    this.#status.reachable(name, problem);
    const change = {
      database: name,
      reachable: problem === undefined,
      message: problem?.message,
      reason: problem && reasonOf(problem),
    };
    if (this.#name !== undefined) this.#options.emit({ kind: 'database', project: this.#name, ...change });
    this.#tell({ kind: 'database', ...change });
  }

  #news(issuer: string, { usable, message, cause }: KeysNews): void {
    if (this.#name === undefined) return;
    this.#options.emit({ kind: 'issuer', project: this.#name, issuer, usable, message, cause });
  }

  #isStalled(): boolean {
    return this.#status.get().conditions.some(({ type, status }) => type === 'Stalled' && status === 'True');
  }

  get #name(): string | undefined {
    return this.#slot?.name;
  }

  #tell(event: FolderEventBody): void {
    this.#options.onEvent({
      directory: this.#options.directory,
      project: this.#name,
      ...event,
    } as FolderEvent);
  }
}

function notReady(reason: FailureReason): Problem {
  const hint = 'The terminal and /-/status say why.';
  if (reason === 'DatabaseUnreachable')
    return new Problem('NS503', {
      message: 'The database of this project cannot be reached.',
      hint,
      headers: { 'Retry-After': '5' },
    });
  return new Problem('NS505', {
    message: 'The project is not served: its files have errors.',
    hint,
    headers: { 'Retry-After': '5' },
  });
}
