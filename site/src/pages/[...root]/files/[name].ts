/** Images of the pages that the project wrote: those that a page of the role shows. */
import { imageBytes, imageName, shelf, shownImages } from '../../../site.ts';

export function getStaticPaths() {
  return shelf.books.flatMap((book) =>
    shownImages(book).map((file) => ({
      params: { root: book.root.slice(1) || undefined, name: imageName(file) },
      props: { file },
    })),
  );
}

export function GET({ props }: { readonly props: { readonly file: string } }): Response {
  return new Response(new Uint8Array(imageBytes(props.file)));
}
