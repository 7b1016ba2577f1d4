/** Steps that are no ALTER: what metadata locks hold. Pure. */
import type { Held, Step } from '../step.ts';

/** Weakest first: metadata locks as performance_schema calls them, and the ways of ALTER. */
export const locks = ['none', 'SHARED_WRITE', 'INSTANT', 'NOCOPY', 'INPLACE', 'COPY', 'EXCLUSIVE'] as const;

/** Waits for whoever uses the relation, and keeps out whoever comes. */
export function exclusive(relation: string | undefined): Held {
  return { relation, lock: 'EXCLUSIVE', blocks: 'everything' };
}

export function makes(relation: string): Held {
  return { ...exclusive(relation), isNew: true };
}

/** Writes lines of the dictionary while it holds a relation alone. */
export function brief(does: string, relation: string | undefined, more: Partial<Step> = {}): Step {
  return { does, held: [exclusive(relation)], work: 'instant', undo: 'yes', ...more };
}

export function dictionaryOnly(does: string, more: Partial<Step> = {}): Step {
  return { does, held: [], work: 'instant', undo: 'yes', ...more };
}

/** A metadata lock that is waited for keeps out whoever comes after it. */
export const waitsShort =
  'write "SET lock_wait_timeout = 3;" before it: while it waits for a transaction that uses the table, all later ones wait behind it';
