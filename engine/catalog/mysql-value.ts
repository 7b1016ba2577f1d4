/**
 * Values for MySQL and MariaDB, whose casts only warn: each becomes the one text that the server reads as it was meant,
 * or is refused as PostgreSQL refuses it. Pure.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { Type } from './catalog.ts';
import { readGeometry } from './geojson.ts';
import { readMysqlTime } from './mysql-time.ts';
import { readBoolean, readDecimal, readInteger, readLabel, readUuid } from './plain-value.ts';
import { outOfRange, refuseNul, unreadable, ValueError, wrongKind } from './value-error.ts';

/**
 * What each family becomes: truth `1` or `0`; bytes `\x` and digits; decimals without an exponent; dates and times as
 * `2020-01-31 10:00:00.5`, a `timestamp` in UTC; `bit` digits; geometry GeoJSON; UUIDs in lower case with hyphens.
 */
export function readMysqlText(text: string, type: Type): string {
  switch (type.family) {
    case 'boolean':
      return readBoolean(text, type) === 'true' ? '1' : '0';
    case 'integer':
      return type.name === 'year' ? readYear(text, type) : readInteger(text, type);
    case 'decimal':
      return readExact(text, type);
    case 'float':
      return readFloat(text, type);
    case 'uuid':
      return hyphened(readUuid(text, type));
    case 'enum':
      return readLabel(text, type);
    case 'date':
    case 'time':
    case 'timestamp':
      return readMysqlTime(text, type);
    case 'binary':
      return readBytes(text, type);
    default:
      return readOther(text, type);
  }
}

function readOther(text: string, type: Type): string {
  if (type.scalar === 'geometry') return readGeometry(text, type);
  if (type.name === 'bit') return readBits(text, type);
  if (type.scalar === 'inet') return readAddress(text, type);
  return text;
}

/** `'0'` in quotes would be the year 2000, and `'70'` 1970. */
function readYear(text: string, type: Type): string {
  const year = readInteger(text, type);
  if (year === '0') return '0000';
  if (Number(year) < 1901 || Number(year) > 2155) throw outOfRange(text, type);
  return year;
}

const mostDigits = 65;
const mostFraction = 30;

/** A number with more digits than DECIMAL has would be cut, and then equal to what it is not. */
function readExact(text: string, type: Type): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^([+-]?)([0-9]*)\.?([0-9]*)(?:[eE]([+-]?[0-9]+))?$/.exec(readDecimal(text, type)) ?? [];
  const digits = whole + fraction;
  if (digits === '') throw outOfRange(text, type);
  const point = whole.length + Number(exponent);
  const padded = digits.padStart(digits.length - Math.min(point, 0), '0');
  const at = Math.max(point, 0);
  const left = padded.slice(0, at).padEnd(at, '0').replace(/^0+/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  const scale = scaleOf(type);
  if (left.length > mostDigits - scale || right.length > scale) throw outOfRange(text, type);
  const number = `${left === '' ? '0' : left}${right === '' ? '' : `.${right}`}`;
  return sign === '-' && number !== '0' ? `-${number}` : number;
}

/** Places behind the point that a comparison keeps: 30, or fewer where the column has more than 35 before it. */
function scaleOf({ modifiers }: Type): number {
  const [precision = 0, scale = 0] = (modifiers.match(/[0-9]+/g) ?? []).map(Number);
  return Math.min(mostFraction, mostDigits - (precision - scale));
}

function readFloat(text: string, type: Type): string {
  const trimmed = readDecimal(text, type);
  const number = type.bits === 32 ? Math.fround(Number(trimmed)) : Number(trimmed);
  // As PostgreSQL does, also of what is so small that nothing is left.
  if (!Number.isFinite(number) || (number === 0 && /[1-9]/.test(trimmed.replace(/[eE].*/, ''))))
    throw outOfRange(text, type);
  return trimmed;
}

