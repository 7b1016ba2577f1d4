/** What one role may do with one table, verb by verb and column by column, in words. Pure. */
import type { Column, Condition, SelectGrant, SetValue, WorldTable } from '../engine/index.ts';
import type { Words } from './document.ts';
import type { Sight } from './sight.ts';
import { conditionWords, setWords } from './words.ts';

export interface Verb {
  /** Which rows it reaches; null is all of them. For insert: what the new row must satisfy. */
  readonly rows: Words | null;
  /** Of an update: what the row must satisfy afterwards, when that is not `rows` again. */
  readonly after: Words | null;
  /** Columns that the engine writes, of those that the role reads. */
  readonly sets: readonly { readonly column: string; readonly value: Words }[];
  /** Columns that are empty in rows where the condition does not hold. */
  readonly partly: readonly { readonly columns: readonly string[]; readonly rows: Words }[];
  /** Most rows of a list, when the grant says so. */
  readonly limit: number | null;
  /** Fewest rows that an aggregate tells of; null is no aggregates. */
  readonly aggregate: number | null;
}

export interface Access {
  readonly select: Verb | null;
  readonly insert: Verb | null;
  readonly update: Verb | null;
  readonly delete: Verb | null;
  /** A row for each column that the role knows of, in the database's order. */
  readonly matrix: readonly Cells[];
}

/** What the role may do with one column. `set`: the engine writes it. `needed`: an insert must give it. */
export interface Cells {
  readonly column: string;
  readonly read: 'yes' | 'partly' | 'no';
  readonly insert: 'yes' | 'needed' | 'set' | 'no';
  readonly update: 'yes' | 'set' | 'no';
}

const plain: Verb = { rows: null, after: null, sets: [], partly: [], limit: null, aggregate: null };

export function accessOf(seen: WorldTable, sight: Sight): Access {
  const rows = (condition: Condition): Words | null =>
    condition.kind === 'true' ? null : conditionWords(condition, sight);
  const { select, insert, update } = seen;
  return {
    select: select === undefined ? null : readAccess(select, seen, sight, rows(select.rows)),
    insert:
      insert === undefined ? null : { ...plain, rows: rows(insert.check), sets: setsOf(insert.set, sight) },
    update:
      update === undefined
        ? null
        : {
            ...plain,
            rows: rows(update.where),
            after: unlessSame(rows(update.check), rows(update.where)),
            sets: setsOf(update.set, sight),
          },
    delete: seen.delete === undefined ? null : { ...plain, rows: rows(seen.delete.where) },
    matrix: [...seen.known.values()].map((column) => cellsOf(column, seen)),
  };
}

function readAccess(select: SelectGrant, seen: WorldTable, sight: Sight, rows: Words | null): Verb {
  return {
    ...plain,
    rows,
    partly: partlyOf(select.guards, seen, sight),
    limit: select.limit ?? null,
    aggregate: select.aggregate ? select.minGroup : null,
  };
}

/** Columns that share a condition stand together. */
function partlyOf(guards: SelectGrant['guards'], seen: WorldTable, sight: Sight): Verb['partly'] {
  const byCondition = new Map<string, { columns: string[]; rows: Words }>();
  for (const column of seen.columns.values()) {
    const guard = guards.get(column);
    if (guard === undefined) continue;
    const rows = conditionWords(guard, sight);
    const key = JSON.stringify(rows);
    const group = byCondition.get(key) ?? { columns: [], rows };
    group.columns.push(column.name);
    byCondition.set(key, group);
  }
  return [...byCondition.values()];
}

function cellsOf(column: Column, { columns, select, insert, update }: WorldTable): Cells {
  const read = columns.get(column.name) === column;
  return {
    column: column.name,
    read: !read ? 'no' : select?.guards.has(column) ? 'partly' : 'yes',
    insert: insert?.columns.has(column)
      ? isNeeded(column)
        ? 'needed'
        : 'yes'
      : insert?.set.has(column)
        ? 'set'
        : 'no',
    update: update?.columns.has(column) ? 'yes' : update?.set.has(column) ? 'set' : 'no',
  };
}

function isNeeded({ nullable, source }: Column): boolean {
  return !nullable && source.default === null && source.identity === null && !source.generated;
}

function unlessSame(words: Words | null, others: Words | null): Words | null {
  return JSON.stringify(words) === JSON.stringify(others) ? null : words;
}

function setsOf(set: ReadonlyMap<Column, SetValue>, sight: Sight): Verb['sets'] {
  return [...set]
    .filter(([column]) => sight.reads(column))
    .map(([column, value]) => ({ column: column.name, value: setWords(value) }));
}
