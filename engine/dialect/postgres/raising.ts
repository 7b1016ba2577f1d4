/** What of a caller's request can raise on a row's data, so that its error would tell of the row. */
import { resultMayRaise } from '../../api/aggregates.ts';
import type { Column, Edge } from '../../api/api.ts';
import type { Condition, Operator } from '../../api/condition.ts';
import { linkMayRaise, mayRaise } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import { type AggregateCondition, type Comparison, somePart } from '../walk.ts';

/** Whether a part of the condition can. */
export function canRaise(condition: Condition): boolean {
  return somePart(
    condition,
    (part) => comparisonMayRaise(part) || part.column.source.computed === true,
    (part) => aggregateMayRaise(part) || part.columns.some(({ source }) => source.computed === true),
    edgeMayRaise,
  );
}

/** Whether an operator or a path of it can, whatever the column is. */
export function raisesByItself(condition: Condition): boolean {
  return somePart(condition, comparisonMayRaise, aggregateMayRaise, () => false);
}

/** Operators that older databases have not for a collation in which different texts are equal. */
const patterns: ReadonlySet<Operator> = new Set<Operator>(['like', 'nlike', 'ilike', 'nilike']);

function comparisonMayRaise({ column, operator, path, cast }: Comparison): boolean {
  return (
    mayRaise(operator, cast ?? column.type) ||
    (cast !== undefined && castMayRaise(column, cast)) ||
    (column.source.nondeterministic === true && patterns.has(operator)) ||
    column.routine !== undefined ||
    (path !== undefined && pathMayRaise(column))
  );
}

function aggregateMayRaise({ function: name, columns, distinct }: AggregateCondition): boolean {
  return columns.some(({ type, routine }) => routine !== undefined || resultMayRaise(name, type, distinct));
}

/** Any value has a text, and jsonb has no other cast that raises on no value. */
function castMayRaise({ type }: Column, cast: Type): boolean {
  return cast.family !== 'string' || type.family !== 'json';
}

/** The json type keeps `\\u0000` and numbers that no value can be made of; jsonb has refused them. */
function pathMayRaise({ type }: Column): boolean {
  return type.base !== undefined || type.family !== 'json' || type.verbatim === true;
}

/** Whether following the link can. */
export function edgeMayRaise({ pairs, through, routine }: Edge): boolean {
  if (routine !== undefined) return true;
  const columns = [...pairs, ...(through?.near ?? []), ...(through?.far ?? [])].flatMap(({ near, far }) => [
    near,
    far,
  ]);
  return columns.some(({ source, type }) => source.computed === true || linkMayRaise(type));
}
