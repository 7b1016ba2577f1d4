/** What an action of ALTER TABLE is, and how each server does it to a table of InnoDB, as the manuals have it. Pure. */
import { has, parted, Reader, type Token } from '../reader.ts';
import { named, type Step } from '../step.ts';
import { copying, instantly, isMysqlSince, rebuilding, type Server, type Way } from './effect-server.ts';

export interface Action {
  readonly does: string;
  readonly way: (server: Server) => Way;
  /** Where the others of its statement are not all INSTANT, it writes the table anew. */
  readonly rebuilds?: boolean;
  readonly undo: Step['undo'];
  readonly advice?: string;
  /** Of a foreign key. */
  readonly refersTo?: string;
  readonly is?: 'added key' | 'dropped key';
  /** The table is called so afterwards. */
  readonly renamed?: string;
}

const ask =
  'write ALGORITHM=INPLACE, LOCK=NONE behind it: where the server would have to copy the table it then refuses, and nobody waits';
const checkFirst = 'run it while few write: every row is copied and asked, and writes wait to the end';

/** Only lines of the dictionary; MySQL calls that INPLACE where it is older than INSTANT. */
const inDictionary = (server: Server): Way =>
  server.engine === 'mariadb' ? instantly : { algorithm: 'INPLACE', blocks: 'nothing', work: 'instant' };
const buildsIndex = ({ engine }: Server): Way => ({
  algorithm: engine === 'mariadb' ? 'NOCOPY' : 'INPLACE',
  blocks: 'nothing',
  work: 'scan',
});
const dropsIndex = (server: Server): Way => ({ ...buildsIndex(server), work: 'instant' });
const rebuilds = () => rebuilding;
const copies = () => copying;
const instant = () => instantly;

/** Undefined: it is none that is known. */
export function actionOf(tokens: readonly Token[], table: string): Action | undefined {
  const reader = new Reader(tokens);
  const first = reader.next()?.keyword;
  switch (first) {
    case 'add':
      return added(reader, table);
    case 'drop':
      return dropped(reader, table);
    case 'alter':
      return altered(reader, table);
    case 'modify':
    case 'change':
      return changed(reader, table, first);
    case 'rename':
      return renamed(reader, table);
    case 'order':
      return {
        does: `orders the rows of ${named(table)} anew`,
        way: copies,
        undo: 'yes',
        advice: checkFirst,
      };
    case 'convert':
      return {
        does: `converts the texts of ${named(table)} to another character set`,
        way: copies,
        undo: undefined,
        advice: ask,
      };
    case 'force':
      return { does: `writes ${named(table)} anew`, way: rebuilds, undo: 'yes' };
    default:
      return option(first, reader, table);
  }
}

function added(reader: Reader, table: string): Action | undefined {
  const constraint = reader.takes('constraint');
  const key = ['primary', 'unique', 'foreign', 'check'];
  if (constraint && !key.includes(reader.keyword())) reader.name();
  const to = `to ${named(table)}`;
  if (reader.takes('check'))
    return has(reader.rest(), 'not enforced')
      ? { does: `adds a check ${to} that is not asked`, way: instant, undo: 'yes' }
      : { does: `adds a check ${to}`, way: copies, undo: 'yes', advice: checkFirst };
  if (reader.takes('foreign key')) return foreignKey(reader, `adds a foreign key ${to}`);
  if (reader.takes('primary key'))
    return { does: `adds a primary key ${to}`, way: rebuilds, undo: 'yes', is: 'added key' };
  const isUnique = reader.takes('unique');
  if (isUnique) reader.takesOne('index', 'key');
  const special = isUnique ? undefined : reader.takesOne('fulltext', 'spatial');
  if (special !== undefined) return specialIndex(special, to);
  if (isUnique || reader.takesOne('index', 'key') !== undefined)
    return { does: `adds ${isUnique ? 'a unique index' : 'an index'} ${to}`, way: buildsIndex, undo: 'yes' };
  if (constraint || reader.ended) return undefined;
  return column(reader, to);
}

/** The first FULLTEXT index of a table writes it anew. */
export function specialIndex(kind: string, to: string): Action {
  const way = ({ engine }: Server): Way => ({
    algorithm: kind === 'spatial' && engine === 'mariadb' ? 'NOCOPY' : 'INPLACE',
    blocks: 'writes',
    work: kind === 'spatial' ? 'scan' : 'rewrite',
  });
  return { does: `adds a ${kind} index ${to}`, way, undo: 'yes', advice: checkFirst };
}

