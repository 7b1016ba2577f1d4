/** A JSON Web Key Set: fetched with bounds on time and size, and which of its keys may verify a token. */

import type { CryptoKey } from 'jose';
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWK } from 'jose';

const maxBytes = 256 * 1024;
/** An issuer has a handful; each one costs every token that names none of them. */
const maxKeys = 100;
/** Keys that one token is tried with, where several have its `kid` or it names none. */
const maxCandidates = 8;

export interface KeySet {
  /** As it came: equal texts are equal sets. */
  readonly text: string;
  /** Keys that were left out: private, symmetric or weak ones. */
  readonly refused: number;
  /**
   * The keys that may have signed a token, at least one.
   *
   * @throws {errors.JWKSNoMatchingKey} none of the set; other errors of jose: one that cannot be read
   */
  candidates(alg: string, kid: string | undefined): Promise<readonly CryptoKey[]>;
}

/**
 * @param signal ends the download, whatever it has come to
 * @throws whatever stands in the way: the network, a status, the size, a text that is no key set
 */
export async function fetchKeySet(url: string, signal: AbortSignal): Promise<KeySet> {
  const headers = { accept: 'application/json, application/jwk-set+json' };
  // Who answers for the issuer is who the project names: a redirect is no answer.
  const response = await fetch(url, { headers, signal, redirect: 'manual' });
  if (response.status !== 200 || response.body === null) {
    await response.body?.cancel();
    throw new Error(`The issuer answered ${response.status}.`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`The key set is larger than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return readKeySet(Buffer.concat(chunks).toString('utf8'));
}

/** @throws {Error} not a key set, or one with more keys than an issuer has */
export function readKeySet(text: string): KeySet {
  const { keys } = parse(text);
  if (keys.length > maxKeys) throw new Error(`The key set has more than ${maxKeys} keys.`);
  const usable = keys.filter(mayVerify);
  const find = createLocalJWKSet({ keys: usable });
  return {
    text,
    refused: keys.length - usable.length,
    async candidates(alg, kid) {
      try {
        return [await find({ alg, ...(kid === undefined ? {} : { kid }) })];
      } catch (error) {
        if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
        return await several(error);
      }
    },
  };
}

function parse(text: string): JSONWebKeySet {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Error('The answer is not JSON.');
  }
  const keys = isObject(value) ? value.keys : undefined;
  if (!Array.isArray(keys) || !keys.every(isObject)) throw new Error('The answer is not a JSON Web Key Set.');
  return { keys: keys as JWK[] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A private key that is published is everybody's, and so is a secret; an RSA exponent of 1 signs nothing. */
function mayVerify(key: JWK): boolean {
  if (!['RSA', 'EC', 'OKP'].includes(key.kty ?? '')) return false;
  if (['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'].some((name) => Object.hasOwn(key, name)))
    return false;
  return key.kty !== 'RSA' || hasExponent(key.e);
}

/** An odd number from 3 on. */
function hasExponent(e: unknown): boolean {
  if (typeof e !== 'string') return false;
  const bytes = Buffer.from(e, 'base64url');
  const last = bytes.at(-1) ?? 0;
  return last % 2 === 1 && (last > 1 || bytes.subarray(0, -1).some((byte) => byte !== 0));
}

async function several(matching: errors.JWKSMultipleMatchingKeys): Promise<readonly CryptoKey[]> {
  const keys: CryptoKey[] = [];
  for await (const key of matching) {
    keys.push(key);
    if (keys.length === maxCandidates) break;
  }
  if (keys.length === 0) throw new errors.JWKSNoMatchingKey();
  return keys;
}
