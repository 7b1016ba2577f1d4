/** The operator's endpoints: is it alive, what does it serve, what went wrong. Described by @fastify/swagger. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance } from 'fastify';
import { diagnosticJson } from '../../schema/format.ts';
import { Problem } from '../problem/problem.ts';
import type { ProjectStatus } from '../reconcile/status.ts';
import { problemBody, problemContentType, toProblem } from '../revision/failure.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { frontPage } from './front-page.ts';
import { errorSchema, projectSchema, statusSchema } from './operator-schema.ts';

export interface OperatorOptions {
  /** Of every project, in the order in which they were given. */
  readonly projects: () => readonly ProjectStatus[];
  readonly metrics: Metrics;
  /** `dev` or `serve`. */
  readonly mode: string;
  readonly version: string;
}

export interface Operator {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  close(): Promise<void>;
}

export async function createOperator(options: OperatorOptions): Promise<Operator> {
  const app = Fastify({ logger: false, bodyLimit: 64 * 1024, return503OnClosing: false });
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'NovaStack: the operator',
        description: 'What runs on this server, and how it is.',
        version: options.version,
      },
      tags: [
        { name: 'health', description: 'For load balancers: public, and says nothing else.' },
        { name: 'status', description: 'For whoever runs the server.' },
      ],
    },
    // Fastify names a shared schema; without this it would be called def-0.
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) => String(json.$id ?? `schema-${index}`),
    },
  });
  for (const schema of [errorSchema, projectSchema]) app.addSchema(schema);
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('cache-control', 'no-store').header('x-content-type-options', 'nosniff');
    const id = request.raw.exchange?.requestId;
    if (id !== undefined) reply.header('x-request-id', id);
    if (request.raw.exchange !== undefined) request.raw.exchange.route = request.routeOptions.url;
    done();
  });
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, { body: 64 * 1024 });
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
  // Routes stand in a plugin of their own, because swagger sees what is registered after it is ready.
  await app.register(async (routes) => {
    health(routes, options);
    status(routes, options);
    front(routes, options);
  });
  await app.ready();
  return { handle: app.routing, close: () => app.close() };
}

function isReady(projects: readonly ProjectStatus[]): boolean {
  return projects.every((project) => project.lastAppliedRevision !== null);
}

function health(app: FastifyInstance, options: OperatorOptions): void {
  const said = (text: string) => ({
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', const: text } },
  });
  app.get('/-/live', {
    schema: {
      tags: ['health'],
      summary: 'The process answers',
      response: { 200: { description: 'It does.', ...said('live') } },
    },
    handler: () => ({ status: 'live' }),
  });
  app.get('/-/ready', {
    schema: {
      tags: ['health'],
      summary: 'Every project is served',
      response: {
        200: { description: 'Every project has a revision.', ...said('ready') },
        503: { description: 'Some project has none yet.', ...said('starting') },
      },
    },
    handler: (_request, reply) =>
      isReady(options.projects()) ? { status: 'ready' } : reply.code(503).send({ status: 'starting' }),
  });
}

function status(app: FastifyInstance, options: OperatorOptions): void {
  app.get('/-/status', {
    schema: {
      tags: ['status'],
      summary: 'All projects: phase, revisions, conditions, diagnostics of a broken save',
      response: { 200: { description: 'What the server knows now.', ...statusSchema } },
    },
    handler: () => ({
      version: options.version,
      mode: options.mode,
      ready: isReady(options.projects()),
      projects: options.projects().map(describe),
    }),
  });
  app.get<{ Params: { project: string } }>('/-/projects/:project', {
    schema: {
      tags: ['status'],
      summary: 'One project',
      params: {
        type: 'object',
        properties: { project: { type: 'string', description: "The project's slug." } },
      },
      response: {
        200: { description: 'As in /-/status.', $ref: 'Project#' },
        404: { description: 'No such project.', $ref: 'Error#' },
      },
    },
    handler: (request) => {
      const { project } = request.params;
      const found = options.projects().find((status) => status.project === project);
      if (found !== undefined) return describe(found);
      throw new Problem('PGRST125', {
        message: `No project ${JSON.stringify(project)} is known here.`,
        hint: '/-/status lists them.',
      });
    },
  });
  app.get('/-/metrics', {
    schema: {
      tags: ['status'],
      summary: 'Metrics in the Prometheus exposition format',
      response: { 200: { description: 'Plain text.', type: 'string' } },
    },
    // The text is as it is; no schema may touch it.
    serializerCompiler: () => (data) => data as unknown as string,
    handler: async (_request, reply) =>
      reply.header('content-type', options.metrics.contentType).send(await options.metrics.text()),
  });
  app.get('/-/openapi.json', { schema: { hide: true } }, () => app.swagger());
}

function describe(status: ProjectStatus): object {
  return { ...status, diagnostics: status.diagnostics.map(diagnosticJson) };
}

function front(app: FastifyInstance, options: OperatorOptions): void {
  app.get('/', { schema: { hide: true } }, (request, reply) => {
    const projects = options.projects();
    if (request.headers.accept?.includes('text/html') !== true)
      return { projects: projects.map((status) => links(status)) };
    return reply
      .header('content-type', 'text/html; charset=utf-8')
      .header(
        'content-security-policy',
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
      )
      .send(frontPage(projects));
  });
}

function links({ project, lastAppliedRevision }: ProjectStatus): object {
  if (project === null) return { project, revision: null };
  return {
    project,
    revision: lastAppliedRevision,
    rest: `/${project}/rest/v1/`,
    graphql: `/${project}/graphql/v1`,
    openapi: `/${project}/openapi.json`,
    docs: `/${project}/docs/`,
    status: `/-/projects/${project}`,
  };
}
