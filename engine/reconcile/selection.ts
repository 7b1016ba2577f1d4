/** What the operator's file lets each project of a source be: its served name, and the secrets that it may name. Pure. */
import { allowsReference } from '../../schema/server/allowed-secrets.ts';
import type { SourceConfig } from '../../schema/server-config.ts';
import type { Selection } from './git-project.ts';

/** @returns undefined: the source's `projects` do not name it */
export function selectionOf(source: SourceConfig, slug: string): Selection | undefined {
  if (source.projects === undefined)
    return { name: slug, mayRead: (reference) => allowsReference(source.secrets, reference), migrate: true };
  const project = source.projects.get(slug);
  if (project === undefined) return undefined;
  const { as, secrets, migrate } = project;
  return { name: as, mayRead: (reference) => allowsReference(secrets, reference), migrate };
}
