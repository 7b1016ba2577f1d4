/** Gives a build of documentation a copy of the project to try its examples on. */
import type { Project } from '../../schema/project.ts';
import type { Rehearsal } from '../testing/rehearsal.ts';

/**
 * Runs the build with a copy that is filled from migrations and seeds, in the embedded database, and closes it. Where
 * there can be none the build goes on without: examples are then printed untried.
 */
export async function rehearsed<T>(
  directory: string,
  project: Project,
  build: (rehearsal: Rehearsal | undefined) => Promise<T>,
): Promise<T> {
  // Loaded when it is wanted: the database weighs more than the build's own parts.
  const { openRehearsal } = await import('../testing/rehearsal.ts');
  const { value: rehearsal } = await openRehearsal({ directory, project });
  try {
    return await build(rehearsal);
  } finally {
    await rehearsal?.close();
  }
}
