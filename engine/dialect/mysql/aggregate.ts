/** Functions over rows → SQL: calls of them, and objects of several. */
import { type AggregateFunction, numberTypes, typeOfResult } from '../../api/aggregates.ts';
import type { Column } from '../../api/api.ts';
import { bareType } from '../../api/operators.ts';
import type { Capabilities, Type } from '../../catalog/catalog.ts';
import type { Summary } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { unsupported } from './comparison.ts';
import { textOf, textType } from './json.ts';
import type { Output } from './select.ts';
import { placeOf } from './typed.ts';

/**
 * @param input undefined: the rows themselves, for `count`
 * @param type of the input; undefined: a number
 * @throws {Problem} 0A000 the database has not the function for this type
 */
export function callOf(
  name: AggregateFunction,
  input: Sql | undefined,
  distinct = false,
  type?: Type | undefined,
): Sql {
  if (input === undefined) return sql`COUNT(*)`;
  const of = (value: Sql) => (distinct ? sql`DISTINCT ${value}` : value);
  const bare = type && bareType(type);
  switch (name) {
    case 'count':
      return sql`COUNT(${of(input)})`;
    case 'min':
      return endOf(sql`MIN`, input, bare);
    case 'max':
      return endOf(sql`MAX`, input, bare);
    case 'sum':
      requireNumbers(name, bare);
      // The sum of such is a double, and PostgreSQL's is not.
      if (bare?.family === 'float' && bare.bits === 32) return sql`CAST(SUM(${of(input)}) AS FLOAT)`;
      return sql`SUM(${of(input)})`;
    case 'avg':
      requireNumbers(name, bare);
      return sql`AVG(${of(averaged(input, bare))})`;
    case 'stddev':
    case 'stddev_samp':
      return deviation(sql`STDDEV_SAMP`, input, distinct);
    case 'stddev_pop':
      return deviation(sql`STDDEV_POP`, input, distinct);
    case 'variance':
    case 'var_samp':
      return deviation(sql`VAR_SAMP`, input, distinct);
    case 'var_pop':
      return deviation(sql`VAR_POP`, input, distinct);
    case 'bool_and':
      return sql`MIN(${input} <> 0)`;
    case 'bool_or':
      return sql`MAX(${input} <> 0)`;
    default:
      return name satisfies never;
  }
}

/** MariaDB prints four places of a deviation, unless it is one of doubles. */
function deviation(call: Sql, input: Sql, distinct: boolean): Sql {
  if (distinct)
    throw unsupported('A deviation or variance of distinct values', 'Leave "distinct" out, or ask for avg.');
  return sql`${call}(CAST(${input} AS DOUBLE))`;
}

/** What rows are ordered by, where it is by what the function gives: labels by their places. */
export function orderOf(name: AggregateFunction, input: Sql | undefined, type: Type | undefined): Sql {
  const bare = type && bareType(type);
  const isLabel = (name === 'min' || name === 'max') && bare?.family === 'enum' && input !== undefined;
  return isLabel
    ? sql`${name === 'min' ? sql`MIN` : sql`MAX`}(${placeOf(input, bare)})`
    : callOf(name, input, false, type);
}

/** As what the result is written. An average has digits of its own, whatever its values have. */
export function resultOf(name: AggregateFunction, type: Type): Type {
  // The text of a double may have an exponent, whose zeros are no places.
  if (name.startsWith('stddev') || name.startsWith('var')) return numberTypes.float8;
  const result = typeOfResult(name, type);
  return result.family === 'decimal' && name !== 'sum' && name !== 'min' && name !== 'max'
    ? numberTypes.numeric
    : result;
}

