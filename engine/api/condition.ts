/** Predicates bound to tables and columns: policies after binding, and callers' filters after planning. */
import type { ColumnOperator } from '../../schema/predicate.ts';
import type { Type } from '../catalog/catalog.ts';
import type { Column, Edge, Table } from './api.ts';

/** Operators of conditions, one list for policies, GraphQL `where` and REST filters. */
export type Operator =
  | 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'in' | 'nin' | 'isNull' | 'isNotNull' | 'isTrue' | 'isFalse' | 'isUnknown'
  | 'isDistinct' | 'like' | 'nlike' | 'ilike' | 'nilike' | 'similar' | 'nsimilar' | 'regex' | 'nregex' | 'iregex' | 'niregex'
  | 'contains' | 'containedIn' | 'hasKey' | 'hasKeysAny' | 'hasKeysAll' | 'overlaps'; // biome-ignore format: a list

/** A value to be bound when the statement runs. Its text is never part of the SQL. */
export type Value =
  /** The n-th of `ApiRequest.values`, read as `type`. */
  | { readonly kind: 'slot'; readonly slot: number; readonly type: Type; readonly list: boolean }
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

/**
 * A boolean tree under SQL's three-valued logic; a row passes only when the whole is true.
 * `world` on `related`, `aggregate`: the caller asks, so the far rows pass the caller's own grant (authorize puts it in).
 */
export type Condition =
  | { readonly kind: 'true' }
  | { readonly kind: 'false' }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | {
      readonly kind: 'compare';
      readonly column: Column;
      readonly operator: Operator;
      readonly value: Value | undefined;
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
    }
  | {
      readonly kind: 'aggregate';
      readonly edge: Edge;
      readonly columns: readonly Column[];
      readonly distinct: boolean;
      readonly where: Condition;
      readonly junction?: Condition;
      readonly compare: readonly { readonly operator: Operator; readonly value: Value }[];
    }
  | { readonly kind: 'exists'; readonly table: Table; readonly where: Condition }
  /** `column`s inside `of` are read through these guards: null where the guard is not true. */
  | { readonly kind: 'guarded'; readonly guards: ReadonlyMap<Column, Condition>; readonly of: Condition };

export const always: Condition = Object.freeze({ kind: 'true' });
export const never: Condition = Object.freeze({ kind: 'false' });
