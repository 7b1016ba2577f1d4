/** Reads a value as a type: every value becomes text the database cannot misread, or is refused. Knows no driver. */
import type { Type } from './catalog.ts';
import { isMysqlType } from './mysql-types.ts';
import { readMysqlSet, readMysqlText, requireMysqlJson } from './mysql-value.ts';
import { readBoolean, readDecimal, readInteger, readLabel, readUuid } from './plain-value.ts';
import { refuseNul, ValueError, wrongKind } from './value-error.ts';

export { typeTitle, ValueError } from './value-error.ts';

/**
 * Where a value comes from decides how a string is read.
 * `text`: REST's query string and claims. `json`: GraphQL and YAML, where a string for a json column is a JSON string.
 */
export type Notation = 'text' | 'json';

/**
 * The text of `value` that the database reads as `type`. Pure.
 *
 * @throws {ValueError} 22P02 wrong form or kind, 22003 out of range, 22007 and 22008 no such time, 22021 a character that
 *   cannot be stored
 */
export function readValue(value: unknown, type: Type, notation: Notation): string {
  if (type.family === 'json') return readJson(value, type, notation);
  if (type.family === 'array') {
    if (isMysqlType(type)) return readMysqlSet(typeof value === 'string' ? readText(value) : value, type);
    return typeof value === 'string' ? readText(value) : readArray(value, type, notation);
  }
  const number = numberText(value);
  if (number !== undefined) return readNumberAs(number, type, notation);
  if (typeof value === 'boolean') {
    if (type.family === 'boolean' || notation === 'text') return readText(String(value), type);
    throw wrongKind(value, type);
  }
  if (typeof value === 'string') return readText(value, type);
  // GeoJSON.
  if (isMysqlType(type) && type.scalar === 'geometry') return readText(JSON.stringify(value), type);
  throw wrongKind(value, type);
}

/**
 * The text of one cell of a body, read as PostgreSQL's `json_to_recordset` reads one: a number or a truth value is its text,
 * and a list or an object that is for no such type is its JSON. Pure.
 *
 * @param value what is in the JSON, but for null
 * @throws {ValueError} as `readValue`
 */
export function readCell(value: unknown, type: Type): string {
  if (type.family === 'json') return readJson(value, type, 'json');
  if (type.family === 'array') {
    if (Array.isArray(value) || typeof value === 'string') return readValue(value, type, 'text');
    throw new ValueError('22P02', 'expected JSON array');
  }
  return readText(typeof value === 'string' ? value : (numberText(value) ?? JSON.stringify(value)), type);
}

/** A list of values, each read as `type`; nulls stay. */
export function readList(value: unknown, type: Type, notation: Notation): readonly (string | null)[] {
  if (!Array.isArray(value)) throw new ValueError('22P02', `A list of ${type.scalar} was expected.`);
  return value.map((one) => (one === null ? null : readValue(one, type, notation)));
}

/** The text of a JSON number: of a `number`, a `bigint`, or what `JSON.rawJSON` keeps. */
export function numberText(value: unknown): string | undefined {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : undefined;
  return JSON.isRawJSON(value) ? value.rawJSON : undefined;
}

function readNumberAs(text: string, type: Type, notation: Notation): string {
  if (type.family === 'integer' || type.family === 'decimal' || type.family === 'float')
    return readText(text, type);
  // A claim such as `"sub": 7` is read as a filter's text would be; JSON's own kinds are not mixed.
  if (notation === 'text' || type.family === 'other') return readText(text, type);
  throw new ValueError('22P02', `A number was given where ${type.scalar} is expected.`);
}

function readText(text: string, type?: Type): string {
  if (text.includes('\0'))
    throw new ValueError('22021', 'The text holds a NUL character, which cannot be stored.');
  if (!text.isWellFormed()) throw new ValueError('22021', 'The text is not valid Unicode.');
  if (type !== undefined && isMysqlType(type)) return readMysqlText(text, type);
  switch (type?.family) {
    case 'integer':
      return readInteger(text, type);
    case 'decimal':
      return readDecimal(text, type);
    case 'float':
      return readDecimal(text, type);
    case 'boolean':
      return readBoolean(text, type);
    case 'uuid':
      return readUuid(text, type);
    case 'enum':
      return readLabel(text, type);
    default:
      return text;
  }
}

function readJson(value: unknown, type: Type, notation: Notation): string {
  const text = typeof value === 'string' && notation === 'text' ? requireJson(value) : jsonText(value);
  if (text === undefined) throw new ValueError('22P02', 'The value is not JSON.');
  // Of what came as text, PostgreSQL says so itself.
  if (isMysqlType(type)) requireMysqlJson(text);
  else if (notation === 'json' || typeof value !== 'string') refuseNul(text);
  return text;
}

function requireJson(text: string): string {
  readText(text);
  try {
    JSON.parse(text);
  } catch {
    throw new ValueError('22P02', 'The value is not valid JSON.');
  }
  return text;
}

function jsonText(value: unknown): string {
  return JSON.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? JSON.rawJSON(String(part)) : part,
  );
}

/** `Date.parse` takes the 30th of February for the 1st of March. */
function isDay(text: string): boolean {
  const time = Date.parse(text);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

/** The form `{…}` that the type's input reads; the dialect of the day is asked to bind it as text. */
function readArray(value: unknown, type: Type, notation: Notation): string {
  const element = type.element;
  if (!Array.isArray(value) || element === undefined) throw wrongKind(value, type);
  const items = value.map((one) => {
    if (one === null) return 'NULL';
    if (Array.isArray(one) && element.family !== 'json') return readArray(one, type, notation);
    return `"${readValue(one, element, notation).replace(/["\\]/g, '\\$&')}"`;
  });
  return `{${items.join(',')}}`;
}

/** The database reads dates and times in many forms; claims and policies have the one of ISO 8601. True for other types. */
export function isTemporal(text: string, { family }: Type): boolean {
  switch (family) {
    case 'date':
    case 'timestamp':
      return /^\d{4}-\d\d-\d\d(?:[T ](?:[01]\d|2[0-3]):[0-5]\d|$)/.test(text) && isDay(text.slice(0, 10));
    case 'time':
      return /^(?:[01]\d|2[0-3]):[0-5]\d(?::|$)/.test(text);
    default:
      return true;
  }
}
