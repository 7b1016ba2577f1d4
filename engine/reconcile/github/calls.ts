/** One call of GitHub's API: with a deadline, tried again a bounded number of times where that can help. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import { refusal, type Subject, unreachable } from './failure.ts';
import { again, type FailedRequest, type Outcome, outcomeOf } from './outcome.ts';

export type Api = Octokit['rest'];

export interface CallsOptions {
  /** `https://api.github.com`. */
  readonly api: string;
  readonly token: string;
  /** Ends every call and every wait. */
  readonly signal: AbortSignal;
  /** Milliseconds for one answer. Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Milliseconds until the second attempt; each further wait is twice as long. Default 1,000. */
  readonly retryMs?: number | undefined;
}

/** What a call is for. */
export interface Purpose {
  readonly subject: Subject;
  readonly repository: string;
  /** Whether something newer waits, so that trying again is of no use. */
  readonly isStale: () => boolean;
}

/** Something newer took its place. */
export class Superseded extends Error {}

const maxAttempts = 5;
/** GitHub asks for minutes at most, or until its hour is over. Longer is too late for anybody who reads it. */
const maxWaitMs = 15 * 60_000;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export class GithubCalls {
  readonly #api: Api;
  readonly #signal: AbortSignal;
  readonly #timeoutMs: number;
  readonly #retryMs: number;

  constructor({ api, token, signal, timeoutMs = 10_000, retryMs = 1_000 }: CallsOptions) {
    this.#api = new Octokit({ auth: token, baseUrl: api, userAgent: 'novastack', log: silent }).rest;
    this.#signal = signal;
    this.#timeoutMs = timeoutMs;
    this.#retryMs = retryMs;
  }

  /**
   * @param ask one request; `signal` has to go with it
   * @throws {GithubFailure} it will not be done
   * @throws {Superseded} something newer waits
   */
  async call<T extends object>(
    purpose: Purpose,
    ask: (api: Api, request: { readonly signal: AbortSignal }) => Promise<{ readonly data: T }>,
  ): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#once(ask);
      if (outcome.kind === 'done') return outcome.data;
      this.#signal.throwIfAborted();
      const { subject, repository } = purpose;
      if (outcome.kind === 'refused') throw refusal({ subject, repository, ...outcome });
      const waitMs = outcome.afterMs ?? this.#backoffMs(attempt);
      if (attempt === maxAttempts || waitMs > maxWaitMs)
        throw unreachable(subject, repository, outcome.status, attempt);
      if (purpose.isStale()) throw new Superseded();
      await sleep(waitMs, undefined, { signal: this.#signal, ref: false });
      if (purpose.isStale()) throw new Superseded();
    }
  }

  async #once<T extends object>(
    ask: (api: Api, request: { readonly signal: AbortSignal }) => Promise<{ readonly data: T }>,
  ): Promise<Outcome<T>> {
    try {
      const signal = AbortSignal.any([this.#signal, AbortSignal.timeout(this.#timeoutMs)]);
      const { data } = await ask(this.#api, { signal });
      // An answer that broke off, or that a proxy made, is text.
      return typeof data === 'object' ? { kind: 'done', data } : again(502);
    } catch (error) {
      return outcomeOf(error as FailedRequest);
    }
  }

  #backoffMs(attempt: number): number {
    return this.#retryMs * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  }
}
