/** Canaries: words and numbers that nobody guesses, put wherever a leak could come from, and found again in any text. */
import { createHash } from 'node:crypto';

/** Tells the numbers among all others: none that an engine makes by itself has these first digits and this length. */
const firstOfNumbers = 739_100_000_000;
const numbers = /7391\d{8}/g;
const words = /zq[0-9a-f]{10}/g;

function digest(what: string): string {
  return createHash('sha256').update(`matrix: ${what}`).digest('hex');
}

/** Every canary that was made: a number that merely looks like one is none. */
const made = new Set<string>();

function keep(canary: string): string {
  made.add(canary);
  return canary;
}

/** The same for the same `what`, so that a failure can be repeated. */
export function word(what: string): string {
  return keep(`zq${digest(what).slice(0, 10)}`);
}

/** A name that a reader knows again and nobody guesses: `letters_zq0123456789`. */
export function salted(name: string, of = ''): string {
  return `${name}_${word(`name ${name} ${of}`)}`;
}

/** Of twelve digits, which every engine and JSON holds exactly. */
export function number(what: string): number {
  const value = firstOfNumbers + (Number.parseInt(digest(what).slice(0, 12), 16) % 100_000_000);
  keep(String(value));
  return value;
}

export function countCanaries(): number {
  return made.size;
}

/** The canaries in a text, whatever it is encoded in: as it stands, percent-encoded, in base64, in hexadecimal. */
export function canariesIn(text: string): ReadonlySet<string> {
  const found = new Set<string>();
  for (const one of readings(text)) {
    const lower = one.toLowerCase();
    for (const pattern of [words, numbers])
      for (const [canary] of lower.matchAll(pattern)) if (made.has(canary)) found.add(canary);
  }
  return found;
}

/** Runs of base64 that are long enough to hold a canary. */
const encoded = /[A-Za-z0-9_+/-]{16,}={0,2}/g;
const hexadecimal = /(?:[0-9a-f]{2}){12,}/gi;

function* readings(text: string): Generator<string> {
  yield text;
  if (text.includes('%'))
    yield text.replace(/%[0-9a-f]{2}/gi, (one) => String.fromCharCode(Number.parseInt(one.slice(1), 16)));
  for (const [run] of text.matchAll(encoded)) yield Buffer.from(run, 'base64url').toString('latin1');
  for (const [run] of text.matchAll(hexadecimal)) yield Buffer.from(run, 'hex').toString('latin1');
}
