/** The files by which a step speaks to GitHub's runner, `GITHUB_OUTPUT` and its like, read as the runner reads them. */

/** Lines of `name=value`, or of `name<<delimiter` until the delimiter. @throws as the runner fails the step */
export function readPairs(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  const lines = text.replace(/\n$/, '').split('\n');
  while (lines.length > 0) {
    const line = lines.shift()!;
    if (line === '') continue;
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc))
      pairs.set(line.slice(0, equals), line.slice(equals + 1));
    else if (heredoc > 0 && heredoc + 2 < line.length)
      pairs.set(line.slice(0, heredoc), until(lines, line.slice(heredoc + 2)));
    else throw new Error(`Invalid format '${line}'`);
  }
  return pairs;
}

function until(lines: string[], delimiter: string): string {
  const value: string[] = [];
  for (let line = lines.shift(); line !== delimiter; line = lines.shift()) {
    if (line === undefined) throw new Error(`Matching delimiter not found '${delimiter}'`);
    value.push(line);
  }
  return value.join('\n');
}

const longestSummary = 1_024 * 1_024;

/** @throws when it is so long that GitHub shows nothing of it */
export function checkSummary(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes > longestSummary)
    throw new Error(
      `$GITHUB_STEP_SUMMARY supports content up a size of 1024k got ${Math.ceil(bytes / 1_024)}k`,
    );
  return text;
}
