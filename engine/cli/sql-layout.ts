/** A statement on several lines, to be read: its clauses begin lines, subqueries stand further in. The text stays the same. */

const clauses =
  /^(WITH|SELECT|FROM|WHERE|GROUP BY|HAVING|ORDER BY|LIMIT|OFFSET|LEFT JOIN|INNER JOIN|CROSS JOIN|JOIN|UNION ALL|UNION|INSERT INTO|UPDATE|DELETE FROM|VALUES|SET|RETURNING|ON CONFLICT|ON DUPLICATE KEY|FOR UPDATE)\b/;

/** Whatever is quoted, or one more character. */
const token = /'(?:[^'\\]|\\.|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|[A-Za-z_]\w*|\s+|[\s\S]/g;

export function layoutSql(text: string, indent = ''): string {
  /** For each open parenthesis, whether a query stands in it. */
  const open: boolean[] = [];
  let laidOut = '';
  let isLineStart = true;
  const depth = (): number => open.filter(Boolean).length;
  const breakLine = (): void => {
    if (isLineStart) return;
    laidOut = `${laidOut.trimEnd()}\n${'  '.repeat(depth())}`;
    isLineStart = true;
  };
  for (const { 0: piece, index } of text.matchAll(token)) {
    const rest = text.slice(index);
    if (piece === '(') {
      open.push(/^\(\s*(SELECT|WITH|INSERT|UPDATE|DELETE)\b/.test(rest));
      laidOut += piece;
      isLineStart = false;
      if (open.at(-1)) breakLine();
      continue;
    }
    if (piece === ')') {
      if (open.pop()) breakLine();
      laidOut += piece;
      isLineStart = false;
      continue;
    }
    if (open.at(-1) !== false && clauses.test(rest) && /(^|[\s(;])$/.test(text.slice(0, index))) {
      // `LEFT JOIN` has begun its line already when `JOIN` comes.
      if (!/(LEFT|INNER|CROSS|UNION|DELETE|ORDER|GROUP|INSERT|FOR|DO)\s+$/.test(text.slice(0, index)))
        breakLine();
    }
    if (/^\s+$/.test(piece)) {
      if (!isLineStart) laidOut += ' ';
      continue;
    }
    laidOut += piece;
    isLineStart = false;
    if (piece === ';') breakLine();
  }
  return laidOut
    .trimEnd()
    .split('\n')
    .map((line) => indent + line)
    .join('\n');
}
