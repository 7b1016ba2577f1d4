/** The GraphQL surface: routes from HTTP to the executor and back. Permissions and SQL live elsewhere. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api/api.ts';
import { limitsOf } from '../api/limits.ts';
import { goneSignal, plainHeaders } from '../execute/caller.ts';
import type { CallContext, Executor } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import { maxAnswer, tooLong } from './answer.ts';
import { readBody, readQueryString, type SentCall } from './call.ts';
import { errorText, statusOf, toProblem } from './error.ts';
import { contentSecurityPolicy, readAsset, renderPage } from './graphiql.ts';
import { type Admit, operate } from './operate.ts';
import { Planner } from './planner.ts';

export interface GraphqlOptions {
  readonly api: Api;
  readonly executor: Executor;
  /** Shared with the sockets; closed with the surface. Default: one of its own. */
  readonly planner?: Planner;
  /** Where callers reach the project when the request does not say: `/bookshop`. Default empty. */
  readonly basePath?: string;
  /** Whether a browser gets GraphiQL. */
  readonly graphiql: boolean;
}

interface Surface extends GraphqlOptions {
  readonly planner: Planner;
}

const paths = ['/graphql/v1', '/v1/graphql'];
const assets = '/graphql/v1/graphiql/';

/**
 * Registers `/graphql/v1`, its alias `/v1/graphql` and `/schema.graphql`. Needs `request.principal`. Register it without
 * fastify-plugin: it reads bodies as bytes and renders errors in GraphQL's form, which must stay its own affair.
 */
export function graphqlPlugin(app: FastifyInstance, options: GraphqlOptions, done: () => void): void {
  const surface: Surface = { ...options, planner: options.planner ?? new Planner(options.api) };
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));
  app.setErrorHandler((error, request, reply) => answerError(error, request, reply, surface));
  const settings = { bodyLimit: options.api.limits.body, exposeHeadRoute: false };
  for (const url of paths) {
    app.route({
      method: 'GET',
      url,
      ...settings,
      handler: (request, reply) => answerGet(request, reply, surface),
    });
    app.route({
      method: 'POST',
      url,
      ...settings,
      handler: (request, reply) => answerPost(request, reply, surface),
    });
  }
  app.get('/schema.graphql', { exposeHeadRoute: true }, (request, reply) =>
    answerSchema(request, reply, surface),
  );
  if (options.graphiql) app.get(`${assets}:name`, { exposeHeadRoute: false }, answerAsset);
  app.addHook('onReady', async () => surface.planner.warm());
  app.addHook('onClose', () => surface.planner.close());
  done();
}

async function answerGet(request: FastifyRequest, reply: FastifyReply, surface: Surface): Promise<unknown> {
  if (wantsPage(request, surface)) return answerPage(request, reply, surface);
  const call = readQueryString(request.query as Readonly<Record<string, unknown>>);
  return answerCall(call, request, reply, surface, (kind) => {
    if (kind === 'query') return;
    throw new Problem('PGRST117', {
      message: 'A mutation is not run by GET.',
      hint: 'Send it by POST.',
      headers: { allow: 'POST' },
    });
  });
}

async function answerPost(request: FastifyRequest, reply: FastifyReply, surface: Surface): Promise<unknown> {
  const { batch } = limitsOf(surface.api, request.principal.role).graphql;
  const calls = readBody(request.body as Buffer | undefined, request.headers['content-type'], batch);
  if (!isList(calls)) return answerCall(calls, request, reply, surface, () => {});
  const context = contextOf(request, reply);
  const answers: string[] = [];
  // One after the other: a batch is not a way to more connections than a document has.
  let left = maxAnswer;
  for (const call of calls) {
    const answer = left < 0 ? Promise.reject(tooLong('$')) : run(call, surface, context, () => {});
    const text = await answer.catch((error: unknown) => errorText(noted(error, request)));
    left -= text.length;
    answers.push(text);
  }
  return reply.header('content-type', contentType(request)).send(`[${answers.join(',')}]`);
}

async function run(sent: SentCall, surface: Surface, context: CallContext, admit: Admit): Promise<string> {
  const call = surface.planner.persisted.resolve(sent, context.principal.role);
  return operate(call, surface, context, admit);
}

