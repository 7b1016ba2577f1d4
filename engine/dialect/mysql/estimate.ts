/** How many rows the server expects. */
import type { Rows } from '../dialect.ts';

/** As `Dialect.estimated`. */
export function estimated(_rows: Rows['rows']): number | undefined {
  return undefined;
}
