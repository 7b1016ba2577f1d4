/** How many rows the server expects, from the JSON of its EXPLAIN: MySQL writes it in two forms, MariaDB in one of its own. */
import type { Rows } from '../dialect.ts';

/** The tables that a row is put together from, in the order in which they are read. */
interface Block {
  readonly message?: string;
  readonly table?: Table;
  readonly nested_loop?: readonly { readonly table?: Table }[];
}

interface Table {
  readonly message?: string;
  /** Rows of the join up to here. */
  readonly rows_produced_per_join?: number;
  /** For each row of the tables before. */
  readonly rows?: number;
  /** Per cent of them that the conditions leave. */
  readonly filtered?: number;
}

/** As `Dialect.estimated`. */
export function estimated(rows: Rows['rows']): number | undefined {
  try {
    const plan = JSON.parse(rows.map((row) => row[0] ?? '').join('\n')) as {
      readonly query_plan?: { readonly estimated_rows?: number };
      readonly query_block?: Block;
    };
    const found =
      plan.query_block === undefined ? plan.query_plan?.estimated_rows : ofBlock(plan.query_block);
    const count = Math.round(found ?? Number.NaN);
    return Number.isSafeInteger(count) && count >= 0 ? count : undefined;
  } catch {
    return undefined;
  }
}

function ofBlock({ message, table, nested_loop: loop = [] }: Block): number | undefined {
  const tables = [table, ...loop.map((step) => step.table)].filter((one) => one !== undefined);
  // It says so, in place of numbers, where it has found that there are none.
  if (message !== undefined || tables.some((one) => one.message !== undefined)) return 0;
  const last = tables.at(-1);
  if (last === undefined) return undefined;
  if (last.rows_produced_per_join !== undefined) return last.rows_produced_per_join;
  return tables.reduce((count, { rows = 1, filtered = 100 }) => count * rows * (filtered / 100), 1);
}
