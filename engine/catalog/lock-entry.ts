/** One mapping of a lock file, read key by key: what is missing or of another kind becomes a diagnostic with its place. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { YamlDocument } from '../../schema/document.ts';
import type { Literal, Path } from '../../schema/predicate.ts';

export const lockHint =
  'take the file from Git again, or remove the folder novastack.lock and let "novastack lock" write it anew';

export class LockEntry {
  readonly #document: YamlDocument;
  readonly #path: Path;
  readonly #value: { readonly [key: string]: Literal };
  readonly #diagnostics: Diagnostic[];
  readonly #known = new Set<string>();

  constructor(document: YamlDocument, diagnostics: Diagnostic[], path: Path = [], value = document.value) {
    this.#document = document;
    this.#diagnostics = diagnostics;
    this.#path = path;
    this.#value = isMap(value) ? value : {};
    if (!isMap(value)) this.fault('A mapping is expected here.');
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#value, key);
  }

  /** Empty, with a diagnostic, when it is missing or no text. */
  text(key: string): string {
    const value = this.#take(key);
    if (typeof value === 'string') return value;
    this.fault(`The key "${key}" must be a text.`, key);
    return '';
  }

  optionalText(key: string): string | undefined {
    return this.has(key) ? this.text(key) : undefined;
  }

  flag(key: string): boolean {
    const value = this.#take(key) ?? false;
    if (typeof value === 'boolean') return value;
    this.fault(`The key "${key}" must be true or false.`, key);
    return false;
  }

  optionalCount(key: string): number | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#take(key);
    if (typeof value === 'number' && value >= 0) return value;
    this.fault(`The key "${key}" must be a number of at least 0.`, key);
    return undefined;
  }

  oneOf<T extends string>(key: string, choices: readonly T[]): T {
    const value = this.#take(key);
    const chosen = choices.find((choice) => choice === value);
    if (chosen !== undefined) return chosen;
    this.fault(`The key "${key}" must be one of ${choices.join(', ')}.`, key);
    return choices[0]!;
  }

  texts(key: string): readonly string[] {
    const value = this.#take(key);
    if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
    this.fault(`The key "${key}" must be a list of texts.`, key);
    return [];
  }

  /** Absent: none. */
  entries(key: string): readonly LockEntry[] {
    const value = this.#take(key) ?? [];
    if (!Array.isArray(value)) {
      this.fault(`The key "${key}" must be a list.`, key);
      return [];
    }
    return value.map((item, index) => this.#entry([...this.#path, key, index], item));
  }

  entry(key: string): LockEntry {
    return this.#entry([...this.#path, key], this.#take(key));
  }

  /** Every key with its text. Absent: none. */
  map(key: string): ReadonlyMap<string, string> {
    const value = this.#take(key) ?? {};
    if (isMap(value) && Object.values(value).every((item) => typeof item === 'string'))
      return new Map(Object.entries(value) as [string, string][]);
    this.fault(`The key "${key}" must map names to names.`, key);
    return new Map();
  }

  /** Reports keys that were never asked for; call it last. */
  end(): void {
    for (const key of Object.keys(this.#value))
      if (!this.#known.has(key)) this.fault(`The key "${key}" is not known here.`, key);
  }

  fault(message: string, key?: string): void {
    const path = key === undefined ? this.#path : [...this.#path, key];
    const source = this.#document.locate(path, key !== undefined && !this.has(key) ? 'key' : 'value');
    this.#diagnostics.push({ code: 'LOCK_DAMAGED', severity: 'error', message, hint: lockHint, source });
  }

  #entry(path: Path, value: Literal | undefined): LockEntry {
    return new LockEntry(this.#document, this.#diagnostics, path, value);
  }

  #take(key: string): Literal | undefined {
    this.#known.add(key);
    return this.has(key) ? this.#value[key] : undefined;
  }
}

function isMap(value: Literal | undefined): value is { readonly [key: string]: Literal } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
