/** Names: GraphQL's rule for any text, and what a foreign key's column says of its relationship. Pure text. */

/** Each character outside `[_A-Za-z0-9]` becomes `_`; a leading digit and a leading `__` get a plain `_` before them. */
export function graphqlName(name: string): string {
  const legal = name.replace(/[^_A-Za-z0-9]/gu, '_');
  if (legal.startsWith('__')) return `_${legal.replace(/^_+/, '')}`;
  return /^[0-9]/.test(legal) || legal === '' ? `_${legal}` : legal;
}

const suffixes = ['_uuid', '_id', '_fk', 'Id', 'ID'];

/** `author_id` → `author`; undefined when nothing can be stripped. */
export function strippedName(column: string): string | undefined {
  const suffix = suffixes.find((one) => column.endsWith(one) && column.length > one.length);
  return suffix === undefined ? undefined : column.slice(0, -suffix.length);
}
