/** Functions over rows → SQL: calls of them, and objects of several. */
import type { AggregateFunction } from '../../api/aggregates.ts';
import type { Column } from '../../api/api.ts';
import type { Summary } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import type { Output } from './select.ts';

const functions: Readonly<Record<AggregateFunction, Sql>> = {
  count: sql`count`,
  sum: sql`sum`,
  avg: sql`avg`,
  min: sql`min`,
  max: sql`max`,
  stddev: sql`stddev`,
  stddev_pop: sql`stddev_pop`,
  stddev_samp: sql`stddev_samp`,
  var_pop: sql`var_pop`,
  var_samp: sql`var_samp`,
  variance: sql`variance`,
  bool_and: sql`bool_and`,
  bool_or: sql`bool_or`,
};

/** @param input undefined: the rows themselves, for `count` */
export function callOf(name: AggregateFunction, input: Sql | undefined, distinct = false): Sql {
  return sql`${functions[name]}(${distinct ? sql`DISTINCT ` : sql.empty}${input ?? sql`*`})`;
}

/** `count(*)`; of columns, the rows in which all of them have a value. */
export function countOf(columns: readonly Sql[], distinct: boolean): Sql {
  if (columns.length === 0) return callOf('count', undefined);
  if (columns.length === 1) return callOf('count', columns[0]!, distinct);
  const present = sql.join(
    columns.map((column) => sql`${column} IS NOT NULL`),
    sql` AND `,
  );
  const row = sql`ROW(${sql.join(columns, sql`, `)})`;
  return distinct
    ? sql`count(DISTINCT ${row}) FILTER (WHERE ${present})`
    : sql`count(*) FILTER (WHERE ${present})`;
}

/** @param read the column's value in a row of those that the functions are over */
export function summarize(items: readonly Summary[], read: (column: Column) => Sql): Output[] {
  return items.map((item): Output => {
    switch (item.kind) {
      case 'constant':
        return { as: item.as, value: sql`${sql.literal(item.text)}::text`, type: undefined };
      case 'count':
        return { as: item.as, value: countOf(item.columns.map(read), item.distinct), type: undefined };
      case 'function': {
        const call = callOf(item.function, read(item.column));
        return { as: item.as, value: item.text ? sql`(${call})::text` : call, type: undefined };
      }
      case 'object':
        return { as: item.as, value: undefined, type: undefined, parts: summarize(item.items, read) };
      default:
        return item satisfies never;
    }
  });
}

/** Of an aggregate without groups: over fewer rows there is no row, which reads as null. */
export function ofRows(fewest: number): Sql {
  return fewest <= 1 ? sql.empty : sql` HAVING count(*) >= ${sql.integer(fewest)}`;
}

/** Whether any of them is over rows: else they are one object whatever rows there are. */
export function isOverRows(items: readonly Summary[]): boolean {
  return items.some((item) => (item.kind === 'object' ? isOverRows(item.items) : item.kind !== 'constant'));
}
