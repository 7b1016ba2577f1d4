/** `ETag`: one text for one body, so that what has not changed need not be sent, or is not overwritten unseen. */
import { hash } from 'node:crypto';

/** A strong tag: other bytes are another tag. */
export function etagOf(body: string): string {
  return `"${hash('sha1', body, 'base64url')}"`;
}

/** Whether a list of tags, as `If-Match` and `If-None-Match` have it, names this one. `*` names all. Pure. */
export function namesTag(header: string, etag: string): boolean {
  if (header.trim() === '*') return true;
  return header.split(',').some((part) => part.trim().replace(/^W\//, '') === etag);
}
