/** Reads the claims of a token from its own text, exactly: no number is rounded and no name reaches `Object.prototype`. */
import type { ClaimValue, Principal } from './principal.ts';

export type Claims = Principal['claims'];

/**
 * Parses a JWT payload. Pure.
 *
 * @param text JSON as the token holds it
 * @returns frozen null-prototype objects; a number that a double cannot hold exactly (an id beyond 2^53, say) is the
 *   string of its digits, as it stands in the token
 * @throws {SyntaxError} not JSON, or not an object; {RangeError} nested too deep
 */
export function parseClaims(text: string): Claims {
  const claims = JSON.parse(text, exact) as ClaimValue;
  if (claims === null || typeof claims !== 'object' || Array.isArray(claims))
    throw new SyntaxError('The payload is not a JSON object.');
  return claims as Claims;
}

/**
 * Whether an object in a JSON text has a name twice: parsers differ in which of the two counts. Pure.
 *
 * @param parsed what the text was parsed to
 */
export function hasNameTwice(text: string, parsed: ClaimValue): boolean {
  let written = 0;
  for (const [, colon] of text.matchAll(/"(?:[^"\\]|\\.)*"(\s*:)?/g)) if (colon !== undefined) written += 1;
  return written !== countNames(parsed);
}

function countNames(value: ClaimValue): number {
  if (value === null || typeof value !== 'object') return 0;
  const members = Object.values(value) as ClaimValue[];
  const own = Array.isArray(value) ? 0 : members.length;
  return members.reduce<number>((sum, member) => sum + countNames(member), own);
}

function exact(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'number') return exactNumber(value, context?.source ?? String(value));
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return Object.freeze(value);
  return Object.freeze(Object.assign(Object.create(null), value));
}

/** Fifteen significant digits survive a double; beyond that only the text is sure. */
function exactNumber(value: number, source: string): number | string {
  const digits = source
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+/, '').length;
  const survives = Number.isFinite(value) && (value !== 0 || digits === 0);
  return survives && (digits <= 15 || String(value) === source) ? value : source;
}
