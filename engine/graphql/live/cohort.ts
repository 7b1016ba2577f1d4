/** All subscribers of one question, asked for together: one statement a tick, the first answer at once. */
import { performance } from 'node:perf_hooks';
import { setImmediate as breathe } from 'node:timers/promises';
import type { Asked, Told } from '../../execute/poll.ts';
import { Problem } from '../../problem/problem.ts';
import { toProblem } from '../error.ts';
import type { Source } from './source.ts';
import { turnsOf } from './turns.ts';

/** One subscriber. The cohort writes the first three, and calls the rest. */
export interface Member {
  /** Of what it was told last: the hash of a body, or the place of a stream. Null: nothing yet. */
  mark: string | null;
  variant: Variant | undefined;
  /** How many rounds the cohort had begun when it came: an answer of a round before may be older than what it knows. */
  since: number;
  tell(body: string): void;
  /** It is out of the cohort. */
  fail(problem: Problem): void;
}

/** Subscribers with the same values. */
export interface Variant {
  key: string;
  parameters: Asked['parameters'];
  readonly members: Set<Member>;
  mark: string | null;
  /** Some member has not been told what the others have. */
  waiting: boolean;
}

export interface CohortOptions {
  readonly intervalMs: number;
  readonly signal: AbortSignal;
  /** One statement was run. */
  readonly onStatement: () => void;
  /** The database could not be asked, or could again. */
  readonly onAsked: (failed: Problem | undefined) => void;
  readonly onEmpty: () => void;
}

/** Items of one statement's lists, and characters of their values. */
const maxItems = 10_000;
const maxCharacters = 4_000_000;
/** Characters of the answers that may come at once, by what answers have been long so far. */
const maxBodies = 64_000_000;
const maxBackoffMs = 30_000;
/** The serving thread is given back after so long. */
const sliceMs = 8;

