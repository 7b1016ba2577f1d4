/** How many cases a property is tried with: a few in `npm test`, many in `npm run nightly`. */

export const nightly = (process.env.NOVASTACK_NIGHTLY ?? '') !== '';

/** @param few of `npm test`; @param many of `npm run nightly` */
export function cases(few: number, many: number): number {
  return nightly ? many : few;
}
