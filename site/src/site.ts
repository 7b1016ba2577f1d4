/** The books that build.ts wrote for this build, and where a page stands in them. */
import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { Book, Shelf } from '../book.ts';
import type { Block, Page } from '../document.ts';
import { type Rendered, render } from './own.ts';

const contentFile = process.env.NOVASTACK_SITE_CONTENT!;
export const shelf: Shelf = JSON.parse(readFileSync(contentFile, 'utf8'));

export interface Place {
  readonly book: Book;
  /** Undefined for the page that says that there is none. */
  readonly page: Page | undefined;
}

interface Shelved {
  readonly byPath: ReadonlyMap<string, Page>;
  readonly byId: ReadonlyMap<string, Page>;
}
const shelved: ReadonlyMap<Book, Shelved> = new Map(
  shelf.books.map((book) => [
    book,
    {
      byPath: new Map(book.pages.map((page) => [page.path, page])),
      byId: new Map(book.pages.map((page) => [page.id, page])),
    },
  ]),
);

/** A path below the role's root, as a URL of this site; a whole URL stays as it is. */
export function target(root: string, path: string): string {
  return path.startsWith('/') ? `${shelf.base}${root}${path}` : path;
}

/** @param pathname of a page's URL, with the site's base */
export function placeOf(pathname: string): Place {
  const path = `${pathname.slice(shelf.base.length).replace(/\/+$/, '')}/`;
  const [first] = shelf.books;
  const book = shelf.books.slice(1).find(({ root }) => path.startsWith(`${root}/`)) ?? first!;
  return { book, page: shelved.get(book)!.byPath.get(path.slice(book.root.length)) };
}

/** Who else the page can be read as: the same page where it is in their world, else their first. */
export function readers({ book, page }: Place): readonly { role: string; href: string; current: boolean }[] {
  return shelf.books.map((other) => {
    const same = page === undefined ? undefined : shelved.get(other)!.byId.get(page.id);
    return { role: other.role, href: target(other.root, same?.path ?? '/'), current: other === book };
  });
}

export type OwnBlock = Block & { readonly kind: 'own' };

/** A page in Markdown, as it is shown to the readers of one book. */
export function own(book: Book, block: OwnBlock): Rendered {
  return render(block, {
    page: (file) => (Object.hasOwn(book.own, file) ? target(book.root, book.own[file]!) : undefined),
    image: (file) => imageUrl(book, file),
  });
}

const pictures = /\.(?:png|jpe?g|gif|webp|avif)$/i;

/** A vector image is a part of the page: as a file of its own it could run scripts. */
function imageUrl(book: Book, file: string): string | undefined {
  if (!Object.hasOwn(shelf.images, file)) return undefined;
  if (pictures.test(file)) return target(book.root, `/files/${imageName(file)}`);
  return `data:image/svg+xml;base64,${imageBytes(file).toString('base64')}`;
}

/** Below a book's `/files/`. */
export function imageName(file: string): string {
  return `${shelf.images[file]!}${extname(file).toLowerCase()}`;
}

export function imageBytes(file: string): Buffer {
  return readFileSync(join(dirname(contentFile), 'images', String(shelf.images[file]!)));
}

/** Files of the images that a book shows, each of which is a file of the site. */
export function shownImages(book: Book): readonly string[] {
  const blocks = book.pages
    .flatMap((page) => page.blocks)
    .filter((block): block is OwnBlock => block.kind === 'own');
  const shown = new Set(blocks.flatMap((block) => [...own(book, block).images]));
  return [...shown].filter((file) => pictures.test(file));
}
