/** Errors of mysql2 and of the server → problems with the SQLSTATE that PostgreSQL has for the same. */
import { Problem } from '../../problem/problem.ts';
import type { ConstraintPlace } from '../dialect.ts';
import { unserved } from './unserved.ts';

export function toProblem(error: unknown): Problem {
  return error instanceof Problem ? error : unserved('An error');
}

export function constraintOf(_problem: Problem): ConstraintPlace | undefined {
  return undefined;
}
