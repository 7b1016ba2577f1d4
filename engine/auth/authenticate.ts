/** Who is calling: headers → Principal. The only way a request gets a role; knows no table and no database. */
import type { IncomingHttpHeaders } from 'node:http';
import type { AuthConfig } from '../../schema/project.ts';
import type { Code } from '../problem/codes.ts';
import { Problem } from '../problem/problem.ts';
import type { Claims } from './claims.ts';
import { IssuerKeys } from './issuer-keys.ts';
import type { KeysNews } from './keys.ts';
import type { Principal } from './principal.ts';
import { chooseRole, mayNotChoose, readRoles, type TokenRoles } from './role.ts';
import type { ReadSecret } from './secret-key.ts';
import { readToken } from './token.ts';
import { TokenCache } from './token-cache.ts';
import { leewaySeconds, type TrustedIssuer, trustIssuer } from './verify.ts';

/** Characters of an `Authorization` header, checked before anything of it is parsed. */
export const maxTokenLength = 8192;
const maxCachedTokens = 5_000;

export interface AuthenticatorOptions {
  /** The project's slug. */
  readonly project: string;
  /** With references resolved. */
  readonly auth: AuthConfig;
  /** Every declared role. */
  readonly roles: ReadonlySet<string>;
  /** By issuer: how its secret is read anew, where a file holds it. */
  readonly secrets?: ReadonlyMap<string, ReadSecret>;
  /** Keys that were fetched already, and those to come. Default: none yet. */
  readonly keys?: IssuerKeys;
  /** What an operator should hear of an issuer's secret; of its keys `keys` tells. */
  readonly onNews?: (issuer: string, news: KeysNews) => void;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: () => number;
}

export interface Authenticator {
  /**
   * The caller of a request. A token that is present and not valid is never anonymous.
   *
   * @throws {Problem} PGRST301, PGRST302, PGRST303, NS401 (401 with `WWW-Authenticate`), NS301 (403), NS506 (503)
   */
  authenticate(headers: IncomingHttpHeaders): Promise<Principal>;
  /**
   * The same for callers that are known without waiting: anonymous ones and tokens that were verified before.
   *
   * @returns undefined: ask `authenticate`
   */
  recognize(headers: IncomingHttpHeaders): Principal | undefined;
  /** Whether somebody whom this authenticator knew would still be let in: the time, the secret and the keys go on. */
  stands(principal: Principal): boolean;
}

interface KnownToken {
  readonly claims: Claims;
  readonly issuer: TrustedIssuer;
  /** Of the issuer's keys: good only while they are the same. */
  readonly generation: number;
  /** Milliseconds since the epoch, with the leeway. */
  readonly goodUntil: number;
  readonly expiresAt: number;
  readonly roles: TokenRoles;
  readonly principals: Map<string, Principal>;
}

/** The key that a project's pages and clients may show to anybody: it says which project, never who. */
export function publishableKey(project: string): string {
  return `nspk_${project}`;
}

/** @throws {TypeError} an entry that cannot be used (`checkAuth` in revision/ has found it before) */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const clock = options.clock ?? Date.now;
  const issuers = new Map<string, TrustedIssuer>();
  const keys = options.keys ?? new IssuerKeys();
  const onNews = options.onNews ?? (() => {});
  for (const config of options.auth.jwt)
    if (!issuers.has(config.issuer)) {
      const readSecret = options.secrets?.get(config.issuer);
      issuers.set(config.issuer, trustIssuer(config, { keys, readSecret, onNews }));
    }
  const cache = new TokenCache<KnownToken>(maxCachedTokens);
  /** Whom each principal was made for. */
  const tokens = new WeakMap<Principal, KnownToken>();
  const anonymous = anonymousPrincipal(options.auth.anonymous);
  const publishable = publishableKey(options.project);
  const realm = `Bearer realm="${options.project}"`;

  function recognize(headers: IncomingHttpHeaders): Principal | undefined {
    try {
      const token = bearerToken(headers, publishable);
      const wanted = wantedRole(headers);
      if (token === undefined) return anonymousAs(anonymous, wanted);
      const key = TokenCache.key(token);
      const known = cache.get(key);
      if (known === undefined) return undefined;
      if (isGood(known)) return principalFor(known, wanted);
      cache.delete(key);
      return undefined;
    } catch (error) {
      throw challenged(error, realm);
    }
  }

  async function verify(headers: IncomingHttpHeaders): Promise<Principal> {
    try {
      const token = bearerToken(headers, publishable)!;
      const text = readToken(token);
      const issuer = issuerOf(text.claims, issuers);
      const { expiresAt, generation } = await issuer.verify(token, text, clock());
      const known: KnownToken = {
        claims: text.claims,
        issuer,
        generation,
        goodUntil: expiresAt + leewaySeconds * 1000,
        expiresAt,
        roles: readRoles(text.claims, issuer.config),
        principals: new Map(),
      };
      cache.set(TokenCache.key(token), known);
      return principalFor(known, wantedRole(headers));
    } catch (error) {
      throw challenged(error, realm);
    }
  }

  function isGood(known: KnownToken): boolean {
    return clock() < known.goodUntil && known.issuer.generation() === known.generation;
  }

  function principalFor(known: KnownToken, wanted: string | undefined): Principal {
    const principal = principalOf(known, wanted, options.roles);
    tokens.set(principal, known);
    return principal;
  }

  return {
    recognize,
    authenticate: async (headers) => recognize(headers) ?? verify(headers),
    stands: (principal) => {
      const known = tokens.get(principal);
      return known === undefined ? principal.kind === 'anonymous' : isGood(known);
    },
  };
}

