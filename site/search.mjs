/** An index of each role's pages, beside them: what is found is never of another role. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { close, createIndex } from 'pagefind';

/** What the search of the pages loads; the rest is Pagefind's own surface. */
const used =
  /^(?:pagefind(?:-worker)?\.js|pagefind-entry\.json|wasm\..+|pagefind\..+\.pf_meta|(?:index|fragment|filter)\/.+)$/;

/**
 * @param {readonly { root: string, pages: readonly { path: string }[] }[]} books
 * @param {URL} out folder of the pages
 */
export async function writeIndexes(books, out) {
  for (const book of books) await writeIndex(book, fileURLToPath(out));
  await close();
}

async function writeIndex({ root, pages }, out) {
  const { index, errors } = await createIndex({ forceLanguage: 'en' });
  if (index === undefined) throw new Error(`Pagefind: ${errors.join('; ')}`);
  for (const { path } of pages) {
    const content = await readFile(join(out, root, path, 'index.html'), 'utf8');
    // The same page of another role has the same path below that role's index.
    const added = await index.addHTMLFile({ sourcePath: `${path.slice(1)}index.html`, content });
    if (added.errors.length > 0) throw new Error(`Pagefind: ${added.errors.join('; ')}`);
  }
  const { files } = await index.getFiles();
  for (const file of files.filter(({ path }) => used.test(path))) {
    const target = join(out, root, 'pagefind', file.path);
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, file.content);
  }
  await index.deleteIndex();
}
