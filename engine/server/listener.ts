/** The one HTTP server: bounds on slow and large callers, and which project or page a path belongs to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, ListenOptions, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from '../problem/problem.ts';
import { Exchange, settleAtClose } from '../revision/exchange.ts';
import { answerProblem } from '../revision/failure.ts';
import type { Registry, Slot } from '../revision/registry.ts';
import type { Emit } from '../telemetry/events.ts';
import { answerRaw, type Hosts, noProject, placeOf, starting } from './place.ts';
import { Upgrades } from './upgrades.ts';

export interface ListenerOptions extends Hosts {
  readonly registry: Registry;
  /** Answers `/` and `/-/…`. */
  readonly operator: (request: IncomingMessage, response: ServerResponse) => void;
  readonly emit: Emit;
  /** WebSockets of all projects at a time. Default 10,000. */
  readonly maxSockets?: number;
}

export interface Listener {
  readonly server: Server;
  /** @returns the address it listens on; throws what Node says (`EADDRINUSE`) */
  listen(port: number, address: string, sharing?: Sharing): Promise<AddressInfo>;
  /** @param socket path of a socket that only this machine's processes reach */
  listenAt(socket: string): Promise<void>;
  /**
   * Takes no new request; resolves when the last one has been answered.
   *
   * @param lingerMs milliseconds that requests are still answered, each with the word that its connection ends: whoever uses
   *   a connection again and again learns it there, and not from a connection that is gone. Default 0
   */
  drain(lingerMs?: number): Promise<void>;
  /** Cuts what is left. */
  destroy(): void;
}

export interface Sharing {
  /** Other processes that say so too may listen at the same port: a successor, while this one still answers. */
  readonly reusePort: boolean;
}

/** Bytes of a request's line and headers. */
const maxHeaderBytes = 32 * 1024;

export function createListener(options: ListenerOptions): Listener {
  let stopping = false;
  const server = createServer(
    {
      maxHeaderSize: maxHeaderBytes,
      headersTimeout: 15_000,
      requestTimeout: 60_000,
      keepAliveTimeout: 72_000,
      connectionsCheckingInterval: 5_000,
      // Whoever asks for another protocol (`h2c`) is answered in this one.
      shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
    },
    (request, response) => {
      if (stopping) response.setHeader('Connection', 'close');
      answer(options, request, response);
    },
  );
  server.maxHeadersCount = 200;
  // Neither side moved: a reader that stopped reading must not keep its answer for ever.
  server.timeout = 300_000;
  server.on('clientError', refuse);
  const upgrades = new Upgrades(options);
  server.on('upgrade', (request, connection, head) => upgrades.answer(request, connection as Socket, head));

  const open = (where: ListenOptions) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(where, () => {
        server.off('error', reject);
        resolve();
      });
    });

  return {
    server,
    listen: async (port, host, sharing) => {
      await open({ port, host, ...sharing });
      return server.address() as AddressInfo;
    },
    listenAt: (path) => open({ path }),
    drain: async (lingerMs = 0) => {
      stopping = true;
      if (lingerMs > 0) await sleep(lingerMs);
      upgrades.end();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // A connection that was busy when the server closed stays open when its answer is done: look again until none is.
      const sweep = setInterval(() => server.closeIdleConnections(), 50);
      server.closeIdleConnections();
      return closed.finally(() => clearInterval(sweep));
    },
    destroy: () => {
      upgrades.destroy();
      server.closeAllConnections();
    },
  };
}

function answer(options: ListenerOptions, request: IncomingMessage, response: ServerResponse): void {
  const exchange = new Exchange(request, response, options.emit);
  settleAtClose(request, response);
  try {
    const refused = route(options, request, response, exchange);
    if (refused !== undefined) answerProblem(response, refused, refused.code === 'NS421' ? {} : readable);
  } catch (cause) {
    answerProblem(response, new Problem('NS000', { message: 'Something went wrong in the engine.', cause }));
  }
}

/** Scripts of any page may read that a project is starting: there is nothing in it. */
const readable = { 'Access-Control-Allow-Origin': '*' };

/** @returns why nobody answers; undefined when somebody does */
function route(
  options: ListenerOptions,
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
): Problem | undefined {
  const place = placeOf(request, options);
  if (place instanceof Problem) return place;
  const { name, rest, base } = place;
  if (name === '' || name === '-') {
    exchange.surface = 'operator';
    options.operator(request, response);
    return undefined;
  }
  const slot = options.registry.get(name);
  if (slot === undefined) return noProject();
  exchange.project = slot.name;
  request.basePath = base;
  request.url = rest;
  return handOver(slot, request, response, exchange);
}

function handOver(
  slot: Slot,
  request: IncomingMessage,
  response: ServerResponse,
  exchange: Exchange,
): Problem | undefined {
  const pathname = request.url!.split('?', 1)[0]!;
  if (pathname === '/docs' || pathname.startsWith('/docs/')) {
    exchange.surface = 'docs';
    stamp(slot, response, exchange);
    slot.docs.handle(request, response, pathname);
    return undefined;
  }
  if (pathname === '/' && request.headers.accept?.includes('text/html') === true) {
    stamp(slot, response, exchange);
    response.writeHead(307, { Location: `${request.basePath}/docs/`, 'Content-Length': 0 }).end();
    return undefined;
  }
  const held = slot.current;
  if (held === undefined) return slot.unavailable ?? starting();
  held.acquire();
  exchange.held = held;
  held.revision.handle(request, response);
  return undefined;
}

/** What every answer of a project carries, where no revision writes the answer. */
function stamp(slot: Slot, response: ServerResponse, exchange: Exchange): void {
  response.setHeader('X-Request-Id', exchange.requestId);
  const revision = slot.current?.revision.id;
  if (revision !== undefined) response.setHeader('X-NovaStack-Revision', revision);
}

/** What Node refuses before there is a request: answered cleanly, then the connection ends. */
function refuse(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  answerRaw(socket, refusal(error.code));
}

function refusal(code: string | undefined): Problem {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new Problem('NS431', {
        message: `The request's line and headers are larger than ${maxHeaderBytes} bytes.`,
        hint: 'Send a shorter URL, a smaller token or fewer headers.',
      });
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new Problem('NS408', {
        message: 'The request took too long to arrive.',
        hint: 'Send it at once.',
      });
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new Problem('NS413', { message: 'The chunk extensions of the body are too large.' });
    default:
      return new Problem('NS400', {
        message: 'This is not a valid HTTP/1.1 request.',
        hint: 'Percent-encode the URL and send one Host header.',
      });
  }
}