export class Cohort {
  readonly #source: Source;
  readonly #options: CohortOptions;
  readonly #variants = new Map<string, Variant>();
  #fresh = new Set<Variant>();
  #size = 0;
  #rounds = 0;
  #failures = 0;
  /** Average characters of a body; at first, a guess. */
  #bodyLength = 64_000;
  #most = maxItems;
  #due = 0;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(source: Source, options: CohortOptions) {
    this.#source = source;
    this.#options = options;
  }

  get size(): number {
    return this.#size;
  }

  /** Resolves when nothing runs any more; only after the signal, or when it is empty. */
  get idle(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  join(member: Member, parameters: Asked['parameters']): void {
    member.since = this.#rounds;
    this.#size += 1;
    const variant = this.#place(member, parameters, JSON.stringify(parameters));
    variant.waiting = true;
    this.#fresh.add(variant);
    if (this.#running === undefined) {
      this.#due = performance.now() + this.#options.intervalMs;
      this.#running = this.#run().finally(() => {
        this.#running = undefined;
      });
    } else this.#wake?.();
  }

  leave(member: Member): void {
    const { variant } = member;
    if (variant === undefined) return;
    this.#remove(member, variant);
    this.#size -= 1;
    if (this.#size > 0) return;
    this.#wake?.();
    this.#options.onEmpty();
  }

  /** The signal has fired. */
  stop(): void {
    this.#wake?.();
  }

  #place(member: Member, parameters: Asked['parameters'], key: string): Variant {
    let variant = this.#variants.get(key);
    if (variant === undefined) {
      variant = { key, parameters, members: new Set(), mark: null, waiting: true };
      this.#variants.set(key, variant);
    }
    variant.members.add(member);
    member.variant = variant;
    return variant;
  }

  #remove(member: Member, variant: Variant): void {
    member.variant = undefined;
    variant.members.delete(member);
    if (variant.members.size > 0) return;
    this.#variants.delete(variant.key);
    this.#fresh.delete(variant);
  }

  /** Never two rounds at once: a slow database slows the ticks. */
  async #run(): Promise<void> {
    const { signal } = this.#options;
    while (this.#size > 0 && !signal.aborted) {
      await this.#nextRound();
      if (this.#size === 0 || signal.aborted) return;
      const started = performance.now();
      const isTick = started >= this.#due;
      const asked = isTick ? [...this.#variants.values()] : [...this.#fresh];
      this.#fresh = new Set();
      if (asked.length > 0) await this.#round(asked);
      if (isTick || this.#failures > 0) this.#due = this.#nextTick(started);
    }
  }

  /** After a tick that took long the database has as long without it. */
  #nextTick(started: number): number {
    const now = performance.now();
    const { intervalMs } = this.#options;
    if (this.#failures > 0)
      return now + Math.min(maxBackoffMs, intervalMs * 2 ** Math.min(this.#failures - 1, 10));
    return Math.max(started + intervalMs, now + Math.min(now - started, maxBackoffMs));
  }

  /** Until the tick is due or somebody is new; while the database is away, only until then. */
  async #nextRound(): Promise<void> {
    for (;;) {
      const { signal } = this.#options;
      if (this.#size === 0 || signal.aborted) return;
      // Those who come together are asked for together.
      if (this.#fresh.size > 0 && this.#failures === 0) return breathe();
      const left = this.#due - performance.now();
      if (left <= 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#wake = undefined;
    }
  }

  async #round(variants: readonly Variant[]): Promise<void> {
    this.#rounds += 1;
    for (const variant of variants) prepare(variant);
    try {
      for (const some of this.#statements(variants)) {
        if (this.#options.signal.aborted) return;
        await this.#ask(some);
      }
      this.#failures = 0;
      this.#most = Math.min(maxItems, this.#most * 2);
      this.#options.onAsked(undefined);
    } catch (error) {
      if (this.#options.signal.aborted) return;
      this.#failures += 1;
      for (const variant of variants) variant.waiting = true;
      this.#options.onAsked(toProblem(error));
    }
  }

  *#statements(variants: readonly Variant[]): Generator<readonly Variant[]> {
    let some: Variant[] = [];
    let characters = 0;
    for (const variant of variants) {
      if (variant.members.size === 0) continue;
      const most = Math.min(this.#most, Math.max(1, Math.floor(maxBodies / this.#bodyLength)));
      if (some.length > 0 && (some.length >= most || characters + variant.key.length > maxCharacters)) {
        yield some;
        some = [];
        characters = 0;
      }
      some.push(variant);
      characters += variant.key.length;
    }
    if (some.length > 0) yield some;
  }

  /** @throws {Problem} the database is away: nobody is told, and all are asked for again */
  async #ask(variants: readonly Variant[]): Promise<void> {
    const { signal } = this.#options;
    const told = await this.#try(variants);
    if (signal.aborted) return;
    if (!(told instanceof Problem)) return this.#deliver(variants, told);
    if (told.code === '57014') this.#most = Math.max(1, Math.ceil(variants.length / 2));
    if (isPassing(told)) throw told;
    if (variants.length === 1 || !isOfValues(told)) {
      for (const variant of variants) this.#fail(variant, told);
      return;
    }
    // The others are answered all the same.
    const half = Math.ceil(variants.length / 2);
    await this.#ask(variants.slice(0, half));
    await this.#ask(variants.slice(half));
  }

  async #try(variants: readonly Variant[]): Promise<readonly Told[] | Problem> {
    const { signal, onStatement } = this.#options;
    const release = await turnsOf(this.#source.pool).take();
    try {
      if (signal.aborted) return [];
      onStatement();
      const asked = variants.map(({ parameters, mark }) => ({ parameters, had: mark }));
      return await this.#source.ask(asked, signal);
    } catch (error) {
      return toProblem(error);
    } finally {
      release();
    }
  }

  #fail(variant: Variant, problem: Problem): void {
    for (const member of [...variant.members]) {
      this.leave(member);
      member.fail(problem);
    }
  }

  async #deliver(variants: readonly Variant[], told: readonly Told[]): Promise<void> {
    const round = this.#rounds;
    let until = performance.now() + sliceMs;
    for (const { index, body, mark } of told) {
      const variant = variants[index]!;
      this.#bodyLength = Math.max(1, this.#bodyLength + (body.length - this.#bodyLength) / 20);
      const members =
        this.#source.cursor === undefined ? variant.members : this.#advance(variant, mark, round);
      variant.mark = mark;
      for (const member of members) {
        if (member.since >= round || member.variant === undefined || member.mark === mark) continue;
        member.mark = mark;
        member.tell(body);
        if (performance.now() < until) continue;
        await breathe();
        if (this.#options.signal.aborted) return;
        until = performance.now() + sliceMs;
      }
    }
  }

  /** Moves a stream's readers behind what they are told; those who came meanwhile have not been told it. */
  #advance(variant: Variant, mark: string, round: number): readonly Member[] {
    const told = [...variant.members].filter(({ since }) => since < round);
    const parameters = movedTo(variant.parameters, this.#source.cursor!, mark);
    const key = JSON.stringify(parameters);
    for (const member of told) {
      this.#remove(member, variant);
      this.#place(member, parameters, key);
    }
    return told;
  }
}

/** @param mark a JSON list of texts, whose first is the cursor's */
export function movedTo(
  parameters: Asked['parameters'],
  cursor: readonly number[],
  mark: string,
): Asked['parameters'] {
  const [value] = JSON.parse(mark) as readonly (string | null)[];
  return parameters.map((one, index) => (cursor.includes(index) ? value! : one));
}

/** Asked with what all of its members have; with nothing, where they have not the same. */
function prepare(variant: Variant): void {
  if (!variant.waiting) return;
  variant.waiting = false;
  const [first, ...others] = variant.members;
  variant.mark = first !== undefined && others.every(({ mark }) => mark === first.mark) ? first.mark : null;
}

const passing: ReadonlySet<string> = new Set(['NS503', 'NS504', '40001', '40P01', '55P03', '57014']);

/** A moment later the same may succeed. */
function isPassing({ code }: Problem): boolean {
  return passing.has(code);
}

/** Of some caller's values or rows, not of the question. */
function isOfValues({ code }: Problem): boolean {
  return /^(?:2[0-3]|54|P0|NS430)/.test(code);
}
