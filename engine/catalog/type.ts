/** How types are built from others, and their one-line text: `numeric(10,2)[]`, `public.order_status`, `int unsigned`. */
import { builtinSchema, builtinType } from './builtin-types.ts';
import type { Type } from './catalog.ts';
import { isMysqlType, mysqlTypeText } from './mysql-types.ts';

/** Pure. A domain is represented as what it stands on. */
export function domainType(schema: string, name: string, base: Type): Type {
  const { base: _, ...nature } = base;
  return { ...nature, schema, name, modifiers: '', base };
}

/** Pure. Modifiers belong to the elements. */
export function arrayType(schema: string, name: string, element: Type): Type {
  return { schema, name, modifiers: '', family: 'array', scalar: element.scalar, element };
}

/** The name a database gives to the array of a type, unless that name is taken. */
export function usualArrayName(element: string): string {
  const bytes = Buffer.from(`_${element}`);
  if (bytes.length <= 63) return bytes.toString();
  // Cut before a character that does not fit whole.
  let end = 63;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}

/** Schema and name as one text; the system's own types go without the schema. Pure. */
export function typeName({ schema, name }: Pick<Type, 'schema' | 'name'>): string {
  return schema === builtinSchema ? quoted(name) : `${quoted(schema)}.${quoted(name)}`;
}

export function typeText(type: Type): string {
  if (isMysqlType(type)) return mysqlTypeText(type);
  if (type.element !== undefined && type.base === undefined) return `${typeText(type.element)}[]`;
  return `${typeName(type)}${type.modifiers}`;
}

/** What tells one overload of a function from the others: `int8, public.order_status[]`. Pure. */
export function signature(args: readonly { readonly type: Type }[]): string {
  return args.map(({ type }) => typeText(type)).join(', ');
}

/** True when its text alone says all. */
export function isBuiltin(type: Type): boolean {
  if (isMysqlType(type)) return true;
  if (type.schema !== builtinSchema || type.base !== undefined || type.element !== undefined) return false;
  const usual = builtinType(type.name);
  return (
    type.labels === undefined &&
    type.family === usual.family &&
    type.scalar === usual.scalar &&
    type.bits === usual.bits &&
    type.unsigned === usual.unsigned &&
    type.verbatim === usual.verbatim
  );
}

export interface TypeReference {
  readonly schema: string;
  readonly name: string;
  readonly modifiers: string;
  readonly array: boolean;
}

const identifier = String.raw`([\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")+")`;
const reference = new RegExp(String.raw`^${identifier}(?:\.${identifier})?(\([^()]*\))?(\[\])?$`, 'u');

/** The inverse of `typeText`, one level deep. Undefined for what is no type. */
export function parseTypeText(text: string): TypeReference | undefined {
  const match = reference.exec(text);
  if (!match) return undefined;
  const [, first, second, modifiers, brackets] = match;
  return {
    schema: second === undefined ? builtinSchema : unquoted(first!),
    name: unquoted(second ?? first!),
    modifiers: modifiers ?? '',
    array: brackets !== undefined,
  };
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
