/** A story as its file has it: a repository, then what people do and what the Action does about it, one act after the other. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parse } from 'yaml';
import type { Permissions } from './github/permissions.ts';
import type { Role } from './github/state.ts';
import { files as wide } from './repositories/wide.ts';

export interface Story {
  /** Absolute: where it stands, with the files that belong to it and what is recorded. */
  readonly folder: string;
  /** One sentence. */
  readonly about: string;
  /** A folder below `repositories/`: main before anything happens. */
  readonly repository: string;
  /** On top of it. */
  readonly files?: Changes;
  /** Default false. */
  readonly public?: boolean;
  /** By login. Default: ada writes. */
  readonly collaborators?: Readonly<Record<string, Role>>;
  /** `permissions:` of the workflow. Default: what the documentation has. */
  readonly permissions?: Permissions;
  /** A server that follows the repository, with a real database for each project. */
  readonly serve?: Serve;
  readonly acts: readonly Act[];
}

export interface Serve {
  /** Projects that have a database, by the variable with its address. */
  readonly databases: readonly string[];
  /** Of the entry in `trust`. Default: this repository's numbers, `refs/heads/main`. */
  readonly claims?: Readonly<Record<string, string>>;
  /** Default: read, sync. */
  readonly may?: readonly string[];
}

/** By path. */
export type Changes = Readonly<Record<string, Change>>;

/** A text, null for what goes, a file of the story's folder, or texts in place of others, each of which stands there once. */
export type Change =
  | string
  | null
  | { readonly file: string }
  | { readonly replace: Readonly<Record<string, string>> };

export interface Act {
  /** A branch and its pull request. */
  readonly open?: {
    readonly change: Changes;
    readonly title?: string;
    readonly head?: string;
    readonly fork?: string;
  };
  /** A commit on the pull request's branch. */
  readonly push?: Changes;
  /** A commit on main. */
  readonly main?: Changes;
  /** The pull request, in the merge queue or in main. */
  readonly enqueue?: true;
  readonly merge?: true;
  readonly dispatch?: true;
  readonly label?: string;
  readonly unlabel?: string;
  /** A comment, or that many of them. */
  readonly say?: string;
  readonly times?: number;
  /** Somebody quotes the whole comment of the Action in one of their own. */
  readonly quote?: true;
  /** Somebody removes the Action's comment. */
  readonly forget?: true;
  /** Who does it. Default: ada. */
  readonly by?: string;
  /** From here on GitHub misbehaves; an empty list ends it. */
  readonly trouble?: readonly TroubleOf[];
  /** SQL in a project's database, past the engine. */
  readonly sql?: string;
  readonly in?: string;
  /** What the act is called, for runs on it: `as: first`. */
  readonly as?: string;
  /** The Action's step; its name is the folder of what is recorded. */
  readonly run?: string;
  /** The event that it is run for. Default: the last one. */
  readonly on?: string;
  readonly with?: Readonly<Record<string, string>>;
  readonly ends?: 'success' | 'failure';
  readonly permissions?: Permissions;
  /** `fetch-depth`. Default 1. */
  readonly depth?: number;
  /** A run that was made before, again: its name. */
  readonly again?: string;
  /** Of the job. */
  readonly environment?: string;
  /** It waits at this call of GitHub's until `meanwhile` is done. */
  readonly hold?: string;
  readonly nth?: number;
  readonly meanwhile?: readonly Act[];
  /** Several projects at the same time: what is called and said has no order. */
  readonly unordered?: true;
  /** Also record the files that it leaves: `plan-file`, `sarif-file`. */
  readonly keep?: readonly string[];
}

export interface TroubleOf {
  readonly operation: string;
  /** From 1 on. Default: all. */
  readonly calls?: readonly number[];
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly kind?: 'hang' | 'cut' | 'lost' | 'broken';
}

const acts = [
  'open',
  'push',
  'main',
  'enqueue',
  'merge',
  'dispatch',
  'label',
  'unlabel',
  'say',
  'quote',
  'forget',
  'trouble',
  'sql',
  'run',
];
const further = [
  'times', 'by', 'in', 'as', 'on', 'with', 'ends', 'permissions', 'depth', 'again', 'environment', 'hold', 'nth', 'meanwhile', 'keep',
  'unordered',
]; // biome-ignore format: a list

/** @param kind a folder below `stories/` @returns the folder of each story in it */
export async function storyFolders(kind: string): Promise<readonly string[]> {
  const top = join(import.meta.dirname, 'stories', kind);
  const entries = await readdir(top, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  return folders.map(({ name }) => join(top, name)).sort();
}

/** @throws naming what is not understood: a story that skips an act proves nothing */
export async function readStory(folder: string): Promise<Story> {
  const name = basename(folder);
  const story: Story = { ...parse(await readFile(join(folder, 'story.yaml'), 'utf8')), folder };
  if (story.about === undefined || story.repository === undefined || story.acts === undefined)
    throw new Error(`${name} needs about, repository and acts.`);
  checkActs(name, story.acts);
  return story;
}

function checkActs(name: string, list: readonly Act[]): void {
  for (const act of list) {
    const keys = Object.keys(act);
    const chosen = keys.filter((key) => acts.includes(key));
    const unknown = keys.filter((key) => !acts.includes(key) && !further.includes(key));
    if (chosen.length !== 1 || unknown.length > 0)
      throw new Error(`${name}: an act is one of ${acts.join(', ')}; this is ${keys.join(', ')}.`);
    if (act.run !== undefined && act.ends === undefined) throw new Error(`${name}: how does ${act.run} end?`);
    checkActs(name, act.meanwhile ?? []);
  }
}

/** The files of a folder, by their paths. */
export async function readRepository(name: string): Promise<Readonly<Record<string, string>>> {
  if (name === 'wide') return wide;
  const top = join(import.meta.dirname, 'repositories', name);
  const entries = await readdir(top, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files
    .sort()
    .map(async (file) => [file.slice(top.length + 1), await readFile(file, 'utf8')] as const);
  return Object.fromEntries(await Promise.all(read));
}
