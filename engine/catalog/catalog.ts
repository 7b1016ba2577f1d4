/** The facts of one database that the engine binds to: relations, columns, keys, types. Data only; knows no driver. */

/** What a database can do, as data: upper layers and dialects ask here and never for an engine's name. */
export interface Capabilities {
  /** `INSERT … RETURNING`. */
  readonly returning: boolean;
  /** A subquery in FROM may name columns of what stands around it. */
  readonly lateral: boolean;
  readonly arrays: boolean;
  readonly ranges: boolean;
  readonly fullText: boolean;
  /** Several statements of DDL can be rolled back together. */
  readonly transactionalDdl: boolean;
}

/** What a value of a type is, whatever the engine: decides how values are checked and which operators apply. */
export type Family =
  | 'boolean' | 'integer' | 'decimal' | 'float' | 'string' | 'uuid' | 'date' | 'time' | 'timestamp' | 'interval'
  | 'json' | 'binary' | 'enum' | 'array' | 'range' | 'composite' | 'other'; // biome-ignore format: a list

export interface Type {
  /** Schema and name by which SQL can name the type exactly (`pg_catalog`, `int4`; `public`, `order_status`). */
  readonly schema: string;
  readonly name: string;
  /** Modifiers as the database prints them, in parentheses: `(10,2)`, `(20)`; empty when none. */
  readonly modifiers: string;
  readonly family: Family;
  /** Name of the scalar in the API: `int4`, `numeric`, `timestamptz`, `order_status`; of an array: its element's. */
  readonly scalar: string;
  /** Bits of an `integer` (16, 32, 64) or `float` (32, 64). */
  readonly bits?: number;
  readonly unsigned?: boolean;
  /** Labels of an `enum`, in order. */
  readonly labels?: readonly string[];
  /** Of an `array`. */
  readonly element?: Type;
  /** The type under a domain; `family`, `scalar`… are already the base's. */
  readonly base?: Type;
  /** Reading its text looks names up in the database (`regclass`): callers may neither compare nor write it. */
  readonly lookup?: boolean;
  /** For `json`: the text is kept byte by byte (`json` rather than `jsonb`). */
  readonly verbatim?: boolean;
}

export interface Column {
  readonly name: string;
  readonly type: Type;
  readonly nullable: boolean;
  /** The default as SQL text; null when none. Never run by the engine, shown in docs. */
  readonly default: string | null;
  readonly identity: 'always' | 'by default' | null;
  readonly generated: boolean;
  /** Computed when it is read (a view's, a virtual generated column): reading it may raise, and so tell of its row. */
  readonly computed?: boolean;
  /** Different texts may be equal under its collation (Postgres: a nondeterministic one): patterns may be refused. */
  readonly nondeterministic?: boolean;
  /** Its collation, where a value that it is compared with must be given the same by name (MySQL, MariaDB). */
  readonly collation?: string;
  readonly comment: string | null;
}

export interface Key {
  readonly name: string;
  readonly columns: readonly string[];
}

export interface ForeignKey extends Key {
  readonly target: {
    readonly schema: string;
    readonly relation: string;
    readonly columns: readonly string[];
  };
}

export interface Index extends Key {
  readonly unique: boolean;
  readonly method: string;
  /** A predicate or an expression is part of it, so it proves no uniqueness of `columns`. */
  readonly partial: boolean;
}

export type RelationKind = 'table' | 'partitioned' | 'view' | 'materialized-view' | 'foreign';

export interface Relation {
  readonly schema: string;
  readonly name: string;
  readonly kind: RelationKind;
  readonly comment: string | null;
  /** In the order of the database. */
  readonly columns: ReadonlyMap<string, Column>;
  readonly primaryKey: Key | null;
  /** Unique constraints and non-partial unique indexes over plain columns, without the primary key. */
  readonly uniques: readonly Key[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly indexes: readonly Index[];
  readonly insertable: boolean;
  readonly updatable: boolean;
  readonly deletable: boolean;
  readonly rowSecurity: boolean;
  /** Enabled triggers that users made. */
  readonly triggers: boolean;
  /** What is read depends on who asks: a view or a policy of row security asks for settings or calls a function of users. */
  readonly asksSession: boolean;
  /** Rounded to a power of ten, 0 when empty, null when the database does not know. */
  readonly rowEstimate: number | null;
}

/** An argument that a caller may give: `OUT` arguments are not listed. */
export interface Argument {
  /** Null when the function names it not: then it can only be given alone, as the whole body. */
  readonly name: string | null;
  readonly type: Type;
  /** It has a default: a call may leave it out. `VARIADIC` alone does not do that: Postgres wants one value at least. */
  readonly optional: boolean;
  /** `VARIADIC`: `type` is the array. */
  readonly variadic: boolean;
}

/** What a call gives back. One `OUT` argument that is no composite is a scalar; so is a domain over a composite. */
export type RoutineResult =
  | { readonly kind: 'void' }
  | { readonly kind: 'scalar'; readonly type: Type; readonly set: boolean }
  /** `relation`: the rows are those of this table or view, in whatever schema it is; else columns of the function's own. */
  | {
      readonly kind: 'rows';
      readonly set: boolean;
      readonly columns: ReadonlyMap<string, Type>;
      readonly relation: { readonly schema: string; readonly name: string } | null;
    }
  /** Rows whose columns only the call itself tells, or nothing: a procedure's result set. */
  | { readonly kind: 'records' };

/**
 * One function, one entry for each overload; a procedure where its rows can be had. Aggregates, window functions and
 * triggers are not listed.
 */
export interface Routine {
  readonly schema: string;
  readonly name: string;
  readonly comment: string | null;
  readonly arguments: readonly Argument[];
  readonly result: RoutineResult;
  /** `volatile` functions may write. */
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  /** Runs with its owner's rights (`SECURITY DEFINER`). */
  readonly definer: boolean;
  /** A set that its author says has one row (`ROWS 1`): then a computed relationship is to one. */
  readonly oneRow: boolean;
  /**
   * Names of all parameters in the order of a call, also of those that only give (columns of the result), where a call
   * cannot name them; undefined: they are the arguments.
   */
  readonly parameters?: readonly string[];
}

export interface Catalog {
  /** `postgres`, `mysql`, `mariadb`: to print and to record, never to branch on. */
  readonly engine: string;
  readonly version: string;
  readonly capabilities: Capabilities;
  /** Schemas of the project in its order; the first is the default profile. */
  readonly schemas: readonly string[];
  /** By `relationKey`, in bytewise order of schema and name. */
  readonly relations: ReadonlyMap<string, Relation>;
  /** Overloads by `relationKey` of their schema and name, in the order of their arguments' types. */
  readonly routines: ReadonlyMap<string, readonly Routine[]>;
  /** Hash (hex sha256) of everything the API depends on: not of comments' order, object ids or estimates. */
  readonly fingerprint: string;
}

/** A schema whose name has a dot is never read (a diagnostic says so), so the first dot always parts the two. */
export function relationKey(schema: string, name: string): string {
  return `${schema}.${name}`;
}
