/** The query string → decoded parameters, in order. Knows nothing of their grammar. */
import { Problem } from '../../problem/problem.ts';
import { shorten } from './cursor.ts';

export interface Parameter {
  readonly key: string;
  readonly value: string;
}

/**
 * Splits `a=1&b=2`. A `+` is a blank; a percent sequence is UTF-8. Pure.
 *
 * @param text what follows the `?`, as it was sent
 * @throws {Problem} PGRST100 (400) bad percent-encoding or a parameter without `=`, 22021 (400) NUL
 */
export function parseQuery(text: string): readonly Parameter[] {
  if (text === '') return none;
  const parameters: Parameter[] = [];
  const encoded = text.includes('%') || text.includes('+');
  let from = 0;
  while (from <= text.length) {
    const next = text.indexOf('&', from);
    const to = next === -1 ? text.length : next;
    if (to > from) parameters.push(parseParameter(text, from, to, encoded));
    from = to + 1;
  }
  return parameters;
}

const none: readonly Parameter[] = Object.freeze([]);

function parseParameter(text: string, from: number, to: number, encoded: boolean): Parameter {
  const equals = text.indexOf('=', from);
  if (equals === -1 || equals >= to)
    throw new Problem('PGRST100', {
      message: `The parameter "${shorten(text.slice(from, to))}" has no value.`,
      hint: 'Write name=value, such as id=eq.1.',
    });
  const key = text.slice(from, equals);
  const value = text.slice(equals + 1, to);
  return encoded ? { key: decode(key), value: decode(value) } : { key, value };
}

function decode(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  return spaced.includes('%') ? decodePercent(spaced) : spaced;
}

/**
 * Percent sequences → text.
 *
 * @throws {Problem} PGRST100 (400) not UTF-8 or a lone `%`, 22021 (400) NUL
 */
export function decodePercent(text: string): string {
  if (text.includes('%00'))
    throw new Problem('22021', {
      message: 'The text holds a NUL character (%00), which cannot be stored.',
      hint: 'Remove %00 from the URL.',
    });
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Problem('PGRST100', {
      message: `"${shorten(text)}" is not valid percent-encoded UTF-8.`,
      hint: 'Encode values with encodeURIComponent; a percent sign itself is %25.',
    });
  }
}
