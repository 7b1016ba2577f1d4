/** Results → status, headers and body as PostgREST has them. The database's text goes out unparsed. */
import type { WorldTable } from '../api/api.ts';
import type { Called, CallResult, ReadResult, WriteResult } from '../execute/executor.ts';
import { isHeader } from '../problem/headers.ts';
import { Problem } from '../problem/problem.ts';
import { csvLine } from './csv.ts';
import type { ParsedCall, ParsedRead, ParsedWrite } from './parse/draft.ts';
import { appliedPreferences, type PreferenceName } from './parse/preferences.ts';
import type { Answer } from './problem.ts';

type Headers = Record<string, string>;

/**
 * The answer to a read. Pure.
 *
 * @throws {Problem} PGRST103 (416) the offset lies beyond the counted rows, NS404 (404) no row has the key
 */
export function renderRead(parsed: ParsedRead, result: ReadResult, path = ''): Answer {
  const { byKey, next } = parsed;
  const { rows, total, body, last } = result;
  if (byKey && rows === 0) throw noRow();
  const answer = renderRows(parsed, { body, rows, total });
  if (next === undefined || last === undefined) return answer;
  return { ...answer, headers: { ...answer.headers, link: `<${path}?${next(last)}>; rel="next"` } };
}

/** What is told of rows that were read, by themselves or by a function. */
function renderRows(
  { media, preferences, byKey, offset }: ParsedRead | ParsedCall,
  { body, rows, total }: { readonly body: string; readonly rows: number; readonly total: number | undefined },
): Answer {
  const preferred = appliedPreferences(preferences, ['count', 'tx', 'handling', 'timezone']);
  if (total !== undefined && offset !== undefined && offset > total) throw beyond(offset, total, preferred);
  const headers: Headers = {
    'content-type': media.contentType,
    'content-range': contentRange(offset, rows, total),
  };
  applied(headers, preferred);
  const partial = total !== undefined && rows < total && !byKey;
  return { status: partial ? 206 : 200, headers, body };
}

/** A stream that is begun before its end is known; the number of all rows may be. */
export function renderBegun(
  { media, preferences }: ParsedRead,
  total: number | undefined,
): Omit<Answer, 'body'> {
  const headers: Headers = { 'content-type': media.contentType };
  if (total !== undefined) headers['content-range'] = `*/${total}`;
  applied(headers, appliedPreferences(preferences, ['count', 'tx', 'handling', 'timezone']));
  return { status: 200, headers };
}

/**
 * The answer to a call. Pure.
 *
 * @throws {Problem} PGRST103 (416), PGRST111 and PGRST112 (500) headers or a status that are none
 */
export function renderCall(parsed: ParsedCall, result: CallResult): Answer {
  const { body, rows, total } = result;
  const preferred = appliedPreferences(parsed.preferences, ['count', 'tx', 'handling', 'timezone']);
  const nothing: Headers = { 'content-range': '0-0/*' };
  applied(nothing, preferred);
  const answer: Answer =
    body === undefined
      ? { status: 204, headers: nothing, body: undefined }
      : renderRows(parsed, { body, rows, total });
  return {
    ...answer,
    status: result.status === undefined ? answer.status : chosenStatus(result.status),
    headers: { ...answer.headers, ...chosenHeaders(result.headers) },
  };
}

/** Rows of a function in a form of lines. */
export function renderCalledRows(parsed: ParsedCall, { columns, rows }: Called): Answer {
  const body =
    parsed.media.stream === 'csv'
      ? [csvLine(columns), ...rows.map(csvLine)].join('\n')
      : rows.map((row) => `${row[0]}\n`).join('');
  return renderRows(parsed, { body, rows: rows.length, total: undefined });
}

function chosenStatus(text: string): number {
  const status = /^[2-5][0-9]{2}$/.test(text) ? Number(text) : undefined;
  if (status !== undefined) return status;
  throw new Problem('PGRST112', {
    message: 'response.status guc must be a valid status code',
    hint: 'The function sets response.status: use a number from 200 to 599.',
  });
}

/** `[{"name": "value"}, …]`, as PostgREST's functions set them. */
function chosenHeaders(text: string | undefined): Headers {
  if (text === undefined) return {};
  const refused = new Problem('PGRST111', {
    message:
      'response.headers guc must be a JSON array composed of objects with a single key and a string value',
    hint: 'The function sets response.headers: correct it there.',
  });
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    throw refused;
  }
  if (!Array.isArray(list)) throw refused;
  const headers: Headers = Object.create(null);
  for (const one of list as unknown[]) {
    const isObject = typeof one === 'object' && one !== null && !Array.isArray(one);
    const [entry, ...others] = isObject ? Object.entries(one) : [];
    const [name, value] = entry ?? [];
    if (others.length > 0 || name === undefined || !isHeader(name, value)) throw refused;
    // Several of one name become one, which only cookies cannot bear.
    const key = name.toLowerCase();
    headers[key] = headers[key] === undefined ? value : `${headers[key]}, ${value}`;
  }
  return headers;
}

