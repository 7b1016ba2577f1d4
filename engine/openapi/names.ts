/** Names of tables and columns → keys that OpenAPI allows under `components` (`[A-Za-z0-9._-]`), each given once. */

export class Names {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set(taken);
  }

  /** The name with other characters as `_`, and a number where that is taken. The same calls give the same names. */
  claim(name: string): string {
    const safe = name.replace(/[^A-Za-z0-9._-]/gu, '_') || '_';
    let key = safe;
    for (let count = 2; this.#taken.has(key); count += 1) key = `${safe}_${count}`;
    this.#taken.add(key);
    return key;
  }
}

/** An object whose keys are names of users: `__proto__` is a key like any other. */
export function keyed<T>(entries: Iterable<readonly [string, T]>): { readonly [key: string]: T } {
  return Object.fromEntries(entries);
}
