/** The REST surface: generic routes from HTTP to the executor and back. Permissions and SQL live elsewhere. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api, WorldTable } from '../api/api.ts';
import { goneSignal, headerText, plainHeaders } from '../execute/caller.ts';
import type { CallContext, Executor, Precondition, ReadResult } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import { plan } from '../query/plan.ts';
import { denied } from '../query/refusal.ts';
import type { ApiRequest, ReadRequest } from '../query/request.ts';
import { etagOf, namesTag } from './etag.ts';
import { Outlet } from './outlet.ts';
import { type FunctionCall, givenOf, parseCall } from './parse/call.ts';
import type { Method, ParsedRead, ParsedWrite } from './parse/draft.ts';
import { freshSecret } from './parse/keyset.ts';
import type { Preferences } from './parse/preferences.ts';
import { parseRequest } from './parse/request.ts';
import { prefix, readPlace, type Target } from './path.ts';
import type { Answer } from './problem.ts';
import { findFunction, findTable, knownProfile } from './profile.ts';
import { renderBegun, renderCall, renderCalledRows, renderRead, renderWrite } from './render.ts';

export interface RestOptions {
  readonly api: Api;
  readonly executor: Executor;
  /** Where callers reach the project when the request does not say: `/bookshop`. Default empty. */
  readonly basePath?: string;
  /** What the root `/rest/v1/` answers a role: the text of its description. Without it the root is 404. */
  readonly describe?: (
    role: string,
    basePath: string,
    form: 'swagger' | 'openapi',
    profile?: string,
  ) => string;
  /** Signs cursors: 32 bytes or more. Default one of this process. */
  readonly cursorSecret?: Buffer;
}

interface Settings extends RestOptions {
  readonly cursorSecret: Buffer;
  /** The project has several profiles, so that answers say which one they are of. */
  readonly tellsProfile: boolean;
}

const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * Registers the routes below `/rest/v1`. Needs `request.principal`; throws `Problem`s, which the caller's error handler
 * renders. Register it without fastify-plugin: it reads every body as bytes, which must stay its own affair.
 */
export function restPlugin(app: FastifyInstance, options: RestOptions, done: () => void): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));
  const { api } = options;
  const profiles = new Set([...api.tables.values(), ...api.functions.values()].map(({ profile }) => profile));
  const all: Settings = {
    ...options,
    cursorSecret: options.cursorSecret ?? freshSecret(),
    tellsProfile: profiles.size > 1,
  };
  const handler = (request: FastifyRequest, reply: FastifyReply) => handle(request, reply, all);
  const settings = { bodyLimit: options.api.limits.body, exposeHeadRoute: false, handler };
  app.route({ method: [...verbs], url: prefix, ...settings });
  app.route({ method: [...verbs], url: `${prefix}/*`, ...settings });
  done();
}

async function handle(request: FastifyRequest, reply: FastifyReply, options: Settings): Promise<unknown> {
  const { target, query } = readPlace(request.raw.url ?? '');
  const answer = await answerTarget(request, reply, { target, query }, options);
  // A stream has begun and is on its way.
  if (answer === undefined) return reply;
  reply.headers(answer.headers);
  const { body } = answer;
  if (body === undefined) return reply.code(answer.status).send();
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads && isKnown(request, reply, body)) {
    reply.removeHeader('content-type');
    return reply.code(304).send();
  }
  reply.code(answer.status);
  return request.method === 'HEAD' ? reply.send() : reply.send(body);
}

function answerTarget(
  request: FastifyRequest,
  reply: FastifyReply,
  { target, query }: { readonly target: Target; readonly query: string },
  options: Settings,
): Answer | undefined | Promise<Answer | undefined> {
  switch (target.kind) {
    case 'root':
      return answerRoot(request, options);
    case 'table':
      return answerTable(request, reply, target, query, options);
    case 'function':
      return answerFunction(request, reply, target.name, query, options);
    default:
      return target satisfies never;
  }
}

