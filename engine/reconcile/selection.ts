/** What the operator's file lets each project of a source be: its served name, and the secrets that it may name. Pure. */
import path from 'node:path';
import type { SourceConfig } from '../../schema/server-config.ts';
import type { Reference } from '../revision/secrets.ts';
import type { Selection } from './git-project.ts';

/** @returns undefined: the source's `projects` do not name it */
export function selectionOf(source: SourceConfig, slug: string): Selection | undefined {
  if (source.projects === undefined)
    return { name: slug, mayRead: (reference) => allows(source.secrets, reference), migrate: true };
  const project = source.projects.get(slug);
  if (project === undefined) return undefined;
  const { as, secrets, migrate } = project;
  return { name: as, mayRead: (reference) => allows(secrets, reference), migrate };
}

/** Names of variables and absolute paths of files; `*` at the end stands for the rest. A path is taken as it leads, not as written. */
function allows(patterns: readonly string[], reference: Reference): boolean {
  const isFile = reference.kind === 'file';
  const named = isFile ? path.posix.normalize(reference.path) : reference.name;
  return patterns.some((pattern) => {
    if (pattern.startsWith('/') !== isFile) return false;
    return pattern.endsWith('*') ? named.startsWith(pattern.slice(0, -1)) : named === pattern;
  });
}

export function allProjects(sources: readonly { projects(): readonly unknown[] }[]): number {
  return sources.reduce((sum, source) => sum + source.projects().length, 0);
}
