/** Values of the wire as the text that the server would print. */
import type { Form, Packet } from './wire.ts';

export interface Column {
  /** The protocol's number of the type. */
  readonly type: number;
  readonly unsigned: boolean;
  /** Digits of a fraction of seconds. */
  readonly decimals: number;
}

/** Reads one value that is not NULL and moves behind it. */
export type ValueReader = (packet: Packet) => string | null;

/** The last bytes of a column's definition: character set (2), length (4), type (1), flags (2), decimals (1), filler (2). */
const tailBytes = 12;
const unsignedFlag = 0x20;

export function columnOf({ buffer, end }: Packet): Column {
  const tail = end - tailBytes;
  return {
    type: buffer[tail + 6]!,
    unsigned: (buffer.readUInt16LE(tail + 7) & unsignedFlag) !== 0,
    decimals: buffer[tail + 9]!,
  };
}

export function readersOf(columns: readonly Column[], form: Form): readonly ValueReader[] {
  return columns.map((column) => (form === 'text' ? textOf : readerOf(column)));
}

/** Whatever is no number and no time comes as its length and its bytes. */
function readerOf({ type, unsigned, decimals }: Column): ValueReader {
  switch (type) {
    case 1: // TINY
      return integer(1, unsigned);
    case 2: // SHORT
    case 13: // YEAR
      return integer(2, unsigned);
    case 3: // LONG
    case 9: // INT24
      return integer(4, unsigned);
    case 8: // LONGLONG
      return bigint(unsigned);
    case 4:
      return float;
    case 5:
      return double;
    case 7: // TIMESTAMP
    case 12: // DATETIME
      return (packet) => dateTime(packet, decimals);
    case 10: // DATE
      return (packet) => dateTime(packet, undefined);
    case 11:
      return (packet) => time(packet, decimals);
    default:
      return textOf;
  }
}

function integer(bytes: 1 | 2 | 4, unsigned: boolean): ValueReader {
  return (packet) => {
    const at = packet.offset;
    packet.offset += bytes;
    const { buffer } = packet;
    return String(unsigned ? buffer.readUIntLE(at, bytes) : buffer.readIntLE(at, bytes));
  };
}

function bigint(unsigned: boolean): ValueReader {
  return (packet) => {
    const at = packet.offset;
    packet.offset += 8;
    const { buffer } = packet;
    return String(unsigned ? buffer.readBigUInt64LE(at) : buffer.readBigInt64LE(at));
  };
}

/** The shortest decimal number that is this one among those of single precision. */
function float(packet: Packet): string {
  const value = packet.buffer.readFloatLE(packet.offset);
  packet.offset += 4;
  for (let digits = 6; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

function double(packet: Packet): string {
  const value = packet.buffer.readDoubleLE(packet.offset);
  packet.offset += 8;
  return String(value);
}

/** Year (2), month, day; hour, minute, second; microseconds (4). What is zero at the end is left out. */
function dateTime(packet: Packet, decimals: number | undefined): string {
  const { buffer } = packet;
  const length = buffer[packet.offset]!;
  const at = packet.offset + 1;
  packet.offset = at + length;
  const part = (index: number) => two(length > index ? buffer[at + index]! : 0);
  const year = length > 0 ? String(buffer.readUInt16LE(at)).padStart(4, '0') : '0000';
  const date = `${year}-${part(2)}-${part(3)}`;
  if (decimals === undefined) return date;
  const micros = length > 7 ? buffer.readUInt32LE(at + 7) : 0;
  return `${date} ${part(4)}:${part(5)}:${part(6)}${fraction(micros, decimals)}`;
}

/** Sign, days (4), hour, minute, second; microseconds (4). Nothing: zero. */
function time(packet: Packet, decimals: number): string {
  const { buffer } = packet;
  const length = buffer[packet.offset]!;
  const at = packet.offset + 1;
  packet.offset = at + length;
  if (length === 0) return `00:00:00${fraction(0, decimals)}`;
  const sign = buffer[at] === 0 ? '' : '-';
  const hours = buffer.readUInt32LE(at + 1) * 24 + buffer[at + 5]!;
  const micros = length > 8 ? buffer.readUInt32LE(at + 8) : 0;
  return `${sign}${two(hours)}:${two(buffer[at + 6]!)}:${two(buffer[at + 7]!)}${fraction(micros, decimals)}`;
}

/** `decimals` above 6 says that nobody knows: then only what there is. */
function fraction(micros: number, decimals: number): string {
  const digits = String(micros).padStart(6, '0');
  if (decimals > 6) return micros === 0 ? '' : `.${digits}`;
  return decimals === 0 ? '' : `.${digits.slice(0, decimals)}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** A length of one to nine bytes, then UTF-8: binary columns that are read this way hold text. */
export function textOf(packet: Packet): string | null {
  const { buffer } = packet;
  const first = buffer[packet.offset]!;
  if (first === 0xfb) {
    packet.offset += 1;
    return null;
  }
  const length = lengthAt(buffer, packet.offset);
  const from = packet.offset + (first < 0xfb ? 1 : first === 0xfc ? 3 : first === 0xfd ? 4 : 9);
  packet.offset = from + length;
  return buffer.toString('utf8', from, packet.offset);
}

export function lengthAt(buffer: Buffer, at: number): number {
  const first = buffer[at]!;
  if (first < 0xfb) return first;
  if (first === 0xfc) return buffer.readUInt16LE(at + 1);
  if (first === 0xfd) return buffer.readUIntLE(at + 1, 3);
  return Number(buffer.readBigUInt64LE(at + 1));
}
