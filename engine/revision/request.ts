/** The way of a request through one revision, in one file: limits, CORS, the caller, the surface, the answer's headers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest, HookHandlerDoneFunction } from 'fastify';
import type { Authenticator } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import type { Timings } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import type { Surface } from '../telemetry/events.ts';
import { serverTiming } from '../telemetry/server-timing.ts';
import { answerPreflight, type Cors, isPreflight } from './cors.ts';
import { Exchange } from './exchange.ts';
import { answerProblem, badUrl, problemBody, problemContentType, toProblem } from './failure.ts';
import { heldAnswers } from './held-answers.ts';
import type { RouteTable } from './route-table.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Filled in by the executor; read for `Server-Timing` and the request's event. */
    timings: Timings;
  }
}

/** Characters of a URL with its query. A long `in.(…)` fits. */
export const maxUrlLength = 16_384;

const vary =
  'Authorization, apikey, X-NovaStack-Role, X-Hasura-Role, Accept-Profile, Content-Profile, Accept, Prefer, Origin';

export interface Way {
  readonly revision: string;
  readonly authenticator: Authenticator;
  readonly cors: Cors;
  readonly limits: { readonly body: number };
  readonly routes: RouteTable;
  /** `Server-Timing` on every answer. */
  readonly timing: boolean;
}

/** Before any routing: what needs no route and no caller. */
export function admit(way: Way, request: IncomingMessage, response: ServerResponse): boolean {
  const url = request.url ?? '';
  if (url.length > maxUrlLength) {
    answerProblem(
      response,
      new Problem('NS414', {
        message: `The URL is longer than ${maxUrlLength} characters.`,
        hint: 'Ask for less at once.',
      }),
      rawHeaders(way, request),
    );
    return false;
  }
  if (url.includes('%') && !isReadable(url)) {
    answerProblem(response, badUrl(), rawHeaders(way, request));
    return false;
  }
  if (isPreflight(request)) {
    answerPreflight(way.cors, response, rawHeaders(way, request));
    return false;
  }
  return true;
}

/** Every percent sign encodes UTF-8, and none a NUL, which no database stores. */
function isReadable(url: string): boolean {
  if (url.includes('%00')) return false;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

/** Puts the way on a Fastify instance, before any route is registered. */
export function layTheWay(app: FastifyInstance, way: Way): void {
  app.decorateRequest('principal', null as unknown as Principal);
  app.decorateRequest('timings', null as unknown as Timings);
  acceptBodies(app);

  app.addHook('onRequest', (request, reply, done) => enter(way, request, reply, done));
  app.addHook('onSend', (_request, reply, payload, done) => hold(reply, payload, done));
  if (way.timing) app.addHook('onSend', (request, reply, _payload, done) => time(request, reply, done));

  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, way.limits);
    return answer(request, reply, problem);
  });
  app.setNotFoundHandler((request, reply) => answer(request, reply, notFound(way, request)));
}

/** Bodies reach the surfaces as they came: only they know which text they take and how to read numbers exactly. */
function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body: Buffer, done) => {
    done(null, body.length === 0 ? undefined : body);
  });
}

function enter(way: Way, request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
  const exchange = request.raw.exchange ?? new Exchange(request.raw, reply.raw, () => {});
  exchange.route = request.routeOptions.url;
  exchange.surface = surfaceOf(request.raw.url ?? '');
  exchange.table = (request.params as { table?: string } | null)?.table;
  request.timings = exchange.timings;
  setHeaders(way, exchange, request, reply);
  let known: Principal | undefined;
  try {
    refuseTwoTokens(request.raw.rawHeaders);
    known = way.authenticator.recognize(request.headers);
  } catch (error) {
    done(error as Error);
    return;
  }
  if (known === undefined) {
    wait(way.authenticator, exchange, request, done);
    return;
  }
  request.principal = known;
  exchange.principal = known;
  done();
}

