/** Linked boxes in layers, with lines that go around them: the layout of ELK (elkjs), of which only this file knows. */
import Elk from 'elkjs/lib/elk.bundled.js';
import { type Box, portOf } from './box.ts';
import { crossings } from './crossings.ts';
import type { DiagramTable } from './diagram.ts';
import type { Line } from './line.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Placed extends Point {
  readonly box: Box;
}

/** A line on its way: right angles, from the parent's box to the child's. */
export interface Route {
  readonly line: Line;
  readonly points: readonly Point[];
}

export interface Layered {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Placed[];
  readonly routes: readonly Route[];
}

interface ElkPort {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly layoutOptions: Readonly<Record<string, string>>;
}
interface ElkNode {
  readonly id: string;
  readonly x?: number;
  readonly y?: number;
  readonly width: number;
  readonly height: number;
  readonly ports: readonly ElkPort[];
  readonly layoutOptions: Readonly<Record<string, string>>;
}
interface ElkEdge {
  readonly id: string;
  readonly sources: readonly string[];
  readonly targets: readonly string[];
  readonly sections?: readonly {
    readonly startPoint: Point;
    readonly endPoint: Point;
    readonly bendPoints?: readonly Point[];
  }[];
}
/** ELK's graph; positions are there once it is laid out. */
export interface ElkGraph {
  readonly id: string;
  readonly width?: number;
  readonly height?: number;
  readonly layoutOptions: Readonly<Record<string, string>>;
  readonly children: readonly ElkNode[];
  readonly edges: readonly ElkEdge[];
}

/**
 * The best of several layouts, where there is time for several: small, of a screen's shape, with few crossings.
 *
 * @param aspect width to height of the sheet to be filled
 */
export async function layered(
  boxes: readonly Box[],
  lines: readonly Line[],
  aspect: number,
): Promise<Layered> {
  if (boxes.length === 0) return { width: 0, height: 0, boxes: [], routes: [] };
  const elk = new Elk();
  let best: { readonly drawn: Layered; readonly cost: number } | undefined;
  for (const trial of trialsFor(boxes.length)) {
    // ELK writes into the graph that it is given: each trial has its own.
    const graph = await elk.layout(graphOf(boxes, lines, { ...trial, 'elk.aspectRatio': String(aspect) }));
    const drawn = drawnOf(graph, boxes, lines);
    const cost = costOf(drawn, aspect);
    if (best === undefined || cost < best.cost) best = { drawn, cost };
  }
  return best!.drawn;
}

function trialsFor(boxes: number): readonly Readonly<Record<string, string>>[] {
  const segments = { 'elk.layered.nodePlacement.strategy': 'LINEAR_SEGMENTS' };
  const narrow = { ...segments, 'elk.layered.layering.strategy': 'MIN_WIDTH' };
  if (boxes <= 100) return [segments, narrow];
  return boxes <= 200 ? [segments] : [{}];
}

function costOf({ width, height, routes }: Layered, aspect: number): number {
  const side = Math.max(width / aspect, height);
  return side * side * (1 + (0.4 * crossings(routes)) / routes.length);
}

function drawnOf(graph: ElkGraph, boxes: readonly Box[], lines: readonly Line[]): Layered {
  return {
    width: graph.width!,
    height: graph.height!,
    boxes: graph.children.map((node, index) => ({ box: boxes[index]!, x: node.x!, y: node.y! })),
    routes: graph.edges.map((edge, index) => {
      const line = lines[index]!;
      const points = pointsOf(edge);
      return { line, points: edge.id.startsWith('turned') ? points.toReversed() : points };
    }),
  };
}

function pointsOf(edge: ElkEdge): readonly Point[] {
  const { startPoint, bendPoints = [], endPoint } = edge.sections![0]!;
  return [startPoint, ...bendPoints, endPoint];
}

function graphOf(
  boxes: readonly Box[],
  lines: readonly Line[],
  trial: Readonly<Record<string, string>>,
): ElkGraph {
  const index = new Map<DiagramTable, number>(boxes.map((box, at) => [box.table, at]));
  const ports = boxes.map(() => new Map<string, ElkPort>());
  const port = (table: DiagramTable, columns: readonly string[], side: 'EAST' | 'WEST'): string => {
    const at = index.get(table)!;
    const y = portOf(boxes[at]!, columns);
    const id = `${at} ${side} ${y}`;
    ports[at]!.set(id, {
      id,
      x: side === 'EAST' ? boxes[at]!.width : 0,
      y,
      layoutOptions: { 'elk.port.side': side },
    });
    return id;
  };
  const turned = turnedLines(lines);
  const edges = lines.map((line, at) => {
    const { parent, child } = line;
    if (turned.has(line))
      return {
        id: `turned ${at}`,
        sources: [port(child.table, child.columns, 'EAST')],
        targets: [port(parent.table, parent.columns, 'WEST')],
      };
    return {
      id: `line ${at}`,
      sources: [port(parent.table, parent.columns, 'EAST')],
      // A table that refers to itself does so on one side.
      targets: [port(child.table, child.columns, child.table === parent.table ? 'EAST' : 'WEST')],
    };
  });
  return {
    id: 'diagram',
    layoutOptions: { ...options, ...trial },
    children: boxes.map(({ width, height }, at) => ({
      id: String(at),
      width,
      height,
      ports: [...ports[at]!.values()],
      layoutOptions: { 'elk.portConstraints': 'FIXED_POS' },
    })),
    edges,
  };
}

/**
 * Where many tables hang on one and on nothing else, every second one stands on its left: a column of half the height.
 */
function turnedLines(lines: readonly Line[]): ReadonlySet<Line> {
  const degree = new Map<DiagramTable, number>();
  for (const { parent, child } of lines)
    for (const { table } of [parent, child]) degree.set(table, (degree.get(table) ?? 0) + 1);
  const leaves = new Map<DiagramTable, number>();
  return new Set(
    lines.filter(({ parent, child }) => {
      if (degree.get(child.table) !== 1 || degree.get(parent.table)! < crowd) return false;
      const before = leaves.get(parent.table) ?? 0;
      leaves.set(parent.table, before + 1);
      return before % 2 === 1;
    }),
  );
}

const crowd = 6;
const options: Readonly<Record<string, string>> = {
  'elk.algorithm': 'layered',
  'elk.direction': 'RIGHT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.padding': '[top=0,left=0,bottom=0,right=0]',
  'elk.spacing.nodeNode': '28',
  'elk.spacing.edgeNode': '18',
  'elk.spacing.edgeEdge': '10',
  'elk.spacing.componentComponent': '40',
  'elk.layered.spacing.nodeNodeBetweenLayers': '60',
  'elk.layered.spacing.edgeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
};
