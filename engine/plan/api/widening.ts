/** Whether each value of one type is a value of another, and looks the same in JSON. Across engines too. Pure. */
import { builtinSchema } from '../../catalog/builtin-types.ts';
import type { Type } from '../../catalog/catalog.ts';
import { isMysqlType } from '../../catalog/mysql-types.ts';

/** Also true of a type and itself. */
export function widens(a: Type, b: Type): boolean {
  // What a domain takes is known to its checks alone.
  if (b.base !== undefined) return a.base !== undefined && isNamedAlike(a, b) && widens(a.base, b.base);
  if (a.base !== undefined) return widens(a.base, b);
  if (a.element !== undefined || b.element !== undefined)
    return a.element !== undefined && b.element !== undefined && widens(a.element, b.element);
  if (a.lookup !== b.lookup) return false;
  if (a.family !== b.family) return becomesNumber(a, b);
  switch (a.family) {
    case 'integer':
      return holdsIntegers(a, b);
    case 'decimal':
      return holdsDecimals(a, b);
    case 'float':
      return (a.bits ?? 64) === (b.bits ?? 64);
    case 'string':
      return isPadded(a) === isPadded(b) && (isWritten(a, b) || mostCharacters(a) <= leastCharacters(b));
    case 'time':
    case 'timestamp':
    case 'interval':
      return a.scalar === b.scalar && precisionOf(a) <= precisionOf(b);
    case 'binary':
      return mostBytes(a) <= mostBytes(b) && isFixed(a) === isFixed(b);
    case 'enum':
      return (a.labels ?? []).every((label) => b.labels?.includes(label) === true);
    case 'json':
      return (a.verbatim ?? false) === (b.verbatim ?? false);
    case 'boolean':
    case 'uuid':
    case 'date':
      return true;
    case 'array':
    case 'range':
    case 'composite':
    case 'other':
      return isWritten(a, b);
    default:
      return a.family satisfies never;
  }
}

function isNamedAlike(a: Type, b: Type): boolean {
  return a.schema === b.schema && a.name === b.name;
}

/** The same text in SQL. */
function isWritten(a: Type, b: Type): boolean {
  return isNamedAlike(a, b) && a.modifiers === b.modifiers;
}

/** A whole number is written alike whether a fraction may follow or not; one with more digits than a double keeps is not. */
function becomesNumber(a: Type, b: Type): boolean {
  if (a.family !== 'integer') return false;
  if (b.family === 'decimal') return digitsOf(a) <= wholeDigits(b) && isSigned(a, b);
  return b.family === 'float' && (b.bits ?? 64) === 64 && (a.bits ?? 64) <= 32;
}

function digitsOf({ bits = 64 }: Type): number {
  return Math.ceil(bits * Math.log10(2));
}

function isSigned(a: Type, b: Type): boolean {
  return b.unsigned !== true || a.unsigned === true;
}

function holdsIntegers(a: Type, b: Type): boolean {
  // A year is a number of four digits.
  if ((a.name === 'year') !== (b.name === 'year')) return false;
  const [had, has] = [a.bits ?? 64, b.bits ?? 64];
  if ((a.unsigned ?? false) === (b.unsigned ?? false)) return had <= has;
  return a.unsigned === true && had < has;
}

/** More digits on either side of the point: a number is the same with zeros behind it. */
function holdsDecimals(a: Type, b: Type): boolean {
  return isSigned(a, b) && wholeDigits(a) <= wholeDigits(b) && scaleOf(a) <= scaleOf(b);
}

function wholeDigits(type: Type): number {
  const [precision, scale] = decimalOf(type);
  return precision - scale;
}

function scaleOf(type: Type): number {
  const [precision, scale] = decimalOf(type);
  return precision === Number.POSITIVE_INFINITY ? precision : scale;
}

function decimalOf(type: Type): readonly [precision: number, scale: number] {
  const [, precision, scale = '0'] = /^\((\d+)(?:,\s*(-?\d+))?\)$/.exec(type.modifiers) ?? [];
  if (precision !== undefined) return [Number(precision), Number(scale)];
  return isMysqlType(type) ? [10, 0] : [Number.POSITIVE_INFINITY, 0];
}

function precisionOf({ modifiers, schema }: Type): number {
  const [, digits] = /\((\d+)\)/.exec(modifiers) ?? [];
  return digits === undefined ? (schema === builtinSchema ? 6 : 0) : Number(digits);
}

/** Bytes of texts and of binary values of MySQL and MariaDB without a length. */
const bytesOf: ReadonlyMap<string, number> = new Map([
  ['tinytext', 255],
  ['text', 65_535],
  ['mediumtext', 16_777_215],
  ['longtext', 4_294_967_295],
  ['tinyblob', 255],
  ['blob', 65_535],
  ['mediumblob', 16_777_215],
  ['longblob', 4_294_967_295],
]);

function isPadded({ name }: Type): boolean {
  return name === 'char' || name === 'bpchar';
}

function isFixed({ name }: Type): boolean {
  return name === 'binary' || name === 'vector';
}

function lengthOf({ modifiers }: Type): number {
  const [, length] = /^\((\d+)\)$/.exec(modifiers) ?? [];
  return length === undefined ? Number.POSITIVE_INFINITY : Number(length);
}

function mostCharacters(type: Type): number {
  if (!isMysqlType(type)) return lengthOf(type);
  return bytesOf.get(type.name) ?? lengthOf(type);
}

/** A character takes one to four bytes. */
function leastCharacters(type: Type): number {
  const bytes = isMysqlType(type) ? bytesOf.get(type.name) : undefined;
  if (bytes === undefined) return mostCharacters(type);
  return type.name === 'longtext' ? Number.POSITIVE_INFINITY : Math.floor(bytes / 4);
}

function mostBytes(type: Type): number {
  return isMysqlType(type) ? (bytesOf.get(type.name) ?? lengthOf(type)) : Number.POSITIVE_INFINITY;
}
