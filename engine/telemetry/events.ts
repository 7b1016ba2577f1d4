/** Everything the engine reports of its own running, as one union. Log and metrics (later analytics, quotas, audit) read it. */

export type Surface = 'rest' | 'graphql' | 'openapi' | 'docs' | 'operator' | 'other';

/** Milliseconds. `total` ends with the last byte; the others are undefined where the request did not come so far. */
export interface Durations {
  readonly total: number;
  readonly plan: number | undefined;
  readonly db: number | undefined;
}

/** One for each request. Holds no token, no query string, no body and no value of a row. */
export interface RequestEvent {
  readonly kind: 'request';
  readonly requestId: string;
  /** Undefined where the path names none. */
  readonly project: string | undefined;
  readonly revision: string | undefined;
  readonly surface: Surface;
  readonly method: string;
  /** The pattern of the route (`/rest/v1/:table/:key`), never the path: a path holds keys. */
  readonly route: string | undefined;
  readonly table: string | undefined;
  readonly role: string | undefined;
  /** Tells callers apart without naming them. */
  readonly subjectHash: string | undefined;
  readonly status: number;
  /** The problem's code, when the answer was one. */
  readonly code: string | undefined;
  /** Sent, headers included. */
  readonly bytes: number;
  /** The caller went away before the answer was whole. */
  readonly aborted: boolean;
  readonly durations: Durations;
  /** What really happened behind a status of 500 and above. For the log alone. */
  readonly cause: unknown;
}

/** What happens on sockets, beside the project it belongs to. Holds no token, no document and no value. */
export type SocketEvent =
  /** One for each operation over a socket, at its end. */
  | {
      readonly kind: 'operation';
      /** Of the request that opened the socket. */
      readonly requestId: string;
      readonly revision: string | undefined;
      /** Undefined: the document was not understood. */
      readonly operation: 'query' | 'mutation' | 'subscription' | undefined;
      readonly role: string | undefined;
      /** The problem's code, when it ended with one. */
      readonly code: string | undefined;
      readonly answers: number;
      readonly ms: number;
    }
  /** One for each socket, at its end. */
  | {
      readonly kind: 'socket';
      readonly requestId: string;
      readonly revision: string | undefined;
      readonly role: string | undefined;
      /** With which it was closed. */
      readonly code: number;
      readonly operations: number;
      readonly ms: number;
    }
  | { readonly kind: 'fault'; readonly message: string; readonly cause: unknown }; // biome-ignore format: one case a line

export type OperationalEvent =
  | RequestEvent
  | (Exclude<SocketEvent, { kind: 'fault' }> & { readonly project: string })
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'stopping'; readonly signal: string; readonly running: number }
  | { readonly kind: 'stopped' }
  | { readonly kind: 'reconciling'; readonly project: string; readonly phase: string }
  | {
      readonly kind: 'applied';
      readonly project: string;
      readonly revision: string;
      readonly previous: string | undefined;
      readonly ms: number;
    }
  | {
      readonly kind: 'migrated';
      readonly project: string;
      readonly database: string;
      readonly file: string;
      readonly ms: number;
    }
  | {
      readonly kind: 'rejected';
      readonly project: string;
      /** `BuildFailed`, `MigrationFailed`… */
      readonly reason: string;
      readonly errors: number;
      readonly serving: string | undefined;
    }
  | {
      readonly kind: 'retired';
      readonly project: string;
      readonly revision: string;
      /** False: the deadline passed while requests were still running. */
      readonly drained: boolean;
      readonly ms: number;
    }
  | {
      readonly kind: 'database';
      readonly project: string;
      readonly database: string;
      readonly reachable: boolean;
      readonly message: string | undefined;
      /** What the driver said; undefined: nothing, or the database is reachable again. */
      readonly reason: string | undefined;
    }
  /** Somebody asked something of a project that is served from Git. Holds no token. */
  | {
      readonly kind: 'operation-asked';
      readonly requestId: string;
      readonly project: string;
      /** `sync`, `rollback`… */
      readonly operation: string;
      /** `operator ops`, `github acme/apis@refs/heads/main`. */
      readonly by: string;
      /** Of the operation; undefined: it was refused. */
      readonly id: string | undefined;
      /** `accepted`, or why it was refused: `suspended`, `busy`… */
      readonly result: string;
    }
  /** A forge told of a push, or somebody in its name. */
  | {
      readonly kind: 'webhook';
      readonly requestId: string;
      readonly source: string;
      readonly result: 'accepted' | 'duplicate' | 'ping' | 'refused';
    }
  /** GitHub was not told what became of a commit, or of a database. */
  | {
      readonly kind: 'report-refused';
      readonly project: string;
      /** `commit status`, `deployment`, `contents`, `pull request`. */
      readonly subject: string;
      /** Of GitHub's answer; undefined: there was none. */
      readonly status: number | undefined;
      readonly message: string;
      /** What to do, such as which permission the token lacks. */
      readonly hint: string;
    }
  /** What has become of the secret or the keys of an issuer. Holds none of them. */
  | {
      readonly kind: 'issuer';
      /** Undefined: an issuer of pipelines, that a source of server.yaml trusts. */
      readonly project: string | undefined;
      /** The `iss` of its tokens. */
      readonly issuer: string;
      /** Whether its tokens can be checked. */
      readonly usable: boolean;
      readonly message: string;
      readonly cause: unknown;
    }
  /** The store in which several engines agree: while it cannot be reached none of them migrates or reports. */
  | { readonly kind: 'control'; readonly reachable: boolean; readonly cause: unknown }
  /** Whether this engine, of several, is the one that migrates and reports. */
  | { readonly kind: 'leading'; readonly leads: boolean }
  /** A fault that no request saw: a watcher, a poll, a docs build. */
  | {
      readonly kind: 'fault';
      readonly project: string | undefined;
      readonly message: string;
      readonly cause: unknown;
    }; // biome-ignore format: one case a line

export type Emit = (event: OperationalEvent) => void;
