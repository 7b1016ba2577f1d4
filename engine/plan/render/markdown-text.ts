/**
 * Other people's words in GitHub's Markdown, inert: no markup, no mention, no link, wherever they stand. Pure.
 *
 * GitHub decodes entities and backslashes before it looks for mentions, references, addresses and shortcodes; what is in a code
 * span it leaves alone. So a name is a code span, and of a sentence every word is one that is more than letters.
 */
import type { Sentence } from '../sentence.ts';

/** Characters that are shown of a name, and of a sentence. */
const maxName = 80;
const maxText = 600;

/** A name, a path or a piece of code, as a code span. */
export function code(value: string, most = maxName): string {
  const shown = shortened(visible(value), most);
  return shown === '' ? '`""`' : shown.split(/(\|+)/).map(span).join('');
}

/** A sentence that holds names: those in quotes, and whatever is no plain word, become code. One line, never empty. */
export function text(value: string): string {
  const written = ours(value.trim());
  return written === '' ? code('') : written;
}

/** With the spaces around it. */
function ours(value: string): string {
  const parts = shortened(value.replace(/\s+/gu, ' '), maxText).match(/"[^"]+"|\s+|[^\s"]+|"/gu) ?? [];
  const first = parts.findIndex((part) => part !== ' ');
  return joined(parts.map((part, index) => piece(part, index === first)));
}

/** What is our own is text, what is not is code. */
export function sentenceText(sentence: Sentence): string {
  return joined(
    sentence.map((word) => {
      if (typeof word === 'string') return ours(word);
      return 'strong' in word ? `**${text(word.strong)}**` : code(word.name);
    }),
  );
}

/** @param url of GitHub, made by us: what could end it is encoded all the same */
export function link(label: string, url: string): string {
  return `[${label}](${url.toWellFormed().replace(/[^\w\-.~:/?#@!$&*+,;=%]/gu, encoded)})`;
}

/** `engine/a b.yaml` → `engine/a%20b.yaml`. */
export function urlPath(path: string): string {
  return path
    .toWellFormed()
    .split('/')
    .map((part) => encodeURIComponent(part).replace(/[!'()*~]/g, encoded))
    .join('/');
}

/** A block of code that no line of it ends. */
export function fenced(language: string, lines: readonly string[]): string {
  const runs = lines.join('\n').match(/`+/g) ?? [];
  const fence = '`'.repeat(Math.max(3, ...runs.map(({ length }) => length + 1)));
  return [`${fence}${language}`, ...lines, fence].join('\n');
}

/** Without line breaks, controls, and what is not seen or turns the direction of what follows: these are written out. */
export function visible(value: string): string {
  return value
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}]/gu, (character) => {
      const hex = character.codePointAt(0)!.toString(16);
      return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`;
    });
}

/** By its middle, which tells least. */
export function shortened(value: string, most = maxName): string {
  if (value.length <= most) return value;
  const characters = [...value];
  if (characters.length <= most) return value;
  const end = Math.floor(most / 4);
  return `${characters.slice(0, most - end - 1).join('')}…${characters.slice(-end).join('')}`;
}

/** A pipe ends a cell of a table even in a code span, and a backslash before it does not always help. */
function span(part: string): string {
  if (part === '') return '';
  if (part.startsWith('|')) return `<code>${'&#124;'.repeat(part.length)}</code>`;
  const runs = (part.match(/`+/g) ?? []).map(({ length }) => length);
  let fence = '`';
  while (runs.includes(fence.length)) fence += '`';
  const pad = /^`|`$|^ .*[^ ].* $/.test(part) ? ' ' : '';
  return `${fence}${pad}${part}${pad}${fence}`;
}

function piece(part: string, isFirst: boolean): string {
  if (part === ' ') return part;
  if (part.startsWith('"') && part.endsWith('"') && part.length > 2) return code(part.slice(1, -1));
  return isPlain(part) && !(isFirst && beginsList.test(part)) ? part : code(part);
}

const word = /^[("']*\p{L}[\p{L}\p{M}]*(?:['’-]\p{L}[\p{L}\p{M}]*)*[)"'.,;:!?]*$/u;
const number = /^\(?\d{1,6}(?:[.,]\d{1,3})*%?[).,;:!?]*$/;
const mark = /^(?:[()"'.,;:!?%]{1,3}|[→–—…·×≤≥])$/;
/** A line that begins so is the first of a numbered list. */
const beginsList = /^\d+[.)]/;
/** As short as GitHub takes it for a commit. */
const commit = /[0-9a-f]{7,}/i;

/** Nothing that Markdown or GitHub would take for more than it is, and not so long that it breaks a line. */
function isPlain(part: string): boolean {
  if (part.length > maxName || commit.test(part)) return false;
  return word.test(part) || number.test(part) || mark.test(part);
}

/** Two code spans side by side would be one. */
function joined(parts: readonly string[]): string {
  return parts.reduce((before, part) => (isTouching(before, part) ? `${before} ${part}` : before + part), '');
}

function isTouching(before: string, after: string): boolean {
  return before.endsWith('`') && after.startsWith('`');
}

function encoded(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x80 ? `%${code.toString(16).toUpperCase().padStart(2, '0')}` : encodeURIComponent(character);
}