function hyphened(uuid: string): string {
  const digits = uuid.replaceAll('-', '').toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** `\x` and hexadecimal digits, or text with `\\` and octal `\000`, as bytea takes both. */
function readBytes(text: string, type: Type): string {
  if (text.startsWith('\\x')) {
    const digits = text.slice(2).replace(/\s/g, '');
    if (!/^(?:[0-9a-f]{2})*$/i.test(digits)) throw unreadable(text, type);
    return `\\x${digits.toLowerCase()}`;
  }
  if (/\\(?!\\|[0-3][0-7]{2})/.test(text.replaceAll('\\\\', ''))) throw unreadable(text, type);
  const parts = text.match(/\\\\|\\[0-3][0-7]{2}|[^\\]+/g) ?? [];
  return `\\x${parts.map((part) => bytesOf(part).toString('hex')).join('')}`;
}

function bytesOf(part: string): Buffer {
  if (part === '\\\\') return Buffer.from('\\');
  return part.startsWith('\\') ? Buffer.of(Number.parseInt(part.slice(1), 8)) : Buffer.from(part);
}

function readBits(text: string, type: Type): string {
  if (!/^[01]+$/.test(text)) throw unreadable(text, type);
  if (text.length > Number(/[0-9]+/.exec(type.modifiers)?.[0] ?? 1)) throw outOfRange(text, type);
  return text;
}

/** An address alone, or as the network of that one address. */
function readAddress(text: string, type: Type): string {
  const [, address = '', bits] = /^\s*([0-9a-f:.]+)(?:\/([0-9]+))?\s*$/i.exec(text) ?? [];
  const is = type.name === 'inet4' ? isIPv4(address) : isIPv6(address);
  if (!is || (bits !== undefined && bits !== (type.name === 'inet4' ? '32' : '128')))
    throw unreadable(text, type);
  return address;
}

/**
 * The labels of a set in their order, with commas between: `a,c`.
 *
 * @param value a list of labels, or the text of one in PostgreSQL's form: `{a,"b c"}`
 */
export function readMysqlSet(value: unknown, type: Type): string {
  const items = typeof value === 'string' ? itemsOf(value) : value;
  const known = type.element?.labels ?? [];
  if (!Array.isArray(items)) throw wrongKind(value, type);
  for (const item of items) {
    if (typeof item !== 'string') throw wrongKind(item, type.element ?? type);
    readLabel(item, type.element ?? type);
  }
  return known.filter((label) => items.includes(label)).join(',');
}

const item = String.raw`(?:"(?:[^"\\]|\\.)*"|[^\s"{},\\][^"{},\\]*)`;
// What is not in quotes has the space behind it, so that no text is read in two ways.
const spaced = item.replace('"|', '"\\s*|');
const list = new RegExp(String.raw`^\s*\{\s*(?:${spaced}(?:,\s*${spaced})*)?\}\s*$`, 's');

function itemsOf(text: string): readonly (string | null)[] {
  if (!list.test(text)) throw new ValueError('22P02', `malformed array literal: "${text.slice(0, 100)}"`);
  return [...text.trim().slice(1, -1).matchAll(new RegExp(item, 'gs'))].map(([found]) => {
    if (found.startsWith('"')) return found.slice(1, -1).replace(/\\(.)/gs, '$1');
    return /^null$/i.test(found.trim()) ? null : found.trim();
  });
}

const mostNested = 100;

/** @throws {ValueError} 22021 what no text may hold, 22P02 nested too deep for these servers */
export function requireMysqlJson(text: string): void {
  refuseNul(text);
  // Written anew, half of a surrogate pair alone is still an escape.
  if (/\\ud[89a-f]/i.test(text) && /(?:^|[^\\])(?:\\\\)*\\ud[89a-f]/i.test(JSON.stringify(JSON.parse(text))))
    throw new ValueError('22021', 'The text is not valid Unicode.');
  let depth = 0;
  for (const [part] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[{\]}]/g)) {
    if (part === '[' || part === '{') depth += 1;
    if (part === ']' || part === '}') depth -= 1;
    if (depth > mostNested)
      throw new ValueError(
        '22P02',
        `The JSON is nested deeper than ${mostNested} levels, which cannot be stored.`,
      );
  }
}
