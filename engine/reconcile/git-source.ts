/** One Git source: looks at its branch again and again, and hands each commit's projects what has changed of them. */
import type { SourceConfig } from '../../schema/server-config.ts';
import type { Emit } from '../telemetry/events.ts';
import { told } from './git/failure.ts';
import type { FoundProject, Mirror } from './git/mirror.ts';
import type { GitProject } from './git-project.ts';
import type { GoodStore } from './good.ts';
import type { Wish } from './peers.ts';
import { LatestQueue } from './queue.ts';
import { type FailureReason, nothingSeen, type ProjectStatus, StatusKeeper } from './status.ts';
import type { Trees } from './trees.ts';

export interface GitSourceOptions {
  readonly config: SourceConfig;
  readonly mirror: Mirror;
  readonly store: GoodStore;
  readonly trees: Trees;
  readonly emit: Emit;
  /** Undefined: the server serves as many as it may. */
  readonly make: (folder: string) => GitProject | undefined;
}

/** What one look at the remote found. */
export type Look =
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string }
  /** `settled`: each project has attempted what it was offered. */
  | { readonly kind: 'seen'; readonly commit: string; readonly settled: Promise<unknown> }; // biome-ignore format: one case a line

const noRoom =
  'The server has as many projects as it may have: raise limits.projects in server.yaml, or list under projects those that are to be served.';

/** Milliseconds until a failed look is repeated, the first time; never longer than the interval. */
const firstRetryMs = 1_000;

export class GitSource {
  readonly #options: GitSourceOptions;
  readonly #projects = new Map<string, GitProject>();
  /** Folders for which the server has no room, and what is told of them. */
  readonly #leftOut = new Map<string, StatusKeeper>();
  #toldLeftOut: ReadonlySet<string> = new Set();
  /** What was asked of projects in other engines, by folder. */
  #wishes: ReadonlyMap<string, Wish> = new Map();
  /** What the newest commit has. */
  #found: readonly FoundProject[] = [];
  readonly #queue: LatestQueue;
  /** Of the source itself, told while it has no project. */
  readonly #status: StatusKeeper;
  readonly #ending = new AbortController();
  #look: Look | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #leads = false;
  #closed = false;

  constructor(options: GitSourceOptions) {
    this.#options = options;
    const { config } = options;
    this.#status = new StatusKeeper(config.name, { git: nothingSeen(config) });
    this.#queue = new LatestQueue(() => this.#lookNow());
  }

  get name(): string {
    return this.#options.config.name;
  }

