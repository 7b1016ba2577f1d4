/** The site of one project, from the content file that NOVASTACK_SITE_CONTENT names. Run by build.ts in a private root. */
import { readFileSync } from 'node:fs';
import starlight from '@astrojs/starlight';
import { defineConfig, passthroughImageService } from 'astro/config';
import { writeIndexes } from './search.mjs';

const shelf = JSON.parse(readFileSync(process.env.NOVASTACK_SITE_CONTENT, 'utf8'));

export default defineConfig({
  base: shelf.base,
  outDir: './out',
  cacheDir: './cache',
  trailingSlash: 'ignore',
  build: { format: 'directory' },
  image: { service: passthroughImageService() },
  devToolbar: { enabled: false },
  vite: { cacheDir: './cache/vite', logLevel: 'warn' },
  integrations: [
    starlight({
      title: shelf.title,
      favicon: '/favicon.svg',
      pagination: false,
      // One index of all pages would tell each role of the others.
      pagefind: false,
      disable404Route: true,
      customCss: ['./src/styles/site.css'],
      routeMiddleware: './src/route.ts',
      components: {
        Head: './src/components/Head.astro',
        LanguageSelect: './src/components/ReadAs.astro',
        Search: './src/components/Search.astro',
      },
      tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
      expressiveCode: { themes: ['github-dark', 'github-light'], styleOverrides: { borderRadius: '0.4rem' } },
      sidebar: [],
    }),
    { name: 'search', hooks: { 'astro:build:done': ({ dir }) => writeIndexes(shelf.books, dir) } },
  ],
});
