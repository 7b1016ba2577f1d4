/** Tokens that a forge makes for one run of a pipeline (OpenID Connect, as GitHub Actions has it), held against `trust` of server.yaml. */
import { errors } from 'jose';
import type { TrustConfig } from '../../schema/server-config.ts';
import { Problem } from '../problem/problem.ts';
import type { Claims } from './claims.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import type { Caller } from './operator.ts';
import type { ClaimValue } from './principal.ts';
import type { ReplayGuard } from './replay.ts';
import { readToken, type TokenText } from './token.ts';
import {
  keySetAlgorithms,
  leewaySeconds,
  refuseOddClaims,
  tokenProblem,
  verifyWithOneOf,
  wrongAlgorithm,
} from './verify.ts';

/** An entry of a source's `trust`. */
export interface SourceTrust {
  /** The source's name. */
  readonly source: string;
  readonly trust: TrustConfig;
}

export interface OidcOptions {
  readonly entries: readonly SourceTrust[];
  readonly keys: IssuerKeys;
  readonly replay: ReplayGuard;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: () => number;
}

/** Seconds that a token may live; GitHub's live for 5 to 10 minutes. */
const longestLifeSeconds = 3_600;
/** Of a `jti`, and of what is told of a claim. */
const maxIdLength = 1_024;
const maxToldLength = 200;

/** Claims that say whose the token is: who has one of them right is told what else an entry asks for. */
const identities: ReadonlySet<string> = new Set([
  'repository_id', 'repository_owner_id', 'enterprise_id', 'repository', 'repository_owner', 'enterprise',
  'project_id', 'project_path', 'namespace_id', 'namespace_path',
]); // biome-ignore format: a list

/** A condition that does not hold. */
type FailedCondition = {
  readonly claim: string;
  /** Left out where the token has no such claim. */
  readonly found?: string;
  /** To strangers neither this nor the next is told: anybody can have a token of a public issuer. */
  readonly accepted?: string;
  readonly source?: string;
};

/**
 * @returns reads a token; each is taken once
 * @throws {TypeError} an entry without a condition: it would trust everybody who has an account with the issuer
 */
export function createOidc(options: OidcOptions): (token: string) => Promise<Caller> {
  const clock = options.clock ?? Date.now;
  const byIssuer = groupByIssuer(options.entries);
  return async (token) => {
    const text = readToken(token);
    const candidates = byIssuer.get(typeof text.claims.iss === 'string' ? text.claims.iss : '');
    if (candidates === undefined) throw unknownIssuer(text.claims.iss);
    const now = clock();
    const { entries, iat, exp } = await verifiedBy(token, text, candidates, options.keys, now);
    const { claims } = text;
    refuseLongLife(iat, exp);
    const meant = ofAudience(claims, entries);
    const trusted = meant.filter((entry) => failures(claims, entry).length === 0);
    if (trusted.length === 0) throw untrusted(conditionsOf(claims, meant));
    await takeOnce(claims, exp, options.replay);
    return callerOf(claims, trusted);
  };
}

function groupByIssuer(entries: readonly SourceTrust[]): ReadonlyMap<string, readonly SourceTrust[]> {
  const groups = new Map<string, SourceTrust[]>();
  for (const entry of entries) {
    const { issuer, claims } = entry.trust;
    if (claims.size === 0 || claims.has('sub'))
      throw new TypeError(`The trust of source ${entry.source} has no condition, or one on "sub".`);
    groups.set(issuer, [...(groups.get(issuer) ?? []), entry]);
  }
  return groups;
}

/** The entries whose keys have signed the token: those of one issuer may name two addresses of keys. */
async function verifiedBy(
  token: string,
  text: TokenText,
  entries: readonly SourceTrust[],
  keys: IssuerKeys,
  now: number,
): Promise<{ readonly entries: readonly SourceTrust[]; readonly iat: number; readonly exp: number }> {
  if (!keySetAlgorithms.includes(text.alg)) throw wrongAlgorithm();
  let refused: unknown;
  for (const jwks of new Set(entries.map(({ trust }) => trust.jwks)))
    try {
      const issuer = entries[0]!.trust.issuer;
      const found = await keys.of(jwks, issuer).find(text.alg, text.kid);
      const payload = await verifyWithOneOf(found.keys, token, {
        issuer,
        algorithms: [text.alg],
        requiredClaims: ['exp', 'iat', 'jti', 'aud'],
        clockTolerance: leewaySeconds,
        currentDate: new Date(now),
      });
      refuseOddClaims(payload, now);
      const theirs = entries.filter(({ trust }) => trust.jwks === jwks);
      return { entries: theirs, iat: payload.iat!, exp: payload.exp! };
    } catch (error) {
      refused = moreTelling(refused, error);
    }
  throw tokenProblem(refused);
}

/** Keys that cannot be had are told before a signature that fits none of the others: the token may be theirs. */
function moreTelling(one: unknown, other: unknown): unknown {
  const isPlain = (error: unknown) =>
    error === undefined ||
    error instanceof errors.JWSSignatureVerificationFailed ||
    error instanceof errors.JWKSNoMatchingKey;
  return isPlain(one) ? other : one;
}

function refuseLongLife(iat: number, exp: number): void {
  if (exp - iat <= longestLifeSeconds) return;
  throw new Problem('PGRST303', {
    message: `The token lives longer than ${longestLifeSeconds / 60} minutes.`,
    hint: 'Ask the issuer for a token of its own for each request.',
  });
}

