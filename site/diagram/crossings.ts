/** How often the lines of a picture cross. Pure. */
import type { Point, Route } from './layered.ts';

interface Piece {
  readonly route: Route;
  readonly from: number;
  readonly to: number;
  /** Where it stands on the other axis. */
  readonly at: number;
}

/** Crossings of two lines of right angles; two that share an end run together and do not cross. */
export function crossings(routes: readonly Route[]): number {
  const across: Piece[] = [];
  const down: Piece[] = [];
  for (const route of routes)
    for (let index = 1; index < route.points.length; index++) {
      const [a, b] = [route.points[index - 1]!, route.points[index]!];
      if (a.x === b.x) down.push({ route, at: a.x, ...between(a.y, b.y) });
      else across.push({ route, at: a.y, ...between(a.x, b.x) });
    }
  down.sort((a, b) => a.at - b.at);
  let count = 0;
  for (const piece of across)
    for (
      let index = firstAfter(down, piece.from);
      index < down.length && down[index]!.at < piece.to;
      index++
    ) {
      const other = down[index]!;
      if (other.from < piece.at && piece.at < other.to && !meet(piece.route, other.route)) count++;
    }
  return count;
}

function between(a: number, b: number): { from: number; to: number } {
  return a < b ? { from: a, to: b } : { from: b, to: a };
}

/** Index of the first piece that stands behind `x`; by halves. */
function firstAfter(pieces: readonly Piece[], x: number): number {
  let [low, high] = [0, pieces.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pieces[middle]!.at > x) high = middle;
    else low = middle + 1;
  }
  return low;
}

function meet(a: Route, b: Route): boolean {
  const ends = (route: Route) => [route.points[0]!, route.points.at(-1)!];
  return ends(a).some((one) => ends(b).some((other) => same(one, other)));
}

function same(a: Point, b: Point): boolean {
  return a.x === b.x && a.y === b.y;
}
