/** What DROP and TRUNCATE do. Pure. */
import { has, type Reader } from '../reader.ts';
import { named, type Reading } from '../step.ts';
import { brief, catalogOnly, holds, inOwnFile, type PostgresStep } from './effect-lock.ts';

const relations = new Map<string, PostgresStep['undo']>([
  ['foreign table', 'yes'],
  ['materialized view', 'yes'],
  ['sequence', 'loses data'],
  ['table', 'loses data'],
  ['view', 'yes'],
]);
/** What stands on a table, which it holds. */
const parts = ['policy', 'rule', 'trigger'];
const objects = [
  'access method', 'aggregate', 'cast', 'collation', 'conversion', 'domain', 'event trigger', 'extension',
  'foreign data wrapper', 'function', 'group', 'language', 'operator class', 'operator family', 'operator', 'procedure',
  'publication', 'role', 'routine', 'schema', 'server', 'statistics', 'text search configuration',
  'text search dictionary', 'text search parser', 'text search template', 'transform', 'type', 'user mapping', 'user',
]; // biome-ignore format: a list
const alone = ['database', 'subscription', 'tablespace'];
/** What else goes with them, if anything does, are rows of tables. */
const holdingRows = new Set(['schema', 'type', 'domain', 'extension', 'database', 'tablespace']);

/** @param reader behind DROP */
export function drop(reader: Reader): Reading | undefined {
  reader.takes('procedural');
  const relation = reader.takesOne(...relations.keys());
  if (relation !== undefined) return dropRelations(reader, relation);
  if (reader.takes('index')) return dropIndex(reader);
  const part = reader.takesOne(...parts);
  if (part !== undefined) return dropPart(reader, part);
  const object = reader.takesOne(...objects, ...alone);
  if (object === undefined || reader.ended) return undefined;
  reader.takes('if exists');
  const name = ['cast', 'operator', 'transform', 'user mapping'].includes(object) ? undefined : reader.name();
  return { relation: undefined, steps: [dropObject(reader, object, name)] };
}

function dropObject(reader: Reader, object: string, name: string | undefined): PostgresStep {
  const cascades = has(reader.rest(), 'cascade');
  const isLoss = holdingRows.has(object) && (cascades || alone.includes(object));
  const step = catalogOnly(
    `drops ${object}${name === undefined ? '' : ` ${named(name)}`}${cascades ? ' and whatever needs it' : ''}`,
    { undo: isLoss ? 'loses data' : 'yes', isAlone: alone.includes(object) },
  );
  // An extension may keep rows of its own.
  if (object === 'extension' && !cascades) return { ...step, undo: undefined };
  if (!cascades) return step;
  const advice = 'drop what needs it by name, without CASCADE, so that it can be seen what goes';
  return { ...step, held: undefined, undo: isLoss ? 'loses data' : undefined, advice };
}

function dropRelations(reader: Reader, what: string): Reading | undefined {
  const names = listed(reader);
  if (names === undefined) return undefined;
  const cascades = reader.takes('cascade');
  return {
    relation: names[0],
    steps: names.map((name) =>
      brief(
        `drops ${what} ${named(name)}${cascades ? ' and whatever needs it' : ''}`,
        name,
        'ACCESS EXCLUSIVE',
        {
          undo: relations.get(what),
          forgets: [name],
        },
      ),
    ),
  };
}

/** Names with commas between them; undefined where one is lacking. */
export function listed(reader: Reader): readonly string[] | undefined {
  reader.takes('if exists');
  const names: string[] = [];
  do {
    reader.takes('only');
    const name = reader.name();
    if (name === undefined) return undefined;
    names.push(name);
    reader.takes('*');
  } while (reader.takes(','));
  return names;
}

function dropIndex(reader: Reader): Reading | undefined {
  const isOnline = reader.takes('concurrently');
  const names = listed(reader);
  if (names === undefined) return undefined;
  const step = (name: string): PostgresStep =>
    isOnline
      ? brief(`drops index ${named(name)}, concurrently`, name, 'SHARE UPDATE EXCLUSIVE', { isAlone: true })
      : brief(`drops index ${named(name)}: its table is locked`, name, 'ACCESS EXCLUSIVE', {
          advice: `drop it CONCURRENTLY ${inOwnFile}`,
        });
  return { relation: names[0], steps: names.map(step) };
}

function dropPart(reader: Reader, part: string): Reading | undefined {
  reader.takes('if exists');
  const name = reader.name();
  const table = reader.takes('on') ? reader.name() : undefined;
  if (name === undefined || table === undefined) return undefined;
  return { relation: table, steps: [brief(`drops ${part} ${named(name)} of ${named(table)}`, table)] };
}

/** @param reader behind TRUNCATE */
export function truncate(reader: Reader): Reading | undefined {
  reader.takes('table');
  const names = listed(reader);
  if (names === undefined) return undefined;
  const cascades = has(reader.rest(), 'cascade');
  const does = `empties ${names.map(named).join(', ')}${cascades ? ' and every table that refers to it' : ''}`;
  const held = names.map((name) => holds(name, 'ACCESS EXCLUSIVE'));
  return { relation: names[0], steps: [{ does, held, work: 'instant', undo: 'loses data' }] };
}
