/** Dates and times for MySQL and MariaDB, in the one form that they read in one way. Pure. */
import type { Type } from './catalog.ts';
import { noSuchTime, noTime } from './value-error.ts';

const dateForm = String.raw`(?<year>\d{4})(?:-(?<month>\d\d?)-(?<day>\d\d?)|(?<month2>\d\d)(?<day2>\d\d))`;
const clockForm = String.raw`(?<hour>\d{1,3}):(?<minute>\d\d)(?::(?<second>\d\d)(?:[.,](?<fraction>\d{1,30}))?)?`;
const zoneForm = String.raw`(?:\s*(?<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d(?::?\d\d)?)?))`;

const moment = new RegExp(`^${dateForm}(?:(?:[Tt]|\\s+)${clockForm}${zoneForm}?)?$`, 'i');
const time = new RegExp(`^(?<sign>[+-]?)${clockForm}${zoneForm}?$`, 'i');

type Parts = Readonly<Record<string, string | undefined>>;

/**
 * `2020-01-31`, `10:00:00.5` or `2020-01-31 10:00:00.5`, of which the fraction has at most six digits. A time may have
 * 838 hours and a sign. As on PostgreSQL a time zone counts for a `timestamp` alone (here: in UTC), and is dropped elsewhere.
 *
 * @throws {ValueError} 22007 no date or time, 22008 none that there is
 */
export function readMysqlTime(text: string, type: Type): string {
  const trimmed = text.trim();
  const parts = (type.family === 'time' ? time : moment).exec(trimmed)?.groups as Parts | undefined;
  if (parts === undefined) throw noTime(text, type);
  const micros = microsOf(parts, type.family === 'time' ? 838 : 24);
  if (micros === undefined) throw noSuchTime(text);
  if (type.family === 'time') return `${parts.sign === '-' ? '-' : ''}${clock(micros)}`;
  const date = dateOf(parts);
  if (date === undefined) throw noSuchTime(text);
  if (type.family === 'date') return date;
  const zone = type.scalar === 'timestamptz' ? zoneOf(parts.zone) : 0n;
  if (zone === undefined) throw noSuchTime(text);
  const moved = shifted(date, micros - zone);
  if (moved === undefined) throw noSuchTime(text);
  return moved;
}

const second = 1_000_000n;
const day = 86_400n * second;

/** Of the day; rounded as PostgreSQL rounds what is smaller than a microsecond. */
function microsOf({ hour = '0', minute = '0', second: seconds = '0', fraction = '' }: Parts, most: number) {
  if (Number(minute) > 59 || Number(seconds) > 60) return undefined;
  const digits = fraction.padEnd(7, '0');
  const micros = BigInt(digits.slice(0, 6)) + (digits[6]! >= '5' ? 1n : 0n);
  const all = (BigInt(hour) * 3600n + BigInt(minute) * 60n + BigInt(seconds)) * second + micros;
  const end = most === 24 ? day : (BigInt(most) * 3600n + 3599n) * second;
  return all > end ? undefined : all;
}

function clock(micros: bigint): string {
  const seconds = micros / second;
  const [hours, minutes, rest] = [seconds / 3600n, (seconds / 60n) % 60n, seconds % 60n];
  const fraction = String(micros % second)
    .padStart(6, '0')
    .replace(/0+$/, '');
  const text = [hours, minutes, rest].map((part) => String(part).padStart(2, '0')).join(':');
  return fraction === '' ? text : `${text}.${fraction}`;
}

function dateOf({ year, month, day, month2, day2 }: Parts): string | undefined {
  const two = (part: string | undefined) => (part ?? '').padStart(2, '0');
  const text = `${year}-${two(month ?? month2)}-${two(day ?? day2)}`;
  const date = new Date(`${text}T00:00:00Z`);
  // A day that is not is taken for the first of the next month, or for no date at all.
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
  return exists && year !== '0000' ? text : undefined;
}

/** How far it is ahead of UTC. */
function zoneOf(zone: string | undefined): bigint | undefined {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] =
    /^([+-])(\d\d):?(\d\d)?:?(\d\d)?$/.exec(zone ?? '') ?? [];
  if (sign === undefined) return 0n;
  if (Number(hours) > 15 || Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const ahead = (BigInt(hours) * 3600n + BigInt(minutes) * 60n + BigInt(seconds)) * second;
  return sign === '-' ? -ahead : ahead;
}

function shifted(date: string, micros: bigint): string | undefined {
  const all = BigInt(Date.parse(`${date}T00:00:00Z`)) * 1000n + micros;
  const days = all / day - (all % day < 0n ? 1n : 0n);
  const moved = new Date(Number((days * day) / 1000n)).toISOString();
  // Years of five digits, and those before the first.
  if (!/^(?!0000)\d{4}-/.test(moved)) return undefined;
  return `${moved.slice(0, 10)} ${clock(all - days * day)}`;
}
