/** Follows one project's folder: every save and every DDL becomes a revision, or a diagnosis while the last good serves. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import type { DevIssuer } from '../auth/dev-issuer.ts';
import { writeLock } from '../catalog/lock.ts';
import type { Step } from '../migrate/journal.ts';
import { Problem } from '../problem/problem.ts';
import type { Databases } from '../revision/databases.ts';
import type { Registry, Slot } from '../revision/registry.ts';
import type { Emit } from '../telemetry/events.ts';
import { type Attempt, attempt } from './attempt.ts';
import { LatestQueue } from './queue.ts';
import { type FailureReason, type Phase, type ProjectStatus, StatusKeeper } from './status.ts';
import { type FolderWatch, watchFolder } from './watch.ts';

/** What a follower tells whoever prints. `directory` tells projects apart before they have a name. */
export type FolderEvent = { readonly directory: string; readonly project: string | undefined } & (
  | { readonly kind: 'starting' }
  | { readonly kind: 'reset'; readonly databases: readonly string[] }
  | { readonly kind: 'migration'; readonly database: string; readonly step: Step }
  /** `reason`: `start`, `save`, `schema` (of a database) or `database` (reachable again). */
  | {
      readonly kind: 'serving' | 'reloaded';
      readonly revision: string;
      readonly reason: string;
      readonly ms: number;
      readonly diagnostics: readonly Diagnostic[];
    }
  /** After a broken save: the folder says again what is served. */
  | { readonly kind: 'unchanged'; readonly revision: string; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'broken';
      readonly reason: FailureReason;
      readonly message: string;
      readonly diagnostics: readonly Diagnostic[];
      /** The revision that keeps serving. */
      readonly serving: string | undefined;
    }
  | { readonly kind: 'database'; readonly database: string; readonly reachable: boolean; readonly message: string | undefined }
  | { readonly kind: 'lock'; readonly written: boolean; readonly message: string | undefined }
); // biome-ignore format: one case a line

/** What is served now. */
export interface ServedProject {
  readonly project: Project;
  readonly api: Api;
  readonly revision: string;
  readonly issuer: DevIssuer;
  readonly slot: Slot;
}

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

/** Milliseconds between attempts to reach a database: the first, and the longest. */
const retryMs = { first: 1_000, most: 30_000 };

