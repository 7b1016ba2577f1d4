/** What building the request of one root field needs at hand: the role, the variables, and the slots it fills. */
import type { Slot } from '../query/request.ts';
import type { FilterBudget } from './filter.ts';
import { absent, type Lookup, resolve } from './literal.ts';
import type { ModelTable } from './model.ts';
import type { Arguments, Guard } from './operation.ts';
import type { ArgumentValues } from './page.ts';
import type { RoleModel } from './planner.ts';
import { beyondLimit } from './refusal.ts';
import type { Variables } from './variables.ts';

export interface RootContext {
  readonly role: RoleModel;
  readonly variables: Variables;
  readonly lookup: Lookup;
  readonly budget: FilterBudget;
  readonly table: ModelTable;
  readonly path: string;
  /** What `slot` has put aside so far. */
  readonly values: unknown[];
  readonly slot: (value: unknown) => Slot;
}

/** What all root fields of one request share. */
export type Outer = Pick<RootContext, 'role' | 'variables' | 'lookup' | 'budget'>;

/** Characters of JSON by which variables used again may lengthen a request: each use is bound, checked and sent. */
const maxRepeated = 2_000_000;

/** The variables of one request. A megabyte that a short document names five hundred times is refused. */
export function lookupIn({ values }: Variables): Lookup {
  const sizes = new Map<string, number | undefined>();
  let left = maxRepeated;
  return (name) => {
    if (!values.has(name)) return absent;
    const value = values.get(name);
    if (!sizes.has(name)) {
      sizes.set(name, undefined);
      return value;
    }
    const size = sizes.get(name) ?? JSON.stringify(value).length;
    sizes.set(name, size);
    left -= size;
    if (left < 0)
      throw beyondLimit(
        `$.variableValues.${name}`,
        `variables are used so often that their values come to more than ${maxRepeated} further characters`,
      );
    return value;
  };
}

/** What every request has; `values` goes on being filled while the rest is built. */
export function common({ table, values }: RootContext) {
  return { table: table.name, values, json: true } as const;
}

/** Arguments whose variables have values, by name. */
export function argumentValues(args: Arguments, { lookup }: Pick<RootContext, 'lookup'>): ArgumentValues {
  const values = new Map<string, unknown>();
  for (const { name, value } of args) {
    const resolved = resolve(value, lookup);
    if (resolved !== absent) values.set(name, resolved);
  }
  return values;
}

/** Those whose `@include` and `@skip` leave them in. */
export function present<T extends { readonly when: Guard }>(
  plans: readonly T[],
  { variables }: Pick<RootContext, 'variables'>,
): readonly T[] {
  return plans.filter(
    ({ when }) =>
      when === undefined ||
      when.some((terms) => terms.every((term) => variables.values.get(term.variable) === term.equals)),
  );
}
