/** Relationships as lines: those that say the same of two tables from its two sides are one. Pure. */
import type { DiagramEdge, DiagramTable } from './diagram.ts';

/** One table's side of a line. `columns`: what links, in the table's own columns; none where that is not known. */
export interface End {
  readonly table: DiagramTable;
  readonly columns: readonly string[];
  /** How many rows of this table a row at the other end has. */
  readonly many: boolean;
}

export interface Line {
  /** The end that others refer to: it stands on the left. */
  readonly parent: End;
  readonly child: End;
  /** The junction's name, of many to many. */
  readonly through: string | null;
  /** What the relationships are called, from the parent and from the child. */
  readonly names: readonly string[];
}

interface Draft {
  readonly from: DiagramTable;
  readonly to: DiagramTable;
  readonly edge: DiagramEdge;
  /** The relationship that leads back, if there is one. */
  back: DiagramEdge | undefined;
}

/**
 * A line for each pair of relationships, in the order in which they are given. One that leads to a table which is not
 * there has none, nor has one through a junction whose own lines show it already.
 */
export function linesOf(tables: readonly DiagramTable[], edges: readonly DiagramEdge[]): readonly Line[] {
  const byName = new Map(tables.map((table) => [table.name, table]));
  const drafts: Draft[] = [];
  const byKey = new Map<string, Draft[]>();
  for (const edge of edges) {
    const [from, to] = [byName.get(edge.from), byName.get(edge.to)];
    if (from === undefined || to === undefined) continue;
    const other = byKey.get(keyOf(edge, 'back'))?.find((draft) => draft.back === undefined);
    const alike = byKey.get(keyOf(edge, 'forth')) ?? [];
    if (other !== undefined) other.back = edge;
    // Where the columns are not shown, another relationship is another line.
    else if (alike.length === 0 || edge.fromColumns.length === 0) {
      const draft: Draft = { from, to, edge, back: undefined };
      drafts.push(draft);
      byKey.set(keyOf(edge, 'forth'), [...alike, draft]);
    }
  }
  const direct = drafts.filter(({ edge }) => edge.through === null);
  const linked = new Set(direct.flatMap(({ edge }) => [pair(edge.from, edge.to), pair(edge.to, edge.from)]));
  return drafts
    .filter(
      ({ edge: { from, to, through } }) =>
        through === null || !(linked.has(pair(through, from)) && linked.has(pair(through, to))),
    )
    .map(lineOf);
}

function keyOf(edge: DiagramEdge, way: 'forth' | 'back'): string {
  const ends = [
    [edge.from, edge.fromColumns],
    [edge.to, edge.toColumns],
  ];
  return JSON.stringify([edge.through, ...(way === 'forth' ? ends : ends.reverse())]);
}

function pair(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

function lineOf({ from, to, edge, back }: Draft): Line {
  const near: End = { table: from, columns: edge.fromColumns, many: manyNear(from, edge, back) };
  const far: End = { table: to, columns: edge.toColumns, many: edge.kind === 'many' };
  const names = [edge.label, ...(back === undefined ? [] : [back.label])];
  const farIsParent = near.many === far.many ? isKey(to, edge.toColumns) : near.many;
  return farIsParent
    ? { parent: far, child: near, through: edge.through, names: names.toReversed() }
    : { parent: near, child: far, through: edge.through, names };
}

/** The way back says it; where nobody may go back, a table refers by its key to at most one row, and by others as often as not. */
function manyNear(from: DiagramTable, edge: DiagramEdge, back: DiagramEdge | undefined): boolean {
  if (back !== undefined) return back.kind === 'many';
  if (edge.through !== null) return true;
  return edge.kind === 'one' && !isKey(from, edge.fromColumns);
}

function isKey(table: DiagramTable, columns: readonly string[]): boolean {
  const key = table.columns.filter((column) => column.key).map((column) => column.name);
  return key.length > 0 && key.length === columns.length && key.every((name) => columns.includes(name));
}
