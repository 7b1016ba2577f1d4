/** `{a,"b c",NULL}`: the list that a one-dimensional array literal is. */

/** Undefined: not one. Elements without quotes are trimmed; `NULL` without quotes is null. Pure, one pass. */
export function parseArray(text: string): readonly (string | null)[] | undefined {
  const inner = trimBlanks(text);
  if (!inner.startsWith('{') || !inner.endsWith('}') || inner.length < 2) return undefined;
  const reader = { text: inner, at: 1, end: inner.length - 1 };
  skipBlanks(reader);
  if (reader.at === reader.end) return [];
  const list: (string | null)[] = [];
  for (;;) {
    const element = reader.text[reader.at] === '"' ? readQuoted(reader) : readPlain(reader);
    if (element === undefined) return undefined;
    list.push(element);
    if (reader.at === reader.end) return list;
    if (reader.text[reader.at] !== ',') return undefined;
    reader.at += 1;
    skipBlanks(reader);
  }
}

interface Reader {
  readonly text: string;
  at: number;
  /** The closing brace. */
  readonly end: number;
}

function readQuoted(reader: Reader): string | undefined {
  let value = '';
  for (reader.at += 1; reader.at < reader.end; reader.at += 1) {
    const sign = reader.text[reader.at]!;
    if (sign === '"') {
      reader.at += 1;
      skipBlanks(reader);
      return value;
    }
    if (sign === '\\') reader.at += 1;
    value += reader.text[reader.at];
  }
  return undefined;
}

function readPlain(reader: Reader): string | null | undefined {
  let value = '';
  /** Where the value ends without the blanks behind it; an escaped blank is part of it. */
  let kept = 0;
  let escaped = false;
  for (; reader.at < reader.end && reader.text[reader.at] !== ','; reader.at += 1) {
    const sign = reader.text[reader.at]!;
    if (sign === '"' || sign === '{' || sign === '}') return undefined;
    if (sign === '\\') {
      reader.at += 1;
      escaped = true;
      if (reader.at === reader.end) return undefined;
      value += reader.text[reader.at];
      kept = value.length;
    } else {
      value += sign;
      if (!isBlank(sign)) kept = value.length;
    }
  }
  if (kept === 0) return undefined;
  const text = value.slice(0, kept);
  return !escaped && text.toUpperCase() === 'NULL' ? null : text;
}

function skipBlanks(reader: Reader): void {
  while (reader.at < reader.end && isBlank(reader.text[reader.at]!)) reader.at += 1;
}

function trimBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isBlank(text[start]!)) start += 1;
  while (start < end && isBlank(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

/** What the database takes for one: fewer than JavaScript does. */
function isBlank(sign: string): boolean {
  return sign === ' ' || (sign >= '\t' && sign <= '\r');
}
