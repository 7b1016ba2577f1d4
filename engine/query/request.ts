/**
 * What one caller asks, before names are resolved: the common form that REST and GraphQL parse to.
 * Names are API names (`Column.name`, `Edge.name`, `Table.name`). Values stand apart in `values`, so that two requests
 * of one shape differ in `values` alone and share one compiled statement.
 */
import type { AggregateFunction, ColumnFunction } from '../api/aggregates.ts';
import type { JsonPath, Operator, Quantifier } from '../api/condition.ts';

/** Index into `values`. A value is REST text, or JSON from a body or a GraphQL variable (exact numbers by `JSON.rawJSON`). */
export type Slot = number;

export type FilterRequest =
  | { readonly kind: 'and' | 'or'; readonly of: readonly FilterRequest[] }
  | { readonly kind: 'not'; readonly of: FilterRequest }
  /** `value` undefined for operators without one (`isNull`…). For `in` and `nin` the slot holds a list. */
  | {
      readonly kind: 'compare';
      readonly column: string;
      readonly path?: JsonPath;
      /** Name of a type that the value is read as first. */
      readonly cast?: string;
      readonly operator: Operator;
      /** The slot holds a list; the operator must hold for some of it, or for all. */
      readonly quantifier?: Quantifier;
      readonly value?: Slot | undefined;
      /** Of a text search: the name of its configuration. */
      readonly language?: Slot;
    }
  /** Some related row; REST's embed filters and GraphQL's `{ author: {…} }`. `hint` as in `EmbedRequest`. */
  | {
      readonly kind: 'related';
      readonly relationship: string;
      readonly hint?: string;
      readonly where?: FilterRequest | undefined;
    }
  | {
      readonly kind: 'aggregate';
      readonly relationship: string;
      /** Absent: `count`. Others are of the one column in `columns`. */
      readonly function?: AggregateFunction;
      readonly columns: readonly string[];
      readonly distinct: boolean;
      readonly where?: FilterRequest | undefined;
      readonly compare: readonly { readonly operator: Operator; readonly value?: Slot | undefined }[];
    };

/** What an aggregate is of; no column: `count` of the rows. */
export interface AggregateTermRequest {
  readonly function: AggregateFunction;
  readonly column?: string;
  readonly path?: JsonPath;
  /** A type that the values are read as first. */
  readonly cast?: string;
}

/** Which groups: REST's `having=`, and that of GraphQL's `<table>_group_by`. */
export type HavingRequest =
  | { readonly kind: 'and' | 'or'; readonly of: readonly HavingRequest[] }
  | { readonly kind: 'not'; readonly of: HavingRequest }
  | {
      readonly kind: 'compare';
      readonly term: AggregateTermRequest;
      readonly operator: Operator;
      readonly value?: Slot | undefined;
    };

export interface OrderRequest {
  /** To-one relationships to walk first; empty for a column of the table itself. */
  readonly through: readonly string[];
  /** As in `EmbedRequest`, for the first of `through`. */
  readonly hint?: string;
  /** Absent with `aggregate: 'count'` of rows. */
  readonly column?: string;
  readonly path?: JsonPath;
  /** Orders groups; with `related`, rows. */
  readonly aggregate?: AggregateFunction;
  /** A to-many relationship, followed last: its rows are what the aggregate is over. */
  readonly related?: string;
  readonly direction: 'asc' | 'desc';
  /** Undefined: the database's own rule (Postgres: last when ascending, first when descending). */
  readonly nulls?: 'first' | 'last' | undefined;
}

export interface EmbedRequest {
  readonly kind: 'embed';
  /** Key in the answer. */
  readonly as: string;
  /** A relationship's name; REST also a table's or (with one) a constraint's or column's. */
  readonly relationship: string;
  /** REST `!hint`: a constraint, a column, a relationship or a junction. */
  readonly hint?: string;
  /** `inner`: rows of the parent without a match are left out. */
  readonly join: 'left' | 'inner';
  /** Its fields become the parent's: of a to-one relationship as they are, of a to-many one as lists. */
  readonly spread?: boolean;
  readonly node: NodeRequest;
}

