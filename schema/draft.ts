/**
 * What all files say together, on its way to become a `Project`: raw values by path, where they were written, what is
 * wrong with them, and every finding so far. The only place where a path becomes a place in a file.
 */
import type { Static, TSchema } from 'typebox';
import type { Diagnostic, Severity, Source } from './diagnostic.ts';
import type { Literal, Path } from './predicate.ts';

/** Findings kept of one project; a project that has more has one cause many times. */
export const maxFindings = 1000;

export interface Detail {
  readonly hint?: string | undefined;
  /** Which half of `key: value` is meant. Default: the value. */
  readonly part?: 'key' | 'value';
  readonly related?: readonly { readonly message: string; readonly path: Path }[];
}

/** What a reader of a section, or a notation, reports to. */
export interface Findings {
  error(code: string, path: Path, message: string, detail?: Detail): void;
  warning(code: string, path: Path, message: string, detail?: Detail): void;
}

type Locate = (path: Path, part?: 'key' | 'value') => Source | undefined;

export class Draft implements Findings {
  readonly root: Literal;
  readonly locate: Locate;
  /** False when a file could not be read: then what seems not to be declared may well be. */
  readonly complete: boolean;
  readonly diagnostics: Diagnostic[] = [];
  /** Every path with something wrong at it or below it, as JSON. */
  readonly #unsound: ReadonlySet<string>;
  readonly #declared = new Map<string, ReadonlySet<string>>();

  constructor(root: Literal, locate: Locate, complete: boolean, unsound: readonly Path[]) {
    this.root = root;
    this.locate = locate;
    this.complete = complete;
    this.#unsound = new Set(
      unsound.flatMap((path) => path.map((_, index) => JSON.stringify(path.slice(0, index + 1)))),
    );
  }

  /** The value at `path`, whatever it is; undefined when there is none. */
  value(path: Path): Literal | undefined {
    let value: Literal | undefined = this.root;
    for (const step of path) {
      if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
      value = (value as { readonly [key: string | number]: Literal })[step];
    }
    return value;
  }

  /** The value at `path` as its schema types it; undefined when there is none, or anything in it does not fit. */
  read<T extends TSchema>(path: Path, _shape: T): Static<T> | undefined {
    if (this.isBroken(path)) return undefined;
    const value = this.value(path);
    return value === undefined ? undefined : (value as Static<T>);
  }

  /** Whether something is written at `path` that does not fit. */
  isBroken(path: Path): boolean {
    return this.#unsound.has(JSON.stringify(path));
  }

  /** Keys of the object at `path`, in the order written; none when it is not an object. */
  names(path: Path): readonly string[] {
    const value = this.value(path);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
    return Object.keys(value);
  }

  /** Names of a section, sound or not: what may be referred to. */
  declared(section: string): ReadonlySet<string> {
    let names = this.#declared.get(section);
    if (!names) {
      names = new Set(this.names([section]));
      this.#declared.set(section, names);
    }
    return names;
  }

  /** Indexes of the list at `path`. */
  items(path: Path): readonly number[] {
    const value = this.value(path);
    return Array.isArray(value) ? [...value.keys()] : [];
  }

  error(code: string, path: Path, message: string, detail: Detail = {}): void {
    this.#add('error', code, path, message, detail);
  }

  warning(code: string, path: Path, message: string, detail: Detail = {}): void {
    this.#add('warning', code, path, message, detail);
  }

  #add(severity: Severity, code: string, path: Path, message: string, detail: Detail): void {
    const source = this.locate(path, detail.part);
    const related = (detail.related ?? []).flatMap(({ message, path }) => {
      const source = this.locate(path);
      return source ? [{ message, source }] : [];
    });
    this.diagnostics.push({
      code,
      severity,
      message,
      ...(detail.hint === undefined ? {} : { hint: detail.hint }),
      ...(source ? { source } : {}),
      ...(related.length > 0 ? { related } : {}),
    });
  }
}
