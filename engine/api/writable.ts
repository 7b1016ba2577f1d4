/** Columns that nobody writes, whatever is granted, and why. */
import type { Column, WorldTable } from './api.ts';

export function isWritable(column: Column): boolean {
  return whyNotWritable(column) === undefined;
}

/** To be put behind "it is"; undefined when it can be written. */
export function whyNotWritable({ source, type }: Column): string | undefined {
  if (source.generated) return 'a generated column';
  if (source.identity === 'always') return 'an identity column defined as GENERATED ALWAYS';
  return type.lookup ? 'of a type that names things of the database' : undefined;
}

/**
 * Whether the engine may fill columns of a row from another that it hangs on: a role that reads them here and not there, in
 * every row that it sees, would learn by that what it may not read.
 */
export function mayFill(
  pairs: readonly { readonly from: Column; readonly to: Column }[],
  source: WorldTable,
  target: WorldTable,
): boolean {
  return pairs.every(
    ({ from, to }) =>
      target.columns.get(to.name) !== to ||
      (source.columns.get(from.name) === from && source.select?.guards.has(from) === false),
  );
}
