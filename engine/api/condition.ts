/** Predicates bound to tables and columns: policies after binding, and callers' filters after planning. */
import type { ColumnOperator } from '../../schema/predicate.ts';
import type { Type } from '../catalog/catalog.ts';
import type { AggregateFunction } from './aggregates.ts';
import type { Column, Edge, Table } from './api.ts';

/** Operators of conditions, one list for policies, GraphQL `where` and REST filters. */
export type Operator =
  | 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'nin' | 'isNull' | 'isNotNull' | 'isTrue' | 'isFalse' | 'isUnknown'
  | 'isDistinct' | 'like' | 'nlike' | 'ilike' | 'nilike' | 'similar' | 'nsimilar' | 'regex' | 'nregex' | 'iregex' | 'niregex'
  | 'contains' | 'containedIn' | 'hasKey' | 'hasKeysAny' | 'hasKeysAll' | 'overlaps'
  | 'strictlyLeft' | 'strictlyRight' | 'notRight' | 'notLeft' | 'adjacent' | 'fts' | 'plfts' | 'phfts' | 'wfts'; // biome-ignore format: a list

/** A place within a column's JSON: keys of objects and places in lists. `text`: the value there as text (`->>`). */
export interface JsonPath {
  readonly steps: readonly (string | number)[];
  readonly text: boolean;
}

/** A comparison with every value of a list: some of them, or all, must hold. */
export type Quantifier = 'any' | 'all';

/** A value to be bound when the statement runs. Its text is never part of the SQL. */
export type Value =
  /** The n-th of `ApiRequest.values`, read as `type`. */
  | {
      readonly kind: 'slot';
      readonly slot: number;
      readonly type: Type;
      readonly list: boolean;
      /** A LIKE pattern: it must not end in a lone escape, which would raise on some rows only. */
      readonly pattern?: boolean;
      /** A query in the notation of a text search: it must be one, since a wrong one would raise on some rows only. */
      readonly search?: boolean;
    }
  /** Already text the database reads as `type`. */
  | {
      readonly kind: 'constant';
      readonly text: string | null | readonly (string | null)[];
      readonly type: Type;
      readonly list: boolean;
    }
  /** Unknown (null) when the claim is missing. */
  | { readonly kind: 'claim'; readonly path: readonly string[]; readonly type: Type; readonly list: boolean }
  | { readonly kind: 'now'; readonly type: Type; readonly list: false };

/** What `set:` writes; a missing claim here is a 403. */
export type SetValue = Exclude<Value, { kind: 'slot' }>;

export type Guards = ReadonlyMap<Column, Condition>;

/** Guards of the columns that link two tables, when a caller may follow the link only through cells it may read. */
export interface LinkGuards {
  readonly near: Guards;
  readonly junction: Guards;
  readonly far: Guards;
}

/**
 * A boolean tree under SQL's three-valued logic; a row passes only when the whole is true.
 * `junction`, `guards`, `cells` and `minGroup` on `related` and `aggregate` are put in by authorize: the caller asks, so
 * rows pass its grants.
 */
export type Condition =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | {
      readonly kind: 'compare';
      readonly column: Column;
      readonly path?: JsonPath | undefined;
      /** A type that the value is read as first. */
      readonly cast?: Type | undefined;
      readonly operator: Operator;
      readonly quantifier?: Quantifier | undefined;
      readonly value: Value | undefined;
      /** Of a text search: the name of its configuration. */
      readonly language?: Value | undefined;
    }
  | {
      readonly kind: 'compareColumns';
      readonly column: Column;
      readonly operator: ColumnOperator;
      readonly other: Column;
    }
  | {
      readonly kind: 'related';
      readonly edge: Edge;
      readonly where: Condition;
      readonly junction?: Condition;
      readonly guards?: LinkGuards;
    }
  | {
      readonly kind: 'aggregate';
      readonly edge: Edge;
      /** Policies have `count` alone. */
      readonly function: AggregateFunction;
      /** Of others than `count`, the one column. */
      readonly columns: readonly Column[];
      readonly distinct: boolean;
      readonly where: Condition;
      readonly junction?: Condition;
      readonly guards?: LinkGuards;
      /** Guards of these columns. */
      readonly cells?: Guards;
      /** Unknown over fewer rows than these. */
      readonly minGroup?: number;
      readonly compare: readonly { readonly operator: Operator; readonly value: Value | undefined }[];
    }
  | { readonly kind: 'exists'; readonly table: Table; readonly where: Condition }
  /** `policy` and `of`, where `of` is a caller's: what in it can raise on data is evaluated only where `policy` is true. */
  | { readonly kind: 'fenced'; readonly policy: Condition; readonly of: Condition }
  /** `column`s inside `of` are read through these guards: null where the guard is not true. */
  | { readonly kind: 'guarded'; readonly guards: Guards; readonly of: Condition };

