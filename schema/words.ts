/** Values of YAML in the words of a message. Pure. */
import type { Literal } from './predicate.ts';

/** A value in words, short. */
export function describe(raw: Literal | undefined): string {
  if (raw === undefined || raw === null) return 'nothing (null)';
  if (raw === '') return 'an empty text';
  if (Array.isArray(raw)) return raw.length === 0 ? 'an empty list' : 'a list';
  switch (typeof raw) {
    case 'string':
      return `the text "${raw.length > 40 ? `${raw.slice(0, 39)}…` : raw}"`;
    case 'number':
    case 'bigint':
      return `the number ${String(raw).slice(0, 40)}`;
    case 'boolean':
      return String(raw);
    default:
      return 'an object';
  }
}
