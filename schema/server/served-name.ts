/** Names under which projects are served: the first segment of a path. */
import { project, projectName } from '../sections/project.ts';

/** As the name of a project, which is the default. */
export function servedName(description: string) {
  return { ...project, description };
}

/** The same for keys of an object. */
export const projectKey = { type: 'string', ...projectName } as const;
