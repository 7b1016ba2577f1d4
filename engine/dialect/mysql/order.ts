/** What the rows of a level are ordered by → SQL. */
import { always } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import type { AuthorizedOrder, AuthorizedStep } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { ofRows, orderOf } from './aggregate.ts';
import { joinFar, type Scope, typeOfPlace } from './condition.ts';
import { jsonKind } from './json-path.ts';
import { type OrderTerm, readTerm } from './select.ts';

/** The terms as values. One of JSON is several, since these servers order JSON by its text or not at all. */
export function termsOf(order: readonly AuthorizedOrder[], scope: Scope): OrderTerm[] {
  return order.flatMap((term) => {
    const { direction, nulls } = term;
    const values = partsOf(orderedBy(term, scope));
    const nullable = !isNeverNull(term, scope);
    return values.map((one): OrderTerm => ({ value: one, direction, nulls, nullable }));
  });
}

/** What stands for the value in ORDER BY. */
export function partsOf({ value, type }: Ordered): readonly Sql[] {
  return type !== undefined && bareType(type).family === 'json' ? jsonParts(value) : [value];
}

/** A value that the rows are ordered by, and its type. */
export interface Ordered {
  readonly value: Sql;
  readonly type: Type | undefined;
}

export function orderedBy(term: AuthorizedOrder, scope: Scope): Ordered {
  return throughOne(term, 0, scope);
}

/** Then an index can give the order, and nothing need be said of NULL. */
function isNeverNull({ through, by }: AuthorizedOrder, scope: Scope): boolean {
  if (through.length > 0) return false;
  if (by.kind === 'related') return by.aggregate.function === 'count' && by.minGroup <= 1;
  if (by.kind !== 'term') return false;
  const { column, path, cast } = by.term;
  return path === undefined && cast === undefined && !column.nullable && !scope.guards.has(column);
}

function orderValue({ by }: AuthorizedOrder, scope: Scope): Ordered {
  switch (by.kind) {
    case 'term': {
      const { column, path, cast } = by.term;
      return { value: readTerm(by.term, scope), type: cast ?? typeOfPlace(column, path) };
    }
    // Groups have their own way.
    case 'aggregate':
      return { value: sql`NULL`, type: undefined };
    case 'related': {
      const { far, from, where } = step(by.step, scope);
      const { function: name, term } = by.aggregate;
      const type = term && (term.cast ?? typeOfPlace(term.column, term.path));
      const call = orderOf(name, term && readTerm(term, far), type);
      const value = sql`(SELECT ${call} FROM ${from} WHERE ${where}${ofRows(by.minGroup)})`;
      return { value, type: undefined };
    }
    default:
      return by satisfies never;
  }
}

/** The value of a row that to-one relationships lead to; null where the caller may not see that row. */
function throughOne(term: AuthorizedOrder, index: number, scope: Scope): Ordered {
  const next = term.through[index];
  if (next === undefined) return orderValue(term, scope);
  const { far, from, where } = step(next, scope);
  const { value, type } = throughOne(term, index + 1, far);
  return { value: sql`(SELECT ${value} FROM ${from} WHERE ${where} LIMIT 1)`, type };
}

/** The rows that the caller may see there, read as `far`. */
function step({ link, where, guards }: AuthorizedStep, scope: Scope) {
  const far: Scope = { alias: scope.aliases.next(), guards, aliases: scope.aliases };
  return { far, ...joinFar(link, { kind: 'fenced', policy: where, of: always }, scope, far) };
}

/** Its kind in PostgreSQL's order, its size where it is a number, and its text. */
function jsonParts(json: Sql): readonly Sql[] {
  const type = jsonKind(json);
  const isNumber = sql`${type} IN ('INTEGER', 'UNSIGNED INTEGER', 'DOUBLE', 'DECIMAL')`;
  return [
    sql`CASE WHEN ${json} IS NOT NULL THEN CASE WHEN ${isNumber} THEN 3 ELSE FIELD(${type}, 'NULL', 'STRING', '', 'BOOLEAN', 'ARRAY', 'OBJECT') END END`,
    sql`CASE WHEN ${isNumber} THEN CAST(CONCAT(${json}) AS DOUBLE) END`,
    sql`CONCAT(${json})`,
  ];
}
