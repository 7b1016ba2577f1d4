/** The last part of `/books/5` or `/order_lines/7,2` → the texts of the key's columns. The planner knows the key. */
import { decodePercent } from './query.ts';

/**
 * Splits at commas first, then decodes: a comma within a part is `%2C`. Pure.
 *
 * @param text the path segment as it was sent
 * @returns one text for each column, in key order
 * @throws {Problem} PGRST100 (400) bad percent-encoding, 22021 (400) NUL
 */
export function parseKey(text: string): readonly string[] {
  return text.includes(',') ? text.split(',').map(decodePercent) : [decodePercent(text)];
}