/** `0-19/57`; `*` where there are no rows or nobody knows their place, and for a total that nobody asked for. */
function contentRange(offset: number | undefined, rows: number, total: number | undefined): string {
  const range = rows === 0 || offset === undefined ? '*' : `${offset}-${offset + rows - 1}`;
  return `${range}/${total ?? '*'}`;
}

function beyond(offset: number, total: number, preferred: string | undefined): Problem {
  const headers: Headers = { 'content-range': `*/${total}` };
  applied(headers, preferred);
  return new Problem('PGRST103', {
    message: 'Requested range not satisfiable',
    details: `An offset of ${offset} was requested, but there are only ${total} rows.`,
    hint: 'Ask for a smaller offset.',
    headers,
  });
}

function noRow(): Problem {
  return new Problem('NS404', {
    message: 'No row has this key.',
    hint: 'Check the key at the end of the path.',
  });
}

/**
 * The answer to a write. Pure.
 *
 * @param base path before the table's name, for `Location`: `/bookshop/rest/v1`
 * @throws {Problem} NS404 (404) no row has the key
 */
export function renderWrite(
  parsed: ParsedWrite,
  result: WriteResult,
  table: WorldTable,
  base: string,
): Answer {
  if (parsed.byKey && result.affected === 0) throw noRow();
  const headers: Headers = {};
  if (parsed.verb !== 'put') headers['content-range'] = writtenRange(parsed, result);
  applied(headers, appliedPreferences(parsed.preferences, obeyed(parsed)));
  const location = locationOf(parsed, result, table, base);
  if (location !== undefined) headers.location = location;
  if (parsed.preferences.return !== 'representation')
    return {
      status: parsed.verb === 'insert' ? insertStatus(parsed, result) : 204,
      headers,
      body: undefined,
    };
  headers['content-type'] = parsed.media.contentType;
  return { status: statusOf(parsed, result), headers, body: bodyOf(parsed, result) };
}

function bodyOf({ media }: ParsedWrite, { bodies }: WriteResult): string | undefined {
  const [body] = bodies;
  if (media.stream !== 'csv' || body === undefined) return body;
  return (JSON.parse(body) as (string | null)[][]).map(csvLine).join('\n');
}

/** An update tells which rows of its answer there are; other writes only how many were counted. */
function writtenRange({ verb, preferences }: ParsedWrite, { affected }: WriteResult): string {
  const total = preferences.count === 'exact' ? String(affected) : '*';
  return verb === 'update' && affected > 0 ? `0-${affected - 1}/${total}` : `*/${total}`;
}

function statusOf(parsed: ParsedWrite, result: WriteResult): number {
  const { verb } = parsed;
  switch (verb) {
    case 'insert':
      return insertStatus(parsed, result);
    case 'put':
      return result.inserted === 0 ? 200 : 201;
    case 'update':
    case 'delete':
      return 200;
    default:
      return verb satisfies never;
  }
}

/** 200 when merging found every row there already. */
function insertStatus({ preferences }: ParsedWrite, { inserted }: WriteResult): number {
  return preferences.resolution === 'merge-duplicates' && inserted === 0 ? 200 : 201;
}

function obeyed({ verb, request }: ParsedWrite): readonly PreferenceName[] {
  switch (verb) {
    case 'insert': {
      const upsert = request.kind === 'insert' && request.conflict !== undefined;
      return upsert
        ? ['resolution', 'missing', 'return', 'count', 'tx', 'handling', 'timezone', 'maxAffected']
        : inserting;
    }
    case 'update':
      return inserting;
    case 'put':
    case 'delete':
      return ['return', 'count', 'tx', 'handling', 'timezone', 'maxAffected'];
    default:
      return verb satisfies never;
  }
}

const inserting: readonly PreferenceName[] = [
  'missing',
  'return',
  'count',
  'tx',
  'handling',
  'timezone',
  'maxAffected',
];

function applied(headers: Headers, value: string | undefined): void {
  if (value !== undefined) headers['preference-applied'] = value;
}

/** Where a single new row is, in PostgREST's form: `/rest/v1/books?id=eq.5`. */
function locationOf(
  { verb, preferences }: ParsedWrite,
  { key }: WriteResult,
  { table }: WorldTable,
  base: string,
): string | undefined {
  if (verb !== 'insert' || preferences.return !== 'headers-only' || key === undefined) return undefined;
  const filters = table.key.map(
    (column, index) =>
      `${encodeURIComponent(quoted(column.name))}=eq.${encodeURIComponent(key[index] ?? '')}`,
  );
  return `${base}/${encodeURIComponent(table.rest)}?${filters.join('&')}`;
}

/** A name as a parameter takes it: in quotes when it has signs of the grammar. */
function quoted(name: string): string {
  return /^[\w$]+(?:[ -]+[\w$]+)*$/.test(name) && !reserved.has(name)
    ? name
    : `"${name.replace(/["\\]/g, '\\$&')}"`;
}

const reserved: ReadonlySet<string> = new Set([
  'select', 'columns', 'on_conflict', 'order', 'limit', 'offset', 'and', 'or',
]); // biome-ignore format: a list
