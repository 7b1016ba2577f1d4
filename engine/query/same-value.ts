/** Whether a value of a body and the text of a URL are one value of a column's type: `1.0` and `1`, uuids in any case. */
import type { Type } from '../catalog/catalog.ts';
import { numberText, readValue, ValueError } from '../catalog/value.ts';

/**
 * Compares as the type does where its texts can be told apart without the database, else by text. Null is no value. Pure.
 *
 * @param value JSON of a body, exact numbers as `JSON.rawJSON`
 * @param text  as it stands in a URL
 */
export function isSameValue(value: unknown, text: string, type: Type): boolean {
  if (value === null || value === undefined) return false;
  try {
    const base = type.base ?? type;
    const given = readValue(value, base, base.family === 'json' ? 'json' : 'text');
    return given === text || canonical(given, base) === canonical(readValue(text, base, 'text'), base);
  } catch (error) {
    if (error instanceof ValueError) return plainText(value) === text;
    throw error;
  }
}

/** Lists and objects have none. */
function plainText(value: unknown): string | undefined {
  return typeof value === 'object' ? numberText(value) : String(value);
}

/** One text for each value of the type. */
function canonical(text: string, type: Type): string {
  switch (type.family) {
    case 'uuid':
      return text.replaceAll('-', '').toLowerCase();
    case 'float':
      return String(Number(text));
    case 'decimal':
      return canonicalDecimal(text);
    default:
      return text;
  }
}

/** `+01.50e1` → `15e0`: digits without zeros at either end, and the power of ten of the last. */
function canonicalDecimal(text: string): string {
  const match = /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(text);
  if (match === null) return text.toLowerCase();
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  while (end > 0 && digits[end - 1] === '0') end -= 1;
  if (end === 0) return '0';
  const power = Number(exponent) - fraction.length + digits.length - end;
  return `${sign === '-' ? '-' : ''}${digits.slice(0, end)}e${power}`;
}
