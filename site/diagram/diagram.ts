/** A picture of tables and their relationships, as the text of one SVG. Pure: no files, no clock, no browser. */
import { boxesOf } from './box.ts';
import { draw } from './draw.ts';
import { place } from './layout.ts';
import { linesOf } from './line.ts';

export interface DiagramTable {
  /** Unlike every other's. Any characters. */
  readonly name: string;
  /** Where the table's page is, as it stands in a link. */
  readonly href: string;
  readonly kind: 'table' | 'view';
  /** In the table's order. Those of its key and those that link come first in the picture. */
  readonly columns: readonly DiagramColumn[];
}

export interface DiagramColumn {
  readonly name: string;
  readonly type: string;
  readonly key: boolean;
  /** Whether it refers to another table. */
  readonly link: boolean;
}

/** A relationship, as one reads it from `from`. That which leads back is another, and both are one line. */
export interface DiagramEdge {
  readonly from: string;
  readonly to: string;
  /** What links, pair by pair; both are empty where the columns are not to be shown. */
  readonly fromColumns: readonly string[];
  readonly toColumns: readonly string[];
  readonly kind: 'one' | 'many';
  /** The junction's name, of many to many. */
  readonly through: string | null;
  /** What it is called in the API. */
  readonly label: string;
}

export interface DiagramOptions {
  readonly edges: readonly DiagramEdge[];
  /** What it is a picture of, for those who do not see it: `Tables that a visitor sees`. */
  readonly title: string;
  /** What its ids begin with, where several stand on one page. Default `diagram`. */
  readonly id?: string;
}

/**
 * The picture: the same text for the same input. Tables that are linked stand from left to right, those that others
 * refer to first; tables without a relationship stand in rows below. The more tables, the fewer columns are shown.
 * Colours follow `prefers-color-scheme` or, within a page, `data-theme`, and the properties `--diagram-…`.
 *
 * @returns well-formed XML without a declaration, so that it can stand in a page or in a file of its own
 */
export async function diagram(tables: readonly DiagramTable[], options: DiagramOptions): Promise<string> {
  const lines = linesOf(tables, options.edges);
  const boxes = boxesOf(tables, lines);
  return draw(await place(boxes, lines), options);
}
