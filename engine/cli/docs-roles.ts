/** Whose documentation is built where nobody is kept from reading any of it. */
import type { Project } from '../../schema/project.ts';

/** All roles, the public ones first. */
export function everyRole({ docs, roles }: Project): readonly string[] {
  return [...new Set([...docs.roles, ...roles.keys()])];
}
