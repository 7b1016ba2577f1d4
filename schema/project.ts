/** The typed project: what all files of one folder say together, merged, validated and frozen. Knows no database. */
import type { Source } from './diagnostic.ts';
import type { SourceFile } from './folder.ts';
import type { Literal, Operand, Path, Predicate } from './predicate.ts';

/** `engine` as declared; `url` and other references are still references: the engine alone resolves them. */
export interface DatabaseConfig {
  readonly name: string;
  readonly engine: 'postgres' | 'mysql' | 'embedded';
  /** Text with `${env:…}` / `${file:…}` in it; absent for `embedded`. */
  readonly url: string | undefined;
  /** In the order written; the first is the default profile. Undefined: `public`, or the database of a MySQL url. */
  readonly schemas: readonly string[] | undefined;
  readonly searchPath: readonly string[];
  /** Folder relative to the project's folder. */
  readonly migrations: string | undefined;
  readonly seeds: string | undefined;
  readonly pool: {
    readonly max: number;
    readonly acquireMs: number;
    readonly idleMs: number;
    readonly lifetimeMs: number;
    readonly mode: 'session' | 'transaction';
  };
  readonly timeoutMs: number;
  readonly replicas: readonly string[];
  readonly region: string | undefined;
}

/** One trusted issuer. `issuer`, `audience`, `jwks` and `secret` may hold references. Exactly one of `jwks`, `secret`. */
export interface JwtConfig {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: string | undefined;
  readonly secret: string | undefined;
  /** Keys from the root of the claims to the role; default `['role']`. */
  readonly role: readonly string[];
  readonly roles: readonly string[] | undefined;
  readonly defaultRole: string | undefined;
}

export interface AuthConfig {
  readonly anonymous: string | undefined;
  readonly jwt: readonly JwtConfig[];
}

export interface RoleConfig {
  readonly name: string;
  readonly inherits: readonly string[];
  readonly description: string | undefined;
  readonly introspection: boolean;
  readonly everything: boolean;
  readonly limits: RoleLimits;
}

export interface ColumnConfig {
  readonly description: string | undefined;
  /** Another name in the API. */
  readonly name: string | undefined;
  readonly hidden: boolean;
  /** It holds personal data: whoever gains it is a finding of its own. */
  readonly personal: boolean;
  readonly type: string | undefined;
}

/** A relationship as declared; `false` removes a derived one. Columns are database names, tables are names under `tables:`. */
export type RelationshipConfig =
  | false
  | { readonly kind: 'one'; readonly columns: readonly string[]; readonly to: FarEnd; readonly description: string | undefined }
  | { readonly kind: 'many'; readonly from: { readonly table: string; readonly columns: readonly string[] }; readonly description: string | undefined }
  | {
      readonly kind: 'through';
      readonly through: { readonly table: string; readonly from: readonly string[] | undefined; readonly to: readonly string[] | undefined };
      readonly to: string;
      readonly description: string | undefined;
    }; // biome-ignore format: one case a line

/** `columns` undefined: the primary key of the far table. */
export interface FarEnd {
  readonly table: string;
  readonly columns: readonly string[] | undefined;
}

export interface SelectPermission {
  /** Database names, readable in all rows of `where`; `'*'` is every column that is neither hidden nor in `when`. */
  readonly columns: '*' | readonly string[];
  /** Columns that are readable where their predicate is true as well, and null elsewhere. */
  readonly when: ReadonlyMap<string, Predicate>;
  /** Whether the columns are written as a map, so that a name is a key there and not an item. */
  readonly keyed: boolean;
  /** Undefined: all rows. */
  readonly where: Predicate | undefined;
  readonly limit: number | undefined;
  readonly aggregate: boolean;
  /** Fewest rows that an aggregate tells of; 1: any. */
  readonly minGroup: number;
}
export interface InsertPermission {
  readonly columns: '*' | readonly string[];
  readonly set: ReadonlyMap<string, Operand>;
  /** Undefined: nothing is checked. */
  readonly check: Predicate | undefined;
}
export interface UpdatePermission {
  readonly columns: '*' | readonly string[];
  readonly set: ReadonlyMap<string, Operand>;
  readonly where: Predicate | undefined;
  /** Undefined: `where` again, on the new row. */
  readonly check: Predicate | undefined;
}
export interface DeletePermission {
  readonly where: Predicate | undefined;
}

/** A verb that is not granted is undefined; `select: true` is columns `'*'`, no `where`, aggregates. */
export interface TablePermission {
  readonly select: SelectPermission | undefined;
  readonly insert: InsertPermission | undefined;
  readonly update: UpdatePermission | undefined;
  readonly delete: DeletePermission | undefined;
}

