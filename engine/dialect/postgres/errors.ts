/** The driver's errors as Problems in our own words: no driver text, no SQL and no value leaves this file but as `cause`. */
import pg from 'pg';
import { type Code, codes } from '../../problem/codes.ts';
import { isHeader } from '../../problem/headers.ts';
import { Problem, type ProblemOptions } from '../../problem/problem.ts';
import type { ConstraintPlace } from '../dialect.ts';

/** A moment later the same request may succeed. */
const retryAfter = { 'Retry-After': '1' } as const;

/** What to say for a SQLSTATE of ours; a class (two letters) stands for every other code in it. */
const answers: ReadonlyMap<string, readonly [Code, string]> = new Map<string, readonly [Code, string]>([
  ['0A', ['0A000', 'The database does not support this here.']],
  ['21', ['21000', 'The request would write one row twice, or reads one row where there are several.']],
  ['22', ['22000', 'The database refused a value.']],
  ['22001', ['22001', 'A value is too long for its column.']],
  ['22003', ['22003', 'A number is out of the range of its type.']],
  ['22007', ['22007', 'A date or time could not be read.']],
  ['22008', ['22008', 'A date or time is out of range.']],
  ['22021', ['22021', 'A text holds a character that the database cannot store, such as NUL.']],
  ['22023', ['22023', 'A value is not valid here.']],
  ['22025', ['22025', 'A pattern ends with an escape character.']],
  ['2201B', ['2201B', 'A regular expression is not valid.']],
  ['22P02', ['22P02', 'A value could not be read as the type of its column.']],
  ['22P05', ['22021', 'A text holds a character that the database cannot store.']],
  ['23', ['23000', 'A constraint does not hold.']],
  ['23502', ['23502', 'A column that needs a value has none.']],
  ['23503', ['23503', 'The row refers to a row that does not exist, or another row still refers to it.']],
  ['23505', ['23505', 'A row with the same unique value exists already.']],
  ['23514', ['23514', 'A check constraint does not hold for the row.']],
  ['23P01', ['23P01', 'The row conflicts with an existing row.']],
  ['25006', ['25006', 'The request only reads, and something in it tried to write.']],
  ['40', ['40001', 'Another transaction interfered. The request can be repeated.']],
  ['40P01', ['40P01', 'Two transactions waited for each other. The request can be repeated.']],
  ['42501', ['42501', "The database does not allow this to the engine's user."]],
  ['42804', ['22P02', 'A value could not be read as the type of its column.']],
  ['42725', ['42725', 'More than one function of the database fits the types.']],
  ['42846', ['42846', 'A value of this type cannot be cast to the type asked for.']],
  ['42883', ['42883', 'The operator does not apply to values of this type.']],
  ['42P10', ['42P10', 'No unique key has exactly the columns of the conflict target.']],
  ['428C9', ['428C9', 'A column that the database generates cannot be written.']],
  ['44', ['44000', 'The row would not be visible in the view it is written through.']],
  ['54', ['54000', 'The request passes a limit of the database.']],
  ['55', ['55000', 'The relation cannot be written in this way.']],
  ['55P03', ['55P03', 'A lock could not be had in time. The request can be repeated.']],
  ['57014', ['57014', 'The statement took too long and was ended.']],
  ['P0', ['P0001', 'A function of the database raised an error.']],
]);

/** States in which the database cannot serve at all: connections, authorization, resources, shutdown, its own defects. */
const unavailable = /^(08|28|3D|53|57P|58|25P03)/;
/** The schema is no longer the one that the statement was compiled for. */
const drifted = new Set(['42P01', '42703', '42704', '3F000', '26000']);

const unreadable = 'A value could not be read as the type of its column.';

/** Where hstore and PostGIS read their values. */
const readers = /^(?:hstore_io|lwgeom_|geography_|gserialized_)/;

const unreachable = 'The database cannot be reached at the moment.';

