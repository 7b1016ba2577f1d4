/** A commit that takes every table away, or most, is a mistake more often than it is meant: it needs an approval. */

import { fingerprintOf } from '../catalog/fingerprint.ts';
import { bytewise } from '../catalog/order.ts';

export interface Emptied {
  /** By which `approvals.yaml` allows it: the same for as long as the same tables would go. */
  readonly fingerprint: string;
  readonly message: string;
  /** Names of the tables that would go, bytewise. */
  readonly removed: readonly string[];
}

/** Names in a message. */
const mostNames = 5;

/**
 * Pure.
 *
 * @param serving names of the tables that are served now (`api.tables.keys()`)
 * @param next    names of those of the commit
 * @returns undefined where half of them or more stay
 */
export function emptyGuard(serving: Iterable<string>, next: Iterable<string>): Emptied | undefined {
  const served = [...new Set(serving)];
  const kept = new Set(next);
  const removed = served.filter((name) => !kept.has(name)).sort(bytewise);
  if (removed.length * 2 <= served.length) return undefined;
  const names = removed
    .slice(0, mostNames)
    .map((name) => `"${name}"`)
    .join(', ');
  const more = removed.length > mostNames ? ` and ${removed.length - mostNames} more` : '';
  const how =
    removed.length === served.length ? `all ${served.length}` : `${removed.length} of ${served.length}`;
  return {
    fingerprint: fingerprintOf(['tables-removed', removed]),
    message: `The commit removes ${how} tables that are served: ${names}${more}.`,
    removed,
  };
}
