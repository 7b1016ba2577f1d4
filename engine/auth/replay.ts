/** Which tokens have been used: each is good for one request, in all processes over one folder, and after a restart too. */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';

export interface ReplayGuard {
  /**
   * Records a use. Atomic: of two that come at once with one id, one is the first.
   *
   * @param id of the token, `jti`, with its issuer
   * @param expiresAt milliseconds since the epoch; from then on it may be forgotten
   * @returns whether it had not been used
   * @throws when it cannot be recorded: then nobody knows, and the token must not be taken
   */
  first(id: string, expiresAt: number): Promise<boolean>;
}

export interface FolderReplayGuardOptions {
  /** Uses that are kept at a time. Default 100,000; beyond it `first` throws. */
  readonly max?: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: () => number;
}

/** Milliseconds between two looks for what has expired. */
const sweepMs = 60_000;

/**
 * Longer than any token that is taken lives. A file's time is when its token expires; where a process ended before it had
 * written that, it is when the token was used, and this is what keeps it.
 */
const graceMs = 2 * 60 * 60 * 1000;

/** An empty file a use: the file system says who was first, whichever process asks. */
export class FolderReplayGuard implements ReplayGuard {
  readonly #folder: string;
  readonly #max: number;
  readonly #clock: () => number;
  #kept = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;
  #sweeping: Promise<void> | undefined;

  /** @param folder its own; made when it is missing */
  constructor(folder: string, options: FolderReplayGuardOptions = {}) {
    this.#folder = folder;
    this.#max = options.max ?? 100_000;
    this.#clock = options.clock ?? Date.now;
  }

  async first(id: string, expiresAt: number): Promise<boolean> {
    if (this.#clock() - this.#sweptAt >= sweepMs) await this.#sweepOnce();
    if (this.#kept >= this.#max) throw new Error(`More than ${this.#max} tokens were used in a short time.`);
    // Hashed: an id may hold anything, and be of any length.
    const file = path.join(this.#folder, createHash('sha256').update(id).digest('hex'));
    try {
      const handle = await open(file, 'wx', 0o600);
      this.#kept += 1;
      try {
        await handle.utimes(new Date(), new Date(expiresAt));
      } finally {
        await handle.close();
      }
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  #sweepOnce(): Promise<void> {
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
    });
    return this.#sweeping;
  }

  async #sweep(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const now = this.#clock();
    let kept = 0;
    for (const name of await readdir(this.#folder)) {
      const file = path.join(this.#folder, name);
      const seen = await stat(file).catch(() => undefined);
      if (seen === undefined) continue;
      if (seen.mtimeMs + graceMs > now) kept += 1;
      // Another process may have been faster.
      else await unlink(file).catch(() => {});
    }
    this.#kept = kept;
    this.#sweptAt = now;
  }
}
