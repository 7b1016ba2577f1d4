/** Comparisons → SQL: every operator, of one value, of some or all of a list, and searches. */
import type { Condition, Operator, Quantifier, Value } from '../../api/condition.ts';
import { bareType } from '../../api/operators.ts';
import type { SearchForm } from '../../catalog/boolean-search.ts';
import type { Capabilities, Type } from '../../catalog/catalog.ts';
import { Problem } from '../../problem/problem.ts';
import { type Sql, sql } from '../sql.ts';
import type { Comparison } from '../walk.ts';
import type { Scope } from './condition.ts';
import { jsonType, textType } from './json.ts';
import { containedIn, contains, ofJson } from './json-comparison.ts';
import { ofSet } from './set-comparison.ts';
import { exactly, likeBytes, ofText, patterns } from './text-comparison.ts';
import { asType, listed, placeOf, textOf } from './typed.ts';

type ColumnComparison = Extract<Condition, { kind: 'compareColumns' }>;

/** What a comparison asks of the place where it stands. A `Scope` is one. */
export type Surroundings = Pick<Scope, 'alias' | 'aliases' | 'asked' | 'guards' | 'negated'>;

/** What stands on the left, and how it is compared with the text of a value. */
export interface Way {
  readonly equal: (text: Sql) => Sql;
  /** @param sign `<`, `<=`, `>` or `>=` */
  readonly ordered: (sign: Sql, text: Sql) => Sql;
  /** What `IN` compares `left` with; undefined: equality is more than that. `can`: whether an item can be equal to anything. */
  readonly among?: {
    readonly left: Sql;
    readonly right: (text: Sql) => Sql;
    readonly can?: (text: Sql) => Sql;
  };
}

/** @param left what is compared: the comparison's column, or the place in its JSON */
export function compileComparison(comparison: Comparison, left: Sql, scope: Surroundings): Sql {
  const { column, path, cast, operator, quantifier, value } = comparison;
  const ofColumn = path === undefined && cast === undefined;
  const type = cast ?? (path === undefined ? column.type : path.text ? textType : jsonType);
  const subject: Subject = { left, type, collation: ofColumn ? column.source.collation : undefined };
  switch (operator) {
    case 'fts':
    case 'plfts':
    case 'phfts':
    case 'wfts':
      return search(comparison, operator, left, scope);
    default:
      return compareSubject(subject, operator, quantifier, value, scope);
  }
}

/** Words are looked for in an index, and under its collation. */
function search(
  { column, path, cast, value, language }: Comparison,
  form: SearchForm,
  left: Sql,
  { alias, guards, negated }: Surroundings,
): Sql {
  if (language !== undefined)
    throw unsupported(
      'A search in a language',
      'Leave the language out: words are found as they are written.',
    );
  if (!column.searchable || path !== undefined || cast !== undefined)
    throw unsupported(
      'A search without an index',
      'Give the column a FULLTEXT index of its own in a migration, or filter with like.',
    );
  const query = sql.parameter({ kind: 'search', query: value!, form });
  const found = sql`(MATCH (${alias}.${sql.identifier(column.column)}) AGAINST (${query} IN BOOLEAN MODE) > 0)`;
  // A value that is NULL is found by nothing, and nothing is known of it. Only where that matters, since no index serves a CASE.
  return negated || guards.has(column) ? sql`CASE WHEN ${left} IS NOT NULL THEN ${found} END` : found;
}

/** As the type of the value, and of no column: what an aggregate gives. */
export function compare(left: Sql, operator: Operator, value: Value | undefined, scope: Surroundings): Sql {
  return compareSubject({ left, type: value?.type ?? textType }, operator, undefined, value, scope);
}

/** Columns of different collations are compared byte by byte, since neither has a say over the other. */
export function compareColumns(
  { column, operator, other }: ColumnComparison,
  left: Sql,
  right: Sql,
  scope: Surroundings,
): Sql {
  const sign = columnOperators[operator];
  const [near, far] = [bareType(column.type), bareType(other.type)];
  if (near.family === 'json' || far.family === 'json') {
    const { equal, ordered } = ofJson(left, scope.aliases.capabilities);
    if (operator === '_ceq') return equal(right);
    return operator === '_cneq' ? sql`NOT ${equal(right)}` : ordered(sign, right);
  }
  if (near.family === 'enum' && far.family === 'enum' && operator !== '_ceq' && operator !== '_cneq')
    return sql`${placeOf(left, near)} ${sign} ${placeOf(right, far)}`;
  if (!isTextual(near) || !isTextual(far)) return sql`${left} ${sign} ${right}`;
  const isShared =
    column.source.collation !== undefined && column.source.collation === other.source.collation;
  if (!isShared) return sql`${exactly(left)} ${sign} ${exactly(right)}`;
  const plain = sql`${left} ${sign} ${right}`;
  if (scope.asked) return plain;
  if (operator === '_ceq') return sql`(${plain} AND ${exactly(left)} = ${exactly(right)})`;
  return operator === '_cneq' ? sql`${exactly(left)} <> ${exactly(right)}` : plain;
}

