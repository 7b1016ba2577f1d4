/** Which roles a verified token has, and which one a request runs as. */
import type { JwtConfig } from '../../schema/project.ts';
import { Problem } from '../problem/problem.ts';
import type { Claims } from './claims.ts';
import { claimAt } from './principal.ts';

/** What a token says of roles, before a header chooses. */
export interface TokenRoles {
  /** The token's own role, or the entry's `default_role`; undefined when there is neither. */
  readonly own: string | undefined;
  /** Every role the caller may be, `own` among them; some may not be declared. */
  readonly all: readonly string[];
}

/** @throws {Problem} NS301 (403) when the claim is there and is not a name */
export function readRoles(claims: Claims, config: JwtConfig): TokenRoles {
  const own = readRole(claims, config.role) ?? config.defaultRole;
  const listed = config.roles === undefined ? [] : readRoleList(claims, config.roles);
  const all = own === undefined || listed.includes(own) ? listed : [own, ...listed];
  return { own, all };
}

/**
 * @param wanted of `X-NovaStack-Role` or `X-Hasura-Role`
 * @param declared roles of the project
 * @throws {Problem} NS301 (403) no role, one that may not be chosen, or one that is not declared
 */
export function chooseRole(
  roles: TokenRoles,
  wanted: string | undefined,
  declared: ReadonlySet<string>,
): string {
  if (wanted !== undefined && !roles.all.includes(wanted)) throw mayNotChoose(wanted);
  const role = wanted ?? roles.own;
  if (role === undefined)
    throw new Problem('NS301', {
      message: 'The token has no role.',
      hint: 'Put a declared role into the token, or declare a default_role for its issuer.',
    });
  if (!declared.has(role))
    throw new Problem('NS301', {
      message: `The role ${JSON.stringify(role)} is not declared in this project.`,
      hint: 'Use a role that the project declares under roles:.',
    });
  return role;
}

/** Said of a role that exists and of one that does not: who may not choose learns nothing. */
export function mayNotChoose(wanted: string): Problem {
  return new Problem('NS301', {
    message: `The role ${JSON.stringify(wanted)} may not be chosen by this caller.`,
    hint: "The X-NovaStack-Role header takes one of the token's own roles.",
  });
}

function readRole(claims: Claims, path: readonly string[]): string | undefined {
  const value = claimAt(claims, path);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return value;
  throw new Problem('NS301', {
    message: `The token's role, at ${shown(path)}, is not text.`,
    hint: 'The claim must hold the name of one declared role.',
  });
}

function readRoleList(claims: Claims, path: readonly string[]): string[] {
  const value = claimAt(claims, path);
  if (value === undefined || value === null) return [];
  if (Array.isArray(value) && value.every((role) => typeof role === 'string')) return [...value];
  throw new Problem('NS301', {
    message: `The token's list of roles, at ${shown(path)}, is not a list of text.`,
    hint: 'The claim must hold a list of names of declared roles.',
  });
}

function shown(path: readonly string[]): string {
  return JSON.stringify(path.join('.'));
}
