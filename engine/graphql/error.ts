/** Problems in Hasura's form, with Hasura's codes; and which HTTP status each has. */
import { type Code, codes } from '../problem/codes.ts';
import { Problem } from '../problem/problem.ts';
import { Refusal } from './refusal.ts';

/** `{"errors":[…]}`: what a failed operation answers, without `data`. */
export function errorText(problem: Problem): string {
  return `{"errors":${errorList(problem)}}`;
}

/** `[…]`, as an `error` message over a socket has it. */
export function errorList(problem: Problem): string {
  return JSON.stringify([
    {
      message: problem.message,
      extensions: {
        path: problem instanceof Refusal ? problem.path : '$',
        code: hasuraCode(problem),
        novastack: { code: problem.code, sqlstate: isSqlState(problem.code) ? problem.code : null },
      },
    },
  ]);
}

/**
 * The status of a failed operation. Clients of Hasura expect 200 for whatever is wrong with the operation; those that
 * ask for `application/graphql-response+json` get what GraphQL over HTTP says.
 */
export function statusOf(problem: Problem, overHttp: boolean): number {
  if (problem.status >= 500 || kept.has(problem.status) || isAboutToken(problem.code)) return problem.status;
  if (!overHttp) return 200;
  return Math.max(problem.status, 400);
}

/** Not of the operation, but of how much is asked and how often. */
const kept: ReadonlySet<number> = new Set([413, 429]);

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('NS');
}

function isAboutToken(code: string): boolean {
  return code === 'PGRST301' || code === 'PGRST302' || code === 'PGRST303' || code === 'NS401';
}

/** A code that is not named here is told by its status: what the caller can mend is no fault of the engine. */
function hasuraCode({ code, status }: Problem): string {
  // The one of its class that Hasura counts among what a caller may not do.
  if (code === '23514') return 'permission-error';
  if (code.startsWith('23')) return 'constraint-violation';
  if (code.startsWith('22') || code === '21000' || code === 'P0001') return 'data-exception';
  if (isAboutToken(code)) return 'invalid-jwt';
  switch (code) {
    case '42501':
      return 'permission-error';
    case 'NS301':
    case 'NS302':
      return 'access-denied';
    case 'NS404':
    case 'PGRST116':
    case 'PGRST125':
      return 'not-found';
    case 'NS607':
      return 'PERSISTED_QUERY_NOT_FOUND';
    case 'PGRST102':
      return 'invalid-json';
    case 'NS400':
    case 'NS408':
    case 'NS413':
    case 'NS414':
    case 'NS421':
    case 'NS431':
    case 'PGRST107':
    case 'PGRST117':
      return 'bad-request';
    case '0A000':
    case '25006':
    case '55000':
    case 'NS501':
      return 'not-supported';
    default:
      return status < 500 ? 'validation-failed' : 'unexpected';
  }
}

/** Any error of the pipeline as a problem; what is unknown is a defect, and only the log learns of it. */
export function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const status = statusOfFramework(error);
  if (status !== undefined)
    return new Problem(codeOfStatus(status), { message: titleOf(status), status, cause: error });
  return new Problem('NS000', { message: 'Something went wrong in the engine.', cause: error });
}

/** An error by which Fastify itself refuses a request. */
function statusOfFramework(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number')
    return undefined;
  return error.statusCode >= 400 && error.statusCode < 500 ? error.statusCode : undefined;
}

function codeOfStatus(status: number): Code {
  switch (status) {
    case 413:
      return 'NS413';
    case 415:
      return 'PGRST107';
    case 405:
      return 'PGRST117';
    default:
      return 'NS400';
  }
}

function titleOf(status: number): string {
  return `${codes[codeOfStatus(status)].title}.`;
}
