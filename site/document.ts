/**
 * What pages are made of, as plain data: texts that are never markup. One renderer writes them as HTML and one as
 * Markdown, so that both say the same.
 */

import type { Picture } from './picture.ts';

/**
 * A run of text. `code`: a name or a value. `claim`: a name of a claim, shown as code. `link`: `to` is a path in the
 * same role's pages (`/tables/books/`), or a whole URL. `strong`, `weak`, `tag`: how much it is worth. `break`: a new line.
 */
export type Word =
  | { readonly kind: 'text' | 'code' | 'claim' | 'strong' | 'weak' | 'tag'; readonly text: string }
  | { readonly kind: 'link'; readonly text: string; readonly to: string }
  | { readonly kind: 'break'; readonly text: '' };
export type Words = readonly Word[];

export type Block =
  /** `prose`: line ends of the text stay. `lead`: it opens the page. */
  | { readonly kind: 'text'; readonly words: Words; readonly form?: 'prose' | 'lead' }
  | { readonly kind: 'heading'; readonly depth: 2 | 3; readonly id: string; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly Words[] }
  /** Without `head`: the first cell of each row says what the second is. `form`: how it is laid out. */
  | {
      readonly kind: 'table';
      readonly head: readonly string[] | null;
      readonly rows: readonly (readonly Words[])[];
      readonly form: 'facts' | 'columns' | 'matrix' | 'plain';
      /** What it is, for those who do not see it. */
      readonly label: string;
    }
  | { readonly kind: 'code'; readonly language: string; readonly code: string }
  /** The same in several languages, of which a reader chooses one. */
  | { readonly kind: 'choice'; readonly of: readonly Choice[] }
  /** A picture of tables: `href` of each is a path in the same role's pages. */
  | { readonly kind: 'diagram'; readonly title: string; readonly picture: Picture }
  /** A page that the project's authors wrote, in Markdown. */
  | { readonly kind: 'own'; readonly markdown: string; readonly file: string };

export interface Choice {
  readonly label: string;
  readonly parts: readonly { readonly language: string; readonly code: string }[];
}

export interface Page {
  /** What it is in every role's pages that have it: `table:books`. */
  readonly id: string;
  /** Below the role's root: `/`, `/tables/books/`. */
  readonly path: string;
  readonly title: string;
  readonly description: string | null;
  readonly blocks: readonly Block[];
}

/** A part of the navigation. */
export interface NavigationGroup {
  readonly label: string;
  readonly links: readonly { readonly label: string; readonly path: string }[];
}

export function text(value: string): Word {
  return { kind: 'text', text: value };
}

export function code(value: string): Word {
  return { kind: 'code', text: value };
}

export function strong(value: string): Word {
  return { kind: 'strong', text: value };
}

export function weak(value: string): Word {
  return { kind: 'weak', text: value };
}

export function tag(value: string): Word {
  return { kind: 'tag', text: value };
}

export function link(label: string, to: string): Word {
  return { kind: 'link', text: label, to };
}

export const newLine: Word = { kind: 'break', text: '' };

/** Names after one another. */
export function codes(names: readonly string[]): Words {
  return between(
    names.map((name) => [code(name)]),
    text(', '),
  );
}

export function between(parts: readonly Words[], separator: Word): Words {
  return parts.flatMap((part, index) => (index === 0 ? part : [separator, ...part]));
}

/** `a` for paragraphs: words and names, `\`` around the names. */
export function words(...parts: readonly (string | Word | Words)[]): Words {
  return parts.flatMap((part) => (typeof part === 'string' ? spoken(part) : part));
}

/** Sentences of our own: what stands between backticks is code. */
function spoken(sentence: string): Words {
  return sentence
    .split('`')
    .map((part, index) => (index % 2 === 0 ? text(part) : code(part)))
    .filter((word) => word.text !== '');
}

export function paragraph(...parts: readonly (string | Word | Words)[]): Block {
  return { kind: 'text', words: words(...parts) };
}

export function heading(depth: 2 | 3, id: string, title: string): Block {
  return { kind: 'heading', depth, id, text: title };
}
