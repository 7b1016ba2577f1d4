/** The key of a table as the caller knows it, and the last part of `/books/5` or `/order_lines/7,2`: the key's texts. */
import type { Column, WorldTable } from '../../api/api.ts';
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

/** The columns of the key; none when the role does not know all of them, so that the table is like one without a key. */
export function knownKey({ table, known }: WorldTable): readonly Column[] {
  return table.key.every((column) => known.get(column.name) === column) ? table.key : [];
}
