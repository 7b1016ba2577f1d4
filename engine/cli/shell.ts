/** Words of a command that a person can paste into a POSIX shell. Pure. */

/** The word as it is, or in single quotes where the shell would read more into it. */
export function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
