/** Values written in a document → plain values, with variables put in. Numbers keep every digit. Pure. */
import { Bare } from './bare.ts';
import type { ValueNode } from './operation.ts';

/** What a variable without a value leaves behind. */
export const absent: unique symbol = Symbol('absent');

/** Gives a variable's value, or `absent`. */
export type Lookup = (name: string) => unknown;

/**
 * The value; an object's field whose variable is absent is left out, an item of a list becomes null, as the
 * specification says. Objects have nothing but what was written.
 */
export function resolve(node: ValueNode, lookup: Lookup): unknown {
  switch (node.kind) {
    case 'variable':
      return lookup(node.name);
    case 'null':
      return null;
    case 'boolean':
      return node.value;
    case 'number':
      return exactNumber(node.text);
    case 'text':
      return node.text;
    case 'list':
      return node.of.map((item) => {
        const value = resolve(item, lookup);
        return value === absent ? null : value;
      });
    case 'object': {
      const object = new Bare();
      for (const field of node.fields) {
        const value = resolve(field.value, lookup);
        if (value !== absent) object[field.name] = value;
      }
      return object;
    }
    default:
      return node satisfies never;
  }
}

/** A value without variables: a variable's default. */
export function literal(node: ValueNode): unknown {
  return resolve(node, () => absent);
}

/** A JavaScript number where it prints as it was written, else the text itself in a number's place. */
function exactNumber(text: string): unknown {
  const number = Number(text);
  return String(number) === text ? number : JSON.rawJSON(text);
}
