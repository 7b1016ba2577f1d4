/** Roles that no caller can come to have: nobody issues tokens, and nobody inherits from them. */
import type { Project } from '../../schema/project.ts';
import { listed } from '../api/diagnose.ts';
import { lineageOf } from '../api/lineage.ts';
import type { Subject } from './lint.ts';

/** Any issuer can give any role, by the claim that it is read from; so one is enough. */
export function findUnreachableRoles({ project, findings }: Subject): void {
  const { anonymous, jwt } = project.auth;
  // Accounts and sign-in are keys of the language whose roles come from elsewhere than `jwt`.
  const isIssued = jwt.length > 0 || isDeclared('users') || isDeclared('oidc');
  if (isIssued || project.roles.size === 0) return;
  const reachable = new Set(anonymous === undefined ? [] : lineageOf(anonymous, project.roles));
  const [first, ...others] = [...project.roles.keys()].filter(
    (role) => !reachable.has(role) && isGranted(role, project),
  );
  if (first === undefined) return;
  const names = listed([first, ...others].map((role) => `"${role}"`));
  findings.add({
    code: 'ROLE_UNREACHABLE',
    severity: 'notice',
    message:
      others.length === 0
        ? `Nobody can get the role ${names}: no issuer of tokens is named, so only "novastack dev" gives it.`
        : `Nobody can get the roles ${names}: no issuer of tokens is named, so only "novastack dev" gives them.`,
    hint: 'name the issuer whose tokens you trust under auth: jwt:, or remove what nobody is to have',
    path: ['roles', first],
    part: 'key',
  });

  function isDeclared(key: string): boolean {
    const place = project.locate(['auth', key], 'key');
    const above = project.locate(['auth'], 'key');
    return JSON.stringify(place) !== JSON.stringify(above);
  }
}

/** Something was written for it: a role to come is no mistake. */
function isGranted(role: string, { tables, functions }: Project): boolean {
  return [...tables.values(), ...functions.values()].some(({ permissions }) => permissions.has(role));
}
