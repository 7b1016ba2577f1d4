/** Rows of texts ↔ lines of CSV (RFC 4180). Written by hand: the parsers at hand hold the event loop ten times as long. */

type Row = readonly (string | null)[];

/** Wherever a reader could see more, or less, than the text. */
const unclear = /["\\,()\s]/;

/** A line without its end. Null is nothing at all, the empty text is in quotes. A loop: exports make millions of them. */
export function csvLine(row: Row): string {
  let line = '';
  for (let index = 0; index < row.length; index += 1) {
    if (index > 0) line += ',';
    const text = row[index]!;
    if (text !== null) line += text === '' || unclear.test(text) ? quoted(text) : text;
  }
  return line;
}

function quoted(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}

/**
 * The rows of a text; empty lines are passed over, `NULL` without quotes is null. Pure, one pass.
 *
 * @returns a sentence instead: what is wrong, and in which line
 */
export function parseCsv(text: string): readonly Row[] | string {
  const rows: (string | null)[][] = [];
  let row: (string | null)[] = [];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const quoted = text[at] === '"';
    const end = quoted ? closingQuote(text, at) : endOfField(text, at);
    if (end === -1) return `The quotes opened in row ${rows.length} are not closed.`;
    if (!quoted && text.slice(at, end).includes('"'))
      return `A field of row ${rows.length} holds a quote, and stands in none.`;
    row.push(quoted ? unquoted(text.slice(at + 1, end)) : plain(text.slice(at, end)));
    at = quoted ? end + 1 : end;
    const sign = text[at];
    if (sign === ',') {
      at += 1;
      // A comma at the very end has an empty field behind it.
      if (at < text.length) continue;
      row.push('');
    } else if (sign === '\r' && text[at + 1] === '\n') at += 2;
    else if (sign === '\n' || sign === '\r') at += 1;
    else if (sign !== undefined) return `Behind the closing quotes in row ${rows.length} stands "${sign}".`;
    if (row.length > 1 || row[0] !== '' || quoted) rows.push(row);
    row = [];
  }
  return rows;
}

function endOfField(text: string, from: number): number {
  let at = from;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x2c || code === 0x0a || code === 0x0d) break;
    at += 1;
  }
  return at;
}

/** The quote that closes the field at `from`; -1 where there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from + 1);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}

function unquoted(text: string): string {
  return text.includes('"') ? text.replaceAll('""', '"') : text;
}

function plain(text: string): string | null {
  return text === 'NULL' ? null : text;
}
