/** Results → status, headers and body as PostgREST has them. The database's text goes out unparsed. */
import type { WorldTable } from '../api/api.ts';
import type { ReadResult, WriteResult } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import type { ParsedRead, ParsedWrite } from './parse/draft.ts';
import { appliedPreferences, type PreferenceName } from './parse/preferences.ts';
import type { Answer } from './problem.ts';

type Headers = Record<string, string>;

/**
 * The answer to a read. Pure.
 *
 * @throws {Problem} PGRST103 (416) the offset lies beyond the counted rows, NS404 (404) no row has the key
 */
export function renderRead({ media, preferences, byKey, offset }: ParsedRead, result: ReadResult): Answer {
  const { rows, total, body } = result;
  if (byKey && rows === 0) throw noRow();
  const preferred = appliedPreferences(preferences, ['count', 'tx', 'handling']);
  if (total !== undefined && offset > total) throw beyond(offset, total, preferred);
  const headers: Headers = {
    'content-type': media.contentType,
    'content-range': contentRange(offset, rows, total),
  };
  applied(headers, preferred);
  const partial = total !== undefined && rows < total && !byKey;
  return { status: partial ? 206 : 200, headers, body };
}

/** `0-19/57`; `*` where there are no rows, and for a total that nobody asked for. */
function contentRange(offset: number, rows: number, total: number | undefined): string {
  return `${rows === 0 ? '*' : `${offset}-${offset + rows - 1}`}/${total ?? '*'}`;
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
  return { status: statusOf(parsed, result), headers, body: result.bodies[0] };
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
        ? ['resolution', 'missing', 'return', 'count', 'tx', 'handling', 'maxAffected']
        : inserting;
    }
    case 'update':
      return inserting;
    case 'put':
    case 'delete':
      return ['return', 'count', 'tx', 'handling', 'maxAffected'];
    default:
      return verb satisfies never;
  }
}

const inserting: readonly PreferenceName[] = ['missing', 'return', 'count', 'tx', 'handling', 'maxAffected'];

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
