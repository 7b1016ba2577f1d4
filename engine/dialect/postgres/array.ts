/** Lists of text as Postgres array literals. */

/**
 * Every element is quoted, so that `NULL`, `{`, spaces and the empty text stay themselves.
 *
 * @returns `{"a","b \"c\"",NULL}`; `{}` for an empty list
 */
export function arrayLiteral(list: readonly (string | null)[]): string {
  return `{${list.map(element).join(',')}}`;
}

function element(item: string | null): string {
  return item === null ? 'NULL' : `"${item.replace(/["\\]/g, '\\$&')}"`;
}
