/** Comparisons → SQL: every operator, of one value, of some or all of a list, and searches. */
import type { ColumnOperator } from '../../../schema/predicate.ts';
import type { Operator, Quantifier, Value } from '../../api/condition.ts';
import { isSearched } from '../../api/operators.ts';
import { type Sql, sql } from '../sql.ts';
import type { Comparison } from '../walk.ts';
import { typed } from './notation.ts';

/** @param left what is compared: the comparison's column, or the place in its JSON */
export function compileComparison(comparison: Comparison, left: Sql): Sql {
  const { column, path, cast, operator, quantifier, value, language } = comparison;
  switch (operator) {
    case 'fts':
    case 'plfts':
    case 'phfts':
    case 'wfts':
      return search(left, path === undefined && isSearched(cast ?? column.type), operator, value!, language);
    default:
      return quantifier === undefined
        ? compareOne(comparison, left)
        : sql`${left} ${quantifiable[operator as keyof typeof quantifiable]} ${quantifiers[quantifier]}(${typed(value!)})`;
  }
}

function compareOne({ column, path, cast, operator, value }: Comparison, left: Sql): Sql {
  const ofArrays =
    path === undefined && (cast ?? column.type).family === 'array' ? arrayOperators.get(operator) : undefined;
  return ofArrays === undefined ? compare(left, operator, value) : sql`${left} ${ofArrays} ${typed(value!)}`;
}

/** By their schema: the extension intarray has operators of its own for lists of integers, and they refuse nulls. */
const arrayOperators: ReadonlyMap<Operator, Sql> = new Map<Operator, Sql>([
  ['contains', sql`OPERATOR(pg_catalog.@>)`],
  ['containedIn', sql`OPERATOR(pg_catalog.<@)`],
  ['overlaps', sql`OPERATOR(pg_catalog.&&)`],
]);

export const columnOperators: Readonly<Record<ColumnOperator, Sql>> = {
  _ceq: sql`=`,
  _cneq: sql`<>`,
  _cgt: sql`>`,
  _cgte: sql`>=`,
  _clt: sql`<`,
  _clte: sql`<=`,
};

const quantifiable = {
  eq: sql`=`,
  gt: sql`>`,
  gte: sql`>=`,
  lt: sql`<`,
  lte: sql`<=`,
  like: sql`LIKE`,
  ilike: sql`ILIKE`,
  regex: sql`~`,
  iregex: sql`~*`,
} as const;

const quantifiers: Readonly<Record<Quantifier, Sql>> = { any: sql`ANY`, all: sql`ALL` };

const searches = {
  fts: sql`to_tsquery`,
  plfts: sql`plainto_tsquery`,
  phfts: sql`phraseto_tsquery`,
  wfts: sql`websearch_to_tsquery`,
} as const;

function search(
  left: Sql,
  isVector: boolean,
  operator: keyof typeof searches,
  value: Value,
  language: Value | undefined,
): Sql {
  const config = language === undefined ? sql.empty : sql`${typed(language)}, `;
  const vector = isVector ? left : sql`to_tsvector(${config}${left})`;
  return sql`${vector} @@ ${searches[operator]}(${config}${typed(value)})`;
}

export function compare(left: Sql, operator: Operator, value: Value | undefined): Sql {
  switch (operator) {
    case 'isNull':
      return sql`${left} IS NULL`;
    case 'isNotNull':
      return sql`${left} IS NOT NULL`;
    case 'isTrue':
      return sql`${left} IS TRUE`;
    case 'isFalse':
      return sql`${left} IS FALSE`;
    case 'isUnknown':
      return sql`${left} IS UNKNOWN`;
    default:
      return compareValue(left, operator as OperatorWithValue, typed(value!));
  }
}

type OperatorWithValue = Exclude<
  Operator,
  'isNull' | 'isNotNull' | 'isTrue' | 'isFalse' | 'isUnknown' | keyof typeof searches
>;

function compareValue(left: Sql, operator: OperatorWithValue, right: Sql): Sql {
  switch (operator) {
    case 'eq':
      return sql`${left} = ${right}`;
    case 'neq':
      return sql`${left} <> ${right}`;
    case 'gt':
      return sql`${left} > ${right}`;
    case 'gte':
      return sql`${left} >= ${right}`;
    case 'lt':
      return sql`${left} < ${right}`;
    case 'lte':
      return sql`${left} <= ${right}`;
    case 'in':
      return sql`${left} = ANY(${right})`;
    case 'nin':
      return sql`${left} <> ALL(${right})`;
    case 'isDistinct':
      return sql`${left} IS DISTINCT FROM ${right}`;
    case 'like':
      return sql`${left} LIKE ${right}`;
    case 'nlike':
      return sql`${left} NOT LIKE ${right}`;
    case 'ilike':
      return sql`${left} ILIKE ${right}`;
    case 'nilike':
      return sql`${left} NOT ILIKE ${right}`;
    case 'similar':
      return sql`${left} SIMILAR TO ${right}`;
    case 'nsimilar':
      return sql`${left} NOT SIMILAR TO ${right}`;
    case 'regex':
      return sql`${left} ~ ${right}`;
    case 'nregex':
      return sql`${left} !~ ${right}`;
    case 'iregex':
      return sql`${left} ~* ${right}`;
    case 'niregex':
      return sql`${left} !~* ${right}`;
    case 'contains':
      return sql`${left} @> ${right}`;
    case 'containedIn':
      return sql`${left} <@ ${right}`;
    case 'overlaps':
      return sql`${left} && ${right}`;
    case 'strictlyLeft':
      return sql`${left} << ${right}`;
    case 'strictlyRight':
      return sql`${left} >> ${right}`;
    case 'notRight':
      return sql`${left} &< ${right}`;
    case 'notLeft':
      return sql`${left} &> ${right}`;
    case 'adjacent':
      return sql`${left} -|- ${right}`;
    case 'hasKey':
      return sql`${left} ? ${right}`;
    case 'hasKeysAny':
      return sql`${left} ?| ${right}`;
    case 'hasKeysAll':
      return sql`${left} ?& ${right}`;
    default:
      return operator satisfies never;
  }
}