/** The first or the last: of labels by their places, which these functions do not look at. */
function endOf(end: Sql, input: Sql, type: Type | undefined): Sql {
  if (type?.family === 'array' || type?.scalar === 'geometry')
    throw unsupported('The least or greatest of such values', 'Leave the function out for this column.');
  if (type?.family !== 'enum' || type.labels === undefined) return sql`${end}(${input})`;
  const labels = type.labels.map((one) => sql.literal(one));
  return sql`ELT(${end}(${placeOf(input, type)}), ${sql.join(labels, sql`, `)})`;
}

/** An average has four places more than its values: with twelve there are sixteen, as PostgreSQL gives. */
function averaged(input: Sql, type: Type | undefined): Sql {
  if (type?.family === 'integer') return sql`CAST(${input} AS DECIMAL(65, 12))`;
  if (type?.family !== 'decimal') return input;
  const [precision = 65, scale = 30] = (type.modifiers.match(/[0-9]+/g) ?? []).map(Number);
  const places = Math.min(Math.max(12, scale), 65 - (precision - scale));
  return sql`CAST(${input} AS DECIMAL(65, ${sql.integer(Math.min(places, 30))}))`;
}

function requireNumbers(name: AggregateFunction, type: Type | undefined): void {
  if (type?.family === 'time')
    throw unsupported(
      `The function ${name} of times`,
      'Sum numbers, such as seconds in a column of their own.',
    );
}

/** `count(*)`; of columns, the rows in which all of them have a value. */
export function countOf(columns: readonly Sql[], distinct: boolean): Sql {
  if (columns.length === 0) return callOf('count', undefined);
  const list = sql.join(columns, sql`, `);
  // Rows in which one of them is null are no rows to it.
  if (distinct) return sql`COUNT(DISTINCT ${list})`;
  if (columns.length === 1) return callOf('count', columns[0]!);
  const present = sql.join(
    columns.map((column) => sql`${column} IS NOT NULL`),
    sql` AND `,
  );
  return sql`COUNT(CASE WHEN ${present} THEN 1 END)`;
}

/**
 * A value that is the same text exactly when it is the same JSON. MySQL's type sees to that; MariaDB's text may have
 * blanks, and its keys any order.
 */
export function comparable(value: Sql, type: Type | undefined, { lateral }: Capabilities): Sql {
  return type !== undefined && bareType(type).family === 'json' && !lateral
    ? sql`JSON_NORMALIZE(${value})`
    : value;
}

/**
 * @param read the column's value in a row of those that the functions are over
 * @param result what becomes of a function's call
 */
export function summarize(
  items: readonly Summary[],
  read: (column: Column) => Sql,
  capabilities: Capabilities,
  result: (call: Sql) => Sql = (call) => call,
): Output[] {
  return items.map((item): Output => {
    switch (item.kind) {
      case 'constant':
        return { as: item.as, value: sql.literal(item.text), type: textType };
      case 'count': {
        const columns = item.columns.map((column) =>
          item.distinct ? comparable(read(column), column.type, capabilities) : read(column),
        );
        return { as: item.as, value: result(countOf(columns, item.distinct)), type: undefined };
      }
      case 'function': {
        const { type } = item.column;
        const call = result(callOf(item.function, read(item.column), false, type));
        const given = resultOf(item.function, type);
        return item.text
          ? { as: item.as, value: textOf(call, given), type: textType }
          : { as: item.as, value: call, type: given };
      }
      case 'object':
        return {
          as: item.as,
          value: undefined,
          type: undefined,
          parts: summarize(item.items, read, capabilities, result),
        };
      default:
        return item satisfies never;
    }
  });
}

/** Of an aggregate without groups: over fewer rows there is no row, which reads as null. */
export function ofRows(fewest: number): Sql {
  return fewest <= 1 ? sql.empty : sql` HAVING COUNT(*) >= ${sql.integer(fewest)}`;
}

/** Whether any of them is over rows: else they are one object whatever rows there are. */
export function isOverRows(items: readonly Summary[]): boolean {
  return items.some((item) => (item.kind === 'object' ? isOverRows(item.items) : item.kind !== 'constant'));
}