export type FieldRequest =
  /** Every readable column, in the database's order, under its API name (`*`). */
  | { readonly kind: 'all' }
  | {
      readonly kind: 'column';
      readonly column: string;
      readonly as: string;
      readonly path?: JsonPath;
      /** Name of a type that the value is given as. */
      readonly cast?: string;
      readonly number?: 'string';
    }
  /** One value for each group; the level's other fields are what it is grouped by. */
  | {
      readonly kind: 'aggregate';
      readonly as: string;
      readonly term: AggregateTermRequest;
      /** Name of a type that the result is given as. */
      readonly cast?: string;
    }
  /** The same text in every row (`__typename`). */
  | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  /** An object of columns of `groupBy`; a column that is not among them is null. */
  | { readonly kind: 'keys'; readonly as: string; readonly items: readonly KeyRequest[] }
  /** An object of aggregates over the rows of each group. */
  | { readonly kind: 'summary'; readonly as: string; readonly items: readonly SummaryRequest[] }
  | EmbedRequest
  /** An object of aggregates over the related rows: GraphQL's `<relationship>_aggregate`. */
  | {
      readonly kind: 'embedAggregate';
      readonly as: string;
      readonly relationship: string;
      readonly node: AggregateRequest;
    }
  /** A page of the related rows by keyset: GraphQL's `<relationship>_connection`. */
  | {
      readonly kind: 'embedConnection';
      readonly as: string;
      readonly relationship: string;
      readonly node: ConnectionRequest;
    };

/** What is taken from the rows of one level. */
export interface NodeRequest {
  readonly fields: readonly FieldRequest[];
  readonly where?: FilterRequest;
  readonly order?: readonly OrderRequest[];
  /** Rows; part of the statement's shape. The grant's and the project's limits cut it further. */
  readonly limit?: number;
  readonly offset?: Slot;
  /** GraphQL `distinct_on`: API names, which must lead `order`. */
  readonly distinct?: readonly string[];
  readonly having?: HavingRequest;
  /** The rows are groups by these columns, whatever the fields are; by none: one group of all rows. */
  readonly groupBy?: readonly string[];
}

export type KeyRequest =
  | { readonly kind: 'key'; readonly as: string; readonly column: string; readonly number?: 'string' }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

/** GraphQL's `<table>_aggregate { aggregate {…} nodes {…} }`: its own filter and page, then objects over those rows. */
export interface AggregateRequest extends Omit<NodeRequest, 'fields' | 'having' | 'groupBy'> {
  readonly parts: readonly (
    | { readonly kind: 'summary'; readonly as: string; readonly items: readonly SummaryRequest[] }
    | { readonly kind: 'nodes'; readonly as: string; readonly fields: readonly FieldRequest[] }
    | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  )[];
}

export type SummaryRequest =
  | {
      readonly kind: 'count';
      readonly as: string;
      readonly columns: readonly string[];
      readonly distinct: boolean;
    }
  | {
      readonly kind: 'function';
      readonly as: string;
      readonly function: ColumnFunction;
      readonly column: string;
      readonly number?: 'string';
    }
  /** An object of them. */
  | { readonly kind: 'object'; readonly as: string; readonly items: readonly SummaryRequest[] }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

/** GraphQL's `<table>_connection`: a page of rows as edges with cursors, in an order that ends in a unique key. */
export interface ConnectionRequest {
  /** The rows of the list, which `totalCount` counts. */
  readonly where?: FilterRequest;
  /** Those of them that are behind or before a cursor. */
  readonly within?: FilterRequest;
  /** As the rows are read: `backward`, it is the reverse of the order in which they are shown. */
  readonly order: readonly OrderRequest[];
  readonly backward: boolean;
  /** The grant's and the project's limits cut it further. */
  readonly limit?: number;
  /** What a cursor is bound to: its first value. The others are the row's in the columns of the order, as texts. */
  readonly binding: string;
  /** That rows are before the page or behind it, when a cursor says so. */
  readonly known: { readonly before: boolean; readonly behind: boolean };
  readonly parts: readonly ConnectionPart[];
}