export interface TableConfig {
  readonly name: string;
  /** Undefined: the project's only database. The loader has resolved it when there is one. */
  readonly database: string;
  /** As written; undefined: `name` stands for it. Split at the first dot; without a dot, in the first schema. */
  readonly relation: string | undefined;
  readonly key: readonly string[] | undefined;
  readonly description: string | undefined;
  readonly columns: ReadonlyMap<string, ColumnConfig>;
  readonly relationships: ReadonlyMap<string, RelationshipConfig>;
  readonly permissions: ReadonlyMap<string, TablePermission>;
}

export interface FunctionConfig {
  readonly name: string;
  readonly function: string | undefined;
  readonly database: string;
  readonly permissions: ReadonlyMap<string, { readonly execute: boolean }>;
}

/** How large a GraphQL document may be, its fragments expanded. */
export interface GraphqlLimits {
  /** Levels of selections. */
  readonly depth: number;
  /** Aliased fields. */
  readonly aliases: number;
  /** Root fields of the operation. */
  readonly roots: number;
  /** Lexical tokens of the text. */
  readonly tokens: number;
  readonly directives: number;
  readonly fields: number;
  /** Operations in one body. */
  readonly batch: number;
}

/** Of one role, not inherited; undefined: as the project has it. */
export interface RoleLimits {
  readonly depth: number | undefined;
  readonly cost: number | undefined;
  readonly graphql: { readonly [Limit in keyof GraphqlLimits]: number | undefined };
}

export interface Limits {
  /** Most rows of a list. Default 1000. */
  readonly rows: number;
  readonly export: number | undefined;
  /** Bytes. Default 1 MiB. */
  readonly body: number;
  /** Levels of embedded relationships. Default 8. */
  readonly depth: number;
  /** Default 10000, or ten times `rows`. */
  readonly cost: number;
  readonly graphql: GraphqlLimits;
  readonly rate: ReadonlyMap<string, { readonly count: number; readonly perMs: number }>;
  readonly numbers: 'number' | 'string';
  readonly unfilteredWrites: boolean;
  readonly dryRun: readonly string[];
}

/** GraphQL operations in files of the project. */
export interface OperationsConfig {
  /** Relative to the project's folder. */
  readonly folder: string;
  /** Roles that may run nothing else. */
  readonly only: readonly string[];
  /** By operation: who may run it. One that is not here: every role that it is valid for. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  /** Every *.graphql file of the folder, in bytewise order. */
  readonly files: readonly SourceFile[];
}

/** The documentation site. */
export interface DocsConfig {
  /** Whose documentation is public, in the order written; the first has the front page. Default: the anonymous role. */
  readonly roles: readonly string[];
  /** Of the project's own pages, relative to the project's folder. Undefined: there are none. */
  readonly folder: string | undefined;
}

export interface TestCase {
  readonly name: string;
  readonly as: 'anonymous' | { readonly role: string; readonly claims: { readonly [claim: string]: Literal } };
  readonly request:
    | {
        readonly kind: 'rest';
        readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
        readonly path: string;
        readonly body: Literal | undefined;
        readonly prefer: string | undefined;
        readonly headers: ReadonlyMap<string, string>;
      }
    | { readonly kind: 'graphql'; readonly document: string; readonly variables: Literal | undefined; readonly headers: ReadonlyMap<string, string> }
    | undefined;
  readonly expect:
    | {
        readonly status: number | undefined;
        readonly body: Literal | undefined;
        readonly contains: Literal | undefined;
        readonly headers: ReadonlyMap<string, string>;
        readonly count: number | undefined;
        readonly hidden: readonly string[];
      }
    | undefined;
  readonly given: ReadonlyMap<string, readonly Literal[]>;
  readonly denied: ReadonlyMap<string, readonly Verb[]>;
  readonly allowed: ReadonlyMap<string, readonly Verb[]>;
  readonly path: Path;
} // biome-ignore format: one case a line

export const verbs = ['select', 'insert', 'update', 'delete'] as const;
export type Verb = (typeof verbs)[number];

export interface Project {
  readonly name: string;
  readonly title: string | undefined;
  readonly description: string | undefined;
  readonly databases: ReadonlyMap<string, DatabaseConfig>;
  readonly auth: AuthConfig;
  readonly cors: { readonly origins: readonly string[] };
  readonly roles: ReadonlyMap<string, RoleConfig>;
  readonly tables: ReadonlyMap<string, TableConfig>;
  readonly functions: ReadonlyMap<string, FunctionConfig>;
  readonly limits: Limits;
  /** Undefined: there are none. */
  readonly operations: OperationsConfig | undefined;
  readonly docs: DocsConfig;
  readonly tests: readonly TestCase[];
  /** Every file that was read, relative to the project's folder, in bytewise order, with the hash of its text. */
  readonly files: ReadonlyMap<string, string>;
  /**
   * Where the value (or, with `key`, the key) at `path` of the merged document was written. Falls back to the nearest
   * ancestor that was written, so that a diagnostic always has a place.
   */
  readonly locate: (path: Path, part?: 'key' | 'value') => Source | undefined;
}
