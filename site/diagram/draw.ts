/** A picture's boxes and lines as the text of an SVG. Pure. */
import {
  type Box,
  headHeight,
  markWidth,
  moreText,
  nameSize,
  padding,
  type Row,
  rowHeight,
  rowSize,
  typeSize,
} from './box.ts';
import type { DiagramOptions } from './diagram.ts';
import type { Placed, Point, Route } from './layered.ts';
import type { Picture } from './layout.ts';
import type { End, Line } from './line.ts';
import { styleSheet } from './style.ts';
import { escaped, isolated, round } from './text.ts';

const corner = 7;
/** How far a crow's foot reaches from its box, and to each side. */
const foot = 11;
const toes = 5.5;

export function draw(picture: Picture, options: DiagramOptions): string {
  const { width, height, boxes, routes, rest } = picture;
  const id = options.id ?? 'diagram';
  const at = new Map(boxes.map(({ box }, index) => [box.table, index]));
  return [
    // Not an image to those who hear it: an image has no links.
    `<svg xmlns="http://www.w3.org/2000/svg" class="table-diagram" role="group" aria-labelledby="${id}-title" aria-describedby="${id}-desc" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">`,
    `<title id="${id}-title">${escaped(options.title)}</title>`,
    `<desc id="${id}-desc">${escaped(summary(picture))}</desc>`,
    `<style>${styleSheet}</style>`,
    `<rect class="sheet" width="${width}" height="${height}" fill="#fff"/>`,
    `<g class="lines" fill="none" stroke="#7d8a99" stroke-width="1.2" aria-hidden="true">`,
    ...routes.map((route) =>
      lineText(route, at.get(route.line.parent.table)!, at.get(route.line.child.table)!),
    ),
    `</g>`,
    ...(rest === undefined ? [] : [heading(rest)]),
    `<g class="boxes" font-family="system-ui, sans-serif" font-size="${rowSize}" fill="#1d2733">`,
    ...boxes.map((placed, index) => boxText(placed, index)),
    `</g>`,
    `</svg>`,
    '',
  ].join('\n');
}

function summary({ boxes, routes }: Picture): string {
  const tables = boxes.length === 1 ? '1 table' : `${boxes.length} tables`;
  const lines = routes.length === 1 ? '1 relationship' : `${routes.length} relationships`;
  return `${tables} and ${lines}. Each table leads to its page, which lists its columns and relationships.`;
}

function heading(y: number): string {
  return `<text class="heading" x="24" y="${round(y + 14)}" font-family="system-ui, sans-serif" font-size="${nameSize}" fill="#5b6774">Without relationships</text>`;
}

function lineText({ line, points }: Route, parent: number, child: number): string {
  const [start, end] = [points[0]!, points.at(-1)!];
  const classes = line.through === null ? 'line' : 'line through';
  return [
    `<g class="${classes}" data-tables="${parent} ${child}">`,
    `<title>${escaped(lineWords(line))}</title>`,
    `<path class="reach" d="${path(points)}" stroke="none" stroke-width="9" pointer-events="stroke"/>`,
    `<path d="${path(points)}"${line.through === null ? '' : ' stroke-dasharray="5 3"'}/>`,
    mark(line.parent, start, points[1]!),
    mark(line.child, end, points.at(-2)!),
    `</g>`,
  ].join('');
}

/** `books.author_id → authors.id (author, books)`. */
function lineWords({ parent, child, through, names }: Line): string {
  const said = (end: End) =>
    [end.table.name, ...(end.columns.length === 0 ? [] : [end.columns.join(', ')])].map(isolated).join('.');
  const by = through === null ? '' : ` through ${isolated(through)}`;
  return `${said(child)} ${through === null ? '→' : '↔'} ${said(parent)}${by} (${names.map(isolated).join(', ')})`;
}

/** Right angles with their corners rounded, so that a turn is told from a crossing. */
function path(points: readonly Point[]): string {
  const parts = [`M${at(points[0]!)}`];
  for (let index = 1; index < points.length - 1; index++) {
    const [before, here, after] = [points[index - 1]!, points[index]!, points[index + 1]!];
    const radius = Math.min(corner, distance(before, here) / 2, distance(here, after) / 2);
    parts.push(`L${at(towards(here, before, radius))}Q${at(here)} ${at(towards(here, after, radius))}`);
  }
  parts.push(`L${at(points.at(-1)!)}`);
  return parts.join('');
}

