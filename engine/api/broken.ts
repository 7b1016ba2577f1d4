/** What of an Api is broken, because a database is not what the Api was compiled for; and what a change would break. */
import type { Verb } from '../../schema/project.ts';
import type { Catalog, Routine } from '../catalog/catalog.ts';
import { compareCatalogs, type Drift } from '../catalog/drift.ts';
import { fingerprintOf } from '../catalog/fingerprint.ts';
import type { Api } from './api.ts';
import { breachedRoutines, breachedTables, isBreaking } from './breach.ts';
import { exposureOf } from './exposure.ts';

export interface Breach {
  /** What can no longer be done with the table. */
  readonly verbs: ReadonlySet<Verb>;
  /** Sentences, for whoever runs the server; never for a caller. */
  readonly reasons: readonly string[];
}

export interface Broken {
  /** By `Table.name`. */
  readonly tables: ReadonlyMap<string, Breach>;
  /** By `Callable.name`. */
  readonly functions: ReadonlyMap<string, readonly string[]>;
  /** Of these functions, and of computed fields. */
  readonly routines: ReadonlySet<Routine>;
  /** What all this was told from, by database: the same Api compiled by another process is broken by it in the same way. */
  readonly drifts: ReadonlyMap<string, readonly Drift[]>;
}

export const unbroken: Broken = Object.freeze({
  tables: new Map<string, Breach>(),
  functions: new Map<string, readonly string[]>(),
  routines: new Set<Routine>(),
  drifts: new Map<string, readonly Drift[]>(),
});

/**
 * Which tables and functions an Api can no longer serve, and for what. Pure.
 *
 * @param drifts by the name of the database, as `compareCatalogs` tells them; those that the Api does not use count not
 */
export function brokenBy(api: Api, drifts: ReadonlyMap<string, readonly Drift[]>): Broken {
  if (![...drifts.values()].flat().some(isBreaking)) return unbroken;
  const exposure = exposureOf(api);
  const tables = new Map<string, { verbs: Set<Verb>; reasons: string[] }>();
  const functions = new Map<string, string[]>();
  const routines = new Set<Routine>();
  for (const [database, found] of drifts)
    for (const drift of found.filter(isBreaking)) {
      for (const [table, verbs] of breachedTables(drift, database, exposure)) {
        const breach = tables.get(table.name) ?? { verbs: new Set(), reasons: [] };
        for (const verb of verbs) breach.verbs.add(verb);
        breach.reasons.push(drift.message);
        tables.set(table.name, breach);
      }
      for (const [name, routine] of breachedRoutines(drift, database, api, exposure)) {
        routines.add(routine);
        const reasons = functions.get(name) ?? [];
        if (!reasons.includes(drift.message)) functions.set(name, [...reasons, drift.message]);
      }
    }
  return { tables, functions, routines, drifts };
}

/** A drift that breaks something, and of which database it is. */
export interface Breakage extends Drift {
  readonly database: string;
  /** By which `approvals.yaml` allows it: the same for as long as the same thing would break in the same way. */
  readonly fingerprint: string;
}

/**
 * What of the serving Api would break if its databases became what these catalogs say: drifts that are breaking and touch
 * what some role may ask for, or a policy looks at. Pure.
 *
 * @param next by the name of the database; one that is not named stays as it is
 */
export function breaksServing(serving: Api, next: ReadonlyMap<string, Catalog>): readonly Breakage[] {
  const exposure = exposureOf(serving);
  return [...next].flatMap(([database, catalog]) => {
    const locked = serving.databases.get(database)?.catalog;
    if (locked === undefined) return [];
    return compareCatalogs(locked, catalog)
      .filter(
        (drift) =>
          isBreaking(drift) &&
          (breachedTables(drift, database, exposure).length > 0 ||
            breachedRoutines(drift, database, serving, exposure).length > 0),
      )
      .map((drift) => ({ ...drift, database, fingerprint: breakageFingerprint(database, drift) }));
  });
}

/** Who approves one type has not approved another. */
const toldByMessage: ReadonlySet<string> = new Set([
  'type-changed',
  'function-result-changed',
  'function-arguments-changed',
]);

function breakageFingerprint(
  database: string,
  { what, relation, routine, column, key, message }: Drift,
): string {
  const facts = [what, database, relation, routine, column, key?.columns ?? null];
  return fingerprintOf(toldByMessage.has(what) ? [...facts, message] : facts);
}
