/** What answers carry, for all tables alike: the forms of rows, headers, and responses without rows. */
import type { Column } from '../api/api.ts';
import type { Schema } from './schemas.ts';

const text: Schema = { type: 'string' };

/** By the key they have under `components.headers`. */
export const sharedHeaders = {
  'Content-Range': { description: 'Rows of the answer / rows that match: `0-19/57`.', schema: text },
  Link: { description: 'The next page: `<…after=…>; rel="next"`. Not sent with the last one.', schema: text },
  ETag: { description: 'Names this answer, for If-None-Match and If-Match.', schema: text },
} as const satisfies { readonly [name: string]: Schema };

/** By the key they have under `components.responses`. */
export const sharedResponses = {
  Problem: {
    description: 'The request was refused.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
  NotModified: {
    description: 'The answer that If-None-Match names still holds.',
    headers: { ETag: { $ref: '#/components/headers/ETag' } },
  },
  PreconditionFailed: {
    description: 'The rows are not those that If-Match names. Nothing was written.',
    content: { 'application/json': { schema: { $ref: '#/components/schemas/Problem' } } },
  },
} as const satisfies { readonly [name: string]: Schema };

export function sharedResponse(name: keyof typeof sharedResponses): Schema {
  return { $ref: `#/components/responses/${name}` };
}

export function headersOf(...names: readonly (keyof typeof sharedHeaders)[]): Schema {
  return Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));
}

/** Rows that were read, in the forms that `Accept` can name. */
export function rowsContent(row: Schema, columns: Iterable<Column>): Schema {
  return {
    ...writtenContent(row),
    'application/x-ndjson': { schema: { ...text, description: 'One row a line, streamed.' } },
    ...(hasGeometry(columns) && { 'application/geo+json': { schema: featureCollection } }),
  };
}

/** Rows that were written, for `Prefer: return=representation`. */
export function writtenContent(row: Schema): Schema {
  return {
    'application/json': { schema: { type: 'array', items: row } },
    'application/vnd.pgrst.object+json': { schema: row },
    'text/csv': { schema: { ...text, description: 'Names of columns, then one line a row.' } },
  };
}

export function objectContent(row: Schema): Schema {
  return { 'application/json': { schema: row }, 'application/vnd.pgrst.object+json': { schema: row } };
}

function hasGeometry(columns: Iterable<Column>): boolean {
  return [...columns].some(
    ({ type: { family, scalar } }) => family !== 'array' && (scalar === 'geometry' || scalar === 'geography'),
  );
}

const featureCollection: Schema = {
  type: 'object',
  description: 'RFC 7946: a feature for each row.',
  properties: {
    type: { type: 'string', const: 'FeatureCollection' },
    features: { type: 'array', items: { type: 'object' } },
  },
  required: ['type', 'features'],
};
