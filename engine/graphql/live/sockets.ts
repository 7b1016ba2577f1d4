/** The sockets of one served project. They outlive revisions: at a swap each operation is taken to the next one. */
import type { IncomingMessage } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { setImmediate as breathe } from 'node:timers/promises';
import { WebSocketServer } from 'ws';
import { Problem } from '../../problem/problem.ts';
import type { SocketEvent } from '../../telemetry/events.ts';
import type { Operation } from './operation.ts';
import { converse, handleProtocols } from './protocol.ts';
import { type Home, Session } from './session.ts';
import type { LiveSurface, Serving } from './surface.ts';

export interface SocketsOptions {
  readonly emit: (event: SocketEvent) => void;
  /** Milliseconds between two pings, and two looks at whether callers would still be let in. Default 25,000. */
  readonly pingMs?: number;
}

export interface SocketsReading {
  readonly sockets: number;
  readonly subscribers: number;
  /** Questions that are asked of the database again and again. */
  readonly cohorts: number;
  /** Statements run for live queries and streams so far. */
  readonly statements: number;
}

/** A socket that has not answered the last ping is gone. */
const defaultPingMs = 25_000;
const sliceMs = 8;
/** Of all sockets of a project: some 3 KB each. */
const maxOperations = 100_000;

export class ProjectSockets implements Home {
  readonly #emit: SocketsOptions['emit'];
  readonly #pingMs: number;
  readonly #sessions = new Set<Session>();
  /** Texts of documents that subscriptions hold, and how many do. */
  readonly #documents = new Map<string, { readonly text: string; users: number }>();
  #serving: Serving | undefined;
  #server: WebSocketServer | undefined;
  #pings: NodeJS.Timeout | undefined;
  #statementsBefore = 0;
  #operations = 0;

  constructor({ emit, pingMs = defaultPingMs }: SocketsOptions) {
    this.#emit = emit;
    this.#pingMs = pingMs;
  }

  get serving(): Serving | undefined {
    return this.#serving;
  }

  read(): SocketsReading {
    let subscribers = 0;
    for (const { operations } of this.#sessions)
      for (const { kind } of operations) if (kind === 'subscription') subscribers += 1;
    const live = this.#serving?.surface.live;
    return {
      sockets: this.#sessions.size,
      subscribers,
      cohorts: live?.cohorts ?? 0,
      statements: this.#statementsBefore + (live?.statements ?? 0),
    };
  }

  /**
   * Takes a request to upgrade.
   *
   * @returns why it is refused; undefined: the connection is taken
   */
  accept(request: IncomingMessage, connection: Duplex, head: Buffer, requestId: string): Problem | undefined {
    const surface = this.#serving?.surface;
    if (surface === undefined || this.#server === undefined)
      return new Problem('PGRST125', { message: 'There are no sockets at this path.' });
    const { origin, host } = request.headers;
    if (origin !== undefined && !isOwn(origin, host) && !surface.allows(origin)) return foreignOrigin();
    this.#server.handleUpgrade(request, connection, head, (socket) => {
      const session = new Session(this, socket, request, requestId);
      this.#open(session);
      socket.once('close', (code) => this.#closed(session, code));
      converse(socket, session);
    });
    return undefined;
  }

  /** From here on operations run on another revision; nobody is told anything by the one before. */
  move(serving: Serving | undefined): void {
    const before = this.#serving?.surface.live;
    this.#statementsBefore += before?.statements ?? 0;
    void before?.close();
    this.#serving = serving;
    this.#server = undefined;
    if (serving === undefined) {
      this.end(1001, 'The project is not served any more.');
      return;
    }
    const { live, maxMessage } = serving.surface;
    live.onFault = (problem) =>
      this.#emit({ kind: 'fault', message: 'Live queries cannot be asked for a while.', cause: problem });
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxMessage,
      handleProtocols,
    });
    this.#moveAll(serving.surface).catch((cause: unknown) =>
      this.#emit({ kind: 'fault', message: 'Subscriptions could not be taken to a new revision.', cause }),
    );
  }

  end(code: number, reason: string): void {
    for (const session of [...this.#sessions]) session.close(code, reason);
  }

  /** Cuts what is left. */
  destroy(): void {
    for (const { socket } of [...this.#sessions]) socket.terminate();
  }

  hasRoom(): boolean {
    return this.#operations < maxOperations;
  }

  intern(text: string): string {
    this.#operations += 1;
    const known = this.#documents.get(text);
    if (known !== undefined) {
      known.users += 1;
      return known.text;
    }
    this.#documents.set(text, { text, users: 1 });
    return text;
  }

  ended(operation: Operation, session: Session): void {
    this.#operations -= 1;
    const { query } = operation.call;
    const document = this.#documents.get(query);
    if (document !== undefined) {
      document.users -= 1;
      if (document.users === 0) this.#documents.delete(query);
    }
    this.#emit({
      kind: 'operation',
      requestId: session.requestId,
      revision: this.#serving?.surface.revision,
      operation: operation.kind,
      role: session.role,
      code: operation.code,
      answers: operation.answers,
      ms: performance.now() - operation.startedAt,
    });
  }

  /** One after the other, and never for long at once. */
  async #moveAll(surface: LiveSurface): Promise<void> {
    let until = performance.now() + sliceMs;
    for (const session of [...this.#sessions]) {
      if (!session.connected || (await session.caller()) === undefined) continue;
      for (const operation of [...session.operations]) {
        // A swap that came meanwhile moves all of them itself.
        if (this.#serving?.surface !== surface) return;
        await operation.move();
        if (performance.now() < until) continue;
        await breathe();
        until = performance.now() + sliceMs;
      }
    }
  }

  #open(session: Session): void {
    this.#sessions.add(session);
    this.#pings ??= setInterval(() => this.#ping(), this.#pingMs).unref();
  }

  #closed(session: Session, code: number): void {
    this.#sessions.delete(session);
    if (this.#sessions.size === 0) {
      clearInterval(this.#pings);
      this.#pings = undefined;
    }
    this.#emit({
      kind: 'socket',
      requestId: session.requestId,
      revision: this.#serving?.surface.revision,
      role: session.role,
      code,
      operations: session.count,
      ms: performance.now() - session.openedAt,
    });
  }

  #ping(): void {
    for (const session of this.#sessions) {
      if (!session.alive) session.socket.terminate();
      session.alive = false;
      session.look();
      if (session.socket.readyState === session.socket.OPEN) session.socket.ping();
    }
  }
}

/** A page of the same origin, such as GraphiQL's; `hosts` of the listener says which names are ours. */
function isOwn(origin: string, host: string | undefined): boolean {
  return host !== undefined && /^https?:\/\/(.+)$/i.exec(origin)?.[1]?.toLowerCase() === host.toLowerCase();
}

function foreignOrigin(): Problem {
  return new Problem('NS605', {
    message: 'Pages of this origin may not open sockets here.',
    hint: 'The project names the origins of its pages under cors.origins.',
  });
}
