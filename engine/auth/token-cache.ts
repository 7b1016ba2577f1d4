/** Verified tokens until they expire, bounded: two generations, so that old ones leave without a list to keep. */
import { hash } from 'node:crypto';

/** By the hash of a token, so that no token stays in memory because of the cache. */
export class TokenCache<T> {
  readonly #max: number;
  #young = new Map<string, T>();
  #old = new Map<string, T>();

  /** @param max entries of one generation; at most twice as many are kept */
  constructor(max: number) {
    this.#max = max;
  }

  static key(token: string): string {
    return hash('sha256', token, 'base64');
  }

  get(key: string): T | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: T): void {
    if (this.#young.size >= this.#max) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }

  delete(key: string): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }
}
