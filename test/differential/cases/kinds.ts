/** Each kind of value selected, cast, ordered, aggregated, looked into, and given to a function and back. */
import { type Case, reads } from '../case.ts';
import { kindTypes } from '../kinds.ts';
import { values } from './operators.ts';
import { written } from './writes.ts';

const columns = Object.keys(kindTypes);
const casts = [
  'text',
  'varchar',
  'int4',
  'int8',
  'numeric',
  'float8',
  'bool',
  'date',
  'timestamptz',
  'json',
  'jsonb',
  'uuid',
];
/** PostgREST 12 takes what a URL gives for a text within JSON; 14 does not. Those cases stand in fourteen.ts. */
const throughJson: ReadonlySet<string> = new Set(['a_json', 'a_jsonb']);
const aggregates = ['count', 'sum', 'avg', 'min', 'max'] as const;

export const kindReadCases: readonly Case[] = columns.flatMap((column) =>
  reads([
    `/kinds?select=id,${column}&order=id`,
    `/kinds?select=id,v:${column}&id=eq.1`,
    `/kinds?select=id&order=${column},id`,
    `/kinds?select=id&order=${column}.desc.nullslast,id`,
    `/kinds?select=${column}->a&id=eq.1`,
    `/kinds?select=${column}->>0&id=eq.1`,
  ]),
);

export const kindCastCases: readonly Case[] = columns.flatMap((column) =>
  reads(casts.map((cast) => `/kinds?select=v:${column}::${cast}&id=eq.1`)),
);

export const kindAggregateCases: readonly Case[] = columns.flatMap((column) =>
  reads([
    ...aggregates.map((aggregate) => `/kinds?select=${column}.${aggregate}()`),
    `/kinds?select=${column},count()&id=lt.3&order=${column}`,
  ]),
);

export const kindCallCases: readonly Case[] = columns.flatMap((column) => [
  ...(throughJson.has(column) ? [] : (values[column] ?? [])).map((value) => ({
    request: `GET /rpc/same_${column}?v=${value.replace(/[%&+]/g, encodeURIComponent)}`,
  })),
  ...[...(written[column] ?? []), null].map((v) => ({ request: `POST /rpc/same_${column}`, json: { v } })),
]);