export const always: Condition = Object.freeze({ kind: 'true' });
export const never: Condition = Object.freeze({ kind: 'false' });

/** The conjunction, flattened; `always` for none. */
export function all(conditions: readonly Condition[]): Condition {
  const of = conditions.flatMap((condition) => (condition.kind === 'and' ? condition.of : [condition]));
  if (of.some((condition) => condition.kind === 'false')) return never;
  const left = distinct(of.filter((condition) => condition.kind !== 'true'));
  if (left.length === 0) return always;
  return left.length === 1 ? left[0]! : Object.freeze({ kind: 'and', of: Object.freeze(left) });
}

/** The disjunction, flattened; `never` for none. */
export function any(conditions: readonly Condition[]): Condition {
  const of = conditions.flatMap((condition) => (condition.kind === 'or' ? condition.of : [condition]));
  if (of.some((condition) => condition.kind === 'true')) return always;
  const left = distinct(of.filter((condition) => condition.kind !== 'false'));
  if (left.length === 0) return never;
  return left.length === 1 ? left[0]! : Object.freeze({ kind: 'or', of: Object.freeze(left) });
}

/** Whether `a` being true proves `b` true, by comparing conjuncts and disjuncts; false when not provable this way. */
export function implies(a: Condition, b: Condition): boolean {
  if (b.kind === 'true' || a.kind === 'false' || conditionKey(a) === conditionKey(b)) return true;
  if (a.kind === 'or') return a.of.every((part) => implies(part, b));
  if (b.kind === 'and') return b.of.every((part) => implies(a, part));
  if (b.kind === 'or' && b.of.some((part) => implies(a, part))) return true;
  return a.kind === 'and' && a.of.some((part) => implies(part, b));
}

/** A text that two conditions share exactly when they are written alike. */
export function conditionKey(condition: Condition): string {
  switch (condition.kind) {
    case 'true':
    case 'false':
      return condition.kind;
    case 'and':
    case 'or':
      return `${condition.kind}(${condition.of.map(conditionKey).join()})`;
    case 'not':
      return `not(${conditionKey(condition.of)})`;
    case 'compare':
      return JSON.stringify([
        'compare',
        condition.column.column,
        condition.column.routine !== undefined,
        condition.operator,
        valueKey(condition.value),
        condition.path ?? null,
        condition.cast?.name ?? null,
        condition.quantifier ?? null,
        valueKey(condition.language),
      ]);
    case 'compareColumns':
      return JSON.stringify(['columns', condition.column.column, condition.operator, condition.other.column]);
    case 'related':
      return JSON.stringify([
        'related',
        edgeKey(condition.edge),
        conditionKey(condition.where),
        optionalKey(condition.junction),
      ]);
    case 'aggregate':
      return JSON.stringify([
        'aggregate',
        edgeKey(condition.edge),
        condition.function,
        condition.columns.map((column) => [column.column, column.routine !== undefined]),
        condition.distinct,
        conditionKey(condition.where),
        optionalKey(condition.junction),
        condition.compare.map((one) => [one.operator, valueKey(one.value)]),
      ]);
    case 'exists':
      return JSON.stringify(['exists', condition.table.name, conditionKey(condition.where)]);
    case 'guarded':
      return JSON.stringify([
        'guarded',
        [...condition.guards].map(([column, guard]) => [column.column, conditionKey(guard)]),
        conditionKey(condition.of),
      ]);
    case 'fenced':
      return JSON.stringify(['fenced', conditionKey(condition.policy), conditionKey(condition.of)]);
    default:
      return condition satisfies never;
  }
}

function distinct(conditions: readonly Condition[]): Condition[] {
  const byKey = new Map<string, Condition>();
  for (const condition of conditions) {
    const key = conditionKey(condition);
    if (!byKey.has(key)) byKey.set(key, condition);
  }
  return [...byKey.values()];
}

function optionalKey(condition: Condition | undefined): string | null {
  return condition === undefined ? null : conditionKey(condition);
}

function edgeKey(edge: Edge): readonly string[] {
  return [edge.from.name, edge.name];
}

function valueKey(value: Value | undefined): readonly unknown[] | null {
  if (value === undefined) return null;
  const type = [value.type.schema, value.type.name];
  switch (value.kind) {
    case 'slot':
      return ['slot', value.slot, type];
    case 'constant':
      return ['constant', value.text, type];
    case 'claim':
      return ['claim', value.path, type, value.list];
    case 'now':
      return ['now', type];
    default:
      return value satisfies never;
  }
}
