/** Reads a drawing back as what it shows, and refuses one that is not well-formed XML. */
import assert from 'node:assert/strict';

export interface Drawn {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  /** Names of the elements in it. */
  readonly elements: ReadonlySet<string>;
  readonly boxes: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
    readonly href: string;
    readonly label: string;
    /** Without tips. */
    readonly texts: readonly string[];
  }[];
  readonly lines: readonly {
    /** Indexes of the boxes at its beginning and its end. */
    readonly tables: readonly number[];
    readonly points: readonly { readonly x: number; readonly y: number }[];
  }[];
}

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: (Element | string)[];
}

export function read(svg: string): Drawn {
  const root = parse(svg);
  const all = [...within(root)];
  const [width, height] = root.attributes.viewBox!.split(' ').slice(2).map(Number);
  return {
    width: width!,
    height: height!,
    title: textOf(
      root.children.find((child) => typeof child !== 'string' && child.name === 'title') as Element,
    ),
    elements: new Set(all.map(({ name }) => name)),
    boxes: all.filter(({ name }) => name === 'a').map(boxOf),
    lines: all.filter(({ attributes }) => attributes.class?.split(' ')[0] === 'line').map(lineOf),
  };
}

function boxOf(link: Element): Drawn['boxes'][number] {
  const all = [...within(link)];
  const group = all.find(({ name }) => name === 'g')!;
  const frame = all.find(({ name }) => name === 'rect')!;
  const [x, y] = group.attributes.transform!.match(/[-\d.]+/g)!.map(Number);
  const { href, 'aria-label': label } = link.attributes;
  const texts = all
    .filter(({ name }) => name === 'text')
    .map(({ children }) => children.filter((one) => typeof one === 'string').join(''));
  return {
    x: x!,
    y: y!,
    width: Number(frame.attributes.width),
    height: Number(frame.attributes.height),
    href: href!,
    label: label!,
    texts,
  };
}

function lineOf(group: Element): Drawn['lines'][number] {
  const d = [...within(group)].find(({ name }) => name === 'path')!.attributes.d!;
  // The corner of a curve is where it would have turned.
  const points = [...d.matchAll(/([MLQ])([-\d.]+) ([-\d.]+)/g)].map(([, , x, y]) => ({
    x: Number(x),
    y: Number(y),
  }));
  return { tables: group.attributes['data-tables']!.split(' ').map(Number), points };
}

function* within(element: Element): Generator<Element> {
  yield element;
  for (const child of element.children) if (typeof child !== 'string') yield* within(child);
}

function textOf(element: Element): string {
  return element.children.filter((child) => typeof child === 'string').join('');
}

const token = /<\/([a-z]+)>|<([a-z]+)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>|([^<]+)/gy;
const illegal = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

function parse(svg: string): Element {
  assert.equal(illegal.exec(svg), null);
  const top: Element = { name: '', attributes: {}, children: [] };
  const open = [top];
  token.lastIndex = 0;
  let end = 0;
  for (let match = token.exec(svg); match !== null; match = token.exec(svg)) {
    end = token.lastIndex;
    const [, closed, name, attributes, empty, text] = match;
    if (text !== undefined) open.at(-1)!.children.push(plain(text));
    else if (closed !== undefined) assert.equal(open.pop()!.name, closed);
    else {
      const element: Element = { name: name!, attributes: attributesOf(attributes!), children: [] };
      open.at(-1)!.children.push(element);
      if (empty === '') open.push(element);
    }
  }
  assert.equal(end, svg.length, `not XML: ${svg.slice(end, end + 80)}`);
  assert.equal(open.length, 1);
  return top.children[0] as Element;
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/ ([a-zA-Z:-]+)="([^"]*)"/g)].map(
    ([, name, value]) => [name!, plain(value!)] as const,
  );
  assert.equal(new Set(pairs.map(([name]) => name)).size, pairs.length);
  return Object.fromEntries(pairs);
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function plain(text: string): string {
  assert.doesNotMatch(text, /&(?!(?:amp|lt|gt|quot|#39);)|\]\]>/);
  return text.replace(/&([^;]+);/g, (_, name: string) => entities[name]!);
}
