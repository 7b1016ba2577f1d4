/** Rows behind a row in an order, as a filter: what pages by keyset are made of. Pure. */
import type { FilterRequest, OrderRequest } from './request.ts';

/**
 * The condition that is true of the rows behind those values; undefined when they are not values of this order.
 *
 * @param key        a row's values in the columns of the order, which ends in a unique key
 * @param isNullable of a term of the order; undefined: there is no such column
 * @param values     where the values are put
 */
export function rowsBehind(
  key: readonly unknown[],
  order: readonly OrderRequest[],
  isNullable: (term: OrderRequest) => boolean | undefined,
  values: unknown[],
): FilterRequest | undefined {
  if (key.length !== order.length || key.length === 0) return undefined;
  const terms: Term[] = [];
  for (const [at, term] of order.entries()) {
    const nullable = isNullable(term);
    if (nullable === undefined) return undefined;
    terms.push(termOf(term, key[at], nullable, values));
  }
  const alternatives = terms.flatMap((term, at): FilterRequest[] => {
    if (term.after === undefined) return [];
    const equal = terms.slice(0, at).map((one) => one.same);
    return [equal.length === 0 ? term.after : { kind: 'and', of: [...equal, term.after] }];
  });
  const some: FilterRequest = alternatives.length === 1 ? alternatives[0]! : { kind: 'or', of: alternatives };
  const first = terms[0]!;
  // Says the same of the first column once more, in a way that an index can serve.
  return first.from === undefined || terms.length === 1 ? some : { kind: 'and', of: [first.from, some] };
}

interface Term {
  readonly same: FilterRequest;
  /** Undefined: no row is behind. */
  readonly after: FilterRequest | undefined;
  /** The same or behind, where no null can be. */
  readonly from: FilterRequest | undefined;
}

function termOf(term: OrderRequest, value: unknown, nullable: boolean, values: unknown[]): Term {
  const nullsLast = (term.nulls ?? (term.direction === 'asc' ? 'last' : 'first')) === 'last';
  const compare = comparisonOf(term);
  if (value === null || value === undefined)
    return { same: compare('isNull'), after: nullsLast ? undefined : compare('isNotNull'), from: undefined };
  const slot = values.push(value) - 1;
  const up = term.direction === 'asc';
  const beyond = compare(up ? 'gt' : 'lt', slot);
  const withNulls = nullsLast && nullable;
  return {
    same: compare('eq', slot),
    after: withNulls ? { kind: 'or', of: [beyond, compare('isNull')] } : beyond,
    from: withNulls ? undefined : compare(up ? 'gte' : 'lte', slot),
  };
}

type Comparing = 'eq' | 'gt' | 'lt' | 'gte' | 'lte' | 'isNull' | 'isNotNull';

/** Through relationships to one row: where there is no such row, its columns are null. */
function comparisonOf({
  column,
  through,
}: OrderRequest): (operator: Comparing, slot?: number) => FilterRequest {
  const at = (operator: Comparing, slot?: number): FilterRequest => {
    const compared: FilterRequest = { kind: 'compare', column: column ?? '', operator, value: slot };
    return through.reduceRight<FilterRequest>(
      (where, relationship) => ({ kind: 'related', relationship, where }),
      compared,
    );
  };
  if (through.length === 0) return at;
  return (operator, slot) =>
    operator === 'isNull' ? { kind: 'not', of: at('isNotNull') } : at(operator, slot);
}
