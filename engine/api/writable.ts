/** Columns that nobody writes, whatever is granted, and why. */
import type { Column } from './api.ts';

export function isWritable(column: Column): boolean {
  return whyNotWritable(column) === undefined;
}

/** To be put behind "it is"; undefined when it can be written. */
export function whyNotWritable({ source, type }: Column): string | undefined {
  if (source.generated) return 'a generated column';
  if (source.identity === 'always') return 'an identity column defined as GENERATED ALWAYS';
  return type.lookup ? 'of a type that names things of the database' : undefined;
}
