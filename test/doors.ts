/** For tests: both surfaces over one project, any verb, with the statements that each request sends to the database counted. */
import Fastify from 'fastify';
import type { Principal } from '../engine/auth/principal.ts';
import { openRelay } from '../engine/dialect/postgres/relay.fixture.ts';
import { graphqlPlugin } from '../engine/graphql/plugin.ts';
import { Problem } from '../engine/problem/problem.ts';
import { restPlugin } from '../engine/rest/plugin.ts';
import { problemBody, problemContentType } from '../engine/revision/failure.ts';
import { createDatabase, type Scope } from './database.ts';
import { createProject, type TestProject, type TestProjectOptions } from './project.ts';
import { countExecutes } from './statements-on-the-wire.ts';

export interface Answered {
  readonly status: number;
  readonly text: string;
  /** Parsed when it is JSON. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
  /** Sent to the database. */
  readonly statements: number;
}

export interface Asked {
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly body?: string;
}

export interface Doors extends TestProject {
  /** @param request method and path below `/rest/v1` */
  readonly rest: (caller: Principal, request: string, asked?: Asked) => Promise<Answered>;
  readonly graphql: (
    caller: Principal,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ) => Promise<Answered>;
}

export async function openDoors(scope: Scope, options: TestProjectOptions): Promise<Doors> {
  const engine = options.engine ?? 'postgres';
  const database = options.database ?? (await createDatabase(scope, engine));
  const relay = await openRelay(database.url);
  scope.after(() => relay.close());
  const count = countExecutes(relay, engine);
  const project = await createProject(scope, { ...options, database: { ...database, url: relay.url } });
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
    reply.code(error.status).headers(error.headers).header('content-type', problemContentType);
    return reply.send(problemBody(error));
  });
  const { api, executor } = project;
  app.register(restPlugin, { api, executor, basePath: '/test' });
  app.register(graphqlPlugin, { api, executor, basePath: '/test', graphiql: false });
  await app.ready();
  scope.after(() => app.close());

  const send = async (
    method: string,
    url: string,
    headers: Asked['headers'],
    payload: string | undefined,
  ) => {
    const before = count();
    const answer = await app.inject({
      method: method as 'GET',
      url,
      headers: { ...(payload === undefined ? null : { 'content-type': 'application/json' }), ...headers },
      ...(payload === undefined ? null : { payload }),
    });
    const { connection: _, date: __, ...rest } = answer.headers;
    const isJson = /[/+]json/.test(String(rest['content-type'])) && answer.body !== '';
    return {
      status: answer.statusCode,
      text: answer.body,
      body: isJson ? JSON.parse(answer.body) : undefined,
      headers: rest,
      statements: count() - before,
    };
  };
  return {
    ...project,
    rest: (principal, request, { headers, json, body } = {}) => {
      caller = principal;
      const [method, path] = request.split(' ') as [string, string];
      return send(method, `/rest/v1${path}`, headers, json === undefined ? body : JSON.stringify(json));
    },
    graphql: (principal, query, variables = {}) => {
      caller = principal;
      return send('POST', '/graphql/v1', {}, JSON.stringify({ query, variables }));
    },
  };
}

/** All rows of all tables of the project as one text, read past the engine. */
export async function contents({ api, sql }: Doors): Promise<string> {
  const tables = [...api.tables.values()].map(({ relation, byDatabaseName }) => {
    const cells = [...byDatabaseName.values()].flatMap(({ column, routine }) =>
      routine === undefined ? [`coalesce(cast(${column} as char(200)), '~')`] : [],
    );
    return `select '${relation.name}' as name, concat_ws('|', ${cells.join(', ')}) as cells from ${relation.name}`;
  });
  const rows = await sql(tables.join(' union all '));
  return rows
    .map(({ name, cells }) => `${name}: ${String(cells).replace(/ +(?=\||$)/g, '')}`)
    .sort()
    .join('\n');
}
