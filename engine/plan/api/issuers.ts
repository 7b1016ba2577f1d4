/** Issuers of tokens: which are trusted, by which keys, and what a token is read to say. Known by their `issuer`. Pure. */

import type { Path } from '../../../schema/predicate.ts';
import type { JwtConfig } from '../../../schema/project.ts';
import { say, strong } from '../sentence.ts';
import type { Comparison, Told } from './comparison.ts';
import type { ApiRuleId } from './rules.ts';

export function compareIssuers(comparison: Comparison): void {
  const { base, head, tell } = comparison;
  const [before, after] = [base.project.auth.jwt, head.project.auth.jwt];
  for (const one of before)
    if (!after.some(({ issuer }) => issuer === one.issuer))
      tell('issuer-removed', {
        subject: { value: one.issuer },
        roles: 'nobody',
        sentence: say`Tokens of ${one.issuer} ${strong('are refused')}.`,
        hint: 'trust both issuers until no token of the old one is in use',
        place: { path: ['auth', 'jwt'], part: 'key' },
      });
  for (const [index, one] of after.entries()) {
    const was = before.find(({ issuer }) => issuer === one.issuer);
    const path = ['auth', 'jwt', index];
    if (was === undefined)
      tell('issuer-added', {
        subject: { value: one.issuer },
        roles: 'nobody',
        sentence: say`Tokens of ${one.issuer} ${strong('are trusted')}, for the audience ${one.audience}.`,
        hint: 'see that nobody gets a token there who may not have one of these roles',
        place: { path },
      });
    else compareIssuer(was, one, path, comparison);
  }
}

function compareIssuer(before: JwtConfig, after: JwtConfig, path: Path, { tell }: Comparison): void {
  const told = (
    rule: ApiRuleId,
    key: string,
    further: Pick<Told, 'sentence' | 'before' | 'after' | 'hint' | 'facts'>,
  ) =>
    tell(rule, {
      subject: { value: after.issuer },
      roles: 'nobody',
      place: { path: [...path, key] },
      facts: key,
      ...further,
    });
  if (before.audience !== after.audience)
    told('issuer-audience-changed', 'audience', {
      sentence: say`Tokens of ${after.issuer} ${strong('must be for')} ${after.audience}, and were for ${before.audience}.`,
      hint: 'let the issuer write both audiences first',
      before: before.audience,
      after: after.audience,
    });
  tellKeys(before, after, told);
  tellClaims(before, after, told);
  const [was, is] = [before.defaultRole, after.defaultRole];
  if (was === is) return;
  told(was === undefined ? 'issuer-default-role-added' : 'issuer-default-role-changed', 'default_role', {
    sentence:
      was === undefined
        ? say`Tokens of ${after.issuer} without a role ${strong('are')} ${is!}, and were refused.`
        : is === undefined
          ? say`Tokens of ${after.issuer} without a role ${strong('are refused')}, and were ${was}.`
          : say`Tokens of ${after.issuer} without a role ${strong('are')} ${is}, and were ${was}.`,
    before: was,
    after: is,
  });
}

type TellOf = (
  rule: ApiRuleId,
  key: string,
  further: Pick<Told, 'sentence' | 'before' | 'after' | 'hint' | 'facts'>,
) => void;

/** Neither an address nor the name of a variable is shown: which it is matters, not what it says. */
function tellKeys(before: JwtConfig, after: JwtConfig, told: TellOf): void {
  const [was, is] = [kindOf(before), kindOf(after)];
  const facts = [before[was], after[is]];
  if (was !== is)
    told('issuer-key-kind-changed', is === 'secret' ? 'secret' : 'jwks', {
      sentence: say`Tokens of ${after.issuer} are verified by ${strong(kinds[is])}, and were by ${[kinds[was]]}.`,
      hint: 'trust it a second time under another issuer until its old tokens have ended',
      before: was,
      after: is,
      facts,
    });
  else if (before[was] !== after[is])
    told('issuer-keys-changed', is, {
      sentence: say`The keys of ${after.issuer} ${strong('come from elsewhere')}.`,
      hint: 'see that the keys of today are there too until the tokens of today have ended',
      facts,
    });
}

const kinds = { secret: 'a shared secret', jwks: 'public keys' } as const;

function kindOf({ secret }: JwtConfig): keyof typeof kinds {
  return secret === undefined ? 'jwks' : 'secret';
}

function tellClaims(before: JwtConfig, after: JwtConfig, told: TellOf): void {
  for (const key of ['role', 'roles'] as const) {
    const [was, is] = [before[key], after[key]].map((path) => path && textOf(path));
    if (was === is) continue;
    const isNew = was === undefined;
    told(isNew ? 'issuer-roles-claim-added' : 'issuer-role-claim-changed', key, {
      sentence: isNew
        ? say`Tokens of ${after.issuer} ${strong('may choose')} among the roles of their claim ${is!}.`
        : is === undefined
          ? say`Tokens of ${after.issuer} ${strong('may not choose')} among roles any more: their claim ${was} is not read.`
          : say`The ${key === 'role' ? ['role'] : ['roles']} of tokens of ${after.issuer} ${strong(key === 'role' ? 'is read from' : 'are read from')} ${is}, and ${[key === 'role' ? 'was' : 'were']} from ${was}.`,
      hint: isNew
        ? 'see that no token names a role there that its holder may not have'
        : 'let the issuer write both claims first',
      before: was,
      after: is,
    });
  }
}

/** As the language writes it. */
function textOf(path: readonly string[]): string {
  const isPlain = path.every((key) => /^[^.[\]"]+$/.test(key));
  return isPlain ? path.join('.') : path.map((key) => `[${JSON.stringify(key)}]`).join('');
}
