/** One REST call → the request that the planner takes, and how its answer is to be rendered. Pure; does no I/O. */
import type { ApiLimits } from '../../api/api.ts';
import { Problem } from '../../problem/problem.ts';
import type { DeleteRequest, InsertRequest, Slot, UpdateRequest } from '../../query/request.ts';
import { readRow, readRows } from '../body.ts';
import { Building, buildNode } from './build.ts';
import {
  admitWrite,
  answerOf,
  common,
  type Draft,
  insertOf,
  type Parsed,
  type ParsedRead,
  type ParsedWrite,
  type RestCall,
  shapeOf,
} from './draft.ts';
import { knownKey, parseKey } from './key.ts';
import type { Level } from './level.ts';
import { checkContentType, parseAccept } from './media.ts';
import { cutByRange } from './page.ts';
import { parseParameters } from './parameters.ts';
import { parsePreferences } from './preferences.ts';
import { parsePut } from './put.ts';
import { parseQuery } from './query.ts';

/**
 * Parses a call to a table that exists for the caller. Names within it are checked by the planner.
 *
 * @param limits of the project: `rows` cuts pages, `depth` limits relationships
 * @throws {Problem} PGRST1xx, 22021, NS501: what was found, where, what to do next
 */
export function parseRequest(call: RestCall, limits: ApiLimits): Parsed {
  const preferences = parsePreferences(call.prefer);
  const media = parseAccept(call.accept);
  const values: unknown[] = [];
  const parameters = parseParameters(parseQuery(call.query), limits, values);
  const key =
    call.key === undefined ? undefined : parseKey(call.key).map((text): Slot => values.push(text) - 1);
  const building = new Building(values);
  return parseMethod({ ...parameters, call, limits, media, preferences, values, building, key });
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
  const { call, root, values, building, key } = draft;
  if (call.method === 'GET' && call.range !== undefined) {
    const page = cutByRange(root, call.range);
    root.limit = page.limit === undefined ? undefined : Math.min(page.limit, draft.limits.rows);
    root.offset = page.offset;
  }
  return {
    ...common(draft),
    kind: 'read',
    offset: root.offset ?? 0,
    request: {
      kind: 'read',
      table: call.table.table.name,
      node: buildNode(root, building),
      ...(key === undefined ? null : { key }),
      shape: shapeOf(draft),
      count: draft.preferences.count === 'exact',
      values,
    },
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
  checkContentType(call.contentType);
  admitWrite('insert', draft);
  const given = readRows(call.body, { columns: draft.columns, missing: preferences.missing });
  const conflict = conflictOf(draft);
  return {
    ...common(draft),
    kind: 'write',
    verb: 'insert',
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
  checkContentType(draft.call.contentType);
  admitWrite('update', draft);
  const given = readRow(draft.call.body, { columns: draft.columns, missing: draft.preferences.missing });
  const request: UpdateRequest = {
    kind: 'update',
    table: draft.call.table.table.name,
    columns: given.columns,
    row: draft.values.push(given.rows[0]) - 1,
    ...targetOf(draft),
    ...answerOf(draft),
    values: draft.values,
  };
  return { ...common(draft), kind: 'write', verb: 'update', request };
}

function parseDelete(draft: Draft): ParsedWrite {
  refusePage(draft.root, 'DELETE');
  const request: DeleteRequest = {
    kind: 'delete',
    table: draft.call.table.table.name,
    ...targetOf(draft),
    ...answerOf(draft),
    values: draft.values,
  };
  return { ...common(draft), kind: 'write', verb: 'delete', request };
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
