/** Which overload of a function is which, and whether calls of today still mean one. Pure. */
import type { Callable, Overload } from '../../api/api.ts';
import type { Routine } from '../../catalog/catalog.ts';
import { signature } from '../../catalog/type.ts';
import type { Matched } from '../match.ts';
import { names, say, strong } from '../sentence.ts';
import type { Comparison } from './comparison.ts';
import type { FunctionPair } from './functions.ts';

/** Calls choose by the names of arguments: those of the same names, else of the same types, else the one that is left. */
export function pairOverloads(base: Callable, head: Callable): Matched<Overload> {
  const pairs: (readonly [Overload, Overload])[] = [];
  let [gone, added] = [[...base.overloads], [...head.overloads]];
  const pairBy = (isAlike: (one: Overload, other: Overload) => boolean) => {
    for (const one of [...gone]) {
      const other = added.find((candidate) => isAlike(one, candidate));
      if (other === undefined) continue;
      pairs.push([one, other]);
      gone = gone.filter((rest) => rest !== one);
      added = added.filter((rest) => rest !== other);
    }
  };
  pairBy((one, other) => namesOf(one) === namesOf(other) && typesOf(one) === typesOf(other));
  pairBy((one, other) => namesOf(one) === namesOf(other));
  pairBy((one, other) => typesOf(one) === typesOf(other));
  if (gone.length === 1 && added.length === 1) pairBy(() => true);
  return { pairs, gone, added };
}

function namesOf({ routine }: Overload): string {
  return JSON.stringify(routine.arguments.map(({ name }) => name).sort());
}

function typesOf({ routine }: Overload): string {
  return signature(routine.arguments);
}

/** A call with the fewest arguments, and one with all of them, of each overload of the base. */
export function tellAmbiguousCalls(
  { base, head, name, subject, roles, place }: FunctionPair,
  comparison: Comparison,
): void {
  const told = new Set<string>();
  for (const { routine } of base.overloads)
    for (const given of callsOf(routine)) {
      const key = given.join(', ');
      if (told.has(key) || fitting(base, given) !== 1 || fitting(head, given) < 2) continue;
      told.add(key);
      comparison.tell('overload-ambiguous', {
        subject: { ...subject, value: key },
        roles,
        sentence:
          given.length === 0
            ? say`A call of ${name} without arguments ${strong('fits several')} of its overloads.`
            : say`A call of ${name} with ${names(given)} ${strong('fits several')} of its overloads.`,
        hint: 'give the new overload another name, or an argument that must be given',
        place,
      });
    }
}

function callsOf({ arguments: all }: Routine): readonly (readonly string[])[] {
  const named = all.flatMap(({ name, optional }) => (name === null ? [] : [{ name, optional }]));
  if (named.length !== all.length) return [];
  const least = named.filter(({ optional }) => !optional).map(({ name }) => name);
  return [least, named.map(({ name }) => name)];
}

function fitting({ overloads }: Callable, given: readonly string[]): number {
  const fits = ({ arguments: known }: Routine) =>
    given.every((name) => known.some((one) => one.name === name)) &&
    known.every(({ name, optional }) => optional || (name !== null && given.includes(name)));
  return overloads.filter(({ routine }) => fits(routine)).length;
}
