/** Names under which projects are served: the first segment of a path. */
import { project } from '../sections/project.ts';

/** As the name of a project, which is the default. */
export function servedName(description: string) {
  return { ...project, description };
}

/** The same for keys of an object. */
export const projectKey = {
  type: 'string',
  pattern: '^[a-z][a-z0-9-]{0,62}$',
  expects: 'lower-case letters, digits and "-", beginning with a letter, 63 characters at most',
} as const;
