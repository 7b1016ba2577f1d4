/** What statements on rows do. Pure. */
import { has, mentions, type Reader, type Token } from '../reader.ts';
import { named, type Reading, type Step, unknown } from '../step.ts';
import { dictionaryOnly } from './effect-lock.ts';

const inBatches =
  'write the rows in batches, each in a transaction of its own: what is written stays locked to its end';
const modifiers = ['low_priority', 'delayed', 'high_priority', 'quick', 'ignore', 'concurrent', 'local'];

/** @param reader at the first word; undefined: it is no statement on rows */
export function rows(reader: Reader): Reading | undefined {
  switch (reader.keyword()) {
    case 'insert':
      return written(
        reader,
        'into',
        'inserts rows into',
        has(reader.rest(), 'on duplicate key update') ? 'loses data' : 'yes',
      );
    case 'replace':
      return written(reader, 'into', 'replaces rows of', 'loses data');
    case 'update':
      return written(reader, undefined, 'changes rows of', 'loses data');
    case 'delete':
      return written(reader, 'from', 'deletes rows of', 'loses data');
    case 'load':
      return loaded(reader);
    case 'with':
      return withOthers(reader);
    case 'select':
    case 'values':
    case 'table':
    case '(':
      return selected(reader.rest());
    default:
      return undefined;
  }
}

function written(
  reader: Reader,
  before: string | undefined,
  what: string,
  undo: Step['undo'],
): Reading | undefined {
  const verb = reader.next()?.keyword;
  while (reader.takesOne(...modifiers) !== undefined);
  if (before !== undefined) reader.takes(before);
  const table = reader.name();
  if (table === undefined || (reader.ended && verb !== 'delete')) return undefined;
  const isAll =
    (verb === 'update' || verb === 'delete') && !mentions(reader.rest(), 'where', 'limit', 'join', ',');
  const does = isAll ? what.replace(' rows of', ' every row of') : what;
  return { relation: table, steps: [ofRows(`${does} ${named(table)}`, table, undo)] };
}

function ofRows(does: string, table: string, undo: Step['undo']): Step {
  return {
    does,
    held: [{ relation: table, lock: 'SHARED_WRITE', blocks: 'nothing' }],
    work: 'rows',
    undo,
    advice: undo === 'loses data' ? inBatches : undefined,
  };
}

function loaded(reader: Reader): Reading | undefined {
  reader.next();
  if (reader.takesOne('data', 'xml') === undefined) return undefined;
  const replaces = has(reader.rest(), 'replace');
  const table = reader.skipTo('into') && reader.takes('into table') ? reader.name() : undefined;
  if (table === undefined) return undefined;
  return {
    relation: table,
    steps: [ofRows(`loads rows into ${named(table)}`, table, replaces ? 'loses data' : 'yes')],
  };
}

/** Common tables only read here. */
function withOthers(reader: Reader): Reading | undefined {
  reader.next();
  reader.takes('recursive');
  do {
    if (reader.name() === undefined) return undefined;
    reader.skipsGroup();
    if (!reader.takes('as') || !reader.skipsGroup()) return undefined;
  } while (reader.takes(','));
  return ['select', 'update', 'delete'].includes(reader.keyword()) ? rows(reader) : undefined;
}

/** Whoever calls a function runs what it does. */
function selected(tokens: readonly Token[]): Reading {
  const unclear = mentions(tokens, 'into', 'for', 'lock') || callsAny(tokens);
  const step = unclear
    ? unknown('runs a query; what the functions do that it calls cannot be told from its text')
    : dictionaryOnly('runs a query');
  return { relation: undefined, steps: [step] };
}

function callsAny(tokens: readonly Token[]): boolean {
  return tokens.some(
    ({ kind }, index) => tokens[index + 1]?.keyword === '(' && (kind === 'word' || kind === 'name'),
  );
}
