/** What CREATE does. Pure. */
import { has, mentions, type Reader } from '../reader.ts';
import { named, type Reading } from '../step.ts';
import { referred } from './effect-column.ts';
import { brief, catalogOnly, holds, inOwnFile, makes, type PostgresStep } from './effect-lock.ts';
import { refersTo } from './effect-table.ts';

/** @param reader behind CREATE */
export function create(reader: Reader): Reading | undefined {
  const replaces = reader.takes('or replace');
  while (reader.takesOne('global', 'local', 'temp', 'temporary', 'unlogged') !== undefined);
  if (reader.takes('table') || reader.takes('foreign table')) return createTable(reader);
  const isUnique = reader.takes('unique');
  if (reader.takes('index')) return createIndex(reader, isUnique);
  if (reader.takes('materialized view')) return createMaterialized(reader);
  if (reader.takes('recursive view') || reader.takes('view')) return createView(reader, replaces);
  const isConstraint = reader.keyword(1) === 'trigger' && reader.takes('constraint');
  if (reader.takes('trigger'))
    return isConstraint || !replaces ? createTrigger(reader) : createTrigger(reader, 'or replaces ');
  if (reader.takes('rule')) return onTable(reader, 'rule', 'to');
  if (reader.takes('policy')) return onTable(reader, 'policy', 'on');
  if (reader.takes('statistics')) return onTable(reader, 'statistics', 'from');
  if (reader.takes('sequence')) return createSequence(reader);
  if (reader.takes('publication')) return createPublication(reader);
  return createOther(reader, replaces);
}

/** @param reader behind TABLE */
function createTable(reader: Reader): Reading | undefined {
  const mayBeThere = reader.takes('if not exists');
  const table = reader.name();
  if (table === undefined || reader.ended) return undefined;
  const step = reader.takes('partition of') ? createPartition(reader, table) : tableStep(reader, table);
  if (step === undefined) return undefined;
  return { relation: table, steps: [step], ...(!mayBeThere && { makes: 'relation' as const }) };
}

function tableStep(reader: Reader, table: string): PostgresStep {
  const rest = reader.rest();
  const others = referred(rest).filter((name) => name !== table);
  const step: PostgresStep = {
    does: `creates table ${named(table)}${refersTo(others)}`,
    held: [makes(table), ...others.map((name) => holds(name, 'SHARE ROW EXCLUSIVE'))],
    work: 'instant',
    undo: 'yes',
  };
  if (reader.skipTo('as', 'inherits') && reader.takes('as'))
    return { ...step, does: `creates table ${named(table)} of the rows of a query`, work: 'scan' };
  const parents = reader.takes('inherits') ? namesIn(reader) : [];
  return {
    ...step,
    held: [...step.held!, ...parents.map((parent) => holds(parent, 'SHARE UPDATE EXCLUSIVE'))],
  };
}

function namesIn(reader: Reader): readonly string[] {
  if (!reader.takes('(')) return [];
  const list: string[] = [];
  do {
    const name = reader.name();
    if (name !== undefined) list.push(name);
  } while (reader.takes(','));
  return list;
}

function createPartition(reader: Reader, table: string): PostgresStep | undefined {
  const parent = reader.name();
  if (parent === undefined) return undefined;
  return {
    does: `creates partition ${named(table)} of ${named(parent)}, which is locked`,
    held: [makes(table), holds(parent, 'ACCESS EXCLUSIVE')],
    work: 'instant',
    undo: 'yes',
    advice:
      'create it as a table by itself, then ATTACH it as a partition, which lets reads and writes go on',
  };
}

function createIndex(reader: Reader, isUnique: boolean): Reading | undefined {
  const isOnline = reader.takes('concurrently');
  reader.takes('if not exists');
  const index = reader.keyword() === 'on' ? undefined : reader.name();
  const table = reader.takes('on') ? onlyName(reader) : undefined;
  if (table === undefined || reader.ended) return undefined;
  const what = isUnique ? 'unique index' : 'index';
  const does = `creates ${what}${index === undefined ? '' : ` ${named(index)}`} on ${named(table)}`;
  const step = isOnline
    ? brief(`${does}, concurrently`, table, 'SHARE UPDATE EXCLUSIVE', { isAlone: true })
    : brief(does, table, 'SHARE', { advice: `create it CONCURRENTLY ${inOwnFile}` });
  return { relation: table, steps: [{ ...step, work: 'scan' }] };
}

