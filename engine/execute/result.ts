/** Rows of compiled statements → results; the assertions of a program, whose failure undoes it. */
import type { Api } from '../api/api.ts';
import type { Principal } from '../auth/principal.ts';
import type { CompiledCall, CompiledRead, CompiledWrite } from '../dialect/program.ts';
import { Problem } from '../problem/problem.ts';
import { parseJson } from '../query/json.ts';
import { checkFailed, denied } from '../query/refusal.ts';
import type { AnyRead, CallRequest, WriteRequest } from '../query/request.ts';

export interface ReadResult {
  /** JSON text as the database built it: an array, an object, or `null`. */
  readonly body: string;
  readonly rows: number;
  /** All rows that match, whatever the page, when they were counted or estimated. */
  readonly total: number | undefined;
  /** The last row's values of the order's columns, when it was asked for and there may be rows behind it. */
  readonly last: readonly (string | null)[] | undefined;
}

export interface CallResult {
  /** Undefined: the function gives nothing (`void`). */
  readonly body: string | undefined;
  readonly rows: number;
  readonly total: number | undefined;
  /** HTTP status that the function asked for. */
  readonly status: string | undefined;
  /** Headers that the function asked for: a JSON list of objects. */
  readonly headers: string | undefined;
}

export interface WriteResult {
  /** Rows written, whether or not the caller may read them. */
  readonly affected: number;
  /** Of an upsert: rows that did not exist before. Undefined where the statement does not tell. */
  readonly inserted?: number;
  /** One JSON text for each entry of `returning`. */
  readonly bodies: readonly string[];
  /** Rows in the first representation. */
  readonly rows: number;
  /** Key values (text, in key order) of a single inserted row, when the caller may read them: REST's `Location`. */
  readonly key: readonly string[] | undefined;
  /** For each entry of the request's `yields`, the values in each written row, in the order of the body. */
  readonly yielded?: readonly (readonly (readonly unknown[])[])[];
}

export type Row = readonly (string | null)[];

export function readResult(answer: readonly Row[], request: AnyRead, compiled: CompiledRead): ReadResult {
  const row = wholeRow(answer, compiled);
  const rows = Number(row?.[1]);
  if (request.kind === 'read' && request.shape === 'object' && rows !== 1) throw notSingular(rows);
  const last = compiled.tellsLast ? row?.[compiled.counts ? 3 : 2] : undefined;
  const isFull = compiled.limit !== undefined && rows > 0 && rows >= compiled.limit;
  return {
    body: row?.[0] ?? 'null',
    rows,
    total: compiled.counts ? Number(row?.[2]) : undefined,
    last: last != null && isFull ? (JSON.parse(last) as (string | null)[]) : undefined,
  };
}

/** The one row of a read, whether or not its rows came one by one. */
export function wholeRow(rows: readonly Row[], { listed, tellsLast }: CompiledRead): Row | undefined {
  if (listed === undefined) return rows[0];
  const items = rows.map(([item]) => item!);
  const one = items.length === 1 ? items[0]! : 'null';
  const body = listed === 'list' ? `[${items.join(',')}]` : one;
  return [body, String(items.length), ...(tellsLast ? [rows.at(-1)?.[1] ?? null] : [])];
}

export function callResult(row: Row | undefined, request: CallRequest, compiled: CompiledCall): CallResult {
  const [body, rowsText, total, status, headers] = row ?? [];
  const rows = Number(rowsText ?? 0);
  requireFew(rows, request.maxAffected);
  if (request.shape === 'object' && body !== null && rows !== 1) throw notSingular(rows);
  return {
    body: body ?? undefined,
    rows,
    total: compiled.counts && total != null ? Number(total) : undefined,
    status: status ?? undefined,
    headers: headers ?? undefined,
  };
}

export function notSingular(rows: number): Problem {
  return new Problem('PGRST116', {
    message: 'Cannot coerce the result to a single JSON object',
    details: `The result contains ${rows} rows`,
    hint: rows === 0 ? 'No row that your role sees matches.' : 'Filter by a key, or ask for a list.',
  });
}

/** What fails here is thrown inside the transaction, which undoes all of it. */
export function writeResult(
  row: Row | undefined,
  request: WriteRequest,
  compiled: CompiledWrite,
  api: Api,
  principal: Principal,
): WriteResult {
  const [affectedText, holds, rowsText, key, inserted, _written, ...texts] = row ?? [];
  const yielded = compiled.yields.length === 0 ? undefined : readYielded(texts.pop(), compiled.yields);
  const skipped = compiled.skips ? Number(texts.pop()) : 0;
  const affected = Number(affectedText);
  const rows = Number(rowsText);
  const table = api.tables.get(request.table)!;
  if (compiled.mustWrite === 'all' && affected + skipped < rowsGiven(request)) {
    throw denied(
      principal,
      `permission denied for a row of table ${table.rest}`,
      'A row exists already and may not be updated, or a proposed row does not pass "check"; nothing was written.',
    );
  }
  if (!isTrue(holds)) throw checkFailed(principal, table.rest);
  requireFew(affected, request.maxAffected);
  const counted = request.returning.length > 0 ? rows : affected;
  if (request.shape === 'object' && counted !== 1) throw notSingular(counted);
  return {
    affected,
    rows,
    bodies: texts.map((body) => body ?? 'null'),
    key: key === null || key === undefined ? undefined : (JSON.parse(key) as string[]),
    ...(inserted === null || inserted === undefined ? null : { inserted: Number(inserted) }),
    ...(yielded === undefined ? null : { yielded }),
  };
}

function readYielded(
  text: string | null | undefined,
  widths: readonly number[],
): readonly (readonly (readonly unknown[])[])[] {
  const rows = parseJson(text ?? '[]') as readonly (readonly unknown[])[];
  let from = 0;
  return widths.map((width) => {
    const start = from;
    from += width;
    return rows.map((row) => row.slice(start, start + width));
  });
}

function requireFew(affected: number, most: number | undefined): void {
  if (most === undefined || affected <= most) return;
  throw new Problem('PGRST124', {
    message: 'Query result exceeds max-affected preference constraint',
    details: `The query affects ${affected} rows`,
    hint: 'Filter for fewer rows, or allow more; nothing was written.',
  });
}

export function isTrue(text: string | null | undefined): boolean {
  return text === 't' || text === 'true';
}

/** Rows of the body of an insert. */
export function rowsGiven(request: WriteRequest): number {
  return request.kind === 'insert' ? (request.values[request.rows] as readonly unknown[]).length : 0;
}
