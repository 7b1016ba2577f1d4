/** The raw path of a request → what it names. Splits before decoding, so that `%2F` and `%2C` stay within a name. */
import { Problem } from '../problem/problem.ts';
import { decodePercent } from './parse/query.ts';

export type Target =
  | { readonly kind: 'root' }
  | { readonly kind: 'table'; readonly name: string; readonly key: string | undefined }
  | { readonly kind: 'function'; readonly name: string };

export interface Place {
  readonly target: Target;
  /** What follows the `?`, as it was sent. */
  readonly query: string;
}

export const prefix = '/rest/v1';

/**
 * Reads a URL below `/rest/v1`. Pure.
 *
 * @param url path and query as they were sent; Node's parser has refused bytes beyond ASCII
 * @throws {Problem} PGRST125 (404) no such path, PGRST100 (400) not percent-encoded UTF-8, 22021 (400) NUL
 */
export function readPlace(url: string): Place {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  return { target: readTarget(path), query: mark === -1 ? '' : url.slice(mark + 1) };
}

function readTarget(path: string): Target {
  if (!path.startsWith(`${prefix}/`)) {
    if (path === prefix) return { kind: 'root' };
    throw noSuchPath();
  }
  const from = prefix.length + 1;
  if (path.length === from) return { kind: 'root' };
  const slash = path.indexOf('/', from);
  if (slash === -1) return { kind: 'table', name: decodePercent(path.slice(from)), key: undefined };
  const name = decodePercent(path.slice(from, slash));
  const key = path.slice(slash + 1);
  if (name === 'rpc' && !key.includes('/')) return { kind: 'function', name: decodePercent(key) };
  if (key === '' || key.includes('/')) throw noSuchPath();
  return { kind: 'table', name, key };
}

function noSuchPath(): Problem {
  return new Problem('PGRST125', {
    message: 'Invalid path specified in request URL',
    hint: `Paths are ${prefix}/<table>, ${prefix}/<table>/<key> and ${prefix}/rpc/<function>; a slash within a key is %2F.`,
  });
}
