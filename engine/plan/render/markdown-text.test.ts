import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';
import { say, strong } from '../sentence.ts';
import { code, fenced, link, sentenceText, shortened, text, urlPath, visible } from './markdown-text.ts';

function html(markdown: string): string {
  return micromark(markdown, {
    allowDangerousHtml: true,
    extensions: [gfm()],
    htmlExtensions: [gfmHtml()],
  });
}

const codes: readonly (readonly [name: string, markdown: string, shown?: string])[] = [
  ['books', '`books`'],
  ['', '`""`', '""'],
  [' ', '` `', ' '],
  ['a`b', '``a`b``'],
  ['`', '`` ` ``'],
  ['``a`', '``` ``a` ```'],
  [' a ', '`  a  `'],
  ['a\\', '`a\\`'],
  ['@team', '`@team`'],
  ['</details><img src=x>', '`</details><img src=x>`'],
  ['-->', '`-->`'],
  ['&#64;team', '`&#64;team`'],
  ['a\nb\u202e\u200bc\ud800', '`a\\u000ab\\u202e\\u200bc\ufffd`', 'a\\u000ab\\u202e\\u200bc\ufffd'],
];

for (const [name, markdown, shown = name] of codes) {
  test(`shows ${JSON.stringify(name)} as code`, () => {
    assert.equal(code(name), markdown);
    const escaped = shown.replace(
      /[&<>"]/g,
      (one) => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' }[one]};`,
    );
    assert.equal(html(`x ${code(name)} y`), `<p>x <code>${escaped}</code> y</p>`);
  });
}

test('keeps a pipe out of code, which would end a cell of a table', () => {
  assert.equal(code('a\\|b||c'), '`a\\`<code>&#124;</code>`b`<code>&#124;&#124;</code>`c`');
  const table = html(`| a | b |\n|---|---|\n| ${code('x|y\\|z')} | ${text('p|q "r|s"')} |`);
  assert.equal((table.match(/<td>/g) ?? []).length, 2);
  assert.equal(
    table
      .replace(/<[^>]+>/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
    'a b x|y\\|z p|q r|s',
  );
});

const texts: readonly (readonly [text: string, markdown: string])[] = [
  [
    'Column "titel" does not exist in relation "public.books".',
    'Column `titel` does not exist in relation `public.books`.',
  ],
  ['did you mean "title"?', 'did you mean `title`?'],
  ['at most 100 rows, or 1,000 (10%)', 'at most 100 rows, or 1,000 (10%)'],
  ["it's the caller's", "it's the caller's"],
  ['see limits.rows and tables/books.yaml', 'see `limits.rows` and `tables/books.yaml`'],
  ['mail me@evil.example or @acme/team', 'mail `me@evil.example` or `@acme/team`'],
  ['fixes #12, GH-12 and acme/apis#12', 'fixes `#12,` `GH-12` and `acme/apis#12`'],
  ['https://evil.example www.evil.example', '`https://evil.example` `www.evil.example`'],
  [
    'in 4f1c2a9d8e7b6a5c4d3e2f1a0b9c8d7e6f5a4b3c and deadbeef',
    'in `4f1c2a9d8e7b6a5c4d3e2f1a0b9c8d7e6f5a4b3c` and `deadbeef`',
  ],
  [':tada: $x$ **bold** _it_ [x](y) <b>', '`:tada:` `$x$` `**bold**` `_it_` `[x](y)` `<b>`'],
  ['1. not a list', '`1.` not a list'],
  ['- not a list', '`-` not a list'],
  ['two\nlines\r\n\r\n# of it', 'two lines `#` of it'],
  ['"a""b"c', '`a` `b`c'],
  ['"', '"'],
  ['das Übermaß über früher', 'das Übermaß über früher'],
];

for (const [given, markdown] of texts) {
  test(`writes ${JSON.stringify(given)} as text`, () => assert.equal(text(given), markdown));
}

test('writes a sentence with its names as code', () => {
  assert.equal(
    sentenceText(say`${'visitor'} ${strong('gains')} read of ${'customers.email'}${'x'}, ${3} rows.`),
    '`visitor` **gains** read of `customers.email` `x`, 3 rows.',
  );
});

test('shortens by the middle, and by characters', () => {
  assert.equal(shortened('a'.repeat(10_000), 20), `${'a'.repeat(14)}…${'a'.repeat(5)}`);
  assert.equal(shortened('📚'.repeat(30), 8), '📚📚📚📚📚…📚📚');
  assert.equal(shortened('📚'.repeat(8), 8), '📚'.repeat(8));
  assert.equal(code('x'.repeat(10_000)).length, 82);
  assert.ok(text('word '.repeat(10_000)).length <= 700);
});

test('writes out what is not seen', () => {
  assert.equal(
    visible('a\u0000\u00ad\u200d\u2066\ufeff\u{e0041}b'),
    'a\\u0000\\u00ad\\u200d\\u2066\\ufeff\\u{e0041}b',
  );
});

test('links to nothing but where it says', () => {
  const path = urlPath('a b/(c)\'*!~/[d]/ü?#%|"<>`/\ud800');
  assert.equal(path, 'a%20b/%28c%29%27%2A%21%7E/%5Bd%5D/%C3%BC%3F%23%25%7C%22%3C%3E%60/%EF%BF%BD');
  assert.equal(
    html(link(code(']('), `https://github.com/acme/apis/blob/1a/${path}#L1`)),
    `<p><a href="https://github.com/acme/apis/blob/1a/${path}#L1"><code>](</code></a></p>`,
  );
  assert.equal(link('x', 'https://a.example/) <b>"\n'), '[x](https://a.example/%29%20%3Cb%3E%22%0A)');
});

test('fences what has fences in it', () => {
  assert.equal(fenced('yaml', ['a: ```', '````']), '`````yaml\na: ```\n````\n`````');
});

/** What a name could be made of to do harm. */
const pieces = fc.oneof(
  fc.constantFrom(
    '`',
    '``',
    '|',
    '\\',
    '<',
    '>',
    '&',
    '&#64;',
    '@team',
    '#12',
    '-->',
    '<!--',
    '</details>',
    '<b>',
    '"',
    "'",
  ),
  fc.constantFrom(
    '[x](javascript:a)',
    '![x](//e)',
    '**',
    '__',
    '~~',
    ':tada:',
    '$',
    'GH-1',
    'www.e.example',
    'http://e.example',
  ),
  fc.constantFrom(
    ' ',
    '\n',
    '\r',
    '\t',
    '\u2028',
    '\u202e',
    '\u0000',
    '- ',
    '1. ',
    '# ',
    '---',
    '| a |',
    '[^1]',
    '[ ]',
    'me@e.example',
  ),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.constantFrom('a', 'of', 'deadbeef', 'Column', 'é', '漢', '📚', '12'),
);
const anything = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));

