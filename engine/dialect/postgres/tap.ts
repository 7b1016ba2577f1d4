/** Stands between the socket and the driver: bounds each message, and takes the rows of a stream out before the driver. */
import type { Flow } from '../flow.ts';
import { headerBytes, MessageMeter } from './message-meter.ts';
import type { RowBatch } from './row-batch.ts';

const dataRow = 0x44; // D
const readyForQuery = 0x5a; // Z

export class Tap {
  readonly #maxBytes: number;
  readonly #driver: (chunk: Buffer) => void;
  readonly #meter: MessageMeter;
  #flow: Flow<RowBatch> | undefined;
  /** Of a message that has not come as a whole. */
  #parts: Buffer[] = [];
  #held = 0;
  #needed = headerBytes;

  constructor(maxBytes: number, driver: (chunk: Buffer) => void) {
    this.#maxBytes = maxBytes;
    this.#driver = driver;
    this.#meter = new MessageMeter(maxBytes);
  }

  /** From here on rows go to the flow; everything else still goes to the driver. */
  open(flow: Flow<RowBatch>): void {
    this.#flow = flow;
  }

  close(): void {
    this.#flow = undefined;
  }

  /**
   * @param progressed called when rows of a stream have come, or a part of one
   * @returns false as soon as a message announces more than the limit
   */
  receive(chunk: Buffer, progressed: () => void): boolean {
    const flow = this.#flow;
    if (flow === undefined) return this.#pass(chunk);
    let from = 0;
    // A notice that was on its way when the stream began: the driver has its first bytes.
    while (!this.#meter.atBoundary && from < chunk.length) {
      if (!this.#pass(chunk.subarray(from, from + 1))) return false;
      from += 1;
    }
    return this.#take(from === 0 ? chunk : chunk.subarray(from), flow, progressed);
  }

  #pass(chunk: Buffer): boolean {
    if (!this.#meter.accepts(chunk)) return false;
    this.#driver(chunk);
    return true;
  }

  #take(chunk: Buffer, flow: Flow<RowBatch>, progressed: () => void): boolean {
    const data = this.#gather(chunk);
    if (data === undefined) {
      progressed();
      return true;
    }
    let at = 0;
    let rows = 0;
    while (data.length - at >= headerBytes) {
      const end = at + 1 + data.readUInt32BE(at + 1);
      if (end - at > this.#maxBytes + headerBytes) return false;
      if (end > data.length) {
        this.#needed = end - at;
        break;
      }
      if (data[at] === dataRow) {
        if (!flow.stopped) flow.batch.add(data, at);
        rows += 1;
      } else if (!this.#tell(data, at, end, flow)) return this.receive(data.subarray(end), progressed);
      at = end;
    }
    this.#keep(data, at);
    if (rows > 0 || data[at] === dataRow) progressed();
    flow.hand();
    return true;
  }

  /** All that is held with this chunk, or undefined while it is not yet one message. */
  #gather(chunk: Buffer): Buffer | undefined {
    this.#parts.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#needed) return undefined;
    const data = this.#parts.length === 1 ? chunk : Buffer.concat(this.#parts, this.#held);
    this.#keep(data, data.length);
    return data;
  }

  #keep(data: Buffer, at: number): void {
    this.#parts = at < data.length ? [data.subarray(at)] : [];
    this.#held = data.length - at;
    if (this.#held < headerBytes) this.#needed = headerBytes;
  }

  /** @returns false when that was the end of the stream */
  #tell(data: Buffer, at: number, end: number, flow: Flow<RowBatch>): boolean {
    // The last rows go before the word that there are no more.
    if (data[at] === readyForQuery) flow.hand();
    this.#driver(data.subarray(at, end));
    return this.#flow === flow;
  }
}
