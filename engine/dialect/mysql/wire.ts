/** One answer of the server, taken from mysql2 packet by packet: rows as text, and the counts that the driver leaves out. */
import type { Duplex } from 'node:stream';
import type { Parameter } from '../dialect.ts';
import { type Column, columnOf, readersOf, textOf, type ValueReader } from './value.ts';

/** What a connection of mysql2 is at run time, as far as its types leave it out. */
export interface Wire {
  readonly stream: Duplex;
}

/** A packet as mysql2 hands it to a command; another follows in the same object. */
export interface Packet {
  readonly buffer: Buffer;
  /** Where the next byte is read; at first behind the header. */
  offset: number;
  readonly start: number;
  readonly end: number;
}

/** How a command of mysql2 goes on: called with the next packet, gives the step after it, or null at its end. */
type Step = (packet: Packet, connection: unknown) => Step | null;

/** A command of mysql2 at run time. */
interface Command {
  readonly _fieldCount: number;
  readonly resultsetHeader: Step;
  readField: Step;
  doneInsert: (header: Header) => Step | null;
}

/** The server's OK packet, as mysql2 reads it. */
interface Header {
  readonly affectedRows: number | string;
  /** Signed, though numbers of rows may have no sign. */
  readonly insertId: number | string | null;
  readonly serverStatus: number;
  readonly warningStatus: number;
}

/** In which form the server sends rows: `binary` to prepared statements. */
export type Form = 'binary' | 'text';

/** Takes the rows of an answer. */
export interface Receiver {
  /** Of each column, before `columns`: for those who want to know more of it. */
  definition?(packet: Packet, column: Column): void;
  /** Before the first row. */
  columns(columns: readonly Column[]): void;
  row(packet: Packet): void;
}

export interface Answer {
  /** Rows of the answer, or rows that the statement touched. */
  readonly affected: number;
  /** As `Rows` has it; undefined: none, or one that the driver does not read exactly. */
  readonly numbered: string | undefined;
  /** Of a procedure those of its end. */
  readonly warnings: number;
  readonly inTransaction: boolean;
}

const endOfRows = 0xfe;
const longestEnd = 13;
const moreResults = 0x0008;
const transactionOpen = 0x0001;

/**
 * Takes over what comes for a command that has just been given to mysql2. Of several results (a procedure gives one for
 * each of its selects) the first with rows counts.
 *
 * @param done called when the server has said all; errors go to the command's own callback
 */
export function receive(driver: unknown, receiver: Receiver, done: (answer: Answer) => void): void {
  const command = driver as Command;
  let columns: Column[] = [];
  let results = 0;
  let rows = 0;
  let touched = 0;
  let numbered: string | undefined;
  let warnings = 0;
  const next = (status: number): Step | null => {
    if ((status & moreResults) !== 0) return command.resultsetHeader;
    const affected = results > 0 ? rows : touched;
    done({ affected, numbered, warnings, inTransaction: (status & transactionOpen) !== 0 });
    return null;
  };
  const row: Step = (packet) => {
    const { buffer, offset } = packet;
    if (buffer[offset] === endOfRows && packet.end - packet.start < longestEnd) {
      warnings = buffer.readUInt16LE(offset + 1);
      results += 1;
      return next(buffer.readUInt16LE(offset + 3));
    }
    if (results === 0) {
      rows += 1;
      receiver.row(packet);
    }
    return row;
  };
  const endOfColumns: Step = () => {
    if (results === 0) receiver.columns(columns);
    columns = [];
    return row;
  };
  command.readField = (packet) => {
    const column = columnOf(packet);
    columns.push(column);
    if (results === 0) receiver.definition?.(packet, column);
    return columns.length === command._fieldCount ? endOfColumns : command.readField;
  };
  command.doneInsert = (header) => {
    touched += Number(header.affectedRows);
    numbered = numberOf(header.insertId);
    warnings = header.warningStatus;
    return next(header.serverStatus);
  };
}

function numberOf(id: Header['insertId']): string | undefined {
  const number = Number(id);
  return number > 0 && Number.isSafeInteger(number) ? String(number) : undefined;
}

/** Gathers all rows as texts. */
export class Gathered implements Receiver {
  readonly rows: (string | null)[][] = [];
  readonly #form: Form;
  readonly #maxBytes: number;
  readonly #tooMany: () => void;
  #readers: readonly ValueReader[] = [];
  #bytes = 0;

  /** @param tooMany called when the rows are longer than that together */
  constructor(form: Form, maxBytes = Number.POSITIVE_INFINITY, tooMany = () => {}) {
    this.#form = form;
    this.#maxBytes = maxBytes;
    this.#tooMany = tooMany;
  }

  columns(columns: readonly Column[]): void {
    this.#readers = readersOf(columns, this.#form);
  }

  row(packet: Packet): void {
    this.#bytes += packet.end - packet.start;
    if (this.#bytes > this.#maxBytes) this.#tooMany();
    else this.rows.push(readRow(packet, this.#readers, this.#form));
  }
}

/** Zero, then a bit for each column that is NULL, from the third bit on; then the values of the others. */
export function readRow(packet: Packet, readers: readonly ValueReader[], form: Form): (string | null)[] {
  if (form === 'text') return readers.map(() => textOf(packet));
  const { buffer } = packet;
  const bits = packet.offset + 1;
  packet.offset = bits + ((readers.length + 9) >> 3);
  return readers.map((read, index) => {
    const bit = index + 2;
    const isNull = (buffer[bits + (bit >> 3)]! & (1 << (bit & 7))) !== 0;
    return isNull ? null : read(packet);
  });
}

/** Lists go as one JSON text, which `JSON_TABLE` reads. */
export function wireValues(parameters: readonly Parameter[]): (string | null)[] {
  return parameters.map((value) =>
    value === null || typeof value === 'string' ? value : JSON.stringify(value),
  );
}
