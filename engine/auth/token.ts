/** The text of a token, read strictly and before anybody has verified it: each token has one spelling (RFC 7515, 7519). */
import { Problem } from '../problem/problem.ts';
import { type Claims, hasNameTwice, parseClaims } from './claims.ts';

export interface TokenText {
  readonly alg: string;
  readonly kid: string | undefined;
  /** Anybody's, until the signature is verified: only to choose who is asked to verify it. */
  readonly claims: Claims;
}

/** Parameters of encrypted, compressed and unencoded tokens (RFC 7516, 7797): this is none of them. */
const foreign = ['enc', 'zip', 'b64'];

/**
 * Pure. What differs from a good token in a bit that its signature does not cover (padding, blanks, bits behind the last
 * byte, a number as `kid`) is refused too, so that nobody downstream reads another token than we do.
 *
 * @throws {Problem} PGRST301 not a JWT
 */
export function readToken(token: string): TokenText {
  const parts = token.split('.');
  if (parts.length !== 3) throw malformed();
  const [header, claims, signature] = parts as [string, string, string];
  if (signature !== '') bytesOf(signature);
  return { ...readHeader(parse(header)), claims: parse(claims) };
}

function readHeader(header: Claims): { alg: string; kid: string | undefined } {
  const { alg, kid } = header;
  if (typeof alg !== 'string') throw malformed();
  if (kid !== undefined && typeof kid !== 'string') throw malformed();
  if (foreign.some((name) => Object.hasOwn(header, name))) throw malformed();
  return { alg, kid };
}

function parse(part: string): Claims {
  const bytes = bytesOf(part);
  let text: string;
  let object: Claims;
  try {
    text = decoder.decode(bytes);
    object = parseClaims(text);
  } catch {
    throw malformed();
  }
  if (hasNameTwice(text, object))
    throw new Problem('PGRST301', {
      message: 'The bearer token has a name twice.',
      hint: 'Each name of its header and of its claims may stand there once.',
    });
  return object;
}

/** base64url, without padding and with nothing in the bits behind the last byte. */
function bytesOf(part: string): Buffer {
  const bytes = Buffer.from(part, 'base64url');
  if (bytes.length === 0 || bytes.toString('base64url') !== part) throw malformed();
  return bytes;
}

/** A byte order mark is no part of JSON. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function malformed(): Problem {
  return new Problem('PGRST301', {
    message: 'The bearer token is not a JSON Web Token.',
    hint: 'Send "Authorization: Bearer <token>" with a signed token of three parts, or no Authorization header.',
  });
}