export class FolderFollower {
  readonly #options: FollowOptions;
  readonly #status: StatusKeeper;
  readonly #queue: LatestQueue;
  #watch: FolderWatch | undefined;
  #timer: NodeJS.Timeout | undefined;
  #slot: Slot | undefined;
  #served: ServedProject | undefined;
  #last: Attempt | undefined;
  #reset: boolean;
  #retryMs = retryMs.first;
  #retryAt = 0;
  #reported = new Map<string, boolean>();
  #closed = false;

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#reset = options.reset;
    this.#status = new StatusKeeper(options.directory);
    this.#queue = new LatestQueue((reason) => this.#reconcile(reason));
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
    this.#pollLater();
  }

  /** @returns settles when an attempt that began after this call has ended */
  reconcile(reason: 'start' | 'save' | 'schema' | 'database'): Promise<void> {
    return this.#queue.request(reason);
  }

  /** Follows no more. What serves is taken out of service by the registry's owner. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#watch?.close();
    clearTimeout(this.#timer);
    await this.#queue.close();
  }

  /** Lets go of the databases, once no revision uses them. */
  closeDatabases(): Promise<void> {
    return this.#options.databases.close();
  }

  async #reconcile(reason: string): Promise<void> {
    const from = performance.now();
    this.#status.begin();
    try {
      const result = await attempt({
        directory: this.#options.directory,
        databases: this.#options.databases,
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
      this.#last = result;
      this.#status.databases(result.databases);
      this.#tellDatabases(result);
      this.#planRetry(result);
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
      this.#fail('BuildFailed', `The revision could not be built: ${message}`, [], null);
    }
  }

  #settle(result: Attempt, reason: string, from: number): void {
    const { end, diagnostics } = result;
    switch (end.kind) {
      case 'failed':
        this.#fail(end.reason, end.message, diagnostics, end.revision);
        break;
      case 'unchanged': {
        const wasBroken = this.#isStalled();
        this.#status.unchanged(diagnostics);
        if (wasBroken) this.#tell({ kind: 'unchanged', revision: end.revision, diagnostics });
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
    void this.#record(lock);
    onServed(this.#served);
  }

  #fail(
    reason: FailureReason,
    message: string,
    diagnostics: readonly Diagnostic[],
    revision: string | null,
  ): void {
    const serving = this.#served?.revision;
    this.#status.failed(reason, message, { revision, diagnostics });
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    if (this.#name !== undefined)
      this.#options.emit({ kind: 'rejected', project: this.#name, reason, errors, serving });
    if (this.#slot !== undefined && serving === undefined) this.#slot.unavailable = notReady(reason);
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

  async #record(lock: Parameters<typeof writeLock>[1]): Promise<void> {
    try {
      const written = await writeLock(this.#options.directory, lock);
      if (written) this.#tell({ kind: 'lock', written, message: undefined });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell({ kind: 'lock', written: false, message });
    }
  }

  #tellDatabases(result: Attempt): void {
    const now = new Map(result.databases.map(({ name, reachable }) => [name, reachable]));
    for (const { name, reachable, message } of result.databases) {
      const before = this.#reported.get(name);
      if (before === reachable || (before === undefined && reachable)) continue;
      this.#tellDatabase(name, reachable, message ?? undefined);
    }
    this.#reported = now;
  }

  #tellDatabase(database: string, reachable: boolean, message: string | undefined): void {
    if (this.#name !== undefined)
      this.#options.emit({ kind: 'database', project: this.#name, database, reachable, message });
    this.#tell({ kind: 'database', database, reachable, message });
  }

  #planRetry(result: Attempt): void {
    if (result.unreachable.size === 0) {
      this.#retryMs = retryMs.first;
      return;
    }
    this.#retryAt = performance.now() + this.#retryMs;
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.most);
  }

  #pollLater(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.#poll().finally(() => this.#pollLater());
    }, this.#options.pollMs ?? 1_000);
  }

  /** Looks whether DDL changed a schema, and whether what could not be reached now can. */
  async #poll(): Promise<void> {
    const last = this.#last;
    if (last === undefined) return;
    if (last.unreachable.size > 0) {
      if (performance.now() >= this.#retryAt) await this.reconcile('database');
      return;
    }
    for (const [name, before] of last.polled) {
      const database = this.#options.databases.get(name);
      if (database === undefined) continue;
      try {
        const changed = (await database.poll()) !== before;
        // An attempt in the meantime has seen what this poll saw.
        if (this.#last !== last) return;
        this.#setReachable(name, undefined);
        if (!changed) continue;
        await this.reconcile('schema');
        return;
      } catch (error) {
        if (this.#closed || this.#last !== last) return;
        this.#setReachable(
          name,
          error instanceof Problem ? error : new Problem('NS503', { message: String(error) }),
        );
      }
    }
  }

  /** A database that does not answer a poll: its requests are told 503 by its pool, the rest goes on. */
  #setReachable(name: string, problem: Problem | undefined): void {
    const reachable = problem === undefined;
    if (this.#reported.get(name) === reachable) return;
    this.#reported.set(name, reachable);
    const databases = this.#status
      .get()
      .databases.map((status) =>
        status.name === name ? { ...status, reachable, message: problem?.message ?? null } : status,
      );
    this.#status.databases(databases);
    this.#tellDatabase(name, reachable, problem?.message);
  }

  #isStalled(): boolean {
    return this.#status.get().conditions.some(({ type, status }) => type === 'Stalled' && status === 'True');
  }

  get #name(): string | undefined {
    return this.#slot?.name;
  }

  #tell(event: EventBody): void {
    this.#options.onEvent({
      directory: this.#options.directory,
      project: this.#name,
      ...event,
    } as FolderEvent);
  }
}

type EventBody = FolderEvent extends infer Event
  ? Event extends FolderEvent
    ? Omit<Event, 'directory' | 'project'>
    : never
  : never;

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
