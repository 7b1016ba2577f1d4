/** The operator's API of `novastack serve`: one request, tried again for as long as that can help, and its refusals told whole. */
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../inputs.ts';
import type { Authorization } from './authorization.ts';

export interface ServerOptions {
  readonly url: URL;
  readonly authorization: Authorization;
  /** Milliseconds since the epoch, after which nothing is tried again. */
  readonly deadline: number;
}

export interface Asked {
  readonly method: 'GET' | 'POST';
  /** `/-/projects/shop/sync`. */
  readonly path: string;
  readonly body?: object;
  /** Milliseconds that the server may take besides. Default 0. */
  readonly waitMs?: number;
  /** Statuses that may become better. Default: those of a server that is busy, or is about to end. */
  readonly again?: readonly number[];
}

/** The server said no, with its own words. */
export class ServerRefusal extends Error {
  readonly status: number;
  readonly code: string | undefined;

  constructor(status: number, { code, message, details, hint }: ProblemBody) {
    const lines = [
      `${message ?? 'The server refused.'} (${[status, code].filter((part) => part !== undefined).join(' ')})`,
      ...detailLines(details),
      ...(hint ? [`Hint: ${hint}`] : []),
    ];
    super(lines.join('\n'));
    this.name = 'ServerRefusal';
    this.status = status;
    this.code = code;
  }
}

export class ServerUnreachable extends Error {
  override readonly name = 'ServerUnreachable';
}

interface ProblemBody {
  readonly code?: string;
  readonly message?: string;
  readonly details?: unknown;
  readonly hint?: string | null;
}

/** Milliseconds for an answer, and between two attempts. */
const timeoutMs = 30_000;
const retryMs = 1_000;
const maxRetryMs = 10_000;
/** Milliseconds for which a server that cannot be reached at all is tried. */
const startMs = 60_000;
const maxBytes = 10_000_000;
const busy = [429, 502, 503, 504];

export class Server {
  readonly url: URL;
  readonly #authorization: Authorization;
  readonly #deadline: number;
  readonly #begun = Date.now();
  #wasReached = false;

  constructor({ url, authorization, deadline }: ServerOptions) {
    this.url = url;
    this.#authorization = authorization;
    this.#deadline = deadline;
  }

  /**
   * @throws {ServerRefusal} it will not be done
   * @throws {ServerUnreachable} nobody answers there
   */
  async ask<T>(asked: Asked): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await this.#once<T>(asked);
      if (outcome.kind === 'done') return outcome.body;
      const waitMs = Math.min(outcome.afterMs ?? retryMs * attempt, maxRetryMs);
      if (!this.#mayWait(waitMs)) throw outcome.error;
      await sleep(waitMs);
    }
  }

  /** Milliseconds until the deadline, 0 after it. */
  leftMs(): number {
    return Math.max(this.#deadline - Date.now(), 0);
  }

  isOver(): boolean {
    return this.leftMs() === 0;
  }

  #mayWait(waitMs: number): boolean {
    const end = this.#wasReached ? this.#deadline : Math.min(this.#deadline, this.#begun + startMs);
    return Date.now() + waitMs < end;
  }

  async #once<T>(asked: Asked): Promise<Outcome<T>> {
    const token = await this.#authorization();
    let response: Response;
    let text: string;
    try {
      response = await fetch(this.#address(asked.path), {
        method: asked.method,
        headers: {
          accept: 'application/json',
          'user-agent': 'novastack-action',
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...(asked.body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(asked.body === undefined ? {} : { body: JSON.stringify(asked.body) }),
        // The token would go along.
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs + (asked.waitMs ?? 0)),
      });
      text = await read(response);
    } catch (cause) {
      return { kind: 'again', error: this.#unreachable(cause), afterMs: undefined };
    }
    this.#wasReached = true;
    return outcomeOf<T>(response, text, asked, this.url);
  }

  #address(path: string): URL {
    return new URL(`${this.url.pathname.replace(/\/+$/, '')}${path}`, this.url);
  }

  #unreachable(cause: unknown): ServerUnreachable {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
    const { code, message } = (reason ?? {}) as { readonly code?: string; readonly message?: string };
    const why = code ?? message ?? 'unknown';
    return new ServerUnreachable(
      `The server ${this.url.origin} cannot be reached (${why}). See that "server-url" is right, and that the server can be ` +
        'reached from where this job runs.',
      { cause },
    );
  }
}

/** @throws {InputError} it is none, or a token would go over the network in the clear */
export function serverUrlOf(text: string): URL {
  if (text === '')
    throw new InputError('Input "server-url" has to say where the server is: https://api.example.com.');
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new InputError(
      `Input "server-url" is "${text}"; it has to be an address: https://api.example.com.`,
    );
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '')
    throw new InputError(
      'Input "server-url" has to be the address alone, without a user, a query or a fragment.',
    );
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    throw new InputError(
      `Input "server-url" is "${text}"; it has to begin with https://, as a token is sent there.`,
    );
  return url;
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

type Outcome<T> =
  | { readonly kind: 'done'; readonly body: T }
  | { readonly kind: 'again'; readonly error: Error; readonly afterMs: number | undefined }; // biome-ignore format: one case a line

/** @throws {ServerRefusal} */
function outcomeOf<T>(response: Response, text: string, asked: Asked, url: URL): Outcome<T> {
  const { status, headers } = response;
  if (status >= 300 && status < 400) throw redirected(status, headers.get('location'));
  const body = parsed(text);
  if (response.ok && body !== undefined) return { kind: 'done', body: body as T };
  if (body === undefined)
    throw new ServerRefusal(status, {
      message: `What answers at ${url.origin} is not NovaStack, or a proxy before it.`,
      hint: 'See that "server-url" is the address of novastack serve.',
    });
  const error = new ServerRefusal(status, body as ProblemBody);
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const asksLater = Number.isFinite(seconds);
  if (busy.includes(status) || asked.again?.includes(status) || (status === 409 && asksLater))
    return { kind: 'again', error, afterMs: asksLater ? seconds * 1_000 : undefined };
  throw error;
}

function redirected(status: number, location: string | null): ServerRefusal {
  return new ServerRefusal(status, {
    message: 'The server sends its callers to another address, and a token is not taken there.',
    hint:
      location === null ? 'Correct "server-url".' : `If that is right, write it as "server-url": ${location}`,
  });
}

async function read(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error('the answer is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Each condition that does not hold, a line each. */
function detailLines(details: unknown): readonly string[] {
  if (details === undefined || details === null) return [];
  const all: readonly unknown[] = Array.isArray(details) ? details : [details];
  return all.map((detail) => `- ${typeof detail === 'string' ? detail : conditionLine(detail)}`);
}

function conditionLine(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return JSON.stringify(detail);
  const { claim, found, accepted, source, ...rest } = detail as Readonly<Record<string, unknown>>;
  if (typeof claim !== 'string') return JSON.stringify(detail);
  const parts = [
    `"${claim}" is ${found === undefined ? 'missing' : told(found)}`,
    ...(accepted === undefined ? [] : [`accepted: ${told(accepted)}`]),
    ...(source === undefined ? [] : [`source ${told(source)}`]),
    ...(Object.keys(rest).length === 0 ? [] : [JSON.stringify(rest)]),
  ];
  return parts.join('; ');
}

function told(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
