/**
 * For tests: a bare repository behind real smart HTTP (`git http-backend`) and file://, with a password where wanted, that can
 * hang, break off, answer with an error, speak nonsense, send elsewhere, send a damaged pack, and be down.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Scope } from './database.ts';
import { createRepository, Repository } from './git-repository.ts';

export type Trouble =
  /** Takes requests and never answers. */
  | { readonly kind: 'hang' }
  /** Sends half of the pack, and then nothing. */
  | { readonly kind: 'stall' }
  /** Sends half of the pack, and closes. */
  | { readonly kind: 'cut' }
  /** One bit of the pack's checksum is another one. */
  | { readonly kind: 'corrupt' }
  | { readonly kind: 'status'; readonly status: number }
  /** Answers 200 with this, as whatever type. */
  | { readonly kind: 'nonsense'; readonly body: string; readonly type?: string }
  /** Sends progress for ever in place of a pack. */
  | { readonly kind: 'flood' }
  /** Sends callers to an address; what they asked for is added to it. */
  | { readonly kind: 'redirect'; readonly to: string }; // biome-ignore format: one kind a line

export interface RemoteOptions {
  /** Default: whoever asks is answered. */
  readonly auth?: { readonly username: string; readonly password: string };
}

export interface SeenRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly authorization: string | undefined;
}

export interface Remote extends Repository {
  /** `http://127.0.0.1:1234/apis.git` */
  readonly url: string;
  /** `file:///tmp/…/apis.git` */
  readonly fileUrl: string;
  readonly requests: SeenRequest[];
  /** From now on; undefined: none. */
  readonly trouble: (trouble: Trouble | undefined) => void;
  /** Connections are refused until `up`. */
  readonly down: () => Promise<void>;
  /** On the port that it had. */
  readonly up: () => Promise<void>;
}

export async function createRemote(scope: Scope, options: RemoteOptions = {}): Promise<Remote> {
  return serveRepository(scope, await createRepository(scope), options);
}

/** The same of a repository that is there already. */
export async function serveRepository(
  scope: Scope,
  repository: Repository,
  options: RemoteOptions = {},
): Promise<Remote> {
  const front = new Front(repository, options);
  await front.up();
  scope.after(() => front.down());
  return Object.assign(new Repository(repository.directory), {
    url: `http://127.0.0.1:${front.port}/apis.git`,
    fileUrl: pathToFileURL(repository.directory).href,
    requests: front.requests,
    trouble: (trouble: Trouble | undefined) => {
      front.trouble = trouble;
    },
    down: () => front.down(),
    up: () => front.up(),
  });
}

class Front {
  port = 0;
  trouble: Trouble | undefined;
  readonly requests: SeenRequest[] = [];
  readonly #repository: Repository;
  readonly #options: RemoteOptions;
  readonly #sockets = new Set<Socket>();
  readonly #children = new Set<ChildProcess>();
  #server: Server | undefined;

  constructor(repository: Repository, options: RemoteOptions) {
    this.#repository = repository;
    this.#options = options;
  }

  async up(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.port, '127.0.0.1', resolve);
    });
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async down(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const child of this.#children) child.kill('SIGKILL');
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.requests.push({ method, url, authorization: headers.authorization });
    const body = await read(request).catch(() => undefined);
    if (body === undefined) return;
    const { trouble } = this;
    switch (trouble?.kind) {
      case 'hang':
        return;
      case 'status':
        response.writeHead(trouble.status, { 'content-type': 'text/plain' }).end('trouble');
        return;
      case 'redirect':
        response.writeHead(301, { location: `${trouble.to}${url.replace('/apis.git', '')}` }).end();
        return;
      case 'nonsense':
        response.writeHead(200, { 'content-type': trouble.type ?? 'text/html' }).end(trouble.body);
        return;
    }
    if (!this.#isKnown(headers.authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="remote"' }).end();
      return;
    }
    const answer = await this.#backend(request, body).catch(() => undefined);
    if (answer === undefined) response.destroy();
    else this.#send(answer, response);
  }

  #isKnown(authorization: string | undefined): boolean {
    const { auth } = this.#options;
    if (auth === undefined) return true;
    return authorization === `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  }

  #send({ status, headers, body }: Answer, response: ServerResponse): void {
    const pack = body.indexOf('PACK');
    if (this.trouble !== undefined && pack >= 0) {
      response.writeHead(status, headers);
      const half = pack + Math.max(20, Math.floor((body.length - pack) / 2));
      switch (this.trouble.kind) {
        case 'stall':
          response.write(body.subarray(0, half));
          return;
        case 'cut':
          response.write(body.subarray(0, half), () => response.destroy());
          return;
        case 'flood':
          response.write(body.subarray(0, pack - 5));
          flood(response);
          return;
        case 'corrupt':
          body[lastOfPack(body, pack - 5)]! ^= 1;
      }
      response.end(body);
      return;
    }
    response.writeHead(status, headers).end(body);
  }

  /** git-http-backend speaks CGI: variables in, headers and a body out. */
  async #backend(request: IncomingMessage, body: Buffer): Promise<Answer> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://remote');
    const header = (name: string) => String(request.headers[name] ?? '');
    const child = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env.PATH ?? '',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_PROJECT_ROOT: dirname(this.#repository.directory),
        GIT_HTTP_EXPORT_ALL: '1',
        PATH_INFO: decodeURIComponent(pathname),
        QUERY_STRING: search.slice(1),
        REQUEST_METHOD: request.method ?? 'GET',
        CONTENT_TYPE: header('content-type'),
        CONTENT_LENGTH: String(body.length),
        HTTP_CONTENT_ENCODING: header('content-encoding'),
        GIT_PROTOCOL: header('git-protocol'),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    child.stdin!.on('error', () => {});
    child.stdin!.end(body);
    return parseCgi(await read(child.stdout!));
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

function parseCgi(output: Buffer): Answer {
  const end = output.indexOf('\r\n\r\n');
  const lines = output.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]),
  );
  const { Status, ...rest } = headers;
  return { status: Number.parseInt(Status ?? '200', 10), headers: rest, body: output.subarray(end + 4) };
}

/** Where the last byte of the pack is in an answer whose first packet of it begins at `from`: progress may stand between. */
function lastOfPack(body: Buffer, from: number): number {
  let last = from;
  for (let at = from; at < body.length; ) {
    const length = Number.parseInt(body.toString('latin1', at, at + 4), 16);
    if (length === 0) break;
    if (body[at + 4] === 1) last = at + length - 1;
    at += length;
  }
  return last;
}

/** The second band of the protocol: what a remote has to tell. */
function flood(response: ServerResponse): void {
  const text = `\u0002${'all is well '.repeat(500)}\n`;
  const line = Buffer.from(`${(text.length + 4).toString(16).padStart(4, '0')}${text}`);
  const more = (): void => {
    if (response.destroyed) return;
    if (response.write(line)) setImmediate(more);
    else response.once('drain', more);
  };
  response.on('error', () => {});
  more();
}

async function read(stream: NodeJS.ReadableStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