  /** By folder; only those that the operator serves. */
  projects(): readonly GitProject[] {
    return [...this.#projects.values()]
      .filter(({ isSelected }) => isSelected)
      .sort((a, b) => (a.folder < b.folder ? -1 : 1));
  }

  statuses(): readonly ProjectStatus[] {
    const statuses = [
      ...this.projects().map((project) => project.status()),
      ...[...this.#leftOut.values()].map((status) => status.get()),
    ];
    return statuses.length > 0 ? statuses.sort(byPath) : [this.#status.get()];
  }

  /** Serves what was good before, without asking Git; once for each project, however often it is called. */
  async restore(): Promise<void> {
    const goods = (await this.#options.store.all()).filter(({ folder }) => !this.#projects.has(folder));
    await Promise.all(goods.map((good) => this.#project(good.folder)?.restore(good)));
    this.#tellLeftOut();
  }

  /** Alone on the state folder from now on: takes up what was recorded meanwhile, looks, and then looks each interval. */
  async start(): Promise<void> {
    for (const good of await this.#options.store.all()) this.#projects.get(good.folder)?.adopt(good);
    this.#leads = true;
    const look = await this.look();
    if (look?.kind === 'seen') await look.settled;
  }

  /** Looks now; a look that began before this call does not count. Undefined: it is closed, or another process looks. */
  async look(): Promise<Look | undefined> {
    if (!this.#leads) return undefined;
    clearTimeout(this.#timer);
    await this.#queue.request('look');
    return this.#closed ? undefined : this.#look;
  }

  /**
   * Does what was asked of its projects in other engines, of those to come too.
   *
   * @param isOld whether something was asked of the project here since the wishes were read
   */
  async follow(wishes: readonly Wish[], isOld: (project: GitProject) => boolean): Promise<void> {
    this.#wishes = new Map(wishes.map((wish) => [wish.folder, wish]));
    const newest = this.#look?.kind === 'seen' ? this.#look.commit : undefined;
    for (const { folder, pinned } of wishes) {
      const project = this.#projects.get(folder);
      if (project === undefined) continue;
      // A mirror may begin with a later commit; this has it fetch the ones before.
      if (pinned !== null && newest !== undefined)
        await this.#options.mirror.isAncestor(pinned.commit, newest).catch(() => {});
      if (!isOld(project)) await project.follow(this.#wishes.get(folder)!);
    }
  }

  isAncestor(older: string, newer: string): Promise<boolean> {
    return this.#options.mirror.isAncestor(older, newer);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#ending.abort();
    await this.#queue.close();
    await Promise.all([...this.#projects.values()].map((project) => project.close()));
  }

  async closeDatabases(): Promise<void> {
    for (const project of this.#projects.values()) await project.closeDatabases();
  }

  async forget(project: GitProject): Promise<void> {
    await project.remove();
    this.#projects.delete(project.folder);
  }

  async #lookNow(): Promise<void> {
    this.#status.begin();
    this.#status.phase('Fetching');
    try {
      this.#look = await this.#see();
      this.#failures = 0;
    } catch (cause) {
      this.#failures += 1;
      this.#look = this.#fail('FetchFailed', told(cause));
    }
    this.#schedule();
  }

  async #see(): Promise<Look> {
    const { mirror, config } = this.#options;
    const commit = (await mirror.fetch(this.#ending.signal)).id;
    if (this.#closed) return this.#fail('FetchFailed', 'The server is shutting down.');
    this.#status.git({ commit });
    if (config.verify !== undefined) {
      this.#status.phase('Verifying');
      const verified = await mirror.verify(commit);
      if (!verified.ok) return this.#fail('VerificationFailed', `${commit}: ${verified.message}`);
      this.#status.verified(verified.signer);
      for (const project of this.projects()) project.verified(verified.signer);
    }
    const found = await mirror.projects(commit, config.path);
    const offers = this.#offer(found, commit);
    this.#missing(new Set(found.map(({ folder }) => folder)), commit);
    if (found.length === 0) {
      const where = config.path === '' ? 'The commit' : `The folder "${config.path}"`;
      this.#status.failed('BuildFailed', `${where} has no project: a folder with a novastack.yaml.`, {
        revision: null,
        diagnostics: [],
      });
    } else this.#status.unchanged(commit, []);
    const message = `Source "${this.name}" failed.`;
    const settled = offers
      .then(() => this.#tidy())
      .catch((cause: unknown) => this.#options.emit({ kind: 'fault', project: undefined, message, cause }));
    return { kind: 'seen', commit, settled };
  }

  /** Settles when each project has attempted the commit. */
  async #offer(found: readonly FoundProject[], commit: string): Promise<void> {
    this.#found = found;
    const folders = new Set(found.map(({ folder }) => folder));
    for (const folder of this.#leftOut.keys()) if (!folders.has(folder)) this.#leftOut.delete(folder);
    // A commit that came meanwhile has been offered to all of them.
    for (let left = found; left.length > 0 && this.#found === found && !this.#closed; ) {
      const made = left.map((place) => ({ ...place, project: this.#project(place.folder) }));
      await Promise.all(made.map(({ project, tree }) => project?.offer({ commit, tree })));
      const turnedAway = made.filter(({ project }) => project === undefined);
      // Some may have turned out to be none that the operator serves: then there is room for others.
      if (turnedAway.length === left.length) break;
      left = turnedAway;
    }
    for (const status of this.#leftOut.values()) status.git({ commit });
    this.#tellLeftOut();
  }

  /** To the log, once of each. */
  #tellLeftOut(): void {
    for (const folder of this.#leftOut.keys()) {
      if (this.#toldLeftOut.has(folder)) continue;
      const message = `The project in ${JSON.stringify(folder)} of source "${this.name}" is not served. ${noRoom}`;
      this.#options.emit({ kind: 'fault', project: undefined, message, cause: undefined });
    }
    this.#toldLeftOut = new Set(this.#leftOut.keys());
  }

  #fail(reason: FailureReason, message: string): Look {
    this.#status.failed(reason, message, { revision: null, diagnostics: [] });
    for (const project of this.projects()) project.sourceFailed(reason, message);
    return { kind: 'failed', reason, message };
  }

  /** A folder that is gone may be a mistake, and a project without one still has callers. */
  #missing(found: ReadonlySet<string>, commit: string): void {
    for (const project of this.projects())
      if (!found.has(project.folder))
        project.sourceFailed(
          'ProjectRemoved',
          `Commit ${commit.slice(0, 12)} has no project in ${JSON.stringify(project.folder)} any more. An operator can end it: POST to its remove.`,
        );
  }

  #project(folder: string): GitProject | undefined {
    const known = this.#projects.get(folder);
    if (known !== undefined) return known;
    const made = this.#options.make(folder);
    if (made === undefined) this.#leaveOut(folder);
    else {
      this.#leftOut.delete(folder);
      this.#projects.set(folder, made);
      const wish = this.#wishes.get(folder);
      if (wish !== undefined) made.expect(wish);
    }
    return made;
  }

  #leaveOut(folder: string): void {
    if (this.#leftOut.has(folder)) return;
    const { config } = this.#options;
    const git = nothingSeen({ ...config, path: folder });
    const status = new StatusKeeper(`${config.name}:${folder}`, { git });
    status.failed('LimitReached', noRoom, { revision: null, diagnostics: [] });
    this.#leftOut.set(folder, status);
  }

  #schedule(): void {
    if (this.#closed) return;
    const { intervalMs } = this.#options.config;
    const wait =
      this.#failures === 0
        ? intervalMs
        : Math.min(intervalMs, firstRetryMs * 2 ** Math.min(this.#failures - 1, 16));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.look(), wait * (0.9 + Math.random() / 5));
    this.#timer.unref();
  }

  #tidy(): Promise<void> {
    const wanted = () => new Set([...this.#projects.values()].flatMap((project) => project.trees));
    return this.#options.trees.keepOnly(wanted);
  }
}

function byPath(one: ProjectStatus, other: ProjectStatus): number {
  return one.git!.path < other.git!.path ? -1 : 1;
}
