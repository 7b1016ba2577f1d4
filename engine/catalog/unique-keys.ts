/** Which columns tell one row of a relation from all others. */
import type { Key, Relation } from './catalog.ts';

/** Its unique keys, the primary one first. Pure. */
export function uniquesOf({ primaryKey, uniques }: Pick<Relation, 'primaryKey' | 'uniques'>): readonly Key[] {
  return primaryKey === null ? uniques : [primaryKey, ...uniques];
}
