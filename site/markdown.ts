/** Pages as Markdown, for programs that read, and the list of them. Pure. Names and descriptions stay text. */
import { posix } from 'node:path';
import type { Book } from './book.ts';
import type { Block, Page, Word, Words } from './document.ts';

/** Where the pages of one role are. */
export interface Where {
  /** Of the site, without a slash at the end. */
  readonly base: string;
  readonly book: Book;
}

/** @returns the text of `index.md` beside the page */
export function pageMarkdown(page: Page, where: Where): string {
  const blocks = page.blocks.map((block) => blockMarkdown(block, where));
  return `${[`# ${escaped(page.title)}`, ...blocks].join('\n\n')}\n`;
}

/** @returns the text of `llms.txt` of one role */
export function bookMarkdown(book: Book, title: string, base: string): string {
  const [overview] = book.pages;
  const where = { base, book };
  const groups = book.navigation.map(
    ({ label, links }) =>
      `## ${escaped(label)}\n\n${links
        .map(({ label, path }) => {
          const description = book.pages.find((page) => page.path === path)?.description ?? null;
          const about = description === null || path === '/' ? '' : `: ${escaped(description)}`;
          return `- [${escaped(label)}](${urlOf(`${path}index.md`, where)})${about}`;
        })
        .join('\n')}`,
  );
  const about = overview?.description ?? null;
  return `${[`# ${escaped(title)}`, ...(about === null ? [] : [`> ${escaped(about)}`]), ...groups].join('\n\n')}\n`;
}

function blockMarkdown(block: Block, where: Where): string {
  switch (block.kind) {
    case 'text':
      return wordsMarkdown(block.words, where);
    case 'heading':
      return `${'#'.repeat(block.depth)} ${escaped(block.text)}`;
    case 'list':
      return block.items.map((words) => `- ${wordsMarkdown(words, where)}`).join('\n');
    case 'code':
      return fenced(block.code, block.language);
    case 'choice':
      return block.of
        .map(({ label, parts }) =>
          [`**${escaped(label)}**`, ...parts.map(({ code, language }) => fenced(code, language))].join(
            '\n\n',
          ),
        )
        .join('\n\n');
    case 'diagram':
      return diagramMarkdown(block, where);
    case 'table':
      return tableMarkdown(block, where);
    case 'own':
      return ownMarkdown(block, where);
    default:
      return block satisfies never;
  }
}

/** In words: each table with what it refers to. */
function diagramMarkdown({ picture: { tables, edges } }: Block & { kind: 'diagram' }, where: Where): string {
  return tables
    .map(({ name, href }) => {
      const to = edges
        .filter((edge) => edge.from === name)
        .map(
          ({ label, kind, to }) => `${escaped(label)} (${kind === 'one' ? 'one' : 'many'} of ${escaped(to)})`,
        );
      return `- [${escaped(name)}](${urlOf(`${href}index.md`, where)})${to.length === 0 ? '' : `: ${to.join(', ')}`}`;
    })
    .join('\n');
}

/** Blocks of code, and code within a line: what looks like a link there is none. */
const codeParts =
  /(^ {0,3}(?<fence>`{3,}|~{3,})[\s\S]*?(?:^ {0,3}\k<fence>[`~]*[ \t]*$|$(?![\s\S]))|(?<run>`+)(?!`)[\s\S]*?(?<!`)\k<run>(?!`))/gm;
const links = /(?<image>!?)\[(?<text>[^\]]*)\]\(\s*<?(?<to>[^\s)>]+)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)/g;

/** As it was written, without comments, and with links to pages of the same role as they are here. */
function ownMarkdown({ markdown, file }: Block & { kind: 'own' }, where: Where): string {
  let written = '';
  let at = 0;
  for (const code of markdown.matchAll(codeParts)) {
    written += prose(markdown.slice(at, code.index), file, where) + code[0];
    at = code.index + code[0].length;
  }
  return (written + prose(markdown.slice(at), file, where)).trim();
}

function prose(markdown: string, file: string, where: Where): string {
  return markdown
    .replace(/<!--[\s\S]*?(?:-->|$(?![\s\S]))/g, '')
    .replace(links, (whole, image: string, text: string, to: string) => {
      if (/^(?:https?:|mailto:|#)/i.test(to)) return whole;
      const [path = '', fragment] = to.split('#', 2);
      const page = where.book.own[posix.join(posix.dirname(file), path)];
      if (image !== '' || page === undefined) return text;
      return `[${text}](${urlOf(`${page}index.md`, where)}${fragment === undefined ? '' : `#${fragment}`})`;
    });
}

function tableMarkdown({ head, rows }: Block & { kind: 'table' }, where: Where): string {
  const width = Math.max(head?.length ?? 0, ...rows.map((row) => row.length));
  const line = (cells: readonly string[]): string =>
    `| ${Array.from({ length: width }, (_, at) => (cells[at] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line((head ?? []).map(escaped)),
    line(Array.from({ length: width }, () => '---')),
    ...rows.map((row) => line(row.map((words) => wordsMarkdown(words, where)))),
  ].join('\n');
}

function wordsMarkdown(words: Words, where: Where): string {
  return words.map((word) => wordMarkdown(word, where)).join('');
}

function wordMarkdown(word: Word, where: Where): string {
  switch (word.kind) {
    case 'code':
    case 'claim':
      return codeSpan(word.text);
    case 'link':
      return `[${escaped(word.text)}](${word.to.startsWith('/') ? urlOf(`${word.to}index.md`, where) : word.to})`;
    case 'break':
      return '; ';
    case 'text':
    case 'strong':
    case 'weak':
      return escaped(word.text);
    case 'tag':
      return `(${escaped(word.text)})`;
    default:
      return word satisfies never;
  }
}

function urlOf(path: string, { base, book }: Where): string {
  return `${base}${book.root}${path}`;
}

/** On one line, and none of it markup. */
function escaped(value: string): string {
  return value
    .replace(/\s+/g, ' ')
    .replace(/[\\`*_[\]#~!]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Between more backticks than it has in a row. */
function codeSpan(value: string): string {
  const flat = value.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...(flat.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = /^`|`$|^ .* $/.test(flat) ? ' ' : '';
  return `${fence}${space}${flat}${space}${fence}`;
}

function fenced(value: string, language: string): string {
  const longest = Math.max(2, ...(value.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}${language}\n${value}\n${fence}`;
}
