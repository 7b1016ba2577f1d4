/** The verified caller. */

export type ClaimValue =
  | null
  | boolean
  | number
  | string
  | readonly ClaimValue[]
  | { readonly [name: string]: ClaimValue };

export interface Principal {
  readonly kind: 'anonymous' | 'token';
  /** A declared role. */
  readonly role: string;
  /** Roles the caller may choose by header; holds `role`. */
  readonly roles: readonly string[];
  readonly subject: string | null;
  readonly issuer: string | null;
  /** The claims as verified, frozen; a null-prototype object, so that no name reaches `Object.prototype`. */
  readonly claims: { readonly [name: string]: ClaimValue };
  /** Milliseconds since the epoch; null for anonymous. */
  readonly expiresAt: number | null;
}

/** The value at `path` of the claims; undefined where a step is missing. Never throws. */
export function readClaim(principal: Principal, path: readonly string[]): ClaimValue | undefined {
  return claimAt(principal.claims, path);
}

/** The same on claims that no principal holds yet. */
export function claimAt(claims: Principal['claims'], path: readonly string[]): ClaimValue | undefined {
  let value: ClaimValue | undefined = claims;
  for (const key of path) {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || !Object.hasOwn(value, key))
      return undefined;
    value = (value as { readonly [name: string]: ClaimValue })[key];
  }
  return value;
}
