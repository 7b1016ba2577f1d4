/** Asks a served project over one kept connection, with headers exactly as given; and over sockets. */
import { Agent, request as requestOver } from 'node:http';
import { WebSocket } from 'ws';

export interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed when it is JSON. */
  readonly body: unknown;
}

export interface Asked {
  /** Method and path: `GET /shop/rest/v1/books` */
  readonly request: string;
  /** Names and values by turns: a name may stand there twice. */
  readonly headers?: readonly string[];
  readonly json?: unknown;
}

const agent = new Agent({ keepAlive: true, maxSockets: 8 });

export function ask(origin: string, { request, headers = [], json }: Asked): Promise<Answered> {
  const [method, path] = request.split(' ') as [string, string];
  const payload = json === undefined ? undefined : JSON.stringify(json);
  const { host } = new URL(origin);
  const own = [
    'Host',
    host,
    ...(payload === undefined
      ? []
      : ['Content-Type', 'application/json', 'Content-Length', String(Buffer.byteLength(payload))]),
  ];
  return new Promise((resolve, reject) => {
    const sent = requestOver(
      `${origin}${path}`,
      { method, agent, headers: [...own, ...headers] },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = String(response.headers['content-type']).includes('json') && text !== '';
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            body: isJson ? JSON.parse(text) : undefined,
          });
        });
      },
    );
    sent.on('error', reject);
    sent.end(payload);
  });
}

export type Opened =
  | { readonly kind: 'accepted'; readonly socket: WebSocket }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly status: number };

/** Opens a socket and says who opens it, with the payload as it is. */
export function openSocket(
  origin: string,
  path: string,
  payload?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Opened> {
  const socket = new WebSocket(`${origin.replace(/^http/, 'ws')}${path}`, 'graphql-transport-ws', {
    headers,
  });
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      response.resume();
      socket.removeListener('error', reject);
      socket.on('error', () => {});
      resolve({ kind: 'refused', status: response.statusCode! });
    });
    socket.on('open', () =>
      socket.send(JSON.stringify({ type: 'connection_init', ...(payload === undefined ? {} : { payload }) })),
    );
    socket.on('close', (code, reason) => resolve({ kind: 'closed', code, reason: String(reason) }));
    socket.on('message', (data) => {
      if (JSON.parse(String(data)).type === 'connection_ack') resolve({ kind: 'accepted', socket });
    });
  });
}

/** One operation over an open socket: its first answer, or its errors. */
export function askSocket(socket: WebSocket, query: string, id = 'one'): Promise<unknown> {
  return new Promise((resolve) => {
    const closed = (code: number) => resolve({ closed: code });
    const listen = (data: unknown) => {
      const message = JSON.parse(String(data));
      if (message.id !== id || message.type === 'complete') return;
      socket.off('message', listen);
      socket.off('close', closed);
      resolve(message.payload);
    };
    socket.on('message', listen);
    socket.on('close', closed);
    socket.send(JSON.stringify({ id, type: 'subscribe', payload: { query } }));
  });
}
