/** What building the request of one root field needs at hand: the role, the variables, and the slots it fills. */
import type { Slot } from '../query/request.ts';
import { absent, type Lookup, resolve } from './literal.ts';
import type { ModelTable } from './model.ts';
import type { Arguments, Guard } from './operation.ts';
import type { ArgumentValues } from './page.ts';
import type { RoleModel } from './planner.ts';
import type { Variables } from './variables.ts';

export interface RootContext {
  readonly role: RoleModel;
  readonly variables: Variables;
  readonly lookup: Lookup;
  /** Conditions that the filters of this document may still have. */
  readonly budget: { left: number };
  readonly table: ModelTable;
  readonly path: string;
  /** What `slot` has put aside so far. */
  readonly values: unknown[];
  readonly slot: (value: unknown) => Slot;
}

export function lookupIn(variables: Variables): Lookup {
  return (name) => (variables.values.has(name) ? variables.values.get(name) : absent);
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
