/** The driver's errors as Problems in our own words: no driver text, no SQL and no value leaves this file but as `cause`. */
import type { Code } from '../../problem/codes.ts';
import { Problem } from '../../problem/problem.ts';
import type { ConstraintPlace } from '../dialect.ts';
import { answers, isNetworkError, problem, raised, unreachable } from '../problems.ts';

/** What mysql2 makes of the server's ERR packet. */
interface ServerError extends Error {
  readonly errno: number;
  readonly sqlState: string;
  readonly sqlMessage: string;
}

/** The SQLSTATE that Postgres has for the same, by the server's number: its own states are too coarse. */
const states: ReadonlyMap<number, Code> = new Map<number, Code>([
  ...numbers('0A000', 1178, 1235, 1289, 1295, 3595),
  ...numbers('21000', 1242, 1222, 1172),
  ...numbers('22000', 1406, 1367),
  ...numbers('22001', 1406, 1162, 1153),
  ...numbers('22003', 1264, 1690, 1916),
  ...numbers('22007', 1292, 1411, 1441),
  ...numbers('22008', 1441),
  ...numbers('22021', 1300, 1366, 3854),
  ...numbers('22023', 1210, 1582, 3146),
  ...numbers('2201B', 1139, 3685, 3686, 3687, 3688, 3689, 3690, 3691, 3692, 3693, 3694, 3695, 3696, 3699),
  ...numbers('22P02', 1265, 1366, 1416, 3140, 3141, 3143, 3158, 4038, 3037, 3055),
  ...numbers('23502', 1048, 1364, 1263, 1566, 1138),
  ...numbers('23503', 1216, 1217, 1451, 1452, 1761, 1762),
  ...numbers('23505', 1022, 1062, 1169, 1586, 1859),
  ...numbers('23514', 3819, 4025, 3820),
  ...numbers('25006', 1792, 1290, 1836),
  ...numbers('40001', 1020, 1180, 4188),
  ...numbers('40P01', 1213),
  ...numbers('42501', 1044, 1045, 1142, 1143, 1227, 1370, 1449),
  ...numbers('428C9', 1906, 3105, 1910),
  ...numbers('44000', 1369),
  ...numbers('54000', 1153, 1301, 1436, 1456, 1118, 1390),
  ...numbers('55P03', 1205, 3572),
  ...numbers('55000', 1288, 1347, 1393, 1394, 1395, 1471, 1036),
  ...numbers('57014', 1317, 1969, 3024),
]);

function numbers(state: Code, ...errors: readonly number[]): readonly (readonly [number, Code])[] {
  return errors.map((error) => [error, state] as const);
}

/** The server cannot serve at all: connections, accounts, resources, shutdown. */
const unavailable = new Set([
  1016, 1021, 1023, 1026, 1030, 1037, 1038, 1040, 1041, 1042, 1043, 1045, 1046, 1049, 1053, 1077, 1079, 1080, 1081,
  1105, 1114, 1129, 1130, 1135, 1152, 1158, 1159, 1160, 1161, 1184, 1203, 1226, 1250, 1251, 1698, 1820, 1862, 1927,
  2002, 2003, 2006, 2013, 3118, 3159, 3169, 4031, 4151,
]); // biome-ignore format: a list
/** The schema is no longer the one that the statement was compiled for. */
const drifted = new Set([1051, 1054, 1109, 1146, 1176, 1243, 1305, 1356, 1412, 1615, 1630]);
/** `SIGNAL` and `RESIGNAL`: the message is the author's own. */
const signalled = new Set([1642, 1643, 1644, 1645]);

/** Idempotent on a `Problem`. Anything that is neither the driver's nor ours is a defect: NS000. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isServerError(error)) return fromServer(error);
  if (isConnectionLost(error)) return problem('NS503', unreachable, error);
  return problem('NS000', 'Something went wrong in the engine.', error);
}

function fromServer(error: ServerError): Problem {
  const { errno, sqlState } = error;
  if (signalled.has(errno) || sqlState === '45000') return fromAuthor(error);
  if (unavailable.has(errno)) return problem('NS503', unreachable, error);
  if (drifted.has(errno))
    return problem('NS503', 'The database has just changed. The request can be repeated in a moment.', error);
  const state = states.get(errno);
  const answer = state === undefined ? undefined : answers.get(state);
  if (answer !== undefined) return problem(answer[0], answer[1], error);
  return problem('NS000', 'Something went wrong in the database.', error);
}

/** 45000 is what authors write for "my own error", as RAISE without a state is in Postgres. */
function fromAuthor(error: ServerError): Problem {
  const state = error.sqlState === '45000' ? 'P0001' : error.sqlState;
  return raised(state, { message: error.sqlMessage, cause: error });
}

function isServerError(error: unknown): error is ServerError {
  return error instanceof Error && 'sqlState' in error && 'errno' in error && typeof error.errno === 'number';
}

function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    isNetworkError(error) ||
    ('code' in error && String(error.code).startsWith('PROTOCOL_')) ||
    'fatal' in error
  );
}

/** Trap 8: DDL under a kept statement, or one that the session has lost. */
export function isStale(error: unknown): boolean {
  return isServerError(error) && (error.errno === 1615 || error.errno === 1243);
}

/** The server has undone the whole transaction, and it can be run again. */
export function isUndone(error: unknown): boolean {
  return isServerError(error) && (error.errno === 1213 || error.errno === 1020);
}

/** A row with such a key exists already. */
export function isDuplicate(error: unknown): boolean {
  return isServerError(error) && (error.errno === 1062 || error.errno === 1586);
}

export function tooManyParameters(count: number): Problem {
  return problem('54000', `The request has ${count} values where the database takes at most 65535.`);
}

export function parametersTooLarge(maxBytes: number): Problem {
  return problem(
    '54000',
    `The request has more than the ${Math.floor(maxBytes / 1024)} kB that the database takes at once.`,
  );
}

/** Where a violated constraint is; undefined for problems of another kind. */
export function constraintOf({ cause }: Problem): ConstraintPlace | undefined {
  if (!isServerError(cause)) return undefined;
  return undefined;
}
