/** What a folder's lock records and what it is to record next. Pure. */
import type { Diagnostic } from '../../schema/diagnostic.ts';
import type { Project } from '../../schema/project.ts';
import type { EdgeNames } from '../api/compile.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Lock, LockedDatabase } from '../catalog/lock.ts';
import type { Scripts } from './prepare.ts';

/** Names of relationships, which never change by themselves. */
export function recordedNames(lock: Lock | undefined): ReadonlyMap<string, EdgeNames> {
  return new Map([...(lock?.databases ?? [])].map(([name, entry]) => [name, entry.names]));
}

/** What one attempt found out. */
export interface Seen {
  /** What is served: read from the database, or from the lock where it was not reached. */
  readonly known: ReadonlyMap<string, Catalog>;
  readonly names: ReadonlyMap<string, EdgeNames>;
  readonly scripts: ReadonlyMap<string, Scripts>;
  /** Databases that were read and have run all their migrations. */
  readonly current: ReadonlySet<string>;
}

/**
 * What was read from databases that stand where the migrations lead. Of every other one what the lock held, if
 * anything: the schema before a migration under the checksum of all of them would pass for the schema after it.
 */
export function nextLock(project: Project, seen: Seen, before: Lock | undefined): Lock {
  const databases = new Map<string, LockedDatabase>();
  for (const name of project.databases.keys()) {
    const recorded = before?.databases.get(name);
    if (seen.current.has(name)) {
      const catalog = seen.known.get(name)!;
      const migrations = seen.scripts.get(name)?.checksum;
      databases.set(name, { catalog, names: seen.names.get(name) ?? new Map(), migrations });
    } else if (recorded !== undefined) databases.set(name, recorded);
  }
  return { databases };
}

/** Says that the lock does not follow a database which was reached. */
export function lockKept(project: Project, database: string, before: Lock | undefined): Diagnostic {
  const source = project.locate(['databases', database], 'key');
  const what = before?.databases.has(database) ? 'keeps what it records of' : 'does not record';
  return {
    code: 'LOCK_KEPT',
    severity: 'notice',
    message: `novastack.lock/ ${what} database "${database}" until its migrations have been run.`,
    hint: 'what is served is the schema as the database has it now',
    ...(source === undefined ? {} : { source }),
  };
}
