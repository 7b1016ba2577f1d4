import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Book } from './book.ts';
import { code, link, newLine, type Page, text } from './document.ts';
import { bookMarkdown, pageMarkdown } from './markdown.ts';

const hostile = '<b>|*x*\n`y` [z](javascript:1)';
const page: Page = {
  id: 'table:x',
  path: '/tables/x/',
  title: hostile,
  description: hostile,
  blocks: [
    {
      kind: 'text',
      words: [text(hostile), newLine, link('x', '/tables/x/'), link('y', 'https://a.example/')],
    },
    { kind: 'heading', depth: 2, id: 'a', text: hostile },
    { kind: 'list', items: [[code('a`b')], [code('`')]] },
    {
      kind: 'table',
      head: ['A', 'B'],
      rows: [[[code('a|b')], [text('|')]], [[]]],
      form: 'plain',
      label: 'x',
    },
    { kind: 'code', language: 'sh', code: 'a ```` b' },
    {
      kind: 'own',
      file: 'guides/x.md',
      markdown:
        'a <!-- b --> [c](y.md#d) [e](../secret.md "t") ![f](g.png) [h](https://h.example) `[i](y.md) <!-- j -->`\n\n```\n<!-- k --> [l](y.md)\n```\n<!-- m',
    },
  ],
};
const book: Book = {
  role: 'r',
  root: '/as/r',
  pages: [{ ...page, id: 'overview', path: '/', blocks: [] }, page],
  navigation: [{ label: 'Tables', links: [{ label: hostile, path: '/tables/x/' }] }],
  own: { 'guides/y.md': '/pages/guides/y/' },
};

test('a page is Markdown in which names and texts are no markup', () => {
  assert.equal(
    pageMarkdown(page, { base: '/p/docs', book }),
    [
      String.raw`# &lt;b&gt;|\*x\* \`y\` \[z\](javascript:1)`,
      String.raw`&lt;b&gt;|\*x\* \`y\` \[z\](javascript:1); [x](/p/docs/as/r/tables/x/index.md)[y](https://a.example/)`,
      String.raw`## &lt;b&gt;|\*x\* \`y\` \[z\](javascript:1)`,
      '- ``a`b``\n- `` ` ``',
      '| A | B |\n| --- | --- |\n| `a\\|b` | \\| |\n|  |  |',
      '`````sh\na ```` b\n`````',
      'a  [c](/p/docs/as/r/pages/guides/y/index.md#d) e f [h](https://h.example) `[i](y.md) <!-- j -->`\n\n```\n<!-- k --> [l](y.md)\n```\n',
    ]
      .join('\n\n')
      .trimEnd()
      .concat('\n'),
  );
});

test('the list of a role’s pages says what each is about', () => {
  assert.equal(
    bookMarkdown(book, 'P', '/p/docs'),
    String.raw`# P

> &lt;b&gt;|\*x\* \`y\` \[z\](javascript:1)

## Tables

- [&lt;b&gt;|\*x\* \`y\` \[z\](javascript:1)](/p/docs/as/r/tables/x/index.md): &lt;b&gt;|\*x\* \`y\` \[z\](javascript:1)
`,
  );
});
