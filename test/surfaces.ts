/** Both surfaces on one Fastify, over one test project: the same question in REST and in GraphQL. */
import Fastify from 'fastify';
import type { Principal } from '../engine/auth/principal.ts';
import { graphqlPlugin } from '../engine/graphql/plugin.ts';
import { Problem } from '../engine/problem/problem.ts';
import { restPlugin } from '../engine/rest/plugin.ts';
import { problemBody } from '../engine/revision/failure.ts';
import type { Scope } from './database.ts';
import { createProject, type TestProject, type TestProjectOptions } from './project.ts';

export interface Surfaces extends TestProject {
  /** @param path below `/rest/v1` */
  readonly rest: (
    caller: Principal,
    path: string,
    headers?: Readonly<Record<string, string>>,
    /** Default: GET, without a body. The body is sent as JSON. */
    sent?: { readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE'; readonly body: unknown },
  ) => Promise<RestAnswer>;
  readonly graphql: (
    caller: Principal,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ) => Promise<GraphqlAnswer>;
}

export interface RestAnswer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface GraphqlAnswer {
  readonly data?: Readonly<Record<string, unknown>>;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

export async function serveSurfaces(scope: Scope, options: TestProjectOptions): Promise<Surfaces> {
  const project = await createProject(scope, options);
  const app = Fastify();
  let caller: Principal;
  app.decorateRequest('principal', null as unknown as Principal);
  app.addHook('onRequest', (request, _reply, done) => {
    Object.assign(request.raw, { exchange: { timings: { plan: 0, db: 0 } } });
    request.principal = caller;
    done();
  });
  app.setErrorHandler((error, _request, reply) => {
    if (!(error instanceof Problem)) throw error;
    return reply.code(error.status).send(problemBody(error));
  });
  const { api, executor } = project;
  app.register(restPlugin, { api, executor, basePath: '/test' });
  app.register(graphqlPlugin, { api, executor, basePath: '/test', graphiql: false });
  await app.ready();
  scope.after(() => app.close());
  return {
    ...project,
    rest: async (
      principal,
      path,
      headers = {},
      { method, body: sent } = { method: 'GET', body: undefined },
    ) => {
      caller = principal;
      const {
        statusCode,
        body,
        headers: answered,
      } = await app.inject({
        method,
        url: `/rest/v1${path}`,
        headers: { ...(sent === undefined ? null : { 'content-type': 'application/json' }), ...headers },
        ...(sent === undefined ? null : { payload: JSON.stringify(sent) }),
      });
      return { status: statusCode, body: body === '' ? undefined : JSON.parse(body), headers: answered };
    },
    graphql: async (principal, query, variables = {}) => {
      caller = principal;
      const answer = await app.inject({ method: 'POST', url: '/graphql/v1', payload: { query, variables } });
      return answer.json();
    },
  };
}
