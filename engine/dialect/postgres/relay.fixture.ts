/** For tests: a relay in front of the database server, through which the network can be bad in chosen ways. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  /** The database's URL, by way of the relay. */
  readonly url: string;
  /** What to do with bytes that the server sent; passes them on as they are until set. */
  fromServer: (bytes: Buffer, client: Socket) => void;
  /** What to do with bytes that a client sent; passes them on as they are until set. */
  fromClient: (bytes: Buffer, server: Socket) => void;
  close(): void;
}

export async function openRelay(url: string): Promise<Relay> {
  const target = new URL(url);
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(Number(target.port || 5432), target.hostname);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from);
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('end', () => to.end());
      from.on('close', () => sockets.delete(from));
    }
    client.on('data', (bytes) => relay.fromClient(bytes, server));
    server.on('data', (bytes) => relay.fromServer(bytes, client));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((listener.address() as AddressInfo).port);
  const pass = (bytes: Buffer, to: Socket) => void to.write(bytes);
  const relay: Relay = {
    url: through.href,
    fromServer: pass,
    fromClient: pass,
    close() {
      listener.close();
      for (const socket of sockets) socket.destroy();
    },
  };
  return relay;
}
