/** JSON text → values without losing a digit: numbers that JavaScript would round keep their text. Knows no surface. */
import type { Code } from '../problem/codes.ts';
import { Problem } from '../problem/problem.ts';

export interface JsonOptions {
  /** Code of a text that is no JSON or is nested too deep. Default `PGRST102`. */
  readonly code?: Code;
  /** Most levels of lists and objects. Default 64. */
  readonly depth?: number;
}

const quote = 0x22;
const backslash = 0x5c;

/**
 * The value of a JSON text. A number whose text JavaScript would change (`12345678901234567890`, `1.10`, `1e3`) is a
 * `JSON.rawJSON`; all others are plain numbers. The last of duplicate keys wins; `__proto__` is a key like any other,
 * so read objects with `Object.hasOwn`. Pure; time is linear and nothing recurses before the depth is known.
 *
 * @throws {Problem} `options.code` (400) not JSON, or too deep; 22021 (400) `\u0000` or half of a surrogate pair
 */
export function parseJson(text: string, options: JsonOptions = {}): unknown {
  const code = options.code ?? 'PGRST102';
  const places = scan(text, options.depth ?? 64, code);
  try {
    return places.length === 0 ? JSON.parse(text) : parseExact(text, places);
  } catch (error) {
    throw new Problem(code, {
      message: 'Empty or invalid json',
      details: text.trim() === '' ? 'The text is empty.' : whereItFailed(error),
      hint: 'Send one JSON value in UTF-8.',
      cause: error,
    });
  }
}

/** Where numbers stand whose text must be kept: begin and end of each in turn. */
type Places = readonly number[];

/** One pass over the text: refuses what must not be parsed, and finds the numbers whose text must be kept. */
function scan(text: string, depth: number, code: Code): Places {
  const strings = new Strings(text);
  const places: number[] = [];
  let level = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === quote) {
      at = strings.end(at + 1);
    } else if (char === 0x7b || char === 0x5b) {
      level += 1;
      if (level > depth) throw tooDeep(code, depth);
      at += 1;
    } else if (char === 0x7d || char === 0x5d) {
      level -= 1;
      at += 1;
    } else if (char === 0x2d || (char >= 0x30 && char <= 0x39)) {
      const end = endOfNumber(text, at);
      if (changes(text, at, end)) places.push(at, end);
      at = end;
    } else {
      at += 1;
    }
  }
  return places;
}

/**
 * Parses with stand-ins for the numbers at `places` and puts their texts back: several times faster than a reviver,
 * which is called for every value. The n-th stand-in is the number `n`e300: `changes` leaves no other number that large
 * in the text, and a number for a number keeps invalid JSON invalid.
 */
function parseExact(text: string, places: Places): unknown {
  const numbers: string[] = [];
  const parts: string[] = [];
  let from = 0;
  for (let index = 0; index < places.length; index += 2) {
    const number = text.slice(places[index], places[index + 1]);
    // Not replaced, so that JSON.parse refuses it.
    if (!/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(number)) return JSON.parse(text);
    parts.push(text.slice(from, places[index]), `${numbers.push(number)}e300`);
    from = places[index + 1]!;
  }
  parts.push(text.slice(from));
  let value: unknown;
  try {
    value = JSON.parse(parts.join(''));
  } catch {
    // Fails too, and names the place in the caller's own text.
    return JSON.parse(text);
  }
  return restored(value, numbers);
}

const smallestStandIn = 1e300;

/** The value with the numbers' own texts in place of their stand-ins; `scan` has limited the depth. */
function restored(value: unknown, numbers: readonly string[]): unknown {
  if (typeof value === 'number')
    return value < smallestStandIn ? value : JSON.rawJSON(numbers[Math.round(value / smallestStandIn) - 1]!);
  if (typeof value !== 'object' || value === null) return value;
  // Keys are the value's own, `__proto__` too, so that assigning changes no prototype.
  const container = value as Record<string, unknown>;
  for (const key of Object.keys(container)) {
    const part = container[key];
    if (typeof part === 'number' ? part >= smallestStandIn : typeof part === 'object')
      container[key] = restored(part, numbers);
  }
  return container;
}

