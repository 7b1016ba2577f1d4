/** What was asked for, and what has become of it. Kept in memory: the revisions themselves are what lasts. */
import { randomUUID } from 'node:crypto';
import type { Operation } from './fleet.ts';

/** Of one project. */
export const keptOperations = 50;

/** How an operation ends. */
export interface Ended {
  readonly succeeded: boolean;
  readonly reason: string;
  readonly message: string | null;
  readonly revision: string | null;
}

export class Operations {
  readonly #byId = new Map<string, Operation>();
  /** Ids, newest first, by project. */
  readonly #byProject = new Map<string, string[]>();
  readonly #onChange: (operation: Operation) => void;

  /** @param onChange hears of each as it begins, and as it ends */
  constructor(onChange: (operation: Operation) => void = () => {}) {
    this.#onChange = onChange;
  }

  get(id: string): Operation | undefined {
    return this.#byId.get(id);
  }

  of(project: string): readonly Operation[] {
    return (this.#byProject.get(project) ?? []).map((id) => this.#byId.get(id)!);
  }

  /** One that has not ended and asks for the same. */
  running(project: string, kind: Operation['kind'], target: string | null): Operation | undefined {
    return this.of(project).find(
      (one) => one.kind === kind && one.target === target && one.endedAt === null && target !== null,
    );
  }

  /** @param work does it; what it throws is the engine's own fault and fails the operation */
  begin(
    asked: Pick<Operation, 'kind' | 'project' | 'by' | 'target' | 'previousRevision'>,
    work: () => Promise<Ended>,
  ): Operation {
    const operation: Operation = {
      id: randomUUID(),
      ...asked,
      state: 'running',
      reason: null,
      message: null,
      revision: null,
      createdAt: new Date().toISOString(),
      endedAt: null,
    };
    this.#keep(operation);
    void work().then(
      (ended) => this.#end(operation.id, ended),
      (cause: unknown) => {
        const message = cause instanceof Error ? cause.message : String(cause);
        this.#end(operation.id, { succeeded: false, reason: 'EngineFault', message, revision: null });
      },
    );
    return operation;
  }

  #end(id: string, { succeeded, reason, message, revision }: Ended): void {
    const operation = this.#byId.get(id);
    if (operation === undefined) return;
    const state = succeeded ? 'succeeded' : 'failed';
    const endedAt = new Date().toISOString();
    const over = { ...operation, state, reason, message, revision, endedAt } as const;
    this.#byId.set(id, over);
    this.#onChange(over);
  }

  #keep(operation: Operation): void {
    this.#byId.set(operation.id, operation);
    const ids = [operation.id, ...(this.#byProject.get(operation.project) ?? [])];
    for (const old of ids.splice(keptOperations)) this.#byId.delete(old);
    this.#byProject.set(operation.project, ids);
    this.#onChange(operation);
  }
}
