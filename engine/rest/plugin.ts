/** The REST surface: generic routes from HTTP to the executor and back. Permissions and SQL live elsewhere. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api, WorldTable } from '../api/api.ts';
import { goneSignal, headerText, plainHeaders } from '../execute/caller.ts';
import type { CallContext, Executor } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import { plan } from '../query/plan.ts';
import type { ApiRequest } from '../query/request.ts';
import type { Method, RestCall } from './parse/draft.ts';
import { parseRequest } from './parse/request.ts';
import { prefix, readPlace, type Target } from './path.ts';
import type { Answer } from './problem.ts';
import { findTable } from './profile.ts';
import { renderRead, renderWrite } from './render.ts';

export interface RestOptions {
  readonly api: Api;
  readonly executor: Executor;
  /** Where callers reach the project when the request does not say: `/bookshop`. Default empty. */
  readonly basePath?: string;
  /** What the root `/rest/v1/` answers a role: the text of its OpenAPI document. Without it the root is 404. */
  readonly describe?: (role: string, basePath: string) => string;
}

const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * Registers the routes below `/rest/v1`. Needs `request.principal`; throws `Problem`s, which the caller's error handler
 * renders. Register it without fastify-plugin: it reads every body as bytes, which must stay its own affair.
 */
export function restPlugin(app: FastifyInstance, options: RestOptions, done: () => void): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));
  const handler = (request: FastifyRequest, reply: FastifyReply) => handle(request, reply, options);
  const settings = { bodyLimit: options.api.limits.body, exposeHeadRoute: false, handler };
  app.route({ method: [...verbs], url: prefix, ...settings });
  app.route({ method: [...verbs], url: `${prefix}/*`, ...settings });
  done();
}

async function handle(request: FastifyRequest, reply: FastifyReply, options: RestOptions): Promise<unknown> {
  const { target, query } = readPlace(request.raw.url ?? '');
  const answer =
    target.kind === 'root'
      ? answerRoot(request, options)
      : await answerTable(request, reply, target, query, options);
  reply.code(answer.status).headers(answer.headers);
  return request.method === 'HEAD' || answer.body === undefined ? reply.send() : reply.send(answer.body);
}

function answerRoot(request: FastifyRequest, options: RestOptions): Answer {
  const { describe } = options;
  if (request.method === 'OPTIONS') return allowing(['OPTIONS', 'GET', 'HEAD']);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw notAllowed(request.method, 'OPTIONS,GET,HEAD');
  if (describe === undefined)
    throw new Problem('PGRST125', {
      message: 'Invalid path specified in request URL',
      hint: `Name a table: ${prefix}/<table>.`,
    });
  const body = describe(request.principal.role, basePathOf(request, options));
  return { status: 200, headers: { 'content-type': 'application/openapi+json; charset=utf-8' }, body };
}

async function answerTable(
  request: FastifyRequest,
  reply: FastifyReply,
  target: Extract<Target, { kind: 'table' }>,
  query: string,
  options: RestOptions,
): Promise<Answer> {
  const { api, executor } = options;
  const { principal } = request;
  const world = api.world(principal.role);
  const { headers } = request;
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const profile = headerText(headers[reads ? 'accept-profile' : 'content-profile']);
  const table = findTable(api, world, target.name, utf8(profile));
  const { exchange } = request.raw;
  if (exchange !== undefined) exchange.table = table.table.name;
  if (request.method === 'OPTIONS') return allowing(allowed(table, target.key !== undefined));
  const admit = (write: ApiRequest) => {
    plan(write, api, principal);
  };
  const parsed = parseRequest({ ...callOf(request, table, target.key, query), admit }, api.limits);
  const context = contextOf(request, reply);
  const answer =
    parsed.kind === 'read'
      ? renderRead(parsed, await executor.read(parsed.request, context))
      : renderWrite(
          parsed,
          (await executor.write([parsed.request], context))[0]!,
          table,
          `${basePathOf(request, options)}${prefix}`,
        );
  // Node writes headers in the encoding of the body, so a name beyond ASCII would not arrive as it was sent.
  return profile === undefined || !/^[\x20-\x7e]*$/.test(profile)
    ? answer
    : { ...answer, headers: { ...answer.headers, 'content-profile': profile } };
}

function callOf(
  request: FastifyRequest,
  table: WorldTable,
  key: string | undefined,
  query: string,
): RestCall {
  const { headers } = request;
  return {
    method: request.method as Method,
    table,
    key,
    query,
    accept: headers.accept,
    contentType: headers['content-type'],
    prefer: headerText(headers.prefer),
    range: headers.range,
    body: request.body as Buffer | undefined,
  };
}

function contextOf(request: FastifyRequest, reply: FastifyReply): CallContext {
  const { principal, raw } = request;
  const common = { principal, signal: goneSignal(reply.raw), timings: raw.exchange?.timings };
  if (request.method === 'GET' || request.method === 'HEAD') return common;
  const { method } = request;
  return { ...common, http: { method, path: raw.url ?? '', headers: plainHeaders(request.headers) } };
}

/** Node reads each byte of a header as one character. */
function utf8(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8');
}

function basePathOf(request: FastifyRequest, options: RestOptions): string {
  return request.raw.basePath ?? options.basePath ?? '';
}

function allowed({ select, insert, update, delete: remove }: WorldTable, oneRow: boolean): readonly string[] {
  return [
    'OPTIONS',
    ...(select ? ['GET', 'HEAD'] : []),
    ...(insert && !oneRow ? ['POST'] : []),
    ...(insert && update ? ['PUT'] : []),
    ...(update ? ['PATCH'] : []),
    ...(remove ? ['DELETE'] : []),
  ];
}

function allowing(methods: readonly string[]): Answer {
  return { status: 200, headers: { allow: methods.join(',') }, body: undefined };
}

function notAllowed(method: string, allow: string): Problem {
  return new Problem('PGRST117', {
    message: `Unsupported HTTP method: ${method}`,
    hint: `Use ${allow.replaceAll(',', ', ')}.`,
    headers: { allow },
  });
}
