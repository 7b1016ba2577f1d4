/** `ETag`: one text for one body, so that what has not changed need not be sent, or is not overwritten unseen. */
import { hash } from 'node:crypto';

/** A strong tag: other bytes are another tag. */
export function etagOf(body: string): string {
  return `"${hash('sha1', body, 'base64url')}"`;
}

/**
 * Whether a list of tags, as `If-Match` and `If-None-Match` have it, names this one. `*` names all. Pure.
 *
 * @param comparison RFC 9110, 8.8.3.2: `strong` takes no tag that somebody on the way has weakened
 */
export function namesTag(header: string, etag: string, comparison: 'strong' | 'weak'): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((part) => {
    const tag = part.trim();
    return (comparison === 'weak' ? tag.replace(/^W\//, '') : tag) === etag;
  });
}
