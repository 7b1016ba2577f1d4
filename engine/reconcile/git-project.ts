/** One project of a Git source: every change of its tree, and of its databases, becomes a revision, or a reason while the last good serves. */
import { hasErrors } from '../../schema/diagnostic.ts';
import type { Broken } from '../api/broken.ts';
import { IssuerKeys } from '../auth/issuer-keys.ts';
import { Problem, reasonOf } from '../problem/problem.ts';
import type { Databases } from '../revision/databases.ts';
import type { Registry, Slot } from '../revision/registry.ts';
import type { Revision } from '../revision/revision.ts';
import type { Reference } from '../revision/secrets.ts';
import type { Emit } from '../telemetry/events.ts';
import { type Deployment, deploy, type Intent, type Serving } from './deploy.ts';
import { Refused } from './findings.ts';
import type { Gate } from './gate.ts';
import type { Good, GoodRevision, GoodStore } from './good.ts';
import { Heartbeat } from './heartbeat.ts';
import { LatestQueue } from './queue.ts';
import { type FailureReason, type ProjectStatus, StatusKeeper } from './status.ts';
import type { Trees } from './trees.ts';

/** What the operator lets a project be. */
export interface Selection {
  /** The served name. */
  readonly name: string;
  readonly mayRead: (reference: Reference) => boolean;
  readonly migrate: boolean;
}

export interface GitProjectOptions {
  readonly source: {
    readonly name: string;
    readonly url: string;
    /** As revisions name it: `main`. */
    readonly ref: string;
  };
  /** Within the repository. */
  readonly folder: string;
  readonly store: GoodStore;
  readonly trees: Trees;
  readonly registry: Registry;
  readonly databases: Databases;
  readonly gate: Gate;
  readonly emit: Emit;
  /** Of the engine, and those before it, newest first. */
  readonly secret: string;
  readonly previous: readonly string[];
  /** By the project's slug; undefined: the operator does not serve it. */
  readonly select: (slug: string) => Selection | undefined;
  /** After each attempt; must not throw. */
  readonly onSettled: (project: GitProject) => void;
  /** How the lock would have to be, after each attempt that came so far; must not throw. */
  readonly onLock: (project: GitProject, files: ReadonlyMap<string, string | null>) => void;
  /** Milliseconds between looks at each database. */
  readonly pollMs: number;
}

/** A state of the project's folder. */
interface Target {
  readonly commit: string;
  readonly tree: string;
}

interface Served extends Target {
  readonly revision: Revision;
  readonly broken: Broken;
  readonly slot: Slot;
}

/** How the newest attempt ended. */
export interface Outcome {
  readonly commit: string;
  readonly tree: string;
  readonly succeeded: boolean;
  readonly reason: FailureReason | 'Succeeded';
  readonly message: string;
}

/** Milliseconds until what failed for a passing reason is tried again: the first time, and at most. */
const retryMs = { first: 5_000, most: 300_000 };
const passing: ReadonlySet<FailureReason> = new Set(['MigrationFailed', 'HealthCheckFailed', 'FetchFailed']);

const ofTheSource: ReadonlySet<string> = new Set<FailureReason>([
  'FetchFailed',
  'VerificationFailed',
  'ProjectRemoved',
  'NameTaken',
]);

/** The operator's file names other projects: this one is none of the server's business. */
class NotSelected extends Error {}

export class GitProject {
  readonly folder: string;
  readonly #options: GitProjectOptions;
  readonly #status: StatusKeeper;
  readonly #queue: LatestQueue;
  readonly #heartbeat: Heartbeat;
  readonly #keys: IssuerKeys;
  readonly #ending = new AbortController();
  #selection: Selection | undefined;
  #slot: Slot | undefined;
  #served: Served | undefined;
  #head: Target | undefined;
  #history: readonly GoodRevision[] = [];
  #suspended = false;
  #pinned: Good['pinned'] = null;
  #outcome: Outcome | undefined;
  #isSelected = true;
  #isWatching = false;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = retryMs.first;
  /** The record on disk does not say yet what is served. */
  #unwritten = false;
  #closed = false;

