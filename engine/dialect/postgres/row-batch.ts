/** The rows of one handing over, read from the server's own bytes: as lists of texts, or as lines of one text each. */
import type { OnRows, OnText } from '../dialect.ts';
import type { Batch } from '../flow.ts';

/** What takes the rows of a stream. */
export interface RowBatch extends Batch {
  /** Takes the DataRow message that begins at `at`. The bytes of `data` up to its end are the batch's, to write on. */
  add(data: Buffer, at: number): void;
}

/** Where the parts of a DataRow are: its type (1) and length (4), the number of columns (2), each with a length (4). */
const countAt = 5;
const columnsAt = 7;
const lengthBytes = 4;
const lineEnd = 0x0a;
/** Below this a loop is faster than a call into the runtime. */
const shortBytes = 48;

export class ListBatch implements RowBatch {
  readonly #onRows: OnRows;
  #lists: (string | null)[][] = [];

  constructor(onRows: OnRows) {
    this.#onRows = onRows;
  }

  get rows(): number {
    return this.#lists.length;
  }

  add(data: Buffer, at: number): void {
    const columns = data.readUInt16BE(at + countAt);
    const list: (string | null)[] = [];
    let from = at + columnsAt;
    for (let column = 0; column < columns; column += 1) {
      const length = data.readInt32BE(from);
      from += lengthBytes;
      list.push(length < 0 ? null : data.toString('utf8', from, from + length));
      if (length > 0) from += length;
    }
    this.#lists.push(list);
  }

  hand(): void | Promise<void> {
    const lists = this.#lists;
    this.#lists = [];
    return this.#onRows(lists);
  }
}

/**
 * The first column of each row and a line's end, moved together in the buffer they came in: a row's own header is longer
 * than the line's end, so what is written never reaches what is still to be read.
 */
export class LineBatch implements RowBatch {
  readonly #onText: OnText;
  #data: Buffer = Buffer.alloc(0);
  #from = 0;
  #to = 0;
  rows = 0;

  constructor(onText: OnText) {
    this.#onText = onText;
  }

  add(data: Buffer, at: number): void {
    if (this.rows === 0) {
      this.#data = data;
      this.#from = at;
      this.#to = at;
    }
    this.rows += 1;
    const length = data.readUInt16BE(at + countAt) === 0 ? -1 : data.readInt32BE(at + columnsAt);
    if (length > 0) this.#move(data, at + columnsAt + lengthBytes, length);
    data[this.#to] = lineEnd;
    this.#to += 1;
  }

  #move(data: Buffer, from: number, length: number): void {
    const to = this.#to;
    this.#to += length;
    if (length >= shortBytes) data.copyWithin(to, from, from + length);
    else for (let index = 0; index < length; index += 1) data[to + index] = data[from + index]!;
  }

  hand(): void | Promise<void> {
    const lines = this.#data.subarray(this.#from, this.#to);
    const { rows } = this;
    this.rows = 0;
    this.#data = Buffer.alloc(0);
    return this.#onText(lines, rows);
  }
}
