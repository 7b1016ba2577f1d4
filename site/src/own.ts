/**
 * Markdown of a project → HTML that is safe whatever it says. Only the elements and attributes below are ever written:
 * HTML in it stays text, a link leads to a page of the same role or to http(s) and mailto, an image is one of the
 * folder's own. Nothing is loaded from elsewhere.
 */
import { posix } from 'node:path';
import { markdownToHtml } from 'satteri';
import type { Block } from '../document.ts';

export type Segment =
  | { readonly kind: 'html'; readonly html: string }
  | { readonly kind: 'code'; readonly language: string; readonly code: string };

export interface Rendered {
  readonly segments: readonly Segment[];
  readonly headings: readonly { readonly depth: number; readonly slug: string; readonly text: string }[];
  /** Files of the images that it shows. */
  readonly images: ReadonlySet<string>;
}

/** What links and images of a page may lead to. */
export interface Neighbours {
  /** URL of a page of the same role by its file. */
  readonly page: (file: string) => string | undefined;
  /** URL of an image by its file. */
  readonly image: (file: string) => string | undefined;
}

interface Node {
  readonly type: string;
  readonly tagName?: string;
  readonly properties?: { readonly [name: string]: unknown };
  readonly value?: string;
  readonly children?: readonly Node[];
}

const plainElements: ReadonlySet<string> = new Set([
  'p',
  'br',
  'hr',
  'em',
  'strong',
  'del',
  'sup',
  'sub',
  'code',
  'pre',
  'blockquote',
  'ul',
  'ol',
  'li',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
  'section',
  'dl',
  'dt',
  'dd',
]);
const empty: ReadonlySet<string> = new Set(['br', 'hr']);
const headings = /^h[1-6]$/;

export function render({ markdown, file }: Block & { kind: 'own' }, neighbours: Neighbours): Rendered {
  const writer = new Writer(file, neighbours);
  const segments = segmentsOf(parse(markdown), writer);
  return { segments, headings: writer.headings, images: writer.images };
}

function parse(markdown: string): readonly Node[] {
  const trees: Node[] = [];
  // The tree is read as JSON, since its nodes live no longer than the hook.
  const before = (root: unknown) => void trees.push(JSON.parse(JSON.stringify(root)));
  markdownToHtml(markdown, { features: { frontmatter: false }, hastPlugins: [{ name: 'tree', before }] });
  return trees[0]?.children ?? [];
}

/** Blocks of code stand apart, so that they are shown as those of other pages are. */
function segmentsOf(nodes: readonly Node[], writer: Writer): readonly Segment[] {
  const segments: Segment[] = [];
  let html = '';
  for (const node of nodes) {
    const code = codeOf(node);
    if (code === undefined) {
      html += writer.write(node);
      continue;
    }
    segments.push({ kind: 'html', html }, code);
    html = '';
  }
  return [...segments, { kind: 'html' as const, html }].filter(
    (one) => one.kind === 'code' || one.html.trim() !== '',
  );
}

function codeOf({ tagName, children = [] }: Node): Segment | undefined {
  const [code] = children;
  if (tagName !== 'pre' || code?.tagName !== 'code') return undefined;
  const [name] = Array.isArray(code.properties?.className) ? code.properties.className : [];
  const language = /^language-([\w+-]{1,30})$/.exec(String(name))?.[1] ?? 'text';
  return { kind: 'code', language: language.toLowerCase(), code: textOf(code).replace(/\n$/, '') };
}

class Writer {
  readonly headings: { depth: number; slug: string; text: string }[] = [];
  readonly images = new Set<string>();
  readonly #file: string;
  readonly #neighbours: Neighbours;
  readonly #ids = new Set<string>();

  constructor(file: string, neighbours: Neighbours) {
    this.#file = file;
    this.#neighbours = neighbours;
  }

