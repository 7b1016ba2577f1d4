/** HTML that cannot be broken by what is put into it: all that is not HTML itself is escaped. Pure. */
import { printable } from '../../schema/format.ts';

export class Html {
  readonly text: string;

  /** Not for texts of others: `html` is. */
  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a hole; false and null stand for nothing. */
export type Filling = string | number | Html | false | null | readonly Filling[];

/** A template whose holes are escaped, in elements and in quoted attributes. */
export function html(strings: TemplateStringsArray, ...holes: readonly Filling[]): Html {
  return new Html(
    strings.map((text, index) => (index === 0 ? '' : textOf(holes[index - 1]!)) + text).join(''),
  );
}

function textOf(filling: Filling): string {
  if (filling === null || filling === false) return '';
  if (filling instanceof Html) return filling.text;
  if (typeof filling === 'object') return filling.map(textOf).join('');
  return String(filling)
    .split('\n')
    .map(printable)
    .join('\n')
    .replace(/[&<>"']/g, (character) => entities[character]!);
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** No script runs on a page, and nothing comes from elsewhere. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'referrer-policy': 'no-referrer',
  vary: 'Accept',
} as const;

/** Whether a browser asks; programs get JSON. */
export function wantsHtml(accept: string | undefined): boolean {
  return accept?.includes('text/html') === true;
}
