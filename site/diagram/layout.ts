/** Where the boxes and lines of a picture stand: what is linked by ELK's layers, the rest in rows below. */
import type { Box } from './box.ts';
import { type Layered, layered, type Placed, type Route } from './layered.ts';
import type { Line } from './line.ts';

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Placed[];
  readonly routes: readonly Route[];
  /** Where the tables without relationships begin, if there are both. */
  readonly rest: number | undefined;
}

const margin = 24;
const space = 28;
const headingHeight = 34;
/** Of the width to the height: of a screen, or of a sheet that lies. */
const aspect = 1.6;

export async function place(boxes: readonly Box[], lines: readonly Line[]): Promise<Picture> {
  const linked = new Set(lines.flatMap((line) => [line.parent.table, line.child.table]));
  const top = await layered(
    boxes.filter((box) => linked.has(box.table)),
    lines,
    aspect,
  );
  const single = boxes.filter((box) => !linked.has(box.table));
  const heading = top.boxes.length > 0 && single.length > 0 ? headingHeight : 0;
  const below = grid(single, Math.max(top.width, gridWidth(single)));
  const offset = top.height + (heading === 0 ? 0 : space + heading);
  return {
    width: Math.ceil(Math.max(top.width, below.width)) + 2 * margin,
    height: Math.ceil(offset + below.height) + 2 * margin,
    boxes: [...moved(top.boxes, margin, margin), ...moved(below.boxes, margin, margin + offset)],
    routes: top.routes.map((route) => ({
      ...route,
      points: route.points.map(({ x, y }) => ({ x: x + margin, y: y + margin })),
    })),
    rest: heading === 0 ? undefined : margin + offset - heading,
  };
}

function moved(boxes: readonly Placed[], x: number, y: number): readonly Placed[] {
  return boxes.map((one) => ({ ...one, x: one.x + x, y: one.y + y }));
}

function gridWidth(boxes: readonly Box[]): number {
  const area = boxes.reduce((sum, box) => sum + (box.width + space) * (box.height + space), 0);
  return Math.max(Math.sqrt(area * aspect), ...boxes.map((box) => box.width));
}

/** Boxes in columns, each in the column that is shortest so far: in their order, as a page of notes. */
function grid(boxes: readonly Box[], width: number): Omit<Layered, 'routes'> {
  if (boxes.length === 0) return { boxes: [], width: 0, height: 0 };
  const cell = Math.max(...boxes.map((box) => box.width)) + space;
  const count = Math.max(1, Math.min(boxes.length, Math.floor((width + space) / cell)));
  const heights = new Array<number>(count).fill(0);
  const placed = boxes.map((box) => {
    const column = heights.indexOf(Math.min(...heights));
    const y = heights[column]!;
    heights[column] = y + box.height + space;
    return { box, x: column * cell, y };
  });
  return { boxes: placed, width: count * cell - space, height: Math.max(...heights) - space };
}
