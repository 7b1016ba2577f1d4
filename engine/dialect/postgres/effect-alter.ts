/** What ALTER does, RENAME among it. Pure. */
import { has, type Reader } from '../reader.ts';
import { named, type Reading, unknown } from '../step.ts';
import { brief, catalogOnly, type PostgresStep } from './effect-lock.ts';
import { alterTable } from './effect-table.ts';

/** @param reader behind ALTER */
export function alter(reader: Reader, known: ReadonlySet<string>): Reading | undefined {
  if (reader.takesOne('table', 'foreign table', 'materialized view') !== undefined)
    return alterTable(reader, known);
  if (reader.takes('view')) return ofRelation(reader, 'view', () => 'ACCESS EXCLUSIVE');
  if (reader.takes('sequence')) return ofRelation(reader, 'sequence', lockOfSequence);
  if (reader.takes('index')) return alterIndex(reader);
  if (reader.takes('type')) return alterType(reader);
  if (reader.takes('domain')) return alterDomain(reader);
  const part = reader.takesOne('policy', 'rule', 'trigger');
  if (part !== undefined) return alterPart(reader, part);
  if (reader.takes('publication')) return alterPublication(reader);
  return alterOther(reader);
}

type LockOf = (reader: Reader) => Parameters<typeof brief>[2];

function ofRelation(reader: Reader, what: string, lockOf: LockOf): Reading | undefined {
  reader.takes('if exists');
  const name = reader.name();
  if (name === undefined || reader.ended) return undefined;
  return {
    relation: name,
    steps: [brief(`alters ${what} ${named(name)}`, name, lockOf(reader), { forgets: [name] })],
  };
}

/** Whoever asks for the next number takes ROW EXCLUSIVE. */
const lockOfSequence: LockOf = (reader) =>
  ['rename', 'owner'].includes(reader.keyword()) || has(reader.rest(), 'set schema')
    ? 'ACCESS EXCLUSIVE'
    : 'SHARE ROW EXCLUSIVE';

function alterIndex(reader: Reader): Reading | undefined {
  if (reader.takes('all in tablespace')) return undefined;
  reader.takes('if exists');
  const name = reader.name();
  if (name === undefined || reader.ended) return undefined;
  const step = reader.takes('set tablespace')
    ? { ...brief(`moves index ${named(name)} to another tablespace`, name), work: 'rewrite' as const }
    : brief(`alters index ${named(name)}`, name, lockOfIndex(reader));
  return { relation: name, steps: [step] };
}

function lockOfIndex(reader: Reader): Parameters<typeof brief>[2] {
  const isLight =
    reader.keyword() === 'rename' ||
    (['set', 'reset'].includes(reader.keyword()) && reader.keyword(1) === '(');
  return isLight || has(reader.rest(), 'set statistics') ? 'SHARE UPDATE EXCLUSIVE' : 'ACCESS EXCLUSIVE';
}

function alterType(reader: Reader): Reading | undefined {
  const type = reader.name();
  if (type === undefined || reader.ended) return undefined;
  const only = (step: PostgresStep) => ({ relation: undefined, steps: [step] });
  if (reader.takes('add value'))
    return only(
      catalogOnly(`adds a value to enum ${named(type)}`, {
        undo: 'no',
        advice: 'use the new value in a later migration: the transaction that adds it cannot',
      }),
    );
  if (reader.takes('rename value')) return only(catalogOnly(`renames a value of enum ${named(type)}`));
  if (reader.takesOne('rename to', 'owner to', 'set schema', 'set (') !== undefined)
    return only(catalogOnly(`alters type ${named(type)}`));
  // Attributes: tables of the type, and those with columns of it, are changed or forbid it.
  return only(unknown(`changes attributes of type ${named(type)}`));
}

/** What it asks of values, it asks of all tables with columns of it. */
function alterDomain(reader: Reader): Reading | undefined {
  const domain = reader.name();
  if (domain === undefined || reader.ended) return undefined;
  const asks = reader.takesOne('add', 'validate', 'set not null');
  const isInstant = asks === undefined || (asks === 'add' && has(reader.rest(), 'not valid'));
  const does = `alters domain ${named(domain)}`;
  const advice = 'add the constraint NOT VALID, and validate it in a later migration';
  const step: PostgresStep = isInstant
    ? catalogOnly(does)
    : brief(`${does}: every table with a column of it is read`, undefined, 'SHARE', {
        work: 'scan',
        advice: asks === 'add' ? advice : undefined,
      });
  return { relation: undefined, steps: [step] };
}

function alterPart(reader: Reader, part: string): Reading | undefined {
  const name = reader.name();
  const table = reader.takes('on') ? reader.name() : undefined;
  if (name === undefined || table === undefined || reader.ended) return undefined;
  return { relation: table, steps: [brief(`alters ${part} ${named(name)} of ${named(table)}`, table)] };
}

function alterPublication(reader: Reader): Reading | undefined {
  const publication = reader.name();
  if (publication === undefined || reader.ended) return undefined;
  const does = `alters publication ${named(publication)}`;
  if (reader.takesOne('add table', 'set table') === undefined)
    return { relation: undefined, steps: [catalogOnly(does)] };
  reader.takes('only');
  const table = reader.name();
  return { relation: table, steps: [brief(does, table, 'SHARE UPDATE EXCLUSIVE')] };
}

const objects = [
  'aggregate', 'collation', 'conversion', 'default privileges', 'event trigger', 'foreign data wrapper', 'function',
  'group', 'language', 'operator class', 'operator family', 'operator', 'procedure', 'role', 'routine', 'schema',
  'server', 'text search configuration', 'text search dictionary', 'text search parser', 'text search template',
  'user mapping', 'user',
]; // biome-ignore format: a list
const nameless = ['default privileges', 'operator', 'user mapping'];

function alterOther(reader: Reader): Reading | undefined {
  const object = reader.takesOne(...objects);
  if (object === undefined || reader.ended) return undefined;
  const name = nameless.includes(object) ? undefined : reader.name();
  const does = `alters ${object}${name === undefined ? '' : ` ${named(name)}`}`;
  return { relation: undefined, steps: [catalogOnly(does)] };
}
