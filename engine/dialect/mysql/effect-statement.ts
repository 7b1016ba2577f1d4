/** What statements do that alter no table. Pure. */
import { has, mentions, type Reader } from '../reader.ts';
import { named, type Reading, type Step, unknown } from '../step.ts';
import { brief, dictionaryOnly, exclusive, makes } from './effect-lock.ts';
import type { Server } from './effect-server.ts';
import { alterTable, createIndex, dropIndex } from './effect-table.ts';

const objects = [
  'procedure',
  'function',
  'event',
  'package body',
  'package',
  'user',
  'role',
  'server',
  'database',
  'schema',
];

/** @param reader behind CREATE */
export function create(reader: Reader, servers: readonly Server[]): Reading | undefined {
  const replaces = reader.takes('or replace');
  reader.takesOne('temporary');
  const kind = reader.takesOne('unique', 'fulltext', 'spatial');
  if (reader.takesOne('index', 'online index', 'offline index') !== undefined)
    return createIndex(reader, kind, servers);
  if (reader.takes('table')) return createTable(reader, replaces, servers);
  if (reader.takes('sequence')) return createRelation(reader, 'sequence', replaces);
  const object = skipsToObject(reader);
  if (object === 'view') return createRelation(reader, 'view', replaces);
  if (object === 'trigger') return createTrigger(reader);
  return object === undefined || reader.ended
    ? undefined
    : ofObject(reader, replaces ? 'creates or replaces' : 'creates', object);
}

/** ALGORITHM, DEFINER and SQL SECURITY may come before it. */
function skipsToObject(reader: Reader): string | undefined {
  for (let words = 0; words < 16 && !reader.ended; words += 1) {
    const object = reader.takesOne('view', 'trigger', ...objects);
    if (object !== undefined) return object;
    if (!reader.skipsGroup()) reader.next();
  }
  return undefined;
}

/** MySQL takes the tables that it refers to alone, MariaDB does not. */
function createTable(reader: Reader, replaces: boolean, servers: readonly Server[]): Reading | undefined {
  const mayBeThere = reader.takes('if not exists');
  const table = reader.name();
  if (table === undefined || reader.ended) return undefined;
  const rest = reader.rest();
  const others = referred(rest).filter((name) => name !== table);
  const isFilled = mentions(rest, 'select');
  const does = `${replaces ? 'creates or replaces' : 'creates'} table ${named(table)}${isFilled ? ' of the rows of a query' : ''}`;
  const refers = others.length === 0 ? '' : `, which refers to ${others.map(named).join(', ')}`;
  const step: Step = {
    does: `${does}${refers}`,
    held: [
      replaces ? exclusive(table) : makes(table),
      ...(servers.some(({ engine }) => engine === 'mysql') ? others.map(exclusive) : []),
    ],
    work: isFilled ? 'rows' : 'instant',
    undo: replaces ? 'loses data' : 'yes',
  };
  return { relation: table, steps: [step], ...(!mayBeThere && { makes: 'relation' as const }) };
}

function referred(tokens: Reader['tokens']): readonly string[] {
  const found: string[] = [];
  for (const [index, { keyword, kind }] of tokens.entries()) {
    if (keyword !== 'references' || kind !== 'word') continue;
    const name = nameFrom(tokens, index + 1);
    if (name !== undefined && !found.includes(name)) found.push(name);
  }
  return found;
}

function nameFrom(tokens: Reader['tokens'], at: number): string | undefined {
  const [first, dot, second] = tokens.slice(at, at + 3);
  if (first === undefined || (first.kind !== 'word' && first.kind !== 'name')) return undefined;
  return dot?.keyword === '.' && second !== undefined ? `${first.value}.${second.value}` : first.value;
}

function createRelation(reader: Reader, what: string, replaces: boolean): Reading | undefined {
  const mayBeThere = reader.takes('if not exists');
  const name = reader.name();
  if (name === undefined) return undefined;
  const step = replaces
    ? brief(`creates or replaces ${what} ${named(name)}`, name)
    : { ...dictionaryOnly(`creates ${what} ${named(name)}`), held: [makes(name)] };
  return { relation: name, steps: [step], ...(!mayBeThere && !replaces && { makes: 'relation' as const }) };
}

function createTrigger(reader: Reader): Reading | undefined {
  reader.takes('if not exists');
  const trigger = reader.name();
  const table = reader.skipTo('on') && reader.takes('on') ? reader.name() : undefined;
  if (trigger === undefined || table === undefined) return undefined;
  return { relation: table, steps: [brief(`creates trigger ${named(trigger)} on ${named(table)}`, table)] };
}

function ofObject(reader: Reader, verb: string, object: string): Reading | undefined {
  reader.takes('if not exists');
  reader.takes('if exists');
  const name = reader.name();
  const step = dictionaryOnly(`${verb} ${object}${name === undefined ? '' : ` ${named(name)}`}`);
  return { relation: undefined, steps: [step] };
}

const relations = new Map<string, Step['undo']>([
  ['table', 'loses data'],
  ['view', 'yes'],
  ['sequence', 'loses data'],
]);

