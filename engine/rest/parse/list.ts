/** `{a,"b c",NULL}`: the list that a one-dimensional array literal is. */

/** Undefined: not one. Elements without quotes are trimmed; `NULL` without quotes is null. Pure, one pass. */
export function parseArray(text: string): readonly (string | null)[] | undefined {
  const inner = /^\s*\{(.*)\}\s*$/s.exec(text)?.[1];
  if (inner === undefined) return undefined;
  if (inner.trim() === '') return [];
  const list: (string | null)[] = [];
  const element = /\s*(?:"((?:[^"\\]|\\.)*)"|((?:[^"{},\\]|\\.)+))\s*(,|$)/sy;
  for (;;) {
    const match = element.exec(inner);
    if (match === null) return undefined;
    const [, quoted, plain, next] = match;
    list.push(quoted === undefined ? plainElement(plain!.trim()) : unescaped(quoted));
    if (next !== ',') return element.lastIndex === inner.length ? list : undefined;
  }
}

function plainElement(text: string): string | null {
  return text.toUpperCase() === 'NULL' ? null : unescaped(text);
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, '$1');
}