  constructor(options: GitProjectOptions) {
    this.#options = options;
    this.folder = options.folder;
    const { source, folder, emit, databases, pollMs } = options;
    this.#status = new StatusKeeper(`${source.name}:${folder}`, {
      git: {
        source: source.name,
        url: source.url,
        ref: source.ref,
        path: folder,
        commit: null,
        servedCommit: null,
        suspended: false,
        pinned: null,
      },
    });
    this.#queue = new LatestQueue((reason) => this.#reconcile(reason));
    this.#heartbeat = new Heartbeat({
      databases,
      pollMs,
      onReachable: (name, problem) => this.#reachable(name, problem),
      onChange: (reason) => this.reconcile(reason),
    });
    this.#keys = new IssuerKeys({
      onNews: (issuer, news) => {
        if (this.name !== undefined) emit({ kind: 'issuer', project: this.name, issuer, ...pick(news) });
      },
    });
  }

  /** The served name, as soon as it is known. */
  get name(): string | undefined {
    return this.#slot?.name ?? this.#selection?.name;
  }

  /** False: the operator's file does not name it. */
  get isSelected(): boolean {
    return this.#isSelected;
  }

  get served(): Served | undefined {
    return this.#served;
  }

  get head(): Target | undefined {
    return this.#head;
  }

  get outcome(): Outcome | undefined {
    return this.#outcome;
  }

  get isSuspended(): boolean {
    return this.#suspended;
  }

  /** The newest commit has it no more. */
  get isGone(): boolean {
    return this.#stalledBy === 'ProjectRemoved';
  }

  get history(): readonly GoodRevision[] {
    return this.#history;
  }

  /** Trees that must stay on disk. */
  get trees(): readonly string[] {
    return [this.#head, this.#served, ...this.#history].flatMap((target) => target?.tree ?? []);
  }

  status(): ProjectStatus {
    const status = this.#status.get();
    return status.project === null && this.name !== undefined ? { ...status, project: this.name } : status;
  }

  /** Takes up what an earlier process left. Settles when that serves, or cannot. */
  async restore(good: Good): Promise<void> {
    this.#history = good.history;
    this.#suspended = good.suspended;
    this.#pinned = good.pinned;
    this.#status.remembered(
      good.history.map(({ revision, commit, appliedAt }) => ({ revision, commit, appliedAt })),
    );
    this.#status.git({ suspended: good.suspended, pinned: good.pinned?.revision ?? null });
    await this.reconcile('start');
    this.#watch();
  }

  /**
   * A commit that has the project.
   *
   * @returns settles when an attempt that knew of it has ended; at once where it changes nothing
   */
  async offer(target: Target): Promise<void> {
    const changed = this.#head?.tree !== target.tree;
    this.#head = target;
    this.#status.git({ commit: target.commit });
    if (this.#pinned !== null && this.#pinned.head !== target.tree) {
      this.#pinned = null;
      this.#status.git({ pinned: null });
    }
    // A failure of the source, or a project that was gone, has to be taken back.
    if (changed) this.#isSelected = true;
    if (changed || this.#isStalledBySource()) await this.reconcile('commit');
    this.#watch();
  }

  /** Nothing new can be learnt of the source. What serves goes on. */
  sourceFailed(reason: FailureReason, message: string): void {
    this.#status.failed(reason, message, { revision: null, diagnostics: [] });
    if (this.#slot !== undefined && this.#served === undefined) this.#slot.unavailable = notReady(reason);
    this.#outcome = { commit: '', tree: '', succeeded: false, reason, message };
    this.#options.onSettled(this);
  }

  verified(signer: string): void {
    this.#status.verified(signer);
  }

  /** @returns settles when an attempt that began after this call has ended */
  reconcile(reason: 'start' | 'commit' | 'schema' | 'database' | 'asked' | 'retry'): Promise<void> {
    return this.#queue.request(reason);
  }

  async suspend(): Promise<void> {
    this.#suspended = true;
    this.#status.git({ suspended: true });
    await this.#record();
  }

  async resume(): Promise<void> {
    this.#suspended = false;
    this.#status.git({ suspended: false });
    await this.#record();
    await this.reconcile('asked');
  }

  /** @param revision of the history. @returns whether it is served now */
  async rollback(revision: string): Promise<boolean> {
    this.#pinned = { revision, head: this.#head?.tree ?? '' };
    await this.reconcile('asked');
    const pinned = this.#served?.revision.id === revision || this.#outcome?.succeeded === true;
    if (!pinned) this.#pinned = null;
    this.#status.git({ pinned: this.#pinned?.revision ?? null });
    await this.#record();
    return pinned;
  }

  /** Takes it out of service and forgets it; its databases stay as they are. */
  async remove(): Promise<void> {
    await this.#stop();
    if (this.#slot !== undefined) this.#options.registry.release(this.#slot);
    this.#slot = undefined;
    this.#served = undefined;
    await this.#options.store.forget(this.folder);
    await this.#options.databases.close();
  }

  /** Follows no more. What serves is taken out of service by the registry's owner. */
  async close(): Promise<void> {
    await this.#stop();
    if (this.#unwritten) await this.#record();
  }

  closeDatabases(): Promise<void> {
    return this.#options.databases.close();
  }

  #watch(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#heartbeat.start();
  }

  async #stop(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#heartbeat.close();
    this.#ending.abort();
    await this.#queue.close();
  }

  async #reconcile(reason: string): Promise<void> {
    clearTimeout(this.#retry);
    const [last] = this.#history;
    if (this.#served === undefined && last !== undefined) await this.#attempt(last, 'last-good', reason);
    if (this.#suspended) return;
    const wanted = this.#wanted();
    if (wanted === undefined) return;
    const failure = await this.#attempt(wanted, this.#pinned === null ? 'newest' : 'rollback', reason);
    const served = this.#served;
    if (failure === undefined || served === undefined || served.tree === wanted.tree) return;
    // The newest cannot be served, and what serves must still fit a database that has changed.
    if (reason !== 'schema' && reason !== 'database') return;
    if ((await this.#attempt(served, 'last-good', reason)) === undefined) failure();
  }

  #wanted(): Target | undefined {
    const pinned = this.#pinned;
    const back = pinned && this.#history.find(({ revision }) => revision === pinned.revision);
    if (back) return back;
    const [last] = this.#history;
    // The same content is the same revision, whatever commit brought it.
    return last !== undefined && last.tree === this.#head?.tree ? last : this.#head;
  }

  /** @returns how to tell of the failure again; undefined: it is served */
  async #attempt(target: Target, intent: Intent, trigger: string): Promise<(() => void) | undefined> {
    if (this.#closed || !this.#isSelected) return undefined;
    const from = performance.now();
    this.#status.begin();
    try {
      return this.#settle(await this.#deploy(target, intent), target, trigger, from);
    } catch (cause) {
      if (cause instanceof NotSelected) {
        this.#isSelected = false;
        return undefined;
      }
      if (cause instanceof Refused) return this.#fail(target, trigger, cause.reason, cause.message);
      const { message } = cause instanceof Error ? cause : new Error(String(cause));
      this.#options.emit({
        kind: 'fault',
        project: this.name,
        message: 'A revision could not be built.',
        cause,
      });
      return this.#fail(target, trigger, 'BuildFailed', `The revision could not be built: ${message}`);
    } finally {
      this.#options.onSettled(this);
    }
  }

  async #deploy(target: Target, intent: Intent): Promise<Deployment> {
    const { trees, databases, gate, secret, previous, source, emit } = this.#options;
    this.#phase('Fetching');
    const { directory, diagnostics } = await trees.exported(target.tree);
    if (hasErrors(diagnostics))
      throw new Refused('BuildFailed', diagnostics.find(({ severity }) => severity === 'error')!.message);
    const deployment = await deploy({
      intent,
      directory,
      folder: this.folder,
      commit: target.commit,
      ref: source.ref,
      databases,
      gate,
      secret,
      previous,
      mayRead: (reference) => this.#selection?.mayRead(reference) ?? false,
      migrate: () => this.#selection?.migrate ?? false,
      keys: this.#keys,
      onNews: (issuer, news) => {
        if (this.name !== undefined) emit({ kind: 'issuer', project: this.name, issuer, ...pick(news) });
      },
      serving: this.#served && servingOf(this.#served),
      onPhase: (phase) => this.#phase(phase),
      claim: (slug) => this.#claim(slug),
      onStep: (database, step) => {
        if (this.name !== undefined && step.kind === 'applied')
          emit({ kind: 'migrated', project: this.name, database, file: step.file, ms: step.durationMs });
      },
      signal: this.#ending.signal,
    });
    return { ...deployment, diagnostics: [...diagnostics, ...deployment.diagnostics] };
  }

  #settle(found: Deployment, target: Target, trigger: string, from: number): (() => void) | undefined {
    this.#status.databases(found.databases);
    // An attempt that came to no database leaves it to the one before to say what is looked at.
    if (found.polled.size + found.unreachable.size > 0) this.#heartbeat.settle(found);
    const { end, diagnostics } = found;
    if (end.kind === 'failed') {
      if (found.drift.length > 0) this.#status.drift(found.drift);
      return this.#fail(target, trigger, end.reason, end.message, { revision: end.revision, diagnostics });
    }
    this.#retryMs = retryMs.first;
    this.#outcome = { ...placeOf(target), succeeded: true, reason: 'Succeeded', message: '' };
    this.#status.drift(found.drift);
    this.#options.onLock(this, found.lock);
    if (end.kind === 'unchanged') {
      this.#status.unchanged(end.revision, diagnostics);
      if (this.#unwritten) void this.#record();
      return undefined;
    }
    this.#swap(end, target, diagnostics, from);
    return undefined;
  }

  #swap(
    { revision, broken }: Extract<Deployment['end'], { kind: 'built' }>,
    target: Target,
    diagnostics: Deployment['diagnostics'],
    from: number,
  ): void {
    const { registry, emit } = this.#options;
    this.#phase('Swapping');
    const slot = registry.claim(revision.project, this);
    if (this.#closed || slot === undefined) {
      void revision.close();
      return;
    }
    const previous = this.#served?.revision.id;
    registry.swap(slot, revision);
    if (this.#slot !== undefined && this.#slot !== slot) registry.release(this.#slot);
    this.#slot = slot;
    this.#served = { ...placeOf(target), revision, broken, slot };
    this.#status.named(revision.project);
    this.#status.applied(revision.id, diagnostics, target.commit);
    this.#status.git({ servedCommit: target.commit });
    const ms = performance.now() - from;
    emit({ kind: 'applied', project: revision.project, revision: revision.id, previous, ms });
    const entry: GoodRevision = {
      revision: revision.id,
      commit: target.commit,
      tree: target.tree,
      appliedAt: new Date().toISOString(),
    };
    if (this.#history[0]?.revision !== entry.revision) this.#history = [entry, ...this.#history].slice(0, 10);
    this.#unwritten = true;
    void this.#record();
  }

  #fail(
    target: Target,
    trigger: string,
    reason: FailureReason,
    message: string,
    {
      revision,
      diagnostics,
    }: { readonly revision: string | null; readonly diagnostics: Deployment['diagnostics'] } = {
      revision: null,
      diagnostics: [],
    },
  ): () => void {
    const attempted = revision ?? attemptedRevision(this.#options.source.ref, target.commit);
    const isNews = this.#outcome?.succeeded !== false || this.#outcome.message !== message;
    const tell = () => {
      this.#outcome = { ...placeOf(target), succeeded: false, reason, message };
      this.#status.failed(reason, message, { revision: attempted, diagnostics });
    };
    tell();
    if (this.#slot !== undefined && this.#served === undefined) this.#slot.unavailable = notReady(reason);
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    const serving = this.#served?.revision.id;
    if (this.name !== undefined && (isNews || trigger === 'commit'))
      this.#options.emit({ kind: 'rejected', project: this.name, reason, errors, serving });
    if (passing.has(reason) && !this.#closed) this.#tryAgain();
    return tell;
  }

  /** Later and later, and each time off by up to a quarter, so that many do not come at once. */
  #tryAgain(): void {
    clearTimeout(this.#retry);
    const wait = this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, retryMs.most);
    this.#retry = setTimeout(() => void this.reconcile('retry'), wait);
    this.#retry.unref();
  }

  /** While we serve under another name, the new one waits for the swap. */
  #claim(slug: string): string {
    const selection = this.#options.select(slug);
    if (selection === undefined) throw new NotSelected();
    this.#selection = selection;
    const { registry } = this.#options;
    const { name } = selection;
    const holder = registry.get(name)?.owner ?? this;
    if (holder !== this)
      throw new Refused('NameTaken', `The name "${name}" is served already, for another project.`);
    if (this.#served !== undefined) return name;
    const slot = registry.claim(name, this)!;
    if (this.#slot !== undefined && this.#slot !== slot) registry.release(this.#slot);
    this.#slot = slot;
    this.#status.named(name);
    return name;
  }

  #phase(phase: Parameters<StatusKeeper['phase']>[0]): void {
    this.#status.phase(phase);
    if (this.name !== undefined) this.#options.emit({ kind: 'reconciling', project: this.name, phase });
  }

  async #record(): Promise<void> {
    const { store, emit } = this.#options;
    try {
      await store.write({
        folder: this.folder,
        history: this.#history,
        suspended: this.#suspended,
        pinned: this.#pinned,
      });
      this.#unwritten = false;
    } catch (cause) {
      this.#unwritten = true;
      const message =
        'What is served could not be written down: after a restart an earlier revision would serve.';
      emit({ kind: 'fault', project: this.name, message, cause });
    }
  }

  #reachable(name: string, problem: Problem | undefined): void {
    this.#status.reachable(name, problem);
    if (this.name === undefined) return;
    this.#options.emit({
      kind: 'database',
      project: this.name,
      database: name,
      reachable: problem === undefined,
      message: problem?.message,
      reason: problem && reasonOf(problem),
    });
  }

  #isStalledBySource(): boolean {
    const reason = this.#stalledBy;
    return reason !== undefined && ofTheSource.has(reason);
  }

  get #stalledBy(): string | undefined {
    const stalled = this.#status.get().conditions.find(({ type }) => type === 'Stalled');
    return stalled?.status === 'True' ? stalled.reason : undefined;
  }
}

function servingOf({ revision, commit, broken }: Served): Serving {
  return { revision: revision.id, commit, api: revision.api, broken };
}

function placeOf({ commit, tree }: Target): Target {
  return { commit, tree };
}

/** Of a commit that came to no revision. */
function attemptedRevision(ref: string, commit: string): string {
  return `${ref}@${commit.length === 64 ? 'sha256' : 'sha1'}:${commit}`;
}

function pick({ usable, message, cause }: { usable: boolean; message: string; cause?: unknown }) {
  return { usable, message, cause };
}

function notReady(reason: FailureReason): Problem {
  const headers = { 'Retry-After': '5' };
  if (reason === 'DatabaseUnreachable')
    return new Problem('NS503', { message: 'The database of this project cannot be reached.', headers });
  return new Problem('NS505', { message: 'The project is not served yet.', headers });
}
