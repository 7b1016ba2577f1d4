/** How everything is: all projects, one of them, the metrics, the front page. As JSON, and for browsers as pages. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { diagnosticJson } from '../../../schema/format.ts';
import type { Caller } from '../../auth/operator.ts';
import type { Fleet } from '../../reconcile/fleet.ts';
import type { ProjectStatus } from '../../reconcile/status.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import { frontPage } from '../front-page.ts';
import { pageHeaders, wantsHtml } from '../html.ts';
import { statusSchema } from '../operator-schema.ts';
import { type Access, identify } from './access.ts';
import type { Attempts } from './attempts.ts';
import { projectPage } from './project-page.ts';
import { errors, projectParams } from './schemas.ts';
import type { Sight } from './sight.ts';
import { statusPage } from './status-page.ts';

export interface StatusOptions {
  readonly projects: () => readonly ProjectStatus[];
  readonly metrics: Metrics;
  readonly mode: string;
  readonly version: string;
  readonly fleet?: Fleet;
  readonly access: Access;
  readonly attempts: Attempts;
  readonly ready: () => boolean;
  readonly sightOf: (caller: Caller) => Sight;
}

export function status(app: FastifyInstance, options: StatusOptions): void {
  const { projects, sightOf } = options;
  const seenBy = (sight: Sight) => projects().filter(({ project }) => sight.sees(project));

  app.get('/-/status', {
    schema: {
      tags: ['status'],
      summary: 'All projects: phase, revisions, conditions, diagnostics of a broken save',
      description: 'Those that the token may read. With `Accept: text/html` a page.',
      response: { 200: { description: 'What the server knows now.', ...statusSchema }, ...errors() },
    },
    handler: (request, reply) => {
      const sight = sightOf(request.caller!);
      sight.demandAny();
      const { version, mode } = options;
      const seen = seenBy(sight);
      if (wantsHtml(request.headers.accept))
        return page(reply, statusPage({ version, mode, projects: seen }));
      return reply
        .header('vary', 'Accept')
        .send({ version, mode, ready: options.ready(), projects: seen.map(describe) });
    },
  });
  app.get<{ Params: { project: string } }>('/-/projects/:project', {
    schema: {
      tags: ['status'],
      summary: 'One project',
      description: 'With `Accept: text/html` a page.',
      params: projectParams,
      response: { 200: { description: 'As in /-/status.', $ref: 'Project#' }, ...errors() },
    },
    handler: async (request, reply) => {
      const { project } = request.params;
      const sight = sightOf(request.caller!);
      sight.demand('read', project);
      const found = projects().find((status) => status.project === project);
      if (found === undefined) throw sight.noProject(project);
      if (!wantsHtml(request.headers.accept)) return reply.header('vary', 'Accept').send(describe(found));
      // The page is worth having without them.
      const operations = (await options.fleet?.operations(project).catch(() => undefined)) ?? [];
      return page(reply, projectPage(found, operations));
    },
  });
  app.get('/-/metrics', {
    schema: {
      tags: ['status'],
      summary: 'Metrics in the Prometheus exposition format',
      description: 'For tokens that may read all projects.',
      response: { 200: { description: 'Plain text.', type: 'string' }, ...errors() },
    },
    // The text is as it is; no schema may touch it.
    serializerCompiler: () => (data) => data as unknown as string,
    handler: async (request, reply) => {
      sightOf(request.caller!).demandAll();
      return reply.header('content-type', options.metrics.contentType).send(await options.metrics.text());
    },
  });
  app.get('/-/openapi.json', { schema: { hide: true } }, (request) => {
    sightOf(request.caller!).demandAny();
    return app.swagger();
  });
  app.get('/', { schema: { hide: true }, config: { public: true } }, async (request, reply) => {
    const caller = await visitor(request, options);
    if (caller === undefined) return reply.type('text/plain; charset=utf-8').send('NovaStack is here.\n');
    const seen = seenBy(sightOf(caller));
    if (wantsHtml(request.headers.accept)) return page(reply, frontPage(seen));
    return reply.header('vary', 'Accept').send({ projects: seen.map(links) });
  });
}

/** @returns undefined: somebody without a token where it takes one to see anything */
async function visitor(
  request: FastifyRequest,
  { access, attempts }: StatusOptions,
): Promise<Caller | undefined> {
  if (access.kind === 'closed' && request.headers.authorization === undefined) return undefined;
  return identify(request, access, attempts);
}

function page(reply: FastifyReply, text: string): FastifyReply {
  // A schema is for the JSON; a page is the text that it is.
  return reply.headers(pageHeaders).serializer(String).send(text);
}

function describe(status: ProjectStatus): object {
  return { ...status, diagnostics: status.diagnostics.map(diagnosticJson) };
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
