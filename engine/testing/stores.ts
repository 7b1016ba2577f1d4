/** The databases that tests run on: filled from the project's migrations and seeds, in the embedded database or beside a `--url`. */
import { type Diagnostic, hasErrors } from '../../schema/diagnostic.ts';
import type { DatabaseConfig, Project } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Copies, Copy, Pool } from '../dialect/dialect.ts';
import { dialectFor } from '../dialect/dialects.ts';
import { openEmbedded } from '../execute/embedded.ts';
import { migrateUp, type Step, seed } from '../migrate/journal.ts';
import { Problem, reasonOf } from '../problem/problem.ts';
import type { Scripts } from '../reconcile/prepare.ts';

/** What stands in the way of filling a database, with its places in the files. */
export class NotFilled extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super('A migration or a seed could not be applied.');
    this.diagnostics = diagnostics;
  }
}

export interface StoreOptions {
  readonly project: Project;
  readonly config: DatabaseConfig;
  readonly scripts: Scripts;
  /** Of a server; undefined: the embedded database. */
  readonly url: string | undefined;
  readonly onStep: (step: Step) => void;
}

/** Copies of one of the project's databases. */
export interface Store {
  readonly config: DatabaseConfig;
  /** One that was given back, or another. */
  open(): Promise<OpenCopy>;
  /** It is as it was when it was opened. */
  giveBack(copy: OpenCopy): void;
  close(): Promise<void>;
}

/** A copy with the pool of the moment: another one after `renew`. */
export interface OpenCopy {
  readonly pool: Pool;
  introspect(): Promise<Catalog>;
  /** Closes the pool, brings back what the copy held at first, and opens another. */
  renew(): Promise<void>;
  close(): Promise<void>;
}

/** @throws {Problem} the server makes no copies of this database; {NotFilled} when one is opened */
export function storeOf(options: StoreOptions): Store {
  // Where no server is given, the tables are in the embedded database, whatever serves them later.
  const config: DatabaseConfig =
    options.url === undefined ? { ...options.config, engine: 'embedded', url: undefined } : options.config;
  const copies = options.url === undefined ? embeddedCopies(config, options) : serverCopies(config, options);
  const named = (error: unknown): never => {
    throw ofDatabase(config.name, error);
  };
  const idle: OpenCopy[] = [];
  const opened = new Set<OpenCopy>();
  return {
    config,
    open: async () => {
      const copy = idle.pop() ?? openCopy(await copies.open().catch(named), config);
      opened.add(copy);
      return copy;
    },
    giveBack: (copy) => void idle.push(copy),
    close: async () => {
      for (const copy of opened) await copy.close();
      await copies.close();
    },
  };
}

/** Who runs tests owns the database, so the driver's own reason is said, unlike to a caller of the API. */
function ofDatabase(name: string, error: unknown): unknown {
  if (!(error instanceof Problem)) return error;
  const reason = error.code === 'NS503' ? reasonOf(error) : undefined;
  return new Problem(error.code === '42501' || error.code === '0A000' ? error.code : 'NS503', {
    message: `Database "${name}": ${error.message}${reason === undefined ? '' : ` ${reason}.`}`,
    hint: error.hint,
    cause: error,
  });
}

function openCopy(copy: Copy, config: DatabaseConfig): OpenCopy {
  const dialect = dialectFor(config.engine);
  let pool = dialect.open({ config, url: copy.url });
  return {
    get pool() {
      return pool;
    },
    introspect: () => dialect.introspect(pool, config.schemas),
    renew: async () => {
      await pool.close();
      await copy.renew();
      pool = dialect.open({ config, url: copy.url });
    },
    close: () => pool.close(),
  };
}

function serverCopies(config: DatabaseConfig, options: StoreOptions): Copies {
  const { scripts, url } = options;
  const fills = config.migrations !== undefined;
  return dialectFor(config.engine).copies(
    { config, url: url! },
    fills
      ? {
          scripts: [...scripts.migrations, ...scripts.seeds],
          fill: (copy) => fill(copy, config, options),
        }
      : undefined,
  );
}

async function fill(url: string, config: DatabaseConfig, options: StoreOptions): Promise<void> {
  const pool = dialectFor(config.engine).open({ config, url });
  try {
    await fillWith(pool, options);
  } finally {
    await pool.close();
  }
}

async function fillWith(pool: Pool, { project, config, scripts, onStep }: StoreOptions): Promise<void> {
  const key = { project: project.name, database: config.name };
  const migrated = await migrateUp(pool, key, scripts.migrations, { onStep });
  if (hasErrors(migrated.diagnostics)) throw new NotFilled(migrated.diagnostics);
  const seeded = await seed(pool, key, scripts.seeds, { onStep });
  if (hasErrors(seeded.diagnostics)) throw new NotFilled(seeded.diagnostics);
}

/** Each an embedded database of its own, filled by itself: starting one takes a second. */
function embeddedCopies(config: DatabaseConfig, options: StoreOptions): Copies {
  const made = new Set<() => Promise<void>>();
  const open = async () => {
    const copy = await embeddedCopy(config, options);
    made.add(copy.close);
    return copy;
  };
  return {
    open: async () => {
      let copy = await open();
      return {
        get url() {
          return copy.url;
        },
        renew: async () => {
          if (await copy.restore()) return;
          made.delete(copy.close);
          await copy.close();
          copy = await open();
        },
      };
    },
    close: async () => {
      for (const close of made) await close();
      made.clear();
    },
  };
}

interface EmbeddedCopy {
  readonly url: string;
  /** @returns false: its tables are not what they were, so that rows alone do not bring it back */
  restore(): Promise<boolean>;
  close(): Promise<void>;
}

async function embeddedCopy(config: DatabaseConfig, options: StoreOptions): Promise<EmbeddedCopy> {
  const dialect = dialectFor('embedded');
  const database = await openEmbedded({ folder: null });
  const pool = dialect.open({ config, url: database.url });
  const close = async () => {
    await pool.close();
    await database.close();
  };
  try {
    await fillWith(pool, options);
    const memory = await dialect.remember(pool);
    const { fingerprint } = await dialect.introspect(pool, config.schemas);
    let schema = await dialect.poll(pool, config.schemas);
    return {
      url: database.url,
      restore: async () => {
        // The text changes more often than what it stands for.
        if (
          (await dialect.poll(pool, config.schemas)) !== schema &&
          (await dialect.introspect(pool, config.schemas)).fingerprint !== fingerprint
        )
          return false;
        await memory.restore();
        schema = await dialect.poll(pool, config.schemas);
        return true;
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
