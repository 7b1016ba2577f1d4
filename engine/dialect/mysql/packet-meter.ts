/** Follows the lengths of the server's packets, so that a huge row is refused by its headers, before it is gathered. */

/** Three bytes of length and one of sequence. */
const headerBytes = 4;
/** A packet of this length goes on in the next one. */
const fullPacket = 0xff_ff_ff;

export class PacketMeter {
  readonly #maxBytes: number;
  readonly #header = Buffer.alloc(headerBytes);
  #headerFilled = 0;
  /** Of the packet that is being received. */
  #bodyLeft = 0;
  /** Of the packets that belong together. */
  #total = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** @returns false as soon as packets that belong together announce more than the limit */
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
      this.#bodyLeft = this.#header.readUIntLE(0, 3);
      this.#total += this.#bodyLeft;
      if (this.#total > this.#maxBytes) return false;
      if (this.#bodyLeft < fullPacket) this.#total = 0;
    }
    return true;
  }
}
