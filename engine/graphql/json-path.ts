/** `$.a.b[0]`, `a["b c"]`: a place in a JSON value, as Hasura writes it → steps. Pure; bounded, for steps are a statement's text. */
import { beyondLimit, invalid } from './refusal.ts';

const maxLength = 1_000;
const maxSteps = 32;

/** A key that stands without quotes, a place in a list, a key in either kind of quotes. */
const step = /\.?([^.[\]"'\s]+)|\[(-?[0-9]{1,9})\]|\[("(?:[^"\\]|\\.)*")\]|\['((?:[^'\\]|\\.)*)'\]/uy;

/**
 * @returns no steps for the value itself
 * @throws {Refusal} NS602 it is malformed, with the place in it; NS603 it is too long
 */
export function parseJsonPath(text: string, place: string): readonly (string | number)[] {
  if (text.length > maxLength) throw beyondLimit(place, `the path has more than ${maxLength} characters`);
  const steps: (string | number)[] = [];
  let at = text.startsWith('$') ? 1 : 0;
  // Behind the root and behind every step a bare key needs its dot, at the very beginning it has none.
  let first = at === 0;
  while (at < text.length) {
    step.lastIndex = at;
    const found = step.exec(text);
    const isBare = found?.[1] !== undefined;
    if (found === null || (isBare && found[0].startsWith('.') === first)) throw malformed(text, at, place);
    if (steps.length === maxSteps) throw beyondLimit(place, `the path has more than ${maxSteps} steps`);
    steps.push(stepOf(found, text, place));
    at = step.lastIndex;
    first = false;
  }
  return steps;
}

function stepOf(found: RegExpExecArray, text: string, place: string): string | number {
  const [, bare, number, double, single] = found;
  if (bare !== undefined) return bare;
  if (number !== undefined) return Number(number);
  if (double === undefined) return single!.replace(/\\(.)/gsu, '$1');
  try {
    return JSON.parse(double) as string;
  } catch {
    throw malformed(text, found.index, place);
  }
}

function malformed(text: string, at: number, place: string) {
  const found = at < text.length ? `"${[...text.slice(at, at + 2)][0]}"` : 'the end';
  return invalid(
    place,
    `the JSON path is malformed at character ${at + 1}, ${found}: write $.key, $["key"] or $[0]`,
  );
}
