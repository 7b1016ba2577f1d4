/** Cross-origin rules of a project. Credentials are never allowed: the data API knows no cookie. */
import type { IncomingMessage, ServerResponse } from 'node:http';

const methods = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
const exposed = [
  'Content-Range', 'Content-Location', 'Location', 'Link', 'ETag', 'Preference-Applied', 'Retry-After',
  'RateLimit', 'RateLimit-Policy', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset',
  'Server-Timing', 'X-NovaStack-Revision', 'X-Request-Id',
].join(', '); // biome-ignore format: a list
const headerNames = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+(?: *, *[A-Za-z0-9!#$%&'*+.^_`|~-]+)*$/;
const maxHeaderNames = 2048;

export interface Cors {
  /** Value of `Access-Control-Allow-Origin`; undefined where the origin is not allowed. */
  allow(origin: string): string | undefined;
  readonly exposed: string;
}

/** @param origins as declared; `*` is every origin */
export function createCors(origins: readonly string[]): Cors {
  const all = origins.includes('*');
  const named = new Set(origins.map((origin) => origin.replace(/\/$/, '').toLowerCase()));
  return {
    allow: (origin) => {
      if (all) return '*';
      return named.has(origin.toLowerCase()) ? origin : undefined;
    },
    exposed,
  };
}

export function isPreflight(request: IncomingMessage): boolean {
  return (
    request.method === 'OPTIONS' &&
    request.headers.origin !== undefined &&
    request.headers['access-control-request-method'] !== undefined
  );
}

/** Before authentication: a browser sends no token with it. An origin that is not allowed learns nothing more. */
export function answerPreflight(
  cors: Cors,
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
): void {
  const { origin, 'access-control-request-headers': wanted } = response.req.headers;
  const allowed = origin === undefined ? undefined : cors.allow(origin);
  const answer: Record<string, string> = { ...headers };
  answer.Vary = 'Origin, Access-Control-Request-Method, Access-Control-Request-Headers';
  if (allowed !== undefined) {
    answer['Access-Control-Allow-Origin'] = allowed;
    answer['Access-Control-Allow-Methods'] = methods;
    answer['Access-Control-Max-Age'] = '7200';
    if (wanted !== undefined && wanted.length <= maxHeaderNames && headerNames.test(wanted))
      answer['Access-Control-Allow-Headers'] = wanted;
  }
  response.writeHead(204, answer).end();
}
