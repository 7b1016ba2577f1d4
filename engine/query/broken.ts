/** Refuses what touches a table or function that no longer is what the Api was compiled for. */
import type { Verb } from '../../schema/project.ts';
import type { Table, World } from '../api/api.ts';
import type { Broken } from '../api/broken.ts';
import type { Routine } from '../catalog/catalog.ts';
import { Problem } from '../problem/problem.ts';
import type { AuthorizedQuery } from './query.ts';
import { visitQuery } from './visit.ts';

/** Seconds: it takes somebody who brings the project and its database together. */
const retryAfter = '30';

/**
 * Looks at every place of the query: what the caller asked for, and the policies that the grants put in.
 *
 * @throws {Problem} NS507 it touches what is broken; it is named where it exists for the caller, and else not
 */
export function refuseBroken(query: AuthorizedQuery, broken: Broken, world: World): void {
  if (broken.tables.size === 0 && broken.routines.size === 0) return;
  const tables = new Set<Table>();
  const routines = new Set<Routine>();
  visitQuery(query, {
    table: (table, verb) => {
      if (isBroken(table, verb, broken)) tables.add(table);
    },
    routine: (routine) => {
      if (broken.routines.has(routine)) routines.add(routine);
    },
    column: () => {},
    edge: () => {},
  });
  if (tables.size === 0 && routines.size === 0) return;
  throw new Problem('NS507', {
    message: `${titleOf(tables, routines, world)} cannot be served at the moment: the database has changed.`,
    hint: 'Other requests are answered. Try again once the owner of this API has brought the two together.',
    headers: { 'Retry-After': retryAfter },
  });
}

function isBroken(table: Table, verb: Verb, { tables }: Broken): boolean {
  return tables.get(table.name)?.verbs.has(verb) === true;
}

function titleOf(tables: ReadonlySet<Table>, routines: ReadonlySet<Routine>, world: World): string {
  const table = [...tables].find(({ name }) => world.tables.has(name));
  if (table !== undefined) return `Table "${table.rest}"`;
  const called = [...world.functions.values()].find(({ overloads }) =>
    overloads.some(({ routine }) => routines.has(routine)),
  );
  return called === undefined ? 'The request' : `Function "${called.rest}"`;
}
