/** For tests: stands between the engine and a database, and does what networks and servers do to each other. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Scope } from './database.ts';

/** `well`: bytes go both ways. `frozen`: they are taken and go nowhere. `slow`: each waits. `down`: nobody is there. */
export type Health = 'well' | 'frozen' | 'slow' | 'down';

const slowMs = 200;

export class FaultProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #server: Server;
  readonly #pairs = new Set<readonly [Socket, Socket]>();
  #health: Health = 'well';
  /** The address of the database by way of the proxy. */
  url = '';

  constructor(target: { readonly host: string; readonly port: number }) {
    this.#target = target;
    this.#server = createServer((near) => this.#accept(near));
  }

  async listen(url: string): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const through = new URL(url);
    through.hostname = '127.0.0.1';
    through.port = String((this.#server.address() as { port: number }).port);
    this.url = through.href;
  }

  /** From now on, for connections that are open too. */
  become(health: Health): void {
    this.#health = health;
    if (health === 'down') this.cut();
    for (const pair of this.#pairs) for (const socket of pair) this.#flow(socket);
  }

  /** Ends every connection, as a server that is killed. */
  cut(): void {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  get connections(): number {
    return this.#pairs.size;
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(near: Socket): void {
    if (this.#health === 'down') {
      near.resetAndDestroy();
      return;
    }
    const far = connect(this.#target);
    const pair = [near, far] as const;
    this.#pairs.add(pair);
    this.#join(near, far, pair);
    this.#join(far, near, pair);
  }

  #join(from: Socket, to: Socket, pair: readonly [Socket, Socket]): void {
    this.#flow(from);
    from.on('data', (bytes: Buffer) => {
      if (this.#health === 'slow') setTimeout(() => to.writable && to.write(bytes), slowMs);
      else if (to.writable) to.write(bytes);
    });
    from.on('error', () => {});
    from.on('close', () => {
      this.#pairs.delete(pair);
      to.destroy();
    });
  }

  #flow(socket: Socket): void {
    if (this.#health === 'frozen') socket.pause();
    else socket.resume();
  }
}

/** @param url of the database; the proxy's own address is in `url` of what comes back */
export async function createFaultProxy(scope: Scope, url: string): Promise<FaultProxy> {
  const { hostname, port, protocol } = new URL(url);
  const proxy = new FaultProxy({
    host: hostname,
    port: Number(port || (protocol.startsWith('postgres') ? 5432 : 3306)),
  });
  await proxy.listen(url);
  scope.after(() => proxy.close());
  return proxy;
}
