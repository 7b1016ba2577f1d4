/** The predicate AST of the language, before any name in it is bound to a catalog. */

/** Operators that compare a column with a value. `_ceq` and its kin compare two columns. */
export const valueOperators = [
  '_eq', '_neq', '_gt', '_gte', '_lt', '_lte', '_in', '_nin', '_is_null',
  '_like', '_nlike', '_ilike', '_nilike', '_similar', '_nsimilar', '_regex', '_nregex', '_iregex', '_niregex',
  '_contains', '_contained_in', '_has_key', '_has_keys_any', '_has_keys_all',
] as const; // biome-ignore format: a table
export const columnOperators = ['_ceq', '_cneq', '_cgt', '_cgte', '_clt', '_clte'] as const;

export type ValueOperator = (typeof valueOperators)[number];
export type ColumnOperator = (typeof columnOperators)[number];

/** Keys from the root of the merged project document to a value: `['tables', 'books', 'permissions', …]`. */
export type Path = readonly (string | number)[];

/** A scalar, list or object as YAML gave it. Integers beyond 2^53 are `bigint`. */
export type Literal =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Literal[]
  | { readonly [key: string]: Literal };

export type Operand =
  | { readonly kind: 'literal'; readonly value: Literal }
  /** `$jwt.a.b` or `$jwt["…"]`: the keys from the root of the claims. */
  | { readonly kind: 'claim'; readonly path: readonly string[] }
  | { readonly kind: 'now' };

export type Predicate =
  /** `of: []` under `and` is true (`{}`), under `or` false. */
  | { readonly kind: 'and' | 'or'; readonly of: readonly Predicate[]; readonly path: Path }
  | { readonly kind: 'not'; readonly of: Predicate; readonly path: Path }
  /** `table` is a name under `tables:`. */
  | { readonly kind: 'exists'; readonly table: string; readonly where: Predicate; readonly path: Path }
  | { readonly kind: 'compare'; readonly column: string; readonly operator: ValueOperator; readonly operand: Operand; readonly path: Path }
  | { readonly kind: 'compareColumns'; readonly column: string; readonly operator: ColumnOperator; readonly other: string; readonly path: Path }
  /** `{ name: {} }`: true for a column, "some row" for a relationship; only the binder knows which. */
  | { readonly kind: 'name'; readonly name: string; readonly path: Path }
  /** Through a relationship; to many: some row. */
  | { readonly kind: 'related'; readonly relationship: string; readonly where: Predicate; readonly path: Path }
  /** `{ reviews_aggregate: { count: { arguments, distinct, filter, predicate: { _gt: 2 } } } }`; `relationship` is without `_aggregate`. */
  | {
      readonly kind: 'aggregate';
      readonly relationship: string;
      readonly columns: readonly string[];
      readonly distinct: boolean;
      readonly filter: Predicate | undefined;
      readonly compare: readonly { readonly operator: ValueOperator; readonly operand: Operand }[];
      readonly path: Path;
    }; // biome-ignore format: one case a line reads as the grammar
