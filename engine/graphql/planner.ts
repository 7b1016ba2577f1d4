/** What the threads give, remembered: plans, introspection and SDL by role. One for each revision. */
import type { Api } from '../api/api.ts';
import { ByteCache } from './cache.ts';
import type { ModelFunction } from './functions.ts';
import { InputTypes } from './inputs.ts';
import type { Done, Lane, Work } from './lane.ts';
import { buildModel, type Model, type ModelTable } from './model.ts';
import type { OperationPlan } from './operation.ts';
import { noOperations, type Operations, PersistedDocuments } from './persisted.ts';
import { Refusal } from './refusal.ts';
import { leaseThreads } from './threads.ts';

/** A role's model with what the serving thread looks up in it. */
export interface RoleModel {
  readonly key: string;
  readonly model: Model;
  readonly inputs: InputTypes;
  readonly tables: ReadonlyMap<string, ModelTable>;
  /** By `Callable.name`. */
  readonly functions: ReadonlyMap<string, ModelFunction>;
}

export function roleModel(key: string, model: Model): RoleModel {
  return {
    key,
    model,
    inputs: new InputTypes(model),
    tables: new Map(model.tables.map((table) => [table.graphql, table])),
    functions: new Map(model.functions.map((one) => [one.name, one])),
  };
}

export interface PlannerOptions {
  /** Of the project; default none. */
  readonly operations?: Operations | undefined;
  /** Bytes of plans held. Default 16 MiB. */
  readonly planBytes?: number;
  /** Bytes of introspection and SDL texts held: those of a thousand tables have some 30 MB. Default 64 MiB. */
  readonly textBytes?: number;
}

/** Tells the models of one revision from another's in the shared threads. */
let planners = 0;

export class Planner {
  /** What callers may send instead of a text. */
  readonly persisted: PersistedDocuments;
  readonly #api: Api;
  readonly #number: number;
  readonly #roles = new Map<string, RoleModel>();
  readonly #plans: ByteCache<OperationPlan>;
  readonly #texts: ByteCache<readonly (readonly [string, string])[]>;
  readonly #underway = new Map<string, Promise<unknown>>();
  readonly #lease = leaseThreads();

  constructor(api: Api, options: PlannerOptions = {}) {
    this.#api = api;
    this.persisted = new PersistedDocuments(options.operations ?? noOperations);
    planners += 1;
    this.#number = planners;
    this.#plans = new ByteCache(options.planBytes ?? 16 * 1024 * 1024);
    this.#texts = new ByteCache(options.textBytes ?? 64 * 1024 * 1024);
  }

  role(name: string): RoleModel {
    const known = this.#roles.get(name);
    if (known !== undefined) return known;
    const model = { ...buildModel(this.#api, name), allowed: this.persisted.allowedFor(name) };
    const role = roleModel(`${this.#number}:${name}`, model);
    this.#roles.set(name, role);
    return role;
  }

  /**
   * The plan of a document for a role. Two callers with one new document wait for one job.
   *
   * @throws {Refusal} NS601, NS602, NS603; {Problem} NS604, NS000
   */
  plan(role: RoleModel, text: string, operation: string | undefined): Promise<OperationPlan> | OperationPlan {
    const key = keyOf(role, operation, text);
    return (
      this.#plans.get(key) ??
      this.#once(key, async () => {
        const work: Work = { kind: 'plan', model: role.key, text, operation };
        const done = await this.#run(this.#lease.threads.documents, work, role);
        if (done.kind !== 'plan') throw new TypeError(`a plan was expected, not ${done.kind}`);
        this.#plans.set(key, done.plan, 1_000 + freeze(done.plan));
        return done.plan;
      })
    );
  }

  /** JSON texts by key for the document's introspection fields; those left out by a directive are absent. */
  introspect(
    role: RoleModel,
    text: string,
    operation: string | undefined,
    variables: string,
  ): Promise<readonly (readonly [string, string])[]> {
    const work: Work = { kind: 'introspect', model: role.key, text, operation, variables };
    return this.#text(keyOf(role, operation, `${text.length} ${text}${variables}`), work, role);
  }

  /** The role's SDL. */
  async print(role: RoleModel): Promise<string> {
    const [entry] = await this.#text(`sdl ${role.key}`, { kind: 'print', model: role.key }, role);
    return entry![1];
  }

  warm(): void {
    this.#lease.threads.documents.warm();
  }

  async close(): Promise<void> {
    for (const { key } of this.#roles.values()) {
      this.#lease.threads.documents.forget(key);
      this.#lease.threads.schemas.forget(key);
    }
    await this.#lease.release();
  }

  async #text(key: string, work: Work, role: RoleModel): Promise<readonly (readonly [string, string])[]> {
    const known = this.#texts.get(key);
    if (known !== undefined) return known;
    return this.#once(key, async () => {
      const done = await this.#run(this.#lease.threads.schemas, work, role);
      if (done.kind === 'plan') throw new TypeError('a text was expected, not a plan');
      const fields = done.kind === 'text' ? [['sdl', done.text] as const] : done.fields;
      // One byte a character, but for comments beyond Latin-1.
      this.#texts.set(
        key,
        fields,
        fields.reduce((sum, [, text]) => sum + text.length, 0),
      );
      return fields;
    });
  }

  async #run(lane: Lane, work: Work, role: RoleModel): Promise<Exclude<Done, { kind: 'refused' }>> {
    const done = await lane.run(work, role.model);
    if (done.kind === 'refused') throw new Refusal(done.refused.code, done.refused.path, done.refused);
    return done;
  }

  #once<T>(key: string, work: () => Promise<T>): Promise<T> {
    const underway = this.#underway.get(key) as Promise<T> | undefined;
    if (underway !== undefined) return underway;
    const started = work().finally(() => this.#underway.delete(key));
    this.#underway.set(key, started);
    return started;
  }
}

/** Lengths tell the parts apart: quoting a text of megabytes would hold the thread. */
function keyOf({ key }: RoleModel, operation: string | undefined, text: string): string {
  return `${key.length} ${key}${operation === undefined ? '' : `${operation.length} ${operation}`} ${text}`;
}

/** @returns bytes in memory, roughly: fragments make a large plan of a short document */
function freeze(value: unknown): number {
  if (typeof value === 'string') return value.length + 16;
  if (typeof value !== 'object' || value === null) return 8;
  let bytes = 64;
  for (const part of Object.values(value)) bytes += freeze(part);
  Object.freeze(value);
  return bytes;
}
