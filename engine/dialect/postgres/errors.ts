/** The driver's errors as Problems in our own words: no driver text, no SQL and no value leaves this file but as `cause`. */
import pg from 'pg';
import { isHeader } from '../../problem/headers.ts';
import { Problem } from '../../problem/problem.ts';
import type { ConstraintPlace } from '../dialect.ts';
import { answers, isNetworkError, problem, raised, unreachable } from '../problems.ts';

/** States in which the database cannot serve at all: connections, authorization, resources, shutdown, its own defects. */
const unavailable = /^(08|28|3D|53|57P|58|25P03)/;
/** The schema is no longer the one that the statement was compiled for. */
const drifted = new Set(['42P01', '42703', '42704', '3F000', '26000']);

const unreadable = 'A value could not be read as the type of its column.';

/** Where hstore and PostGIS read their values. */
const readers = /^(?:hstore_io|lwgeom_|geography_|gserialized_)/;

/** Idempotent on a `Problem`. Anything that is neither the driver's nor ours is a defect: NS000. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof pg.DatabaseError) return fromServer(error);
  if (isConnectionLost(error)) return problem('NS503', unreachable, error);
  return problem('NS000', 'Something went wrong in the engine.', error);
}

function fromServer(error: pg.DatabaseError): Problem {
  const state = error.code ?? '';
  if (isRaised(error)) return fromAuthor(error, state);
  if (unavailable.test(state)) return problem('NS503', unreachable, error);
  if (error.routine === 'get_ts_config_oid')
    return new Problem('42704', {
      message: 'text search configuration does not exist',
      hint: 'Use one that the database has, such as english or simple.',
      cause: error,
    });
  if ((drifted.has(state) && error.where === undefined) || isStalePlan(error))
    return problem('NS503', 'The database has just changed. The request can be repeated in a moment.', error);
  // Of a value's own syntax (a tsvector's, say) when it has no place in the statement; else a defect of ours.
  if (state.startsWith('426') && error.position === undefined) return problem('42601', unreadable, error);
  // Extensions read some values with an error that says nothing of its kind.
  if (state === 'XX000' && error.file !== undefined && readers.test(error.file))
    return problem('22P02', unreadable, error);
  const own = answers.get(state);
  if (own !== undefined) return problem(own[0], own[1], error);
  const ofClass = answers.get(state.slice(0, 2));
  if (ofClass === undefined) {
    // What a function's own statements run into is its author's to mend; the rest would be a defect of ours.
    const ofFunction = error.where !== undefined && !/^(?:XX|58|F0)/.test(state);
    if (ofFunction || state.startsWith('20'))
      return problem('P0001', 'A function of the database failed.', error, state);
    return problem('NS000', 'Something went wrong in the database.', error);
  }
  // The state itself is passed on: it says no more than which rule the data broke.
  return problem(ofClass[0], ofClass[1], error, state);
}

/** RAISE in PL/pgSQL: the message is the author's own and meant for the caller. */
function isRaised(error: pg.DatabaseError): boolean {
  return error.routine === 'exec_stmt_raise' || error.code === 'P0001';
}

function fromAuthor(error: pg.DatabaseError, state: string): Problem {
  if (state === 'PGRST') return fromJson(error);
  const { message, detail, hint } = error;
  return raised(state, { message, details: detail ?? null, hint: hint ?? null, cause: error });
}

/** PostgREST's way to choose everything: `RAISE SQLSTATE 'PGRST'` with JSON as message and as detail. */
function fromJson(error: pg.DatabaseError): Problem {
  const body = objectOf(error.message);
  const answer = objectOf(error.detail);
  const status = answer?.status;
  if (typeof body?.code !== 'string' || typeof body.message !== 'string' || !isStatus(status)) {
    return new Problem('PGRST121', {
      message: 'Could not parse JSON in the "RAISE SQLSTATE \'PGRST\'" error',
      details: 'MESSAGE needs "code" and "message", DETAIL needs "status".',
      hint: 'DETAIL may have "headers" as well: an object of texts.',
      cause: error,
    });
  }
  return new Problem('P0001', {
    raised: body.code,
    status,
    message: body.message,
    details: typeof body.details === 'string' ? body.details : null,
    hint: typeof body.hint === 'string' ? body.hint : null,
    headers: headersOf(answer?.headers),
    cause: error,
  });
}

function objectOf(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isStatus(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 200 && (value as number) <= 599;
}

/** Headers that a server can send; others would end the answer. */
function headersOf(value: unknown): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => isHeader(...entry)),
  );
}

/** The driver gives system errors a code and its own none. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (isNetworkError(error)) return true;
  return /^(Connection terminated|Client (was closed|has encountered a connection error)|timeout expired)/.test(
    error.message,
  );
}

/** Trap 8: DDL under a kept statement, or a name that the session has lost. The message is translated, the routine is not. */
export function isStalePlan(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return false;
  return error.code === '26000' || (error.code === '0A000' && error.routine === 'RevalidateCachedQuery');
}

export function tooManyParameters(count: number): Problem {
  return problem('54000', `The request has ${count} values where the database takes at most 65535.`);
}

/** Where a violated constraint is; undefined for problems of another kind. */
export function constraintOf(problem: Problem): ConstraintPlace | undefined {
  const { cause } = problem;
  if (!(cause instanceof pg.DatabaseError) || !cause.code?.startsWith('23')) return undefined;
  return { schema: cause.schema, relation: cause.table, constraint: cause.constraint, column: cause.column };
}
