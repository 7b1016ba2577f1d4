/** What GitHub was told last of each project, on disk: a restart repeats nothing. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface Told {
  /** Digest of the last commit status. */
  readonly status?: string;
  /** Digest of the last deployment status. */
  readonly deployment?: string;
  /** The deployment of the last commit, and which commit that is. */
  readonly deploymentId?: number;
  readonly deployedSha?: string;
  /** The deployment that was last a success. */
  readonly activeId?: number;
  /** Digest of the last pull request. */
  readonly pullRequest?: string;
}

export class Memory {
  readonly #file: string;
  #told: Map<string, Told> | undefined;
  /** Digest of what was refused last, by key and subject: until the end of the process it is not asked again. */
  readonly #refused = new Map<string, string>();

  constructor(file: string) {
    this.#file = file;
  }

  async of(key: string): Promise<Told> {
    return (await this.#all()).get(key) ?? {};
  }

  /** @throws {Error} of the file system; it is remembered until the end of the process all the same */
  async add(key: string, news: { readonly [K in keyof Told]: Told[K] | undefined }): Promise<void> {
    const all = await this.#all();
    const known = Object.entries({ ...all.get(key), ...news }).filter(([, value]) => value !== undefined);
    all.set(key, Object.fromEntries(known) as Told);
    const aside = `${this.#file}.${process.pid}`;
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFile(aside, `${JSON.stringify({ version: 1, told: [...all] })}\n`, { mode: 0o600 });
    await rename(aside, this.#file);
  }

  refuse(key: string, subject: string, digest: string): void {
    this.#refused.set(`${subject} ${key}`, digest);
  }

  isRefused(key: string, subject: string, digest: string): boolean {
    return this.#refused.get(`${subject} ${key}`) === digest;
  }

  async #all(): Promise<Map<string, Told>> {
    this.#told ??= await read(this.#file);
    return this.#told;
  }
}

/** A file that is not there, or damaged, is as one that says nothing: something is told twice. */
async function read(file: string): Promise<Map<string, Told>> {
  try {
    const { version, told } = JSON.parse(await readFile(file, 'utf8')) as { version: unknown; told: unknown };
    if (version !== 1 || !Array.isArray(told)) return new Map();
    return new Map(told.filter(isEntry));
  } catch {
    return new Map();
  }
}

const kinds: Readonly<Record<keyof Told, 'string' | 'number'>> = {
  status: 'string',
  deployment: 'string',
  deploymentId: 'number',
  deployedSha: 'string',
  activeId: 'number',
  pullRequest: 'string',
};

function isEntry(entry: unknown): entry is [string, Told] {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false;
  if (typeof entry[1] !== 'object' || entry[1] === null) return false;
  return Object.entries(kinds).every(([key, kind]) => {
    const value = (entry[1] as { readonly [key: string]: unknown })[key];
    return value === undefined || typeof value === kind;
  });
}
