/** `trust`: which workflows may call `sync` with a token of their own platform (OpenID Connect). */
import type { Draft } from '../draft.ts';
import type { Path } from '../predicate.ts';
import type { TrustConfig } from '../server-config.ts';
import { anyName, count, either, expecting, list, named, object, optional, text } from '../shape.ts';
import { isSafeUrl } from './network.ts';
import { may } from './operators.ts';

export const githubIssuer = 'https://token.actions.githubusercontent.com';

const value = [text('A value.'), count('A number, as text.', 0)] as const;

const Trust = object(
  {
    issuer: optional(text(`The \`iss\` of the tokens. Default ${githubIssuer}.`)),
    jwks: optional(text('URL of the public keys. Default: the issuer and /.well-known/jwks.')),
    audience: optional(text('The `aud` that tokens must have. Default: `url`.')),
    claims: named(
      {
        ...either(
          [...value, list(either([...value], 'A value.'), 'Values of which one is enough.', { minItems: 1 })],
          'The value that the claim must have, or a list of them.',
        ),
        expects: 'a text, or a list of texts',
      },
      'What the token must say, all of it: repository_id, repository_owner_id, ref, event_name and others. Never sub.',
      anyName,
    ),
    may: optional(may('[read, sync]')),
  },
  'One kind of caller. A token that fits one entry is let in.',
);

export const trust = expecting(
  list(Trust, 'Workflows that may call `sync` without a shared secret.'),
  'a list of entries such as { claims: { repository_id: 123456789, ref: refs/heads/main } }',
);

/** @param url of the server, the default audience */
export function readTrust(draft: Draft, path: Path, url: string | undefined): readonly TrustConfig[] {
  return draft.items(path).map((index) => readEntry(draft, [...path, index], url));
}

function readEntry(draft: Draft, path: Path, url: string | undefined): TrustConfig {
  const { properties } = Trust;
  const issuer = draft.read([...path, 'issuer'], properties.issuer) ?? githubIssuer;
  const jwks =
    draft.read([...path, 'jwks'], properties.jwks) ?? `${issuer.replace(/\/+$/, '')}/.well-known/jwks`;
  const entry: TrustConfig = {
    issuer,
    jwks,
    audience: readAudience(draft, path, url),
    claims: readClaims(draft, [...path, 'claims']),
    may: draft.read([...path, 'may'], properties.may) ?? ['read', 'sync'],
  };
  for (const key of ['issuer', 'jwks'] as const)
    if (
      !isSafeUrl(entry[key]) &&
      draft.value([...path, key]) !== undefined &&
      !draft.isBroken([...path, key])
    )
      draft.error('WRONG_VALUE', [...path, key], `The "${key}" is not an https:// URL.`, {
        hint:
          key === 'issuer'
            ? `write it as the tokens have it in "iss", such as ${githubIssuer}`
            : 'write the URL of the public keys',
      });
  checkClaims(draft, [...path, 'claims'], entry);
  return entry;
}

function readAudience(draft: Draft, path: Path, url: string | undefined): string {
  const audience = draft.read([...path, 'audience'], Trust.properties.audience) ?? url;
  if (
    audience === undefined &&
    draft.value([...path, 'audience']) === undefined &&
    draft.value(['url']) === undefined
  )
    draft.error('MISSING_KEY', path, 'The entry of "trust" has no audience, and the server has no "url".', {
      hint: 'add url: https://api.example.com at the top of the file, or an audience here',
      part: 'key',
    });
  return audience ?? '';
}

function readClaims(draft: Draft, path: Path): ReadonlyMap<string, readonly string[]> {
  const claims = new Map<string, readonly string[]>();
  for (const name of draft.names(path)) {
    const written = draft.read([...path, name], Trust.properties.claims);
    if (written === undefined) continue;
    const values = (Array.isArray(written) ? written : [written]) as readonly (string | number)[];
    claims.set(name, values.map(String));
  }
  return claims;
}

