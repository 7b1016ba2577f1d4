/** What a handler of an operation is given, and what it gives: an answer, a list that is then paged, or a refusal in GitHub's words. */
import type { Json, Operation } from './description.ts';
import { shape } from './shape.ts';
import type { Actor, Clock, HostedRepository } from './state.ts';

/** The site: `http://127.0.0.1:4321`. */
export interface Site {
  readonly url: string;
}

export interface Asked extends Site {
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Json;
  readonly accept: string;
  readonly actor: Actor;
  readonly clock: Clock;
}

export interface Answer {
  readonly status: number;
  /** JSON, or bytes as they are. */
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A whole list; `wrap` puts a page of it into what else is answered. */
export interface Listed {
  readonly list: readonly Json[];
  readonly wrap?: (page: readonly Json[]) => Json;
}

export type Handler = (
  asked: Asked,
  repository: HostedRepository,
) => Promise<Answer | Listed> | Answer | Listed;

/** Thrown by handlers. */
export class Refused extends Error {
  readonly status: number;
  readonly errors: readonly Json[] | undefined;

  constructor(status: number, message: string, errors?: readonly Json[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

export function notFound(): Refused {
  return new Refused(404, 'Not Found');
}

/** @param error resource, field, code and message of what GitHub does not take */
export function invalid(error: Json): Refused {
  return new Refused(422, 'Validation Failed', [error]);
}

export function ok(body: Json): Answer {
  return { status: 200, body };
}

export function created(body: Json): Answer {
  return { status: 201, body };
}

export function user({ login, id, type }: Actor): Json {
  return shape('simple-user', { login, id, type });
}

export function app(slug: string | undefined): Json {
  if (slug === undefined) return null;
  return shape('nullable-integration', { id: 15_368, slug, name: 'GitHub Actions' });
}

export function lookup<One>(found: One | undefined): One {
  if (found === undefined) throw notFound();
  return found;
}
