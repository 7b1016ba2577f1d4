/** The databases of a project's folder while it is followed: opened once, leased to revisions, closed with the last. */
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { DatabaseConfig, Project } from '../../schema/project.ts';
import { stateFolder } from '../auth/dev-issuer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Pool } from '../dialect/dialect.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { type Embedded, openEmbedded } from '../execute/embedded.ts';
import { lockFolder } from '../execute/embedded-lock.ts';
import { type Lease, Pools } from '../execute/pools.ts';
import { Problem } from '../problem/problem.ts';

export interface Database {
  readonly config: DatabaseConfig;
  readonly pool: Pool;
  /** @throws {Problem} the database cannot be read */
  introspect(): Promise<Catalog>;
  /** A text that changes when DDL changed what the API depends on. */
  poll(): Promise<string>;
}

/** Pools that one revision uses until its last request has ended. */
export interface PoolLease {
  readonly pools: ReadonlyMap<string, Pool>;
  release(): Promise<void>;
}

export interface Opened {
  /** By name. */
  readonly databases: ReadonlyMap<string, Database>;
  /** Why the others could not be opened. */
  readonly failures: ReadonlyMap<string, Problem>;
}

interface Entry {
  readonly config: DatabaseConfig;
  readonly url: string;
  readonly lease: Lease;
  readonly database: Database;
}

/** An embedded database and how many leases are on it. */
interface Housed {
  readonly embedded: Embedded;
  users: number;
  wanted: boolean;
}

export interface Pooling {
  /** Most connections of one pool, whatever a project asks for. Default: what it asks for. */
  readonly maxPool?: number;
  /** How many of those this process may open, where others serve the same projects. Default all. */
  readonly share?: (whole: number) => number;
}

/** Pools of all projects of one process: two that name the same database with the same settings share one. */
export class DatabaseHost {
  readonly #pools = new Pools();
  readonly #most: (asked: number) => number;

  constructor({ maxPool = Number.POSITIVE_INFINITY, share = (whole) => whole }: Pooling = {}) {
    this.#most = (asked) => share(Math.min(asked, maxPool));
  }

  of(directory: string): Databases {
    return new Databases(directory, this.#pools, this.#most);
  }
}

/** Where the data of an embedded database is: `<project>/.novastack/<name>`. */
export async function embeddedFolder(directory: string, name: string): Promise<string> {
  return path.join(await stateFolder(directory), name);
}

export class Databases {
  readonly #directory: string;
  readonly #pools: Pools;
  readonly #most: (asked: number) => number;
  readonly #housed = new Map<string, Housed>();
  #entries = new Map<string, Entry>();

  constructor(directory: string, pools: Pools, most: (asked: number) => number) {
    this.#directory = directory;
    this.#pools = pools;
    this.#most = most;
  }

  /**
   * Opens what the project declares, keeps what it declared before in the same way, and lets go of the rest.
   *
   * @param urls resolved connection URLs by name, of databases that are not embedded
   */
  async open(project: Project, urls: ReadonlyMap<string, string>): Promise<Opened> {
    const before = this.#entries;
    const failures = new Map<string, Problem>();
    this.#entries = new Map();
    for (const housed of this.#housed.values()) housed.wanted = false;
    for (const [name, config] of project.databases) {
      try {
        this.#entries.set(name, await this.#open(name, this.#bounded(config), urls.get(name)));
      } catch (error) {
        failures.set(name, asProblem(error));
      }
    }
    for (const entry of before.values()) await this.#let(entry);
    const databases = new Map([...this.#entries].map(([name, entry]) => [name, entry.database]));
    return { databases, failures };
  }

  get(name: string): Database | undefined {
    return this.#entries.get(name)?.database;
  }

  /** Leases on what is open now, for one revision. */
  lease(): PoolLease {
    const leases: Entry[] = [];
    for (const { config, url } of this.#entries.values()) leases.push(this.#lease(config, url));
    return {
      pools: new Map(leases.map(({ config, lease }) => [config.name, lease.pool])),
      release: async () => {
        for (const entry of leases) await this.#let(entry);
      },
    };
  }

  /** Lets go of everything; an embedded database closes when no revision uses it any more. */
  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries = new Map();
    for (const housed of this.#housed.values()) housed.wanted = false;
    for (const entry of entries) await this.#let(entry);
    await this.#closeUnused();
  }

  #bounded(config: DatabaseConfig): DatabaseConfig {
    return { ...config, pool: { ...config.pool, max: this.#most(config.pool.max) } };
  }

  async #open(name: string, config: DatabaseConfig, url: string | undefined): Promise<Entry> {
    if (config.engine !== 'embedded') {
      if (url === undefined) throw new Problem('NS503', { message: `Database "${name}" has no address.` });
      return this.#lease(config, url);
    }
    const housed = this.#housed.get(name) ?? {
      embedded: await openEmbedded({ folder: await embeddedFolder(this.#directory, name) }),
      users: 0,
      wanted: true,
    };
    housed.wanted = true;
    this.#housed.set(name, housed);
    return this.#lease(config, housed.embedded.url);
  }

  #lease(config: DatabaseConfig, url: string): Entry {
    const dialect = dialectFor(config.engine);
    const lease = this.#pools.lease({ config, url });
    const housed = config.engine === 'embedded' ? this.#housed.get(config.name) : undefined;
    if (housed !== undefined) housed.users += 1;
    const { pool } = lease;
    const database: Database = {
      config,
      pool,
      introspect: () => dialect.introspect(pool, config.schemas),
      poll: () => dialect.poll(pool, config.schemas),
    };
    return { config, url, lease, database };
  }

  async #let({ config, lease }: Entry): Promise<void> {
    await lease.release();
    const housed = config.engine === 'embedded' ? this.#housed.get(config.name) : undefined;
    if (housed === undefined) return;
    housed.users -= 1;
    await this.#closeUnused();
  }

  async #closeUnused(): Promise<void> {
    for (const [name, housed] of this.#housed) {
      if (housed.wanted || housed.users > 0) continue;
      this.#housed.delete(name);
      await housed.embedded.close();
    }
  }
}

/**
 * Throws the data of embedded databases away: `dev --reset`.
 *
 * @throws {Problem} NS503 another process uses one of them
 */
export async function resetEmbedded(directory: string, project: Project): Promise<readonly string[]> {
  const reset: string[] = [];
  for (const { name, engine } of project.databases.values()) {
    if (engine !== 'embedded') continue;
    const folder = await embeddedFolder(directory, name);
    const lock = await lockFolder(folder);
    try {
      if ((await readdir(folder).catch(() => [])).length > 0) reset.push(name);
      await rm(folder, { recursive: true, force: true });
    } finally {
      lock.release();
    }
  }
  return reset;
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem('NS503', { message: 'The database could not be opened.', cause: error });
}
