/** Databases made for a while: copies of one that is filled once, each brought back to how it was after its use. */

/** One copy. Whoever uses it has closed all connections before `renew`. */
export interface Copy {
  /** Another one after a `renew` that made the copy anew. */
  readonly url: string;
  /** Brings back what it held at first: rows, and what numbers come next. */
  renew(): Promise<void>;
}

/**
 * Copies beside a database, on its server. The database itself is connected to and never written.
 * Rejects with a `Problem`: 42501 its user may not create databases, 0A000 the scripts would reach beyond the copy.
 */
export interface Copies {
  open(): Promise<Copy>;
  /** Drops all that were made. Idempotent. */
  close(): Promise<void>;
}

export interface Filling {
  /** Files that `fill` runs, to be looked through first where a script can name other databases of the server. */
  readonly scripts: readonly { readonly file: string; readonly sql: string }[];
  /** Brings an empty database to where each copy begins. May run once for all copies, or once for each. */
  readonly fill: (url: string) => Promise<void>;
}

/** A database as it stands, to which it can be brought back in place. */
export interface Memory {
  restore(): Promise<void>;
}

/** An identity column that takes no value of a caller. */
export interface IdentityColumn {
  readonly schema: string;
  readonly relation: string;
  readonly column: string;
}

/** Begins the name of each. */
export const copyPrefix = 'novastack_test_';
