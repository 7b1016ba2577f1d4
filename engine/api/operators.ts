/** Which operator takes which kind of column, and as what its value is read: one table for policies and callers. */
import type { ValueOperator } from '../../schema/predicate.ts';
import { builtinSchema } from '../catalog/builtin-types.ts';
import type { Type } from '../catalog/catalog.ts';
import { isMysqlType } from '../catalog/mysql-types.ts';
import type { Operator } from './condition.ts';

/** How the operand of an operator is to be read. `none`: the operator has no value. */
export type OperandForm = { readonly type: Type; readonly list: boolean } | 'none';

/** What a count is compared as. */
export const countType: Type = Object.freeze({
  schema: 'pg_catalog',
  name: 'int8',
  modifiers: '',
  family: 'integer',
  bits: 64,
  scalar: 'bigint',
});

const text: Type = Object.freeze({
  schema: 'pg_catalog',
  name: 'text',
  modifiers: '',
  family: 'string',
  scalar: 'String',
});

/**
 * The form of the operand, or undefined when the operator does not apply to columns of this type (42883).
 */
export function operandOf(operator: Operator, type: Type): OperandForm | undefined {
  if (type.lookup && operator !== 'isNull' && operator !== 'isNotNull') return undefined;
  switch (operator) {
    case 'isNull':
    case 'isNotNull':
      return 'none';
    case 'isTrue':
    case 'isFalse':
    case 'isUnknown':
      return type.family === 'boolean' ? 'none' : undefined;
    case 'eq':
    case 'neq':
    case 'isDistinct':
      return type.verbatim ? undefined : { type: operandType(type), list: false };
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return type.verbatim || !isOrdered(type) ? undefined : { type: operandType(type), list: false };
    case 'in':
    case 'nin':
      return type.verbatim || type.family === 'array' ? undefined : { type: operandType(type), list: true };
    case 'like':
    case 'nlike':
      if (type.family === 'binary') return { type: bareType(type), list: false };
      return type.family === 'string' ? { type: text, list: false } : undefined;
    case 'ilike':
    case 'nilike':
    case 'similar':
    case 'nsimilar':
    case 'regex':
      // A path of labels is matched by a pattern of its own kind.
      if (type.family === 'other' && type.name === 'ltree')
        return { type: { ...bareType(type), name: 'lquery', scalar: 'lquery' }, list: false };
      return type.family === 'string' ? { type: text, list: false } : undefined;
    case 'nregex':
    case 'iregex':
    case 'niregex':
      return type.family === 'string' ? { type: text, list: false } : undefined;
    case 'contains':
    case 'containedIn':
      if (isOf(type, operator)) return { type: operandType(type), list: false };
      return type.family === 'array' || (type.family === 'json' && !type.verbatim) || type.family === 'range'
        ? { type: bareType(type), list: false }
        : undefined;
    case 'overlaps':
      if (isOf(type, operator)) return { type: operandType(type), list: false };
      return type.family === 'array' || type.family === 'range'
        ? { type: bareType(type), list: false }
        : undefined;
    case 'strictlyLeft':
    case 'strictlyRight':
    case 'notRight':
    case 'notLeft':
    case 'adjacent':
      return type.family === 'range' || isOf(type, operator)
        ? { type: operandType(type), list: false }
        : undefined;
    case 'fts':
    case 'plfts':
    case 'phfts':
    case 'wfts':
      return isSearched(type) || type.family === 'string' || type.family === 'json'
        ? { type: text, list: false }
        : undefined;
    case 'hasKey':
      return type.family === 'json' && !type.verbatim ? { type: text, list: false } : undefined;
    case 'hasKeysAny':
    case 'hasKeysAll':
      return type.family === 'json' && !type.verbatim ? { type: text, list: true } : undefined;
    default:
      return operator satisfies never;
  }
}

const within: readonly Operator[] = ['contains', 'containedIn'];
const sides: readonly Operator[] = ['strictlyLeft', 'strictlyRight'];
const shapes: readonly Operator[] = [...within, 'overlaps', ...sides, 'notRight', 'notLeft'];

/** Types outside the families that have operators of sets and ranges all the same. */
const further: ReadonlyMap<string, readonly Operator[]> = new Map<string, readonly Operator[]>([
  ['hstore', within],
  ['ltree', within],
  ['tsquery', within],
  ['inet', ['overlaps', ...sides]],
  ['cidr', ['overlaps', ...sides]],
  ['point', sides],
  ['box', shapes],
  ['circle', shapes],
  ['polygon', shapes],
  ['geometry', ['overlaps']],
  ['geography', ['overlaps']],
]);

/** Shapes of MySQL are many types with one name in the API; its addresses have no such operators. */
function isOf(type: Type, operator: Operator): boolean {
  const bare = bareType(type);
  const name = isMysqlType(bare) && bare.scalar === 'geometry' ? bare.scalar : bare.name;
  return bare.family === 'other' && further.get(name)?.includes(operator) === true;
}

/** A set of MySQL is a number to it, and its shapes have no order at all. */
function isOrdered(type: Type): boolean {
  return !isMysqlType(type) || (type.family !== 'array' && type.scalar !== 'geometry');
}