export type ConnectionPart =
  | { readonly kind: 'edges'; readonly as: string; readonly items: readonly EdgeItem[] }
  | { readonly kind: 'pageInfo'; readonly as: string; readonly items: readonly PageInfoItem[] }
  | { readonly kind: 'totalCount'; readonly as: string }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

export type EdgeItem =
  | { readonly kind: 'node'; readonly as: string; readonly fields: readonly FieldRequest[] }
  | { readonly kind: 'cursor'; readonly as: string }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

export type PageInfoItem =
  | {
      readonly kind: 'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor';
      readonly as: string;
    }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

interface Common {
  /** `Table.name`. */
  readonly table: string;
  readonly values: readonly unknown[];
  /**
   * True: values are JSON (GraphQL), so a string meant for a json column is a JSON string. Absent: values are text
   * (REST's query string), so it is the JSON's text. Rows of a write are JSON in both.
   */
  readonly json?: boolean;
}

/** Rows of a table as a JSON list, or with `single` one object or null. */
export interface ReadRequest extends Common {
  readonly kind: 'read';
  readonly node: NodeRequest;
  /** Values of the key's columns in key order: at most one row. */
  readonly key?: readonly Slot[];
  /**
   * Slot of a list of keys, each the JSON values of the key's columns: those rows in this order, however many. Of rows that
   * the same transaction has written, and never given by a caller.
   */
  readonly keys?: Slot;
  /**
   * `list`: a JSON array. `object`: exactly one row or `PGRST116` (406). `row`: one object, and null when there is none.
   */
  readonly shape: 'list' | 'object' | 'row';
  readonly count: Counting;
  /** Keys whose value is null are left out, at every depth. */
  readonly stripNulls?: boolean;
  /** The rows are to be locked first, in the transaction of the write that the read is a condition of. */
  readonly locks?: boolean;
  /** Also the values of the order's columns in the last row of a full page, for a cursor: where the order ends in a key, or in any. */
  readonly lastKey?: boolean | 'any';
  /** A FeatureCollection whose geometry is the first geometry column. */
  readonly geojson?: boolean;
  /** One text a row, as it comes: a JSON object, or with `csv` the values as texts. The export limit holds, not `rows`. */
  readonly stream?: 'ndjson' | 'csv';
}

/** All rows that match, whatever the page: not counted, counted, estimated by the database, or the latter when many. */
export type Counting = boolean | 'planned' | 'estimated';

/** A call of a function. `node`, `count`, `shape` and `stream` say what is made of the rows that it gives. */
export interface CallRequest {
  readonly kind: 'call';
  /** `Callable.name`. */
  readonly function: string;
  readonly values: readonly unknown[];
  readonly json?: boolean;
  /** Names of the arguments given; they choose the overload. Undefined: the whole body is the one argument, unnamed. */
  readonly arguments: readonly string[] | undefined;
  /** Slot of an object by argument name, or of the whole body: text, or bytes as `\x…`. */
  readonly body: Slot;
  /** How the whole body came, which chooses among functions of one unnamed argument. */
  readonly bodyType?: 'json' | 'text' | 'xml' | 'binary';
  readonly node: NodeRequest;
  /** Aggregates over the rows, in place of `node`. Only for functions that give sets of rows. */
  readonly aggregate?: AggregateRequest;
  /** A row of nulls alone is none: what a function of one row gives when it finds no row. */
  readonly nullsAreNone?: boolean;
  /** Of scalars: as JSON strings. */
  readonly number?: 'string';
  readonly shape: 'list' | 'object' | 'row';
  readonly count: Counting;
  /** More rows are an error, and nothing is done. Only for functions that give sets. */
  readonly maxAffected?: number;
  readonly stripNulls?: boolean;
  readonly geojson?: boolean;
  readonly stream?: 'ndjson' | 'csv';
}

