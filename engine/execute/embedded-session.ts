/** One client's connection to the embedded database: its bytes as batches, its settings, its statement names. */
import type { Socket } from 'node:net';
import {
  type Frame,
  passwordWanted,
  type Setting,
  statementOf,
  takeFrames,
  takeOpening,
  WireError,
  withStatement,
} from './embedded-wire.ts';

/** Messages up to a Sync, Query or Flush: what runs at once. */
export type Batch = readonly Frame[];

/** For a client that does not close its side. */
const lingerMs = 1_000;
const boundaries = new Set(['S', 'Q', 'H']);

export class Session {
  readonly id: number;
  readonly socket: Socket;
  /** As the startup message asked. */
  settings: readonly Setting[] = [];
  startup: Buffer | undefined;
  /** The password was right, the settings are in force, statements may come. */
  started = false;
  authenticated = false;
  /** The client has gone or was sent away. */
  gone = false;
  /** What it left behind in PGlite has been put away. */
  cleared = false;
  /** Milliseconds; 0 is without end, as in Postgres. */
  timeoutMs = 0;
  /** A statement spoke of `statement_timeout`: it is asked for again when the transaction has ended. */
  timeoutTouched = false;
  deadline: NodeJS.Timeout | undefined;
  #buffer: Buffer = Buffer.alloc(0);
  #frames: Frame[] = [];
  readonly #names = new Map<string, string>();
  #named = 0;

  constructor(id: number, socket: Socket) {
    this.id = id;
    this.socket = socket;
  }

  /** Takes what arrived. Answers an SSL request itself: there is none, the socket never leaves this machine. */
  receive(data: Buffer): void {
    this.#buffer = this.#buffer.length === 0 ? data : Buffer.concat([this.#buffer, data]);
    while (this.startup === undefined) {
      const taken = takeOpening(this.#buffer);
      if (taken === undefined) return;
      this.#buffer = taken.rest;
      this.#open(taken.opening);
    }
    const { frames, rest } = takeFrames(this.#buffer);
    this.#buffer = rest;
    this.#frames.push(...frames);
  }

  #open(opening: NonNullable<ReturnType<typeof takeOpening>>['opening']): void {
    switch (opening.kind) {
      case 'ssl':
        this.socket.write('N');
        return;
      case 'cancel':
        // PGlite cannot be interrupted; a statement's timeout is what ends it.
        throw new WireError('Statements of the embedded database cannot be cancelled.');
      case 'startup':
        this.startup = opening.bytes;
        this.settings = opening.settings;
        this.socket.write(passwordWanted);
        return;
      default:
        opening satisfies never;
    }
  }

  /** The password message, once it has arrived. */
  takePassword(): string | undefined {
    const frame = this.#frames[0];
    if (frame === undefined) return undefined;
    if (frame.type !== 'p') throw new WireError('A password was expected.');
    this.#frames.shift();
    return frame.bytes.toString('utf8', 5, frame.bytes.length - 1);
  }

  get hasBatch(): boolean {
    return this.#frames.some((frame) => boundaries.has(frame.type));
  }

  takeBatch(): Batch {
    const end = this.#frames.findIndex((frame) => boundaries.has(frame.type));
    return this.#frames.splice(0, end + 1);
  }

  /** The batch's bytes, with statement names that no other connection has: PGlite keeps one list for all of them. */
  render(batch: Batch): Buffer {
    return Buffer.concat(batch.map((frame) => this.#renamed(frame)));
  }

  #renamed(frame: Frame): Buffer {
    const name = statementOf(frame);
    if (name === undefined || name === '') return frame.bytes;
    const known = this.#names.get(name) ?? `${this.id}_${++this.#named}`;
    if (frame.type === 'C') this.#names.delete(name);
    else this.#names.set(name, known);
    return withStatement(frame, known);
  }

  /** The statements it may have prepared, by the names PGlite knows; forgets them. */
  takeStatements(): readonly string[] {
    const names = [...this.#names.values()];
    this.#names.clear();
    return names;
  }

  get hasStatements(): boolean {
    return this.#names.size > 0;
  }

  /** Says the last words and closes. */
  dismiss(lastWords: Buffer): void {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.deadline);
    this.socket.end(lastWords);
    setTimeout(() => this.socket.destroy(), lingerMs).unref();
  }
}
