/** The diagram of each role as a file of its own. */
import { pictureText } from '../../picture.ts';
import { shelf } from '../../site.ts';

export function getStaticPaths() {
  return shelf.books.flatMap((book) =>
    book.pages
      .flatMap(({ blocks }) => blocks)
      .flatMap((block) =>
        block.kind === 'diagram'
          ? [{ params: { root: book.root.slice(1) || undefined }, props: { block, book } }]
          : [],
      ),
  );
}

type Props = ReturnType<typeof getStaticPaths>[number]['props'];

export async function GET({ props: { block, book } }: { readonly props: Props }): Promise<Response> {
  return new Response(await pictureText(block.picture, block.title, book));
}
