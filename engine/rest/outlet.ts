/** A stream of rows → an answer: whole when it is short, else piece by piece, as fast as the caller takes it. */
import { PassThrough } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Row, Sink } from '../execute/executor.ts';
import { csvLine } from './csv.ts';

/** What a stream was when it ended before it had to be sent. */
export interface Short {
  readonly body: string;
  readonly rows: number;
  readonly total: number | undefined;
}

/**
 * Holds the first batch back: only a stream that goes on is begun, so that a short answer has its length and its range,
 * and what fails at once is answered as any failure is.
 */
export class Outlet implements Sink {
  readonly #reply: FastifyReply;
  readonly #form: 'csv' | 'ndjson';
  /** Sets status and headers of an answer whose end is not known. */
  readonly #begin: (total: number | undefined) => void;
  #held: string | Buffer | undefined;
  #stream: PassThrough | undefined;
  #rows = 0;
  #total: number | undefined;

  constructor(reply: FastifyReply, form: 'csv' | 'ndjson', begin: (total: number | undefined) => void) {
    this.#reply = reply;
    this.#form = form;
    this.#begin = begin;
  }

  rows(rows: readonly Row[], columns: readonly string[], counts: boolean): void | Promise<void> {
    const total = counts ? rows[0]?.at(-1) : undefined;
    if (total != null) this.#total = Number(total);
    const header = this.#form === 'csv' && this.#held === undefined && this.#stream === undefined;
    const lines = rows.map((row) => this.#line(counts ? row.slice(0, -1) : row));
    return this.#take(`${header ? csvLine(columns) : ''}${lines.join('')}`, rows.length);
  }

  text(lines: Buffer, rows: number): void | Promise<void> {
    return this.#take(lines, rows);
  }

  /** CSV parts its lines, the other form ends them. */
  #line(row: Row): string {
    return this.#form === 'csv' ? `\n${csvLine(row)}` : `${row[0]}\n`;
  }

  #take(piece: string | Buffer, rows: number): void | Promise<void> {
    this.#rows += rows;
    if (this.#held === undefined && this.#stream === undefined) {
      this.#held = piece;
      return;
    }
    if (this.#stream === undefined) this.#open();
    if (this.#stream!.write(piece)) return;
    return drained(this.#stream!);
  }

  #open(): void {
    this.#stream = new PassThrough({ highWaterMark: 256 * 1024 });
    this.#begin(this.#total);
    this.#reply.send(this.#stream);
    this.#stream.write(this.#held!);
    this.#held = undefined;
  }

  /** The whole of it when it was short; undefined when it is on its way, which then is over. */
  end(): Short | undefined {
    if (this.#stream !== undefined) {
      this.#stream.end();
      return undefined;
    }
    return { body: String(this.#held ?? ''), rows: this.#rows, total: this.#total };
  }

  /** Whether the answer has begun: then a failure can only cut it off, which the caller's client sees as one. */
  fail(error: unknown): boolean {
    if (this.#stream === undefined) return false;
    const { httpVersion, socket } = this.#reply.request.raw;
    // There the end of the connection is the end of the answer: only a reset one cannot be taken for it.
    if (httpVersion === '1.0') socket.resetAndDestroy();
    this.#stream.destroy(error instanceof Error ? error : new Error('the stream ended early'));
    return true;
  }
}

/** Who does not take a quarter of a megabyte in a minute keeps a connection from others. */
const patienceMs = 60_000;

/** Settles also when the reader has gone: the statement is then ended by its signal. */
function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      stream.off('drain', settle);
      stream.off('close', settle);
    };
    const settle = () => {
      leave();
      resolve();
    };
    const timer = setTimeout(() => {
      leave();
      reject(new Error('the reader is too slow'));
    }, patienceMs);
    stream.once('drain', settle);
    stream.once('close', settle);
  });
}
