/** What every dialect gives: introspection, statements from authorized queries, pools, errors as problems. */
import type { DatabaseConfig } from '../../schema/project.ts';
import type { Table } from '../api/api.ts';
import type { Condition } from '../api/condition.ts';
import type { Capabilities, Catalog } from '../catalog/catalog.ts';
import type { Problem } from '../problem/problem.ts';
import type { Bound } from '../query/bind.ts';
import type { AuthorizedQuery } from '../query/query.ts';
import type { Copies, Filling, IdentityColumn, Memory } from './copies.ts';
import type { DescribeOptions, StatementEffect } from './effect.ts';
import type {
  Asked,
  Asking,
  Compiled,
  CompiledCall,
  CompiledPoll,
  CompiledStatement,
  CompiledWrite,
} from './program.ts';

/** SQL text and a name under which a connection may keep it prepared (undefined: do not keep). */
export interface Statement {
  readonly text: string;
  readonly name: string | undefined;
  /** Only the answer tells what its columns are, and is asked to. */
  readonly described?: boolean;
}

/** Values as the wire takes them: text, null, or lists of text for array parameters. */
export type Parameter = string | null | readonly (string | null)[];

/** Rows as lists of text (or null) in the order of the statement's columns. */
export interface Rows {
  readonly rows: readonly (readonly (string | null)[])[];
  /** Rows the statement touched, as the database counts them. */
  readonly affected: number;
  /** The number that the first row of an INSERT has been given by the database itself, or by its author. */
  readonly numbered?: string | undefined;
  /** Of a statement that is `described`; undefined: it gave no rows at all. */
  readonly columns?: readonly ResultColumn[] | undefined;
}

/** A column of which nothing was known before: its values are texts as an answer has them, and `form` is how JSON takes them. */
export interface ResultColumn {
  readonly name: string;
  readonly form: 'number' | 'boolean' | 'text' | 'json' | 'list';
}

export interface Transaction {
  run(statement: Statement, parameters: readonly Parameter[]): Promise<Rows>;
  /** Runs before the next statement, and travels with it. Nobody learns what it gives; when it fails, that one does. */
  prepend(statement: Statement, parameters: readonly Parameter[]): void;
}

export interface RunOptions {
  /** Ends the statement on the server when it fires (the caller has gone away). */
  readonly signal?: AbortSignal;
}

export interface TransactionOptions extends RunOptions {
  readonly readOnly?: boolean;
  /** `never`: what `work` did is undone, and its result given all the same. Default `yes`. */
  readonly commit?: 'yes' | 'never';
}

export interface StreamOptions extends RunOptions {
  /** Statements that run first in the same transaction, such as the caller's claims. */
  readonly before?: readonly { readonly statement: Statement; readonly parameters: readonly Parameter[] }[];
}

/** Takes some rows, at most some tens of kilobytes or one row that is longer. */
export type OnRows = (rows: Rows['rows']) => void | Promise<void>;

/** Takes the first columns of some rows as UTF-8, each with a line feed behind it; NULL is an empty line. */
export type OnText = (lines: Buffer, rows: number) => void | Promise<void>;

/**
 * A bounded pool of one database. Every rejection is a `Problem`: 503 unreachable or exhausted, 504 timed out, the
 * SQLSTATE of refused data, with no driver text in it (the driver's error is its `cause`).
 */
export interface Pool {
  /**
   * Runs a statement whose rows may be very many, in a transaction that only reads: hands them to `onRows` as they come and
   * waits for it before it takes more from the database, so that memory holds a batch and not the answer. The statement
   * timeout bounds each wait for the database, and counts no time in which the reader is waited for.
   *
   * Rejects as `run` does; some rows may have been handed over by then. With what `onRows` throws or rejects with, which
   * ends the statement, it rejects as it is.
   *
   * @returns how many rows there were, when the reader has taken the last of them
   */
  stream(
    statement: Statement,
    parameters: readonly Parameter[],
    onRows: OnRows,
    options?: StreamOptions,
  ): Promise<number>;
  /** As `stream`, for the first column alone: its bytes go on as the database sent them, no text is made of them. */
  streamText(
    statement: Statement,
    parameters: readonly Parameter[],
    onText: OnText,
    options?: StreamOptions,
  ): Promise<number>;
  run(statement: Statement, parameters: readonly Parameter[], options?: RunOptions): Promise<Rows>;
  /**
   * Commits what `work` did when it resolves, rolls back when it rejects. Where the database has undone all of it for
   * another transaction's sake, `work` may be run again: it keeps nothing of an earlier run.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /** What a journal holds, without changing the database: empty when there is no journal yet. */
  journal(key: JournalKey): Promise<readonly JournalEntry[]>;
  /**
   * Lends `work` a connection of its own that holds the database's migration lock, with no statement timeout. Whoever
   * comes second waits, at most `waitMs`; `onWait` is called once when it must.
   */
  migrate<T>(work: (session: MigrationSession) => Promise<T>, options?: MigrateOptions): Promise<T>;
  /** For operators: connections open, idle, and requests waiting. */
  stats(): { readonly open: number; readonly idle: number; readonly waiting: number; readonly max: number };
  /** Waits for what runs, then closes. */
  close(): Promise<void>;
}

/** Whose journal: several projects may keep theirs in one database. */
export interface JournalKey {
  /** The project's slug. */
  readonly project: string;
  /** The name under `databases:`. */
  readonly database: string;
}

