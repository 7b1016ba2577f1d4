/** Long work in pieces, so that a thread that has requests to answer answers them in between. */
import { setImmediate as breathe } from 'node:timers/promises';

/** Work that may rest wherever it yields. */
export type Pieces<Result> = Generator<undefined, Result>;

const sliceMs = 8;

export function atOnce<Result>(work: Pieces<Result>): Result {
  for (;;) {
    const piece = work.next();
    if (piece.done) return piece.value;
  }
}

/** Rests for a turn of the event loop after each 8 ms, as near as the pieces allow. */
export async function piecewise<Result>(work: Pieces<Result>): Promise<Result> {
  for (let until = performance.now() + sliceMs; ; ) {
    const piece = work.next();
    if (piece.done) return piece.value;
    if (performance.now() < until) continue;
    await breathe();
    until = performance.now() + sliceMs;
  }
}
