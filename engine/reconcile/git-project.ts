/** One project of a Git source: every change of its tree, and of its databases, becomes a revision, or a reason while the last good serves. */
import { hasErrors } from '../../schema/diagnostic.ts';
import type { Reference } from '../../schema/reference.ts';
import type { Broken } from '../api/broken.ts';
import { IssuerKeys } from '../auth/issuer-keys.ts';
import type { KeysNews } from '../auth/keys.ts';
import { Problem, reasonOf } from '../problem/problem.ts';
import type { Databases } from '../revision/databases.ts';
import type { Registry, Slot } from '../revision/registry.ts';
import type { Revision } from '../revision/revision.ts';
import type { Emit } from '../telemetry/events.ts';
import { type Deployment, deploy, type Intent, type MayMigrate, type Serving } from './deploy.ts';
import { Refused } from './findings.ts';
import type { Gate } from './gate.ts';
import type { Good, GoodRevision, GoodStore } from './good.ts';
import { Heartbeat } from './heartbeat.ts';
import type { Wish } from './peers.ts';
import { LatestQueue } from './queue.ts';
import type { SharedBuild } from './shared-build.ts';
import {
  type FailureReason,
  maxHistory,
  nothingSeen,
  type Phase,
  type ProjectStatus,
  StatusKeeper,
} from './status.ts';
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
  /** False: another process owns the state folder. */
  readonly mayRecord: () => boolean;
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
  /** Whether this engine is the one of several that migrates. Default true. */
  readonly leads?: (() => boolean) | undefined;
  /** Has other processes build what this one has built and proven. Undefined: there are none. @throws {Refused} HealthCheckFailed */
  readonly share?: ((build: SharedBuild, revision: Revision) => Promise<void>) | undefined;
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
class NotSelected extends Error {
  readonly slug: string;

  constructor(slug: string) {
    super(`The project calls itself "${slug}", and server.yaml names no such project of its source.`);
    this.slug = slug;
  }
}

export class GitProject {
  readonly folder: string;
  readonly #options: GitProjectOptions;
  readonly #status: StatusKeeper;
  readonly #queue: LatestQueue;
  readonly #heartbeat: Heartbeat;
  readonly #keys = new IssuerKeys({ onNews: (issuer, news) => this.#news(issuer, news) });
  readonly #ending = new AbortController();
  #selection: Selection | undefined;
  #slot: Slot | undefined;
  #served: Served | undefined;
  #head: Target | undefined;
  #history: readonly GoodRevision[] = [];
  #suspended = false;
  #pinned: Good['pinned'] = null;
  #outcome: Outcome | undefined;
  /** Why nothing new can be learnt of the source, whatever an attempt for its databases has come to since. */
  #ofSource: { readonly reason: FailureReason; readonly message: string } | undefined;
  #isSelected = true;
  #isWatching = false;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = retryMs.first;
  /** The record on disk does not say yet what is served. */
  #unwritten = false;
  #recording = Promise.resolve();
  #closed = false;
  #asked = 0;

