/** One socket: who opened it, until when, what it has asked, and how much it has not read yet. */
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import type { Principal } from '../../auth/principal.ts';
import { plainHeaders } from '../../execute/caller.ts';
import type { CallContext } from '../../execute/executor.ts';
import { Problem } from '../../problem/problem.ts';
import type { Call } from '../call.ts';
import { toProblem } from '../error.ts';
import { beyondLimit } from '../refusal.ts';
import { credentialsOf } from './credentials.ts';
import { Operation } from './operation.ts';
import type { LiveSurface, Serving } from './surface.ts';

/** Whom a surface has recognized. */
export interface Caller {
  readonly surface: LiveSurface;
  readonly principal: Principal;
  readonly serving: Serving;
}

/** Where a session belongs. */
export interface Home {
  readonly serving: Serving | undefined;
  /** Whether one more operation may be held. */
  hasRoom(): boolean;
  /** The one text of all documents that are the same. */
  intern(text: string): string;
  ended(operation: Operation, session: Session): void;
}

/** Operations of one socket at a time, and characters of what they were asked with. */
const maxOperations = 1_000;
const maxCharacters = 8_000_000;
const maxIdLength = 256;
/** Bytes that a reader may be behind before its socket is closed. */
const maxBehind = 16 * 1024 * 1024;
/** Milliseconds that a slow reader has for the reason. */
const lastWordsMs = 5_000;
const maxTimerMs = 2 ** 31 - 1;

export class Session {
  readonly requestId: string;
  readonly openedAt = performance.now();
  readonly operations = new Set<Operation>();
  /** Of all the time. */
  count = 0;
  /** It has said who opened it. */
  connected = false;
  /** Answered the last ping. */
  alive = true;
  readonly #home: Home;
  readonly #socket: WebSocket;
  readonly #request: Pick<IncomingMessage, 'headers' | 'url'>;
  #payload: Readonly<Record<string, unknown>> | undefined;
  #caller: Caller | undefined;
  #asking: Promise<Caller | undefined> | undefined;
  #expiry: NodeJS.Timeout | undefined;
  #characters = 0;
  #closing = false;
  #forget: ((id: string) => void) | undefined;

  constructor(home: Home, socket: WebSocket, request: IncomingMessage, requestId: string) {
    this.#home = home;
    this.#socket = socket;
    this.#request = { headers: request.headers, url: request.url };
    this.requestId = requestId;
  }

  get role(): string | undefined {
    return this.#caller?.principal.role;
  }

  /** For settings of a write's transaction, as over HTTP. */
  get http(): CallContext['http'] {
    const { url, headers } = this.#request;
    return { method: 'POST', path: url ?? '', headers: plainHeaders(headers) };
  }

  get socket(): WebSocket {
    return this.#socket;
  }

  isCurrent(surface: LiveSurface): boolean {
    return this.#home.serving?.surface === surface;
  }

  /** @returns whether the caller may go on; else the socket is being closed, with the reason */
  async connect(payload: Readonly<Record<string, unknown>> | undefined): Promise<boolean> {
    this.#payload = payload;
    this.connected = true;
    return (await this.caller()) !== undefined;
  }

  /**
   * Whom the revision that serves now takes the caller for; asked of each revision anew, and when the issuer's secret or
   * keys have changed.
   *
   * @returns undefined: the socket is being closed
   */
  caller(): Promise<Caller | undefined> {
    const known = this.#caller;
    if (!this.#closing && known !== undefined && this.#stands(known)) return Promise.resolve(known);
    this.#asking ??= this.#recognize().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  #stands({ serving, surface, principal }: Caller): boolean {
    return serving === this.#home.serving && surface.authenticator.stands(principal);
  }

  /** Closes the socket of a caller who would not be let in any more. */
  look(): void {
    if (this.#caller !== undefined) void this.caller();
  }

  async #recognize(): Promise<Caller | undefined> {
    try {
      const credentials = credentialsOf(this.#payload, this.#request.headers);
      for (;;) {
        const { serving } = this.#home;
        if (serving === undefined || this.#closing) return undefined;
        const { surface } = serving;
        const principal = await surface.authenticator.authenticate(credentials);
        if (serving !== this.#home.serving) continue;
        this.#caller = { surface, principal, serving };
        this.#expireAt(principal.expiresAt);
        return this.#closing ? undefined : this.#caller;
      }
    } catch (error) {
      const problem = toProblem(error);
      this.close(closeCodeOf(problem), problem.message);
      return undefined;
    }
  }

  #expireAt(time: number | null): void {
    clearTimeout(this.#expiry);
    if (time === null || this.#closing) return;
    const left = time - Date.now();
    if (left <= 0) this.close(4401, 'The token has expired.');
    else this.#expiry = setTimeout(() => this.#expireAt(time), Math.min(left, maxTimerMs));
  }

  /** @param forget takes an id out of the protocol's list, so that its end is not told again */
  begin(id: string, call: Call, forget: (id: string) => void): Operation {
    this.#forget = forget;
    if (id.length > maxIdLength) {
      this.close(4400, `An id has at most ${maxIdLength} characters.`);
      return new Operation(this, '', call);
    }
    const room = this.#home.hasRoom();
    const operation = new Operation(this, id, { ...call, query: this.#home.intern(call.query) });
    this.count += 1;
    this.operations.add(operation);
    this.#characters += operation.length;
    if (!room) operation.fail(tooMany());
    else if (this.operations.size > maxOperations)
      operation.fail(beyondLimit('$', `more than ${maxOperations} operations over one socket`));
    else if (this.#characters > maxCharacters)
      operation.fail(
        beyondLimit('$', `the operations of one socket hold more than ${maxCharacters} characters`),
      );
    return operation;
  }

  forget(id: string): void {
    this.#forget?.(id);
  }

  ended(operation: Operation): void {
    if (!this.operations.delete(operation)) return;
    this.#characters -= operation.length;
    this.#home.ended(operation, this);
  }

  send(text: string): void {
    if (this.#closing || this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#socket.bufferedAmount > maxBehind) {
      this.close(1013, 'The answers are not read as fast as they come.');
      setTimeout(() => this.#socket.terminate(), lastWordsMs).unref();
      return;
    }
    this.#socket.send(text);
  }

  /** @param reason cut to what a close frame holds */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    clearTimeout(this.#expiry);
    this.#socket.close(code, cut(reason));
    for (const operation of [...this.operations]) void operation.return();
  }

  /** The socket is gone. */
  gone(): void {
    this.#closing = true;
    clearTimeout(this.#expiry);
    for (const operation of [...this.operations]) void operation.return();
  }
}

function tooMany(): Problem {
  return new Problem('NS606', {
    message: 'Too many operations run over sockets at the moment.',
    hint: 'Try again in a moment.',
  });
}

function closeCodeOf({ code, status }: Problem): number {
  if (status === 401) return 4401;
  if (status === 403) return 4403;
  if (code === 'NS000') return 1011;
  return status >= 500 ? 1013 : 4400;
}

/** 123 bytes of UTF-8. */
function cut(reason: string): string {
  const bytes = Buffer.from(reason);
  return bytes.length <= 123
    ? reason
    : `${bytes
        .subarray(0, 118)
        .toString('utf8')
        .replace(/\uFFFD$/, '')}…`;
}
