/** How many rows PostgreSQL expects, from the JSON of its EXPLAIN. */
import type { Rows } from '../dialect.ts';

/** As `Dialect.estimated`. */
export function estimated(rows: Rows['rows']): number | undefined {
  try {
    const text = rows.map((row) => row[0] ?? '').join('\n');
    const [{ Plan: plan }] = JSON.parse(text) as [{ Plan: { 'Plan Rows': number } }];
    const count = Math.round(plan['Plan Rows']);
    return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
  } catch {
    return undefined;
  }
}
