/** The operations of a project's folder, for its revision. A project without any needs no GraphQL on this thread. */
import type { Staged } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { Api } from '../api/api.ts';
import type { Operations } from '../graphql/persisted.ts';

export type { Operations } from '../graphql/persisted.ts';

export async function bindOperations(project: Project, api: Api): Promise<Staged<Operations>> {
  if (project.operations === undefined) return { diagnostics: [] };
  const { bindOperations: bind } = await import('../graphql/operations.ts');
  return bind(project, api);
}