  write(node: Node): string {
    switch (node.type) {
      case 'text':
        return escaped(node.value ?? '');
      case 'raw':
        return /^\s*<!--/.test(node.value ?? '') ? '' : escaped(node.value ?? '');
      case 'element':
        return this.#element(node);
      default:
        return '';
    }
  }

  #inner({ children = [] }: Node): string {
    return children.map((child) => this.write(child)).join('');
  }

  #element(node: Node): string {
    const tag = node.tagName ?? '';
    if (headings.test(tag)) return this.#heading(node, Number(tag[1]));
    if (tag === 'a') return this.#link(node);
    if (tag === 'img') return this.#image(node);
    if (tag === 'input') return node.properties?.checked === true ? '☑' : '☐';
    if (!plainElements.has(tag)) return this.#inner(node);
    if (empty.has(tag)) return `<${tag}>`;
    const start = tag === 'ol' ? startOf(node) : '';
    const inner = `<${tag}${start}${this.#own(node)}>${this.#inner(node)}</${tag}>`;
    return tag === 'table'
      ? `<div class="scroll" tabindex="0" role="region" aria-label="Table">${inner}</div>`
      : inner;
  }

  /** Ids of footnotes, which the notes and their marks lead to each other by. */
  #own({ properties }: Node): string {
    const id = properties?.id;
    return typeof id === 'string' && /^user-content-fn/.test(id) ? ` id="${escaped(id)}"` : '';
  }

  /** The page's title is the one heading of the first level. */
  #heading(node: Node, level: number): string {
    const depth = Math.max(2, level);
    const text = textOf(node);
    const slug = this.#slug(text);
    this.headings.push({ depth, slug, text });
    return `<h${depth} id="${escaped(slug)}">${this.#inner(node)}</h${depth}>`;
  }

  #slug(text: string): string {
    const plain = text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s+/g, '-');
    for (let number = 0; ; number++) {
      const slug = `${plain === '' ? 'part' : plain}${number === 0 ? '' : `-${number}`}`;
      if (this.#ids.has(slug)) continue;
      this.#ids.add(slug);
      return slug;
    }
  }

  #link(node: Node): string {
    const href = this.#target(String(node.properties?.href ?? ''));
    const inner = this.#inner(node);
    if (href === undefined) return inner;
    const outside = /^https?:/i.test(href) ? ' rel="noopener noreferrer"' : '';
    return `<a href="${escaped(href)}"${outside}${this.#own(node)}>${inner}</a>`;
  }

  /** Undefined for what a page may not lead to. */
  #target(href: string): string | undefined {
    if (/^(?:https?:\/\/|mailto:)/i.test(href)) return href;
    if (href.startsWith('#')) return href;
    const [path = '', fragment] = href.split('#', 2);
    const page = this.#neighbours.page(this.#resolved(path));
    return page === undefined || fragment === undefined ? page : `${page}#${fragment}`;
  }

  #image(node: Node): string {
    const source = String(node.properties?.src ?? '');
    const alt = String(node.properties?.alt ?? '');
    const file = this.#resolved(source);
    const url = this.#neighbours.image(file);
    if (url !== undefined) {
      this.images.add(file);
      return `<img src="${escaped(url)}" alt="${escaped(alt)}" loading="lazy">`;
    }
    if (!/^https?:\/\//i.test(source)) return escaped(alt);
    return `<a href="${escaped(source)}" rel="noopener noreferrer">${escaped(alt === '' ? source : alt)}</a>`;
  }

  /** A path below the folder of pages; one that leaves it is no file's. */
  #resolved(path: string): string {
    let plain = path;
    try {
      plain = decodeURIComponent(path);
    } catch {
      // As it is, then.
    }
    return posix.join(posix.dirname(this.#file), plain);
  }
}

function startOf({ properties }: Node): string {
  const start = Number(properties?.start);
  return Number.isSafeInteger(start) && start !== 1 ? ` start="${start}"` : '';
}

function textOf({ type, value = '', children = [] }: Node): string {
  return type === 'text' ? value : children.map(textOf).join('');
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
