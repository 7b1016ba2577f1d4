/** An address that is allowed, as Git is told of it. Pure. */
import { parseGitUrl } from '../../../schema/server/git-url.ts';
import { GitFailure } from './failure.ts';

/** As Git calls them. */
export type Transport = 'https' | 'http' | 'ssh' | 'file';

export interface RemoteAddress {
  readonly transport: Transport;
  /** `https://git.example.com:8443`, as it was written; '' where Git asks for no password. */
  readonly origin: string;
}

/** @throws {GitFailure} refused */
export function remoteOf(url: string): RemoteAddress {
  const read = parseGitUrl(url);
  if ('code' in read) throw new GitFailure('refused', read.message, read.hint);
  if (read.transport !== 'http') return { transport: read.transport, origin: '' };
  const [origin, scheme] = /^(https?):\/\/[^/]+/.exec(url) ?? [];
  // A URL may be written in capitals; Git would look for a program of that name.
  if (origin === undefined)
    throw new GitFailure('refused', 'The url does not begin with https:// as Git writes it.');
  return { transport: scheme as 'https' | 'http', origin };
}
