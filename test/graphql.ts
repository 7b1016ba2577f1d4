/** For tests: the GraphQL surface alone on Fastify, over a test project, with a caller chosen for each request. */
import assert from 'node:assert/strict';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Principal } from '../engine/auth/principal.ts';
import { bindOperations } from '../engine/graphql/operations.ts';
import { Planner } from '../engine/graphql/planner.ts';
import { graphqlPlugin } from '../engine/graphql/plugin.ts';
import { Problem } from '../engine/problem/problem.ts';
import type { Scope } from './database.ts';
import { createProject, type TestProject, type TestProjectOptions } from './project.ts';

export interface Answered {
  readonly status: number;
  /** Parsed when it is JSON. */
  readonly body: unknown;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
  /** What the log alone learns of. */
  readonly cause: unknown;
  readonly table: string | undefined;
}

export interface Served extends TestProject {
  readonly app: FastifyInstance;
  /** POSTs one operation; a caller with the role `nobody` is refused before.  `variables` may be JSON text, where numbers must stay as written. */
  readonly ask: (
    caller: Principal,
    query: string,
    variables?: Readonly<Record<string, unknown>> | string,
    operationName?: string,
  ) => Promise<Answered>;
  readonly send: (
    caller: Principal,
    request: string,
    headers?: Readonly<Record<string, string>>,
    body?: string,
  ) => Promise<Answered>;
}

export async function serve(t: Scope, options: TestProjectOptions): Promise<Served> {
  const project = await createProject(t, options);
  const operations = await bindOperations(project.project, project.api);
  assert.deepEqual(operations.diagnostics, []);
  const app = Fastify();
  let caller: Principal;
  app.decorateRequest('principal', null as unknown as Principal);
  let noted: { code?: string; cause?: unknown; table?: string; timings: { plan: number; db: number } };
  app.addHook('onRequest', (request, _reply, done) => {
    noted = { timings: { plan: 0, db: 0 } };
    Object.assign(request.raw, { exchange: noted });
    request.principal = caller;
    if (caller.role === 'nobody') done(new Problem('PGRST302', { message: 'A token is required.' }));
    else done();
  });
  app.register(graphqlPlugin, {
    api: project.api,
    executor: project.executor,
    planner: new Planner(project.api, { operations: operations.value }),
    basePath: '/shop',
    graphiql: true,
  });
  await app.ready();
  t.after(() => app.close());
  const send: Served['send'] = async (principal, request, headers = {}, body) => {
    caller = principal;
    const [method, url] = request.split(' ') as ['GET' | 'HEAD' | 'POST', string];
    const answer = await app.inject({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { payload: body }),
    });
    const isJson = String(answer.headers['content-type']).includes('json') && answer.body !== '';
    return {
      status: answer.statusCode,
      body: isJson ? JSON.parse(answer.body) : answer.body,
      text: answer.body,
      headers: answer.headers,
      cause: noted.cause,
      table: noted.table,
    };
  };
  return {
    ...project,
    app,
    send,
    ask: (principal, query, variables, operationName) => {
      const given = typeof variables === 'string' ? JSON.rawJSON('null') : (variables ?? null);
      const text = JSON.stringify({ query, operationName: operationName ?? null, variables: given });
      const body = typeof variables === 'string' ? text.replace(/null\}$/, `${variables}}`) : text;
      return send(principal, 'POST /graphql/v1', { 'content-type': 'application/json' }, body);
    },
  };
}
