/** Trees of TypeScript types → text, broken into lines as the generator of Supabase breaks them. Knows no API. */

/** A text stands as it is, on one line. */
export type Node =
  | string
  | { readonly kind: 'object'; readonly fields: readonly Field[]; readonly open: boolean }
  | { readonly kind: 'union'; readonly of: readonly Node[] }
  | { readonly kind: 'tuple'; readonly of: readonly Node[] }
  | { readonly kind: 'array'; readonly of: Node }
  | { readonly kind: 'generic'; readonly name: string; readonly of: readonly Node[] };

export interface Field {
  /** As it is written, with its `?`. */
  readonly key: string;
  readonly value: Node;
}

/** On one line where it fits. */
export function object(fields: readonly Field[]): Node {
  return { kind: 'object', fields, open: false };
}

/** One field a line, whatever their length. */
export function open(fields: readonly Field[]): Node {
  return { kind: 'object', fields, open: true };
}

/** As `open`; without fields the type that has none, where `{}` would take anything. */
export function openType(fields: readonly Field[]): Node {
  return open(fields.length === 0 ? [{ key: '[_ in never]', value: 'never' }] : fields);
}

export function union(of: readonly Node[]): Node {
  return of.length === 1 ? of[0]! : { kind: 'union', of };
}

export function tuple(of: readonly Node[]): Node {
  return { kind: 'tuple', of };
}

export function array(of: Node): Node {
  return { kind: 'array', of };
}

/** `Omit<…, …>`. */
export function generic(name: string, of: readonly Node[]): Node {
  return { kind: 'generic', name, of };
}

export function field(name: string, value: Node): Field {
  return { key: keyOf(name), value };
}

/** @param value `never`: it can be left out, and cannot be given */
export function optional(name: string, value: Node): Field {
  return { key: `${keyOf(name)}?`, value };
}

/** In quotes unless it is an identifier; reserved words are keys as they are. */
export function keyOf(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : textOf(name);
}

/** A text as a type or a value. */
export function textOf(text: string): string {
  return JSON.stringify(text);
}

const width = 80;

/** The text of a type; its first line goes on where `column` is, the others stand at `indent`. */
export function layout(node: Node, indent = 0, column = indent): string {
  const flat = flatten(node);
  if (typeof node === 'string' || (flat !== undefined && column + flat.length <= width)) return flat!;
  const inner = indent + 2;
  const line = `\n${' '.repeat(inner)}`;
  switch (node.kind) {
    case 'object': {
      const lines = node.fields.map(({ key, value }) => `${line}${key}:${after(value, inner, key)}`);
      return `{${lines.join('')}\n${' '.repeat(indent)}}`;
    }
    case 'tuple': {
      const lines = node.of.map((one) => `${line}${layout(one, inner)},`);
      return `[${lines.join('')}\n${' '.repeat(indent)}]`;
    }
    case 'union':
      return node.of.map((one) => `${line}| ${layout(one, inner + 2)}`).join('');
    case 'generic':
      return `${node.name}<${node.of.map((one) => `${line}${layout(one, inner)}`).join(',')}\n${' '.repeat(indent)}>`;
    case 'array':
      return flat ?? `${layout(node.of, indent, column)}[]`;
    default:
      return node satisfies never;
  }
}

/** What stands behind `key:`; a union that does not fit begins on the next line. */
function after(value: Node, indent: number, key: string): string {
  const text = layout(value, indent, indent + key.length + 2);
  return text.startsWith('\n') ? text : ` ${text}`;
}

/** The node on one line; undefined when something in it is open. */
function flatten(node: Node): string | undefined {
  if (typeof node === 'string') return node;
  switch (node.kind) {
    case 'object': {
      const fields = node.open ? undefined : all(node.fields.map(({ value }) => flatten(value)));
      return fields && `{ ${fields.map((text, index) => `${node.fields[index]!.key}: ${text}`).join('; ')} }`;
    }
    case 'tuple': {
      const of = all(node.of.map(flatten));
      return of && `[${of.join(', ')}]`;
    }
    case 'union':
      return all(node.of.map(flatten))?.join(' | ');
    case 'generic': {
      const of = all(node.of.map(flatten));
      return of && `${node.name}<${of.join(', ')}>`;
    }
    case 'array': {
      const of = flatten(node.of);
      const united = typeof node.of !== 'string' && node.of.kind === 'union';
      return of && (united ? `(${of})[]` : `${of}[]`);
    }
    default:
      return node satisfies never;
  }
}

function all(texts: readonly (string | undefined)[]): readonly string[] | undefined {
  return texts.every((text) => text !== undefined) ? texts : undefined;
}
