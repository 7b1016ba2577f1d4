/** Numbers, truth, UUIDs and labels as text that every database reads alike. Pure. */
import type { Type } from './catalog.ts';
import { outOfRange, unreadable } from './value-error.ts';

export function readInteger(text: string, type: Type): string {
  const trimmed = text.trim();
  if (!/^[+-]?[0-9]+$/.test(trimmed)) {
    // 7.0 and 1e3 are integers to JSON.
    const whole =
      trimmed.length <= 40 && /^[+-]?[0-9]+(\.0+)?$/.test(trimmed) ? trimmed.replace(/\.0+$/, '') : undefined;
    if (whole === undefined) throw unreadable(text, type);
    return readInteger(whole, type);
  }
  if (trimmed.length > 1000) throw outOfRange(text, type);
  // A list may have 50,000 of them: what a double holds exactly is read several times faster.
  if (trimmed.length <= 15) {
    const small = Number(trimmed);
    const end = 2 ** ((type.bits ?? 64) - (type.unsigned ? 0 : 1));
    if (small < (type.unsigned ? 0 : -end) || small >= end) throw outOfRange(text, type);
    return String(small);
  }
  const number = BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed);
  const bits = BigInt(type.bits ?? 64);
  const low = type.unsigned ? 0n : -(1n << (bits - 1n));
  const high = type.unsigned ? (1n << bits) - 1n : (1n << (bits - 1n)) - 1n;
  if (number < low || number > high) throw outOfRange(text, type);
  return String(number);
}

export function readDecimal(text: string, type: Type): string {
  const trimmed = text.trim();
  const match = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,9}))?$/.exec(trimmed);
  if (match === null) {
    if (/^(?:nan|[+-]?inf(?:inity)?)$/i.test(trimmed)) return trimmed;
    throw unreadable(text, type);
  }
  // Past this exponent a database would build, or refuse, a number of that many digits.
  if (match[1] !== undefined && Math.abs(Number(match[1])) > 1000) throw outOfRange(text, type);
  return trimmed;
}

const truths = new Map([
  ...['t', 'tr', 'tru', 'true', 'y', 'ye', 'yes', 'on', '1'].map((text) => [text, 'true'] as const),
  ...['f', 'fa', 'fal', 'fals', 'false', 'n', 'no', 'of', 'off', '0'].map((text) => [text, 'false'] as const),
]);

export function readBoolean(text: string, type: Type): string {
  const truth = truths.get(text.trim().toLowerCase());
  if (truth === undefined) throw unreadable(text, type);
  return truth;
}

export function readUuid(text: string, type: Type): string {
  const trimmed = text.trim();
  const bare = trimmed.startsWith('{') && trimmed.endsWith('}') ? trimmed.slice(1, -1) : trimmed;
  if (!/^(?:[0-9a-f]{4}-?){7}[0-9a-f]{4}$/i.test(bare)) throw unreadable(text, type);
  return bare;
}

export function readLabel(text: string, type: Type): string {
  if (type.labels !== undefined && !type.labels.includes(text)) throw unreadable(text, type);
  return text;
}