  constructor(options: GitProjectOptions) {
    this.#options = options;
    this.folder = options.folder;
    const { source, folder, databases, pollMs } = options;
    this.#status = new StatusKeeper(`${source.name}:${folder}`, {
      git: nothingSeen({ ...source, path: folder }),
    });
    this.#queue = new LatestQueue((reason) => this.#reconcile(reason));
    this.#heartbeat = new Heartbeat({
      databases,
      pollMs,
      onReachable: (name, problem) => this.#reachable(name, problem),
      onChange: (reason) => this.reconcile(reason),
    });
  }

  /** The served name, as soon as it is this project's. */
  get name(): string | undefined {
    return this.#slot?.name;
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

  /** What an operator wants of it, for other engines. */
  get wish(): Pick<Wish, 'suspended' | 'pinned'> {
    const pinned = this.#pinned;
    const back = pinned && this.#history.find(({ revision }) => revision === pinned.revision);
    return {
      suspended: this.#suspended,
      pinned: pinned && back ? { ...pinned, commit: back.commit, tree: back.tree } : null,
    };
  }

  /** Changes whenever somebody asks something of this engine; odd while that is being done. */
  get asked(): number {
    return this.#asked;
  }

  /** Does what is asked of this engine: wishes that were read before are older. */
  async ask<T>(work: () => Promise<T>): Promise<T> {
    this.#asked += 1;
    try {
      return await work();
    } finally {
      this.#asked += 1;
    }
  }

  get isSuspended(): boolean {
    return this.#suspended;
  }

  /** The newest commit has it no more. */
  get isGone(): boolean {
    return this.#ofSource?.reason === 'ProjectRemoved';
  }

  get history(): readonly GoodRevision[] {
    return this.#history;
  }

  /** Trees that must stay on disk. */
  get trees(): readonly string[] {
    return [this.#head, this.#served, ...this.#history].flatMap((target) => target?.tree ?? []);
  }

  status(): ProjectStatus {
    return this.#status.get();
  }

  /** Takes up what an earlier process left. Settles when that serves, or cannot. */
  async restore(good: Good): Promise<void> {
    this.adopt(good);
    await this.reconcile('start');
    this.#watch();
  }

  /** Takes over what another process has recorded since. */
  adopt(good: Good): void {
    this.#history = good.history;
    this.#suspended = good.suspended;
    this.#pinned = good.pinned;
    this.#status.remembered(
      good.history.map(({ revision, commit, appliedAt }) => ({ revision, commit, appliedAt })),
    );
    this.#status.git({ suspended: good.suspended, pinned: good.pinned?.revision ?? null });
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
    const isBack = this.#ofSource !== undefined || this.#isStalledBySource();
    this.#ofSource = undefined;
    if (changed || isBack) await this.reconcile('commit');
    else await this.settled();
    this.#watch();
  }

  /** Settles when no attempt runs. */
  settled(): Promise<void> {
    return this.#queue.idle();
  }

  /** Nothing new can be learnt of the source. What serves goes on. */
  sourceFailed(reason: FailureReason, message: string): void {
    this.#ofSource = { reason, message };
    this.#status.failed(reason, message, { revision: null, diagnostics: [] });
    if (this.#slot !== undefined && this.#served === undefined)
      this.#options.registry.refuse(this.#slot, notReady(reason));
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
    await this.settled();
    await this.#record();
  }

  async resume(): Promise<void> {
    this.#suspended = false;
    this.#status.git({ suspended: false });
    await this.#record();
    await this.reconcile('asked');
  }

  /** @param revision of the history. @returns how it ended; what serves goes on where it failed */
  async rollback(revision: string): Promise<Outcome | undefined> {
    this.#pinned = { revision, head: this.#head?.tree ?? '' };
    await this.reconcile('asked');
    const outcome = this.#outcome;
    if (outcome?.succeeded !== true) {
      this.#pinned = null;
      // The newest commit's own end is what the status tells again.
      void this.reconcile('asked');
    }
    this.#status.git({ pinned: this.#pinned?.revision ?? null });
    await this.#record();
    return outcome;
  }

  /** Does what was asked of another engine. Settles when that is done. */
  async follow(wish: Wish): Promise<void> {
    if (this.#closed || !this.expect(wish)) return;
    await this.#record();
    if (!wish.suspended) await this.reconcile('asked');
  }

  /**
   * Takes over what was asked of another engine, and does nothing yet.
   *
   * @returns whether it is news
   */
  expect({ suspended, pinned }: Wish): boolean {
    // With a newer commit a revision that somebody went back to is over.
    const back =
      pinned !== null && (this.#head === undefined || pinned.head === this.#head.tree) ? pinned : null;
    if (suspended === this.#suspended && back?.revision === this.#pinned?.revision) return false;
    if (back !== null && !this.#history.some(({ revision }) => revision === back.revision)) {
      const { revision, commit, tree } = back;
      this.#history = [...this.#history, { revision, commit, tree, appliedAt: new Date().toISOString() }];
    }
    this.#suspended = suspended;
    this.#pinned = back && { revision: back.revision, head: back.head };
    this.#status.git({ suspended, pinned: back?.revision ?? null });
    return true;
  }

  /** Takes it out of service and forgets it; its databases stay as they are. */
  async remove(): Promise<void> {
    await this.#stop();
    if (this.#slot !== undefined) this.#options.registry.release(this.#slot);
    this.#slot = undefined;
    this.#served = undefined;
    await this.#recording;
    await this.#options.store.forget(this.folder);
    await this.#options.databases.close();
  }

  /** Follows no more. What serves is taken out of service by the registry's owner. */
  async close(): Promise<void> {
    await this.#stop();
    if (this.#unwritten) await this.#record();
    await this.#recording;
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
    const isOfDatabases = reason === 'schema' || reason === 'database';
    const wanted = this.#suspended ? undefined : this.#wanted();
    if (wanted === undefined) {
      if (isOfDatabases) await this.#rebind();
      return;
    }
    const { failed, cameToDatabases } = await this.#attempt(
      wanted,
      this.#pinned === null ? 'newest' : 'rollback',
      reason,
    );
    // It has looked at its own databases, or changed them: what serves must still fit.
    if (failed && (cameToDatabases || isOfDatabases)) await this.#rebind();
  }

  /** Binds what serves to its databases as they are now: what they lack answers 503. Says nothing of any attempt. */
  async #rebind(): Promise<void> {
    const served = this.#served;
    if (this.#closed || served === undefined) return;
    try {
      const found = await this.#deploy(served, 'last-good', () => {});
      this.#observe(found);
      if (found.end.kind === 'built')
        this.#serve(found.end, served, (id) => this.#status.rebound(id, served.commit));
    } catch (cause) {
      const message = 'What serves could not be bound to its databases anew.';
      this.#options.emit({ kind: 'fault', project: this.name, message, cause });
    }
  }

  #wanted(): Target | undefined {
    const pinned = this.#pinned;
    const back = pinned && this.#history.find(({ revision }) => revision === pinned.revision);
    if (back) return back;
    const [last] = this.#history;
    // The same content is the same revision, whatever commit brought it.
    return last !== undefined && last.tree === this.#head?.tree ? last : this.#head;
  }

  async #attempt(target: Target, intent: Intent, trigger: string): Promise<Attempted> {
    if (this.#closed || !this.#isSelected) return { failed: false, cameToDatabases: false };
    const from = performance.now();
    this.#status.begin();
    try {
      const found = await this.#deploy(target, intent, (phase) => this.#phase(phase));
      this.#observe(found);
      const failed = !this.#settle(found, target, trigger, from);
      if (!failed && this.#ofSource !== undefined)
        this.#status.failed(this.#ofSource.reason, this.#ofSource.message, {
          revision: null,
          diagnostics: [],
        });
      return { failed, cameToDatabases: hasLooked(found) };
    } catch (cause) {
      this.#refused(cause, target, trigger);
      return { failed: true, cameToDatabases: false };
    } finally {
      if (!this.#closed) this.#options.onSettled(this);
    }
  }

  #refused(cause: unknown, target: Target, trigger: string): void {
    if (cause instanceof NotSelected && this.#served === undefined) {
      this.#isSelected = false;
      if (this.#slot !== undefined) this.#options.registry.release(this.#slot);
      this.#slot = undefined;
    } else if (cause instanceof NotSelected) this.#fail(target, trigger, 'NameTaken', cause.message);
    else if (cause instanceof Refused) this.#fail(target, trigger, cause.reason, cause.message);
    else {
      const { message } = cause instanceof Error ? cause : new Error(String(cause));
      this.#options.emit({
        kind: 'fault',
        project: this.name,
        message: 'A revision could not be built.',
        cause,
      });
      this.#fail(target, trigger, 'BuildFailed', `The revision could not be built: ${message}`);
    }
  }

  async #deploy(target: Target, intent: Intent, onPhase: (phase: Phase) => void): Promise<Deployment> {
    const { trees, databases, gate, secret, previous, source, emit, share } = this.#options;
    onPhase('Fetching');
    const { directory, diagnostics } = await trees.exported(target.tree).catch((cause: unknown) => {
      // A full disk, or a mirror that the next look makes anew: it passes.
      throw new Refused('FetchFailed', cause instanceof Error ? cause.message : String(cause));
    });
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
      migrate: () => this.#mayMigrate(),
      keys: this.#keys,
      onNews: (issuer, news) => this.#news(issuer, news),
      serving: this.#served && servingOf(this.#served),
      onPhase,
      claim: (slug) => this.#claim(slug),
      onStep: (database, step) => {
        if (this.name !== undefined && step.kind === 'applied')
          emit({ kind: 'migrated', project: this.name, database, file: step.file, ms: step.durationMs });
      },
      ...(share && {
        share: (revision: Revision, { drifts }: Broken) =>
          share(
            {
              source: source.name,
              folder: this.folder,
              directory,
              commit: target.commit,
              name: revision.project,
              id: revision.id,
              drifts,
            },
            revision,
          ),
      }),
      signal: this.#ending.signal,
    });
    return { ...deployment, diagnostics: [...diagnostics, ...deployment.diagnostics] };
  }

  #mayMigrate(): MayMigrate {
    if (this.#selection?.migrate !== true) return 'never';
    return (this.#options.leads?.() ?? true) ? 'now' : 'elsewhere';
  }

  /** What is known of the databases from now on. */
  #observe(found: Deployment): void {
    // An attempt that came to none leaves it to the one before to say what is looked at.
    if (!hasLooked(found)) return;
    this.#status.databases(found.databases);
    this.#heartbeat.settle(found);
    // Of what does not answer nobody knows whether it has drifted.
    if (found.unreachable.size === 0 && found.end.kind !== 'failed') this.#status.drift(found.drift);
  }

  /** @returns whether it is served */
  #settle(found: Deployment, target: Target, trigger: string, from: number): boolean {
    const { end, diagnostics } = found;
    if (end.kind === 'failed') {
      this.#fail(target, trigger, end.reason, end.message, { revision: end.revision, diagnostics });
      return false;
    }
    if (end.kind === 'built') {
      this.#phase('Swapping');
      const applied = (id: string) => this.#status.applied(id, diagnostics, target.commit);
      if (!this.#serve(end, target, applied, from)) {
        const message = `The name "${end.revision.project}" is served already, for another project.`;
        this.#fail(target, trigger, 'NameTaken', message);
        return false;
      }
    } else {
      this.#status.unchanged(end.revision, diagnostics);
      if (this.#unwritten) void this.#record();
    }
    this.#retryMs = retryMs.first;
    this.#outcome = { ...placeOf(target), succeeded: true, reason: 'Succeeded', message: '' };
    const isNewest = target.tree === this.#head?.tree;
    if (isNewest && found.unreachable.size === 0) this.#options.onLock(this, found.lock);
    return true;
  }

  /** @returns false: the server is ending, or somebody else has the name; the revision is closed then */
  #serve(
    { revision, broken }: Extract<Deployment['end'], { kind: 'built' }>,
    target: Target,
    tell: (revision: string) => void,
    from = performance.now(),
  ): boolean {
    const { registry, emit } = this.#options;
    const slot = this.#closed ? undefined : registry.claim(revision.project, this);
    if (slot === undefined) {
      const message = `Revision ${revision.id} could not be closed.`;
      revision.close().catch((cause: unknown) => emit({ kind: 'fault', project: this.name, message, cause }));
      return false;
    }
    const previous = this.#served?.revision.id;
    registry.swap(slot, revision);
    if (this.#slot !== undefined && this.#slot !== slot) registry.release(this.#slot);
    this.#slot = slot;
    this.#served = { ...placeOf(target), revision, broken, slot };
    this.#status.named(revision.project);
    tell(revision.id);
    this.#status.git({ servedCommit: target.commit });
    const ms = performance.now() - from;
    emit({ kind: 'applied', project: revision.project, revision: revision.id, previous, ms });
    const entry: GoodRevision = {
      revision: revision.id,
      commit: target.commit,
      tree: target.tree,
      appliedAt: new Date().toISOString(),
    };
    if (this.#history[0]?.revision !== entry.revision)
      this.#history = [entry, ...this.#history].slice(0, maxHistory);
    this.#unwritten = true;
    void this.#record();
    return true;
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
  ): void {
    const attempted = revision ?? attemptedRevision(this.#options.source.ref, target.commit);
    const isNews = this.#outcome?.succeeded !== false || this.#outcome.message !== message;
    this.#outcome = { ...placeOf(target), succeeded: false, reason, message };
    this.#status.failed(reason, message, { revision: attempted, diagnostics });
    if (this.#slot !== undefined && this.#served === undefined)
      this.#options.registry.refuse(this.#slot, notReady(reason));
    const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
    const serving = this.#served?.revision.id;
    if (this.name !== undefined && (isNews || trigger === 'commit'))
      this.#options.emit({ kind: 'rejected', project: this.name, reason, errors, serving });
    if (passing.has(reason) && !this.#closed) this.#tryAgain();
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
    if (selection === undefined) throw new NotSelected(slug);
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

  #phase(phase: Phase): void {
    this.#status.phase(phase);
    if (this.name !== undefined) this.#options.emit({ kind: 'reconciling', project: this.name, phase });
  }

  /** One after the other: they share a file. */
  #record(): Promise<void> {
    this.#recording = this.#recording.then(() => this.#write());
    return this.#recording;
  }

  async #write(): Promise<void> {
    const { store, emit, mayRecord } = this.#options;
    if (!mayRecord()) return;
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

  #news(issuer: string, { usable, message, cause }: KeysNews): void {
    if (this.name === undefined) return;
    this.#options.emit({ kind: 'issuer', project: this.name, issuer, usable, message, cause });
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

interface Attempted {
  readonly failed: boolean;
  readonly cameToDatabases: boolean;
}

function hasLooked({ polled, unreachable }: Deployment): boolean {
  return polled.size + unreachable.size > 0;
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

function notReady(reason: FailureReason): Problem {
  const headers = { 'Retry-After': '5' };
  if (reason === 'DatabaseUnreachable')
    return new Problem('NS503', { message: 'The database of this project cannot be reached.', headers });
  return new Problem('NS505', { message: 'The project is not served yet.', headers });
}