function wait(
  authenticator: Authenticator,
  exchange: Exchange,
  request: FastifyRequest,
  done: HookHandlerDoneFunction,
): void {
  authenticator.authenticate(request.headers).then((principal) => {
    request.principal = principal;
    exchange.principal = principal;
    done();
  }, done);
}

function setHeaders(way: Way, exchange: Exchange, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('x-novastack-revision', way.revision);
  reply.header('x-request-id', exchange.requestId);
  reply.header('cache-control', 'private');
  reply.header('vary', vary);
  reply.header('x-content-type-options', 'nosniff');
  const origin = request.headers.origin;
  if (origin === undefined) return;
  const allowed = way.cors.allow(origin);
  if (allowed === undefined) return;
  reply.header('access-control-allow-origin', allowed);
  reply.header('access-control-expose-headers', way.cors.exposed);
}

/** The same for answers outside of Fastify. */
function rawHeaders(way: Way, request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {
    'X-NovaStack-Revision': way.revision,
    'Cache-Control': 'private',
    Vary: vary,
    'X-Content-Type-Options': 'nosniff',
  };
  if (request.exchange !== undefined) headers['X-Request-Id'] = request.exchange.requestId;
  const origin = request.headers.origin;
  const allowed = origin === undefined ? undefined : way.cors.allow(origin);
  if (allowed === undefined) return headers;
  headers['Access-Control-Allow-Origin'] = allowed;
  headers['Access-Control-Expose-Headers'] = way.cors.exposed;
  return headers;
}

/** Node keeps the first of two and says nothing; whoever put the other one there may have meant it. */
export function refuseTwoTokens(rawHeaders: readonly string[]): void {
  let seen = false;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!;
    if (name.length !== 13 || name.toLowerCase() !== 'authorization') continue;
    if (seen)
      throw new Problem('NS400', {
        message: 'There are two Authorization headers.',
        hint: 'Send one.',
      });
    seen = true;
  }
}

export function surfaceOf(url: string): Surface {
  if (url.startsWith('/rest/v1')) return 'rest';
  if (url.startsWith('/graphql/v1') || url.startsWith('/v1/graphql') || url.startsWith('/schema.graphql'))
    return 'graphql';
  if (url.startsWith('/openapi.json')) return 'openapi';
  if (url.startsWith('/docs')) return 'docs';
  return 'other';
}

function notFound(way: Way, request: FastifyRequest): Problem {
  const pathname = (request.raw.url ?? '').split('?', 1)[0]!;
  const methods = way.routes.methodsOf(pathname);
  if (methods.length > 0)
    return new Problem('PGRST117', {
      message: `${request.method} is not a method of this path.`,
      hint: `Use ${methods.join(', ')}.`,
      headers: { Allow: methods.join(', ') },
    });
  return new Problem('PGRST125', {
    message: 'There is nothing at this path.',
    hint: 'REST is at /rest/v1/<table>, GraphQL at /graphql/v1, the description at /openapi.json.',
  });
}

function answer(request: FastifyRequest, reply: FastifyReply, problem: Problem): FastifyReply {
  const exchange = request.raw.exchange;
  if (exchange !== undefined) {
    exchange.code = problem.code;
    exchange.cause = problem.cause;
  }
  return reply
    .code(problem.status)
    .headers(problem.headers)
    .header('content-type', problemContentType)
    .send(problemBody(problem));
}

function hold(reply: FastifyReply, payload: unknown, done: HookHandlerDoneFunction): void {
  try {
    if (typeof payload === 'string') heldAnswers.admit(payload.length, reply.raw);
    done();
  } catch (error) {
    done(error as Error);
  }
}

function time(request: FastifyRequest, reply: FastifyReply, done: HookHandlerDoneFunction): void {
  const { plan, db } = request.timings;
  const total = request.raw.exchange?.elapsedMs();
  reply.header('server-timing', serverTiming({ plan, db, total }));
  done();
}
