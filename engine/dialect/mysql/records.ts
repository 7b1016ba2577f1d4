/** The rows of a procedure: columns that only the answer tells, and how each row becomes the text of a JSON object. */
import type { ResultColumn } from '../dialect.ts';
import { type Column, lengthAt, readersOf, type ValueReader } from './value.ts';
import { type Packet, type Receiver, readRow } from './wire.ts';

type Value = string | null;

/** What a column's definition says beyond what its values are read by. */
interface Definition extends Column {
  readonly name: string;
  /** 63: bytes. */
  readonly charset: number;
  readonly length: number;
  readonly flags: number;
}

const bytes = 63;
const setFlag = 0x800;

/** Gathers rows with values as answers have them: bytes in hex, times as PostgreSQL prints them. */
export class Recorded implements Receiver {
  readonly rows: Value[][] = [];
  /** Undefined: there was no result with rows. */
  described: readonly ResultColumn[] | undefined;
  #readers: readonly ValueReader[] = [];
  readonly #definitions: Definition[] = [];

  /** Before `columns`, once for each of them. */
  definition(packet: Packet, column: Column): void {
    this.#definitions.push({ ...column, ...tailOf(packet), name: nameOf(packet) });
  }

  columns(columns: readonly Column[]): void {
    const definitions = this.#definitions;
    const plain = readersOf(columns, 'binary');
    this.described = definitions.map((one) => ({ name: one.name, form: formOf(one) }));
    this.#readers = definitions.map((one, index) => readerOf(one, plain[index]!));
  }

  row(packet: Packet): void {
    this.rows.push(readRow(packet, this.#readers, 'binary'));
  }
}

/** Six texts, each behind its length: catalog, schema, table, its own name, name, its own name. */
function nameOf({ buffer, offset }: Packet): string {
  let at = offset;
  for (let skipped = 0; skipped < 4; skipped += 1) at += lengthBytes(buffer[at]!) + lengthAt(buffer, at);
  const from = at + lengthBytes(buffer[at]!);
  return buffer.toString('utf8', from, from + lengthAt(buffer, at));
}

function lengthBytes(first: number): number {
  return first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9;
}

/** Character set (2), length (4), type (1), flags (2), decimals (1), filler (2). */
function tailOf({ buffer, end }: Packet): Pick<Definition, 'charset' | 'length' | 'flags'> {
  const tail = end - 12;
  return {
    charset: buffer.readUInt16LE(tail),
    length: buffer.readUInt32LE(tail + 2),
    flags: buffer.readUInt16LE(tail + 7),
  };
}

function formOf({ type, length, flags }: Definition): ResultColumn['form'] {
  switch (type) {
    case 1: // TINY: of one digit, BOOL is another word for it.
      return length === 1 ? 'boolean' : 'number';
    case 0: // DECIMAL
    case 2: // SHORT
    case 3: // LONG
    case 4: // FLOAT
    case 5: // DOUBLE
    case 8: // LONGLONG
    case 9: // INT24
    case 13: // YEAR
    case 246: // NEWDECIMAL
      return 'number';
    case 245:
      return 'json';
    default:
      return (flags & setFlag) === 0 ? 'text' : 'list';
  }
}

function readerOf({ type, charset, length }: Definition, plain: ValueReader): ValueReader {
  switch (type) {
    case 0:
    case 246:
      return (packet) => plain(packet)!.replace(/^(-?)0+(?=[0-9])/, '$1');
    case 7: // TIMESTAMP
      return (packet) => moment(plain(packet)!, '+00:00');
    case 12: // DATETIME
      return (packet) => moment(plain(packet)!, '');
    case 10: // DATE
      return (packet) => moment(plain(packet)!, '');
    case 11: // TIME
      return (packet) => trimmed(plain(packet)!);
    case 16: // BIT
      return (packet) => bits(hexOf(packet), length);
    // What no expression makes of text by itself: BLOB and VARBINARY, BINARY, GEOMETRY.
    case 249:
    case 250:
    case 251:
    case 252:
    case 253:
    case 254:
    case 15:
    case 255:
      return charset === bytes ? (packet) => `\\x${hexOf(packet)}` : plain;
    default:
      return plain;
  }
}

function hexOf(packet: Packet): string {
  const { buffer } = packet;
  const length = lengthAt(buffer, packet.offset);
  const from = packet.offset + lengthBytes(buffer[packet.offset]!);
  packet.offset = from + length;
  return buffer.toString('hex', from, packet.offset);
}

function bits(hex: string, length: number): string {
  return BigInt(`0x${hex || '0'}`)
    .toString(2)
    .padStart(length, '0');
}

/** Years, months and days may be zero here, which are no dates anywhere else: null. */
function moment(text: string, zone: string): string | null {
  if (/^[0-9]{4}-(?:00-|[0-9]{2}-00)/.test(text)) return null;
  return `${trimmed(text.replace(' ', 'T'))}${zone}`;
}

/** `10:00:00.500000` → `10:00:00.5` */
function trimmed(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}

/** `{"id":1,"title":"One"}` */
export function recordText(
  columns: readonly ResultColumn[],
  row: readonly Value[],
  stripNulls: boolean,
): string {
  const members = columns.flatMap(({ name, form }, index) => {
    const value = row[index]!;
    if (value === null && stripNulls) return [];
    return [`${JSON.stringify(name)}:${value === null ? 'null' : jsonOf(value, form)}`];
  });
  return `{${members.join(',')}}`;
}

function jsonOf(value: string, form: ResultColumn['form']): string {
  switch (form) {
    case 'number':
    case 'json':
      return value;
    case 'boolean':
      return value === '0' ? 'false' : value === '1' ? 'true' : value;
    case 'list':
      return JSON.stringify(value === '' ? [] : value.split(','));
    case 'text':
      return JSON.stringify(value);
    default:
      return form satisfies never;
  }
}

/** A value as CSV has it. */
export function recordCell(value: Value, form: ResultColumn['form']): Value {
  if (value === null) return null;
  switch (form) {
    case 'boolean':
      return value === '0' ? 'f' : value === '1' ? 't' : value;
    case 'list':
      return `{${value}}`;
    default:
      return value;
  }
}
