/** `Accept` and `Content-Type` → the form of the answer and of the body. */
import { Problem } from '../../problem/problem.ts';
import type { BodyType } from '../../query/overload.ts';
import { shorten } from './cursor.ts';

/** `list`: an array of rows; `object`: one row, or 406. */
export interface Media {
  readonly shape: 'list' | 'object';
  readonly contentType: string;
  readonly stripNulls?: boolean;
  readonly stream?: 'ndjson' | 'csv';
  readonly geojson?: boolean;
}

function media(type: string, shape: Media['shape'], form: Omit<Media, 'shape' | 'contentType'> = {}): Media {
  return Object.freeze({ shape, contentType: `${type}; charset=utf-8`, ...form });
}

const json = media('application/json', 'list');
const object = media('application/vnd.pgrst.object+json', 'object');
const strippedObject = media('application/vnd.pgrst.object+json;nulls=stripped', 'object', {
  stripNulls: true,
});
const strippedArray = media('application/vnd.pgrst.array+json;nulls=stripped', 'list', { stripNulls: true });
const csv = media('text/csv', 'list', { stream: 'csv' });
const ndjson = media('application/x-ndjson', 'list', { stream: 'ndjson' });
const geojson = media('application/geo+json', 'list', { geojson: true });

const served: ReadonlyMap<string, Media> = new Map([
  ['application/json', json],
  ['application/vnd.pgrst.object+json', object],
  ['application/vnd.pgrst.object', object],
  ['application/vnd.pgrst.array+json', json],
  ['application/vnd.pgrst.array', json],
  ['text/csv', csv],
  ['application/x-ndjson', ndjson],
  ['application/ndjson', ndjson],
  ['application/geo+json', geojson],
  ['*/*', json],
  ['application/*', json],
  ['text/*', csv],
]);

/** What a form is with `nulls=stripped`. */
const stripped: ReadonlyMap<Media, Media> = new Map([
  [object, strippedObject],
  [json, strippedArray],
]);

const plan = 'application/vnd.pgrst.plan';

/**
 * The form that the caller likes best among those served. Pure.
 *
 * @throws {Problem} PGRST107 (406) none is served
 */
export function parseAccept(header: string | undefined): Media {
  if (header === undefined || header === '') return json;
  const whole = served.get(header);
  if (whole !== undefined) return whole;
  let best: Media | undefined;
  let bestQuality = 0;
  for (const part of header.split(',')) {
    const { type, parameters } = splitType(part);
    const found = served.get(type);
    if (found === undefined) continue;
    const form = parameters.includes('nulls=stripped') ? (stripped.get(found) ?? found) : found;
    const quality = readQuality(parameters);
    if (quality > bestQuality) {
      best = form;
      bestQuality = quality;
    }
  }
  if (best !== undefined) return best;
  throw new Problem('PGRST107', {
    status: 406,
    message: `None of these media types are available: ${shorten(header)}`,
    hint: header.includes(plan)
      ? 'Plans of queries (explain) are not given to callers: they tell of rows that a role may not see. Ask the database itself.'
      : 'Accept application/json, application/vnd.pgrst.object+json, text/csv, application/x-ndjson or application/geo+json.',
  });
}

function splitType(text: string): { readonly type: string; readonly parameters: readonly string[] } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  return { type, parameters };
}

function readQuality(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  if (quality === undefined) return 1;
  const number = Number(quality.slice(2));
  return number >= 0 && number <= 1 ? number : 0;
}

/** What a body of rows is. */
export type RowsType = 'json' | 'csv' | 'form';

const jsonTypes: readonly string[] = [
  'application/json',
  'application/vnd.pgrst.object+json',
  'application/vnd.pgrst.object',
  'application/vnd.pgrst.array+json',
  'application/vnd.pgrst.array',
];

/**
 * What the body of a write is. No header means JSON. Pure.
 *
 * @throws {Problem} PGRST107 (415) neither JSON nor CSV, or not in UTF-8
 */
export function rowsType(header: string | undefined): RowsType {
  if (header === undefined || header === 'application/json') return 'json';
  const { type, isUtf8 } = readType(header);
  if (isUtf8 && jsonTypes.includes(type)) return 'json';
  if (isUtf8 && type === 'text/csv') return 'csv';
  if (isUtf8 && type === 'application/x-www-form-urlencoded') return 'form';
  throw notAcceptable(header, 'Send application/json, text/csv or a form, in UTF-8.');
}

/** `form`: arguments as a browser's form sends them; `csv`: as one line under their names. */
export type CallBody = BodyType | 'form' | 'csv';

const callTypes: ReadonlyMap<string, CallBody> = new Map<string, CallBody>([
  ...jsonTypes.map((type) => [type, 'json'] as const),
  ['text/plain', 'text'],
  ['text/xml', 'xml'],
  ['application/octet-stream', 'binary'],
  ['text/csv', 'csv'],
  ['application/x-www-form-urlencoded', 'form'],
]);

/**
 * What the body of a call is. No header means JSON. Pure.
 *
 * @throws {Problem} PGRST107 (415)
 */
export function callType(header: string | undefined): CallBody {
  if (header === undefined) return 'json';
  const { type, isUtf8 } = readType(header);
  const found = callTypes.get(type);
  if (found !== undefined && (isUtf8 || found === 'binary')) return found;
  throw notAcceptable(
    header,
    'Send application/json, application/x-www-form-urlencoded, text/plain, text/xml or application/octet-stream.',
  );
}

function readType(header: string): { readonly type: string; readonly isUtf8: boolean } {
  const { type, parameters } = splitType(header);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const isUtf8 = charset === undefined || charset.replaceAll('"', '') === 'utf-8' || charset === 'utf8';
  return { type, isUtf8 };
}

function notAcceptable(header: string, hint: string): Problem {
  return new Problem('PGRST107', {
    status: 415,
    message: `Content-Type not acceptable: ${shorten(header)}`,
    hint,
  });
}
