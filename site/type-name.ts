/** Types and defaults of columns as people write them in SQL. Pure. */
import type { Type } from '../engine/index.ts';
import type { Sight } from './sight.ts';

const friendly: ReadonlyMap<string, string> = new Map([
  ['int2', 'smallint'],
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['bool', 'boolean'],
  ['bpchar', 'char'],
]);

/** The type as SQL writes it; `record` for the rows of a table that the role may not read. */
export function typeName(type: Type, sight: Pick<Sight, 'names'>): string {
  // A set of labels is a list, and no array of another type.
  if (type.element !== undefined && type.name !== 'set') return `${typeName(type.element, sight)}[]`;
  if (type.family === 'composite' && !sight.names(type)) return 'record';
  const name = type.schema === 'pg_catalog' ? (friendly.get(type.name) ?? type.name) : type.name;
  return `${name}${type.modifiers}${type.unsigned === true && name !== 'oid' ? ' unsigned' : ''}`;
}

/** `sql`: the default itself. `computed`: the database makes it, in a way that may name what the role does not see. */
export type Default = { readonly kind: 'sql'; readonly text: string } | { readonly kind: 'computed' };

const constant = /^(?:'(?:[^']|'')*'|[+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?|true|false)$/i;
const wellKnown =
  /^(?:now\(\)|(?:current_timestamp|localtimestamp)(?:\(\d*\))?|current_date|(?:gen_random_)?uuid\(\)|uuidv[47]\(\))$/i;

/** Null: there is none. Postgres prints `'placed'::order_status`; the type stands beside it already. */
export function defaultOf(sql: string | null): Default | null {
  if (sql === null) return null;
  const bare = sql.replace(/^(.*?)::[\w ".[\](),]+$/s, '$1').replace(/^\((-?[\d.]+)\)$/, '$1');
  if (/^null$/i.test(bare)) return null;
  return constant.test(bare) || wellKnown.test(bare) ? { kind: 'sql', text: bare } : { kind: 'computed' };
}
