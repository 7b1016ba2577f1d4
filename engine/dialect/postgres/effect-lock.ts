/** Locks of relations: whom each keeps waiting, and what helps against it. Pure. */
import type { Blocks } from '../effect.ts';
import type { Held, Step } from '../step.ts';

/** Weakest first, as pg_locks has them in other letters. */
export const locks = [
  'none',
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export type Lock = (typeof locks)[number];

/** Reads take ACCESS SHARE, writes ROW EXCLUSIVE: the rest follows from the server's table of conflicts. */
export function blocksOf(lock: Lock): Blocks {
  if (lock === 'ACCESS EXCLUSIVE') return 'everything';
  return locks.indexOf(lock) >= locks.indexOf('SHARE') ? 'writes' : 'nothing';
}

export function holds(relation: string | undefined, lock: Lock): Held {
  return { relation, lock, blocks: blocksOf(lock) };
}

/** A relation that the statement makes. */
export function makes(relation: string | undefined): Held {
  return { ...holds(relation, 'ACCESS EXCLUSIVE'), isNew: true };
}

/** A step of the database. */
export interface PostgresStep extends Step {
  /** It is refused inside a transaction. */
  readonly isAlone?: boolean;
}

/** Holds no relation, and writes some lines of the catalog. */
export function catalogOnly(does: string, more: Partial<PostgresStep> = {}): PostgresStep {
  return { does, held: [], work: 'instant', undo: 'yes', ...more };
}

/** Writes some lines of the catalog while it holds one relation. */
export function brief(
  does: string,
  relation: string | undefined,
  lock: Lock = 'ACCESS EXCLUSIVE',
  more: Partial<PostgresStep> = {},
): PostgresStep {
  return { does, held: [holds(relation, lock)], work: 'instant', undo: 'yes', ...more };
}

export const inOwnFile = 'in a migration of its own that begins with "-- novastack:no-transaction"';
export const needsOwnFile = `put it ${inOwnFile}: it is refused inside a transaction`;

/** A lock that is waited for keeps out whoever comes after it. */
export const waitsShort =
  'write "SET lock_timeout = \'3s\';" before it: while it waits for a query that runs, all later ones wait behind it';