function ofAudience(claims: Claims, entries: readonly SourceTrust[]): readonly SourceTrust[] {
  const { aud } = claims;
  const audiences = Array.isArray(aud) ? aud : [aud];
  const meant = entries.filter(({ trust }) => audiences.includes(trust.audience));
  if (meant.length > 0) return meant;
  const accepted = [...new Set(entries.map(({ trust }) => JSON.stringify(trust.audience)))];
  throw new Problem('PGRST303', {
    message: `The token is meant for another audience: its "aud" is ${told(aud)}.`,
    hint: `Ask the issuer for one with the audience ${accepted.join(' or ')}.`,
  });
}

function failures(claims: Claims, { trust }: SourceTrust): readonly string[] {
  return [...trust.claims.keys()].filter((claim) => !holds(claims, trust, claim));
}

function holds(claims: Claims, trust: TrustConfig, claim: string): boolean {
  const text = textOf(claimOf(claims, claim));
  return text !== undefined && trust.claims.get(claim)!.includes(text);
}

function claimOf(claims: Claims, claim: string): ClaimValue | undefined {
  return Object.hasOwn(claims, claim) ? claims[claim] : undefined;
}

/** All that fails: of the entries that know whose the token is with what they accept; else what the token says, once. */
function conditionsOf(claims: Claims, entries: readonly SourceTrust[]): readonly FailedCondition[] {
  const found = (claim: string) => {
    const value = claimOf(claims, claim);
    return value === undefined ? { claim } : { claim, found: told(value) };
  };
  const knowing = entries.filter(({ trust }) =>
    [...trust.claims.keys()].some((claim) => identities.has(claim) && holds(claims, trust, claim)),
  );
  if (knowing.length === 0)
    return [...new Set(entries.flatMap((entry) => failures(claims, entry)))].map(found);
  return knowing.flatMap((entry) =>
    failures(claims, entry).map((claim) => {
      const accepted = entry.trust.claims.get(claim)!.map((one) => JSON.stringify(one));
      return { ...found(claim), accepted: accepted.join(' or '), source: entry.source };
    }),
  );
}

/** Claims are compared as text: GitHub writes its numbers so, others as numbers. */
function textOf(value: ClaimValue | undefined): string | undefined {
  return value === undefined || value === null || typeof value === 'object' ? undefined : String(value);
}

function told(value: ClaimValue | undefined): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > maxToldLength ? `${text.slice(0, maxToldLength)}…` : text;
}

function untrusted(failed: readonly FailedCondition[]): Problem {
  const said = failed.map(({ claim, found = 'missing', accepted, source }) => {
    const is = `${JSON.stringify(claim)} is ${found}`;
    return source === undefined
      ? `${is}, which no source accepts`
      : `${is}, and the source ${JSON.stringify(source)} accepts ${accepted}`;
  });
  return new Problem('NS304', {
    message: `The token is genuine, and it is not one that this server trusts: ${said.join('; ')}.`,
    details: failed,
    hint: 'Change what the pipeline runs for, or the conditions under "trust" in server.yaml.',
  });
}

function unknownIssuer(iss: ClaimValue | undefined): Problem {
  return new Problem('PGRST301', {
    message:
      iss === undefined
        ? 'The token has no "iss" claim.'
        : "The token's issuer is not trusted by this server.",
    hint: 'Its "iss" must equal an "issuer" under "trust" in server.yaml, to the letter.',
  });
}

/** @throws {Problem} NS303 it was used before; NS706 nobody can say */
async function takeOnce({ iss, jti }: Claims, exp: number, replay: ReplayGuard): Promise<void> {
  if (typeof jti !== 'string' || jti === '' || jti.length > maxIdLength)
    throw new Problem('PGRST303', {
      message: 'The token\'s "jti" claim is not valid.',
      hint: `It has to be a text of 1 to ${maxIdLength} characters.`,
    });
  const isFirst = await replay
    .first(JSON.stringify([iss, jti]), (exp + leewaySeconds) * 1000)
    .catch((cause: unknown) => {
      throw new Problem('NS706', {
        message: 'This server cannot record which tokens have been used, so it takes none.',
        hint: 'Try again shortly; whoever runs the server finds the reason in its log.',
        headers: { 'Retry-After': '5' },
        cause,
      });
    });
  if (isFirst) return;
  throw new Problem('NS303', {
    message: 'The token has been used already; each is good for one request.',
    hint: 'Ask the issuer for a new token.',
  });
}

function callerOf(claims: Claims, trusted: readonly SourceTrust[]): Caller {
  const text = (name: string) => {
    const value = claimOf(claims, name);
    return typeof value === 'string' ? value : undefined;
  };
  // GitLab has the whole name of a ref beside the short one.
  const ref = text('ref_path') ?? text('ref');
  const at = ref === undefined ? '' : `@${ref}`;
  const [github, gitlab] = [text('repository'), text('project_path')];
  const name =
    github !== undefined
      ? `github ${github}${at}`
      : gitlab !== undefined
        ? `gitlab ${gitlab}${at}`
        : `oidc ${String(claims.iss)}`;
  return Object.freeze({
    name: name.slice(0, maxToldLength),
    grants: trusted.map(({ source, trust }) => ({ may: trust.may, projects: undefined, source })),
    sha: text('sha'),
    ref,
  });
}
