/** Compares what a test expects with what came back, exactly: no number is rounded on either side. Pure. */
import type { Literal } from '../../schema/predicate.ts';
import type { Difference } from './result.ts';

/**
 * `exact`: the same values, lists in the same order, objects with the same keys in any order. `contains`: an object has the
 * expected keys and may have more; a list has the expected items in their order and may have others between them.
 */
export type Mode = 'exact' | 'contains';

/** @param received a value of `parseJson` */
export function differences(expected: Literal, received: unknown, mode: Mode): readonly Difference[] {
  return compare(expected, received, mode, '');
}

function compare(expected: Literal, received: unknown, mode: Mode, path: string): readonly Difference[] {
  if (isList(expected) && Array.isArray(received))
    return mode === 'exact' || expected.length === received.length
      ? compareItems(expected, received, mode, path)
      : findItems(expected, received, path);
  if (isObject(expected) && isObject(received)) return compareKeys(expected, received, mode, path);
  return sameScalar(expected, received) ? [] : [differ(path, expected, received)];
}

function compareKeys(
  expected: Readonly<Record<string, Literal>>,
  received: Readonly<Record<string, unknown>>,
  mode: Mode,
  path: string,
): readonly Difference[] {
  const found = Object.keys(expected).flatMap((key) =>
    Object.hasOwn(received, key)
      ? compare(expected[key]!, received[key], mode, `${path}${step(key, path)}`)
      : [{ path: `${path}${step(key, path)}`, expected: jsonText(expected[key]), received: undefined }],
  );
  if (mode === 'contains') return found;
  const extra = Object.keys(received).filter((key) => !Object.hasOwn(expected, key));
  return [
    ...found,
    ...extra.map((key) => ({
      path: `${path}${step(key, path)}`,
      expected: undefined,
      received: jsonText(received[key]),
    })),
  ];
}

function compareItems(
  expected: readonly Literal[],
  received: readonly unknown[],
  mode: Mode,
  path: string,
): readonly Difference[] {
  const length = Math.max(expected.length, received.length);
  return Array.from({ length }, (_, index) => index).flatMap((index): readonly Difference[] => {
    const place = `${path}[${index}]`;
    if (index >= received.length)
      return [{ path: place, expected: jsonText(expected[index]), received: undefined }];
    if (index >= expected.length)
      return [{ path: place, expected: undefined, received: jsonText(received[index]) }];
    return compare(expected[index]!, received[index], mode, place);
  });
}

/** The first item that fits each: of all ways to find them in their order this one finds the most. */
function findItems(
  expected: readonly Literal[],
  received: readonly unknown[],
  path: string,
): readonly Difference[] {
  let from = 0;
  for (const item of expected) {
    const at = received.findIndex(
      (other, index) => index >= from && compare(item, other, 'contains', '').length === 0,
    );
    if (at < 0)
      return [{ path: `${path}[${from}…]`, expected: jsonText(item), received: rest(received.slice(from)) }];
    from = at + 1;
  }
  return [];
}

function rest(items: readonly unknown[]): string | undefined {
  return items.length === 0 ? undefined : items.map(jsonText).join(', ');
}

function differ(path: string, expected: Literal, received: unknown): Difference {
  return { path, expected: jsonText(expected), received: jsonText(received) };
}

function sameScalar(expected: Literal, received: unknown): boolean {
  const number = numberText(received);
  switch (typeof expected) {
    case 'number':
      if (number === undefined) return false;
      // A fraction is no more than its double in YAML; an integer is exact.
      return Number.isInteger(expected)
        ? decimal(String(expected)) === decimal(number)
        : Number(number) === expected;
    case 'bigint':
      return number !== undefined && decimal(String(expected)) === decimal(number);
    default:
      return expected === received;
  }
}

function numberText(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return isRaw(value) ? value.rawJSON : undefined;
}

/** One text for all ways to write a number: `1`, `1.00`, `10e-1`. */
function decimal(text: string): string {
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^([+-]?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  if (whole === undefined) return text;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const trimmed = digits.replace(/0+$/, '');
  if (trimmed === '') return '0';
  const power = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - trimmed.length);
  return `${sign === '-' ? '-' : ''}${trimmed}e${power}`;
}

/** JSON on one line, with every digit. */
export function jsonText(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  if (isRaw(value)) return value.rawJSON;
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(jsonText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const entries = Object.entries(value).map(([key, item]) => `${JSON.stringify(key)}: ${jsonText(item)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}

/** `.name`, without its dot at the root; `["odd name"]`. */
function step(key: string, before: string): string {
  if (!/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key)) return `[${JSON.stringify(key)}]`;
  return before === '' ? key : `.${key}`;
}

function isList(value: Literal): value is readonly Literal[] {
  return Array.isArray(value);
}

function isObject<T>(value: T): value is T & Readonly<Record<string, never>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRaw(value);
}

interface Raw {
  readonly rawJSON: string;
}

function isRaw(value: unknown): value is Raw {
  return JSON.isRawJSON(value);
}