function isList(calls: SentCall | readonly SentCall[]): calls is readonly SentCall[] {
  return Array.isArray(calls);
}

async function answerCall(
  call: SentCall,
  request: FastifyRequest,
  reply: FastifyReply,
  surface: Surface,
  admit: Admit,
): Promise<unknown> {
  reply.header('content-type', contentType(request));
  try {
    const known: Admit = (kind, table) => {
      const { exchange } = request.raw;
      if (exchange !== undefined) exchange.table = table;
      admit(kind, table);
    };
    return reply.send(await run(call, surface, contextOf(request, reply), known));
  } catch (error) {
    const problem = noted(error, request);
    // What is wrong with the request rather than with the operation keeps its status.
    const status = problem.code === 'PGRST117' ? problem.status : statusOf(problem, isOverHttp(request));
    const headers = status === problem.status ? problem.headers : {};
    return reply.code(status).headers(headers).send(errorText(problem));
  }
}

async function answerSchema(
  request: FastifyRequest,
  reply: FastifyReply,
  { planner }: Surface,
): Promise<unknown> {
  const role = planner.role(request.principal.role);
  if (!role.model.introspection)
    throw new Problem('42501', {
      message: 'The schema is not shown to this role.',
      hint: 'The project sets introspection: false for it under roles:.',
    });
  return reply.header('content-type', 'text/plain; charset=utf-8').send(await planner.print(role));
}

async function answerAsset(request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { name } = request.params as { readonly name: string };
  const asset = await readAsset(name);
  if (asset === undefined) throw new Problem('PGRST125', { message: 'There is nothing at this path.' });
  reply.header('cache-control', 'public, max-age=86400').header('etag', asset.etag);
  if (request.headers['if-none-match'] === asset.etag) return reply.code(304).send();
  return reply.header('content-type', asset.type).send(asset.body);
}

function answerPage(request: FastifyRequest, reply: FastifyReply, { api, basePath }: Surface): FastifyReply {
  const base = request.raw.basePath ?? basePath ?? '';
  return reply
    .code(200)
    .header('content-type', 'text/html; charset=utf-8')
    .header('content-security-policy', contentSecurityPolicy)
    .header('referrer-policy', 'no-referrer')
    .send(renderPage(base, api.title));
}

/** A browser that asks for the page, not for an answer. */
function wantsPage(request: FastifyRequest, { graphiql }: Surface): boolean {
  const { accept } = request.headers;
  return (
    graphiql && request.method === 'GET' && accept !== undefined && /(?:^|,)\s*text\/html\b/i.test(accept)
  );
}

/** What fails before the operation is known: the caller, the body, the method. Its status stays. */
async function answerError(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  surface: Surface,
): Promise<unknown> {
  const url = request.routeOptions.url ?? '';
  // The page and its files hold nothing of anybody's: whoever needs a token gives it there.
  if (paths.includes(url) && wantsPage(request, surface)) return answerPage(request, reply, surface);
  const problem = noted(error, request);
  if (url.startsWith(assets) && problem.status === 401) return answerAsset(request, reply);
  reply.code(problem.status).headers(problem.headers).header('content-type', contentType(request));
  return reply.send(errorText(problem));
}

/** The error as a problem, told to the request's event. */
function noted(error: unknown, request: FastifyRequest): Problem {
  const problem = toProblem(error);
  const { exchange } = request.raw;
  if (exchange !== undefined) {
    exchange.code = problem.code;
    exchange.cause = problem.cause;
  }
  return problem;
}

function isOverHttp({ headers }: FastifyRequest): boolean {
  return headers.accept?.toLowerCase().includes('application/graphql-response+json') === true;
}

function contentType(request: FastifyRequest): string {
  const type = isOverHttp(request) ? 'application/graphql-response+json' : 'application/json';
  return `${type}; charset=utf-8`;
}

function contextOf(request: FastifyRequest, reply: FastifyReply): CallContext {
  const { method, principal, raw } = request;
  const http = { method, path: raw.url ?? '', headers: plainHeaders(request.headers) };
  return { principal, signal: goneSignal(reply.raw), timings: raw.exchange?.timings, http };
}
