/** What a caller reads of a row, or of a group of rows: names in the caller's world, with the type of what comes out. */
import { nearest } from '../../schema/nearest.ts';
import { type AggregateFunction, applies, typeOfResult } from '../api/aggregates.ts';
import type { Column, WorldTable } from '../api/api.ts';
import type { JsonPath } from '../api/condition.ts';
import { bareType, countType } from '../api/operators.ts';
import { builtinType } from '../catalog/builtin-types.ts';
import { castNames, castType } from '../catalog/cast.ts';
import type { Type } from '../catalog/catalog.ts';
import { typeTitle } from '../catalog/value.ts';
import { Problem } from '../problem/problem.ts';
import type { AggregateTerm, Term } from './query.ts';
import { columnNotFound } from './refusal.ts';
import type { AggregateTermRequest } from './request.ts';

export const textType: Type = Object.freeze(builtinType('text'));
const jsonType: Type = Object.freeze(builtinType('jsonb'));

/** A column that the role may read, or a computed field. */
export function findColumn(name: string, table: WorldTable): Column {
  const column = table.columns.get(name) ?? table.computed.get(name);
  if (column === undefined) throw columnNotFound(name, table);
  return column;
}

/**
 * @throws {Problem} 42703 no such column, 42704 no type to cast to
 */
export function planTerm(
  request: {
    readonly column: string;
    readonly path?: JsonPath | undefined;
    readonly cast?: string | undefined;
  },
  table: WorldTable,
): Term {
  const column = findColumn(request.column, table);
  const { path } = request;
  return { column, path, cast: request.cast === undefined ? undefined : findCast(request.cast) };
}

/** @throws {Problem} 42704 */
export function findCast(written: string): Type {
  const type = castType(written);
  if (type !== undefined) return type;
  const near = nearest(written.toLowerCase(), castNames());
  throw new Problem('42704', {
    message: `type "${written.slice(0, 80)}" is not one to cast to`,
    hint:
      near === undefined
        ? 'Cast to a plain type such as text, integer or date.'
        : `Perhaps you meant "${near}".`,
  });
}

/** What the term's values are. */
export function typeOfTerm({ column, path, cast }: Term): Type {
  if (cast !== undefined) return cast;
  if (path === undefined) return column.type;
  return path.text ? textType : jsonType;
}

export function isSameTerm(a: Term, b: Term): boolean {
  return (
    a.column === b.column &&
    a.cast?.name === b.cast?.name &&
    JSON.stringify(a.path) === JSON.stringify(b.path)
  );
}

/**
 * @throws {Problem} PGRST123 the role may not aggregate, 42883 the function does not apply to the type, as `planTerm`
 */
export function planAggregateTerm(request: AggregateTermRequest, table: WorldTable): AggregateTerm {
  requireAggregates(table);
  const { column } = request;
  if (column === undefined) return { function: request.function, term: undefined };
  const term = planTerm({ ...request, column }, table);
  requireAggregate(request.function, term);
  return { function: request.function, term };
}

/** @throws {Problem} PGRST123 */
export function requireAggregates(table: WorldTable): void {
  if (table.select?.aggregate) return;
  throw new Problem('PGRST123', {
    message: 'Use of aggregate functions is not allowed',
    hint: 'The permission of your role on this table does not say "aggregate: true".',
  });
}

/** @throws {Problem} 42883 */
export function requireAggregate(name: AggregateFunction, term: Term): void {
  const type = bareType(typeOfTerm(term));
  if (applies(name, type)) return;
  throw new Problem('42883', {
    message: `function ${name}() does not apply to ${term.column.name} of type ${typeTitle(type)}`,
    hint: 'Cast the value first, as in price::numeric.sum().',
  });
}

/** What the aggregate's value is, to read what it is compared with. */
export function typeOfAggregate({ function: name, term }: AggregateTerm): Type {
  return term === undefined ? countType : typeOfResult(name, typeOfTerm(term));
}
