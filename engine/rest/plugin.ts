/** The REST surface: generic routes from HTTP to the executor and back. Permissions and SQL live elsewhere. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Api } from '../api/api.ts';
import type { Executor } from '../execute/executor.ts';
import { Problem } from '../problem/problem.ts';
import { type Answering, answerFunction, answerTable } from './answer.ts';
import { basePathOf, profileOf } from './call.ts';
import { etagOf, namesTag } from './etag.ts';
import { freshSecret } from './parse/keyset.ts';
import { prefix, readPlace, type Target } from './path.ts';
import { type Answer, allowing } from './problem.ts';
import { knownProfile } from './profile.ts';

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
  /** Secrets before it, newest first: cursors of theirs are still read. Default none. */
  readonly previousCursorSecrets?: readonly Buffer[] | undefined;
}

interface Settings extends Answering {
  readonly describe: RestOptions['describe'];
}

const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/**
 * Registers the routes below `/rest/v1`. Needs `request.principal`; throws `Problem`s, which the caller's error handler
 * renders. Register it without fastify-plugin: it reads every body as bytes, which must stay its own affair.
 */
export function restPlugin(app: FastifyInstance, options: RestOptions, done: () => void): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, next) => next(null, body));
  const { api, executor, describe, basePath = '', cursorSecret = freshSecret() } = options;
  const cursorSecrets = { current: cursorSecret, previous: options.previousCursorSecrets ?? [] };
  const profiles = new Set([...api.tables.values(), ...api.functions.values()].map(({ profile }) => profile));
  const all: Settings = { api, executor, describe, basePath, cursorSecrets, tellsProfile: profiles.size > 1 };
  const handler = (request: FastifyRequest, reply: FastifyReply) => handle(request, reply, all);
  const settings = { bodyLimit: api.limits.body, exposeHeadRoute: false, handler };
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
  const whole = answer.status === 200 || answer.status === 206;
  if (reads && whole && isKnown(request, reply, body)) {
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
  return known !== undefined && namesTag(known, etag, 'weak');
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
  const body = describe(
    role,
    basePathOf(request, options.basePath),
    isThree ? 'openapi' : 'swagger',
    profile,
  );
  const type = isThree ? 'application/vnd.oai.openapi+json;version=3.1' : 'application/openapi+json';
  return { status: 200, headers: { 'content-type': `${type}; charset=utf-8` }, body };
}

function notAllowed(method: string, allow: string): Problem {
  return new Problem('PGRST117', {
    message: `Unsupported HTTP method: ${method}`,
    hint: `Use ${allow.replaceAll(',', ', ')}.`,
    headers: { allow },
  });
}
