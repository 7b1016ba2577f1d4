/** Comments and summaries as GitHub renders them: names of other people's tables are in code, and nothing else is more than we wrote. */
import assert from 'node:assert/strict';
import { micromark } from 'micromark';
import { gfm, gfmHtml } from 'micromark-extension-gfm';

const ours = new Set([
  'a', 'b', 'br', 'code', 'details', 'em', 'h2', 'h3', 'h4', 'li', 'p', 'pre', 'strong', 'sub', 'summary', 'table', 'tbody', 'td', 'th', 'thead',
  'tr', 'ul',
]); // biome-ignore format: a list
const home = /^https:\/\/github\.com\/acme\/apis\//;

export function holdHarmless(markdown: string, where: string): void {
  const html = htmlOf(markdown.replace(/^<!-- novastack:plan [^>]*-->\n/, ''));
  const tags = [...html.matchAll(/<([^\s/>][^\s>]*)/g)].map(([, tag]) => tag!.toLowerCase());
  assert.deepEqual(tags.filter((tag) => !ours.has(tag)), [], `${where}: tags`); // biome-ignore format: one line
  const links = [...html.matchAll(/ href="([^"]*)"/g)].map(([, href]) => href!);
  assert.deepEqual(links.filter((href) => !home.test(href)), [], `${where}: links`); // biome-ignore format: one line
  assert.equal(count(html, '<details>'), count(html, '</details>'), `${where}: what is unfolded is folded`);
  const plain = html.replace(/<(code|pre)[^>]*>.*?<\/\1>/gs, '').replace(/<[^>]+>/g, '');
  assert.doesNotMatch(plain, /@\w|#\d|:\/\/|\bwww\.|[\u202a-\u202e\u2066-\u2069]/, `${where}: text`);
}

function htmlOf(markdown: string): string {
  return micromark(markdown, { allowDangerousHtml: true, extensions: [gfm()], htmlExtensions: [gfmHtml()] });
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}
