/** `cors`: which web pages may call. */
import type { Draft } from '../draft.ts';
import type { Project } from '../project.ts';
import { list, object, text } from '../shape.ts';

export const cors = object(
  {
    origins: list(
      text('"*", or an origin such as https://shop.example.eu.', {
        pattern: '^(\\*|https?://[^/\\s?#@]+|[a-z][a-z0-9+.-]*://[^/\\s?#@]+)$',
        expects: '"*" or an origin such as https://shop.example.eu, without a path',
      }),
      'Origins that may call. Default: every one ("*").',
    ),
  },
  'Which web pages may call. Credentials are never allowed.',
);

export function readCors(draft: Draft): Project['cors'] {
  return { origins: draft.read(['cors'], cors)?.origins ?? ['*'] };
}
