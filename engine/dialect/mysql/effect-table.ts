/** What ALTER TABLE does, and CREATE and DROP INDEX, which are the same. Pure. */
import { has, parted, Reader, type Token } from '../reader.ts';
import { named, type Reading, type Step } from '../step.ts';
import { type Action, actionOf, droppedIndex, plainIndex, specialIndex } from './effect-action.ts';
import { brief } from './effect-lock.ts';
import {
  type Algorithm,
  algorithms,
  copying,
  instantly,
  rebuilding,
  type Server,
  type Way,
  worst,
} from './effect-server.ts';

/** @param reader behind ALTER [ONLINE] [IGNORE] TABLE */
export function alterTable(reader: Reader, servers: readonly Server[]): Reading | undefined {
  reader.takes('if exists');
  const table = reader.name();
  if (reader.takes('wait')) reader.next();
  else reader.takes('nowait');
  if (table === undefined || reader.ended) return undefined;
  const parts = parted(reader.rest());
  const wishes = wishesIn(parts);
  // An option of the partitions may stand behind the others without a comma.
  const actions = parts.filter((part) => !isWish(part));
  if (actions.length === 1) {
    const step = partitionStep(actions[0]!, table);
    if (step !== undefined) return { relation: table, steps: [step] };
  }
  const known = actions.map((action) => actionOf(action, table));
  if (known.length === 0 || known.includes(undefined)) return undefined;
  return { relation: table, steps: stepsOf(known as readonly Action[], { table, wishes, servers }) };
}

/** @param reader behind CREATE [OR REPLACE] [UNIQUE | FULLTEXT | SPATIAL] INDEX */
export function createIndex(
  reader: Reader,
  kind: string | undefined,
  servers: readonly Server[],
): Reading | undefined {
  reader.takes('if not exists');
  const name = reader.name();
  const table = reader.skipTo('on') && reader.takes('on') ? reader.name() : undefined;
  if (name === undefined || table === undefined || !reader.skipsGroup()) return undefined;
  const to = `${named(name)} to ${named(table)}`;
  const action =
    kind === 'fulltext' || kind === 'spatial'
      ? specialIndex(kind, to)
      : plainIndex(kind === 'unique' ? 'a unique index' : 'an index', to);
  return { relation: table, steps: stepsOf([action], { table, wishes: wishesIn([reader.rest()]), servers }) };
}

/** @param reader behind DROP INDEX */
export function dropIndex(reader: Reader, servers: readonly Server[]): Reading | undefined {
  reader.takes('if exists');
  const name = reader.name();
  const table = reader.takes('on') ? reader.name() : undefined;
  if (name === undefined || table === undefined) return undefined;
  const wishes = wishesIn([reader.rest()]);
  return { relation: table, steps: stepsOf([droppedIndex(name, table)], { table, wishes, servers }) };
}

/** What the statement demands: the server refuses it where it cannot be had. */
interface Wishes {
  readonly algorithm: Algorithm | undefined;
  readonly lock: 'none' | 'shared' | 'exclusive' | undefined;
}

function isWish(part: readonly Token[]): boolean {
  return ['algorithm', 'lock'].includes(part[0]?.keyword ?? '');
}

function wishesIn(parts: readonly (readonly Token[])[]): Wishes {
  let algorithm: Algorithm | undefined;
  let lock: Wishes['lock'];
  for (const part of parts) {
    const reader = new Reader(part);
    while (reader.skipTo('algorithm', 'lock')) {
      const isAlgorithm = reader.next()?.keyword === 'algorithm';
      reader.takes('=');
      const value = reader.next()?.keyword;
      if (isAlgorithm) algorithm = algorithms.find((each) => each.toLowerCase() === value);
      else lock = (['none', 'shared', 'exclusive'] as const).find((each) => each === value);
      if (!isWish(part)) continue;
      break;
    }
  }
  return { algorithm, lock };
}

