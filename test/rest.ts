/** The REST surface alone on Fastify, over a test project, with a caller chosen for each request. */
import type { TestContext } from 'node:test';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Principal } from '../engine/auth/principal.ts';
import { Problem } from '../engine/problem/problem.ts';
import { restPlugin } from '../engine/rest/plugin.ts';
import { problemBody, problemContentType } from '../engine/revision/failure.ts';
import { createProject, type TestProject, type TestProjectOptions } from './project.ts';

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string | Buffer;
}

export interface Answered {
  readonly status: number;
  /** Parsed when it is JSON; undefined when there is none. */
  readonly body: unknown;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface Served extends TestProject {
  readonly ask: (caller: Principal, request: string, asked?: Asked) => Promise<Answered>;
  /** Opens a port for requests that need a real connection; all of them are `caller`'s. Gives the origin. */
  readonly listen: (caller: Principal) => Promise<string>;
}

/** @param request method and path below `/rest/v1`: `GET /books?id=eq.1` */
export async function serve(t: TestContext, options: TestProjectOptions): Promise<Served> {
  const project = await createProject(t, options);
  const app = Fastify();
  let caller: Principal;
  app.decorateRequest('principal', null as unknown as Principal);
  app.addHook('onRequest', (request, _reply, done) => {
    request.principal = caller;
    done();
  });
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof Problem)) throw error;
    reply.code(error.status).headers(error.headers).header('content-type', problemContentType);
    return reply.send(problemBody(error));
  });
  await app.register(restPlugin, { api: project.api, executor: project.executor, basePath: '/shop' });
  await app.ready();
  return {
    ...project,
    listen: async (principal) => {
      caller = principal;
      t.after(() => app.close());
      return app.listen({ host: '127.0.0.1', port: 0 });
    },
    ask: async (principal, request, asked = {}) => {
      caller = principal;
      return ask(app, request, asked);
    },
  };
}

async function ask(app: FastifyInstance, request: string, { headers, json, body }: Asked): Promise<Answered> {
  const [method, path] = request.split(' ') as ['GET', string];
  const payload = json === undefined ? body : JSON.stringify(json);
  const answer = await app.inject({
    method,
    url: `/rest/v1${path}`,
    headers: { ...(payload === undefined ? null : { 'content-type': 'application/json' }), ...headers },
    ...(payload === undefined ? null : { payload }),
  });
  const { connection: _, date: __, 'content-length': ___, ...rest } = answer.headers;
  const isJson = String(rest['content-type']).includes('json') && answer.body !== '';
  return {
    status: answer.statusCode,
    body: isJson ? JSON.parse(answer.body) : answer.body === '' ? undefined : answer.body,
    text: answer.body,
    headers: rest,
  };
}
