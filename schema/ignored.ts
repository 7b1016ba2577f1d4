/** What `.gitignore` names, as Git reads it: every file from the repository's root down, the deeper ones last. */
import { lstat, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import ignore, { type Ignore } from 'ignore';

interface Level {
  readonly folder: string;
  readonly rules: Ignore;
}

/** The rules that hold in one folder. Immutable: `within` gives those of a folder inside. */
export class IgnoreRules {
  readonly #levels: readonly Level[];

  private constructor(levels: readonly Level[]) {
    this.#levels = levels;
  }

  /** Nothing is ignored. */
  static readonly none = new IgnoreRules([]);

  /**
   * Rules of the folders above `folder`, up to the repository that it is in; without one, none. None either where they
   * name the folder itself: who asks for it by name wants it read.
   */
  static async above(folder: string): Promise<IgnoreRules> {
    const parents: string[] = [];
    for (let at = folder; ; at = dirname(at)) {
      if (await exists(join(at, '.git'))) break;
      if (dirname(at) === at) return IgnoreRules.none;
      parents.unshift(dirname(at));
    }
    let rules = IgnoreRules.none;
    for (const parent of parents) rules = await rules.within(parent);
    return rules.forFolder(parents.slice(1).concat(folder));
  }

  /** Whether there is no rule at all. */
  get isEmpty(): boolean {
    return this.#levels.length === 0;
  }

  /** @param folders from below the repository's root to the one that is asked for by name */
  forFolder(folders: readonly string[]): IgnoreRules {
    return folders.some((path) => this.ignores(path, true)) ? IgnoreRules.none : this;
  }

  /** These rules and those of the folder's own `.gitignore`. */
  async within(folder: string): Promise<IgnoreRules> {
    const text = await readFile(join(folder, '.gitignore'), 'utf8').catch(() => undefined);
    return text === undefined ? this : this.with(folder, text);
  }

  /** These rules and those of a `.gitignore` of that folder. Pure. */
  with(folder: string, text: string): IgnoreRules {
    // Git tells letter case apart wherever the file system does.
    const rules = ignore({ ignorecase: false }).add(text.replace(/^\ufeff/, ''));
    return new IgnoreRules([...this.#levels, { folder, rules }]);
  }

  /** @param path absolute. What is below an ignored folder is never asked for. */
  ignores(path: string, isFolder: boolean): boolean {
    for (const { folder, rules } of this.#levels.toReversed()) {
      const below = relative(folder, path).split(sep).join('/');
      if (below === '' || below.startsWith('../')) continue;
      const { ignored, unignored } = rules.test(isFolder ? `${below}/` : below);
      if (ignored) return true;
      if (unignored) return false;
    }
    return false;
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