function at({ x, y }: Point): string {
  return `${round(x)} ${round(y)}`;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, by: number): Point {
  const whole = distance(from, to);
  if (whole === 0) return from;
  return { x: from.x + ((to.x - from.x) * by) / whole, y: from.y + ((to.y - from.y) * by) / whole };
}

/** A crow's foot for many, a bar for one, where the line leaves its box. */
function mark(end: End, { x, y }: Point, next: Point): string {
  const way = next.x < x ? -1 : 1;
  const [far, near] = [round(x + way * foot), round(x + (way * foot) / 2)];
  const d = end.many
    ? `M${round(x)} ${round(y - toes)}L${far} ${round(y)}L${round(x)} ${round(y + toes)}`
    : `M${near} ${round(y - toes)}v${2 * toes}`;
  return `<path d="${d}"/>`;
}

function boxText({ box, x, y }: Placed, index: number): string {
  const { table, width, height, rows, more } = box;
  const body = height > headHeight;
  return [
    `<a class="box ${table.kind}" href="${escaped(table.href)}" data-table="${index}" aria-label="${escaped(boxWords(box))}">`,
    `<g transform="translate(${round(x)} ${round(y)})">`,
    `<rect class="frame" width="${width}" height="${height}" rx="6" fill="#fff" stroke="#7d8a99"/>`,
    `<path class="head" d="${headPath(width, body ? 0 : 6)}" fill="#dcebf2"/>`,
    `<text class="name" x="${padding}" y="20" font-size="${nameSize}" font-weight="600">${named(box.name, table.name)}</text>`,
    ...rows.map((row, at) => rowText(row, headHeight + at * rowHeight, width)),
    ...(more === 0
      ? []
      : [
          `<text class="soft" x="${padding + markWidth}" y="${headHeight + rows.length * rowHeight + 14}" font-size="${typeSize}" fill="#5b6774">${moreText(more)}</text>`,
        ]),
    `</g></a>`,
  ].join('');
}

function boxWords({ table }: Box): string {
  const count = table.columns.length;
  return `${isolated(table.name)}, ${table.kind}, ${count === 1 ? '1 column' : `${count} columns`}`;
}

/** The upper part of a box; below it, rows or the frame's own round corners. */
function headPath(width: number, below: number): string {
  const h = headHeight;
  const base = below === 0 ? `V${h}H0` : `V${h - below}a6 6 0 0 1 -6 6H6a6 6 0 0 1 -6 -6`;
  return `M0 6a6 6 0 0 1 6 -6H${width - 6}a6 6 0 0 1 6 6${base}Z`;
}

function rowText({ column, name, type }: Row, top: number, width: number): string {
  const base = top + 14;
  const kind = column.key ? 'key' : column.link ? 'link' : '';
  return [
    ...(kind === '' ? [] : [symbols[kind](padding, top + rowHeight / 2)]),
    `<text${column.key ? ' class="keyed" font-weight="600"' : ''} x="${padding + markWidth}" y="${base}">${named(name, column.name)}</text>`,
    `<text class="soft" x="${width - padding}" y="${base}" text-anchor="end" font-size="${typeSize}" fill="#5b6774">${named(type, column.type)}</text>`,
  ].join('');
}

const symbols: Readonly<Record<'key' | 'link', (x: number, y: number) => string>> = {
  key: (x, y) =>
    `<path class="mark" d="M${x + 0.7} ${y}a2.6 2.6 0 1 0 5.2 0a2.6 2.6 0 1 0 -5.2 0M${x + 5.9} ${y}h5.1v2.6M${x + 8.6} ${y}v2" fill="none" stroke="#9a6700" stroke-width="1.3"/>`,
  link: (x, y) =>
    `<path class="mark" d="M${x + 1} ${y}h8.5M${x + 6.5} ${y - 3}l3 3l-3 3" fill="none" stroke="#9a6700" stroke-width="1.3"/>`,
};

/** A text that was shortened says itself whole to who points at it. */
function named(shown: string, whole: string): string {
  return shown === whole ? escaped(whole) : `${escaped(shown)}<title>${escaped(whole)}</title>`;
}
