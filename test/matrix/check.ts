/** One check of the matrix: who asks for what, and what the description of the world says must come of it. */
import { number, salted, word } from './canary.ts';
import { cell, holds, isReadable, readsCell, type Sight, shownNames } from './oracle.ts';
import type { Request } from './served.ts';
import { type Cell, type Column, caller, labelsOf, type Row, tables } from './world.ts';

export const operations = [
  'select',
  'filter',
  'order',
  'aggregate',
  'group',
  'embed',
  'count',
  'cursor',
  'insert',
  'update',
  'upsert',
  'delete',
  'returning',
] as const;
export type Operation = (typeof operations)[number];

export interface Check {
  readonly surface: 'rest' | 'graphql';
  readonly operation: Operation;
  /** Tells checks of one operation apart. */
  readonly variant: string;
  readonly sight: Sight;
  readonly column: Column;
  readonly request: Request;
  readonly expected: Expected;
}

export type Expected = Refused | Told | Wrote;

/** Nothing is written, and of nothing is told. */
export interface Refused {
  readonly kind: 'refused';
  readonly status: number;
  readonly code: string;
  /** Names in the request → names of nothing: with those instead, the answer is the same to the byte. */
  readonly like: ReadonlyMap<string, string> | undefined;
}

/** Rows that are read; nothing is written. */
export interface Told {
  readonly kind: 'told';
  readonly status: number;
  /** Undefined: empty. */
  readonly body: unknown;
  readonly ordered: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether a further page is offered, and what is on it. */
  readonly next?: { readonly body: unknown } | 'none';
  /** As of `Refused`: values in the request → values that no row has. */
  readonly like?: ReadonlyMap<string, string>;
}

export interface Wrote {
  readonly kind: 'wrote';
  readonly status: number;
  readonly body: unknown;
  readonly change: Change;
  /** What the header says; undefined: there is none. */
  readonly location?: string | undefined;
}

/** What becomes of the table's rows. Cells that are not here are not looked at in added rows, and unchanged in others. */
export interface Change {
  readonly added?: readonly Row[];
  readonly removed?: readonly Row[];
  readonly changed?: readonly { readonly row: Row; readonly to: Row }[];
}

/** Names that nothing has, as long and as unlike as those that something has. */
export const nowhere = {
  table: salted('xxxxxx'),
  edge: salted('jjjjjj'),
  column: salted('nothing'),
  number: number('in no row'),
  text: word('in no row'),
} as const;

/** A value of no row in place of this one. */
export function likeNone(value: Cell): ReadonlyMap<string, string> | undefined {
  if (typeof value === 'number') return new Map([[String(value), String(nowhere.number)]]);
  return typeof value === 'string' ? new Map([[value, nowhere.text]]) : undefined;
}

export const told = (status: number, body: unknown, more: Partial<Told> = {}): Told => ({
  kind: 'told',
  status,
  body,
  ordered: false,
  ...more,
});

export const wrote = (status: number, body: unknown, change: Change): Wrote => ({
  kind: 'wrote',
  status,
  body,
  change,
});

export const refused = (status: number, code: string, like?: Readonly<Record<string, string>>): Refused => ({
  kind: 'refused',
  status,
  code,
  like: like && new Map(Object.entries(like)),
});

/** A value that no row has yet, good for the column. */
export function newValue(column: Column): Cell {
  const what = `a new value of ${column.name}`;
  if (column.refers !== undefined)
    return tables.get(column.refers)!.rows[2]![tables.get(column.refers)!.key[0]!]!;
  switch (column.kind) {
    case 'key':
    case 'number':
      return number(what);
    case 'flag':
      return true;
    case 'label':
      return labelsOf(column.word).at(-1)!;
    default:
      return salted('new', what);
  }
}

/** A value that the role must not come to by this column: of a row or cell that it does not see, where there is one. */
export function unseenValue(sight: Sight, column: Column): Cell {
  const { rows } = sight.table;
  const values = rows.filter((row) => row[column.word] !== null);
  const unseen = values.find((row) => !sight.rows.includes(row) || !readsCell(sight, column, row));
  return (unseen ?? values[0]!)[column.word]!;
}

