/** How often an address may be wrong about a token or a signature: nobody finds one by trying. */
import { isIPv6 } from 'node:net';
import { Problem } from '../../problem/problem.ts';

export interface AttemptsOptions {
  /** Wrong attempts of an address a minute. Default 60. */
  readonly perMinute?: number;
  /** Milliseconds of a clock that only goes forward. Default `performance.now`. */
  readonly ticks?: () => number;
}

/** Addresses that are remembered; beyond it the one whose last wrong attempt is longest ago is forgotten. */
const maxAddresses = 10_000;

/** A bucket an address: each wrong attempt fills it by one, a minute empties it. */
export class Attempts {
  readonly #perMinute: number;
  readonly #ticks: () => number;
  readonly #buckets = new Map<string, { level: number; at: number }>();

  constructor(options: AttemptsOptions = {}) {
    this.#perMinute = options.perMinute ?? 60;
    this.#ticks = options.ticks ?? (() => performance.now());
  }

  /**
   * Runs what tells whether a caller is who they claim to be.
   *
   * @param isAttempt whether anything was shown: who shows nothing guesses nothing
   * @throws {Problem} NS429 with `Retry-After`, whatever was shown; else what `check` throws, of which a 401 counts
   */
  async guard<T>(address: string, isAttempt: boolean, check: () => Promise<T>): Promise<T> {
    if (!isAttempt) return check();
    const key = keyOf(address);
    this.#refuse(key);
    try {
      return await check();
    } catch (error) {
      if (error instanceof Problem && error.status === 401) this.#count(key);
      throw error;
    }
  }

  #refuse(key: string): void {
    const level = this.#levelOf(key);
    const over = level - (this.#perMinute - 1);
    if (over <= 0) return;
    const seconds = Math.ceil((over / this.#perMinute) * 60);
    throw new Problem('NS429', {
      message: 'Too many attempts with a wrong token or signature came from this address.',
      hint: `Wait ${seconds} seconds.`,
      headers: { 'Retry-After': String(seconds) },
    });
  }

  #count(key: string): void {
    const level = this.#levelOf(key) + 1;
    // At the end of the map's order, which is the order of the last wrong attempts.
    this.#buckets.delete(key);
    this.#buckets.set(key, { level, at: this.#ticks() });
    for (const oldest of this.#buckets.keys()) {
      if (this.#buckets.size <= maxAddresses) break;
      this.#buckets.delete(oldest);
    }
  }

  #levelOf(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return 0;
    const level = bucket.level - ((this.#ticks() - bucket.at) / 60_000) * this.#perMinute;
    if (level > 0) return level;
    this.#buckets.delete(key);
    return 0;
  }
}

/** One who has an IPv6 address has all of its /64. */
function keyOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  if (tail === undefined) return left.slice(0, 4).join(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
