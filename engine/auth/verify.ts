/** Verifies a token with the one entry of `auth.jwt` that its `iss` names. */
import type { KeyObject } from 'node:crypto';
import { type CryptoKey, errors, type JWTPayload, type JWTVerifyOptions, jwtVerify } from 'jose';
import type { JwtConfig } from '../../schema/project.ts';
import { Problem } from '../problem/problem.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { type KeysNews, KeysUnavailable } from './keys.ts';
import { type ReadSecret, SecretKey } from './secret-key.ts';
import type { TokenText } from './token.ts';

/** Seconds that clocks may differ. */
export const leewaySeconds = 30;

/** Asymmetric ones alone: whoever publishes a key to verify with must not give one to sign with. */
export const keySetAlgorithms: readonly string[] = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
]; // biome-ignore format: a list
/** Seconds since the epoch of the last moment that a date can hold. */
const lastSecond = 8_640_000_000_000;

export interface Verified {
  /** Milliseconds since the epoch, without the leeway. */
  readonly expiresAt: number;
  /** Of the keys that it was verified with. */
  readonly generation: number;
}

export interface TrustedIssuer {
  readonly config: JwtConfig;
  /**
   * Which keys are good now: what was verified under another number has to be verified again.
   *
   * @returns undefined: `verify` has to wait for them, or will say why there are none
   */
  generation(): number | undefined;
  /**
   * @param text of the token, as `readToken` has read it
   * @throws {Problem} PGRST301, PGRST303 (401); NS506 (503) when the issuer's keys cannot be had
   */
  verify(token: string, text: TokenText, now: number): Promise<Verified>;
}

export interface TrustOptions {
  readonly keys: IssuerKeys;
  /** The secret as it is at this moment; undefined: it does not change while this revision serves. */
  readonly readSecret: ReadSecret | undefined;
  readonly onNews: (issuer: string, news: KeysNews) => void;
}

interface Keys {
  readonly algorithms: readonly string[];
  generation(): number | undefined;
  find(
    text: TokenText,
  ): Promise<{ readonly keys: readonly (CryptoKey | KeyObject)[]; readonly generation: number }>;
}

/**
 * @param config with references resolved
 * @throws {TypeError} a secret shorter than 32 bytes or a `jwks` that is no URL: to be checked before
 */
export function trustIssuer(config: JwtConfig, options: TrustOptions): TrustedIssuer {
  const keys = keysOf(config, options);
  const claims = { issuer: config.issuer, audience: config.audience, requiredClaims: ['exp'] };
  return {
    config,
    generation: () => keys.generation(),
    async verify(token, text, now) {
      if (!keys.algorithms.includes(text.alg)) throw wrongAlgorithm();
      try {
        const found = await keys.find(text);
        const payload = await verifyWithOneOf(found.keys, token, {
          ...claims,
          algorithms: [text.alg],
          clockTolerance: leewaySeconds,
          currentDate: new Date(now),
        });
        refuseOddClaims(payload, now);
        return { expiresAt: payload.exp! * 1000, generation: found.generation };
      } catch (error) {
        throw tokenProblem(error);
      }
    },
  };
}

function keysOf(config: JwtConfig, { keys, readSecret, onNews }: TrustOptions): Keys {
  if (config.secret !== undefined) {
    const key = new SecretKey(config.secret, readSecret, (news) => onNews(config.issuer, news));
    return {
      algorithms: ['HS256'],
      generation: () => key.generation(),
      find: async () => {
        const { key: current, generation } = key.current();
        return { keys: [current], generation };
      },
    };
  }
  if (config.jwks === undefined) throw new TypeError('An issuer with neither secret nor jwks.');
  const remote = keys.of(config.jwks, config.issuer);
  return {
    algorithms: keySetAlgorithms,
    generation: () => remote.generation(),
    find: ({ alg, kid }) => remote.find(alg, kid),
  };
}

/** @throws the error of the last one */
export async function verifyWithOneOf(
  keys: readonly (CryptoKey | KeyObject)[],
  token: string,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  let refused: unknown;
  for (const key of keys)
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
      refused = error;
    }
  throw refused;
}

/** What the library takes and RFC 7519 does not know: times that never come, an audience or a subject that is no text. */
export function refuseOddClaims(payload: JWTPayload, now: number): void {
  const { exp, iat, aud, sub } = payload as Readonly<Record<string, unknown>>;
  if ((exp as number) > lastSecond) throw oddClaim('exp');
  if (iat !== undefined && (iat as number) > now / 1000 + leewaySeconds)
    throw new Problem('PGRST303', {
      message: 'The token was issued in the future.',
      hint: 'Its "iat" is ahead of this server\'s clock.',
    });
  if (Array.isArray(aud) && !aud.every((one) => typeof one === 'string')) throw oddClaim('aud');
  // A number is no text either, but issuers that count their users write it so.
  if (typeof sub === 'boolean' || (typeof sub === 'object' && sub !== null)) throw oddClaim('sub');
}

function oddClaim(claim: string): Problem {
  return new Problem('PGRST303', { message: claimMessage(claim, 'odd'), hint: claimHint(claim) });
}

export function wrongAlgorithm(): Problem {
  return new Problem('PGRST301', {
    message: 'The token is signed with an algorithm that this issuer may not use.',
    hint: 'A secret takes HS256; jwks takes RS, PS, ES 256 to 512 and EdDSA.',
  });
}

/** What stands in the way of a token, as its caller is told. */
export function tokenProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof KeysUnavailable) return keysProblem(error, error.retryAfterSeconds);
  if (error instanceof errors.JWTExpired)
    return new Problem('PGRST303', {
      message: 'The token has expired.',
      hint: 'Get a new token.',
      cause: error,
    });
  if (error instanceof errors.JWTClaimValidationFailed)
    return new Problem('PGRST303', {
      message: claimMessage(error.claim, error.reason),
      hint: claimHint(error.claim),
      cause: error,
    });
  return new Problem('PGRST301', { message: "The token's signature is not valid.", cause: error });
}

function keysProblem(cause: unknown, retryAfterSeconds: number): Problem {
  return new Problem('NS506', {
    message: "The keys of the token's issuer cannot be had, so the token cannot be checked.",
    hint: 'Try again shortly.',
    headers: { 'Retry-After': String(retryAfterSeconds) },
    cause,
  });
}

function claimMessage(claim: string, reason: string): string {
  if (reason === 'missing') return `The token has no "${claim}" claim.`;
  if (claim === 'nbf') return 'The token is not valid yet.';
  if (claim === 'aud') return 'The token is meant for another audience.';
  return `The token's "${claim}" claim is not valid.`;
}

function claimHint(claim: string): string | null {
  if (claim === 'aud') return 'Its "aud" must be, or hold, the audience that the project declares.';
  return null;
}
