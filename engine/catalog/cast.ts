/** The types that a caller may have a value given as. Names are those of SQL; whatever is not here cannot be cast to. */
import { builtinType } from './builtin-types.ts';
import type { Type } from './catalog.ts';
import { arrayType, usualArrayName } from './type.ts';

/** Name as callers write it → name of the type. None of them looks names up or runs code of users. */
const names: ReadonlyMap<string, string> = new Map([
  ['text', 'text'],
  ['varchar', 'varchar'],
  ['character varying', 'varchar'],
  ['bool', 'bool'],
  ['boolean', 'bool'],
  ['int2', 'int2'],
  ['smallint', 'int2'],
  ['int', 'int4'],
  ['int4', 'int4'],
  ['integer', 'int4'],
  ['int8', 'int8'],
  ['bigint', 'int8'],
  ['numeric', 'numeric'],
  ['decimal', 'numeric'],
  ['float4', 'float4'],
  ['real', 'float4'],
  ['float', 'float8'],
  ['float8', 'float8'],
  ['double precision', 'float8'],
  ['money', 'money'],
  ['date', 'date'],
  ['time', 'time'],
  ['time without time zone', 'time'],
  ['timetz', 'timetz'],
  ['time with time zone', 'timetz'],
  ['timestamp', 'timestamp'],
  ['timestamp without time zone', 'timestamp'],
  ['timestamptz', 'timestamptz'],
  ['timestamp with time zone', 'timestamptz'],
  ['interval', 'interval'],
  ['uuid', 'uuid'],
  ['json', 'json'],
  ['jsonb', 'jsonb'],
  ['bytea', 'bytea'],
  ['inet', 'inet'],
  ['cidr', 'cidr'],
  ['macaddr', 'macaddr'],
  ['xml', 'xml'],
  ['tsvector', 'tsvector'],
  ['tsquery', 'tsquery'],
]);

/** Undefined: not a type that values may be given as. `text[]` is a list. Pure. */
export function castType(written: string): Type | undefined {
  const text = written.trim().toLowerCase();
  const isList = text.endsWith('[]');
  const name = names.get(isList ? text.slice(0, -2).trimEnd() : text);
  if (name === undefined) return undefined;
  const type = builtinType(name);
  return isList ? arrayType(type.schema, usualArrayName(name), type) : type;
}

/** Names to suggest from. */
export function castNames(): Iterable<string> {
  return names.keys();
}
