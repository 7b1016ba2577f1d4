/** References to types as GraphQL writes them: `[books_order_by!]`. Pure. */

export type TypeRef =
  | { readonly kind: 'named'; readonly name: string }
  | { readonly kind: 'list'; readonly of: TypeRef }
  | { readonly kind: 'nonNull'; readonly of: TypeRef };

/** Reads a reference that GraphQL's grammar or this folder wrote; it is never malformed. */
export function parseTypeRef(text: string): TypeRef {
  if (text.endsWith('!')) return { kind: 'nonNull', of: parseTypeRef(text.slice(0, -1)) };
  if (text.startsWith('[')) return { kind: 'list', of: parseTypeRef(text.slice(1, -1)) };
  return { kind: 'named', name: text };
}

export function printTypeRef(type: TypeRef): string {
  switch (type.kind) {
    case 'named':
      return type.name;
    case 'list':
      return `[${printTypeRef(type.of)}]`;
    case 'nonNull':
      return `${printTypeRef(type.of)}!`;
    default:
      return type satisfies never;
  }
}
