/** What every dialect gives: introspection, statements from authorized queries, pools, errors as problems. */
import type { DatabaseConfig } from '../../schema/project.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Problem } from '../problem/problem.ts';

/** SQL text and a name under which a connection may keep it prepared (undefined: do not keep). */
export interface Statement {
  readonly text: string;
  readonly name: string | undefined;
}

/** Values as the wire takes them: text, null, or lists of text for array parameters. */
export type Parameter = string | null | readonly (string | null)[];

/** Rows as lists of text (or null) in the order of the statement's columns. */
export interface Rows {
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows the statement touched, as the database counts them. */
  readonly affected: number;
}

export interface Transaction {
  run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows>;
}

export interface RunOptions {
  /** Ends the statement on the server when it fires (the caller has gone away). */
  readonly signal?: AbortSignal;
}

/**
 * A bounded pool of one database. Every rejection is a `Problem`: 503 unreachable or exhausted, 504 timed out, the
 * SQLSTATE of refused data, with no driver text in it (the driver's error is its `cause`).
 */
export interface Pool {
  run(statement: Statement, parameters: readonly Parameter[], options?: RunOptions): Promise<Rows>;
  /** Commits what `work` did when it resolves, rolls back when it rejects. */
  transaction<T>(
    work: (transaction: Transaction) => Promise<T>,
    options?: RunOptions & { readonly readOnly?: boolean },
  ): Promise<T>;
  /** For operators: connections open, idle, and requests waiting. */
  stats(): { readonly open: number; readonly idle: number; readonly waiting: number; readonly max: number };
  /** Waits for what runs, then closes. */
  close(): Promise<void>;
}

/** A database with its references resolved. */
export interface ConnectionSettings {
  readonly config: DatabaseConfig;
  /** The resolved connection URL; for an embedded database that of its local socket. */
  readonly url: string;
}

export interface Dialect {
  open(settings: ConnectionSettings): Pool;
  /** A fixed number of queries whatever the size; throws `Problem` when the database cannot be read. */
  introspect(pool: Pool, schemas: readonly string[] | undefined): Promise<Catalog>;
  /** Translates a driver's error once. Idempotent on a `Problem`. */
  toProblem(error: unknown): Problem;
}
