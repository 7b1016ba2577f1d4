/** `COPY … TO STDOUT` into a stream as fast as Node can: the server's own bytes, a write for each packet. */
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import type { PoolClient, Submittable } from 'pg';

const copyData = 0x64; // d
/** Type and length of a message. */
const headerBytes = 5;

/** Settles when the server is ready for the next statement. */
export function copyTo(client: PoolClient, text: string, output: Writable): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query(new Copy(text, output, resolve, reject) as unknown as Submittable);
  });
}

interface Wire {
  readonly stream: Socket;
  query(text: string): void;
}

/** Takes the bytes from the driver, gives it all but the data back, and goes when the server is ready. */
class Copy {
  readonly #text: string;
  readonly #output: Writable;
  readonly #resolve: () => void;
  readonly #reject: (error: Error) => void;
  #leave = () => {};
  #error: Error | undefined;

  constructor(text: string, output: Writable, resolve: () => void, reject: (error: Error) => void) {
    this.#text = text;
    this.#output = output;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(wire: Wire): void {
    const { stream } = wire;
    const driver = stream.listeners('data') as ((chunk: Buffer) => void)[];
    let kept: Buffer = Buffer.alloc(0);
    const take = (chunk: Buffer) => {
      const data = kept.length === 0 ? chunk : Buffer.concat([kept, chunk]);
      kept = data.subarray(this.#read(data, driver, stream));
    };
    this.#leave = () => {
      stream.off('data', take);
      for (const listener of driver) stream.on('data', listener);
    };
    for (const listener of driver) stream.off('data', listener);
    stream.on('data', take);
    wire.query(this.#text);
  }

  /** Moves what the whole messages carry together and writes it out at once. Returns where the rest begins. */
  #read(data: Buffer, driver: readonly ((chunk: Buffer) => void)[], stream: Socket): number {
    let at = 0;
    let to = 0;
    while (data.length - at >= headerBytes) {
      const end = at + 1 + data.readUInt32BE(at + 1);
      if (end > data.length) break;
      if (data[at] === copyData) {
        data.copyWithin(to, at + headerBytes, end);
        to += end - at - headerBytes;
      } else {
        // The driver may keep what it is given, and what is moved would overwrite it.
        const message = Buffer.from(data.subarray(at, end));
        for (const listener of driver) listener.call(stream, message);
      }
      at = end;
    }
    if (to > 0 && !this.#output.write(data.subarray(0, to))) {
      stream.pause();
      this.#output.once('drain', () => stream.resume());
    }
    return at;
  }

  handleError(error: Error): void {
    this.#error = error;
  }

  handleReadyForQuery(): void {
    this.#leave();
    if (this.#error === undefined) this.#resolve();
    else this.#reject(this.#error);
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}
