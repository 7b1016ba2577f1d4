/** The GraphQL scalar of a type of a database, as Hasura names it. Pure; which names are free in a schema is not known here. */
import type { Type } from '../catalog/catalog.ts';
import { graphqlName } from './naming.ts';

/** What a scalar takes from a caller: JSON numbers, text, either, or any JSON. */
export type Accepts =
  | 'int'
  | 'float'
  | 'string'
  | 'boolean'
  | 'exactNumber'
  | 'text'
  | 'textOrNumber'
  | 'json';

const builtin: ReadonlyMap<string, { readonly name: string; readonly accepts: Accepts }> = new Map([
  ['int4', { name: 'Int', accepts: 'int' }],
  ['Int', { name: 'Int', accepts: 'int' }],
  ['float4', { name: 'Float', accepts: 'float' }],
  ['Float', { name: 'Float', accepts: 'float' }],
  ['text', { name: 'String', accepts: 'string' }],
  ['varchar', { name: 'String', accepts: 'string' }],
  ['String', { name: 'String', accepts: 'string' }],
  ['bool', { name: 'Boolean', accepts: 'boolean' }],
  ['boolean', { name: 'Boolean', accepts: 'boolean' }],
  ['Boolean', { name: 'Boolean', accepts: 'boolean' }],
]);

/** Database names whose scalar has the name people write in SQL. */
const spelled: ReadonlyMap<string, string> = new Map([
  ['int8', 'bigint'],
  ['int2', 'smallint'],
]);

/** Scalars that GraphQL itself has; a type of a user may not stand for them. */
export const builtinNames: ReadonlySet<string> = new Set(['Int', 'Float', 'String', 'Boolean', 'ID']);

/** The scalar of a column's type; of an array, that of its elements. */
export function scalarOf(type: Type): { readonly name: string; readonly accepts: Accepts } {
  const element = innermost(type);
  const known = builtin.get(element.scalar);
  if (known !== undefined && fits(element, known.accepts)) return known;
  const spelling = spelled.get(element.scalar) ?? element.scalar;
  const name = graphqlName(spelling);
  const safe = builtinNames.has(name) ? graphqlName(`${element.schema}_${spelling}`) : name;
  return { name: safe, accepts: acceptsOf(element) };
}

/** A user's enum named `text` must not be served as `String`. */
function fits(type: Type, accepts: Accepts): boolean {
  switch (accepts) {
    case 'int':
      return type.family === 'integer' && (type.bits ?? 32) <= (type.unsigned ? 31 : 32);
    case 'float':
      return type.family === 'float';
    case 'boolean':
      return type.family === 'boolean';
    default:
      return type.family === 'string';
  }
}

function acceptsOf(type: Type): Accepts {
  switch (type.family) {
    case 'integer':
    case 'decimal':
    case 'float':
      return 'exactNumber';
    case 'boolean':
      return 'boolean';
    case 'json':
      return 'json';
    case 'composite':
    case 'other':
      return 'textOrNumber';
    case 'string':
    case 'uuid':
    case 'date':
    case 'time':
    case 'timestamp':
    case 'interval':
    case 'binary':
    case 'enum':
    case 'range':
    case 'array':
      return 'text';
    default:
      return type.family satisfies never;
  }
}

export function isArray(type: Type): boolean {
  return type.family === 'array';
}

/** Numbers with more digits than JavaScript keeps: strings under `limits.numbers: string`. */
export function isLargeNumber(type: Type): boolean {
  const element = innermost(type);
  if (element.family === 'decimal') return true;
  // An unsigned one of 32 bits has the scalar of larger ones.
  return element.family === 'integer' && ((element.bits ?? 32) > 32 || element.scalar === 'int8');
}

function innermost(type: Type): Type {
  return type.family === 'array' && type.element !== undefined ? innermost(type.element) : type;
}
