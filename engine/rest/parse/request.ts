/** One REST call → the request that the planner takes, and how its answer is to be rendered. Pure; does no I/O. */
import type { ApiLimits } from '../../api/api.ts';
import { Problem } from '../../problem/problem.ts';
import type { DeleteRequest, InsertRequest, ReadRequest, Slot, UpdateRequest } from '../../query/request.ts';
import { readRow, readRows } from '../body.ts';
import { Building, buildNode } from './build.ts';
import {
  admitWrite,
  answerOf,
  common,
  type Draft,
  formOf,
  insertOf,
  type Parsed,
  type ParsedRead,
  type ParsedWrite,
  type RestCall,
  shapeOf,
} from './draft.ts';
import { knownKey, parseKey } from './key.ts';
import { behind, readCursor, writeCursor } from './keyset.ts';
import type { Level } from './level.ts';
import { parseAccept, rowsType } from './media.ts';
import { cutByRange } from './page.ts';
import { parseParameters } from './parameters.ts';
import { parsePreferences } from './preferences.ts';
import { parsePut } from './put.ts';
import { type Parameter, parseQuery } from './query.ts';

/**
 * Parses a call to a table that exists for the caller. Names within it are checked by the planner.
 *
 * @param limits of the project: `rows` cuts pages, `depth` limits relationships
 * @throws {Problem} PGRST1xx, 22021, NS402: what was found, where, what to do next
 */
export function parseRequest(call: RestCall, limits: ApiLimits): Parsed {
  const preferences = parsePreferences(call.prefer);
  const media = parseAccept(call.accept);
  const values: unknown[] = [];
  const query = parseQuery(call.query);
  const parameters = parseParameters(query, limits, values);
  const key =
    call.key === undefined ? undefined : parseKey(call.key).map((text): Slot => values.push(text) - 1);
  const building = new Building(values);
  return parseMethod({ ...parameters, query, call, limits, media, preferences, values, building, key });
}

function parseMethod(draft: Draft): Parsed {
  const { method } = draft.call;
  switch (method) {
    case 'GET':
    case 'HEAD':
      return parseRead(draft);
    case 'POST':
      return parseInsert(draft);
    case 'PUT':
      return parsePut(draft);
    case 'PATCH':
      return parseUpdate(draft);
    case 'DELETE':
      return parseDelete(draft);
    default:
      return method satisfies never;
  }
}

function parseRead(draft: Draft): ParsedRead {
  const { call, root, media, key } = draft;
  if (call.method === 'GET' && call.range !== undefined) {
    const page = cutByRange(root, call.range);
    root.limit = page.limit;
    root.offset = page.offset;
  }
  requireRows(root);
  // The planner would cut it as well; here it keeps requests of one shape alike.
  if (root.limit !== undefined && media.stream === undefined)
    root.limit = Math.min(root.limit, draft.limits.rows);
  const pages =
    key === undefined && media.shape === 'list' && media.stream === undefined && root.order.length > 0;
  const cursors = pages ? call.cursors : undefined;
  const plain = readOf(draft, countOf(draft), cursors !== undefined);
  return {
    ...common(draft),
    kind: 'read',
    offset: draft.after === undefined ? (root.offset ?? 0) : undefined,
    request: draft.after === undefined ? plain : behindCursor(draft, plain),
    // Signing takes time, and most answers have no page behind them.
    next:
      cursors &&
      ((last) =>
        nextQuery(draft.query, writeCursor(last, bindingOf(draft, cursors.role), cursors.secrets.current))),
  };
}

/** A page of nothing behind some rows is none; a page of nothing is one. */
function requireRows({ limit, offset }: Level): void {
  if (limit !== 0 || offset === undefined || offset === 0) return;
  throw new Problem('PGRST103', {
    message: 'Requested range not satisfiable',
    details: 'Limit should be greater than or equal to zero.',
    hint: 'Ask for rows within limit and offset.',
  });
}

/** What a GET of this URL reads. */
function readOf(draft: Draft, count: ReadRequest['count'] = false, lastKey = false): ReadRequest {
  const { call, root, values, building, key, media } = draft;
  return {
    kind: 'read',
    table: call.table.table.name,
    node: buildNode(root, building),
    ...(key === undefined ? null : { key }),
    shape: shapeOf(draft),
    count,
    ...(lastKey ? { lastKey } : null),
    // What has no body needs no stream.
    ...formOf(call.method === 'HEAD' ? { ...media, stream: undefined } : media),
    values,
  };
}

function countOf({ preferences: { count } }: Draft): ReadRequest['count'] {
  return count === undefined ? false : count === 'exact' ? true : count;
}

/** Everything that decides which rows there are and in which order, as it was sent: a cursor is good for this alone. */
function bindingOf({ call, query }: Draft, role: string): string {
  const parameters = query.filter(({ key }) => !['limit', 'offset', 'after'].includes(key));
  return JSON.stringify([role, call.table.table.name, parameters.map(({ key, value }) => [key, value])]);
}

