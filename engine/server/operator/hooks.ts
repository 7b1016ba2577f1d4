/** `POST /-/hooks/<source>`: a forge says that something was pushed. What it sends is hashed, and neither kept nor read. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../problem/problem.ts';
import { requestIdOf } from '../../revision/exchange.ts';
import type { Emit } from '../../telemetry/events.ts';
import type { Attempts } from './attempts.ts';
import type { Verifier } from './signature.ts';
import type { Webhooks } from './webhooks.ts';

export interface HooksOptions {
  readonly webhooks: Webhooks;
  readonly attempts: Attempts;
  readonly emit: Emit;
}

/** GitHub sends no more. */
const maxBytes = 25 * 1024 * 1024;

export function hooks(app: FastifyInstance, options: HooksOptions): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  // Whatever it is said to be, it is bytes.
  app.addHook('onRequest', (request, _reply, done) => {
    delete request.headers['content-type'];
    done();
  });
  app.post<{ Params: { source: string } }>('/-/hooks/:source', {
    config: { public: true },
    schema: {
      tags: ['operations'],
      summary: 'A webhook of GitHub, GitLab, Gitea or Forgejo',
      description:
        'Signed with the secret of the source: `X-Hub-Signature-256`, `X-Gitea-Signature`, `X-Forgejo-Signature`, ' +
        '`webhook-signature` or `X-Gitlab-Token`. The body is not read; the engine looks at the repository itself.',
      security: [],
      params: {
        type: 'object',
        properties: { source: { type: 'string', description: 'Its name in server.yaml.' } },
      },
      response: {
        200: { description: 'A ping.', ...said('pong') },
        202: { description: 'The source is looked at soon.', ...said('accepted', 'duplicate') },
        401: { description: 'The signature is missing or does not hold.', $ref: 'Error#' },
        404: { description: 'No such source, or none with a webhook.', $ref: 'Error#' },
        413: { description: 'The body is larger than 25 MB.', $ref: 'Error#' },
        429: { description: 'Too many wrong signatures came from this address.', $ref: 'Error#' },
      },
    },
    handler: (request, reply) => receive(options, request, reply),
  });
}

function said(...texts: readonly string[]): object {
  return { type: 'object', required: ['status'], properties: { status: { type: 'string', enum: texts } } };
}

async function receive(
  { webhooks, attempts, emit }: HooksOptions,
  request: FastifyRequest<{ Params: { source: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { source } = request.params;
  if (!webhooks.has(source)) throw noSource();
  const tell = (result: 'accepted' | 'duplicate' | 'ping' | 'refused') =>
    emit({
      kind: 'webhook',
      requestId: request.raw.exchange?.requestId ?? requestIdOf(request.raw),
      source,
      result,
    });
  try {
    await attempts.guard(request.ip, true, () => verify(request, webhooks.verifier(source, request.headers)));
  } catch (error) {
    tell('refused');
    throw error;
  }
  if (isPing(request.headers)) {
    tell('ping');
    return reply.code(200).send({ status: 'pong' });
  }
  const result = webhooks.deliver(source, request.headers) ? 'accepted' : 'duplicate';
  tell(result);
  return reply.code(202).send({ status: result });
}

async function verify(request: FastifyRequest, verifier: Verifier | undefined): Promise<void> {
  if (verifier === undefined) throw wrongSignature();
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  let bytes = 0;
  for await (const chunk of request.raw as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge();
    verifier.update(chunk);
  }
  if (!verifier.holds()) throw wrongSignature();
}

function isPing(headers: FastifyRequest['headers']): boolean {
  return headers['x-github-event'] === 'ping';
}

function noSource(): Problem {
  return new Problem('PGRST125', {
    message: 'No source with a webhook has this name.',
    hint: 'The path is /-/hooks/<source>, with a name of "sources" in server.yaml whose "webhook" has a secret.',
    headers: { Connection: 'close' },
  });
}

function wrongSignature(): Problem {
  return new Problem('NS308', {
    message: 'The signature of the webhook is missing or does not hold.',
    hint: 'Give the forge the secret that server.yaml has under "webhook" of this source.',
    headers: { Connection: 'close' },
  });
}

function tooLarge(): Problem {
  return new Problem('NS413', {
    message: `The body is larger than ${maxBytes} bytes.`,
    hint: 'Let the webhook send pushes alone.',
    headers: { Connection: 'close' },
  });
}
