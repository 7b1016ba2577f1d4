/** The name that was probably meant: for every "did you mean". Pure. */

/** Names longer than this are compared no further: nobody mistypes them by hand, and the cost grows with the square. */
const maxLength = 128;

/**
 * The name of `among` that is nearest to `name`: one mistake in three characters at most, letter case not counted.
 *
 * @param among only names that the reader may see
 * @returns undefined when none is near
 */
export function nearest(name: string, among: Iterable<string>): string | undefined {
  if (name.length > maxLength) return undefined;
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of among) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= least) continue;
    const distance = mistakes(wanted, candidate.toLowerCase(), least);
    if (distance >= least) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** `did you mean "title"?` when there is such a name. */
export function didYouMean(name: string, among: Iterable<string>): string | undefined {
  const found = nearest(name, among);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

/** Insertions, deletions, replacements and swaps of neighbours between two texts; `limit` when there are that many or more. */
function mistakes(from: string, to: string, limit: number): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1] ? 0 : 1;
      let cost = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + same);
      const swapped =
        row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, beforePrevious[column - 2]! + 1);
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least >= limit) return limit;
    beforePrevious = previous;
    previous = current;
  }
  return previous[to.length]!;
}
