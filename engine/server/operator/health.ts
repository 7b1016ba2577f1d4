/** What load balancers ask: public on each listener, and it says nothing else. */
import type { FastifyInstance } from 'fastify';

/** @param isReady whether the server can take requests */
export function health(app: FastifyInstance, isReady: () => boolean): void {
  const said = (text: string) => ({
    type: 'object',
    required: ['status'],
    properties: { status: { type: 'string', const: text } },
  });
  app.get('/-/live', {
    config: { public: true },
    schema: {
      tags: ['health'],
      summary: 'The process answers',
      security: [],
      response: { 200: { description: 'It does.', ...said('live') } },
    },
    handler: () => ({ status: 'live' }),
  });
  app.get('/-/ready', {
    config: { public: true },
    schema: {
      tags: ['health'],
      summary: 'The projects are served',
      security: [],
      response: {
        200: { description: 'They are.', ...said('ready') },
        503: { description: 'Not yet.', ...said('starting') },
      },
    },
    handler: (_request, reply) =>
      isReady() ? { status: 'ready' } : reply.code(503).send({ status: 'starting' }),
  });
}
