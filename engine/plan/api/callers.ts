/** Who is let in, and as whom: roles, callers without a token, issuers of tokens, pages of other origins. Pure. */
import { factsOf } from '../../catalog/fingerprint.ts';
import type { Side } from '../change.ts';
import { say, strong } from '../sentence.ts';
import type { Comparison } from './comparison.ts';
import { compareIssuers } from './issuers.ts';

export function compareCallers(comparison: Comparison): void {
  tellRoles(comparison);
  tellAnonymous(comparison);
  tellIntrospection(comparison);
  compareIssuers(comparison);
  tellOrigins(comparison);
}

function tellRoles({ base, head, tell }: Comparison): void {
  const added = [...head.project.roles.keys()].filter((role) => !base.project.roles.has(role));
  for (const role of base.project.roles.keys()) {
    if (head.project.roles.has(role)) continue;
    const alike = added.filter((one) => rightsOf(head, one) === rightsOf(base, role));
    tell('role-removed', {
      subject: { role },
      roles: [role],
      sentence: say`Role ${role} is ${strong('removed')}: tokens with it are refused.`,
      hint:
        alike.length === 1
          ? `keep the old name if it is ${alike[0]} now, or let the issuer write the new one first`
          : 'let the issuer write no more tokens with it first',
      anonymous: base.api.anonymous === role,
      place: { path: ['roles'], part: 'key' },
    });
  }
  for (const role of added)
    tell('role-added', {
      subject: { role },
      roles: [role],
      sentence: say`Role ${role} is ${strong('new')}.`,
      place: { path: ['roles', role], part: 'key' },
    });
}

/** All that is written of a role besides its name, as one text. */
function rightsOf({ project }: Side, role: string): string {
  const { inherits, everything, introspection, limits } = project.roles.get(role)!;
  const tables = [...project.tables].map(([name, { permissions }]) => [name, permissions.get(role)]);
  const functions = [...project.functions].map(([name, { permissions }]) => [name, permissions.get(role)]);
  return factsOf(plain([inherits, everything, introspection, limits, tables, functions]));
}

/** Without places, which change with the name; maps in their order. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return [...value].map(plain);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value === 'bigint') return String(value);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, item]) => (key === 'path' ? [] : [[key, plain(item)] as const])),
  );
}

function tellAnonymous({ base, head, tell }: Comparison): void {
  const [before, after] = [base.api.anonymous, head.api.anonymous];
  if (before === after) return;
  const place = { path: ['auth', 'anonymous'] };
  if (before === undefined)
    tell('anonymous-role-added', {
      subject: { role: after! },
      roles: [after!],
      sentence: say`Callers without a token ${strong('are let in')} as ${after!}: everybody may do what it may.`,
      hint: 'see what the role may do: nobody has to prove who they are for it',
      after,
      anonymous: true,
      place,
    });
  else
    tell(after === undefined ? 'anonymous-role-removed' : 'anonymous-role-changed', {
      subject: { role: before },
      roles: [before],
      sentence:
        after === undefined
          ? say`Callers without a token ${strong('are refused')}, and were ${before}.`
          : say`Callers without a token ${strong('are')} ${after}, and were ${before}.`,
      hint: 'let callers send tokens first',
      before,
      after,
      anonymous: true,
      place,
    });
}

function tellIntrospection({ base, head, roles, tell }: Comparison): void {
  const hit = (off: boolean) =>
    roles.filter((role) => {
      const [was, is] = [base.api.roles.get(role)!.introspection, head.api.roles.get(role)!.introspection];
      return was !== is && is !== off;
    });
  const place = (found: readonly string[]) => ({ path: ['roles', found[0] ?? '', 'introspection'] });
  const [off, on] = [hit(true), hit(false)];
  tell('introspection-off', {
    subject: {},
    roles: off,
    sentence: say`Introspection of GraphQL is ${strong('off')}: code generators and explorers are refused.`,
    hint: 'let code generators read it as another role (schema.graphql)',
    place: place(off),
  });
  tell('introspection-on', {
    subject: {},
    roles: on,
    sentence: say`Introspection of GraphQL is on.`,
    place: place(on),
  });
}

function tellOrigins({ base, head, tell }: Comparison): void {
  const [before, after] = [originsOf(base), originsOf(head)];
  const place = { path: ['cors', 'origins'] };
  const told = (rule: 'cors-origin-removed' | 'cors-origin-added', origins: readonly string[]) => {
    for (const value of origins)
      tell(rule, {
        subject: { value },
        roles: 'everybody',
        sentence:
          rule === 'cors-origin-removed'
            ? say`Pages of ${titleOf(value)} ${strong('may no longer')} read answers.`
            : say`Pages of ${titleOf(value)} may read answers.`,
        hint: rule === 'cors-origin-removed' ? 'keep the origins whose pages ask this API' : undefined,
        before: before.join(', '),
        after: after.join(', '),
        place,
      });
  };
  if (!after.includes('*'))
    told(
      'cors-origin-removed',
      before.filter((origin) => !after.includes(origin)),
    );
  if (!before.includes('*'))
    told(
      'cors-origin-added',
      after.filter((origin) => !before.includes(origin)),
    );
}

/** As the server compares them. */
function originsOf({ project }: Side): readonly string[] {
  return [...new Set(project.cors.origins.map((origin) => origin.replace(/\/$/, '').toLowerCase()))];
}

function titleOf(origin: string): string | readonly [string] {
  return origin === '*' ? ['every other origin'] : origin;
}
