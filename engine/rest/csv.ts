/** Rows of texts → lines of CSV. */

type Row = readonly (string | null)[];

/** A line without its end. Null is nothing at all, the empty text is in quotes. */
export function csvLine(row: Row): string {
  return row.map(field).join(',');
}

/** In quotes wherever a reader could see more, or less, than the text. */
function field(text: string | null): string {
  if (text === null) return '';
  return text === '' || /["\\,()\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
