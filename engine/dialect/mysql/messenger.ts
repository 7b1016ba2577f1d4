/** Asks the server to end a statement: over a connection of its own, opened when it is needed and kept for a while. */
import type { Connection } from 'mysql2';

const keptMs = 5_000;
const answerMs = 2_000;

export class Messenger {
  readonly #open: () => Promise<Connection>;
  #connection: Promise<Connection> | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(open: () => Promise<Connection>) {
    this.#open = open;
  }

  /** @returns true when the server has heard; false: it could not be asked, or has not answered in time */
  async end(session: number, what: 'QUERY' | 'CONNECTION' = 'QUERY'): Promise<boolean> {
    clearTimeout(this.#idle);
    this.#connection ??= this.#open();
    const current = this.#connection;
    try {
      await killOver(await current, `KILL ${what} ${Math.trunc(session)}`);
      this.#rest();
      return true;
    } catch {
      if (this.#connection === current) this.#connection = undefined;
      return false;
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

/** The number is the server's own. What it refuses (the session is gone) is heard. */
function killOver(connection: Connection, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      connection.destroy();
      reject(new Error(`no answer within ${answerMs} ms`));
    }, answerMs);
    connection.query(text, (error) => {
      clearTimeout(late);
      if (error?.fatal) reject(error);
      else resolve();
    });
  });
}
