/** How a database differs from its lock, each difference with what it does to the API that the lock describes. */
import type { Catalog, Key } from './catalog.ts';
import { compareRelations } from './drift-relation.ts';
import { compareOverloads } from './drift-routine.ts';
import { type DriftClass, type DriftKind, driftRules } from './drift-rules.ts';
import { bytewise } from './order.ts';

export interface Drift {
  readonly class: DriftClass;
  /** Stable; see `driftRules`. */
  readonly what: DriftKind;
  /** Key of the catalog (`public.books`); null where it is of a function or of the server. */
  readonly relation: string | null;
  /** Key of the catalog; null where it is of no function. */
  readonly routine: string | null;
  /** Of the relation, by its name in the database; null where it is of no single column. */
  readonly column: string | null;
  /** The key or index that it is of. */
  readonly key: Key | null;
  /** One sentence, for whoever runs the database; never for a caller. */
  readonly message: string;
}

/** Notes one difference. */
export type Report = (what: DriftKind, message: string, at?: Partial<Pick<Drift, 'column' | 'key'>>) => void;

/**
 * Compares a database with its lock. Pure; estimates of rows do not count.
 *
 * @returns empty when they are alike; first of the server, then by relation, then by function, bytewise
 */
export function compareCatalogs(locked: Catalog, live: Catalog): readonly Drift[] {
  const drifts: Drift[] = [];
  const reportAt =
    (place: Partial<Pick<Drift, 'relation' | 'routine'>>): Report =>
    (what, message, at) =>
      drifts.push(Object.freeze({ ...nowhere, ...place, ...at, class: driftRules[what], what, message }));
  compareServers(locked, live, reportAt({}));
  // Of another engine everything is of another kind.
  if (locked.engine !== live.engine) return drifts;
  for (const key of keysOf(locked.relations, live.relations)) {
    const [before, after] = [locked.relations.get(key), live.relations.get(key)];
    const report = reportAt({ relation: key });
    if (before === undefined) report('relation-added', `Relation "${key}" has been added.`);
    else if (after === undefined) report('relation-gone', `Relation "${key}" is gone.`);
    else compareRelations(before, after, report);
  }
  for (const key of keysOf(locked.routines, live.routines))
    compareOverloads(
      key,
      locked.routines.get(key) ?? [],
      live.routines.get(key) ?? [],
      reportAt({ routine: key }),
    );
  return drifts;
}

const nowhere = { relation: null, routine: null, column: null, key: null };

function keysOf(a: ReadonlyMap<string, unknown>, b: ReadonlyMap<string, unknown>): readonly string[] {
  return [...new Set([...a.keys(), ...b.keys()])].sort(bytewise);
}

function compareServers(locked: Catalog, live: Catalog, report: Report): void {
  if (locked.engine !== live.engine) {
    report('engine-changed', `The lock is of ${locked.engine}, and the database is ${live.engine}.`);
    return;
  }
  for (const [name, had] of Object.entries(locked.capabilities)) {
    const has = live.capabilities[name as keyof typeof live.capabilities];
    if (had && !has) report('capability-gone', `The server no longer has what the lock calls "${name}".`);
    if (!had && has) report('capability-added', `The server now has what the lock calls "${name}".`);
  }
  if (locked.version !== live.version) {
    const isOlder = majorOf(live.version) < majorOf(locked.version);
    report(
      isOlder ? 'version-older' : 'version-changed',
      `The lock is of version ${locked.version}, and the server is ${live.version}.`,
    );
  }
  const [before, after] = [locked.schemas[0], live.schemas[0]];
  if (before !== after)
    report('default-schema-changed', `The first schema was "${before}", and is "${after}".`);
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10) || 0;
}
