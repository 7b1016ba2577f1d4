/** What sockets need of a revision. */
import type { Authenticator } from '../../auth/authenticate.ts';
import type { Operated } from '../operate.ts';
import type { LiveQueries } from './live-queries.ts';

export interface LiveSurface extends Operated {
  /** The revision's id. */
  readonly revision: string;
  readonly authenticator: Authenticator;
  /** Whether a page of this origin may open a socket. */
  readonly allows: (origin: string) => boolean;
  /** Bytes of a message. */
  readonly maxMessage: number;
  readonly live: LiveQueries;
}

/** A surface, and a promise that its revision stays while a query or a mutation runs on it. */
export interface Serving {
  readonly surface: LiveSurface;
  acquire(): void;
  release(): void;
}
