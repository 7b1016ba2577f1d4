/** The diagram of a book as the text of an SVG: made once for its page and for its file. */
import type { Book } from '../book.ts';
import { diagram } from '../diagram/diagram.ts';
import type { Picture } from '../picture.ts';
import { target } from './site.ts';

const made = new Map<Picture, Promise<string>>();

export function pictureText(picture: Picture, title: string, { root }: Book): Promise<string> {
  const before = made.get(picture);
  if (before !== undefined) return before;
  const tables = picture.tables.map((table) => ({ ...table, href: target(root, table.href) }));
  const text = diagram(tables, { edges: picture.edges, title });
  made.set(picture, text);
  return text;
}

/** Where it is as a file. */
export function pictureFile({ root }: Book): string {
  return target(root, '/diagram.svg');
}
