/** Whether the value of an expression is the same for every row, as far as its text tells. Pure. */
import type { Token } from '../reader.ts';

/** Of the server itself, immutable or stable; and what looks like a call and is none. */
const steady = new Set([
  'now', 'transaction_timestamp', 'statement_timestamp', 'current_setting', 'current_database', 'current_schema',
  'pg_backend_pid', 'lower', 'upper', 'initcap', 'md5', 'sha256', 'length', 'char_length', 'concat', 'concat_ws',
  'format', 'replace', 'substr', 'substring', 'trim', 'btrim', 'ltrim', 'rtrim', 'overlay', 'position', 'repeat', 'lpad',
  'rpad', 'left', 'right', 'reverse', 'encode', 'decode', 'abs', 'ceil', 'ceiling', 'floor', 'round', 'trunc', 'mod',
  'power', 'sqrt', 'date_trunc', 'date_part', 'extract', 'age', 'make_date', 'make_time', 'make_timestamp',
  'make_timestamptz', 'make_interval', 'timezone', 'to_char', 'to_date', 'to_number', 'to_timestamp', 'to_tsvector',
  'to_tsquery', 'to_json', 'to_jsonb', 'json_build_object', 'json_build_array', 'jsonb_build_object',
  'jsonb_build_array', 'json_object', 'jsonb_object', 'array_append', 'array_cat', 'string_to_array', 'array_fill',
  'int4range', 'int8range', 'numrange', 'daterange', 'tsrange', 'tstzrange', 'point', 'box', 'circle', 'num_nonnulls',
  'coalesce', 'nullif', 'greatest', 'least', 'cast', 'row', 'array', 'in', 'and', 'or', 'not', 'case', 'when', 'then',
  'else', 'between', 'like', 'is', 'current_timestamp', 'localtimestamp', 'current_time', 'localtime', 'varchar',
  'char', 'varying', 'character', 'numeric', 'decimal', 'float', 'bit', 'varbit', 'timestamp', 'timestamptz', 'time',
  'timetz', 'interval', 'bpchar', 'default', 'any', 'some', 'all', 'values', 'over', 'filter', 'from', 'where', 'on',
  'as', 'select', 'using', 'count', 'sum', 'min', 'max', 'avg', 'exists',
]); // biome-ignore format: a list

/** Calls of functions that only the session knows of. */
export const sessionCalls: ReadonlySet<string> = new Set(['set_config', 'pg_sleep']);

/** Whoever writes a function and does not say how it behaves has a volatile one, so one that is not known counts as such. */
export function isSteady(tokens: readonly Token[], also: ReadonlySet<string> = new Set()): boolean {
  return tokens.every((token, index) => {
    if (tokens[index + 1]?.keyword !== '(') return true;
    if (token.kind !== 'word' && token.kind !== 'name') return true;
    if (token.kind === 'name') return false;
    const schema = tokens[index - 1]?.keyword === '.' ? tokens[index - 2]?.keyword : 'pg_catalog';
    return schema === 'pg_catalog' && (steady.has(token.keyword) || also.has(token.keyword));
  });
}