export function plainIndex(kind: 'a unique index' | 'an index', to: string): Action {
  return { does: `adds ${kind} ${to}`, way: buildsIndex, undo: 'yes' };
}

export function droppedIndex(name: string, table: string): Action {
  return { does: `drops index ${named(name)} of ${named(table)}`, way: dropsIndex, undo: 'yes' };
}

function foreignKey(reader: Reader, does: string): Action | undefined {
  const other = reader.skipTo('references') && reader.takes('references') ? reader.name() : undefined;
  if (other === undefined) return undefined;
  return {
    does: `${does}, which refers to ${named(other)}`,
    way: copies,
    undo: 'yes',
    advice: checkFirst,
    refersTo: other,
  };
}

function column(reader: Reader, to: string): Action | undefined {
  reader.takes('column');
  reader.takes('if not exists');
  // ADD (a int, b int) adds several.
  if (reader.keyword() === '(') return columns(parted(reader.group()), to);
  const name = reader.name();
  if (name === undefined || reader.ended) return undefined;
  return { ...addedColumn(reader.rest()), does: `adds column ${named(name)} ${to}`, undo: 'yes' };
}

function columns(definitions: readonly (readonly Token[])[], to: string): Action | undefined {
  const names = definitions.map((definition) => new Reader(definition).name());
  const ways = definitions.map((definition) => addedColumn(definition.slice(1)));
  if (names.includes(undefined) || ways.some(({ refersTo }) => refersTo !== undefined)) return undefined;
  // Of several the hardest: the order is that of the table below.
  const hardest = ways.toSorted((one, other) => hardness(other) - hardness(one))[0]!;
  return { ...hardest, does: `adds columns ${names.map(named).join(', ')} ${to}`, undo: 'yes' };
}

type Adding = Pick<Action, 'way' | 'rebuilds' | 'advice' | 'refersTo'>;

function hardness({ way }: Adding): number {
  return [instant, instantAnywhere, rebuilds, rebuildsAlone, copies].indexOf(way);
}

const rebuildsAlone = (): Way => ({ ...rebuilding, blocks: 'writes' });
const instantAnywhere = (server: Server): Way =>
  server.engine === 'mariadb' || isMysqlSince(server, 8, 0, 29) ? instantly : rebuilding;

const plain = 'add it without that; add the index or the constraint by a statement of its own';
const constant = 'add it with a constant default, and set the values in batches';

function addedColumn(definition: readonly Token[]): Adding {
  const refers = new Reader(definition);
  const other = refers.skipTo('references') && refers.takes('references') ? refers.name() : undefined;
  if (other !== undefined) return { way: copies, advice: plain, refersTo: other };
  const isGenerated = has(definition, 'as') && definition.some(({ keyword }) => keyword === '(');
  if (isGenerated)
    return has(definition, 'stored') || has(definition, 'persistent')
      ? { way: copies, advice: 'make it VIRTUAL, which takes no room and no time' }
      : { way: instant, rebuilds: true };
  if (has(definition, 'check'))
    return {
      way: ({ engine }) => (engine === 'mariadb' ? instantly : copying),
      advice: plain,
      rebuilds: true,
    };
  if (has(definition, 'auto_increment')) return { way: rebuildsAlone, advice: checkFirst };
  if (!isConstant(definition)) return { way: copies, advice: constant };
  if (has(definition, 'unique') || has(definition, 'key')) return { way: rebuilds, advice: plain };
  const isPlaced = has(definition, 'first') || has(definition, 'after');
  return { way: isPlaced ? instantAnywhere : instant, rebuilds: true };
}

const clocks = ['current_timestamp', 'now', 'localtime', 'localtimestamp'];

/** A literal, or the time at which the statement runs. */
function isConstant(definition: readonly Token[]): boolean {
  const reader = new Reader(definition);
  if (!reader.skipTo('default')) return true;
  reader.next();
  const first = reader.next();
  if (first === undefined || first.keyword === '(') return false;
  return reader.keyword() !== '(' || clocks.includes(first.keyword);
}

