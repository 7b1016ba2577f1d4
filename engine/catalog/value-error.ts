/** Why a value cannot be read as a type, worded as PostgreSQL words it. Pure. */
import type { Type } from './catalog.ts';
import { isMysqlType } from './mysql-types.ts';

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
  '22007': 'Write dates and times as ISO 8601 does: 2020-01-31T10:00:00Z.',
  '22008': 'Send a day and a time that there are.',
  '22021': 'Leave the character out, or send the data as bytes (\\x…) to a binary column.',
  '22023': 'Double the backslash at the end of the pattern.',
} as const;

export function unreadable(text: string, type: Type): ValueError {
  return new ValueError('22P02', `invalid input syntax for type ${typeTitle(type)}: "${shorten(text)}"`);
}

export function outOfRange(text: string, type: Type): ValueError {
  return new ValueError('22003', `value "${shorten(text)}" is out of range for type ${typeTitle(type)}`);
}

/** No date or time at all. */
export function noTime(text: string, type: Type): ValueError {
  return new ValueError('22007', `invalid input syntax for type ${typeTitle(type)}: "${shorten(text)}"`);
}

/** In the form of one, such as the 30th of February. */
export function noSuchTime(text: string): ValueError {
  return new ValueError('22008', `date/time field value out of range: "${shorten(text)}"`);
}

export function wrongKind(value: unknown, type: Type): ValueError {
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

/** JSON text: `\\\\u0000` may also be an escaped backslash before `u0000`. */
export function refuseNul(json: string): void {
  if (json.includes('\\u0000') && /(?:^|[^\\])(?:\\\\)*\\u0000/.test(json))
    throw new ValueError('22021', 'The text holds a NUL character, which cannot be stored.');
}

const titles: Readonly<Record<string, string>> = {
  int2: 'smallint',
  int4: 'integer',
  int8: 'bigint',
  float4: 'real',
  float8: 'double precision',
  bool: 'boolean',
};

/** Types of MySQL that are no type of PostgreSQL by another name. */
const ownTitles: ReadonlySet<string> = new Set(['tinyint', 'mediumint', 'year', 'enum', 'set', 'bit']);

/** The type as people write it: `integer` for `int4`. */
export function typeTitle(type: Type): string {
  if (isMysqlType(type)) return mysqlTitle(type);
  if (type.family === 'array' && type.element !== undefined) return `${typeTitle(type.element)}[]`;
  return titleOf(type.name);
}

function mysqlTitle({ name, family, scalar, unsigned }: Type): string {
  if (family === 'integer' && (unsigned || ownTitles.has(name)))
    return `${name}${unsigned ? ' unsigned' : ''}`;
  return ownTitles.has(name) && family !== 'boolean' ? name : titleOf(scalar);
}

function titleOf(name: string): string {
  return Object.hasOwn(titles, name) ? titles[name]! : name;
}

function shorten(text: string): string {
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