/** Tags the answer, and tells whether the caller has it already, so that it need not be sent again. */
function isKnown(request: FastifyRequest, reply: FastifyReply, body: string): boolean {
  const etag = etagOf(body);
  reply.header('etag', etag);
  const known = request.headers['if-none-match'];
  return known !== undefined && namesTag(known, etag);
}

function answerRoot(request: FastifyRequest, options: Settings): Answer {
  const { describe, api } = options;
  if (request.method === 'OPTIONS') return allowing(['OPTIONS', 'GET', 'HEAD']);
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw notAllowed(request.method, 'OPTIONS,GET,HEAD');
  if (describe === undefined)
    throw new Problem('PGRST125', {
      message: 'Invalid path specified in request URL',
      hint: `Name a table: ${prefix}/<table>.`,
    });
  const { role } = request.principal;
  const profile = knownProfile(api, api.world(role), profileOf(request));
  const isThree = /version=3|application\/vnd\.oai\.openapi/.test(request.headers.accept ?? '');
  const body = describe(role, basePathOf(request, options), isThree ? 'openapi' : 'swagger', profile);
  const type = isThree ? 'application/vnd.oai.openapi+json;version=3.1' : 'application/openapi+json';
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8` }, body };
}

async function answerTable(
  request: FastifyRequest,
  reply: FastifyReply,
  target: Extract<Target, { kind: 'table' }>,
  query: string,
  options: Settings,
): Promise<Answer | undefined> {
  const { api, executor, cursorSecret } = options;
  const { principal } = request;
  const profile = profileOf(request);
  const table = findTable(api, api.world(principal.role), target.name, profile);
  const told = profile ?? (options.tellsProfile ? table.table.profile : undefined);
  const { exchange } = request.raw;
  if (exchange !== undefined) exchange.table = table.table.name;
  if (request.method === 'OPTIONS') return allowing(allowed(table, target.key !== undefined));
  const admit = (write: ApiRequest) => {
    plan(write, api, principal);
  };
  const ifMatch = headerText(request.headers['if-match']);
  const parsed = parseRequest(
    {
      ...callOf(request, query),
      table,
      ...(target.key === undefined ? null : { key: target.key }),
      ...(ifMatch === undefined ? null : { ifMatch }),
      cursors: { role: principal.role, secret: cursorSecret },
      admit,
    },
    api.limits,
  );
  const base = `${basePathOf(request, options)}${prefix}`;
  if (parsed.kind === 'write') {
    const context = writing(contextOf(request, reply), parsed.preferences, api);
    const precondition = preconditionOf(parsed, ifMatch);
    const [result] = await executor.write([parsed.request], context, {
      ...(precondition && { precondition }),
    });
    return withProfile(told, renderWrite(parsed, result!, table, base));
  }
  const context = reading(contextOf(request, reply), parsed.preferences);
  if (parsed.request.stream !== undefined)
    return answerStream(parsed, parsed.request, reply, { executor, context, profile: told });
  const path = `${base}/${encodeURIComponent(table.table.rest)}`;
  return withProfile(told, renderRead(parsed, await executor.read(parsed.request, context), path));
}

/** A form of lines: short ones as any answer, long ones piece by piece. */
async function answerStream(
  parsed: ParsedRead,
  request: ReadRequest,
  reply: FastifyReply,
  { executor, context, profile }: { executor: Executor; context: CallContext; profile: string | undefined },
): Promise<Answer | undefined> {
  const outlet = new Outlet(reply, request.stream!, () => {
    const { status, headers } = withProfile(profile, { ...renderBegun(parsed), body: '' });
    reply.code(status).headers(headers);
  });
  try {
    await executor.stream(request, outlet, context);
  } catch (error) {
    if (outlet.fail(error)) return undefined;
    throw error;
  }
  const short = outlet.end();
  return short && withProfile(profile, renderRead(parsed, { ...short, last: undefined }));
}

async function answerFunction(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  query: string,
  options: Settings,
): Promise<Answer> {
  const { api, executor } = options;
  const profile = profileOf(request);
  const call: FunctionCall = callOf(request, query);
  const world = api.world(request.principal.role);
  const given = () => (request.method === 'OPTIONS' ? { names: undefined, body: undefined } : givenOf(call));
  const callable = findFunction(api, world, name, { profile, given });
  const { exchange } = request.raw;
  if (exchange !== undefined) exchange.table = `rpc/${callable.name}`;
  if (request.method === 'OPTIONS') {
    const readOnly = callable.overloads.every(({ routine }) => routine.volatility !== 'volatile');
    return allowing(readOnly ? ['OPTIONS', 'GET', 'HEAD', 'POST'] : ['OPTIONS', 'POST']);
  }
  const parsed = parseCall(call, callable, api.limits);
  const http = httpOf(request);
  const context = writing({ ...contextOf(request, reply), http }, parsed.preferences, api);
  const answer =
    parsed.request.stream === undefined
      ? renderCall(parsed, await executor.call(parsed.request, context))
      : renderCalledRows(parsed, await executor.callRows(parsed.request, context));
  return withProfile(profile ?? (options.tellsProfile ? callable.profile : undefined), answer);
}

/**
 * Says which profile a body is of. Node writes headers in the encoding of the body, so a name beyond ASCII would not
 * arrive as it was sent.
 */
function withProfile(profile: string | undefined, answer: Answer): Answer {
  return profile === undefined || answer.body === undefined || !/^[\x20-\x7e]*$/.test(profile)
    ? answer
    : { ...answer, headers: { ...answer.headers, 'content-profile': profile } };
}

function reading(context: CallContext, { timezone }: Preferences): CallContext {
  return timezone === undefined ? context : { ...context, timezone };
}

/** @throws {Problem} 42501 (403) a dry run is not for this role: a write that is meant to be one must not be done */
function writing(plain: CallContext, preferences: Preferences, api: Api): CallContext {
  const context = reading(plain, preferences);
  if (preferences.tx !== 'rollback') return context;
  const { principal } = context;
  if (!api.limits.dryRun.has(principal.role))
    throw denied(
      principal,
      `permission denied for Prefer: tx=rollback`,
      'The project names the roles that may ask for dry runs under limits.dry_run; nothing was written.',
    );
  return { ...context, dryRun: true };
}

/** `If-Match`: the rows must be as the caller has seen them. */
function preconditionOf(parsed: ParsedWrite, ifMatch: string | undefined): Precondition | undefined {
  const { precondition: read } = parsed;
  if (read === undefined || ifMatch === undefined) return undefined;
  return { read, verify: (result) => requireMatch(result, ifMatch) };
}

function requireMatch({ body, rows }: ReadResult, ifMatch: string): void {
  if (rows > 0 && namesTag(ifMatch, etagOf(body))) return;
  throw new Problem('NS412', {
    message: rows === 0 ? 'There is no row to match.' : 'The row has changed since it was read.',
    hint: 'Read it again, and send the ETag of that answer as If-Match; nothing was written.',
  });
}

function callOf(request: FastifyRequest, query: string): FunctionCall {
  const { headers } = request;
  return {
    method: request.method as Method,
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
  return { ...common, http: httpOf(request) };
}

function httpOf({ method, raw, headers }: FastifyRequest): NonNullable<CallContext['http']> {
  return { method, path: raw.url ?? '', headers: plainHeaders(headers) };
}

function profileOf({ method, headers }: FastifyRequest): string | undefined {
  const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return utf8(headerText(headers[reads ? 'accept-profile' : 'content-profile']));
}

/** Node reads each byte of a header as one character. */
function utf8(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8');
}

function basePathOf(request: FastifyRequest, options: RestOptions): string {
  return request.raw.basePath ?? options.basePath ?? '';
}

function allowed(
  { table, select, insert, update, delete: remove }: WorldTable,
  oneRow: boolean,
): readonly string[] {
  return [
    'OPTIONS',
    ...(select ? ['GET', 'HEAD'] : []),
    ...(insert && !oneRow ? ['POST'] : []),
    ...(insert && update && table.key.length > 0 ? ['PUT'] : []),
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
