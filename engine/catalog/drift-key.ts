/** What became of a relation's keys, foreign keys and indexes. A key is known by its columns, not by its name. */
import type { ForeignKey, Index, Key, Relation } from './catalog.ts';
import type { Report } from './drift.ts';
import { uniquesOf } from './unique-keys.ts';

/** @param name for messages: `"public.books"` */
export function compareKeys(locked: Relation, live: Relation, name: string, report: Report): void {
  comparePrimary(locked, live, name, report);
  compareUniques(locked, live, name, report);
  compareForeignKeys(locked, live, name, report);
  compareIndexes(locked, live, name, report);
}

function comparePrimary(locked: Relation, live: Relation, name: string, report: Report): void {
  const [before, after] = [locked.primaryKey, live.primaryKey];
  if (before === null) {
    if (after !== null && !uniquesOf(locked).some((key) => isSame(key, after)))
      report('unique-added', `${name} has a primary key now: ${columnsOf(after)}.`, { key: after });
    return;
  }
  const at = { key: before };
  if (after === null) report('primary-key-gone', `${name} has no primary key any more.`, at);
  else if (!isSame(before, after) || before.columns.join('\0') !== after.columns.join('\0'))
    report(
      'primary-key-changed',
      `The primary key of ${name} was ${columnsOf(before)}, and is ${columnsOf(after)}.`,
      at,
    );
  else tellOfName(before, after, name, report);
}

function compareUniques(locked: Relation, live: Relation, name: string, report: Report): void {
  for (const key of locked.uniques) {
    const now = uniquesOf(live).find((one) => isSame(one, key));
    if (now === undefined)
      report('unique-gone', `${name} has no unique key over ${columnsOf(key)} any more.`, { key });
    else tellOfName(key, now, name, report);
  }
  for (const key of live.uniques) {
    if (uniquesOf(locked).some((one) => isSame(one, key))) continue;
    report('unique-added', `${name} has a unique key over ${columnsOf(key)} now.`, { key });
  }
}

function compareForeignKeys(locked: Relation, live: Relation, name: string, report: Report): void {
  const added = live.foreignKeys.filter((key) => !locked.foreignKeys.some((one) => leadsAlike(one, key)));
  const changed = new Set<ForeignKey>();
  for (const key of locked.foreignKeys) {
    const now = live.foreignKeys.find((one) => leadsAlike(one, key));
    if (now !== undefined) {
      tellOfName(key, now, name, report);
      continue;
    }
    const other = added.find((one) => isSame(one, key) && !changed.has(one));
    const leads = `The foreign key ${columnsOf(key)} of ${name}`;
    if (other === undefined) report('foreign-key-gone', `${leads} is gone.`, { key });
    else {
      changed.add(other);
      report('foreign-key-changed', `${leads} led to ${targetOf(key)}, and leads to ${targetOf(other)}.`, {
        key,
      });
    }
  }
  for (const key of added) {
    if (changed.has(key)) continue;
    report('foreign-key-added', `${name} has a foreign key ${columnsOf(key)} to ${targetOf(key)} now.`, {
      key,
    });
  }
}

/** The same pairs of columns to the same relation. */
function leadsAlike(a: ForeignKey, b: ForeignKey): boolean {
  if (a.target.schema !== b.target.schema || a.target.relation !== b.target.relation) return false;
  const pairs = ({ columns, target }: ForeignKey) =>
    columns.map((column, index) => `${column}\0${target.columns[index]}`).sort();
  return pairs(a).join('\0\0') === pairs(b).join('\0\0');
}

function targetOf({ target }: ForeignKey): string {
  return `"${target.schema}.${target.relation}" (${target.columns.join(', ')})`;
}

/** Those that are keys have been compared as keys. */
function compareIndexes(locked: Relation, live: Relation, name: string, report: Report): void {
  for (const index of locked.indexes.filter(isPlain)) {
    if (live.indexes.some((one) => serves(one, index))) continue;
    if (isSearch(index))
      report('search-index-gone', `Column ${columnsOf(index)} of ${name} can no longer be searched.`, {
        key: index,
      });
    else report('index-gone', `Index "${index.name}" of ${name} is gone.`, { key: index });
  }
  for (const index of live.indexes.filter(isPlain)) {
    if (locked.indexes.some((one) => isAlike(one, index))) continue;
    if (index.unique)
      report('unique-added', `${name} has a unique index "${index.name}" now.`, { key: index });
    else report('index-added', `Index "${index.name}" has been added to ${name}.`, { key: index });
  }
}

function isPlain({ unique, partial }: Index): boolean {
  return !unique || partial;
}

/** Search asks for an index of exactly these columns. */
function isSearch({ method, partial, columns }: Index): boolean {
  return method === 'fulltext' && !partial && columns.length === 1;
}

function isAlike(a: Index, b: Index): boolean {
  return (
    a.method === b.method &&
    a.unique === b.unique &&
    a.partial === b.partial &&
    // What an index with an expression is of is told by its name alone.
    (!a.partial || a.name === b.name) &&
    a.columns.join('\0') === b.columns.join('\0')
  );
}

/** An index that begins with the same columns does the work of the other. */
function serves(index: Index, wanted: Index): boolean {
  if (wanted.partial || wanted.unique || isSearch(wanted)) return isAlike(index, wanted);
  return (
    index.method === wanted.method &&
    !index.partial &&
    wanted.columns.every((column, place) => index.columns[place] === column)
  );
}

function tellOfName(before: Key, after: Key, name: string, report: Report): void {
  if (before.name === after.name) return;
  report('key-renamed', `Key "${before.name}" of ${name} is called "${after.name}" now.`, { key: before });
}

function isSame(a: Key, b: Key): boolean {
  return a.columns.length === b.columns.length && a.columns.every((column) => b.columns.includes(column));
}

function columnsOf({ columns }: Key): string {
  return columns.map((column) => `"${column}"`).join(', ');
}
