/** What is sent to a peer for a work. */
import type { Work } from './data.ts';
import type { Peer } from './peers.ts';

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Taken in turn, so that a row is not asked for twice in a row. */
  readonly paths: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export function askOf(work: Work, peer: Peer, headers: Readonly<Record<string, string>>): Ask {
  const { write, whole } = work;
  const paths = work[peer.kind === 'handWritten' ? 'handWritten' : 'rest'].map((path) => peer.prefix + path);
  if (write !== undefined) {
    const { method, body } = write;
    return { method, paths, headers: { ...headers, 'content-type': 'application/json' }, body };
  }
  if (whole === undefined) return { method: 'GET', paths, headers };
  const accept = peer.kind === 'postgrest' ? whole.acceptOfPostgrest : whole.accept;
  return { method: 'GET', paths, headers: { ...headers, accept } };
}