/** Text outside code; every element but code. */
function outside(rendered: string): { readonly elements: readonly string[]; readonly text: string } {
  const bare = rendered.replace(/<code>.*?<\/code>/gs, '');
  return { elements: bare.match(/<[^>]*>/g) ?? [], text: bare.replace(/<[^>]*>/g, '') };
}

const harm = /[@#`|\\<>[\]_*~$:]|&(?!quot;)|\/\/|www\.|[0-9a-f]{7}|GH-/i;

test('no name is more than code, and no text more than words, wherever they stand', () => {
  fc.assert(
    fc.property(anything, (value) => {
      assert.deepEqual(outside(html(code(value))), { elements: ['<p>', '</p>'], text: '' });
      const inText = outside(html(`- ${text(value)} end`));
      assert.deepEqual(inText.elements, ['<ul>', '<li>', '</li>', '</ul>']);
      assert.doesNotMatch(inText.text.replace(/[:]( |$)/gm, ''), harm);
      const cell = outside(html(`| a | b |\n|---|---|\n| ${text(value)} | ${code(value)} |`));
      assert.equal(cell.elements.filter((element) => element === '<td>').length, 2);
      assert.equal(cell.elements.filter((element) => element === '<tr>').length, 2);
      assert.equal(
        cell.elements.some((element) => element.startsWith('<a')),
        false,
      );
    }),
    { numRuns: 2_000 },
  );
});