/** One script that was run. */
export interface JournalEntry {
  readonly kind: 'migration' | 'seed';
  /** `NNNN_name` of a migration, the file's name without `.sql` of a seed. */
  readonly name: string;
  /** Hex sha256 of the whole script; of an unfinished one, of the statements that were run. */
  readonly checksum: string;
  /** Statements that were run, when some of a script outside a transaction were not; null when all were. */
  readonly unfinishedAt: number | null;
  /** ISO 8601, UTC. */
  readonly appliedAt: string;
}

export interface Script {
  readonly kind: JournalEntry['kind'];
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** False: each statement by itself, journalled one by one; for what cannot run inside a transaction. */
  readonly transaction: boolean;
}

/** One connection, alone with a database's journals. */
export interface MigrationSession {
  journal(key: JournalKey): Promise<readonly JournalEntry[]>;
  /**
   * Runs a script and journals it, both or neither; where DDL commits by itself, each statement that does so and each group of
   * others between them. Settings that it changes do not outlive it.
   *
   * @throws {ScriptError} the database refused it, with the place; or an earlier run broke off inside a statement, and nothing
   *   tells what came of it
   */
  apply(key: JournalKey, script: Script, settings?: ApplySettings): Promise<void>;
}

export interface ApplySettings {
  /** What the operator says of the statement inside which an earlier run broke off. */
  readonly interrupted?: 'done' | 'undone';
}

export interface MigrateOptions extends RunOptions {
  /** Milliseconds. Default 10 minutes. */
  readonly waitMs?: number;
  readonly onWait?: () => void;
}

/** What `CompiledCall` describes; `columns`: names in the answer, also of rows whose columns only the call tells. */
export interface Called {
  readonly columns: readonly string[];
  readonly rows: Rows['rows'];
}

/** A database with its references resolved. */
export interface ConnectionSettings {
  readonly config: DatabaseConfig;
  /** The resolved connection URL; for an embedded database that of its local socket. */
  readonly url: string;
}

export type { Copies, Copy, Filling, IdentityColumn, Memory } from './copies.ts';

export interface Dialect {
  open(settings: ConnectionSettings): Pool;
  /** A fixed number of queries whatever the size; throws `Problem` when the database cannot be read. */
  introspect(pool: Pool, schemas: readonly string[] | undefined): Promise<Catalog>;
  /** One light query whose text changes when DDL changed anything that `introspect` reads. */
  poll(pool: Pool, schemas: readonly string[] | undefined): Promise<string>;
  /** Translates a driver's error once. Idempotent on a `Problem`. */
  toProblem(error: unknown): Problem;
  /** Pure: the text depends on the query's shape, the role's grant and what the database can do alone. */
  compile(query: AuthorizedQuery, capabilities: Capabilities): Compiled;
  /** Pure: a policy by itself, as statements ask it of rows of the table, whose alias is its name. To be shown, not run. */
  condition(condition: Condition, table: Table, capabilities: Capabilities): CompiledStatement;
  /** The same read for many callers at once, `arrivals` where it tells its last row; undefined: not of this kind of query. */
  compilePoll(query: AuthorizedQuery, capabilities: Capabilities): CompiledPoll | undefined;
  /** Pure: the statements that ask for all of them, in order. */
  ask(poll: CompiledPoll, asked: readonly Asked[]): readonly Asking[];
  /**
   * Runs a call in a transaction that it is given.
   *
   * @param parameters of all its bindings, in their order
   */
  call(transaction: Transaction, call: CompiledCall, parameters: readonly Bound[]): Promise<Called>;
  /**
   * Runs a write in a transaction that it is given.
   *
   * @param parameters of all its bindings, in their order
   * @returns the one row that `CompiledWrite` describes
   */
  write(
    transaction: Transaction,
    write: CompiledWrite,
    parameters: readonly Bound[],
  ): Promise<readonly (string | null)[] | undefined>;
  /** How many rows the database expects, from what a read's `estimate` gave; undefined when it does not say. */
  estimated(rows: Rows['rows']): number | undefined;
  /** Makes claims and request facts readable to defaults, triggers and functions until the transaction ends. */
  claims(settings: ReadonlyMap<string, string>): {
    readonly statement: Statement;
    readonly parameters: readonly Parameter[];
  };
  /**
   * Databases for a while, beside that of the settings and on its server. Nothing is made before the first `open`.
   *
   * @param filling undefined: they are copies of the database as it is
   */
  copies(settings: ConnectionSettings, filling: Filling | undefined): Copies;
  /** How a database stands now, to bring it back in place; of one that nobody else uses, as its owner. */
  remember(pool: Pool): Promise<Memory>;
  /** Pure: statements after which identity columns take values of an INSERT, or do not. */
  identities(columns: readonly IdentityColumn[], form: 'always' | 'by default'): readonly Statement[];
  /**
   * What each statement of a migration does to a database that is in use, told from its text alone. Pure; never throws: of what
   * cannot be read it says so, statement by statement.
   */
  describe(sql: string, options?: DescribeOptions): readonly StatementEffect[];
  /** Which constraint was violated, when that is what a problem is about; who may learn its name is decided above. */
  constraintOf(problem: Problem): ConstraintPlace | undefined;
}

/** Names in the database. */
export interface ConstraintPlace {
  readonly schema: string | undefined;
  readonly relation: string | undefined;
  readonly constraint: string | undefined;
  readonly column: string | undefined;
}
