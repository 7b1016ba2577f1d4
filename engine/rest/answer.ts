/** A call to a table or a function, from HTTP to the executor and back. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Api, ApiLimits, WorldTable } from '../api/api.ts';
import { headerText } from '../execute/caller.ts';
import type { CallContext, Executor, Precondition, ReadResult } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import { plan } from '../query/plan.ts';
import { denied } from '../query/refusal.ts';
import type { ApiRequest, ReadRequest } from '../query/request.ts';
import { basePathOf, callOf, contextOf, httpOf, profileOf } from './call.ts';
import { etagOf, namesTag } from './etag.ts';
import { Outlet } from './outlet.ts';
import { type FunctionCall, givenOf, parseCall } from './parse/call.ts';
import type { ParsedRead, ParsedWrite } from './parse/draft.ts';
import type { CursorSecrets } from './parse/keyset.ts';
import type { Preferences } from './parse/preferences.ts';
import { parseRequest } from './parse/request.ts';
import { prefix, type Target } from './path.ts';
import { type Answer, allowing } from './problem.ts';
import { findFunction, findTable } from './profile.ts';
import { renderBegun, renderCall, renderCalledRows, renderRead, renderWrite } from './render.ts';

/** What answering needs besides the request. */
export interface Answering {
  readonly api: Api;
  readonly executor: Executor;
  readonly cursorSecrets: CursorSecrets;
  /** The project has several profiles, so that answers say which one they are of. */
  readonly tellsProfile: boolean;
  /** Where callers reach the project when the request does not say: `/bookshop`, or empty. */
  readonly basePath: string;
}

export async function answerTable(
  request: FastifyRequest,
  reply: FastifyReply,
  target: Extract<Target, { kind: 'table' }>,
  query: string,
  options: Answering,
): Promise<Answer | undefined> {
  const { api, executor, cursorSecrets } = options;
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
      cursors: { role: principal.role, secrets: cursorSecrets },
      admit,
    },
    limitsFor(api, principal.role),
  );
  const base = `${basePathOf(request, options.basePath)}${prefix}`;
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
  const answer = renderRead(parsed, await executor.read(parsed.request, context), path);
  // A HEAD of lines is answered from the rows of a list, whose JSON is not what GET would tag.
  const isLines = parsed.media.stream !== undefined;
  return withProfile(told, isLines ? { ...answer, body: undefined } : answer);
}

/** What the caller's role may ask for. */
function limitsFor(api: Api, role: string): ApiLimits {
  return { ...api.limits, ...api.roles.get(role)?.limits };
}

/** A form of lines: short ones as any answer, long ones piece by piece. */
async function answerStream(
  parsed: ParsedRead,
  request: ReadRequest,
  reply: FastifyReply,
  { executor, context, profile }: { executor: Executor; context: CallContext; profile: string | undefined },
): Promise<Answer | undefined> {
  const outlet = new Outlet(reply, request.stream!, (total) => {
    const { status, headers } = withProfile(profile, { ...renderBegun(parsed, total), body: '' });
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

export async function answerFunction(
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  query: string,
  options: Answering,
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
  const parsed = parseCall(call, callable, limitsFor(api, request.principal.role));
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
  if (rows > 0 && namesTag(ifMatch, etagOf(body), 'strong')) return;
  throw new Problem('NS412', {
    message: rows === 0 ? 'There is no row to match.' : 'The row has changed since it was read.',
    hint: 'Read it again with the same token, and send the ETag of that answer as If-Match; nothing was written.',
  });
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
