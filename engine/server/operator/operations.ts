/** What has become of what was asked: one operation, or those of a project. */
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../../auth/operator.ts';
import { Problem } from '../../problem/problem.ts';
import type { Fleet } from '../../reconcile/fleet.ts';
import { errors, projectParams } from './schemas.ts';
import type { Sight } from './sight.ts';
import type { Waits } from './waits.ts';

export interface OperationsOptions {
  readonly fleet: Fleet;
  readonly sightOf: (caller: Caller) => Sight;
  readonly waits: Waits;
}

/** Seconds that a request may wait. */
const maxWaitSeconds = 60;

export function operations(app: FastifyInstance, { fleet, sightOf, waits }: OperationsOptions): void {
  app.get<{ Params: { id: string }; Querystring: { wait?: unknown } }>('/-/operations/:id', {
    schema: {
      tags: ['operations'],
      summary: 'One operation',
      description: 'Needs the right `read`.',
      params: { type: 'object', properties: { id: { type: 'string', description: 'As the 202 told it.' } } },
      querystring: {
        type: 'object',
        properties: {
          wait: {
            type: 'string',
            pattern: waitForm.source,
            description: `Answer when it has ended, or after this time: \`30s\`. At most ${maxWaitSeconds}s.`,
          },
        },
      },
      response: {
        200: {
          description: 'As it is now.',
          type: 'object',
          required: ['operation'],
          properties: { operation: { $ref: 'Operation#' } },
        },
        ...errors({ 400: '`wait` cannot be read.', 404: 'No such operation.' }),
      },
    },
    handler: async (request, reply) => {
      const { id } = request.params;
      const sight = sightOf(request.caller!);
      sight.demandAny();
      const ms = waitOf(request.query.wait);
      const known = await fleet.find(id).catch(unreachable);
      if (known === undefined || !sight.sees(known.project)) throw noOperation();
      const operation = await waits.end(id, ms, (stop) => reply.raw.once('close', stop)).catch(unreachable);
      if (operation === undefined) throw noOperation();
      return { operation };
    },
  });
  app.get<{ Params: { project: string } }>('/-/projects/:project/operations', {
    schema: {
      tags: ['operations'],
      summary: 'The operations of one project',
      description: 'Needs the right `read`.',
      params: projectParams,
      response: {
        200: {
          description: 'Newest first, at most 50.',
          type: 'object',
          required: ['operations'],
          properties: { operations: { type: 'array', items: { $ref: 'Operation#' } } },
        },
        ...errors({ 404: 'No such project.' }),
      },
    },
    handler: async (request) => {
      const { project } = request.params;
      const sight = sightOf(request.caller!);
      sight.demand('read', project);
      if (fleet.sourceOf(project) === undefined) throw sight.noProject(project);
      return { operations: await fleet.operations(project).catch(unreachable) };
    },
  });
}

const waitForm = /^[0-9]{1,6}(ms|s)$/;

/** @returns milliseconds; what asks for more gets the most there is */
function waitOf(wait: unknown): number {
  if (wait === undefined) return 0;
  const unit = typeof wait === 'string' ? waitForm.exec(wait)?.[1] : undefined;
  if (unit === undefined)
    throw new Problem('NS400', {
      message: 'The "wait" of the URL cannot be read.',
      hint: `Write it in seconds or milliseconds, up to ${maxWaitSeconds}s: ?wait=30s`,
    });
  return Math.min(Number.parseInt(wait as string, 10) * (unit === 's' ? 1000 : 1), maxWaitSeconds * 1000);
}

function unreachable(cause: unknown): never {
  throw new Problem('NS503', {
    message: 'The control store, where the operations of all engines are, cannot be reached.',
    hint: 'Try again in a moment; see "control" of server.yaml.',
    headers: { 'Retry-After': '5' },
    cause,
  });
}

function noOperation(): Problem {
  return new Problem('PGRST125', {
    message: 'No such operation is known here.',
    hint: 'Those of a project are at /-/projects/<project>/operations.',
  });
}
