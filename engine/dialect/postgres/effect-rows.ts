/** What statements on rows do. Pure. */
import { has, mentions, Reader, type Token } from '../reader.ts';
import { named, type Reading, type Step, unknown } from '../step.ts';
import { isSteady, sessionCalls } from './effect-expression.ts';
import { brief, catalogOnly, holds, type PostgresStep } from './effect-lock.ts';

const inBatches =
  'write the rows in batches, each in a transaction of its own: what is written stays locked to its end';

/** @param reader at the first word; undefined: it is no statement on rows */
export function rows(reader: Reader): Reading | undefined {
  switch (reader.keyword()) {
    case 'insert':
      return written(reader, 'insert into', 'inserts rows into', 'yes');
    case 'update':
      return written(reader, 'update', 'changes rows of', 'loses data');
    case 'delete':
      return written(reader, 'delete from', 'deletes rows of', 'loses data');
    case 'merge':
      return written(reader, 'merge into', 'merges rows into', 'loses data');
    case 'copy':
      return copied(reader);
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

function written(reader: Reader, verb: string, what: string, undo: Step['undo']): Reading | undefined {
  if (!reader.takes(verb)) return undefined;
  reader.takes('only');
  const table = reader.name();
  if (table === undefined || (reader.ended && verb !== 'delete from')) return undefined;
  const rest = reader.rest();
  const isAll = (verb === 'update' || verb === 'delete from') && !has(rest, 'where');
  const step: PostgresStep = {
    does: isAll ? `${what.replace(' rows of', ' every row of')} ${named(table)}` : `${what} ${named(table)}`,
    held: [holds(table, 'ROW EXCLUSIVE')],
    work: 'rows',
    // ON CONFLICT … DO UPDATE writes over rows that were there.
    undo: verb === 'insert into' && has(rest, 'do update') ? 'loses data' : undo,
    advice: undo === 'loses data' ? inBatches : undefined,
  };
  return { relation: table, steps: [step] };
}

function copied(reader: Reader): Reading | undefined {
  reader.next();
  if (reader.keyword() === '(') return selected(reader.group());
  const table = reader.name();
  reader.skipsGroup();
  if (table === undefined) return undefined;
  if (reader.takes('from')) {
    const step = brief(`copies rows into ${named(table)}`, table, 'ROW EXCLUSIVE', { work: 'rows' });
    return { relation: table, steps: [step] };
  }
  if (!reader.takes('to')) return undefined;
  return {
    relation: table,
    steps: [brief(`copies rows out of ${named(table)}`, table, 'ACCESS SHARE', { work: 'scan' })],
  };
}

/** Only queries at the top may write. */
function withOthers(reader: Reader): Reading | undefined {
  reader.next();
  reader.takes('recursive');
  const steps: Step[] = [];
  do {
    if (reader.name() === undefined) return undefined;
    reader.skipsGroup();
    if (!reader.takes('as')) return undefined;
    reader.takes('not');
    reader.takes('materialized');
    const query = new Reader(reader.group());
    if (query.keyword() === 'with') return undefined;
    const reading = rows(query);
    if (reading === undefined) return undefined;
    steps.push(...reading.steps.filter(({ work }) => work !== 'instant'));
    if (['search', 'cycle'].includes(reader.keyword()))
      reader.skipTo(',', 'insert', 'update', 'delete', 'merge', 'select');
  } while (reader.takes(','));
  if (reader.keyword() === 'with') return undefined;
  const main = rows(reader);
  return main === undefined ? undefined : { relation: main.relation, steps: [...main.steps, ...steps] };
}

/** A query that calls nothing but what is known does nothing. */
function selected(tokens: readonly Token[]): Reading {
  const unclear = mentions(tokens, 'into', 'for') || !isSteady(tokens, sessionCalls);
  const step = unclear
    ? unknown('runs a query; what the functions do that it calls cannot be told from its text')
    : catalogOnly('runs a query', { work: 'instant' });
  return { relation: undefined, steps: [step] };
}