function dropped(reader: Reader, table: string): Action | undefined {
  const of = `of ${named(table)}`;
  if (reader.takes('primary key'))
    return {
      does: `drops the primary key ${of}`,
      way: copies,
      undo: 'yes',
      is: 'dropped key',
      advice: 'add another in the same statement',
    };
  const kind = reader.takesOne('foreign key', 'index', 'key', 'check', 'constraint');
  if (kind === undefined) reader.takes('column');
  reader.takes('if exists');
  const name = reader.name();
  if (name === undefined) return undefined;
  if (kind === 'index' || kind === 'key') return droppedIndex(name, table);
  if (kind === 'check') return { does: `drops check ${named(name)} ${of}`, way: instant, undo: 'yes' };
  if (kind !== undefined)
    return { does: `drops ${kind} ${named(name)} ${of}`, way: inDictionary, undo: 'yes' };
  const way = instantAnywhere;
  return { does: `drops column ${named(name)} ${of}`, way, rebuilds: true, undo: 'loses data' };
}

function altered(reader: Reader, table: string): Action | undefined {
  const of = `of ${named(table)}`;
  if (reader.takesOne('index', 'key') !== undefined) {
    reader.takes('if exists');
    const name = reader.name();
    return name === undefined
      ? undefined
      : { does: `changes whether index ${named(name)} ${of} is used`, way: inDictionary, undo: 'yes' };
  }
  if (reader.takesOne('check', 'constraint') !== undefined) {
    const name = reader.name();
    if (name === undefined) return undefined;
    const isOff = reader.takes('not enforced');
    return {
      does: `changes whether ${named(name)} ${of} is asked`,
      way: isOff ? inDictionary : copies,
      undo: 'yes',
    };
  }
  reader.takes('column');
  reader.takes('if exists');
  const name = reader.name();
  if (name === undefined || reader.ended) return undefined;
  return { does: `changes the default of column ${named(name)} ${of}`, way: instant, undo: 'yes' };
}

/** What the column was is not written there, so neither is whether more than its name changes. */
function changed(reader: Reader, table: string, verb: string): Action | undefined {
  reader.takes('column');
  reader.takes('if exists');
  const name = reader.name();
  if (name === undefined || reader.ended) return undefined;
  const advice = verb === 'change' ? `${ask}; for another name alone there is RENAME COLUMN` : ask;
  return { does: `changes column ${named(name)} of ${named(table)}`, way: copies, undo: undefined, advice };
}

function renamed(reader: Reader, table: string): Action | undefined {
  const kind = reader.takesOne('column', 'index', 'key');
  if (kind !== undefined) {
    const from = reader.name();
    const to = reader.takes('to') ? reader.name() : undefined;
    if (from === undefined || to === undefined) return undefined;
    const way = kind === 'column' ? renamesColumn : inDictionary;
    return { does: `renames ${kind} ${named(from)} of ${named(table)} to ${named(to)}`, way, undo: 'yes' };
  }
  reader.takesOne('to', 'as', '=');
  const name = reader.name();
  if (name === undefined) return undefined;
  return { does: `renames ${named(table)} to ${named(name)}`, way: instant, undo: 'yes', renamed: name };
}

const renamesColumn = (server: Server): Way =>
  isMysqlSince(server, 8, 0, 28) ? instantly : inDictionary(server);

const rebuildingOptions = ['row_format', 'key_block_size', 'page_compressed'];
const dictionaryOptions = [
  'auto_increment', 'comment', 'stats_persistent', 'stats_auto_recalc', 'stats_sample_pages', 'default', 'character',
  'charset', 'collate',
]; // biome-ignore format: a list

function option(first: string | undefined, reader: Reader, table: string): Action | undefined {
  if (first === undefined || reader.ended) return undefined;
  const of = `of ${named(table)}`;
  if (first === 'engine') {
    reader.takes('=');
    const isSame = reader.keyword() === 'innodb';
    const does = `writes ${named(table)} anew${isSame ? '' : ' for another storage engine'}`;
    return { does, way: isSame ? rebuilds : copies, undo: 'yes' };
  }
  if (rebuildingOptions.includes(first))
    return { does: `changes the option ${first} ${of}`, way: rebuilds, undo: 'yes' };
  if (dictionaryOptions.includes(first))
    return { does: `changes ${first} ${of}`, way: inDictionary, undo: 'yes' };
  return undefined;
}