/** Finds where strings end: in one leap where no backslash is in the way, which is nearly always. */
class Strings {
  readonly #text: string;
  /** Places found last, kept so that no part of the text is searched twice. The text's length when there is none. */
  #quote = -1;
  #backslash = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** The place after the closing quote, or the end of a text that lacks one. `from` is after the opening quote. */
  end(from: number): number {
    const text = this.#text;
    let at = from;
    let steps = 0;
    while (at < text.length) {
      const char = text.charCodeAt(at);
      if (char === quote) return at + 1;
      if (char === backslash) {
        at += text.charCodeAt(at + 1) === 0x75 ? lengthOfEscape(text, at) : 2;
        steps = 0;
        continue;
      }
      // Where escapes stand close together, a search for each takes longer than the way on foot.
      at += 1;
      steps += 1;
      if (steps < 8) continue;
      if (this.#quote < at) this.#quote = this.#find('"', at);
      if (this.#backslash < at) this.#backslash = this.#find('\\', at);
      at = Math.min(this.#quote, this.#backslash);
    }
    return text.length;
  }

  #find(sign: string, from: number): number {
    const place = this.#text.indexOf(sign, from);
    return place === -1 ? this.#text.length : place;
  }
}

/** Characters of the `\uXXXX` at `at`, with the second half of a pair. */
function lengthOfEscape(text: string, at: number): number {
  const unit = readUnit(text, at);
  if (unit === 0)
    throw new Problem('22021', {
      message: 'The text holds a NUL character (\\u0000), which cannot be stored.',
      hint: 'Remove \\u0000 from the body.',
    });
  if (unit >= 0xd800 && unit <= 0xdbff) {
    const next = text.charCodeAt(at + 6) === backslash ? readUnit(text, at + 6) : -1;
    if (next >= 0xdc00 && next <= 0xdfff) return 12;
    throw halfPair();
  }
  if (unit >= 0xdc00 && unit <= 0xdfff) throw halfPair();
  return 6;
}

/** The code unit of `\uXXXX`; -1 where that is not what stands there, which JSON.parse will say better. */
function readUnit(text: string, at: number): number {
  if (text.charCodeAt(at + 1) !== 0x75) return -1;
  const digits = text.slice(at + 2, at + 6);
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1;
}

function endOfNumber(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    const inNumber =
      (char >= 0x30 && char <= 0x39) ||
      char === 0x2e ||
      char === 0x2b ||
      char === 0x2d ||
      (char | 0x20) === 0x65;
    if (!inNumber) return at;
    at += 1;
  }
  return at;
}

/**
 * Whether JavaScript would write the number differently. Up to 15 digits survive, with a point among them too unless
 * zeros begin or end the fraction; everything else is compared. Numbers as large as a stand-in count as changed.
 */
function changes(text: string, from: number, to: number): boolean {
  if (to - from <= 16 && isPlain(text, from, to)) return false;
  const number = text.slice(from, to);
  const value = Number(number);
  return String(value) !== number || Math.abs(value) >= smallestStandIn;
}

function isPlain(text: string, from: number, to: number): boolean {
  let point = -1;
  for (let at = from; at < to; at += 1) {
    const char = text.charCodeAt(at);
    if (char === 0x2e && point === -1) point = at;
    else if (char < 0x30 || char > 0x39) return false;
  }
  if (point === -1) return to - from <= 15;
  return point > from && point < to - 1 && !isZero(text, point + 1) && !isZero(text, to - 1);
}

function isZero(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x30;
}

function tooDeep(code: Code, depth: number): Problem {
  return new Problem(code, {
    message: `The JSON is nested deeper than ${depth} levels.`,
    hint: `Send at most ${depth} levels of lists and objects.`,
  });
}

function halfPair(): Problem {
  return new Problem('22021', {
    message: 'The text holds half of a surrogate pair, which is not valid Unicode.',
    hint: 'Send both halves, or the character itself in UTF-8.',
  });
}

/** V8 quotes the text in some of its messages; only the place is taken from them. */
function whereItFailed(error: unknown): string | null {
  const place = error instanceof Error ? /position (\d+)/.exec(error.message) : null;
  return place === null ? null : `The text stops being JSON at character ${Number(place[1]) + 1}.`;
}
