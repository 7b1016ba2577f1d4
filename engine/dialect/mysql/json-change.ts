/** JSON changed by operators as PostgreSQL changes jsonb, since these servers merge and remove in other ways. Pure. */
import { Problem } from '../../problem/problem.ts';
import { parseJson } from '../../query/json.ts';
import type { UpdateOperator } from '../../query/request.ts';

export type JsonOperator = Exclude<UpdateOperator, 'inc'>;

type Json = { readonly [key: string]: unknown } | readonly unknown[] | string | number | boolean | null;

/** More levels than the servers store. */
const depth = 200;

/**
 * The text of what becomes of a JSON value.
 *
 * @param own text of the value as it is; null: there is none, and then there is none after it
 * @param given text of the operand as `operandOfUpdate` has it: JSON, a key, a place, or a JSON list of steps
 * @throws {Problem} 22023 the operator does not apply to such a value; 22P02 a step that is none
 */
export function changeJson(operator: JsonOperator, own: string | null, given: string | null): string | null {
  if (own === null || given === null) return null;
  return JSON.stringify(changed(operator, read(own), given));
}

function read(text: string): Json {
  return parseJson(text, { code: '22P02', depth }) as Json;
}

function changed(operator: JsonOperator, own: Json, given: string): Json {
  switch (operator) {
    case 'append':
      return joined(own, read(given));
    case 'prepend':
      return joined(read(given), own);
    case 'deleteKey':
      return withoutKey(own, given);
    case 'deleteElem':
      return withoutPlace(own, Number(given));
    case 'deleteAtPath':
      return withoutPath(own, stepsOf(given));
    default:
      return operator satisfies never;
  }
}

/** `||` of jsonb: objects are one, and whatever else is a list. */
function joined(first: Json, second: Json): Json {
  if (isObject(first) && isObject(second))
    return withKeys([...Object.entries(first), ...Object.entries(second)]);
  return [...listOf(first), ...listOf(second)];
}

function listOf(value: Json): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** A number that keeps its text is an object to JavaScript. */
function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !JSON.isRawJSON(value);
}

function withKeys(entries: readonly (readonly [string, unknown])[]): Json {
  // By `fromEntries`, to which `__proto__` is a key like any other.
  return Object.fromEntries(entries);
}

function withoutKey(own: Json, key: string): Json {
  if (Array.isArray(own)) return own.filter((one) => one !== key);
  if (isObject(own)) return withKeys(Object.entries(own).filter(([name]) => name !== key));
  throw refused('cannot delete from scalar');
}

function withoutPlace(own: Json, place: number): Json {
  if (Array.isArray(own)) return own.filter((_, index) => index !== (place < 0 ? own.length + place : place));
  throw refused(
    isObject(own) ? 'cannot delete from object using integer index' : 'cannot delete from scalar',
  );
}

function stepsOf(text: string): readonly (string | null)[] {
  const steps = read(text);
  if (!Array.isArray(steps))
    throw new Problem('22P02', {
      message: 'expected JSON array',
      hint: 'Send the path as a list of keys and places.',
    });
  return steps.map((step) => (step === null || typeof step === 'string' ? step : JSON.stringify(step)));
}

function withoutPath(own: Json, steps: readonly (string | null)[]): Json {
  if (!Array.isArray(own) && !isObject(own)) throw refused('cannot delete path in scalar');
  // Of what is empty no step is looked at.
  if (Object.keys(own).length === 0) return own;
  return without(own, steps, 0) as Json;
}

function without(value: unknown, steps: readonly (string | null)[], at: number): unknown {
  const step = steps[at];
  if (step === undefined) return value;
  const isLast = at === steps.length - 1;
  if (isObject(value)) {
    if (step === null) throw refused(`path element at position ${at + 1} is null`);
    const entries = Object.entries(value).filter(([name]) => !isLast || name !== step);
    return withKeys(entries.map(([name, one]) => [name, name === step ? without(one, steps, at + 1) : one]));
  }
  if (!Array.isArray(value)) return value;
  const place = placeOf(step, value.length, at);
  const kept = value.filter((_, index) => !isLast || index !== place);
  return isLast ? kept : kept.map((one, index) => (index === place ? without(one, steps, at + 1) : one));
}

function placeOf(step: string | null, length: number, at: number): number {
  if (step === null) throw refused(`path element at position ${at + 1} is null`);
  if (!/^[+-]?[0-9]{1,10}$/.test(step.trim()))
    throw new Problem('22P02', {
      message: `path element at position ${at + 1} is not an integer: "${step.slice(0, 100)}"`,
    });
  const place = Number(step);
  return place < 0 ? length + place : place;
}

function refused(message: string): Problem {
  return new Problem('22023', { message });
}
