/** One request and its answer, from the listener to the one event that is told of it. */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Principal } from '../auth/principal.ts';
import type { Timings } from '../execute/executor.ts';
import type { Emit, Surface } from '../telemetry/events.ts';
import type { Held } from './registry.ts';

declare module 'node:http' {
  interface IncomingMessage {
    exchange?: Exchange;
  }
}

/** What callers may choose as the id of a request; anything else gets one of ours. */
const saneId = /^[A-Za-z0-9][A-Za-z0-9._:+/=@-]{0,127}$/;

export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && saneId.test(given) ? given : randomUUID();
}

export class Exchange {
  readonly requestId: string;
  readonly startedAt = performance.now();
  readonly timings: Timings = { plan: 0, db: 0 };
  surface: Surface = 'other';
  project: string | undefined;
  route: string | undefined;
  table: string | undefined;
  principal: Principal | undefined;
  code: string | undefined;
  cause: unknown;
  /** The revision that answers, until the answer is over. */
  held: Held | undefined;

  readonly #method: string;
  readonly #bytesBefore: number;
  readonly #socket: IncomingMessage['socket'];
  readonly #response: ServerResponse;
  readonly #emit: Emit;
  #settled = false;

  constructor(request: IncomingMessage, response: ServerResponse, emit: Emit) {
    this.requestId = requestIdOf(request);
    this.#method = request.method ?? '';
    this.#socket = request.socket;
    this.#bytesBefore = request.socket?.bytesWritten ?? 0;
    this.#response = response;
    this.#emit = emit;
    request.exchange = this;
  }

  /** Milliseconds since the request began. */
  elapsedMs(): number {
    return performance.now() - this.startedAt;
  }

  /** The answer is over, whole or not. Gives the revision back and tells the event; a second call does nothing. */
  settle(): void {
    if (this.#settled) return;
    this.#settled = true;
    const revision = this.held?.revision.id;
    this.held?.release();
    this.held = undefined;
    const { plan, db } = this.timings;
    const status = this.#response.statusCode;
    this.#emit({
      kind: 'request',
      requestId: this.requestId,
      project: this.project,
      revision,
      surface: this.surface,
      method: this.#method,
      route: this.route,
      table: this.table,
      role: this.principal?.role,
      subjectHash: this.principal === undefined ? undefined : subjectHash(this.principal),
      status,
      code: this.code,
      bytes: Math.max(0, (this.#socket?.bytesWritten ?? 0) - this.#bytesBefore),
      aborted: !this.#response.writableFinished,
      durations: { total: this.elapsedMs(), plan: plan || undefined, db: db || undefined },
      cause: status >= 500 ? this.cause : undefined,
    });
  }
}

/**
 * Settles the exchange when its response closes. A pipelined response that waits for its turn has no socket yet and
 * would not hear of its end, so it listens to the connection.
 */
export function settleAtClose(request: IncomingMessage, response: ServerResponse): void {
  response.on('close', settleResponse);
  if (response.socket === null) request.socket.once('close', () => request.exchange?.settle());
}

function settleResponse(this: ServerResponse): void {
  this.req.exchange?.settle();
}

const hashes = new WeakMap<Principal, string>();

/** Twelve hex digits that are the same for one subject of one issuer; a principal lives as long as its cached token. */
function subjectHash(principal: Principal): string | undefined {
  if (principal.subject === null) return undefined;
  const known = hashes.get(principal);
  if (known !== undefined) return known;
  const text = JSON.stringify([principal.issuer, principal.subject]);
  const made = createHash('sha256').update(text).digest('hex').slice(0, 12);
  hashes.set(principal, made);
  return made;
}
