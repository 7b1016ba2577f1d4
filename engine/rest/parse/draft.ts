/** A REST call half parsed, its parsed forms, and what all verbs build from it. */
import type { ApiLimits, WorldTable } from '../../api/api.ts';
import type {
  CallRequest,
  DeleteRequest,
  InsertRequest,
  ReadRequest,
  ReturningRequest,
  Slot,
  UpdateRequest,
} from '../../query/request.ts';
import type { RowsGiven } from '../body.ts';
import { type Building, buildFields, buildOrder } from './build.ts';
import type { CursorSecrets, KeyValues } from './keyset.ts';
import type { Level } from './level.ts';
import type { Media } from './media.ts';
import type { Parameters } from './parameters.ts';
import type { Preferences } from './preferences.ts';
import type { Parameter } from './query.ts';

export const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
export type Method = (typeof methods)[number];

export interface RestCall {
  readonly method: Method;
  readonly table: WorldTable;
  /** The key's path segment as it was sent; undefined for the table's own route. */
  readonly key?: string;
  /** What follows the `?`, as it was sent. */
  readonly query: string;
  readonly accept?: string;
  readonly contentType?: string;
  readonly prefer?: string;
  readonly range?: string;
  readonly body?: Buffer;
  /** `If-Match`: the write is for rows that are still as they were read. */
  readonly ifMatch?: string;
  /** Absent: no cursors are taken or given. */
  readonly cursors?: { readonly role: string; readonly secrets: CursorSecrets };
  /**
   * Refuses a write to columns that the caller may not write, before a body is read for it. Throws what the planner
   * would throw later; absent, only the planner refuses.
   */
  readonly admit?: (request: InsertRequest | UpdateRequest) => void;
}

interface CommonParsed {
  readonly media: Media;
  readonly preferences: Preferences;
  /** Whether one row was named by its key: then no row is 404. */
  readonly byKey: boolean;
}
export interface ParsedRead extends CommonParsed {
  readonly kind: 'read';
  readonly request: ReadRequest;
  /** Rows before the page, for `Content-Range`; undefined behind a cursor, where nobody has counted them. */
  readonly offset: number | undefined;
  /** The query string of the page behind a row, by the row's values in the columns of the order. */
  readonly next: ((last: KeyValues) => string) | undefined;
}
export interface ParsedCall extends CommonParsed {
  readonly kind: 'call';
  readonly request: CallRequest;
  readonly offset: number;
}
export interface ParsedWrite extends CommonParsed {
  readonly kind: 'write';
  readonly verb: 'insert' | 'put' | 'update' | 'delete';
  readonly request: InsertRequest | UpdateRequest | DeleteRequest;
  /** With `If-Match`: reads the rows as a GET of the same URL does. */
  readonly precondition: ReadRequest | undefined;
}
export type Parsed = ParsedRead | ParsedWrite;

/** What the parts of a call have in common once its headers and parameters are read. */
export interface Draft extends Parameters {
  readonly call: RestCall;
  /** The decoded parameters, in order. */
  readonly query: readonly Parameter[];
  readonly limits: ApiLimits;
  readonly media: Media;
  readonly preferences: Preferences;
  readonly values: unknown[];
  readonly building: Building;
  readonly key: readonly Slot[] | undefined;
}

/** How rows that are read are to be written. */
export function formOf({
  stripNulls,
  stream,
  geojson,
}: Media): Pick<ReadRequest, 'stripNulls' | 'stream' | 'geojson'> {
  return {
    ...(stripNulls ? { stripNulls } : null),
    ...(stream === undefined ? null : { stream }),
    ...(geojson ? { geojson } : null),
  };
}

/** The parts that POST and PUT share. */
export function insertOf(draft: Draft, given: RowsGiven): InsertRequest {
  return {
    kind: 'insert',
    table: draft.call.table.table.name,
    columns: given.columns,
    rows: draft.values.push(given.rows) - 1,
    ...(given.sets === undefined
      ? null
      : { sets: { columns: given.sets.columns, of: draft.values.push(given.sets.of) - 1 } }),
    ...answerOf(draft),
    values: draft.values,
  };
}

/** What a write answers with. */
export function answerOf(
  draft: Draft,
): Pick<InsertRequest, 'returning' | 'shape' | 'maxAffected' | 'stripNulls' | 'stream' | 'geojson'> {
  const { preferences, root, building, media } = draft;
  const strict = preferences.handling === 'strict' && preferences.maxAffected !== undefined;
  return {
    returning: preferences.return === 'representation' ? [returningOf(root, building)] : [],
    shape: shapeOf(draft),
    ...(strict ? { maxAffected: preferences.maxAffected } : null),
    ...(preferences.return === 'representation' ? formOf(media) : null),
  };
}

function returningOf(root: Level, building: Building): ReturningRequest {
  const order = buildOrder(root, building);
  const fields = buildFields(root, building);
  return order === undefined ? { fields } : { fields, order };
}

export function shapeOf({ key, media }: Draft): 'list' | 'object' | 'row' {
  return key === undefined ? media.shape : 'row';
}

export function common({ media, preferences, key }: Draft): CommonParsed {
  return { media, preferences, byKey: key !== undefined };
}

/** Refuses the verb and the columns of `columns=`, so that a body nobody may write costs nothing. */
export function admitWrite(kind: 'insert' | 'update', { call, columns }: Draft): void {
  const write = {
    table: call.table.table.name,
    columns: columns ?? [],
    returning: [],
    shape: 'list',
    values: [],
  } as const;
  call.admit?.(
    kind === 'insert' ? { kind, ...write, rows: 0 } : { kind, ...write, row: 0, unfiltered: true },
  );
}