/** @param reader behind DROP */
export function drop(reader: Reader, servers: readonly Server[]): Reading | undefined {
  if (reader.takesOne('index', 'online index', 'offline index') !== undefined)
    return dropIndex(reader, servers);
  if (reader.takes('prepare'))
    return { relation: undefined, steps: [dictionaryOnly('forgets a statement of the session')] };
  reader.takes('temporary');
  const relation = reader.takesOne(...relations.keys());
  if (relation !== undefined) return dropRelations(reader, relation);
  if (reader.takes('trigger')) return dropTrigger(reader);
  const object = reader.takesOne(...objects);
  if (object === undefined || reader.ended) return undefined;
  if (object !== 'database' && object !== 'schema') return ofObject(reader, 'drops', object);
  const step = brief('drops a database and every table of it', undefined, { undo: 'loses data' });
  return { relation: undefined, steps: [step] };
}

function dropRelations(reader: Reader, what: string): Reading | undefined {
  const names = listed(reader);
  if (names === undefined) return undefined;
  return {
    relation: names[0],
    steps: names.map((name) =>
      brief(`drops ${what} ${named(name)}`, name, { undo: relations.get(what), forgets: [name] }),
    ),
  };
}

function listed(reader: Reader): readonly string[] | undefined {
  reader.takes('if exists');
  const names: string[] = [];
  do {
    const name = reader.name();
    if (name === undefined) return undefined;
    names.push(name);
  } while (reader.takes(','));
  return names;
}

/** Which table it is of is not written there. */
function dropTrigger(reader: Reader): Reading | undefined {
  reader.takes('if exists');
  const name = reader.name();
  if (name === undefined) return undefined;
  return {
    relation: undefined,
    steps: [brief(`drops trigger ${named(name)}: its table is locked`, undefined)],
  };
}

/** @param reader behind ALTER */
export function alter(reader: Reader, servers: readonly Server[]): Reading | undefined {
  reader.takesOne('online', 'offline');
  reader.takes('ignore');
  if (reader.takes('table')) return alterTable(reader, servers);
  if (reader.takes('sequence')) {
    reader.takes('if exists');
    const name = reader.name();
    return name === undefined
      ? undefined
      : { relation: name, steps: [brief(`alters sequence ${named(name)}`, name)] };
  }
  const object = skipsToObject(reader);
  if (object === 'view') {
    const name = reader.name();
    return name === undefined
      ? undefined
      : { relation: name, steps: [brief(`alters view ${named(name)}`, name)] };
  }
  return object === undefined || reader.ended ? undefined : ofObject(reader, 'alters', object);
}

/** @param reader behind RENAME */
export function rename(reader: Reader): Reading | undefined {
  if (reader.takes('user')) return ofObject(reader, 'renames', 'user');
  if (reader.takesOne('table', 'tables') === undefined) return undefined;
  reader.takes('if exists');
  const steps: Step[] = [];
  let relation: string | undefined;
  do {
    const from = reader.name();
    const to = reader.takes('to') ? reader.name() : undefined;
    if (from === undefined || to === undefined) return undefined;
    relation ??= from;
    steps.push(brief(`renames ${named(from)} to ${named(to)}`, from, { forgets: [from, to] }));
  } while (reader.takes(','));
  return { relation, steps };
}

/** @param reader behind TRUNCATE */
export function truncate(reader: Reader): Reading | undefined {
  reader.takes('table');
  const name = reader.name();
  if (name === undefined) return undefined;
  return { relation: name, steps: [brief(`empties ${named(name)}`, name, { undo: 'loses data' })] };
}

/** @param reader behind GRANT or REVOKE */
export function rights(reader: Reader, does: string): Reading | undefined {
  const isOnObject = reader.skipTo('on', 'to', 'from') && reader.takes('on');
  if (reader.ended) return undefined;
  const isRoutine = reader.takesOne('procedure', 'function', 'package') !== undefined;
  reader.takes('table');
  const table = isOnObject && !isRoutine && !has(reader.rest().slice(0, 3), '*') ? reader.name() : undefined;
  const on = isOnObject
    ? `rights on ${table === undefined ? 'what is no single table' : named(table)}`
    : 'membership in a role';
  return { relation: table, steps: [dictionaryOnly(`${does} ${on}`)] };
}

/** @param reader behind OPTIMIZE, ANALYZE or LOCK */
export function upkeep(verb: string, reader: Reader): Reading | undefined {
  reader.takesOne('no_write_to_binlog', 'local');
  if (reader.takesOne('table', 'tables') === undefined) return undefined;
  const name = reader.name();
  if (name === undefined) return undefined;
  const held = { relation: name, lock: 'INPLACE', blocks: 'nothing' as const };
  if (verb === 'optimize')
    return {
      relation: name,
      steps: [{ does: `writes ${named(name)} anew`, held: [held], work: 'rewrite', undo: 'yes' }],
    };
  if (verb === 'analyze')
    return {
      relation: name,
      steps: [dictionaryOnly(`gathers statistics of ${named(name)}`, { work: 'scan' })],
    };
  return { relation: name, steps: [unknown(`locks ${named(name)} and maybe others`)] };
}
