/** Requests to upgrade to a WebSocket: which project they are for, and how many sockets one process has. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Problem } from '../problem/problem.ts';
import { requestIdOf } from '../revision/exchange.ts';
import { refuseTwoTokens } from '../revision/request.ts';
import type { ListenerOptions } from './listener.ts';
import { answerRaw, noProject, placeOf, starting } from './place.ts';

const defaultMaxSockets = 10_000;
const paths: ReadonlySet<string> = new Set(['/graphql/v1', '/v1/graphql']);

export class Upgrades {
  readonly #options: ListenerOptions;
  #open = 0;
  #ended = false;

  constructor(options: ListenerOptions) {
    this.#options = options;
  }

  answer(request: IncomingMessage, connection: Socket, head: Buffer): void {
    // Until the library has its own, an error of the connection would end the process.
    connection.on('error', () => connection.destroy());
    const refused = this.#try(request, connection, head);
    if (refused === undefined) return;
    answerRaw(connection, refused);
    connection.destroySoon();
  }

  /** Tells every socket that the server goes away; those that answer are gone at once. */
  end(): void {
    this.#ended = true;
    for (const { sockets } of this.#options.registry.slots())
      sockets.end(1001, 'The server is shutting down.');
  }

  destroy(): void {
    for (const { sockets } of this.#options.registry.slots()) sockets.destroy();
  }

  #try(request: IncomingMessage, connection: Socket, head: Buffer): Problem | undefined {
    try {
      refuseTwoTokens(request.rawHeaders);
      return this.#route(request, connection, head);
    } catch (error) {
      if (error instanceof Problem) return error;
      return new Problem('NS000', { message: 'Something went wrong in the engine.', cause: error });
    }
  }

  /** @returns why it is refused */
  #route(request: IncomingMessage, connection: Socket, head: Buffer): Problem | undefined {
    const { registry, maxSockets = defaultMaxSockets } = this.#options;
    const place = placeOf(request, this.#options);
    if (place instanceof Problem) return place;
    const slot = registry.get(place.name);
    if (slot === undefined) return noProject();
    if (!paths.has(place.rest.split('?', 1)[0]!))
      return new Problem('PGRST125', {
        message: 'There are no sockets at this path.',
        hint: 'GraphQL is at /graphql/v1, with the subprotocol graphql-transport-ws.',
      });
    if (slot.current === undefined) return slot.unavailable ?? starting();
    if (this.#ended || this.#open >= maxSockets)
      return new Problem('NS606', {
        message: 'No more sockets are opened at the moment.',
        hint: 'Try again in a moment; one socket carries many subscriptions.',
        headers: { 'Retry-After': '1' },
      });
    request.url = place.rest;
    this.#open += 1;
    connection.once('close', () => {
      this.#open -= 1;
    });
    return slot.sockets.accept(request, connection, head, requestIdOf(request));
  }
}
