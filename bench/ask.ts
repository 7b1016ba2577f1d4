/** What is sent to a peer for a work. */
import type { Work } from './data.ts';
import type { Peer, PeerKind } from './peers.ts';

export interface Ask {
  readonly method: 'GET' | 'POST' | 'PATCH';
  /** Taken in turn, so that a row is not asked for twice in a row. */
  readonly turns: readonly Turn[];
  readonly headers: Readonly<Record<string, string>>;
}

export interface Turn {
  readonly path: string;
  readonly body?: string;
}

/** Whose work it is, the one that is compared with the others first. */
export function kindsOf({ documents }: Work): readonly PeerKind[] {
  return documents === undefined
    ? ['rest', 'handWritten', 'postgrest']
    : ['graphql', 'rest', 'postgraphile', 'platformatic'];
}

export function askOf(work: Work, peer: Peer, headers: Readonly<Record<string, string>>): Ask {
  switch (peer.kind) {
    case 'graphql':
    case 'postgraphile':
    case 'platformatic': {
      const { query, variables = [{}] } = work.documents![peer.kind];
      const turns = variables.map((one) => ({
        path: peer.prefix,
        body: JSON.stringify({ query, variables: one }),
      }));
      return { method: 'POST', turns, headers: { ...headers, ...json } };
    }
    case 'rest':
    case 'postgrest':
      return restOf(work, work.rest, peer, headers);
    case 'handWritten':
      return restOf(work, work.handWritten!, peer, headers);
    default:
      return peer.kind satisfies never;
  }
}

const json = { 'content-type': 'application/json' };

function restOf(
  { write, whole, accept }: Work,
  paths: readonly string[],
  peer: Peer,
  headers: Readonly<Record<string, string>>,
): Ask {
  const turns = paths.map((path) => ({ path: peer.prefix + path }));
  if (write !== undefined) {
    const { method, body, prefer } = write;
    const asked = { ...headers, ...json, ...(prefer === undefined ? null : { prefer }) };
    return { method, turns: turns.map((turn) => ({ ...turn, body })), headers: asked };
  }
  const ofWhole = peer.kind === 'postgrest' ? whole?.acceptOfPostgrest : whole?.accept;
  const asked = ofWhole ?? accept;
  return {
    method: 'GET',
    turns,
    headers: { ...headers, ...(asked === undefined ? null : { accept: asked }) },
  };
}