/** As what a value is read to be compared with the type: a network is compared with any address. */
function operandType(type: Type): Type {
  const bare = bareType(type);
  return bare.family === 'other' && bare.name === 'cidr' ? { ...bare, name: 'inet', scalar: 'inet' } : bare;
}

/** Operators that may be asked of a list of values: of some, or of all. */
const quantified: ReadonlySet<Operator> = new Set<Operator>([
  'eq', 'gt', 'gte', 'lt', 'lte', 'like', 'ilike', 'regex', 'iregex',
]); // biome-ignore format: a list

/** The form of the list that `operator(any)` and `operator(all)` take. */
export function quantifiedOperandOf(operator: Operator, type: Type): OperandForm | undefined {
  const form = quantified.has(operator) && type.family !== 'array' ? operandOf(operator, type) : undefined;
  return form === undefined || form === 'none' ? undefined : { type: form.type, list: true };
}

/** A column that is made to be searched; the text of others is made so when it is read. */
export function isSearched(type: Type): boolean {
  return bareType(type).scalar === 'tsvector';
}

/** Whether the operator can raise an error that depends on a row's data, or run long on it: then it is fenced. */
export function mayRaise(operator: Operator, type: Type): boolean {
  switch (operator) {
    case 'isNull':
    case 'isNotNull':
      return false;
    case 'similar':
    case 'nsimilar':
    case 'regex':
    case 'nregex':
    case 'iregex':
    case 'niregex':
      return true;
    // A text may be too long to be searched.
    case 'fts':
    case 'plfts':
    case 'phfts':
    case 'wfts':
      return !isSearched(type);
    // The escape at the end of a pattern of bytes is seen by the database alone.
    case 'like':
    case 'nlike':
      return type.family === 'binary' || comparingMayRaise(type);
    default:
      return comparingMayRaise(type);
  }
}

/** Types whose operators are known to raise on no value. */
const plainTypes: ReadonlySet<string> = new Set([
  'inet', 'cidr', 'macaddr', 'macaddr8', 'bit', 'varbit', 'money', 'citext', 'ltree', 'hstore', 'pg_lsn', 'tsvector', 'tsquery',
]); // biome-ignore format: a list

/** Circles overflow, rows may hold what has no equality, and of a type that nobody knows here nobody can tell. */
function comparingMayRaise(type: Type): boolean {
  const bare = bareType(type);
  switch (bare.family) {
    case 'array':
      return (
        bare.element === undefined ||
        comparingMayRaise(bare.element) ||
        bareType(bare.element).verbatim === true
      );
    case 'composite':
      return true;
    // One of users may be over what cannot be compared, or be measured by a function of theirs.
    case 'range':
      return bare.schema !== builtinSchema;
    case 'other':
      return isMysqlType(bare) ? bare.scalar === 'geometry' : !plainTypes.has(bare.name);
    default:
      return false;
  }
}

/**
 * Whether a link over such columns can raise. A key of an extension's own type (`ulid`) is trusted, unlike its other
 * operators: equality that raises could serve no key, and behind a fence no index serves a link.
 */
export function linkMayRaise(type: Type): boolean {
  const bare = bareType(type);
  if (bare.family === 'array')
    return (
      bare.element === undefined || linkMayRaise(bare.element) || bareType(bare.element).verbatim === true
    );
  return comparingMayRaise(bare) && !(bare.family === 'other' && bare.schema !== builtinSchema);
}

/** The language's notation → the operator. `_is_null: false` is `isNotNull`, which the binder decides. */
export const operators: Readonly<Record<Exclude<ValueOperator, '_is_null'>, Operator>> = {
  _eq: 'eq',
  _neq: 'neq',
  _gt: 'gt',
  _gte: 'gte',
  _lt: 'lt',
  _lte: 'lte',
  _in: 'in',
  _nin: 'nin',
  _like: 'like',
  _nlike: 'nlike',
  _ilike: 'ilike',
  _nilike: 'nilike',
  _similar: 'similar',
  _nsimilar: 'nsimilar',
  _regex: 'regex',
  _nregex: 'nregex',
  _iregex: 'iregex',
  _niregex: 'niregex',
  _contains: 'contains',
  _contained_in: 'containedIn',
  _has_key: 'hasKey',
  _has_keys_any: 'hasKeysAny',
  _has_keys_all: 'hasKeysAll',
};

/** Of paths of labels (ltree), as GraphQL writes them; those that end in `_any` take a list, of which one must hold. */
export const pathOperators: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['_ancestor', 'contains'],
  ['_ancestor_any', 'contains'],
  ['_descendant', 'containedIn'],
  ['_descendant_any', 'containedIn'],
  ['_matches', 'regex'],
  ['_matches_any', 'regex'],
]);

/** A LIKE pattern that ends in a lone escape raises only on rows that match up to there: an oracle, so refused before. */
export function endsInEscape(pattern: string): boolean {
  let escapes = 0;
  while (escapes < pattern.length && pattern[pattern.length - 1 - escapes] === '\\') escapes += 1;
  return escapes % 2 === 1;
}

/** Domains compare as the type beneath: a cast to the domain would run its checks on the caller's value. */
export function bareType(type: Type): Type {
  return type.base === undefined ? type : bareType(type.base);
}
