/** Follows the lengths of the server's messages, so that a huge one is refused by its header, before it is gathered. */

/** Type byte and four bytes of length. */
export const headerBytes = 5;

export class MessageMeter {
  readonly #maxBytes: number;
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  /** Of the message that is being received. */
  #bodyLeft = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True when the next byte begins a message. */
  get atBoundary(): boolean {
    return this.#headerFilled === 0 && this.#bodyLeft === 0;
  }

  /** @returns false as soon as a message announces more than the limit */
  accepts(chunk: Buffer): boolean {
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const taken = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= taken;
        at += taken;
        continue;
      }
      const taken = Math.min(headerBytes - this.#headerFilled, chunk.length - at);
      chunk.copy(this.#header, this.#headerFilled, at, at + taken);
      this.#headerFilled += taken;
      at += taken;
      if (this.#headerFilled < headerBytes) break;
      this.#headerFilled = 0;
      // The length counts itself.
      this.#bodyLeft = this.#header.readUInt32BE(1) - 4;
      if (this.#bodyLeft > this.#maxBytes) return false;
    }
    return true;
  }
}