const columnOperators = {
  _ceq: sql`=`,
  _cneq: sql`<>`,
  _cgt: sql`>`,
  _cgte: sql`>=`,
  _clt: sql`<`,
  _clte: sql`<=`,
} as const;

interface Subject {
  readonly left: Sql;
  readonly type: Type;
  /** Undefined: texts are compared byte by byte. */
  readonly collation?: string | undefined;
}

function compareSubject(
  subject: Subject,
  operator: Operator,
  quantifier: Quantifier | undefined,
  value: Value | undefined,
  scope: Surroundings,
): Sql {
  const { left } = subject;
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
    case 'in':
      return ofList(value!, oneOf(subject, value!, scope, scope.negated === true), scope.negated === true);
    case 'nin':
      return ofList(value!, noneOf(subject, value!, scope), true);
    case 'hasKeysAny':
      return sql`CASE WHEN ${left} IS NOT NULL THEN ${someOf(value!, (text) => compareText(subject, 'hasKey', text, scope))} END`;
    case 'hasKeysAll':
      return sql`CASE WHEN ${left} IS NOT NULL THEN ${everyOf(value!, (text) => compareText(subject, 'hasKey', text, scope))} END`;
    case 'contains':
    case 'containedIn':
      if (bareType(subject.type).family !== 'json')
        return compareText(subject, operator, textOf(value!), scope);
      return operator === 'contains'
        ? contains(left, value!, scope.aliases.capabilities)
        : containedIn(left, value!);
    // Neither server has it: the value comes as a regular expression.
    case 'similar':
    case 'nsimilar': {
      const asRegex = sql`CAST(${sql.parameter({ kind: 'similar', pattern: value! })} AS CHAR)`;
      return compareText(subject, operator === 'similar' ? 'regex' : 'nregex', asRegex, scope);
    }
    default: {
      const holds = (text: Sql) => compareText(subject, operator, text, scope);
      if (quantifier === undefined) return holds(textOf(value!));
      if (quantifier === 'all') return ofList(value!, everyOf(value!, holds), true);
      const some =
        operator === 'eq' ? oneOf(subject, value!, scope, scope.negated === true) : someOf(value!, holds);
      return ofList(value!, some, scope.negated === true);
    }
  }
}

/** A claim that is missing is a list of which nothing is known, and JSON_TABLE takes it for one of no items. */
function ofList(value: Value, holds: Sql, matters: boolean): Sql {
  return value.kind === 'claim' && matters
    ? sql`CASE WHEN ${sql.parameter(value)} IS NOT NULL THEN ${holds} END`
    : holds;
}

/** Where the list is empty nothing is in it, and neither is NULL, of which MariaDB does not know that. */
function noneOf(subject: Subject, value: Value, scope: Surroundings): Sql {
  return sql`(NOT ${oneOf(subject, value, scope, true)} OR JSON_LENGTH(${sql.parameter(value)}) = 0)`;
}

/** Unknown where no item holds and some are unknown, as `= ANY` has it. */
function someOf(value: Value, holds: (text: Sql) => Sql): Sql {
  const { from, text } = listed(value);
  const one = holds(text);
  return sql`(SELECT CASE WHEN MAX(${one}) = 1 THEN 1 WHEN COUNT(${one}) < COUNT(*) THEN NULL ELSE 0 END FROM ${from})`;
}

function everyOf(value: Value, holds: (text: Sql) => Sql): Sql {
  const { from, text } = listed(value);
  const one = holds(text);
  return sql`(SELECT CASE WHEN MIN(${one}) = 0 THEN 0 WHEN COUNT(${one}) < COUNT(*) THEN NULL ELSE 1 END FROM ${from})`;
}

/** @param matters whether it matters that what is unknown is not false */
function oneOf(subject: Subject, value: Value, scope: Surroundings, matters: boolean): Sql {
  const { equal, among } = wayOf(subject, scope);
  if (among === undefined || (among.can !== undefined && matters)) return someOf(value, equal);
  const { from, text } = listed(value);
  const where = among.can === undefined ? sql.empty : sql` WHERE ${among.can(text)}`;
  const found = sql`${among.left} IN (SELECT ${among.right(text)} FROM ${from}${where})`;
  if (!isExact(subject, scope)) return found;
  const same = sql`${exactly(subject.left)} IN (SELECT ${exactly(text)} FROM ${from})`;
  return sql`(${found} AND ${same})`;
}