function behindCursor(draft: Draft, plain: ReadRequest): ReadRequest {
  const { cursors, table } = draft.call;
  const { node } = plain;
  if (cursors === undefined || node.order === undefined || draft.root.offset !== undefined)
    throw new Problem('NS402', {
      message: 'A cursor needs a list in the order that it is of, and no offset.',
      hint: 'Follow the Link of the page before as it is.',
    });
  const key = readCursor(draft.after!, bindingOf(draft, cursors.role), cursors.secrets);
  const where = behind(key, node.order, table, draft.values);
  return {
    ...plain,
    node: { ...node, where: node.where === undefined ? where : { kind: 'and', of: [node.where, where] } },
  };
}

function nextQuery(query: readonly Parameter[], cursor: string): string {
  const kept = query.filter(({ key }) => key !== 'offset' && key !== 'after');
  return [...kept, { key: 'after', value: cursor }]
    .map(({ key, value }) => `${encodeURIComponent(key)}=${encodeURIComponent(value)}`)
    .join('&');
}

/** The rows of a write as a GET of its URL would read them, to be compared with what the caller has seen. */
function preconditionOf(draft: Draft): ReadRequest | undefined {
  if (draft.call.ifMatch === undefined) return undefined;
  const { media } = draft;
  return {
    ...readOf({ ...draft, media: { ...media, shape: media.stream === undefined ? media.shape : 'list' } }),
    locks: true,
  };
}

function parseInsert(draft: Draft): ParsedWrite {
  const { call, root, values, preferences } = draft;
  if (draft.key !== undefined) throw noInsertByKey();
  if (root.filters.length > 0)
    throw new Problem('PGRST100', {
      message: 'Filters do not apply to an insert.',
      hint: 'Send them with PATCH or DELETE, or leave them out.',
    });
  const type = rowsType(call.contentType);
  admitWrite('insert', draft);
  const given = readRows(call.body, {
    type,
    table: call.table,
    columns: draft.columns,
    missing: preferences.missing,
  });
  const conflict = conflictOf(draft);
  return {
    ...common(draft),
    kind: 'write',
    verb: 'insert',
    precondition: undefined,
    request: {
      ...insertOf(draft, given),
      ...(conflict === undefined ? null : { conflict }),
      values,
    },
  };
}

function noInsertByKey(): Problem {
  return new Problem('PGRST117', {
    message: 'Unsupported HTTP method: POST on one row',
    hint: 'POST to the table, or PUT to the row.',
    headers: { allow: 'OPTIONS,GET,HEAD,PUT,PATCH,DELETE' },
  });
}

/** Without a key to conflict on that the role knows, `resolution` says nothing, as in PostgREST. */
function conflictOf({ call, preferences, onConflict }: Draft): InsertRequest['conflict'] {
  if (preferences.resolution === undefined) return undefined;
  if (onConflict === undefined && knownKey(call.table).length === 0) return undefined;
  const action = preferences.resolution === 'merge-duplicates' ? 'merge' : 'ignore';
  return onConflict === undefined ? { action } : { action, columns: onConflict };
}

function parseUpdate(draft: Draft): ParsedWrite {
  refusePage(draft.root, 'PATCH');
  const type = rowsType(draft.call.contentType);
  admitWrite('update', draft);
  const { body, table } = draft.call;
  const given = readRow(body, { type, table, columns: draft.columns, missing: draft.preferences.missing });
  const precondition = preconditionOf(draft);
  const request: UpdateRequest = {
    kind: 'update',
    table: draft.call.table.table.name,
    columns: given.columns,
    row: draft.values.push(given.rows[0]) - 1,
    ...targetOf(draft),
    ...answerOf(draft),
    values: draft.values,
  };
  return { ...common(draft), kind: 'write', verb: 'update', request, precondition };
}

function parseDelete(draft: Draft): ParsedWrite {
  refusePage(draft.root, 'DELETE');
  const precondition = preconditionOf(draft);
  const request: DeleteRequest = {
    kind: 'delete',
    table: draft.call.table.table.name,
    ...targetOf(draft),
    ...answerOf(draft),
    values: draft.values,
  };
  return { ...common(draft), kind: 'write', verb: 'delete', request, precondition };
}

/** A page on a write would change more rows than the caller believes. */
function refusePage(root: Level, method: string): void {
  if (root.limit === undefined && root.offset === undefined) return;
  throw new Problem('PGRST100', {
    message: `limit and offset do not apply to ${method}.`,
    hint: 'Name the rows by filters; Prefer: handling=strict, max-affected=1 guards their number.',
  });
}

/** Which rows an update or delete is for. */
function targetOf(draft: Draft): Pick<UpdateRequest, 'where' | 'key' | 'unfiltered'> {
  const where = draft.building.where(draft.root);
  draft.building.spend(where, 1);
  if (draft.key !== undefined) return where === undefined ? { key: draft.key } : { key: draft.key, where };
  if (where !== undefined) return { where };
  return draft.limits.unfilteredWrites ? { unfiltered: true } : {};
}
