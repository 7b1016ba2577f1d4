/** Relationships that are silently not there for a role that reads the columns they start from. */
import type { Edge, WorldTable } from '../api/api.ts';
import { listed } from '../api/diagnose.ts';
import { lineageOf } from '../api/lineage.ts';
import type { Subject } from './lint.ts';

/** One finding for each role and table that says it; what a role inherits is said of whom it comes from. */
export function findUnreadableLinks({ project, api, findings }: Subject): void {
  for (const table of api.tables.values())
    for (const [role, permission] of project.tables.get(table.name)?.permissions ?? []) {
      if (permission.select === undefined || project.roles.get(role) === undefined) continue;
      const world = api.world(role);
      const parents = lineageOf(role, project.roles)
        .slice(1)
        .map((parent) => api.world(parent).tables.get(table.name));
      const lost = [...table.edges.values()].filter(
        (edge) =>
          leadsToOne(edge) &&
          world.tables.get(edge.to.name)?.select === undefined &&
          readsStart(edge, world.tables.get(table.name)) &&
          !parents.some((parent) => readsStart(edge, parent)),
      );
      if (lost.length === 0) continue;
      const one = lost.length === 1;
      const far = [...new Set(lost.map(({ to }) => to.name))];
      findings.add({
        code: 'RELATIONSHIP_NOT_READABLE',
        severity: 'notice',
        message: `Role "${role}" cannot follow ${one ? 'the relationship' : `${lost.length} relationships`} of table "${table.name}", because it may not read where ${one ? 'it leads' : 'they lead'}: ${listed(lost.map(({ name, to }) => `${name} (${to.name})`))}.`,
        hint: `grant it select on ${listed(far)}, or leave it so: then it sees the ${one && lost[0]!.pairs.length === 1 ? 'key' : 'keys'} alone`,
        path: ['tables', table.name, 'permissions', role, 'select'],
        part: 'key',
      });
    }
}

/** By a foreign key or as the author declared it. */
function leadsToOne(edge: Edge): boolean {
  return edge.kind === 'one' && edge.through === undefined && edge.routine === undefined;
}

function readsStart({ pairs, constraint, from }: Edge, table: WorldTable | undefined): boolean {
  if (table === undefined) return false;
  const key = new Set(from.key);
  // A one-to-one's far side starts from the primary key, which everybody reads for its own sake.
  if (constraint !== undefined && pairs.every(({ near }) => key.has(near)) && !isForeign(from, pairs))
    return false;
  return pairs.every(({ near }) => table.columns.has(near.name));
}

function isForeign({ relation }: Edge['from'], pairs: Edge['pairs']): boolean {
  const near = pairs.map(({ near }) => near.column).join('\n');
  return relation.foreignKeys.some(({ columns }) => columns.join('\n') === near);
}