/** Verified for every token, so that no claim of theirs can be a condition. */
const verified: ReadonlyMap<string, string> = new Map([
  ['iss', 'write it as issuer:'],
  ['aud', 'write it as audience:'],
  ['exp', 'remove it: it is checked in any case'],
  ['nbf', 'remove it: it is checked in any case'],
  ['iat', 'remove it: it is checked in any case'],
  ['jti', 'remove it: each token is let in once in any case'],
]);

function checkClaims(draft: Draft, path: Path, entry: TrustConfig): void {
  const names = draft.names(path);
  if (names.length === 0) {
    if (draft.value(path) !== undefined && !draft.isBroken(path))
      draft.error(
        'TRUST_WITHOUT_CLAIM',
        path,
        'The entry of "trust" asks for no claim, so every repository at the issuer could call.',
        {
          hint: 'add repository_id, and ref: refs/heads/main',
          part: 'key',
        },
      );
    return;
  }
  for (const name of names) {
    const hint = verified.get(name);
    if (hint !== undefined)
      draft.error('WRONG_NAME', [...path, name], `"${name}" is no condition of its own.`, {
        hint,
        part: 'key',
      });
  }
  if (names.includes('sub')) {
    draft.error(
      'TRUST_BY_SUB',
      [...path, 'sub'],
      '"sub" cannot be a condition: its form differs between repositories, and their owners can change it.',
      {
        hint: 'name repository_id and ref instead, which say the same for every repository',
        part: 'key',
      },
    );
  }
  if (entry.issuer === githubIssuer) checkGithub(draft, path, entry);
}

const ids = ['repository_id', 'repository_owner_id', 'enterprise_id'];
const nameClaims: ReadonlyMap<string, string> = new Map([
  ['repository', 'repository_id'],
  ['repository_owner', 'repository_owner_id'],
  ['enterprise', 'enterprise_id'],
]);

/** Claims that say where in a repository a workflow runs. */
const placeClaims = ['ref', 'ref_protected', 'environment', 'workflow_ref', 'job_workflow_ref'];

/** What everybody at github.com can have is no condition: somebody has to be named. */
function checkGithub(draft: Draft, path: Path, { claims }: TrustConfig): void {
  const byId = ids.some((id) => claims.has(id));
  const byName = [...nameClaims.keys()].find((name) => claims.has(name));
  if (!byId && byName === undefined) {
    if (!draft.isBroken(path))
      draft.error(
        'TRUST_OF_EVERYONE',
        path,
        'No claim says whose workflow it is, so every repository at GitHub could call.',
        {
          hint: 'add repository_id: gh api repos/OWNER/NAME --jq .id prints it',
          part: 'key',
        },
      );
  } else if (!byId) {
    draft.warning(
      'TRUST_BY_NAME',
      [...path, byName!],
      `A name can be given up and taken by somebody else; "${nameClaims.get(byName!)}" cannot.`,
      {
        hint: `write ${nameClaims.get(byName!)} instead: gh api repos/OWNER/NAME --jq .id prints it, .owner.id that of the owner`,
        part: 'key',
      },
    );
  }
  if (!placeClaims.some((name) => claims.has(name)))
    draft.warning(
      'TRUST_OF_EVERY_BRANCH',
      path,
      'Workflows on every branch of the repository may call, also on those of open pull requests.',
      {
        hint: 'add ref: refs/heads/main',
        part: 'key',
      },
    );
  for (const id of ids)
    if (claims.get(id)?.some((text) => !/^[0-9]+$/.test(text)))
      draft.error('WRONG_VALUE', [...path, id], `"${id}" is a number at GitHub.`, {
        hint: 'gh api repos/OWNER/NAME --jq .id prints it, .owner.id that of the owner',
      });
  if (claims.get('ref')?.some((text) => !text.startsWith('refs/')))
    draft.error('WRONG_VALUE', [...path, 'ref'], 'The "ref" in a token of GitHub begins with "refs/".', {
      hint: 'write refs/heads/main for the branch main',
    });
}
