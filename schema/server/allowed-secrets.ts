/** Which secrets of the host a project may refer to: names of variables and paths of files, `*` at the end for the rest. Pure. */
import type { Reference } from '../reference.ts';

/** `SHOP_*`, `SHOP_URL`, `/run/secrets/shop/*`; no other place for `*`, and no way out of a folder. */
export const allowedSecretPattern = '^([A-Za-z_][A-Za-z0-9_]*\\*?|\\*|/[^*\\u0000-\\u001f{}]*\\*?)$';

/** Whether a list of patterns lets a project read what it refers to. An empty list lets it read nothing. */
export function allowsReference(allowed: readonly string[], reference: Reference): boolean {
  const name = reference.kind === 'env' ? reference.name : reference.path;
  if (reference.kind === 'file' && !isPlainPath(name)) return false;
  return allowed
    .filter((pattern) => pattern.startsWith('/') === (reference.kind === 'file'))
    .some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

/** Whether a path says where it leads, without `.`, `..` and `//`. */
export function isPlainPath(path: string): boolean {
  return (
    path.startsWith('/') &&
    !path
      .split('/')
      .slice(1, -1)
      .some((part) => part === '' || part === '.' || part === '..') &&
    !/\/\.{1,2}$/.test(path)
  );
}
