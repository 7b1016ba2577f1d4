/** The compiled model of one project: what exists, how it is named, who may do what. Frozen data; knows no driver. */
import type { DatabaseConfig, GraphqlLimits, Verb } from '../../schema/project.ts';
import type { Catalog, Relation, Column as RelationColumn, Routine, Type } from '../catalog/catalog.ts';
import type { Condition, SetValue } from './condition.ts';

/** A column of an exposed table. */
export interface Column {
  /** Name in REST, tests and docs. */
  readonly name: string;
  /** Name in the database, exactly. */
  readonly column: string;
  /** Null: left out of GraphQL, because the name it would have is another's (a warning of the build names both). */
  readonly graphql: string | null;
  readonly type: Type;
  readonly nullable: boolean;
  readonly hidden: boolean;
  readonly description: string | null;
  /** The column as introspected: default, identity, generated. */
  readonly source: RelationColumn;
  /** There is a full-text index over this column alone (MySQL, MariaDB: without one it cannot be searched). */
  readonly searchable?: boolean;
  /** A computed field: this function of the row gives the value. It is read by its name alone, and never written. */
  readonly routine?: Routine;
  /** Of a computed field: the function (`Callable.name`) whose `execute` it needs. */
  readonly callable?: string;
}

/** A relationship from one exposed table to another. */
export interface Edge {
  readonly name: string;
  /** Null: left out of GraphQL, as `Column.graphql`. */
  readonly graphql: string | null;
  readonly kind: 'one' | 'many';
  readonly from: Table;
  readonly to: Table;
  /** Columns that must be equal; for many to many they lead to and from the junction. */
  readonly pairs: readonly { readonly near: Column; readonly far: Column }[];
  readonly through:
    | {
        readonly table: Table;
        readonly near: readonly { readonly near: Column; readonly far: Column }[];
        readonly far: readonly { readonly near: Column; readonly far: Column }[];
      }
    | undefined;
  /** A computed relationship: this function of the near row gives the far rows; `pairs` is empty. */
  readonly routine?: Routine;
  /** Of a computed relationship: as in `Column`. */
  readonly callable?: string;
  /** The foreign key it came from, when it did: REST hints name it. */
  readonly constraint: string | undefined;
  /** Named by the author in YAML: then its linking columns need not be readable. */
  readonly declared: boolean;
  readonly description: string | null;
}

export interface Table {
  /** Name under `tables:`: `books`, `personal.users`. */
  readonly name: string;
  /** REST profile (schema) and the name within it: `public`, `books`; `personal`, `users`. */
  readonly profile: string;
  readonly rest: string;
  readonly graphql: string;
  readonly database: string;
  readonly relation: Relation;
  readonly description: string | null;
  /** All columns by their API name in the database's order, hidden ones too; callers go through `World`. */
  readonly columns: ReadonlyMap<string, Column>;
  /** The same by database name. */
  readonly byDatabaseName: ReadonlyMap<string, Column>;
  /** Columns of the primary key or of `key:`; empty when there is none. */
  readonly key: readonly Column[];
  readonly edges: ReadonlyMap<string, Edge>;
  /** Computed fields by API name, whoever may execute them. */
  readonly computed: ReadonlyMap<string, Column>;
}

/** What one overload gives back. */
export type CallResult =
  | { readonly kind: 'void' }
  | { readonly kind: 'scalar'; readonly type: Type; readonly set: boolean }
  /**
   * `exposed`: the rows are those of this table of the project, and pass its `select` grant. Else `table` only describes
   * the columns that the function gives; it has no relation in the database, no key, no edges and no grants.
   */
  | { readonly kind: 'rows'; readonly table: Table; readonly exposed: boolean; readonly set: boolean }
  /** Rows whose columns only the call itself tells, or nothing. */
  | { readonly kind: 'records' };

export interface Overload {
  readonly routine: Routine;
  readonly result: CallResult;
}

/** A function that the project exposes. */
export interface Callable {
  /** Name under `functions:`. */
  readonly name: string;
  /** REST profile and the name within it, as of a table. */
  readonly profile: string;
  readonly rest: string;
  readonly database: string;
  readonly description: string | null;
  /** Not empty. */
  readonly overloads: readonly Overload[];
}

/** One part of a role's reading right: these columns of the rows where the condition is true. */
export interface Cells {
  readonly where: Condition;
  readonly columns: ReadonlySet<Column>;
}

