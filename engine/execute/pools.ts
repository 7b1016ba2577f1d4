/** Pools live outside revisions: keyed by connection settings, opened with the first lease, closed with the last. */
import type { ConnectionSettings, Pool } from '../dialect/dialect.ts';
import { dialectFor } from '../dialect/dialects.ts';

export interface Lease {
  readonly pool: Pool;
  /** Idempotent. Closes the pool when it was the last lease on it. */
  release(): Promise<void>;
}

interface Entry {
  readonly pool: Pool;
  leases: number;
}

export class Pools {
  readonly #entries = new Map<string, Entry>();

  lease(settings: ConnectionSettings): Lease {
    const key = keyOf(settings);
    const entry = this.#entries.get(key) ?? {
      pool: dialectFor(settings.config.engine).open(settings),
      leases: 0,
    };
    this.#entries.set(key, entry);
    entry.leases += 1;
    let released = false;
    return {
      pool: entry.pool,
      release: async () => {
        if (released) return;
        released = true;
        entry.leases -= 1;
        if (entry.leases > 0) return;
        if (this.#entries.get(key) === entry) this.#entries.delete(key);
        await entry.pool.close();
      },
    };
  }

  /** Pools that are open now. */
  get size(): number {
    return this.#entries.size;
  }
}

/** All that makes a connection what it is: two databases with the same settings share a pool. */
function keyOf({ config, url }: ConnectionSettings): string {
  const { engine, schemas, searchPath, pool, timeoutMs } = config;
  return JSON.stringify([url, engine, schemas ?? null, searchPath, pool, timeoutMs]);
}
