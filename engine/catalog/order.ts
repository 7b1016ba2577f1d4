/** One order for names on every machine: by their bytes in UTF-8, as the databases sort them under the collation "C". */

/** Pure; for `sort`. */
export function bytewise(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The same entries, ordered by key. Pure. */
export function sortedMap<T>(entries: Iterable<readonly [string, T]>): Map<string, T> {
  return new Map([...entries].sort(([a], [b]) => bytewise(a, b)));
}
