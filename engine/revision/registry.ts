/** Which revision serves each project: one pointer a project, leases on what it points to, and drained retirement. */
import { ProjectSockets } from '../graphql/live/sockets.ts';
import type { Problem } from '../problem/problem.ts';
import type { Emit } from '../telemetry/events.ts';
import { DocsPages } from './docs.ts';
import type { Revision } from './revision.ts';

/** Requests of a replaced revision get this long to end before its pools are taken away. */
export const defaultDrainMs = 30_000;

/** A revision and the requests that run on it. */
export class Held {
  readonly revision: Revision;
  #running = 0;
  #whenIdle: (() => void) | undefined;

  constructor(revision: Revision) {
    this.revision = revision;
  }

  get running(): number {
    return this.#running;
  }

  acquire(): void {
    this.#running += 1;
  }

  release(): void {
    this.#running -= 1;
    if (this.#running === 0) this.#whenIdle?.();
  }

  /** @returns whether the last request ended before the deadline */
  drained(withinMs: number): Promise<boolean> {
    if (this.#running === 0) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), withinMs);
      this.#whenIdle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }
}

/** One served name. `owner` is the source that claimed it first; another one is refused. */
export class Slot {
  readonly name: string;
  readonly owner: object;
  readonly docs = new DocsPages();
  readonly sockets: ProjectSockets;
  current: Held | undefined;
  /** What callers are told while there is no revision. */
  unavailable: Problem | undefined;

  constructor(name: string, owner: object, { emit, pingMs }: RegistryOptions) {
    this.name = name;
    this.owner = owner;
    this.sockets = new ProjectSockets({
      emit: (event) => emit({ ...event, project: name }),
      ...(pingMs !== undefined && { pingMs }),
    });
  }
}

/** What has become of a served name. */
export type Change =
  | { readonly kind: 'claimed'; readonly name: string }
  /** Its callers are told why it is not served. */
  | { readonly kind: 'refused'; readonly name: string; readonly problem: Problem }
  | { readonly kind: 'swapped'; readonly name: string; readonly revision: Revision }
  | { readonly kind: 'released'; readonly name: string }; // biome-ignore format: one case a line

export interface RegistryOptions {
  readonly emit: Emit;
  /** Hears of each change at once; must not throw. Default: nobody does. */
  readonly onChange?: ((change: Change) => void) | undefined;
  /** Milliseconds; default 30,000. */
  readonly drainMs?: number;
  /** Milliseconds between two pings of sockets; default 25,000. */
  readonly pingMs?: number;
}

export class Registry {
  readonly #slots = new Map<string, Slot>();
  readonly #retiring = new Set<Promise<void>>();
  readonly #leaving = new Set<Held>();
  readonly #options: RegistryOptions;
  readonly #emit: Emit;
  readonly #drainMs: number;

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#emit = options.emit;
    this.#drainMs = options.drainMs ?? defaultDrainMs;
  }

  get(name: string): Slot | undefined {
    return this.#slots.get(name);
  }

  /** In the order in which they were claimed. */
  slots(): Iterable<Slot> {
    return this.#slots.values();
  }

  /**
   * Gives a name to a source; the one that has it keeps it.
   *
   * @returns undefined when another source has it
   */
  claim(name: string, owner: object): Slot | undefined {
    const slot = this.#slots.get(name);
    if (slot !== undefined) return slot.owner === owner ? slot : undefined;
    const made = new Slot(name, owner, this.#options);
    this.#slots.set(name, made);
    this.#options.onChange?.({ kind: 'claimed', name });
    return made;
  }

  /** What callers are told until there is a revision. */
  refuse(slot: Slot, problem: Problem): void {
    slot.unavailable = problem;
    this.#options.onChange?.({ kind: 'refused', name: slot.name, problem });
  }

  /** From here on new requests go to `revision`; the one before retires when its last request has ended. */
  swap(slot: Slot, revision: Revision): void {
    const before = slot.current;
    const held = new Held(revision);
    slot.current = held;
    slot.unavailable = undefined;
    const { sockets: surface } = revision;
    slot.sockets.move(surface && { surface, acquire: () => held.acquire(), release: () => held.release() });
    this.#options.onChange?.({ kind: 'swapped', name: slot.name, revision });
    if (before !== undefined) this.#retire(slot.name, before);
  }

  /** Takes a name out of service. */
  release(slot: Slot): void {
    if (this.#slots.get(slot.name) !== slot) return;
    this.#slots.delete(slot.name);
    const before = slot.current;
    slot.current = undefined;
    slot.sockets.move(undefined);
    this.#options.onChange?.({ kind: 'released', name: slot.name });
    if (before !== undefined) this.#retire(slot.name, before);
  }

  /** Requests that run now on current and on leaving revisions. */
  *running(): Generator<{ project: string; count: number }> {
    for (const slot of this.#slots.values()) yield { project: slot.name, count: slot.current?.running ?? 0 };
    for (const held of this.#leaving) yield { project: held.revision.project, count: held.running };
  }

  /** Takes every name out of service and waits until all has drained. */
  async close(): Promise<void> {
    for (const slot of [...this.#slots.values()]) this.release(slot);
    await Promise.all(this.#retiring);
  }

  #retire(project: string, held: Held): void {
    const work = this.#drain(project, held).finally(() => this.#retiring.delete(work));
    this.#retiring.add(work);
  }

  async #drain(project: string, held: Held): Promise<void> {
    const from = performance.now();
    this.#leaving.add(held);
    const drained = await held.drained(this.#drainMs);
    this.#leaving.delete(held);
    const { id: revision } = held.revision;
    try {
      await held.revision.close();
      this.#emit({ kind: 'retired', project, revision, drained, ms: performance.now() - from });
    } catch (cause) {
      this.#emit({ kind: 'fault', project, message: `Revision ${revision} could not be closed.`, cause });
    }
  }
}
