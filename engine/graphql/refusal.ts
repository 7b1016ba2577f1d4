/** A problem with its place in the GraphQL document. */
import type { Code } from '../problem/codes.ts';
import { Problem, type ProblemOptions } from '../problem/problem.ts';

export class Refusal extends Problem {
  /** As Hasura writes it: `$.selectionSet.books.args.where.title._eq`. */
  readonly path: string;

  constructor(code: Code, path: string, options: ProblemOptions) {
    super(code, options);
    this.path = path;
  }
}

/** The document, or a value in it, does not fit the schema. */
export function invalid(path: string, message: string): Refusal {
  return new Refusal('NS602', path, { message });
}

/** The document, or what it asks for, is larger than is served. */
export function beyondLimit(path: string, message: string): Refusal {
  return new Refusal('NS603', path, { message });
}