/** The token to verify; undefined when the caller only says which project, by its key, or nothing. */
function bearerToken(headers: IncomingHttpHeaders, publishable: string): string | undefined {
  const key = headers.apikey;
  const authorization = headers.authorization;
  if (key !== undefined && key !== publishable && !repeats(key, authorization)) throw wrongKey();
  if (authorization === undefined) return undefined;
  if (authorization.length > maxTokenLength)
    throw new Problem('PGRST301', {
      message: `The Authorization header is longer than ${maxTokenLength} characters.`,
      hint: 'Ask the issuer for a smaller token.',
    });
  const token = /^bearer +([^\s]+) *$/i.exec(authorization)?.[1];
  if (token === undefined)
    throw new Problem('PGRST301', {
      message: 'The Authorization header is not of the form "Bearer <token>".',
      hint: 'Send a bearer token, or no Authorization header.',
    });
  if (token === publishable) return undefined;
  if (token.startsWith('nspk_')) throw wrongKey();
  return token;
}

/** A client that was given a token as its key sends it as both: it is verified as the bearer that it is. */
function repeats(key: string | string[], authorization: string | undefined): boolean {
  return typeof key === 'string' && !key.startsWith('nspk_') && authorization === `Bearer ${key}`;
}

function wrongKey(): Problem {
  return new Problem('NS401', {
    message: 'The key is not one of this project.',
    hint: "Send the project's publishable key as apikey; a user's token belongs into Authorization: Bearer.",
  });
}

function wantedRole(headers: IncomingHttpHeaders): string | undefined {
  const ours = headers['x-novastack-role'];
  const hasura = headers['x-hasura-role'];
  const wanted = ours ?? hasura;
  if (wanted === undefined) return undefined;
  if (ours !== undefined && hasura !== undefined && ours !== hasura)
    throw new Problem('NS400', {
      message: 'X-NovaStack-Role and X-Hasura-Role name two roles.',
      hint: 'Send one of them.',
    });
  return String(wanted);
}

function anonymousPrincipal(role: string | undefined): Principal | undefined {
  if (role === undefined) return undefined;
  return Object.freeze({
    kind: 'anonymous',
    role,
    roles: Object.freeze([role]),
    subject: null,
    issuer: null,
    claims: Object.freeze(Object.create(null)),
    expiresAt: null,
  });
}

function anonymousAs(anonymous: Principal | undefined, wanted: string | undefined): Principal {
  if (anonymous === undefined)
    throw new Problem('PGRST302', {
      message: 'This project answers no request without a token.',
      hint: 'Send "Authorization: Bearer <token>".',
    });
  if (wanted !== undefined && wanted !== anonymous.role) throw mayNotChoose(wanted);
  return anonymous;
}

function issuerOf({ iss }: Claims, issuers: ReadonlyMap<string, TrustedIssuer>): TrustedIssuer {
  const issuer = typeof iss === 'string' ? issuers.get(iss) : undefined;
  if (issuer !== undefined) return issuer;
  throw new Problem('PGRST301', {
    message:
      iss === undefined
        ? 'The token has no "iss" claim.'
        : "The token's issuer is not trusted by this project.",
    hint: 'Its "iss" must equal an issuer that the project declares under auth.jwt, to the letter.',
  });
}

function principalOf(
  known: KnownToken,
  wanted: string | undefined,
  declared: ReadonlySet<string>,
): Principal {
  const role = chooseRole(known.roles, wanted, declared);
  const made = known.principals.get(role);
  if (made !== undefined) return made;
  const subject = known.claims.sub;
  const principal: Principal = Object.freeze({
    kind: 'token',
    role,
    roles: Object.freeze(known.roles.all.filter((name) => declared.has(name))),
    subject: typeof subject === 'string' || typeof subject === 'number' ? String(subject) : null,
    issuer: known.issuer.config.issuer,
    claims: known.claims,
    expiresAt: known.expiresAt,
  });
  known.principals.set(role, principal);
  return principal;
}

/** RFC 6750, section 3: a 401 says how to authenticate, and whether what came was wrong. */
export function challenged(error: unknown, realm: string): unknown {
  if (!(error instanceof Problem) || error.status !== 401) return error;
  const code = error.code as Code;
  const challenge =
    code === 'PGRST302'
      ? realm
      : `${realm}, error="invalid_token", error_description="${quotable(error.message)}"`;
  return new Problem(code, {
    message: error.message,
    details: error.details,
    hint: error.hint,
    headers: { ...error.headers, 'WWW-Authenticate': challenge },
    cause: error.cause,
  });
}

/** A header takes neither what ends a quoted string nor other letters than those of ASCII. */
function quotable(text: string): string {
  return text.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?');
}
