/** Texts of a picture that is made without a browser: how wide they may be, and how they are written in XML. Pure. */

const narrow = /[ijlfrtI|!.,:;'`()[\]{} /\\-]/;
const wide = /[mwMW@%&#]/;
/** Scripts whose signs are as wide as they are high, and pictures. */
const square =
  /[\p{Extended_Pictographic}\p{Regional_Indicator}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\uff00-\uff60]/u;
const weightless = /[\p{Mark}\p{Format}\p{Control}]/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/**
 * The most that a text may take, in the widest of the fonts that systems have for their own words (DejaVu Sans, Verdana).
 *
 * @param size of the font, in the picture's units
 */
export function widthOf(text: string, size: number): number {
  let ems = 0;
  for (const character of text) ems += emsOf(character);
  return ems * size;
}

function emsOf(character: string): number {
  if (square.test(character)) return 1.4;
  if (weightless.test(character)) return 0;
  if (narrow.test(character)) return 0.42;
  if (wide.test(character)) return 1;
  if (/[A-Z]/.test(character)) return 0.77;
  return character < '\u0080' ? 0.65 : 0.85;
}

/** The text where it fits, else its beginning and "…". No sign is cut in two. */
export function shortened(text: string, size: number, width: number): string {
  if (widthOf(text, size) <= width) return text;
  let kept = '';
  let left = width - widthOf('…', size);
  for (const { segment } of graphemes.segment(text)) {
    left -= widthOf(segment, size);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept.trimEnd()}…`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text in XML, in an element or in quotes. What XML 1.0 cannot hold at all becomes U+FFFD. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

/** A name among other words: whichever way it is read, they stay in their order. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** Tenths are as fine as a screen shows. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
