/** What of a caller's request can raise on a row's data, so that its error would tell of the row. */
import { resultMayRaise } from '../../api/aggregates.ts';
import type { Column, Edge } from '../../api/api.ts';
import type { Condition, Operator } from '../../api/condition.ts';
import { linkMayRaise, mayRaise } from '../../api/operators.ts';
import type { Type } from '../../catalog/catalog.ts';
import type { Comparison } from './comparison.ts';

type Aggregate = Extract<Condition, { kind: 'aggregate' }>;

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

function somePart(
  condition: Condition,
  compares: (part: Comparison) => boolean,
  aggregates: (part: Aggregate) => boolean,
  leads: (edge: Edge) => boolean,
): boolean {
  const holds = (part: Condition) => somePart(part, compares, aggregates, leads);
  switch (condition.kind) {
    case 'true':
    case 'false':
    case 'compareColumns':
      return false;
    case 'and':
    case 'or':
      return condition.of.some(holds);
    case 'not':
    case 'guarded':
    case 'fenced':
      return holds(condition.of);
    case 'compare':
      return compares(condition);
    case 'related':
      return leads(condition.edge) || holds(condition.where);
    case 'aggregate':
      return aggregates(condition) || leads(condition.edge) || holds(condition.where);
    case 'exists':
      return holds(condition.where);
    default:
      return condition satisfies never;
  }
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

function aggregateMayRaise({ function: name, columns, distinct }: Aggregate): boolean {
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
