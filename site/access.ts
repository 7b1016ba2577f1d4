/** What one role may do with one table, verb by verb, in words. Pure. */
import type { Column, Condition, SelectGrant, SetValue, WorldTable } from '../engine/index.ts';
import { conditionWords, setWords, type Words } from './words.ts';

/** A verb of one role. `columns`: API names, or `all` of those documented. */
export interface Verb {
  readonly columns: 'all' | readonly string[];
  /** Which rows it reaches; null is all of them. For insert: what the new row must satisfy. */
  readonly rows: Words | null;
  /** Of an update: what the row must satisfy afterwards, when that is not `rows` again. */
  readonly after: Words | null;
  /** Columns that the engine writes. */
  readonly sets: readonly { readonly column: string; readonly value: Words }[];
  /** Columns that are empty in rows where the condition does not hold. */
  readonly partly: readonly { readonly columns: readonly string[]; readonly rows: Words }[];
  /** Most rows of a list, when this role's is not the project's own. */
  readonly limit: number | null;
  /** Fewest rows that an aggregate tells of; null is no aggregates. */
  readonly aggregate: number | null;
}

export interface Access {
  readonly role: string;
  readonly select: Verb | null;
  readonly insert: Verb | null;
  readonly update: Verb | null;
  readonly delete: Verb | null;
}

const plain: Verb = {
  columns: 'all',
  rows: null,
  after: null,
  sets: [],
  partly: [],
  limit: null,
  aggregate: null,
};

/** @param columns what is documented of the table, in the database's order */
export function accessOf(role: string, seen: WorldTable | undefined, columns: readonly Column[]): Access {
  if (seen === undefined) return { role, select: null, insert: null, update: null, delete: null };
  const { select, insert, update } = seen;
  return {
    role,
    select: select === undefined ? null : readAccess(select, seen, columns),
    insert:
      insert === undefined
        ? null
        : {
            ...plain,
            columns: named(insert.columns, columns),
            rows: rowWords(insert.check),
            sets: setsOf(insert.set),
          },
    update:
      update === undefined
        ? null
        : {
            ...plain,
            columns: named(update.columns, columns),
            rows: rowWords(update.where),
            after: unlessSame(rowWords(update.check), rowWords(update.where)),
            sets: setsOf(update.set),
          },
    delete: seen.delete === undefined ? null : { ...plain, rows: rowWords(seen.delete.where) },
  };
}

function readAccess(select: SelectGrant, seen: WorldTable, columns: readonly Column[]): Verb {
  return {
    ...plain,
    columns: named(new Set(seen.columns.values()), columns),
    rows: rowWords(select.rows),
    partly: partlyOf(select.guards, columns),
    limit: select.limit ?? null,
    aggregate: select.aggregate ? select.minGroup : null,
  };
}

/** Columns that share a condition stand together. */
function partlyOf(guards: ReadonlyMap<Column, Condition>, columns: readonly Column[]): Verb['partly'] {
  const byCondition = new Map<string, { columns: string[]; rows: Words }>();
  for (const column of columns) {
    const guard = guards.get(column);
    if (guard === undefined) continue;
    const rows = conditionWords(guard);
    const key = JSON.stringify(rows);
    const group = byCondition.get(key) ?? { columns: [], rows };
    group.columns.push(column.name);
    byCondition.set(key, group);
  }
  return [...byCondition.values()];
}

function named(granted: ReadonlySet<Column>, columns: readonly Column[]): 'all' | readonly string[] {
  const names = columns.filter((column) => granted.has(column)).map((column) => column.name);
  return names.length === columns.length ? 'all' : names;
}

function rowWords(condition: Condition): Words | null {
  return condition.kind === 'true' ? null : conditionWords(condition);
}

function unlessSame(words: Words | null, others: Words | null): Words | null {
  return JSON.stringify(words) === JSON.stringify(others) ? null : words;
}

function setsOf(set: ReadonlyMap<Column, SetValue>): Verb['sets'] {
  return [...set]
    .filter(([column]) => !column.hidden)
    .map(([column, value]) => ({ column: column.name, value: setWords(value) }));
}
