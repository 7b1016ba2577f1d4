/** Reads a value as a type: every value becomes text the database cannot misread, or is refused. Knows no driver. */
import type { Type } from './catalog.ts';

/** Refused: `code` is a SQLSTATE, `message` names the type and never another row's data. */
export class ValueError extends Error {
  readonly code: keyof typeof hints;
  /** What to send instead, in the caller's words. */
  readonly hint: string;
  constructor(code: ValueError['code'], message: string) {
    super(message);
    this.code = code;
    this.hint = hints[code];
  }
}

const hints = {
  '22P02': "Write the value in the form of the column's type.",
  '22003': "Send a number within the range of the column's type.",
  '22021': 'Leave the character out, or send the data as bytes (\\x…) to a binary column.',
  '22023': 'Double the backslash at the end of the pattern.',
} as const;

/**
 * Where a value comes from decides how a string is read.
 * `text`: REST's query string and claims. `json`: GraphQL and YAML, where a string for a json column is a JSON string.
 */
export type Notation = 'text' | 'json';

/**
 * The text of `value` that the database reads as `type`. Pure.
 *
 * @throws {ValueError} 22P02 wrong form or kind, 22003 out of range, 22021 a character that cannot be stored
 */
export function readValue(value: unknown, type: Type, notation: Notation): string {
  if (type.family === 'json') return readJson(value, notation);
  if (type.family === 'array')
    return typeof value === 'string' ? readText(value) : readArray(value, type, notation);
  const number = numberText(value);
  if (number !== undefined) return readNumberAs(number, type, notation);
  if (typeof value === 'boolean') {
    if (type.family === 'boolean' || notation === 'text') return readText(String(value), type);
    throw wrongKind(value, type);
  }
  if (typeof value === 'string') return readText(value, type);
  throw wrongKind(value, type);
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

function readInteger(text: string, type: Type): string {
  const trimmed = text.trim();
  if (!/^[+-]?[0-9]+$/.test(trimmed)) {
    // 7.0 and 1e3 are integers to JSON.
    const whole =
      trimmed.length <= 40 && /^[+-]?[0-9]+(\.0+)?$/.test(trimmed) ? trimmed.replace(/\.0+$/, '') : undefined;
    if (whole === undefined) throw unreadable(text, type);
    return readInteger(whole, type);
  }
  if (trimmed.length > 1000) throw outOfRange(text, type);
  // A list may have 50,000 of them: what a double holds exactly is read several times faster.
  if (trimmed.length <= 15) {
    const small = Number(trimmed);
    const end = 2 ** ((type.bits ?? 64) - (type.unsigned ? 0 : 1));
    if (small < (type.unsigned ? 0 : -end) || small >= end) throw outOfRange(text, type);
    return String(small);
  }
  const number = BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed);
  const bits = BigInt(type.bits ?? 64);
  const low = type.unsigned ? 0n : -(1n << (bits - 1n));
  const high = type.unsigned ? (1n << bits) - 1n : (1n << (bits - 1n)) - 1n;
  if (number < low || number > high) throw outOfRange(text, type);
  return String(number);
}

function readDecimal(text: string, type: Type): string {
  const trimmed = text.trim();
  const match = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,9}))?$/.exec(trimmed);
  if (match === null) {
    if (/^(?:nan|[+-]?inf(?:inity)?)$/i.test(trimmed)) return trimmed;
    throw unreadable(text, type);
  }
  // Past this exponent a database would build, or refuse, a number of that many digits.
  if (match[1] !== undefined && Math.abs(Number(match[1])) > 1000) throw outOfRange(text, type);
  return trimmed;
}

const truths = new Map([
  ...['t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1'].map((text) => [text, 'true'] as const),
  ...['f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0'].map((text) => [text, 'false'] as const),
]);

function readBoolean(text: string, type: Type): string {
  const truth = truths.get(text.trim().toLowerCase());
  if (truth === undefined) throw unreadable(text, type);
  return truth;
}

function readUuid(text: string, type: Type): string {
  const trimmed = text.trim();
  const bare = trimmed.startsWith('{') && trimmed.endsWith('}') ? trimmed.slice(1, -1) : trimmed;
  if (!/^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i.test(bare)) throw unreadable(text, type);
  return bare;
}

function readLabel(text: string, type: Type): string {
  if (type.labels !== undefined && !type.labels.includes(text)) throw unreadable(text, type);
  return text;
}

function readJson(value: unknown, notation: Notation): string {
  if (typeof value === 'string' && notation === 'text') {
    readText(value);
    try {
      JSON.parse(value);
    } catch {
      throw new ValueError('22P02', 'The value is not valid JSON.');
    }
    return value;
  }
  const text = JSON.stringify(value, (_key, part) =>
    typeof part === 'bigint' ? JSON.rawJSON(String(part)) : part,
  );
  if (text === undefined) throw new ValueError('22P02', 'The value is not JSON.');
  if (text.includes('\\u0000'))
    throw new ValueError('22021', 'The text holds a NUL character, which cannot be stored.');
  return text;
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

function unreadable(text: string, type: Type): ValueError {
  return new ValueError('22P02', `invalid input syntax for type ${typeTitle(type)}: "${shorten(text)}"`);
}

function outOfRange(text: string, type: Type): ValueError {
  return new ValueError('22003', `value "${shorten(text)}" is out of range for type ${typeTitle(type)}`);
}

function wrongKind(value: unknown, type: Type): ValueError {
  const kind =
    value === null
      ? 'null'
      : Array.isArray(value)
        ? 'a list'
        : typeof value === 'object'
          ? 'an object'
          : `a ${typeof value}`;
  return new ValueError(
    '22P02',
    `${kind[0]!.toUpperCase()}${kind.slice(1)} was given where ${typeTitle(type)} is expected.`,
  );
}

const titles: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
};

/** The database reads dates and times in many forms; claims and policies have the one of ISO 8601. True for other types. */
export function isTemporal(text: string, { family }: Type): boolean {
  switch (family) {
    case 'date':
    case 'timestamp':
      return /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d|$)/.test(text) && !Number.isNaN(Date.parse(text.slice(0, 10)));
    case 'time':
      return /^(?:[01]\d|2[0-3]):[0-5]\d(?::|$)/.test(text);
    default:
      return true;
  }
}

/** The type as people write it: `integer` for `int4`. */
export function typeTitle(type: Type): string {
  if (type.family === 'array' && type.element !== undefined) return `${typeTitle(type.element)}[]`;
  return Object.hasOwn(titles, type.name) ? titles[type.name]! : type.name;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
