/** Warnings of the server that say that an answer is not what was asked for. */

/** GROUP_CONCAT was cut at its limit (1260), or a text left out because it passed the largest packet (1301). */
const cut = new Set([1260, 1301]);

export function isCut(code: number): boolean {
  return cut.has(code);
}