function onlyName(reader: Reader): string | undefined {
  reader.takes('only');
  return reader.name();
}

function createMaterialized(reader: Reader): Reading | undefined {
  const mayBeThere = reader.takes('if not exists');
  const view = reader.name();
  if (view === undefined || reader.ended) return undefined;
  const work = has(reader.rest(), 'with no data') ? 'instant' : 'scan';
  const does = `creates materialized view ${named(view)}`;
  const step: PostgresStep = { does, held: [makes(view)], work, undo: 'yes' };
  return { relation: view, steps: [step], ...(!mayBeThere && { makes: 'relation' as const }) };
}

function createView(reader: Reader, replaces: boolean): Reading | undefined {
  const view = reader.name();
  if (view === undefined || reader.ended) return undefined;
  const step = replaces
    ? brief(`creates or replaces view ${named(view)}`, view)
    : { ...catalogOnly(`creates view ${named(view)}`), held: [makes(view)] };
  return { relation: view, steps: [step], ...(!replaces && { makes: 'relation' as const }) };
}

function createTrigger(reader: Reader, replaces = ''): Reading | undefined {
  const trigger = reader.name();
  const table = reader.skipTo('on') && reader.takes('on') ? reader.name() : undefined;
  if (trigger === undefined || table === undefined) return undefined;
  const does = `creates ${replaces}trigger ${named(trigger)} on ${named(table)}`;
  return { relation: table, steps: [brief(does, table, 'SHARE ROW EXCLUSIVE')] };
}

function onTable(reader: Reader, what: string, before: string): Reading | undefined {
  reader.takes('if not exists');
  const name = reader.keyword() === before ? undefined : reader.name();
  const table = reader.skipTo(before) && reader.takes(before) ? reader.name() : undefined;
  if (table === undefined) return undefined;
  const lock = what === 'statistics' ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
  const does = `creates ${what}${name === undefined ? '' : ` ${named(name)}`} on ${named(table)}`;
  return { relation: table, steps: [brief(does, table, lock)] };
}

function createSequence(reader: Reader): Reading | undefined {
  reader.takes('if not exists');
  const sequence = reader.name();
  if (sequence === undefined) return undefined;
  const step = { ...catalogOnly(`creates sequence ${named(sequence)}`), held: [makes(sequence)] };
  return { relation: sequence, steps: [step] };
}

function createPublication(reader: Reader): Reading | undefined {
  const publication = reader.name();
  if (publication === undefined) return undefined;
  const does = `creates publication ${named(publication)}`;
  if (!reader.takes('for table')) return { relation: undefined, steps: [catalogOnly(does)] };
  const table = onlyName(reader);
  return table === undefined
    ? undefined
    : { relation: table, steps: [brief(`${does} of ${named(table)}`, table, 'SHARE UPDATE EXCLUSIVE')] };
}

/** What is no relation, and nobody waits for. Longer ones first. */
const objects = [
  'access method', 'aggregate', 'cast', 'collation', 'conversion', 'domain', 'event trigger', 'extension',
  'foreign data wrapper', 'function', 'group', 'language', 'operator class', 'operator family', 'operator',
  'procedure', 'role', 'schema', 'server', 'text search configuration', 'text search dictionary', 'text search parser',
  'text search template', 'transform', 'type', 'user mapping', 'user',
]; // biome-ignore format: a list
/** Refused inside a transaction. */
const alone = ['database', 'subscription', 'tablespace'];

function createOther(reader: Reader, replaces: boolean): Reading | undefined {
  while (reader.takesOne('default', 'trusted', 'procedural') !== undefined);
  const object = reader.takesOne(...objects, ...alone);
  if (object === undefined || reader.ended) return undefined;
  reader.takes('if not exists');
  // CREATE SCHEMA may hold tables of its own, with references to others.
  if (object === 'schema' && mentions(reader.rest(), 'create', 'grant')) return undefined;
  const name = ['cast', 'operator', 'transform', 'user mapping'].includes(object) ? undefined : reader.name();
  const does = `${replaces ? 'creates or replaces' : 'creates'} ${object}${name === undefined ? '' : ` ${named(name)}`}`;
  const steps = [catalogOnly(does, { isAlone: alone.includes(object) })];
  const isType = object === 'type' && name !== undefined;
  return { relation: undefined, steps, ...(isType && { makes: { type: name } }) };
}
