/** Warnings of the server that say more than an answer or an error does. */

/** GROUP_CONCAT was cut at its limit (1260), or a text left out because it passed the largest packet (1301). */
const cut = new Set([1260, 1301]);

export function isCut(code: number): boolean {
  return cut.has(code);
}

/** MariaDB gives a regular expression up after so many steps, and takes the text for one that does not match (1139). */
export function isGivenUp(code: number): boolean {
  return code === 1139;
}

/** MariaDB's "at line … in …": the error before it was in a routine or a trigger. */
export function isOfProgram(code: number): boolean {
  return code === 4094;
}