function compareText(subject: Subject, operator: Operator, text: Sql, scope: Surroundings): Sql {
  const { left, type } = subject;
  switch (operator) {
    case 'eq':
      return wayOf(subject, scope).equal(text);
    case 'neq':
      return sql`NOT ${wayOf(subject, scope).equal(text)}`;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return wayOf(subject, scope).ordered(signs[operator], text);
    case 'isDistinct':
      return sql`NOT COALESCE(${wayOf(subject, scope).equal(text)}, ${left} IS NULL AND ${text} IS NULL)`;
    case 'like':
    case 'nlike':
      if (bareType(type).family === 'binary') return likeBytes(left, operator, asType(text, type));
      return patterns(subject, operator, text, scope.aliases.capabilities);
    case 'ilike':
    case 'nilike':
    case 'regex':
    case 'nregex':
    case 'iregex':
    case 'niregex':
      return patterns(subject, operator, text, scope.aliases.capabilities);
    case 'contains':
    case 'containedIn':
    case 'overlaps':
    case 'hasKey':
      return relate(subject, operator, text, scope.aliases.capabilities);
    default:
      throw unsupported(`The operator ${operator}`, 'The database has no values of this kind.');
  }
}

const signs = { gt: sql`>`, gte: sql`>=`, lt: sql`<`, lte: sql`<=` } as const;

type Relation = 'contains' | 'containedIn' | 'overlaps' | 'hasKey';

/** Values that have parts. */
function relate({ left, type }: Subject, operator: Relation, text: Sql, capabilities: Capabilities): Sql {
  const bare = bareType(type);
  if (bare.family === 'json' && operator === 'hasKey') return ofJson(left, capabilities).hasKey(text);
  if (bare.family === 'array' && operator !== 'hasKey') return ofSet(left)[operator](text);
  if (bare.scalar === 'geometry' && operator === 'overlaps') {
    const shape = asType(text, bare);
    // MySQL compares shapes of one reference system alone, MariaDB looks at none.
    return sql`MBRIntersects(${left}, ${capabilities.lateral ? sql`ST_SRID(${shape}, ST_SRID(${left}))` : shape})`;
  }
  throw unsupported(`The operator ${operator}`, 'The database has it not for values of this type.');
}

function wayOf(subject: Subject, scope: Surroundings): Way {
  const { left, collation } = subject;
  const type = bareType(subject.type);
  switch (type.family) {
    case 'string':
      return ofText(left, collation, isExact(subject, scope));
    case 'enum':
      return ofEnum(left, type, collation);
    case 'json':
      return ofJson(left, scope.aliases.capabilities);
    case 'array':
      return ofSet(left);
    default:
      return type.scalar === 'geometry' ? ofGeometry(left, type) : ofPlain(left, type);
  }
}

function ofPlain(left: Sql, type: Type): Way {
  const right = (text: Sql) => asType(text, type);
  return {
    equal: (text) => sql`(${left} = ${right(text)})`,
    ordered: (sign, text) => sql`${left} ${sign} ${right(text)}`,
    among: { left, right },
  };
}

/** Equal by their labels, ordered by the labels' places, as everywhere that labels have an order. */
function ofEnum(left: Sql, type: Type, collation: string | undefined): Way {
  return {
    ...ofText(left, collation, false),
    ordered: (sign, text) => sql`${placeOf(left, type)} ${sign} ${placeOf(text, type)}`,
  };
}

/** Equal where every place of them is, in whatever reference system: its number stands in the first four bytes. */
function ofGeometry(left: Sql, type: Type): Way {
  return {
    equal: (text) => sql`(SUBSTRING(HEX(${left}), 9) = SUBSTRING(HEX(${asType(text, type)}), 9))`,
    ordered: () => {
      throw unsupported('An order of shapes', 'Compare them with eq, or with ov.');
    },
  };
}

function isTextual(type: Type): boolean {
  return type.family === 'string' || type.family === 'enum';
}

function isExact({ type, collation }: Subject, { asked }: Surroundings): boolean {
  return !asked && collation !== undefined && bareType(type).family === 'string';
}

export function unsupported(what: string, hint: string): Problem {
  return new Problem('0A000', { message: `${what} is not supported by this database.`, hint });
}
