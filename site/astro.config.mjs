/** The site of one project, from the content file that NOVASTACK_SITE_CONTENT names. Run by build.ts in a private root. */
import { readFileSync } from 'node:fs';
import starlight from '@astrojs/starlight';
import { defineConfig, passthroughImageService } from 'astro/config';

const content = JSON.parse(readFileSync(process.env.NOVASTACK_SITE_CONTENT, 'utf8'));

/** Every page carries the whole sidebar: beyond this the list of the overview and the search are the way to a table. */
const mostInSidebar = 400;
const tables = content.tables.map((table) => ({ label: table.name, link: `/tables/${table.slug}/` }));

export default defineConfig({
  base: content.base,
  outDir: './out',
  cacheDir: './cache',
  trailingSlash: 'ignore',
  build: { format: 'directory' },
  image: { service: passthroughImageService() },
  devToolbar: { enabled: false },
  vite: { cacheDir: './cache/vite', logLevel: 'warn' },
  integrations: [
    starlight({
      title: content.title,
      favicon: '/favicon.svg',
      pagination: false,
      customCss: ['./src/styles/site.css'],
      components: { Head: './src/components/Head.astro' },
      tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
      expressiveCode: { themes: ['github-dark', 'github-light'], styleOverrides: { borderRadius: '0.4rem' } },
      sidebar: [
        { label: 'Overview', link: '/' },
        ...(tables.length <= mostInSidebar ? [{ label: 'Tables', items: tables }] : []),
      ],
    }),
  ],
});
