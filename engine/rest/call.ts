/** What a request says: as the parsers take it, and as the executor does. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { goneSignal, headerText, plainHeaders } from '../execute/caller.ts';
import type { CallContext } from '../execute/executor.ts';
import type { FunctionCall } from './parse/call.ts';
import type { Method } from './parse/draft.ts';

export function callOf(request: FastifyRequest, query: string): FunctionCall {
  const { headers } = request;
  return {
    method: request.method as Method,
    query,
    accept: headers.accept,
    contentType: headers['content-type'],
    prefer: headerText(headers.prefer),
    range: headers.range,
    body: request.body as Buffer | undefined,
  };
}

export function contextOf(request: FastifyRequest, reply: FastifyReply): CallContext {
  const { principal, raw } = request;
  const common = { principal, signal: goneSignal(reply.raw), timings: raw.exchange?.timings };
  if (request.method === 'GET' || request.method === 'HEAD') return common;
  return { ...common, http: httpOf(request) };
}

export function httpOf({ method, raw, headers }: FastifyRequest): NonNullable<CallContext['http']> {
  return { method, path: raw.url ?? '', headers: plainHeaders(headers) };
}

export function profileOf({ method, headers }: FastifyRequest): string | undefined {
  const reads = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  return utf8(headerText(headers[reads ? 'accept-profile' : 'content-profile']));
}

/** Node reads each byte of a header as one character. */
function utf8(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'latin1').toString('utf8');
}

/** What the listener took off the path, else what it is by default. */
export function basePathOf(request: FastifyRequest, otherwise: string): string {
  return request.raw.basePath ?? otherwise;
}