export interface SelectGrant {
  /** A column is readable in a row when the `where` of some part that lists it is true. */
  readonly parts: readonly Cells[];
  /** Which rows are visible; implied by each part's `where`. */
  readonly rows: Condition;
  /** Columns that are not readable in every visible row, with the condition under which they are. */
  readonly guards: ReadonlyMap<Column, Condition>;
  readonly limit: number | undefined;
  readonly aggregate: boolean;
  /** Fewest rows that an aggregate tells of; 1: any. */
  readonly minGroup: number;
}

export interface InsertGrant {
  readonly columns: ReadonlySet<Column>;
  readonly set: ReadonlyMap<Column, SetValue>;
  readonly check: Condition;
}

export interface UpdateGrant {
  readonly columns: ReadonlySet<Column>;
  readonly set: ReadonlyMap<Column, SetValue>;
  readonly where: Condition;
  readonly check: Condition;
}

export interface DeleteGrant {
  readonly where: Condition;
}

/** One table as one role knows it. Present in a `World` only when the role has some grant on it. */
export interface WorldTable {
  readonly table: Table;
  readonly select: SelectGrant | undefined;
  readonly insert: InsertGrant | undefined;
  readonly update: UpdateGrant | undefined;
  readonly delete: DeleteGrant | undefined;
  /** Columns the role may read (in some row), by API name, in the database's order. Empty without `select`. */
  readonly columns: ReadonlyMap<string, Column>;
  /** Columns the role knows of by any grant: readable, insertable or updatable. */
  readonly known: ReadonlyMap<string, Column>;
  /** Relationships the role may follow, by name. */
  readonly edges: ReadonlyMap<string, Edge>;
  /** Computed fields that the role may read, by API name; `*` leaves them out. Empty without `select`. */
  readonly computed: ReadonlyMap<string, Column>;
}

/** All that exists for one role. What is not in it answers like what does not exist. */
export interface World {
  readonly role: string;
  /** By `Table.name`. */
  readonly tables: ReadonlyMap<string, WorldTable>;
  /** The table behind a REST path; `profile` undefined is the default profile. */
  readonly rest: (name: string, profile?: string) => WorldTable | undefined;
  /** Functions that the role may execute, by `Callable.name`. */
  readonly functions: ReadonlyMap<string, Callable>;
  /** The function behind `/rpc/<name>`; `profile` as in `rest`. */
  readonly rpc: (name: string, profile?: string) => Callable | undefined;
}

export interface Role {
  readonly name: string;
  readonly description: string | null;
  /** Whether GraphQL introspection and SDL answer this role. */
  readonly introspection: boolean;
  readonly limits: RoleLimits;
}

export interface Database {
  readonly name: string;
  /** Which dialect serves it. */
  readonly engine: DatabaseConfig['engine'];
  readonly catalog: Catalog;
}

/** Limits that a role may have of its own. */
export interface RoleLimits {
  /** Levels of embedded relationships. */
  readonly depth: number;
  /** Most that one request may cost. */
  readonly cost: number;
  readonly graphql: GraphqlLimits;
}

/** Of the project; see `limitsOf` for what holds for one role. */
export interface ApiLimits extends RoleLimits {
  /** Most rows of a list. */
  readonly rows: number;
  /** Most rows of a stream (NDJSON, CSV); undefined: all. */
  readonly export: number | undefined;
  /** Roles that may use `Prefer: tx=rollback`. */
  readonly dryRun: ReadonlySet<string>;
  /** Bytes of a body. */
  readonly body: number;
  readonly numbers: 'number' | 'string';
  readonly unfilteredWrites: boolean;
}

export interface Api {
  readonly project: string;
  readonly title: string;
  readonly description: string | null;
  readonly anonymous: string | undefined;
  readonly databases: ReadonlyMap<string, Database>;
  readonly roles: ReadonlyMap<string, Role>;
  readonly tables: ReadonlyMap<string, Table>;
  /** By name. */
  readonly functions: ReadonlyMap<string, Callable>;
  readonly limits: ApiLimits;
  /** The world of a declared role; made on first use, kept as long as the Api. Pure. */
  readonly world: (role: string) => World;
  /** Verbs a role was granted on a table, for docs and OPTIONS. */
  readonly granted: (role: string, table: string) => ReadonlySet<Verb>;
}
