/** `auth`: who the callers are. */
import type { Static } from 'typebox';
import type { Draft } from '../draft.ts';
import { parseClaimPath } from '../operand.ts';
import type { AuthConfig, JwtConfig } from '../project.ts';
import { hasReference } from '../reference.ts';
import { anything, list, object, optional, reference, text } from '../shape.ts';

const Jwt = object(
  {
    issuer: reference('The `iss` of the tokens; it chooses the entry.'),
    jwks: optional(reference('URL of the public keys (RS, PS, ES and EdDSA). This or `secret`.')),
    secret: optional(reference('Shared secret of HS256, at least 32 bytes. This or `jwks`.')),
    audience: reference('The `aud` that tokens must have.'),
    role: optional(
      text(
        'Path of the claim with the role: dots, or quoted as in \'["https://x/claims"]["role"]\'. Default role.',
      ),
    ),
    roles: optional(text('Path of the list of roles that the caller may choose from by header.')),
    default_role: optional(text('Role of a valid token without one; absent: 403.')),
  },
  'One issuer whose tokens are trusted.',
  { oneOf: [{ required: ['jwks'] }, { required: ['secret'] }] },
);

export const auth = object(
  {
    anonymous: optional(text('Role of a request with no token; absent: such a request gets 401.')),
    jwt: optional(list(Jwt, 'The issuers whose tokens are trusted.')),
    users: optional(anything('Accounts.')),
    oidc: optional(anything('Sign-in by OpenID Connect.')),
  },
  'Who the callers are.',
);

/** Bytes that RFC 7518 asks of a key for HS256. */
export const minSecretBytes = 32;

export function readAuth(draft: Draft): AuthConfig {
  const entries = draft.items(['auth', 'jwt']).map((index) => readJwt(draft, index));
  checkIssuers(draft, entries);
  return {
    anonymous: draft.read(['auth', 'anonymous'], auth.properties.anonymous),
    jwt: entries.filter((entry) => entry !== undefined),
  };
}

function readJwt(draft: Draft, index: number): JwtConfig | undefined {
  const path = ['auth', 'jwt', index];
  const raw = draft.read(path, Jwt);
  if (!raw) return undefined;
  checkKey(draft, path, raw);
  return {
    issuer: raw.issuer,
    audience: raw.audience,
    jwks: raw.jwks,
    secret: raw.secret,
    role: claim(draft, [...path, 'role'], raw.role ?? 'role'),
    roles: raw.roles === undefined ? undefined : claim(draft, [...path, 'roles'], raw.roles),
    defaultRole: raw.default_role,
  };
}

function checkKey(draft: Draft, path: readonly (string | number)[], raw: Static<typeof Jwt>): void {
  if (raw.jwks === undefined && raw.secret === undefined) {
    draft.error('MISSING_KEY', path, 'The issuer has neither "jwks" nor "secret".', {
      hint: 'add jwks: <url of the public keys>, or secret: ${env:JWT_SECRET}',
    });
  }
  if (raw.jwks !== undefined && raw.secret !== undefined) {
    draft.error('EXCLUSIVE_KEYS', [...path, 'secret'], 'The issuer has both "jwks" and "secret".', {
      hint: 'keep the one that the issuer signs with',
      part: 'key',
    });
  }
  if (raw.jwks !== undefined && !hasReference(raw.jwks) && !isHttps(raw.jwks)) {
    draft.error('WRONG_VALUE', [...path, 'jwks'], 'The "jwks" is not an https:// URL.', {
      hint: 'give the URL of the public keys, such as https://login.example.eu/.well-known/jwks.json',
    });
  }
  if (raw.secret === undefined || hasReference(raw.secret)) return;
  const short = Buffer.byteLength(raw.secret) < minSecretBytes;
  if (short) {
    draft.error('SHORT_SECRET', [...path, 'secret'], `The secret is shorter than ${minSecretBytes} bytes.`, {
      hint: 'make one with: openssl rand -base64 48, and refer to it as ${env:JWT_SECRET}',
    });
    return;
  }
  draft.warning('LITERAL_SECRET', [...path, 'secret'], 'The secret stands in the file as plain text.', {
    hint: 'write ${env:JWT_SECRET}: whoever can read the repository can mint tokens',
  });
}

/** Plain http is for a machine's own address only. */
function isHttps(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname))
  );
}

function checkIssuers(draft: Draft, entries: readonly (JwtConfig | undefined)[]): void {
  const first = new Map<string, number>();
  entries.forEach((entry, index) => {
    if (!entry) return;
    const earlier = first.get(entry.issuer);
    if (earlier === undefined) {
      first.set(entry.issuer, index);
      return;
    }
    draft.error('DECLARED_TWICE', ['auth', 'jwt', index, 'issuer'], 'Two entries have the same issuer.', {
      hint: 'keep one entry for each issuer',
      related: [{ message: 'The first one is here.', path: ['auth', 'jwt', earlier, 'issuer'] }],
    });
  });
}

function claim(draft: Draft, path: readonly (string | number)[], written: string): readonly string[] {
  const parsed = parseClaimPath(written);
  if (parsed) return parsed;
  draft.error('WRONG_VALUE', path, `"${written}" is not the path of a claim.`, {
    hint: `write it with dots, as in app.role, or quoted, as in '["https://x/claims"]["role"]'`,
  });
  return ['role'];
}
