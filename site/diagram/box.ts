/** Tables as boxes: which columns are shown, in what words, and how much room they take. Pure. */
import type { DiagramColumn, DiagramTable } from './diagram.ts';
import type { Line } from './line.ts';
import { shortened, widthOf } from './text.ts';

export const nameSize = 13;
export const rowSize = 12;
export const typeSize = 11;
export const headHeight = 30;
export const rowHeight = 20;
export const padding = 10;
/** Before a column's name: the mark of a key. */
export const markWidth = 16;
/** Below the last row. */
export const footHeight = 5;
const gap = 12;
const widest = 250;
const widestType = 100;

export interface Row {
  readonly column: DiagramColumn;
  readonly name: string;
  readonly type: string;
}

export interface Box {
  readonly table: DiagramTable;
  readonly name: string;
  readonly rows: readonly Row[];
  /** How many columns are not shown. */
  readonly more: number;
  readonly width: number;
  readonly height: number;
}

/** What is shown of columns: so much that the whole can still be read. */
interface Detail {
  readonly mostRows: number;
  readonly linkedOnly: boolean;
}

export function boxesOf(tables: readonly DiagramTable[], lines: readonly Line[]): readonly Box[] {
  const detail = detailOf(tables.length);
  const linked = new Map<DiagramTable, Set<string>>(tables.map((table) => [table, new Set()]));
  for (const { parent, child } of lines)
    for (const end of [parent, child]) for (const name of end.columns) linked.get(end.table)!.add(name);
  return tables.map((table) => boxOf(table, linked.get(table)!, detail));
}

function detailOf(tables: number): Detail {
  if (tables <= 12) return { mostRows: 12, linkedOnly: false };
  if (tables <= 30) return { mostRows: 8, linkedOnly: false };
  return { mostRows: 8, linkedOnly: true };
}

function boxOf(table: DiagramTable, linked: ReadonlySet<string>, detail: Detail): Box {
  const rank = (column: DiagramColumn) =>
    column.key ? 0 : column.link ? 1 : linked.has(column.name) ? 2 : 3;
  const ranked = table.columns.toSorted((a, b) => rank(a) - rank(b));
  const wanted = detail.linkedOnly ? ranked.filter((column) => rank(column) < 3) : ranked;
  // "… 1 more" takes the room of that one.
  const shown = wanted.slice(0, wanted.length === detail.mostRows + 1 ? wanted.length : detail.mostRows);
  const rows = shown.map(rowOf);
  const more = table.columns.length - shown.length;
  const inner = Math.max(
    widthOf(table.name, nameSize) * 1.08,
    widthOf(moreText(more), typeSize) + markWidth,
    ...rows.map((row) => markWidth + widthOf(row.name, rowSize) + gap + widthOf(row.type, typeSize)),
    100,
  );
  const width = Math.ceil(Math.min(inner, widest)) + 2 * padding;
  const lines = rows.length + (more > 0 ? 1 : 0);
  return {
    table,
    name: shortened(table.name, nameSize * 1.08, width - 2 * padding),
    rows,
    more,
    width,
    height: headHeight + (lines === 0 ? 0 : lines * rowHeight + footHeight),
  };
}

function rowOf(column: DiagramColumn): Row {
  const type = shortened(column.type, typeSize, widestType);
  const room = widest - markWidth - gap - widthOf(type, typeSize);
  return { column, type, name: shortened(column.name, rowSize, room) };
}

export function moreText(more: number): string {
  return more > 0 ? `… ${more} more` : '';
}

/** Where a line meets a box: the middle of its first column's row; of the head, where that column is not shown. */
export function portOf(box: Box, columns: readonly string[]): number {
  const index = box.rows.findIndex((row) => row.column.name === columns[0]);
  return index < 0 ? headHeight / 2 : headHeight + index * rowHeight + rowHeight / 2;
}
