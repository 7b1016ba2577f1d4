/** Values for examples: those of rows that are known, changed where they must be new, else made by type. Pure. */
import type { Column, Type } from '../engine/index.ts';
import type { Json, Row } from './ask.ts';

/** A value that the type takes. */
export function madeUp(type: Type): Json {
  switch (type.family) {
    case 'boolean':
      return true;
    case 'integer':
    case 'decimal':
    case 'float':
      return 1;
    case 'uuid':
      return '00000000-0000-4000-8000-000000000001';
    case 'date':
      return '2026-01-31';
    case 'time':
      return '12:00:00';
    case 'timestamp':
      return '2026-01-31T12:00:00';
    case 'interval':
      return '1 day';
    case 'enum':
      return type.labels?.[0] ?? '';
    case 'array':
      return type.element === undefined || type.name === 'set' ? [] : [madeUp(type.element)];
    case 'json':
    case 'composite':
      return {};
    case 'binary':
      return '\\x00';
    case 'range':
      return 'empty';
    case 'string':
    case 'other':
      return fitting('example', type);
    default:
      return type.family satisfies never;
  }
}

function fitting(word: string, { modifiers }: Type): string {
  const most = Number(/^\((\d+)\)$/.exec(modifiers)?.[1] ?? word.length);
  return word.slice(0, Math.max(most, 1));
}

/** Values that none of the known ones is, each made of one that is there: the next number, another digit, a word more. */
export function newValues(column: Column, known: readonly Json[]): readonly Json[] {
  const taken = new Set(known.map((value) => JSON.stringify(value)));
  const made = known.slice(-3).flatMap((value) => changed(value, known));
  const fresh = [...made, ...(column.type.labels ?? []), madeUp(column.type)];
  return fresh.filter((value) => value !== null && !taken.has(JSON.stringify(value)));
}

function changed(value: Json, known: readonly Json[]): readonly Json[] {
  if (typeof value === 'number')
    return [Math.max(value, ...known.filter((one) => typeof one === 'number')) + 1];
  if (typeof value !== 'string' || value === '') return [];
  return [
    ...(/\d/.test(value) ? [otherDigit(value, 1), otherDigit(value, 7)] : []),
    ...(value.includes('@') ? [`new.${value}`] : [`${value} new`, `${value}-new`]),
    `${value.slice(0, -1)}${value.endsWith('x') ? 'y' : 'x'}`,
  ];
}

/** The last digit moved on. */
function otherDigit(value: string, by: number): string {
  return value.replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + by) % 10));
}

/** All values of one column that rows have, none twice. */
export function valuesOf(column: Column, rows: readonly Row[]): readonly Json[] {
  const found = new Map<string, Json>();
  for (const row of rows) {
    const value = row[column.name];
    if (value !== undefined && value !== null) found.set(JSON.stringify(value), value);
  }
  return [...found.values()];
}

/** A value that stands in a URL and in a filter as it is. */
export function isPlain(value: Json | undefined): value is string | number | boolean {
  if (typeof value === 'string') return value !== '' && value.length <= 40;
  return (
    typeof value === 'boolean' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER)
  );
}
