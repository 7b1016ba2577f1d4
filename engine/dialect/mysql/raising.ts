/** What of a caller's request can raise, or run long, on a row's data, so that its error or its time would tell of the row. */
import type { AggregateFunction } from '../../api/aggregates.ts';
import type { Edge } from '../../api/api.ts';
import type { Condition, Operator } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
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

/** Expressions stop at a limit of steps, which depends on the text that they are matched with. Patterns of similar are such. */
const expressions: ReadonlySet<Operator> = new Set<Operator>([
  'regex', 'nregex', 'iregex', 'niregex', 'similar', 'nsimilar',
]); // biome-ignore format: a list

function comparisonMayRaise({ column, operator, path, cast }: Comparison): boolean {
  if (cast !== undefined || path !== undefined || column.routine !== undefined || expressions.has(operator))
    return true;
  if (operator === 'isNull' || operator === 'isNotNull') return false;
  // MariaDB's functions of JSON warn of what is too deep for them, and in a write a warning is an error.
  return valuesMayRaise(column.type) || bareType(column.type).family === 'json';
}

/** Shapes in another reference system are not compared. */
function valuesMayRaise(type: Type): boolean {
  return bareType(type).scalar === 'geometry';
}

function aggregateMayRaise({ function: name, columns, distinct }: AggregateCondition): boolean {
  return columns.some(
    ({ type, routine }) =>
      routine !== undefined || resultMayRaise(name, type) || (distinct && valuesMayRaise(type)),
  );
}

/** Sums leave the range of their type, which is an error of MySQL's. */
function resultMayRaise(name: AggregateFunction, type: Type): boolean {
  switch (name) {
    case 'count':
    case 'bool_and':
    case 'bool_or':
      return false;
    case 'min':
    case 'max':
      return valuesMayRaise(type);
    default:
      return true;
  }
}

/** Whether following the link can. */
export function edgeMayRaise({ pairs, through, routine }: Edge): boolean {
  if (routine !== undefined) return true;
  const columns = [...pairs, ...(through?.near ?? []), ...(through?.far ?? [])].flatMap(({ near, far }) => [
    near,
    far,
  ]);
  return columns.some(({ source, type }) => source.computed === true || valuesMayRaise(type));
}
