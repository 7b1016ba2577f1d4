/** The only way SQL text comes to exist for requests: fragments of constant text, exact identifiers and parameters. */
import type { Binding } from '../query/bind.ts';

/** A piece of SQL. Made by the functions here alone, so that no text of a caller can become part of a statement. */
export interface Sql {
  readonly [fragment]: true;
  readonly pieces: readonly Piece[];
}

declare const fragment: unique symbol;

type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'identifier'; readonly name: string }
  | { readonly kind: 'qualified'; readonly schema: string; readonly name: string }
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly binding: Binding };

/** How a dialect writes what differs: quotes, literals, the n-th parameter (from 1). */
export interface Notation {
  /** A parameter may be named again: `$1` twice is one, `?` twice is two. */
  readonly shares: boolean;
  identifier(name: string): string;
  /** A name in a schema. Default: both as identifiers, with a dot. */
  qualified?(schema: string, name: string): string;
  literal(text: string): string;
  parameter(index: number): string;
}

/** Constant text with fragments in it: `` sql`${column} IS NULL` ``. */
export function sql(strings: TemplateStringsArray, ...parts: readonly Sql[]): Sql {
  const pieces: Piece[] = [];
  for (const [index, text] of strings.entries()) {
    if (text !== '') pieces.push({ kind: 'text', text });
    const part = parts[index];
    // One by one: a long list spread over a call's arguments overflows the stack.
    if (part !== undefined) for (const piece of part.pieces) pieces.push(piece);
  }
  return make(pieces);
}

/** A name exactly as the catalog has it. */
sql.identifier = (name: string): Sql => make([{ kind: 'identifier', name }]);

/** A schema and a name in it. */
sql.qualified = (schema: string, name: string): Sql => make([{ kind: 'qualified', schema, name }]);

/** A text constant: keys of JSON objects and `__typename`, which belong to the shape. */
sql.literal = (text: string): Sql => make([{ kind: 'literal', text }]);

/** A whole number that belongs to the statement's shape, such as a limit. */
sql.integer = (value: number): Sql => {
  if (!Number.isSafeInteger(value)) throw new TypeError(`not a safe integer: ${value}`);
  return make([{ kind: 'text', text: String(value) }]);
};

sql.parameter = (binding: Binding): Sql => make([{ kind: 'parameter', binding }]);

/** The fragments with constant text between them; `otherwise` when there are none. */
sql.join = (parts: readonly Sql[], separator: Sql, otherwise?: Sql): Sql => {
  if (parts.length === 0) return otherwise ?? sql.empty;
  return make(
    parts.flatMap((part, index) => (index === 0 ? part.pieces : [...separator.pieces, ...part.pieces])),
  );
};

sql.empty = make([]);

/**
 * The text, and what its parameters are made of, in order. Where the notation can name a parameter again, equal bindings share
 * one, so equal text stays equal.
 */
export function renderSql(
  statement: Sql,
  notation: Notation,
): { readonly text: string; readonly bindings: readonly Binding[] } {
  const bindings: Binding[] = [];
  const indexes = new Map<string, number>();
  const indexOf = (binding: Binding): number => {
    const key = JSON.stringify(binding);
    const index = (notation.shares ? indexes.get(key) : undefined) ?? bindings.push(binding);
    indexes.set(key, index);
    return index;
  };
  const text = statement.pieces.map((piece) => {
    switch (piece.kind) {
      case 'text':
        return piece.text;
      case 'identifier':
        return notation.identifier(piece.name);
      case 'qualified':
        return notation.qualified?.(piece.schema, piece.name) ?? qualified(piece, notation);
      case 'literal':
        return notation.literal(piece.text);
      case 'parameter':
        return notation.parameter(indexOf(piece.binding));
      default:
        return piece satisfies never;
    }
  });
  return { text: text.join(''), bindings };
}

function qualified({ schema, name }: { schema: string; name: string }, notation: Notation): string {
  return `${notation.identifier(schema)}.${notation.identifier(name)}`;
}

function make(pieces: readonly Piece[]): Sql {
  return { pieces } as Sql;
}
