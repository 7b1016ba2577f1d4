/** Asks the server to end a statement: over a connection of its own, opened when it is needed and kept for a while. */
import type { Connection } from 'mysql2';

const keptMs = 5_000;

export class Messenger {
  readonly #open: () => Promise<Connection>;
  #connection: Promise<Connection> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(open: () => Promise<Connection>) {
    this.#open = open;
  }

  /** Settles when the server has heard, or cannot be asked now. */
  async end(session: number): Promise<void> {
    clearTimeout(this.#idle);
    this.#connection ??= this.#open();
    const current = this.#connection;
    try {
      const connection = await current;
      // Not prepared: neither server takes it so. The number is the server's own.
      const refused = await new Promise<Error | null>((resolve) => {
        connection.query(`KILL QUERY ${Math.trunc(session)}`, resolve);
      });
      if (refused !== null && 'fatal' in refused) throw refused;
      this.#rest();
    } catch {
      if (this.#connection === current) this.#connection = undefined;
    }
  }

  close(): void {
    clearTimeout(this.#idle);
    void this.#connection?.then(
      (connection) => connection.destroy(),
      () => {},
    );
    this.#connection = undefined;
  }

  #rest(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.close(), keptMs).unref();
  }
}
