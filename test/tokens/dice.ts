/** Numbers that are drawn, and drawn again by the same seed. */

/** @returns a whole number from 0 up to, not including, `sides` */
export type Dice = (sides: number) => number;

/** `NOVASTACK_TEST_SEED` repeats a run. */
export const seed = Number(process.env.NOVASTACK_TEST_SEED ?? Date.now() % 2 ** 31);

/** mulberry32 */
export function dice(from: number): Dice {
  let state = from | 0;
  return (sides) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % sides;
  };
}
