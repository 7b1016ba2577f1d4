/** How many rows a relation has, as far as the catalog keeps it. */

/** A power of ten, so that the lock changes seldom; null when the database does not know. Pure. */
export function roundEstimate(rows: string | null | undefined): number | null {
  if (rows === null || rows === undefined) return null;
  const count = Number(rows);
  return count < 1 ? 0 : 10 ** Math.round(Math.log10(count));
}
