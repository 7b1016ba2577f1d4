/** The embedded database: PGlite in a worker thread behind a local socket, so that the `pg` driver serves it unchanged. */
import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Problem } from '../problem/problem.ts';
import { Front } from './embedded-front.ts';
import { type FolderLock, lockFolder } from './embedded-lock.ts';
import { createDatabaseFiles, openTemplate } from './embedded-template.ts';
import { DatabaseThread, type Ran, ThreadEnded } from './embedded-thread.ts';
import type { WorkerSetup } from './embedded-worker.ts';

export interface EmbeddedOptions {
  /** Where the data lives; made when absent. Null: a fresh database that is gone when it closes. */
  readonly folder: string | null;
  /** Called when the database has started again, after a statement past its timeout or a crash. */
  readonly onRestart?: () => void;
}

export interface Embedded {
  /**
   * For `pg`: `postgres://postgres:<password>@127.0.0.1:<port>/postgres`, the same for the whole life. Any number of
   * connections; they take turns. Startup settings hold, and so does `statement_timeout`: a statement past it gets
   * `57014`, the database starts again with its data, and the other connections end with `57P01`.
   */
  readonly url: string;
  /** Lets the running statement finish and flushes. Idempotent. */
  close(): Promise<void>;
  /** As `close`, and does not wait for what runs. */
  end(): Promise<void>;
  /** Ends what runs and starts again with what was committed. Every connection ends with `57P01`. */
  restart(): Promise<void>;
}

/** @throws {Problem} NS503: the folder is in use, or holds no database that can be opened. */
export async function openEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const home = options.folder === null ? await temporaryHome() : await lockedHome(resolve(options.folder));
  try {
    return await EmbeddedDatabase.open(home, await firstSetup(options, home), options.onRestart);
  } catch (error) {
    home.leave();
    throw unusable(home.folder, error);
  }
}

/** Nobody finds half of a temporary database: it is made in place, by the thread that then serves it. */
async function firstSetup({ folder }: EmbeddedOptions, home: Home): Promise<WorkerSetup> {
  if (folder !== null) await initialize(home.folder);
  const from = folder === null ? await openTemplate() : undefined;
  return { folder: home.folder, ...(from === undefined ? {} : { from }) };
}

interface Home {
  readonly folder: string;
  /** Lets go of it. Synchronous, so that it also works while the process exits. */
  leave(): void;
}

async function lockedHome(folder: string): Promise<Home> {
  const lock: FolderLock = await lockFolder(folder);
  return { folder, leave: () => lock.release() };
}

/** On disk rather than in memory, so that a restart after a statement past its timeout finds its data. */
async function temporaryHome(): Promise<Home> {
  const root = await mkdtemp(join(tmpdir(), 'novastack-'));
  const leave = () => rmSync(root, { recursive: true, force: true });
  process.once('exit', leave);
  return {
    folder: join(root, 'data'),
    leave: () => {
      process.off('exit', leave);
      leave();
    },
  };
}

/** Made aside and renamed: a process killed while it makes a database leaves none, rather than half of one. */
async function initialize(folder: string): Promise<void> {
  const present = existsSync(folder) ? await readdir(folder) : [];
  if (present.includes('PG_VERSION')) return;
  if (present.length > 0) {
    throw new Error('it holds other files, and no database; name an empty folder or one that does not exist');
  }
  const draft = `${folder}.new`;
  await rm(draft, { recursive: true, force: true });
  await createDatabaseFiles(draft);
  await rm(folder, { recursive: true, force: true });
  await rename(draft, folder);
}

function unusable(folder: string, error: unknown): Problem {
  if (error instanceof Problem) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new Problem('NS503', {
    message: `The embedded database in ${folder} could not be opened: ${reason}.`,
    hint: 'move the folder away to start with an empty database',
    cause: error,
  });
}

class EmbeddedDatabase implements Embedded {
  readonly #home: Home;
  readonly #front: Front;
  readonly #password = randomBytes(18).toString('hex');
  #port = 0;
  readonly #onRestart: (() => void) | undefined;
  #thread: Promise<DatabaseThread>;
  #restarting: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(home: Home, thread: DatabaseThread, onRestart: (() => void) | undefined) {
    this.#home = home;
    this.#thread = Promise.resolve(thread);
    this.#onRestart = onRestart;
    const renew = () => void this.restart().catch(() => undefined);
    this.#front = new Front({ run: (bytes) => this.#run(bytes), renew }, this.#password);
  }

  static async open(home: Home, setup: WorkerSetup, onRestart: (() => void) | undefined): Promise<Embedded> {
    const database = new EmbeddedDatabase(home, await DatabaseThread.start(setup), onRestart);
    database.#port = await database.#front.listen(0);
    return database;
  }

  get url(): string {
    return `postgres://postgres:${this.#password}@127.0.0.1:${this.#port}/postgres`;
  }

  async #run(bytes: Uint8Array): Promise<Ran> {
    if (this.#closing !== undefined) throw new ThreadEnded('it was closed');
    const thread = await this.#thread;
    return thread.run(bytes);
  }

  restart(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    this.#restarting ??= this.#restart().finally(() => {
      this.#restarting = undefined;
    });
    return this.#restarting;
  }

  /** New connections are taken at once and wait for the new thread. */
  async #restart(): Promise<void> {
    const ended = this.#thread;
    this.#front.dismissAll('57P01', 'The embedded database is starting again; repeat the request.');
    this.#thread = ended
      .then((thread) => thread.end('it started again'))
      .catch(() => undefined)
      .then(() => DatabaseThread.start({ folder: this.#home.folder }));
    await this.#thread;
    this.#onRestart?.();
  }

  close(): Promise<void> {
    this.#closing ??= this.#close('at rest');
    return this.#closing;
  }

  end(): Promise<void> {
    this.#closing ??= this.#close('at once');
    return this.#closing;
  }

  async #close(when: 'at rest' | 'at once'): Promise<void> {
    await this.#front.close();
    const thread = await this.#thread.catch(() => undefined);
    if (when === 'at rest') await thread?.close();
    else await thread?.end('it was closed');
    this.#home.leave();
  }
}
