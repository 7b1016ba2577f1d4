/** What statements do that look after tables, lock them, or say who may use them. Pure. */
import { has, type Reader } from '../reader.ts';
import { named, type Reading } from '../step.ts';
import { listed } from './effect-drop.ts';
import { brief, catalogOnly, holds, inOwnFile, type Lock, locks, type PostgresStep } from './effect-lock.ts';

/** @param reader behind COMMENT ON; the lock is weaker where only a part of a table is told of */
export function comment(reader: Reader): Reading | undefined {
  const relation = reader.takesOne(
    'table',
    'view',
    'index',
    'sequence',
    'materialized view',
    'foreign table',
  );
  if (relation !== undefined) {
    const name = reader.name();
    if (name === undefined) return undefined;
    const step = brief(`comments on ${relation} ${named(name)}`, name, 'SHARE UPDATE EXCLUSIVE');
    return { relation: name, steps: [step] };
  }
  if (reader.takes('column')) return commentColumn(reader);
  const part = reader.takesOne('constraint', 'policy', 'rule', 'trigger');
  if (part !== undefined && !has(reader.rest(), 'on domain')) {
    const name = reader.name();
    const table = reader.takes('on') ? reader.name() : undefined;
    if (name === undefined || table === undefined) return undefined;
    const does = `comments on ${part} ${named(name)} of ${named(table)}`;
    return { relation: table, steps: [brief(does, table, 'ACCESS SHARE')] };
  }
  return reader.ended
    ? undefined
    : { relation: undefined, steps: [catalogOnly('comments on what is no relation')] };
}

function commentColumn(reader: Reader): Reading | undefined {
  const full = reader.name();
  const dot = full?.lastIndexOf('.') ?? -1;
  if (full === undefined || dot < 0) return undefined;
  const table = full.slice(0, dot);
  const does = `comments on column ${named(full.slice(dot + 1))} of ${named(table)}`;
  return { relation: table, steps: [brief(does, table, 'SHARE UPDATE EXCLUSIVE')] };
}

const otherObjects = new Set([
  'all', 'database', 'domain', 'foreign', 'function', 'language', 'large', 'parameter', 'procedure', 'routine',
  'schema', 'sequence', 'tablespace', 'type',
]); // biome-ignore format: a list

/** @param reader behind GRANT or REVOKE */
export function rights(reader: Reader, does: string): Reading | undefined {
  const isOnObject = reader.skipTo('on', 'to', 'from') && reader.takes('on');
  if (reader.ended) return undefined;
  if (!isOnObject) return { relation: undefined, steps: [catalogOnly(`${does} membership in a role`)] };
  const isTable = reader.takes('table') || !otherObjects.has(reader.keyword());
  const table = isTable ? reader.name() : undefined;
  if (isTable && table === undefined) return undefined;
  const on = table === undefined ? reader.keyword() : named(table);
  return { relation: table, steps: [catalogOnly(`${does} rights on ${on}`)] };
}

/** @param reader behind REINDEX */
export function reindex(reader: Reader): Reading | undefined {
  const options = reader.group();
  const target = reader.takesOne('index', 'table', 'schema', 'database', 'system');
  const isOnline = reader.takes('concurrently') || has(options, 'concurrently');
  const name = reader.name();
  if (target === undefined || (name === undefined && (target === 'index' || target === 'table')))
    return undefined;
  const does = `builds ${target === 'index' ? 'index' : `the indexes of ${target}`} ${named(name)} anew`;
  const isRelation = target === 'index' || target === 'table';
  const relation = isRelation ? name : undefined;
  const shared: Partial<PostgresStep> = { work: 'scan', isAlone: isOnline || !isRelation };
  if (isOnline)
    return { relation, steps: [brief(`${does}, concurrently`, relation, 'SHARE UPDATE EXCLUSIVE', shared)] };
  // The indexes are held so that no query can be planned; the table itself only against writes.
  const held = [
    { relation, lock: target === 'table' ? 'SHARE' : 'ACCESS EXCLUSIVE', blocks: 'everything' as const },
  ];
  const advice = `build it CONCURRENTLY ${inOwnFile}`;
  return { relation, steps: [{ ...catalogOnly(does, shared), held, advice }] };
}

/** @param reader behind REFRESH */
export function refresh(reader: Reader): Reading | undefined {
  if (!reader.takes('materialized view')) return undefined;
  const isOnline = reader.takes('concurrently');
  const view = reader.name();
  if (view === undefined) return undefined;
  const does = `computes materialized view ${named(view)} anew`;
  const step = isOnline
    ? brief(`${does}, concurrently`, view, 'EXCLUSIVE', { work: 'scan' })
    : brief(does, view, 'ACCESS EXCLUSIVE', {
        work: 'rewrite',
        advice: 'refresh it CONCURRENTLY, for which it needs a unique index',
      });
  return { relation: view, steps: [step] };
}

/** @param reader behind LOCK */
export function lock(reader: Reader): Reading | undefined {
  reader.takes('table');
  const names = listed(reader);
  if (names === undefined) return undefined;
  const mode = reader.takes('in') ? modeOf(reader) : 'ACCESS EXCLUSIVE';
  if (mode === undefined) return undefined;
  const does = `locks ${names.map(named).join(', ')} in ${mode} mode to the end of the transaction`;
  return {
    relation: names[0],
    steps: [{ ...catalogOnly(does), held: names.map((name) => holds(name, mode)) }],
  };
}

function modeOf(reader: Reader): Lock | undefined {
  const longestFirst = locks.toSorted((one, other) => other.length - one.length);
  return longestFirst.find((mode) => mode !== 'none' && reader.takes(`${mode.toLowerCase()} mode`));
}

/** @param reader behind CLUSTER */
export function cluster(reader: Reader): Reading | undefined {
  reader.skipsGroup();
  reader.takes('verbose');
  const advice = 'leave it: nothing reads the table until it is written anew';
  const more: Partial<PostgresStep> = { work: 'rewrite', advice };
  if (reader.ended)
    return {
      relation: undefined,
      steps: [brief('orders every table anew', undefined, undefined, { ...more, isAlone: true })],
    };
  const first = reader.name();
  const table = reader.takes('on') ? reader.name() : first;
  return table === undefined
    ? undefined
    : {
        relation: table,
        steps: [brief(`writes ${named(table)} anew in the order of an index`, table, undefined, more)],
      };
}

/** @param reader behind VACUUM */
export function vacuum(reader: Reader): Reading | undefined {
  const options = reader.group();
  const isFull = has(options, 'full') || reader.takes('full');
  while (reader.takesOne('full', 'freeze', 'verbose', 'analyze') !== undefined);
  const table = reader.ended ? undefined : reader.name();
  const does = `${isFull ? 'writes' : 'cleans up'} ${table === undefined ? 'every table' : named(table)}${isFull ? ' anew' : ''}`;
  const step = isFull
    ? brief(does, table, 'ACCESS EXCLUSIVE', { work: 'rewrite', isAlone: true })
    : brief(does, table, 'SHARE UPDATE EXCLUSIVE', { work: 'scan', isAlone: true });
  return { relation: table, steps: [step] };
}

/** @param reader behind ANALYZE */
export function analyze(reader: Reader): Reading {
  reader.skipsGroup();
  reader.takes('verbose');
  const table = reader.ended ? undefined : reader.name();
  const does = `gathers statistics of ${table === undefined ? 'every table' : named(table)}`;
  return { relation: table, steps: [brief(does, table, 'SHARE UPDATE EXCLUSIVE', { work: 'scan' })] };
}
