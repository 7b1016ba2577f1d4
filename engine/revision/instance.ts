/** A Fastify instance of its own for one revision, with the way of a request laid and the surfaces registered. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import type { Authenticator } from '../auth/authenticate.ts';
import type { Pool } from '../dialect/dialect.ts';
import { createCors } from './cors.ts';
import { answerProblem, badUrl, toProblem } from './failure.ts';
import { admit, layTheWay, type Way } from './request.ts';
import type { InjectedAnswer, InjectedRequest, Revision } from './revision.ts';
import { RouteTable } from './route-table.ts';

export interface InstanceOptions {
  readonly id: string;
  /** Under which it is served; default: the project's slug. */
  readonly name?: string;
  readonly project: Project;
  readonly api: Api;
  readonly pools: ReadonlyMap<string, Pool>;
  readonly authenticator: Authenticator;
  /** `Server-Timing` on every answer: `dev` only. */
  readonly timing: boolean;
  /** Gives the pools back, after the last request. */
  readonly release?: () => Promise<void>;
}

/**
 * Registers the surfaces and makes the instance ready.
 *
 * @param surfaces registers routes without the project's prefix
 * @throws what a surface throws while it is registered; nothing is left open then
 */
export async function createInstance(
  options: InstanceOptions,
  surfaces: (app: FastifyInstance) => void | Promise<void>,
): Promise<Revision> {
  const way: Way = {
    revision: options.id,
    authenticator: options.authenticator,
    cors: createCors(options.project.cors.origins),
    limits: { body: options.api.limits.body },
    routes: new RouteTable(),
    timing: options.timing,
  };
  const app = Fastify(serverOptions(way));
  try {
    way.routes.watch(app);
    layTheWay(app, way);
    await surfaces(app);
    await app.ready();
  } catch (error) {
    await app.close();
    throw error;
  }
  return {
    id: options.id,
    project: options.name ?? options.project.name,
    source: options.project,
    api: options.api,
    pools: options.pools,
    handle: handler(way, app),
    inject: (request) => inject(app, request),
    close: async () => {
      await app.close();
      await options.release?.();
    },
  };
}

function serverOptions(way: Way): FastifyServerOptions {
  return {
    logger: false,
    bodyLimit: way.limits.body,
    // Keys of tables stand in paths.
    routerOptions: { maxParamLength: 8192 },
    // Requests are counted by leases; one that is let in is answered.
    return503OnClosing: false,
    frameworkErrors: (error, _request, reply) =>
      answerProblem(
        reply.raw,
        error.code === 'FST_ERR_BAD_URL' ? badUrl(error) : toProblem(error, way.limits),
        {
          'X-NovaStack-Revision': way.revision,
        },
      ),
  };
}

function handler(way: Way, app: FastifyInstance): Revision['handle'] {
  const route = app.routing;
  return (request: IncomingMessage, response: ServerResponse) => {
    if (admit(way, request, response)) route(request, response);
  };
}

async function inject(app: FastifyInstance, request: InjectedRequest): Promise<InjectedAnswer> {
  const answer = await app.inject({
    method: request.method,
    url: request.url,
    headers: { ...request.headers },
    ...(request.body === undefined ? {} : { payload: request.body }),
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.body };
}
