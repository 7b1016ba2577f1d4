/** Comparisons → SQL: every operator, of one value, of some or all of a list, and searches. */
import type { ColumnOperator } from '../../../schema/predicate.ts';
import type { Condition, Operator, Value } from '../../api/condition.ts';
import { type Sql, sql } from '../sql.ts';
import type { Scope } from './condition.ts';
import { unserved } from './unserved.ts';

export type Comparison = Extract<Condition, { kind: 'compare' }>;

/**
 * @param left what is compared: the comparison's column, or the place in its JSON
 * @param scope `asked`: a caller's, else a policy's, where equality of text is of bytes
 */
export function compileComparison(
  _comparison: Comparison,
  _left: Sql,
  _scope: Pick<Scope, 'asked' | 'aliases'>,
): Sql {
  throw unserved('A comparison');
}

export const columnOperators: Readonly<Record<ColumnOperator, Sql>> = {
  _ceq: sql`=`,
  _cneq: sql`<>`,
  _cgt: sql`>`,
  _cgte: sql`>=`,
  _clt: sql`<`,
  _clte: sql`<=`,
};

/** Of a value that is no column's, such as an aggregate's. */
export function compare(_left: Sql, _operator: Operator, _value: Value | undefined): Sql {
  throw unserved('A comparison');
}
