/** Everything that is served from Git: its sources and their projects, and what operators ask of them. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet, Operation, Refusal, SyncRequest } from './fleet.ts';
import type { GitProject } from './git-project.ts';
import type { GitSource } from './git-source.ts';
import { type Ended, keptOperations, Operations } from './operations.ts';
import type { Peers } from './peers.ts';
import { LatestQueue } from './queue.ts';
import type { ProjectStatus } from './status.ts';

/** Milliseconds between looks for a commit that was just pushed, until it is there. */
const waits = [500, 1_000, 2_000, 4_000, 8_000];

export class GitFleet implements Fleet {
  readonly #sources: readonly GitSource[];
  readonly #peers: Peers | undefined;
  readonly #operations: Operations;
  readonly #following = new LatestQueue(() => this.#follow());
  #leads = false;

  /** @param peers undefined: this engine is the only one */
  constructor(sources: readonly GitSource[], peers?: Peers) {
    this.#sources = sources;
    this.#peers = peers;
    this.#operations = new Operations((operation) => peers?.keep(operation));
  }

  /** Alone on the state folder from now on. Resolves when each source has attempted what its branch says. */
  async start(): Promise<void> {
    this.#leads = true;
    await this.follow();
    await Promise.all(this.#sources.map((source) => source.start()));
  }

  /** Projects that are served, or would be. */
  get size(): number {
    return this.#sources.reduce((sum, source) => sum + source.projects().length, 0);
  }

  projects(): readonly ProjectStatus[] {
    return this.#sources.flatMap((source) => source.statuses());
  }

  sourceOf(project: string): string | undefined {
    return this.#find(project)?.source.name;
  }

  async sync(project: string, { sha, by }: SyncRequest): Promise<Operation | Refusal> {
    const found = this.#asked(project);
    if ('kind' in found) return found;
    if (found.project.isSuspended) return { kind: 'suspended' };
    const target = sha ?? null;
    const running = this.#operations.running(project, 'sync', target);
    if (running !== undefined) return running;
    this.#peers?.look(found.source.name);
    return this.#begin('sync', found.project, by, target, () => this.#sync(found, sha));
  }

  async reconcile(project: string, by: string): Promise<Operation | Refusal> {
    const found = this.#asked(project);
    if ('kind' in found) return found;
    if (found.project.isSuspended) return { kind: 'suspended' };
    return this.#begin('reconcile', found.project, by, null, async () => {
      await found.project.reconcile('asked');
      return endOf(found.project);
    });
  }

  async rollback(project: string, revision: string, by: string): Promise<Operation | Refusal> {
    const found = this.#asked(project);
    if ('kind' in found) return found;
    const known = found.project.history.map((entry) => entry.revision);
    if (!known.includes(revision)) return { kind: 'unknown-revision', known };
    if (found.project.isSuspended) return { kind: 'suspended' };
    return (
      this.#operations.running(project, 'rollback', revision) ??
      this.#begin('rollback', found.project, by, revision, () =>
        this.#agree(found, async () => endOf(found.project, await found.project.rollback(revision))),
      )
    );
  }

  async suspend(project: string, by: string): Promise<Operation | Refusal> {
    const found = this.#asked(project);
    if ('kind' in found) return found;
    return this.#begin('suspend', found.project, by, null, () =>
      this.#agree(found, async () => {
        await found.project.suspend();
        return { succeeded: true, reason: 'Succeeded', message: null, revision: servedBy(found.project) };
      }),
    );
  }

  async resume(project: string, by: string): Promise<Operation | Refusal> {
    const found = this.#asked(project);
    if ('kind' in found) return found;
    return this.#begin('resume', found.project, by, null, () =>
      this.#agree(found, async () => {
        await found.project.resume();
        return endOf(found.project);
      }),
    );
  }

  async remove(project: string, by: string): Promise<Operation | Refusal> {
    const found = this.#asked(project);
    if ('kind' in found) return found;
    if (!found.project.isGone) return { kind: 'still-there' };
    return this.#begin('remove', found.project, by, null, async () => {
      await found.source.forget(found.project);
      this.#peers?.forget(found.source.name, found.project.folder);
      return { succeeded: true, reason: 'Succeeded', message: null, revision: null };
    });
  }

  operation(id: string): Operation | undefined {
    return this.#operations.get(id);
  }

  async find(id: string): Promise<Operation | undefined> {
    return this.operation(id) ?? (await this.#peers?.operation(id));
  }

  async operations(project: string): Promise<readonly Operation[]> {
    const own = this.#operations.of(project);
    const others = (await this.#peers?.operations(project)) ?? [];
    const all = new Map([...others, ...own].map((one) => [one.id, one]));
    return [...all.values()].sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1)).slice(0, keptOperations);
  }

  poke(source: string): void {
    this.look(source);
    this.#peers?.look(source);
  }

  /** As another engine was told to. */
  look(source: string): void {
    void this.#sources.find(({ name }) => name === source)?.look();
  }

  /** As another engine was told to; what the newest commit has after all stays. */
  async forget(source: string, folder: string): Promise<void> {
    const found = this.#sources.find(({ name }) => name === source);
    await found?.look();
    const project = found?.projects().find((one) => one.folder === folder);
    if (project?.isGone) await found!.forget(project);
  }

  /** Does what was wished of other engines. Never rejects: what cannot be read now is read a little later. */
  follow(): Promise<void> {
    return this.#following.request('wishes');
  }

  /** The duties have come to this engine: what waited for them goes on. */
  takeLead(): void {
    for (const source of this.#sources)
      for (const project of source.projects())
        if (project.outcome?.succeeded === false) void project.reconcile('retry');
  }

  async close(): Promise<void> {
    this.#leads = false;
    // What follows a wish may wait for an attempt, which ends with its source.
    await Promise.all([this.#following.close(), ...this.#sources.map((source) => source.close())]);
  }

  async closeDatabases(): Promise<void> {
    for (const source of this.#sources) await source.closeDatabases();
  }

  #asked(name: string): { readonly project: GitProject; readonly source: GitSource } | Refusal {
    const found = this.#find(name);
    if (found === undefined) return { kind: 'unknown-project' };
    // What another process follows is changed there, and one that ends changes nothing more.
    if (!this.#leads)
      return { kind: 'busy', message: 'Another process follows Git, or the server is ending.' };
    return found;
  }

  /** Changes what an operator wants of a project, here and, through the store, in the other engines. */
  async #agree(
    { project, source }: { readonly project: GitProject; readonly source: GitSource },
    work: () => Promise<Ended>,
  ): Promise<Ended> {
    const peers = this.#peers;
    if (peers === undefined) return work();
    const unreachable = (told: string) =>
      failed('ControlStoreUnreachable', `The control store cannot be reached${told}`);
    try {
      await peers.wishes();
    } catch {
      return unreachable(', so the other engines would not follow. Nothing was changed.');
    }
    return project.ask(async () => {
      const ended = await work();
      const wish = { source: source.name, folder: project.folder, ...project.wish };
      return peers.wish(wish).then(
        () => ended,
        () => unreachable(': this engine has done it, and the others do not know.'),
      );
    });
  }

  /** One after the other, so that what was read last is done last. */
  async #follow(): Promise<void> {
    if (!this.#leads || this.#peers === undefined) return;
    const projects = this.#sources.flatMap((source) => source.projects());
    const asked = new Map(projects.map((project) => [project, project.asked]));
    const isOld = (project: GitProject) =>
      project.asked % 2 === 1 || project.asked !== (asked.get(project) ?? 0);
    const wishes = await this.#peers.wishes().catch(() => undefined);
    if (wishes === undefined) return;
    const of = (name: string) => wishes.filter(({ source }) => source === name);
    await Promise.all(this.#sources.map((source) => source.follow(of(source.name), isOld)));
  }

  #find(name: string): { readonly project: GitProject; readonly source: GitSource } | undefined {
    for (const source of this.#sources)
      for (const project of source.projects()) if (project.name === name) return { project, source };
    return undefined;
  }

  #begin(
    kind: Operation['kind'],
    project: GitProject,
    by: string,
    target: string | null,
    work: () => Promise<Ended>,
  ): Operation {
    const previousRevision = servedBy(project);
    return this.#operations.begin({ kind, project: project.name!, by, target, previousRevision }, work);
  }

  /** A commit that somebody has just pushed may need a moment until its server tells it to everybody. */
  async #sync({ project, source }: { project: GitProject; source: GitSource }, sha?: string): Promise<Ended> {
    for (const wait of [...waits, undefined]) {
      const look = await source.look();
      if (look === undefined) return failed('Stopped', 'The server is shutting down.');
      if (look.kind === 'failed') return failed(look.reason, look.message);
      await look.settled;
      await project.settled();
      if (sha === undefined || (await source.isAncestor(sha, look.commit))) return endOf(project);
      if (wait === undefined) break;
      await sleep(wait, undefined, { ref: false });
    }
    const { ref } = project.status().git!;
    return failed('CommitNotFound', `Commit ${sha} is not on "${ref}" of source "${source.name}".`);
  }
}

function servedBy(project: GitProject): string | null {
  return project.served?.revision.id ?? null;
}

function endOf(project: GitProject, outcome = project.outcome): Ended {
  const revision = servedBy(project);
  if (outcome?.succeeded === true) return { succeeded: true, reason: 'Succeeded', message: null, revision };
  return {
    succeeded: false,
    reason: outcome?.reason ?? 'Starting',
    message: outcome?.message ?? null,
    revision,
  };
}

function failed(reason: string, message: string): Ended {
  return { succeeded: false, reason, message, revision: null };
}