/** Idempotent on a `Problem`. Anything that is neither the driver's nor ours is a defect: NS000. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof pg.DatabaseError) return fromServer(error);
  if (isConnectionLost(error)) return problem('NS503', unreachable, error);
  return problem('NS000', 'Something went wrong in the engine.', error);
}

/** Whatever kept a connection from opening: the database cannot be reached. */
export function toConnectProblem(error: unknown): Problem {
  return error instanceof Problem ? error : problem('NS503', unreachable, error);
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
  const code = isCode(state) && !state.startsWith('NS') && !state.startsWith('PGRST') ? state : 'P0001';
  return new Problem(code, {
    ...timing(code),
    ...(code === state ? null : { raised: state, status: raisedStatus(state) }),
    message: error.message,
    details: error.detail ?? null,
    hint: error.hint ?? null,
    cause: error,
  });
}

/** `PT402` chooses its status; a state that nobody knows is the caller's mistake, or the server's by its class. */
function raisedStatus(state: string): number {
  const chosen = /^PT([1-5][0-9]{2})$/.exec(state)?.[1];
  if (chosen !== undefined && Number(chosen) >= 200) return Number(chosen);
  if (/^(?:08|53)/.test(state)) return 503;
  if (/^(?:0L|0P|28)/.test(state)) return 403;
  return /^(?:09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/.test(state) ? 500 : 400;
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

function isCode(state: string): state is Code {
  return Object.hasOwn(codes, state);
}

function problem(code: Code, message: string, cause?: unknown, raised?: string): Problem {
  const hint = hints.get(code.slice(0, 2)) ?? null;
  return new Problem(code, {
    message,
    hint,
    ...timing(code),
    ...(raised === undefined ? null : { raised }),
    cause,
  });
}

/** What to do next, by class. */
const hints: ReadonlyMap<string, string> = new Map([
  ['22', "Write each value in the form of its column's type."],
  ['23', 'Change the values so that the constraint holds.'],
  ['42', 'Use an operator of the type of the column.'],
]);

/** 503 and 504 say when to come back. */
function timing(code: Code): Pick<ProblemOptions, 'headers'> {
  return codes[code].status >= 503 ? { headers: retryAfter } : {};
}

const lostCodes = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'EHOSTDOWN', 'ENETUNREACH',
  'ENETDOWN', 'ENOTFOUND', 'EAI_AGAIN', 'ENOENT', 'EMFILE', 'ENFILE',
]); // biome-ignore format: a list

/** The driver gives system errors a code and its own none. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ('code' in error && typeof error.code === 'string' && lostCodes.has(error.code)) return true;
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

export function exhausted(acquireMs: number): Problem {
  return problem('NS504', `No database connection became free within ${acquireMs} ms.`);
}

export function queueFull(waiting: number): Problem {
  return problem('NS504', `${waiting} requests already wait for a database connection.`);
}

export function tooManyStreams(max: number): Problem {
  return problem(
    'NS504',
    `${max} exports from this database run already. The request can be repeated in a moment.`,
  );
}

export function poolClosed(): Problem {
  return problem('NS503', 'The database is being disconnected.');
}

const aborted = new WeakSet<Problem>();

/** For a statement that its caller no longer waits for; never to be reported. */
export function abortedProblem(reason: unknown): Problem {
  const result = problem('57014', 'The request was given up by its caller.', reason);
  aborted.add(result);
  return result;
}

/** True for the end of a statement that we ended ourselves, because the caller has gone away. */
export function isAborted(error: unknown): boolean {
  return error instanceof Problem && aborted.has(error);
}

/** One row that is longer than any answer may be. */
export function answerTooLarge(maxBytes: number): Problem {
  return new Problem('NS430', {
    message: `The answer would be larger than ${Math.round(maxBytes / 1024 / 1024)} MB.`,
    hint: 'Ask for fewer rows, columns or embedded relationships at once.',
  });
}

/** A statement that outlived its timeout on the server, or a server that no longer answers. */
export function frozen(timeoutMs: number): Problem {
  return problem('57014', `The database gave no answer within ${timeoutMs} ms.`);
}

/** Where a violated constraint is; undefined for problems of another kind. */
export function constraintOf(problem: Problem): ConstraintPlace | undefined {
  const { cause } = problem;
  if (!(cause instanceof pg.DatabaseError) || !cause.code?.startsWith('23')) return undefined;
  return { schema: cause.schema, relation: cause.table, constraint: cause.constraint, column: cause.column };
}
