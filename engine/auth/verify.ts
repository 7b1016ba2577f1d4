/** Verifies a token with the one entry of `auth.jwt` that its `iss` names. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import type { JwtConfig } from '../../schema/project.ts';
import { Problem } from '../problem/problem.ts';
import { type Claims, parseClaims } from './claims.ts';
import { KeysUnavailable, type RemoteKeys, remoteKeys } from './keys.ts';

/** Seconds that clocks may differ. */
export const leewaySeconds = 30;
export const minSecretBytes = 32;

const keySetAlgorithms = [
  'RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519',
]; // biome-ignore format: a list

export interface Verified {
  readonly claims: Claims;
  /** Milliseconds since the epoch, without the leeway. */
  readonly expiresAt: number;
}

export interface TrustedIssuer {
  readonly config: JwtConfig;
  /** @throws {Problem} PGRST301, PGRST303 (401); NS506 (503) when the issuer's keys cannot be had */
  verify(token: string, now: number): Promise<Verified>;
}

/**
 * @param config with references resolved
 * @throws {TypeError} a secret shorter than 32 bytes or a `jwks` that is no URL: to be checked before
 */
export function trustIssuer(config: JwtConfig): TrustedIssuer {
  if (config.secret !== undefined) {
    const secret = Buffer.from(config.secret, 'utf8');
    if (secret.length < minSecretBytes)
      throw new TypeError(`A secret of fewer than ${minSecretBytes} bytes.`);
    return issuerWith(config, createSecretKey(secret), ['HS256'], undefined);
  }
  if (config.jwks === undefined) throw new TypeError('An issuer with neither secret nor jwks.');
  const keys = remoteKeys(config.jwks);
  return issuerWith(config, keys.find, keySetAlgorithms, keys);
}

function issuerWith(
  config: JwtConfig,
  key: KeyObject | JWTVerifyGetKey,
  algorithms: string[],
  keys: RemoteKeys | undefined,
): TrustedIssuer {
  return {
    config,
    async verify(token, now) {
      const options = {
        algorithms,
        issuer: config.issuer,
        audience: config.audience,
        requiredClaims: ['exp'],
        clockTolerance: leewaySeconds,
        currentDate: new Date(now),
      };
      try {
        const { payload } =
          typeof key === 'function'
            ? await jwtVerify(token, key, options)
            : await jwtVerify(token, key, options);
        return { claims: readPayload(token), expiresAt: (payload.exp as number) * 1000 };
      } catch (error) {
        throw toProblem(error, keys?.unreachable() ?? false);
      }
    },
  };
}

/**
 * The claims of a token that may be anybody's: only to choose who is asked to verify it.
 *
 * @throws {Problem} PGRST301 not a JWT
 */
export function readPayload(token: string): Claims {
  const parts = token.split('.');
  if (parts.length !== 3) throw malformed();
  try {
    return parseClaims(decoder.decode(Buffer.from(parts[1]!, 'base64url')));
  } catch {
    throw malformed();
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true });

function malformed(): Problem {
  return new Problem('PGRST301', {
    message: 'The bearer token is not a JSON Web Token.',
    hint: 'Send "Authorization: Bearer <token>" with a signed token of three parts, or no Authorization header.',
  });
}

function toProblem(error: unknown, unreachable: boolean): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof KeysUnavailable) return keysProblem(error, error.retryAfterSeconds);
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid)
    return keysProblem(error, 5);
  if (error instanceof errors.JWKSNoMatchingKey && unreachable) return keysProblem(error, 5);
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
  if (error instanceof errors.JOSEAlgNotAllowed)
    return new Problem('PGRST301', {
      message: 'The token is signed with an algorithm that this issuer may not use.',
      hint: 'A secret takes HS256; jwks takes RS, PS, ES 256 to 512 and EdDSA.',
      cause: error,
    });
  return new Problem('PGRST301', { message: "The token's signature is not valid.", cause: error });
}

function keysProblem(cause: unknown, retryAfterSeconds: number): Problem {
  return new Problem('NS506', {
    message: "The keys of the token's issuer cannot be fetched, so the token cannot be checked.",
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
