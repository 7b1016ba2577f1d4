/** One condition in three notations: a policy, a `where` of GraphQL, a filter of REST. */
import fc from 'fast-check';

export type Value = string | number | boolean | null;

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'compare'; readonly column: string; readonly operator: Operator; readonly value: Value }
  | { readonly kind: 'among'; readonly column: string; readonly values: readonly Value[] }
  | { readonly kind: 'null'; readonly column: string; readonly is: boolean };

type Operator = 'eq' | 'neq' | 'gt' | 'gte' | 'lt' | 'lte' | 'like' | 'ilike';

/** @param columns each with values to compare with */
export function condition(columns: Readonly<Record<string, readonly Value[]>>): fc.Arbitrary<Condition> {
  const { tree } = fc.letrec<{ tree: Condition; group: Condition; not: Condition; leaf: Condition }>(
    (tie) => ({
      tree: fc.oneof({ maxDepth: 2 }, tie('leaf'), tie('group'), tie('not')),
      group: fc.record({
        kind: fc.constantFrom('and' as const, 'or' as const),
        of: fc.array(tie('tree'), { minLength: 1, maxLength: 3 }),
      }),
      not: fc.record({ kind: fc.constant('not' as const), of: tie('tree') }),
      leaf: fc.oneof(...Object.entries(columns).map(([column, values]) => leaf(column, values))),
    }),
  );
  return tree;
}

function leaf(column: string, all: readonly Value[]): fc.Arbitrary<Condition> {
  const values = all.filter((value) => value !== null);
  const one = fc.constantFrom(...values);
  const operators: readonly Operator[] = ['eq', 'neq', ...(typeof values[0] === 'boolean' ? [] : ordered)];
  const compare = fc
    .record({ operator: fc.constantFrom(...operators), value: one })
    .map((rest): Condition => ({ kind: 'compare', column, ...rest }));
  const among = fc
    .uniqueArray(one, { minLength: 1, maxLength: 3 })
    .map((some): Condition => ({ kind: 'among', column, values: some }));
  const absent = fc.boolean().map((is): Condition => ({ kind: 'null', column, is }));
  const pattern = fc
    .record({
      operator: fc.constantFrom('like' as const, 'ilike' as const),
      value: fc.constantFrom('f%', '%o%', '_', '%'),
    })
    .map((rest): Condition => ({ kind: 'compare', column, ...rest }));
  return typeof values[0] === 'string'
    ? fc.oneof(compare, among, absent, pattern)
    : fc.oneof(compare, among, absent);
}

const ordered = ['gt', 'gte', 'lt', 'lte'] as const;

export function toWhere(one: Condition): Readonly<Record<string, unknown>> {
  switch (one.kind) {
    case 'and':
    case 'or':
      return { [`_${one.kind}`]: one.of.map(toWhere) };
    case 'not':
      return { _not: toWhere(one.of) };
    case 'compare':
      return { [one.column]: { [`_${one.operator}`]: one.value } };
    case 'among':
      return { [one.column]: { _in: one.values } };
    case 'null':
      return { [one.column]: { _is_null: one.is } };
    default:
      return one satisfies never;
  }
}

/** An element of `and=(…)`. */
export function toFilter(one: Condition): string {
  switch (one.kind) {
    case 'and':
    case 'or':
      return `${one.kind}(${one.of.map(toFilter).join(',')})`;
    case 'not':
      return `not.and(${toFilter(one.of)})`;
    case 'compare':
      return `${one.column}.${one.operator}.${quoted(one.value)}`;
    case 'among':
      return `${one.column}.in.(${one.values.map(quoted).join(',')})`;
    case 'null':
      return `${one.column}.${one.is ? '' : 'not.'}is.null`;
    default:
      return one satisfies never;
  }
}

function quoted(value: Value): string {
  return `"${String(value).replace(/[\\"]/g, '\\$&')}"`;
}
