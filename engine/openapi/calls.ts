/** Functions of a role's world as HTTP calls them: which overloads can be called, by which methods, with which body. */
import type { Callable, Overload } from '../api/api.ts';
import type { Argument } from '../catalog/catalog.ts';

/** Kinds of body that a function with one unnamed argument takes whole. */
const wholeBodies: ReadonlyMap<string, string> = new Map([
  ['json', 'application/json'],
  ['jsonb', 'application/json'],
  ['text', 'text/plain'],
  ['bytea', 'application/octet-stream'],
  ['xml', 'text/xml'],
]);

/** The media type of a body that is the one unnamed argument; undefined when arguments go by name. */
export function wholeBody({ routine }: Overload): string | undefined {
  const [only] = routine.arguments;
  return only === undefined || only.name !== null ? undefined : wholeBodies.get(only.type.name);
}

/** Overloads that a request can reach; a function of an unnamed row is a computed field and no more. */
export function reachable({ overloads }: Callable): readonly Overload[] {
  return overloads.filter(
    (overload) =>
      isNamed(overload) || (overload.routine.arguments.length === 1 && wholeBody(overload) !== undefined),
  );
}

export function isNamed({ routine }: Overload): boolean {
  return routine.arguments.every(({ name }) => name !== null);
}

/** GET reaches a function whose overloads all read only, where arguments go by name. */
export function readsOnly(overloads: readonly Overload[]): boolean {
  return overloads.some(isNamed) && overloads.every(({ routine }) => routine.volatility !== 'volatile');
}

/** An argument under the name that a caller gives it. */
export interface Given {
  readonly name: string;
  readonly argument: Argument;
  /** No overload can be called without it. */
  readonly required: boolean;
}

/** Arguments by name over all overloads, each as the first that has it declares it. */
export function givenTo(overloads: readonly Overload[]): readonly Given[] {
  const named = overloads.filter(isNamed).map(({ routine }) => routine.arguments);
  const given = new Map<string, Given>();
  for (const argument of named.flat()) {
    const name = argument.name!;
    if (given.has(name)) continue;
    const required = named.every((all) => all.some((one) => one.name === name && !one.optional));
    given.set(name, { name, argument, required });
  }
  return [...given.values()];
}
