/** The driver's errors as Problems in our own words: no driver text, no SQL and no value leaves this file but as `cause`. */
import { Problem } from '../../problem/problem.ts';
import { answers, isNetworkError, problem, raised, unreachable } from '../problems.ts';
import * as states from './states.ts';

/** What mysql2 makes of the server's ERR packet. */
export interface ServerError extends Error, states.Refusal {}

/** Idempotent on a `Problem`. Anything that is neither the driver's nor ours is a defect: NS000. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isServerError(error)) return fromServer(error);
  if (isConnectionLost(error)) return problem('NS503', unreachable, error);
  return problem('NS000', 'Something went wrong in the engine.', error);
}

function fromServer(error: ServerError): Problem {
  const found = states.kindOf(error);
  switch (found.kind) {
    case 'raised':
      return raised(found.state, { message: error.sqlMessage, cause: error });
    case 'unavailable':
      return problem('NS503', unreachable, error);
    case 'drifted':
      return problem(
        'NS503',
        'The database has just changed. The request can be repeated in a moment.',
        error,
      );
    case 'ofAuthor':
      return problem('P0001', 'A function of the database failed.', error);
    case 'state':
      return fromState(found.state, error);
    case 'unknown':
      return problem('NS000', 'Something went wrong in the database.', error);
    default:
      return found satisfies never;
  }
}

function fromState(state: string, error: ServerError): Problem {
  const own = answers.get(state);
  if (own !== undefined) return problem(own[0], own[1], error);
  const ofClass = answers.get(state.slice(0, 2));
  if (ofClass === undefined) return problem('NS000', 'Something went wrong in the database.', error);
  // The state itself is passed on: it says no more than which rule the data broke.
  return problem(ofClass[0], ofClass[1], error, state);
}

export function isServerError(error: unknown): error is ServerError {
  return (
    error instanceof Error &&
    'errno' in error &&
    typeof error.errno === 'number' &&
    'sqlState' in error &&
    'sqlMessage' in error
  );
}

/** The driver calls what ends a connection fatal, and gives most of it a code of the system or of its own. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return isNetworkError(error) || 'fatal' in error;
}

/** Nothing is to be run on the connection any more. */
export function endsConnection(error: unknown): boolean {
  return isServerError(error) ? states.isLast(error.errno) : isConnectionLost(error);
}

/** Trap 8: DDL under a kept statement (1615), or one that the session has lost (1243). */
export function isStale(error: unknown): boolean {
  return isServerError(error) && (error.errno === 1615 || error.errno === 1243);
}

/** The transaction was undone for another's sake. */
export function isUndone(error: unknown): boolean {
  return isServerError(error) && states.isUndone(error.errno);
}

/** A row with such a key exists already. */
export function isDuplicate(error: unknown): boolean {
  return isServerError(error) && (error.errno === 1062 || error.errno === 1586);
}

/** One that has too many ways to match a text: MySQL says so, and MariaDB in a warning alone. */
export function expressionGivenUp(): Problem {
  return new Problem('2201B', {
    message: 'A regular expression has too many ways to match a text, and was given up.',
    hint: 'Write it without a repetition inside another.',
  });
}

export function tooManyParameters(count: number): Problem {
  return problem('54000', `The request has ${count} values where the database takes at most 65535.`);
}

export function parametersTooLarge(maxBytes: number): Problem {
  return problem('54000', `The request has more than the ${maxBytes} bytes that the database takes at once.`);
}
