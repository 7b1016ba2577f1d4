/** Of which types it is certain how their values compare, and with which texts: only there may a proof rest on it. Pure. */
import type { Literal, ValueOperator } from '../../../schema/predicate.ts';
import type { Column } from '../../api/api.ts';
import type { Value } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import { builtinSchema } from '../../catalog/builtin-types.ts';
import type { Type } from '../../catalog/catalog.ts';
import { isMysqlType } from '../../catalog/mysql-types.ts';
import type { ColumnFacts } from '../../check/subjects.ts';

/** A value of a type in which comparisons mean the same as of the other: what was true of it still is. */
export function isSameType(one: Column, other: Column): boolean {
  if (one.routine !== undefined || other.routine !== undefined) return false;
  return (
    (one.source.nondeterministic ?? false) === (other.source.nondeterministic ?? false) &&
    one.source.collation === other.source.collation &&
    areAlike(bareType(one.type), bareType(other.type))
  );
}

function areAlike(one: Type, other: Type): boolean {
  if (one.family !== other.family || isMysqlType(one) !== isMysqlType(other)) return false;
  switch (one.family) {
    case 'integer':
    case 'decimal':
      return true;
    case 'string':
      return one.name === other.name || (isPlainText(one) && isPlainText(other));
    case 'enum':
      return haveOneOrder(one.labels ?? [], other.labels ?? []);
    case 'array':
      return one.element !== undefined && other.element !== undefined && areAlike(one.element, other.element);
    default:
      return one.schema === other.schema && one.name === other.name;
  }
}

/** Blanks at the end count, and nothing is cut off. */
function isPlainText(type: Type): boolean {
  if (isMysqlType(type)) return type.name === 'varchar' || type.name.endsWith('text');
  return type.schema === builtinSchema && (type.name === 'text' || type.name === 'varchar');
}

/** Labels that both have come in the same order. */
function haveOneOrder(one: readonly string[], other: readonly string[]): boolean {
  const shared = one.filter((label) => other.includes(label));
  return shared.join('\0') === other.filter((label) => one.includes(label)).join('\0');
}

/** What holds of the values on all sides. */
export function factsOfTypes(columns: readonly [Column, ...Column[]]): ColumnFacts {
  const types = columns.map(({ type }) => bareType(type));
  const families = new Set(types.map(familyOf));
  const labels = types.every(({ labels: some }) => some !== undefined)
    ? [...new Set(types.flatMap((type) => type.labels!))]
    : undefined;
  return {
    nullable: columns.some(({ nullable }) => nullable),
    family: families.size === 1 ? familyOf(types[0]!) : 'other',
    // Without strict mode MySQL puts an empty text where a label was wrong.
    labels: types.some(isMysqlType) ? undefined : labels,
    nondeterministic: columns.some(({ source }) => source.nondeterministic === true),
  };
}

/** As what values are ordered; `other`: only the database knows how they stand to constants, though it does know. */
function familyOf(type: Type): ColumnFacts['family'] {
  const isMysql = isMysqlType(type);
  switch (type.family) {
    // A number there: 2 is neither true nor false.
    case 'boolean':
      return isMysql ? 'integer' : 'boolean';
    case 'integer':
    case 'date':
    case 'enum':
      return type.family;
    // A constant is read with as many places behind the point as are left of 65.
    case 'decimal':
      return isMysql && wholeDigitsOf(type) > 40 ? 'other' : 'decimal';
    // What is written differently may be one number of 32 bits.
    case 'float':
      return type.bits === 64 ? 'float' : 'other';
    case 'string':
      return isPlainText(type) || isMysql ? 'string' : 'other';
    case 'uuid':
      return isMysql ? 'other' : 'uuid';
    default:
      return 'other';
  }
}

function wholeDigitsOf({ modifiers }: Type): number {
  const [precision = 65, scale = 0] = (modifiers.match(/\d+/g) ?? []).map(Number);
  return precision - scale;
}

const equalities: readonly ValueOperator[] = ['_eq', '_neq', '_in', '_nin'];
const ordered: readonly ValueOperator[] = ['_gt', '_gte', '_lt', '_lte'];

/** Whether a value is less, equal or greater, and all operators agree on which; patterns are taken as they are. */
export function comparesAs(operator: ValueOperator, type: Type): boolean {
  const bare = bareType(type);
  if (!equalities.includes(operator) && !ordered.includes(operator)) return true;
  switch (bare.family) {
    // There, equal is byte for byte and the order is the collation's.
    case 'string':
    case 'enum':
      return !isMysqlType(bare) || equalities.includes(operator);
    case 'boolean':
    case 'integer':
    case 'decimal':
    case 'float':
    case 'uuid':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'interval':
      return true;
    case 'json':
    case 'binary':
    case 'array':
    case 'range':
    case 'composite':
    case 'other':
      return false;
    default:
      return bare.family satisfies never;
  }
}

export function literalOf({ text, type }: Extract<Value, { kind: 'constant' }>): Literal {
  if (text === null || typeof text === 'string') return literal(text, bareType(type));
  return [...new Set(text)].sort().map((one) => literal(one, bareType(type)));
}

function literal(text: string | null, type: Type): Literal {
  if (text === null) return null;
  switch (type.family) {
    case 'boolean': {
      const isTrue = ['true', '1'].includes(text);
      return isMysqlType(type) ? Number(isTrue) : isTrue;
    }
    case 'integer':
      return /^-?\d+$/.test(text) ? BigInt(text) : uncertain(text);
    case 'decimal':
    case 'float':
      return isExact(text) ? Number(text) : uncertain(text);
    case 'uuid':
      return text.replaceAll('-', '').toLowerCase();
    default:
      return text;
  }
}

/** Numbers of so few digits are in the same order as doubles. */
function isExact(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text) && text.replace(/\D/g, '').length <= 15;
}

/** No number: then nothing is known of how this column stands to any constant, but that each is itself. */
function uncertain(text: string): string {
  return `as written: ${text}`;
}
