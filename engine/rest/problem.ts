/** A Problem → the answer in PostgREST's form. */
import type { Problem } from '../problem/problem.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: truly empty, without a content type. */
  readonly body: string | undefined;
}

export const jsonType = 'application/json; charset=utf-8';

export function renderProblem(problem: Problem): Answer & { readonly body: string } {
  const { code, message, details, hint } = problem;
  return {
    status: problem.status,
    headers: { ...problem.headers, 'content-type': jsonType },
    body: JSON.stringify({ code, message, details, hint }),
  };
}
