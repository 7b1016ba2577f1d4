/** Which servers a statement is judged for: what each can do by which version, and the worst of those that it may be. Pure. */
import type { Blocks, DescribeOptions } from '../effect.ts';
import type { Step } from '../step.ts';

export interface Server {
  readonly engine: 'mysql' | 'mariadb';
  readonly version: readonly number[];
}

/** The oldest that are served. */
const oldest: Readonly<Record<Server['engine'], readonly number[]>> = {
  mysql: [8, 0, 14],
  mariadb: [10, 6, 0],
};

/** More than one where it is not known which it is. */
export function serversOf({ engine, version }: DescribeOptions): readonly Server[] {
  const all = ['mysql', 'mariadb'] as const;
  const known = all.find((each) => each === engine);
  if (known === undefined) return all.map((each) => ({ engine: each, version: oldest[each] }));
  const numbers = /^\d+(?:\.\d+){0,2}/
    .exec(version ?? '')?.[0]
    .split('.')
    .map(Number);
  return [{ engine: known, version: numbers ?? oldest[known] }];
}

/** Whether it is a MySQL of this version or later. */
export function isMysqlSince(
  { engine, version }: Server,
  major: number,
  minor: number,
  patch: number,
): boolean {
  if (engine !== 'mysql') return false;
  const wanted = [major, minor, patch];
  const at = wanted.findIndex((part, index) => part !== (version[index] ?? 0));
  return at < 0 || (version[at] ?? 0) > wanted[at]!;
}

/** Best first. NOCOPY is MariaDB's: INPLACE that does not write the whole table anew. */
export const algorithms = ['INSTANT', 'NOCOPY', 'INPLACE', 'COPY'] as const;
export type Algorithm = (typeof algorithms)[number];

/** How a server alters a table. */
export interface Way {
  readonly algorithm: Algorithm;
  readonly blocks: Blocks;
  readonly work: NonNullable<Step['work']>;
}

export const instantly: Way = { algorithm: 'INSTANT', blocks: 'nothing', work: 'instant' };
/** Writes the table anew while others write to it. */
export const rebuilding: Way = { algorithm: 'INPLACE', blocks: 'nothing', work: 'rewrite' };
export const copying: Way = { algorithm: 'COPY', blocks: 'writes', work: 'rewrite' };

const blocked: readonly Blocks[] = ['nothing', 'writes', 'everything'];
const works = ['instant', 'rows', 'scan', 'rewrite'] as const;

/** The worst of each. */
export function worst(ways: readonly Way[]): Way {
  return ways.reduce((one, other) => ({
    algorithm: later(algorithms, one.algorithm, other.algorithm),
    blocks: later(blocked, one.blocks, other.blocks),
    work: later(works, one.work, other.work),
  }));
}

function later<One>(order: readonly One[], one: One, other: One): One {
  return order.indexOf(one) < order.indexOf(other) ? other : one;
}
