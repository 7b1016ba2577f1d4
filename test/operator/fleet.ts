/** A fleet in memory for tests of the operator's API: it keeps what was asked, and ends operations when it is told to. */
import { randomUUID } from 'node:crypto';
import type { Fleet, Operation, Refusal, SyncRequest } from '../../engine/reconcile/fleet.ts';
import { type ProjectStatus, StatusKeeper } from '../../engine/reconcile/status.ts';

export interface Asked {
  readonly kind: Operation['kind'];
  readonly project: string;
  readonly by: string;
  readonly target: string | undefined;
}

export class MemoryFleet implements Fleet {
  readonly asked: Asked[] = [];
  readonly poked: string[] = [];
  /** What is refused from here on. */
  refusal: Refusal | undefined;
  statuses: ProjectStatus[];
  readonly #sources: ReadonlyMap<string, string>;
  readonly #operations: Operation[] = [];

  /** @param sources of each project */
  constructor(sources: Readonly<Record<string, string>>) {
    this.#sources = new Map(Object.entries(sources));
    this.statuses = [...this.#sources].map(([project, source]) => {
      const git = {
        source, url: `https://github.com/acme/${source}`, ref: 'refs/heads/main', path: `apis/${project}`,
        commit: null, servedCommit: null, suspended: false, pinned: null,
      }; // biome-ignore format: a record
      const keeper = new StatusKeeper(`${source}:apis/${project}`, { git });
      keeper.named(project);
      keeper.begin();
      keeper.applied(`main@sha1:${'a'.repeat(40)}`, [], 'a'.repeat(40));
      keeper.git({ commit: 'a'.repeat(40), servedCommit: 'a'.repeat(40) });
      return keeper.get();
    });
  }

  projects(): readonly ProjectStatus[] {
    return this.statuses;
  }

  sourceOf(project: string): string | undefined {
    return this.#sources.get(project);
  }

  async sync(project: string, { sha, by }: SyncRequest): Promise<Operation | Refusal> {
    const running = this.#operations.find(
      (one) => one.project === project && one.target === (sha ?? null) && one.state === 'running',
    );
    return running ?? this.#begin('sync', project, by, sha);
  }

  async reconcile(project: string, by: string): Promise<Operation | Refusal> {
    return this.#begin('reconcile', project, by, undefined);
  }

  async rollback(project: string, revision: string, by: string): Promise<Operation | Refusal> {
    return this.#begin('rollback', project, by, revision);
  }

  async suspend(project: string, by: string): Promise<Operation | Refusal> {
    return this.#begin('suspend', project, by, undefined);
  }

  async resume(project: string, by: string): Promise<Operation | Refusal> {
    return this.#begin('resume', project, by, undefined);
  }

  async remove(project: string, by: string): Promise<Operation | Refusal> {
    return this.#begin('remove', project, by, undefined);
  }

  operation(id: string): Operation | undefined {
    return this.#operations.find((one) => one.id === id);
  }

  async find(id: string): Promise<Operation | undefined> {
    return this.operation(id);
  }

  async operations(project: string): Promise<readonly Operation[]> {
    return this.#operations.filter((one) => one.project === project);
  }

  poke(source: string): void {
    this.poked.push(source);
  }

  end(id: string, change: Partial<Operation> = {}): void {
    const index = this.#operations.findIndex((one) => one.id === id);
    const ended = { state: 'succeeded', reason: 'Succeeded', endedAt: new Date().toISOString() } as const;
    this.#operations[index] = { ...this.#operations[index]!, ...ended, ...change };
  }

  #begin(
    kind: Operation['kind'],
    project: string,
    by: string,
    target: string | undefined,
  ): Operation | Refusal {
    if (this.refusal !== undefined) return this.refusal;
    if (!this.#sources.has(project)) return { kind: 'unknown-project' };
    this.asked.push({ kind, project, by, target });
    const operation: Operation = {
      id: randomUUID(), kind, project, by, state: 'running', reason: null, message: null, target: target ?? null,
      revision: null, previousRevision: `main@sha1:${'a'.repeat(40)}`, createdAt: new Date().toISOString(), endedAt: null,
    }; // biome-ignore format: a record
    this.#operations.unshift(operation);
    return operation;
  }
}
