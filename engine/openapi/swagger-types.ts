/** Types and defaults in the words of PostgREST's Swagger 2.0: `character varying`, `public.order_status[]`. */
import type { Column } from '../api/api.ts';
import { builtinSchema } from '../catalog/builtin-types.ts';
import type { Type } from '../catalog/catalog.ts';
import { isMysqlType } from '../catalog/mysql-types.ts';
import { typeName } from '../catalog/type.ts';
import type { Schema } from './schemas.ts';

/** True for the row type of a relation of which the role does not know. */
export type HidesType = (type: Type) => boolean;

/** Names of the SQL standard, which PostgREST prints, by those of the catalog. */
const standardNames: ReadonlyMap<string, string> = new Map([
  ['bool', 'boolean'],
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['bpchar', 'character'],
  ['varchar', 'character varying'],
  ['varbit', 'bit varying'],
  ['time', 'time without time zone'],
  ['timetz', 'time with time zone'],
  ['timestamp', 'timestamp without time zone'],
  ['timestamptz', 'timestamp with time zone'],
  // Bare, it would be the standard's `character`.
  ['char', '"char"'],
]);

/** Of a column: a domain is what it stands on, and types of users have their schema. */
export function columnFormat(type: Type, hides: HidesType): string {
  return format(underDomains(type), (one) => (hides(one) ? 'record' : typeName(one)));
}

/** Of an argument: domains by their own name, and what is in `public` without the schema. */
export function argumentFormat(type: Type, hides: HidesType): string {
  return format(type, (one) => {
    if (hides(one)) return 'record';
    const name = typeName(one);
    return one.schema === 'public' ? name.slice('public.'.length) : name;
  });
}

export function underDomains(type: Type): Type {
  return type.base === undefined ? type : underDomains(type.base);
}

function format(type: Type, nameOf: (type: Type) => string): string {
  if (type.element !== undefined && type.base === undefined) return `${format(type.element, nameOf)}[]`;
  // What the API calls them, as everywhere in it; an enum has no other name.
  if (isMysqlType(type)) return standardNames.get(type.scalar) ?? type.scalar;
  return (type.schema === builtinSchema && standardNames.get(type.name)) || nameOf(type);
}

/** The `type` of JSON that a value has, and `items` of an array. JSON itself may be anything. */
export function jsonType(type: Type): Schema {
  switch (type.family) {
    case 'json':
      return {};
    case 'boolean':
      return { type: 'boolean' };
    case 'integer':
      return { type: 'integer' };
    case 'decimal':
    case 'float':
      return { type: 'number' };
    case 'array':
      return { type: 'array', items: type.element === undefined ? {} : jsonType(type.element) };
    default:
      return { type: 'string' };
  }
}

const sized: ReadonlySet<string> = new Set(['varchar', 'bpchar', 'bit', 'varbit']);

/** `varchar(20)` and `bit(3)` say how long a value may be. */
export function maxLength(type: Type): Schema {
  const bare = underDomains(type);
  const { modifiers } = bare;
  const match = sized.has(isMysqlType(bare) ? bare.scalar : bare.name)
    ? /^\((\d{1,9})\)$/.exec(modifiers)
    : null;
  return match === null ? {} : { maxLength: Number(match[1]) };
}

/** `'it''s'` → `it's`: where a backslash is one only when it is doubled. */
function mysqlConstantIn(text: string): string | undefined {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return text;
  const quoted = /^'((?:[^'\\]|''|\\.)*)'$/s.exec(text)?.[1];
  return quoted?.replace(/''|\\(.)/gs, (_, escaped: string | undefined) => escaped ?? "'");
}

/** Calls that every reader of a form understands. Others may name what the role does not see. */
const calls =
  /^(?:(?:now|clock_timestamp|statement_timestamp|transaction_timestamp|gen_random_uuid|uuidv4|uuidv7|uuid_generate_v4)\(\)|CURRENT_(?:DATE|TIME|TIMESTAMP)|(?:current_timestamp|uuid)\(\)|LOCALTIME|LOCALTIMESTAMP)$/;

/** The default where it is a constant, or a call that all databases know. */
export function defaultOf({ type, source }: Column): Schema {
  const text = source.default;
  if (text === null) return {};
  const { type: kind } = jsonType(type);
  const constant = isMysqlType(type) ? mysqlConstantIn(text) : constantIn(text);
  switch (kind) {
    case 'boolean':
      if (isMysqlType(type)) return constant === '0' || constant === '1' ? { default: constant === '1' } : {};
      return constant === 'true' || constant === 'false' ? { default: constant === 'true' } : {};
    case 'integer':
    case 'number': {
      const number = Number(constant ?? Number.NaN);
      const exact = Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number);
      return constant !== '' && exact ? { default: number } : {};
    }
    case 'string': {
      const value = constant ?? (calls.test(text) ? text : undefined);
      return value === undefined ? {} : { default: value };
    }
    default:
      return {};
  }
}

/** `'it''s'::text` → `it's`, `1.50` → `1.50`; undefined for an expression. */
function constantIn(text: string): string | undefined {
  if (/^(?:-?\d+(?:\.\d+)?|true|false)$/.test(text)) return text;
  const match = /^(?:\((-?\d+(?:\.\d+)?)\)|(E?)'((?:[^']|'')*)')(?:::[\w\s".,()[\]]+)?$/.exec(text);
  if (match === null) return undefined;
  const [, number, escaped, quoted] = match;
  if (number !== undefined) return number;
  const value = quoted!.replaceAll("''", "'");
  return escaped === 'E' ? value.replaceAll('\\\\', '\\') : value;
}
