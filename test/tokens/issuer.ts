/** An issuer's key set over real HTTP on this machine: what it answers is changed while it runs, and who asks is counted. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Scope } from '../database.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export class Issuer {
  /** Requests so far. */
  asked = 0;
  answer: Answer;
  #port = 0;
  readonly #server;

  constructor(answer: Answer) {
    this.answer = answer;
    this.#server = createServer((request, response) => {
      this.asked += 1;
      this.answer(request, response);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/jwks.json`;
  }

  /** On a free port the first time, and on the same one whenever it comes back. */
  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  /** From here on it answers with these keys. */
  publish(...keys: readonly Readonly<Record<string, unknown>>[]): void {
    this.answer = (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ keys }));
    };
  }
}

export async function openIssuer(
  t: Scope,
  ...keys: readonly Readonly<Record<string, unknown>>[]
): Promise<Issuer> {
  const issuer = new Issuer(() => {});
  issuer.publish(...keys);
  await issuer.open();
  t.after(() => issuer.close());
  return issuer;
}
