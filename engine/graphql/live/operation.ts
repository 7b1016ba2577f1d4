/** One operation over a socket: answered once, or a subscription that lives until either side ends it. */
import { performance } from 'node:perf_hooks';
import type { Problem } from '../../problem/problem.ts';
import { placed } from '../answer.ts';
import type { Call } from '../call.ts';
import { errorList, toProblem } from '../error.ts';
import { operate, planCall } from '../operate.ts';
import type { OperationPlan } from '../operation.ts';
import { type Member, movedTo, type Variant } from './cohort.ts';
import type { Caller, Session } from './session.ts';
import { want } from './source.ts';

const finished: IteratorResult<never, undefined> = Object.freeze({ done: true, value: undefined });

/** Milliseconds until a document that could not be checked for want of room is checked again. */
const retryMs = 250;

/**
 * graphql-ws waits for it as for an iterator of results. It gives none: answers go to the socket as the texts they are,
 * and its end is the operation's.
 */
export class Operation implements Member {
  readonly id: string;
  readonly call: Call;
  readonly startedAt = performance.now();
  /** Characters of what it was asked with. */
  readonly length: number;
  mark: string | null = null;
  variant: Variant | undefined;
  since = 0;
  kind: OperationPlan['kind'] | undefined;
  /** The problem's code, when it ended with one. */
  code: string | undefined;
  /** Answers that were sent. */
  answers = 0;
  readonly #session: Session;
  #as: string | undefined;
  #leave: (() => void) | undefined;
  #end: ((result: IteratorResult<never, undefined>) => void) | undefined;
  #ended = false;
  #once: AbortController | undefined;

  constructor(session: Session, id: string, call: Call) {
    this.#session = session;
    this.id = id;
    this.call = call;
    this.length = call.query.length + JSON.stringify(call.variables).length;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Begins the operation; resolves at its end. */
  next(): Promise<IteratorResult<never, undefined>> {
    if (this.#ended) return Promise.resolve(finished);
    const { promise, resolve } = Promise.withResolvers<IteratorResult<never, undefined>>();
    this.#end = resolve;
    void this.#start();
    return promise;
  }

  /** The client has had enough, or the socket has closed. */
  return(): Promise<IteratorResult<never, undefined>> {
    this.#finish();
    return Promise.resolve(finished);
  }

  /** The revision is another: what the document means now is found out anew. */
  async move(): Promise<void> {
    if (this.kind !== 'subscription' || this.#ended) return;
    this.#let();
    await this.#start();
  }

  tell(body: string): void {
    const payload = this.#as === undefined ? body : `{"data":{${JSON.stringify(this.#as)}:${body}}}`;
    this.#send(payload);
  }

  fail(problem: Problem): void {
    if (this.#ended) return;
    this.code = problem.code;
    this.#session.send(
      `{"id":${JSON.stringify(this.id)},"type":"error","payload":${errorList(this.#as === undefined ? problem : placed(problem, `$.selectionSet.${this.#as}`))}}`,
    );
    // The message is the operation's end; graphql-ws would send another.
    this.#session.forget(this.id);
    this.#finish();
  }

  async #start(): Promise<void> {
    try {
      while (!this.#ended) {
        const caller = await this.#session.caller();
        if (caller === undefined || (await this.#startAs(caller))) return;
      }
    } catch (error) {
      const problem = toProblem(error);
      if (problem.code === 'NS604' && this.kind === 'subscription')
        setTimeout(() => void this.move(), retryMs);
      else this.fail(problem);
    }
  }

  /** @returns false when the revision was replaced meanwhile */
  async #startAs({ surface, principal, serving }: Caller): Promise<boolean> {
    const context = { principal };
    const planned = await planCall(this.call, surface, context);
    if (this.#ended) return true;
    if (!this.#session.isCurrent(surface)) return false;
    this.kind = planned.plan.kind;
    if (planned.plan.kind === 'subscription') {
      this.#watch({ surface, principal, serving }, want(planned, this.call, surface, context));
      return true;
    }
    serving.acquire();
    try {
      await this.#answer({ surface, principal, serving });
    } finally {
      serving.release();
    }
    return true;
  }

  async #answer({ surface, principal }: Caller): Promise<void> {
    this.#once = new AbortController();
    const { signal } = this.#once;
    const context = { principal, signal, http: this.#session.http };
    const text = await operate(this.call, surface, context, () => {});
    if (this.#ended) return;
    this.#send(text);
    this.#finish();
  }

  #watch({ surface }: Caller, wanted: ReturnType<typeof want>): void {
    if (wanted.kind === 'constant') {
      if (this.mark !== wanted.payload) this.#send(wanted.payload);
      this.mark = wanted.payload;
      return;
    }
    const { source, as, parameters } = wanted;
    this.#as = as;
    const from =
      source.cursor === undefined || this.mark === null
        ? parameters
        : movedTo(parameters, source.cursor, this.mark);
    this.#leave = surface.live.join(source, this, from);
  }

  #send(payload: string): void {
    this.answers += 1;
    this.#session.send(`{"id":${JSON.stringify(this.id)},"type":"next","payload":${payload}}`);
  }

  #let(): void {
    this.#leave?.();
    this.#leave = undefined;
  }

  #finish(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#let();
    this.#once?.abort();
    this.#session.ended(this);
    this.#end?.(finished);
  }
}