export interface ReadAggregateRequest extends Common {
  readonly kind: 'readAggregate';
  readonly node: AggregateRequest;
}

export interface ReadConnectionRequest extends Common {
  readonly kind: 'readConnection';
  readonly node: ConnectionRequest;
}

export type AnyRead = ReadRequest | ReadAggregateRequest | ReadConnectionRequest;

/** What a write answers with: fields of the written rows. */
export interface ReturningRequest {
  readonly fields: readonly FieldRequest[];
  readonly order?: readonly OrderRequest[];
}

interface CommonWrite extends Common {
  /** One entry for each representation wanted; REST has none or one. */
  readonly returning: readonly ReturningRequest[];
  /** As in `ReadRequest`; with `object` other than one row is 406 and nothing is written. */
  readonly shape: 'list' | 'object' | 'row';
  /** `Prefer: max-affected` / `max_affected`: more is an error and nothing is written. */
  readonly maxAffected?: number;
  /** As in `ReadRequest`; all of them at once. The first line of `csv` is a list of the names, and all are lists of texts. */
  readonly stripNulls?: boolean;
  readonly geojson?: boolean;
  readonly stream?: 'ndjson' | 'csv';
}

export interface InsertRequest extends CommonWrite {
  readonly kind: 'insert';
  /** API names of the columns given, the same for every row. */
  readonly columns: readonly string[];
  /** Slot of the list of row objects, keyed by API name. */
  readonly rows: Slot;
  /**
   * When rows that lack a column take its default and not null: each row gives the columns of one set, and the slot `of`
   * holds, for each row, the place of its set in `columns`.
   */
  readonly sets?: { readonly columns: readonly (readonly string[])[]; readonly of: Slot };
  readonly conflict?: ConflictRequest;
  /** What the engine fills from rows that were written before; not among `columns`. */
  readonly links?: readonly LinkRequest[];
  /** Values of the written rows that later steps of the same transaction need, in the order of `rows`. */
  readonly yields?: readonly YieldRequest[];
}

export interface ConflictRequest {
  readonly action: 'ignore' | 'merge';
  /** API names of a unique key's columns; absent: the primary key. */
  readonly columns?: readonly string[];
  /** Columns that an existing row takes, given or not; absent: all that are given. */
  readonly update?: readonly string[];
  /** Existing rows for which this is not true stay as they are. */
  readonly where?: FilterRequest;
}

/** One end of a relationship: the row at `side` of it is the one being written. */
export interface LinkRequest {
  /** `Table.name` of the table that has the relationship. */
  readonly table: string;
  readonly relationship: string;
  readonly side: 'near' | 'far';
}

/** The linking columns at a row's side, or its key. */
export type YieldRequest = LinkRequest | 'key';

/** What `_inc` and its kin make of a column's value; `set` puts another in its place. */
export const updateOperators = [
  'inc',
  'append',
  'prepend',
  'deleteKey',
  'deleteElem',
  'deleteAtPath',
] as const;
export type UpdateOperator = (typeof updateOperators)[number];

export interface UpdateRequest extends CommonWrite {
  readonly kind: 'update';
  readonly columns: readonly string[];
  /** Slot of one object, keyed by API name. */
  readonly row: Slot;
  /** Columns that are not set to the value in `row`, but changed by it. They are read, so they need `select`. */
  readonly operators?: readonly { readonly column: string; readonly operator: UpdateOperator }[];
  readonly where?: FilterRequest;
  readonly key?: readonly Slot[];
  /** Only for a surface that has made sure the caller meant all rows. Else no filter is `21000`. */
  readonly unfiltered?: boolean;
}

export interface DeleteRequest extends CommonWrite {
  readonly kind: 'delete';
  readonly where?: FilterRequest;
  readonly key?: readonly Slot[];
  readonly unfiltered?: boolean;
}

export type WriteRequest = InsertRequest | UpdateRequest | DeleteRequest;
export type ApiRequest = AnyRead | CallRequest | WriteRequest;
