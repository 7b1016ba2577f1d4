/** The rows of an insert's body: what each gives for a column. */
import type { Column } from '../../api/api.ts';
import type { Cells } from '../../query/bind.ts';
import type { AuthorizedInsert } from '../../query/query.ts';
import { type Sql, sql } from '../sql.ts';
import { finish } from './notation.ts';
import type { Parts, Run } from './parts.ts';
import { stored, storedPreset } from './stored.ts';

/** What each row has for a column. */
export interface Given {
  readonly column: Column;
  /** SQL of the value, with a parameter for its text. */
  readonly text: string;
  /** How often the SQL names the parameter. */
  readonly times: number;
  readonly from:
    | { readonly kind: 'cell'; readonly index: number }
    | { readonly kind: 'preset'; readonly place: number }
    /** Where the body has none: made for each row, as the column's default would. */
    | { readonly kind: 'made'; readonly index: number; readonly cell: number | undefined };
}

/** The rows of a body as a program runs. */
export interface Body {
  /** Place of the cells among the program's parameters. */
  readonly cells: number;
  /** Columns that a row does not give take their defaults; else they are null. */
  readonly defaults: boolean;
}

/** What was made for rows, by their places in the body. */
export type Made = ReadonlyMap<number, readonly (string | null)[]>;

/** What the body holds: the caller's columns, then those that relationships determine. */
export function bodyColumns({ columns, links }: AuthorizedInsert): readonly Column[] {
  return [...columns, ...links.flat()];
}

export function compileBody(query: AuthorizedInsert, parts: Parts): Body {
  const columns = bodyColumns(query).map(({ name, type }) => ({ name, type }));
  return {
    cells: parts.value({ kind: 'cells', slot: query.rows, columns, single: false }),
    defaults: query.sets !== undefined,
  };
}

/** Whether every row has a value of its own for the column. */
export function isAlwaysGiven(column: Column, query: AuthorizedInsert): boolean {
  if (query.set.has(column) || query.links.flat().includes(column)) return true;
  return query.columns.includes(column) && (query.sets?.columns ?? []).every((set) => set.includes(column));
}

/** Whether the server counts the column up where it is not given: `AUTO_INCREMENT`. */
export function isCounted({ source }: Column): boolean {
  return source.identity !== null;
}

/** @param made columns whose values are made beforehand where a row gives none */
export function givenColumns(
  query: AuthorizedInsert,
  made: readonly Column[],
  parts: Parts,
): readonly Given[] {
  const { set } = query;
  const inBody = bodyColumns(query);
  const cells = inBody.flatMap((column, index) =>
    set.has(column) || made.includes(column) ? [] : [givenBy(column, { kind: 'cell', index })],
  );
  const presets = [...set].map(([column, value]) =>
    givenBy(column, { kind: 'preset', place: parts.value({ kind: 'preset', value }) }, (text) =>
      storedPreset(text, value, column.type),
    ),
  );
  const others = made.map((column, index) => {
    const cell = inBody.indexOf(column);
    return givenBy(column, { kind: 'made', index, cell: cell === -1 ? undefined : cell });
  });
  return [...cells, ...presets, ...others];
}

function givenBy(
  column: Column,
  from: Given['from'],
  storedAs = (text: Sql) => stored(text, column.type),
): Given {
  // Which text it is of is told by `from`.
  const { statement, bindings } = finish(storedAs(sql.parameter({ kind: 'written' })));
  return { column, text: statement.text, times: bindings.length, from };
}

export function rowCount({ cells }: Body, { bound }: Run): number {
  return (bound[cells] as Cells).length;
}

/** Which columns of the body a row gives. */
export function givenIn({ cells, defaults }: Body, { bound }: Run, row: number): readonly boolean[] {
  return (bound[cells] as Cells)[row]!.map((cell) => cell !== undefined || !defaults);
}

/** The text that a row has for a column; undefined: the column's default. */
export function textFor(
  { from }: Given,
  body: Body,
  run: Run,
  row: number,
  made?: Made,
): string | null | undefined {
  switch (from.kind) {
    case 'preset':
      return run.bound[from.place] as string | null;
    case 'cell':
      return cellOf(body, run, row, from.index);
    case 'made': {
      const cell = from.cell === undefined ? undefined : cellOf(body, run, row, from.cell);
      return cell === undefined ? made?.get(row)?.[from.index] : cell;
    }
    default:
      return from satisfies never;
  }
}

function cellOf(
  { cells, defaults }: Body,
  { bound }: Run,
  row: number,
  index: number,
): string | null | undefined {
  const cell = (bound[cells] as Cells)[row]![index];
  return cell === undefined && !defaults ? null : cell;
}
