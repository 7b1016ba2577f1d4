/** What a surface knows of who asks: the caller that the way in has verified, its headers, whether it is still there. */
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Principal } from '../auth/principal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The verified caller; set before any handler runs. */
    principal: Principal;
  }
}

declare module 'node:http' {
  interface IncomingMessage {
    /** What the listener took off the path: `/bookshop`, or empty for a host name of the project's own. */
    basePath?: string;
  }
}

/** Fires when the caller goes away before its answer is out. `request.signal` also fires once a body was read. */
export function goneSignal(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort();
  });
  return controller.signal;
}

const secrets: ReadonlySet<string> = new Set(['authorization', 'apikey', 'cookie', 'proxy-authorization']);

/** For settings of a write's transaction: without credentials, which functions in the database have no use for. */
export function plainHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const plain: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !secrets.has(name)) plain[name] = headerText(value)!;
  return plain;
}

/** One text of a header that was sent several times. */
export function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
