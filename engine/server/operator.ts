/** The operator's endpoints of one listener, put together: who asks, what they may, how refusals look. Described by @fastify/swagger. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Caller } from '../auth/operator.ts';
import { Problem } from '../problem/problem.ts';
import type { Fleet } from '../reconcile/fleet.ts';
import type { ProjectStatus } from '../reconcile/status.ts';
import { problemBody, problemContentType, toProblem } from '../revision/failure.ts';
import type { Emit } from '../telemetry/events.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Access, identify } from './operator/access.ts';
import { actions } from './operator/actions.ts';
import { Attempts } from './operator/attempts.ts';
import { health } from './operator/health.ts';
import { hooks } from './operator/hooks.ts';
import { operations } from './operator/operations.ts';
import { operationSchema } from './operator/schemas.ts';
import { Sight } from './operator/sight.ts';
import { status } from './operator/status.ts';
import { Waits } from './operator/waits.ts';
import type { Webhooks } from './operator/webhooks.ts';
import { errorSchema, projectSchema } from './operator-schema.ts';

export interface OperatorOptions {
  /** Of every project, in the order in which they were given. */
  readonly projects: () => readonly ProjectStatus[];
  readonly metrics: Metrics;
  /** `dev` or `serve`. */
  readonly mode: string;
  readonly version: string;
  /** Who may ask on this listener. */
  readonly access: Access;
  /** What syncs, rollbacks and the like are asked of. Undefined: there is none, as in `dev`, and so are their paths. */
  readonly fleet?: Fleet;
  /** Shared by all listeners, closed by whoever made them. Undefined: their path is not there. */
  readonly webhooks?: Webhooks;
  /** Wrong tokens and signatures by address; shared by all listeners. Default: of this one alone. */
  readonly attempts?: Attempts;
  /** Addresses and networks (CIDR) whose X-Forwarded-For is believed. Default none. */
  readonly proxies?: readonly string[] | Trust;
  /** Whether the server can take requests. Default: every project has a revision. */
  readonly ready?: () => boolean;
  /** Default: nobody is told. */
  readonly emit?: Emit;
}

/** By the address of who sent it on, and how many steps away that is. */
export type Trust = (address: string | undefined, hop: number) => boolean;

export interface Operator {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers at once those who wait for an operation's end, so that a drain need not wait for them. */
  stopWaiting(): void;
  close(): Promise<void>;
}

/** Fastify's types know of no socket without an address. */
type FastifyTrust = (address: string, hop: number) => boolean;

/** Bytes of a body, but for webhooks. */
const bodyLimit = 64 * 1024;

export async function createOperator(options: OperatorOptions): Promise<Operator> {
  const { access, fleet, projects, proxies = [], webhooks } = options;
  const attempts = options.attempts ?? new Attempts();
  const emit = options.emit ?? (() => {});
  const waits = fleet === undefined ? undefined : new Waits(fleet);
  const sourceOf = (project: string) => fleet?.sourceOf(project);
  const sightOf = (caller: Caller) => new Sight(caller, sourceOf);
  const ready = options.ready ?? (() => projects().every((one) => one.lastAppliedRevision !== null));

  const app = Fastify({
    logger: false,
    bodyLimit,
    return503OnClosing: false,
    trustProxy:
      typeof proxies === 'function' ? (proxies as FastifyTrust) : proxies.length > 0 && [...proxies],
  });
  await describe(app, options);
  refuse(app);
  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request) => {
    if (request.routeOptions.config.public !== true)
      request.caller = await identify(request, access, attempts);
  });
  // Routes stand in plugins of their own, because swagger sees what is registered after it is ready.
  await app.register(async (routes) => health(routes, ready));
  await app.register(async (routes) => status(routes, { ...options, ready, sightOf, attempts }));
  if (fleet !== undefined && waits !== undefined) {
    await app.register(async (routes) => actions(routes, { fleet, sightOf, emit }));
    await app.register(async (routes) => operations(routes, { fleet, sightOf, waits }));
  }
  if (webhooks !== undefined)
    await app.register(async (routes) => hooks(routes, { webhooks, attempts, emit }));
  await app.ready();
  return {
    handle: app.routing,
    stopWaiting: () => waits?.stop(),
    close: () => {
      waits?.stop();
      return app.close();
    },
  };
}

async function describe(app: FastifyInstance, { access, version }: OperatorOptions): Promise<void> {
  const bearer = {
    type: 'http',
    scheme: 'bearer',
    description:
      "An operator's token of server.yaml, or one of a pipeline that a source trusts; that one is good for one request.",
  } as const;
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'NovaStack: the operator',
        description: 'What runs on this server, and how it is.',
        version,
      },
      tags: [
        { name: 'health', description: 'For load balancers: public, and says nothing else.' },
        { name: 'status', description: 'For whoever runs the server.' },
        { name: 'operations', description: 'What may be asked of a project that is served from Git.' },
      ],
      ...(access.kind === 'open'
        ? {}
        : { components: { securitySchemes: { bearer } }, security: [{ bearer: [] }] }),
    },
    // Fastify names a shared schema; without this it would be called def-0.
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`),
    },
  });
  for (const schema of [errorSchema, projectSchema, operationSchema]) app.addSchema(schema);
}

function refuse(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    const id = request.raw.exchange?.requestId;
    if (id !== undefined) reply.header('x-request-id', id);
    if (request.raw.exchange !== undefined) request.raw.exchange.route = request.routeOptions.url;
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, { body: bodyLimit });
    const { exchange } = request.raw;
    if (exchange !== undefined) {
      exchange.code = problem.code;
      exchange.cause = problem.cause;
    }
    return reply
      .code(problem.status)
      .headers(problem.headers)
      .header('content-type', problemContentType)
      .send(problemBody(problem));
  });
  app.setNotFoundHandler(() => {
    throw new Problem('PGRST125', {
      message: 'There is nothing at this path.',
      hint: 'See /-/openapi.json for what the operator can ask.',
    });
  });
}
