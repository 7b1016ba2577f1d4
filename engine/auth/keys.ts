/** The public keys of one issuer: when they are fetched, how long they are good for, and what holds while they cannot be had. */
import { type CryptoKey, errors } from 'jose';
import { fetchKeySet, type KeySet } from './key-set.ts';

export interface KeyTimes {
  /** Milliseconds for the whole of an answer. */
  readonly timeoutMs: number;
  /** From this age on keys are fetched again, beside the requests that use them. */
  readonly refreshMs: number;
  /** From this age on requests wait for it: a key that the issuer has withdrawn is good for no longer. */
  readonly staleMs: number;
  /** After a fetch a `kid` that is not in the set is not asked for again this long. */
  readonly coolDownMs: number;
  /** After a failed fetch the next attempt waits this long, so that callers do not queue behind a dead issuer. */
  readonly retryMs: number;
  /** Keys outlive an issuer that does not answer for this long. */
  readonly keepMs: number;
}

export const defaultTimes: KeyTimes = {
  timeoutMs: 5_000,
  refreshMs: 300_000,
  staleMs: 600_000,
  coolDownMs: 10_000,
  retryMs: 5_000,
  keepMs: 24 * 60 * 60 * 1000,
};

/** What a token cannot be checked without cannot be had: nobody's token can be called wrong because of it. */
export class KeysUnavailable extends Error {
  readonly retryAfterSeconds: number;

  constructor(message: string, retryAfterMs: number, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  }
}

/** Something that an operator should hear of. Holds no key and no secret. */
export interface KeysNews {
  /** Whether tokens can be checked. */
  readonly usable: boolean;
  readonly message: string;
  readonly cause?: unknown;
}

export interface RemoteKeysOptions {
  readonly times?: Partial<KeyTimes>;
  /** Milliseconds of a clock that only goes forward. Default `performance.now`. */
  readonly ticks?: () => number;
  readonly onNews?: (news: KeysNews) => void;
}

export interface FoundKeys {
  readonly keys: readonly CryptoKey[];
  /** Of the set that they are from. */
  readonly generation: number;
}

/** Outlives revisions: a save while the issuer is down must not lose the keys. */
export class RemoteKeys {
  readonly #url: string;
  readonly #times: KeyTimes;
  readonly #ticks: () => number;
  readonly #onNews: (news: KeysNews) => void;
  #known: { readonly set: KeySet; readonly at: number } | undefined;
  #generation = 0;
  #triedAt = Number.NEGATIVE_INFINITY;
  #failure: unknown;
  #loading: Promise<void> | undefined;

  /** @param url `https:` (or `http:`) address of a JSON Web Key Set */
  constructor(url: string, options: RemoteKeysOptions = {}) {
    this.#url = url;
    this.#times = { ...defaultTimes, ...options.times };
    this.#ticks = options.ticks ?? (() => performance.now());
    this.#onNews = options.onNews ?? (() => {});
  }

  /**
   * Which keys are good now: a number that changes with them. Has them fetched again when it is time.
   *
   * @returns undefined: `find` has to wait for them
   */
  generation(): number | undefined {
    const known = this.#current();
    if (known === undefined) return undefined;
    const age = this.#ticks() - known.at;
    if (age >= this.#times.staleMs && this.#failure === undefined) return undefined;
    if (age >= this.#times.refreshMs) this.#refresh();
    return this.#generation;
  }

  /**
   * The keys that may have signed a token.
   *
   * @throws {KeysUnavailable}; {errors.JWKSNoMatchingKey} the issuer has no such key
   */
  async find(alg: string, kid: string | undefined): Promise<FoundKeys> {
    if (this.generation() === undefined) await this.#load();
    const known = this.#current();
    if (known === undefined) throw this.#unavailable();
    try {
      return await this.#in(known.set, alg, kid);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // The issuer may have a new key since: asked again, and not for every token that says so.
      if (this.#rests(this.#times.coolDownMs))
        throw this.#failure === undefined ? error : this.#unavailable();
      await this.#load();
    }
    const newer = this.#current();
    if (newer === undefined || this.#failure !== undefined) throw this.#unavailable();
    return await this.#in(newer.set, alg, kid);
  }

  async #in(set: KeySet, alg: string, kid: string | undefined): Promise<FoundKeys> {
    const generation = this.#generation;
    return { keys: await set.candidates(alg, kid), generation };
  }

  #current(): { readonly set: KeySet; readonly at: number } | undefined {
    if (this.#known !== undefined && this.#ticks() - this.#known.at >= this.#times.keepMs) {
      this.#known = undefined;
      if (this.#failure !== undefined)
        this.#onNews({ usable: false, message: failed(false), cause: this.#failure });
    }
    return this.#known;
  }

  /** Whether the last attempt is too short ago for another one. */
  #rests(coolDownMs: number): boolean {
    const pause = this.#failure === undefined ? coolDownMs : this.#times.retryMs;
    return this.#ticks() - this.#triedAt < pause;
  }

  #refresh(): void {
    if (!this.#rests(0)) void this.#load();
  }

  /** Joins a fetch that is under way. Never rejects: what went wrong is kept. */
  #load(): Promise<void> {
    if (this.#failure !== undefined && this.#rests(0)) return Promise.resolve();
    this.#loading ??= this.#fetch().finally(() => {
      this.#loading = undefined;
    });
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    const hadFailed = this.#failure !== undefined;
    try {
      const set = await fetchKeySet(this.#url, AbortSignal.timeout(this.#times.timeoutMs));
      this.#failure = undefined;
      this.#take(set, hadFailed);
    } catch (cause) {
      this.#failure = cause;
      if (!hadFailed)
        this.#onNews({
          usable: this.#known !== undefined,
          message: failed(this.#known !== undefined),
          cause,
        });
    } finally {
      this.#triedAt = this.#ticks();
    }
  }

  #take(set: KeySet, hadFailed: boolean): void {
    const before = this.#known?.set;
    const changed = before?.text !== set.text;
    if (changed) this.#generation += 1;
    this.#known = { set: changed ? set : before!, at: this.#ticks() };
    if (hadFailed) this.#onNews({ usable: true, message: 'The keys of the issuer can be fetched again.' });
    if (!changed) return;
    if (before !== undefined)
      this.#onNews({ usable: true, message: 'The issuer has other keys than before.' });
    if (set.refused > 0)
      this.#onNews({
        usable: true,
        message: `${set.refused} of the issuer's keys are not used: they are private, symmetric or weak.`,
      });
  }

  #unavailable(): KeysUnavailable {
    const left = this.#triedAt + this.#times.retryMs - this.#ticks();
    return new KeysUnavailable('The keys could not be fetched.', left, this.#failure);
  }
}

function failed(known: boolean): string {
  return known
    ? 'The keys of the issuer cannot be fetched; those of before are used, for a day at most.'
    : 'The keys of the issuer cannot be fetched, so none of its tokens is accepted.';
}