interface Altering {
  readonly table: string;
  readonly wishes: Wishes;
  readonly servers: readonly Server[];
}

/** One way for all actions of a statement. */
function stepsOf(actions: readonly Action[], { table, wishes, servers }: Altering): readonly Step[] {
  const way = asked(worst(servers.map((server) => together(actions, server))), wishes);
  return actions.map(({ does, undo, advice, refersTo, renamed }) => ({
    does,
    held: [
      { relation: table, lock: way.algorithm, blocks: way.blocks },
      ...(refersTo === undefined || refersTo === table
        ? []
        : [{ relation: refersTo, lock: way.algorithm, blocks: way.blocks }]),
    ],
    work: way.work,
    undo,
    advice: way.blocks === 'nothing' && way.algorithm === 'INSTANT' ? undefined : advice,
    ...(renamed !== undefined && { forgets: [table, renamed] }),
  }));
}

/** What is INSTANT alone is not where another action is not; a primary key for another is no copy. */
function together(actions: readonly Action[], server: Server): Way {
  const isReplaced = ['added key', 'dropped key'].every((kind) => actions.some(({ is }) => is === kind));
  const ways = actions.map(({ way, is }) => (isReplaced && is === 'dropped key' ? rebuilding : way(server)));
  const all = worst(ways);
  if (all.algorithm === 'INSTANT') return all;
  if (all.algorithm === 'COPY') return worst([all, copying]);
  return actions.some((action) => action.rebuilds === true) ? worst([all, rebuilding]) : all;
}

function asked(way: Way, { algorithm, lock }: Wishes): Way {
  const found = algorithm === undefined ? way : byWish(way, algorithm);
  if (lock === 'exclusive') return { ...found, blocks: 'everything' };
  if (lock === 'shared') return worst([found, { ...instantly, blocks: 'writes' }]);
  return lock === 'none' ? { ...found, blocks: 'nothing' } : found;
}

function byWish(way: Way, algorithm: Algorithm): Way {
  switch (algorithm) {
    case 'INSTANT':
      return instantly;
    case 'COPY':
      return worst([way, copying]);
    case 'NOCOPY':
      return { ...way, algorithm, work: way.work === 'instant' ? 'instant' : 'scan' };
    case 'INPLACE':
      // A copy is refused; what is left may still write the table anew.
      return way.algorithm === 'COPY'
        ? rebuilding
        : { ...way, algorithm: way.algorithm === 'INSTANT' ? 'INSTANT' : algorithm };
  }
  algorithm satisfies never;
}

const partitionSteps: readonly (readonly [words: string, does: string, more: Partial<Step>])[] = [
  ['add partition', 'adds partitions to %s', {}],
  ['drop partition', 'drops partitions of %s', { undo: 'loses data' }],
  ['truncate partition', 'empties partitions of %s', { undo: 'loses data' }],
  ['exchange partition', 'exchanges a partition of %s for a table', { work: 'scan' }],
  ['coalesce partition', 'merges partitions of %s', { work: 'rewrite' }],
  ['reorganize partition', 'parts partitions of %s otherwise', { work: 'rewrite' }],
  ['rebuild partition', 'writes partitions of %s anew', { work: 'rewrite' }],
  ['partition by', 'parts %s into partitions', { work: 'rewrite' }],
  ['remove partitioning', 'makes one table of the partitions of %s', { work: 'rewrite' }],
];

/** Whether a table has a partition for each of its hashes is not written there: those are parted anew for one more. */
function partitionStep(action: readonly Token[], table: string): Step | undefined {
  const reader = new Reader(action);
  const found = partitionSteps.find(([words]) => reader.takes(words));
  if (found === undefined) return undefined;
  const [, does, more] = found;
  const isOfHashes = has(action, 'add partition') && has(action, 'partitions');
  const work = isOfHashes ? 'rewrite' : more.work;
  return brief(
    does.replace('%s', () => named(table)),
    table,
    { ...more, ...(work !== undefined && { work }) },
  );
}
