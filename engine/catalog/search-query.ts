/** Whether a text is a search query in the notation of words, `&`, `|`, `!`, `<->`, `<N>`, weights and parentheses. */

/** Deeper ones are refused, so that reading may recurse. */
const mostNesting = 64;

/** A database keeps operators that wait for their right side: Postgres 32 within one pair of parentheses, three of them binary. */
const mostNegations = 28;

/**
 * Pure; linear. A blank text is one: it finds nothing. What is unusual is refused, though a database may take it.
 *
 * A database raises on a wrong query only when it comes to a row, which would tell that there is one; so it is read first.
 */
export function isSearchQuery(text: string): boolean {
  const reader = { text, at: 0 };
  if (/^[ \t\n\r\v\f]*$/.test(text)) return true;
  return readAlternatives(reader, 0) && atEnd(reader);
}

interface Reader {
  readonly text: string;
  at: number;
}

/** Operands with binary operators between them: which binds closer does not matter to whether they can be read. */
function readAlternatives(reader: Reader, depth: number): boolean {
  if (depth > mostNesting || !readOperand(reader, depth)) return false;
  while (readBinary(reader)) if (!readOperand(reader, depth)) return false;
  return true;
}

function readOperand(reader: Reader, depth: number): boolean {
  let negations = 0;
  while (eat(reader, '!')) {
    negations += 1;
    if (negations > mostNegations) return false;
  }
  if (eat(reader, '(')) return readAlternatives(reader, depth + 1) && eat(reader, ')');
  return readWord(reader) && readWeights(reader);
}

const phrase = /<(?:-|[0-9]{1,5})>/y;

function readBinary(reader: Reader): boolean {
  if (eat(reader, '&') || eat(reader, '|')) return true;
  phrase.lastIndex = reader.at;
  const match = phrase.exec(reader.text);
  if (match === null || Number(match[0].slice(1, -1)) > 16_383) return false;
  reader.at = phrase.lastIndex;
  return true;
}

/** In single quotes (doubled within), or up to the next sign; a backslash takes the next character as it is. */
function readWord(reader: Reader): boolean {
  skipBlanks(reader);
  const quoted = /'(?:[^'\\]|''|\\.)+'/sy;
  const plain = /(?:[^\s\u0085'\\&|!()<>:*]|\\.)(?:[^\s\u0085\\&|!()<>:]|\\.)*/sy;
  for (const form of [quoted, plain]) {
    form.lastIndex = reader.at;
    if (form.test(reader.text)) {
      reader.at = form.lastIndex;
      return true;
    }
  }
  return false;
}

/** `:*`, `:AB`, `:b*` */
function readWeights(reader: Reader): boolean {
  if (reader.text[reader.at] !== ':') return true;
  const form = /:[abcd*]+/iy;
  form.lastIndex = reader.at;
  if (!form.test(reader.text)) return false;
  reader.at = form.lastIndex;
  return true;
}

function eat(reader: Reader, sign: string): boolean {
  skipBlanks(reader);
  if (reader.text[reader.at] !== sign) return false;
  reader.at += 1;
  return true;
}

function skipBlanks(reader: Reader): void {
  while (' \t\n\r\v\f'.includes(reader.text[reader.at] ?? '?')) reader.at += 1;
}

function atEnd(reader: Reader): boolean {
  skipBlanks(reader);
  return reader.at === reader.text.length;
}
