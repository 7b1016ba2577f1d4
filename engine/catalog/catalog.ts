/** The facts of one database that the engine binds to: relations, columns, keys, types. Data only; knows no driver. */

/** What a database can do, as data: upper layers ask here and never for an engine's name, once there are two to tell apart. */
export interface Capabilities {
  /** `INSERT|UPDATE|DELETE … RETURNING`. */
  readonly returning: boolean;
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
  /** Rounded to a power of ten, 0 when empty, null when the database does not know. */
  readonly rowEstimate: number | null;
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
  /** Hash (hex sha256) of everything the API depends on: not of comments' order, object ids or estimates. */
  readonly fingerprint: string;
}

/** A schema whose name has a dot is never read (a diagnostic says so), so the first dot always parts the two. */
export function relationKey(schema: string, name: string): string {
  return `${schema}.${name}`;
}
