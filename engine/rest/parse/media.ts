/** `Accept` and `Content-Type` → the form of the answer and of the body. */
import { Problem } from '../../problem/problem.ts';
import { notServed, shorten } from './cursor.ts';

/** `list`: an array of rows; `object`: one row, or 406. */
export interface Media {
  readonly shape: 'list' | 'object';
  readonly contentType: string;
}

const json: Media = Object.freeze({ shape: 'list', contentType: 'application/json; charset=utf-8' });
const object: Media = Object.freeze({
  shape: 'object',
  contentType: 'application/vnd.pgrst.object+json; charset=utf-8',
});
const array: Media = Object.freeze({
  shape: 'list',
  contentType: 'application/vnd.pgrst.array+json; charset=utf-8',
});

const served: ReadonlyMap<string, Media> = new Map([
  ['application/json', json],
  ['application/vnd.pgrst.object+json', object],
  ['application/vnd.pgrst.object', object],
  ['application/vnd.pgrst.array+json', array],
  ['application/vnd.pgrst.array', array],
  ['*/*', json],
  ['application/*', json],
]);

/**
 * The form that the caller likes best among those served. Pure.
 *
 * @throws {Problem} PGRST107 (406) none is served; NS501 `nulls=stripped`
 */
export function parseAccept(header: string | undefined): Media {
  if (header === undefined || header === '') return json;
  const whole = served.get(header);
  if (whole !== undefined) return whole;
  let best: Media | undefined;
  let bestQuality = 0;
  for (const part of header.split(',')) {
    const { type, parameters } = splitType(part);
    const media = served.get(type);
    if (media === undefined) continue;
    if (parameters.some((parameter) => parameter === 'nulls=stripped'))
      throw notServed('nulls=stripped is', 'Leave it out of Accept.');
    const quality = readQuality(parameters);
    if (quality > bestQuality) {
      best = media;
      bestQuality = quality;
    }
  }
  if (best !== undefined) return best;
  throw new Problem('PGRST107', {
    status: 406,
    message: `None of these media types are available: ${shorten(header)}`,
    hint: 'Accept application/json or application/vnd.pgrst.object+json.',
  });
}

function splitType(text: string): { readonly type: string; readonly parameters: readonly string[] } {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase());
  return { type, parameters };
}

function readQuality(parameters: readonly string[]): number {
  const quality = parameters.find((parameter) => parameter.startsWith('q='));
  if (quality === undefined) return 1;
  const number = Number(quality.slice(2));
  return number >= 0 && number <= 1 ? number : 0;
}

const jsonBodies: ReadonlySet<string> = new Set([
  'application/json',
  'application/vnd.pgrst.object+json',
  'application/vnd.pgrst.array+json',
]);

/**
 * Refuses a body that is not JSON in UTF-8. No header means JSON. Pure.
 *
 * @throws {Problem} PGRST107 (415)
 */
export function checkContentType(header: string | undefined): void {
  if (header === undefined || header === 'application/json') return;
  const { type, parameters } = splitType(header);
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length);
  const utf8 = charset === undefined || charset.replaceAll('"', '') === 'utf-8' || charset === 'utf8';
  if (jsonBodies.has(type) && utf8) return;
  throw new Problem('PGRST107', {
    status: 415,
    message: `Content-Type not acceptable: ${shorten(header)}`,
    hint: 'Send application/json in UTF-8.',
  });
}
