/** The rows of one handing over of a stream: as lists of texts, or as lines of one text each. */
import type { OnRows, OnText } from '../dialect.ts';
import type { Batch } from '../flow.ts';
import { type Column, lengthAt, readersOf, type ValueReader } from './value.ts';
import { type Packet, readRow } from './wire.ts';

/** What takes the rows of a stream, as prepared statements give them. */
export interface StreamBatch extends Batch {
  columns(columns: readonly Column[]): void;
  add(packet: Packet): void;
}

export class ListBatch implements StreamBatch {
  readonly #onRows: OnRows;
  #lists: (string | null)[][] = [];
  #readers: readonly ValueReader[] = [];

  constructor(onRows: OnRows) {
    this.#onRows = onRows;
  }

  get rows(): number {
    return this.#lists.length;
  }

  columns(columns: readonly Column[]): void {
    this.#readers = readersOf(columns, 'binary');
  }

  add(packet: Packet): void {
    this.#lists.push(readRow(packet, this.#readers, 'binary'));
  }

  hand(): void | Promise<void> {
    const lists = this.#lists;
    this.#lists = [];
    return this.#onRows(lists);
  }
}

const lineEnd = Buffer.from('\n');

/** The first column of each row, which is text, and a line's end: the server's own bytes, copied once. */
export class LineBatch implements StreamBatch {
  readonly #onText: OnText;
  #pieces: Buffer[] = [];
  /** Bytes of a row before its first value. */
  #head = 0;
  rows = 0;

  constructor(onText: OnText) {
    this.#onText = onText;
  }

  columns(columns: readonly Column[]): void {
    this.#head = 1 + ((columns.length + 9) >> 3);
  }

  add({ buffer, offset }: Packet): void {
    this.rows += 1;
    const isNull = (buffer[offset + 1]! & 0b100) !== 0;
    if (!isNull) {
      const at = offset + this.#head;
      const first = buffer[at]!;
      const from = at + (first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9);
      this.#pieces.push(buffer.subarray(from, from + lengthAt(buffer, at)));
    }
    this.#pieces.push(lineEnd);
  }

  hand(): void | Promise<void> {
    const { rows } = this;
    const lines = Buffer.concat(this.#pieces);
    this.rows = 0;
    this.#pieces = [];
    return this.#onText(lines, rows);
  }
}
