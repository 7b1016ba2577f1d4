/** References to secrets: `${env:NAME}` and `${file:/run/secrets/x}`. Finds them; the engine alone resolves them. */

export type ReferencePart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string };

export type Reference = Exclude<ReferencePart, { kind: 'text' }>;

const reference = /\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|file:(\/[^{}\u0000-\u001f]+))\}/g;

/** Splits a text at its references. What is not one, such as `${HOME}`, stays text. */
export function parseReferences(text: string): ReferencePart[] {
  const parts: ReferencePart[] = [];
  let from = 0;
  for (const match of text.matchAll(reference)) {
    if (match.index > from) parts.push({ kind: 'text', text: text.slice(from, match.index) });
    const [whole, name, path] = match;
    parts.push(name === undefined ? { kind: 'file', path: path! } : { kind: 'env', name });
    from = match.index + whole.length;
  }
  if (from < text.length) parts.push({ kind: 'text', text: text.slice(from) });
  return parts;
}

export function hasReference(text: string): boolean {
  return parseReferences(text).some((part) => part.kind !== 'text');
}

/** The first `${…}` of a text that is no reference, with what is wrong; undefined when there is none. */
export function malformedReference(
  text: string,
): { readonly found: string; readonly hint: string } | undefined {
  const rest = parseReferences(text)
    .filter((part) => part.kind === 'text')
    .map((part) => part.text)
    .find((part) => part.includes('${'));
  if (rest === undefined) return undefined;
  const found = /\$\{[^}]{0,60}\}?/.exec(rest)![0];
  const name = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(found)?.[1];
  if (name) return { found, hint: `write \${env:${name}}` };
  if (/^\$\{file:[^/]/.test(found))
    return { found, hint: 'give the whole path, as in ${file:/run/secrets/name}' };
  return { found, hint: 'write ${env:NAME} or ${file:/run/secrets/name}' };
}

/** Whether a text that is no secret's place looks as if somebody expects it to be resolved. */
export function looksLikeReference(text: string): boolean {
  return /\$\{(env|file):/.test(text);
}

/**
 * Whether a connection URL carries a password, or a part of one, as plain text.
 * `postgres://app:${env:PASSWORD}@db/shop` does not.
 */
export function hasLiteralPassword(url: string): boolean {
  const text = withoutReferences(url, '');
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(text)?.[1];
  if (authority?.includes(':') && !authority.endsWith(':')) return true;
  return /[?&\s](password|passwd|pwd)=[^&\s]/i.test(text) || /^(password|passwd)=[^\s]/i.test(text);
}

/** The scheme of a URL (`postgres`), lower case; undefined when it is part of a reference or there is none. */
export function schemeOf(url: string): string | undefined {
  return /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
}

/** Whether a URL whose scheme is written out can be read, whatever its references hold. */
export function isReadableUrl(url: string): boolean {
  // `1` fits a user, a password, a host, a port and a path alike.
  return URL.canParse(withoutReferences(url, '1'));
}

function withoutReferences(text: string, replacement: string): string {
  return parseReferences(text)
    .map((part) => (part.kind === 'text' ? part.text : replacement))
    .join('');
}
