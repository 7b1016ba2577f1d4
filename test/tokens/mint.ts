/** Writes and signs any token, sound or not, by Node's own cryptography: the engine's library has no part in it. */
import {
  constants,
  createHmac,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  sign as signBytes,
} from 'node:crypto';

export type Alg =
  | 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'PS384' | 'PS512'
  | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'Ed25519'; // biome-ignore format: a list

/** A key with its public half as a member of a key set. */
export interface Pair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: Readonly<Record<string, unknown>>;
}

const curves = { 'P-256': 'prime256v1', 'P-384': 'secp384r1', 'P-521': 'secp521r1', secp256k1: 'secp256k1' };

/** @param kind `RSA`, `Ed25519`, `Ed448` or a curve; @param members of the public JWK: `kid`, `alg`, `use` */
export function pairOf(
  kind: 'RSA' | 'Ed25519' | 'Ed448' | keyof typeof curves,
  members: Readonly<Record<string, unknown>> = {},
): Pair {
  const { privateKey, publicKey } = generate(kind);
  return { privateKey, publicKey, jwk: { ...publicKey.export({ format: 'jwk' }), ...members } };
}

function generate(kind: Parameters<typeof pairOf>[0]): { privateKey: KeyObject; publicKey: KeyObject } {
  switch (kind) {
    case 'RSA':
      return generateKeyPairSync('rsa', { modulusLength: 2048 });
    case 'Ed25519':
      return generateKeyPairSync('ed25519');
    case 'Ed448':
      return generateKeyPairSync('ed448');
    default:
      return generateKeyPairSync('ec', { namedCurve: curves[kind] });
  }
}

export type Key = string | Buffer | KeyObject;

/** The bytes of a signature over `text`, by the algorithm and with whatever key. */
export function signatureOf(alg: Alg, key: Key, text: string | Buffer): Buffer {
  const hash = `sha${alg.slice(2)}`;
  const data = Buffer.from(text);
  if (alg.startsWith('HS'))
    return createHmac(hash, key as Buffer)
      .update(data)
      .digest();
  const privateKey = typeof key === 'string' ? createPrivateKey(key) : (key as KeyObject);
  if (alg.startsWith('RS')) return signBytes(hash, data, privateKey);
  if (alg.startsWith('PS'))
    return signBytes(hash, data, {
      key: privateKey,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    });
  if (alg.startsWith('ES')) return signBytes(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return signBytes(null, data, privateKey);
}

export type Json = string | Buffer | Readonly<Record<string, unknown>> | readonly unknown[];

/** A part of a token: text and bytes as they are, the rest as JSON. */
export function part(value: Json): string {
  const bytes = typeof value === 'string' || Buffer.isBuffer(value) ? value : JSON.stringify(value);
  return Buffer.from(bytes).toString('base64url');
}

export interface Mint {
  readonly alg: Alg;
  readonly key: Key;
  /** Beside `alg`; an object may overrule it, text and bytes are the whole header. */
  readonly header?: Json;
  readonly payload: Json;
}

/** A token whose signature is right by `alg` and `key`, whatever its header says. */
export function mint({ alg, key, header = {}, payload }: Mint): string {
  const isWhole = typeof header === 'string' || Buffer.isBuffer(header) || Array.isArray(header);
  const text = `${part(isWhole ? header : { alg, ...(header as object) })}.${part(payload)}`;
  return `${text}.${signatureOf(alg, key, text).toString('base64url')}`;
}

/** The three parts of a token. */
export function partsOf(token: string): [header: string, payload: string, signature: string] {
  return token.split('.') as [string, string, string];
}