export const keyColumns = ({ table }: Sight): readonly Column[] =>
  table.key.map((name) => table.columns.find((column) => column.word === name)!);

export const hasKey = (sight: Sight): boolean =>
  keyColumns(sight).every((column) => isReadable(sight, column));

export const cellsOf = (sight: Sight, column: Column): readonly Cell[] =>
  sight.rows.map((row) => cell(sight, column, row));

export const hasLimits = ({ kind, refers }: Column): boolean =>
  refers !== undefined || kind === 'key' || kind === 'number' || kind === 'text' || kind === 'made';

/** As databases order: nulls last, whatever the direction. */
export function inOrder(cells: readonly Cell[], direction: 'asc' | 'desc'): readonly Cell[] {
  const values = cells.filter((one) => one !== null).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (direction === 'desc') values.reverse();
  return [...values, ...cells.filter((one) => one === null)];
}

export function greatest(cells: readonly Cell[]): Cell {
  return inOrder(cells, 'desc')[0] ?? null;
}

export function groupsOf(cells: readonly Cell[]): ReadonlyMap<Cell, number> {
  const groups = new Map<Cell, number>();
  for (const one of cells) groups.set(one, (groups.get(one) ?? 0) + 1);
  return groups;
}

/** Rows that an update or a delete may reach; with a filter only those that are also seen. */
export function reach(sight: Sight, verb: 'update' | 'delete', filtered: boolean): readonly Row[] {
  const rule = sight[verb]?.rows;
  if (rule === undefined) return [];
  return sight.table.rows.filter((row) => holds(rule, row) && (!filtered || sight.rows.includes(row)));
}

/** Rows that the caller must not reach, as it could by naming them. */
export function beyond(sight: Sight, verb: 'update' | 'delete'): readonly Row[] {
  const within = reach(sight, verb, true);
  // First those that only the rows of `select` keep away.
  const unseen = reach(sight, verb, false).filter((row) => !within.includes(row));
  return [...unseen, ...sight.table.rows.filter((row) => !within.includes(row) && !unseen.includes(row))];
}

/** A body that makes a row, with one column of the caller's choice first. */
export function newRow(sight: Sight, column?: Column): Row {
  const row: Record<string, Cell> = {};
  if (column !== undefined) row[column.word] = column.kind === 'made' ? 'x' : newValue(column);
  for (const one of keyColumns(sight))
    if (sight.insertable.includes(one)) row[one.word] ??= unusedKey(sight, one);
  if (Object.keys(row).length === 0) row[sight.insertable[0]!.word] = newValue(sight.insertable[0]!);
  return row;
}

/** Where the key refers to other rows, a pair of them that no row has. */
function unusedKey({ table }: Sight, column: Column): Cell {
  if (column.refers === undefined) return number(`a new key of ${table.word}`);
  const far = tables.get(column.refers)!;
  return far.rows.at(column.refers === 'letters' ? 4 : 2)!.id!;
}

/** What is stored for a new row: presets and defaults besides what is given. */
export function storedRow({ table, insert }: Sight, given: Row): Row {
  const row: Record<string, Cell> = {};
  for (const column of table.columns) {
    const { word: name, kind, unique } = column;
    if (insert?.set?.includes(name)) row[name] = caller;
    else if (given[name] !== undefined) row[name] = given[name];
    else if (kind === 'text' && !unique) row[name] = shownNames.default(table, column);
    else if (kind === 'made') row[name] = `${row.subject}~`;
    else row[name] = null;
  }
  return row;
}

/** By the names of the API. */
export function named(sight: Sight, row: Row): Readonly<Record<string, Cell>> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      sight.table.columns.find((column) => column.word === name)!.name,
      value,
    ]),
  );
}

/** A column of which every row may have the same value. */
export function changeable({ updatable }: Sight): Column | undefined {
  return updatable.find(
    ({ kind, refers, unique }) => !unique && refers === undefined && (kind === 'text' || kind === 'number'),
  );
}
