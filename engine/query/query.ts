/** What one request will do: planned (names resolved in the caller's world), then authorized (grants put in). Data only. */
import type { AggregateFunction, ColumnFunction } from '../api/aggregates.ts';
import type { Column, Edge, Table, WorldTable } from '../api/api.ts';
import type { Condition, Guards, JsonPath, LinkGuards, Operator, SetValue, Value } from '../api/condition.ts';
import type { Argument, Routine, Type } from '../catalog/catalog.ts';
import type {
  Counting,
  EdgeItem as RequestedItem,
  ConnectionPart as RequestedPart,
  Slot,
  UpdateOperator,
} from './request.ts';

export type Shape = 'list' | 'object' | 'row';

/** What is read of a row: a column, or a place in its JSON, perhaps as another type. */
export interface Term {
  readonly column: Column;
  readonly path: JsonPath | undefined;
  readonly cast: Type | undefined;
}

/** A function over the rows of a group; without a term it counts them. */
export interface AggregateTerm {
  readonly function: AggregateFunction;
  readonly term: Term | undefined;
}

/** Which groups. */
export type Having =
  | { readonly kind: 'and' | 'or'; readonly of: readonly Having[] }
  | { readonly kind: 'not'; readonly of: Having }
  | {
      readonly kind: 'compare';
      readonly aggregate: AggregateTerm;
      readonly operator: Operator;
      readonly value: Value | undefined;
    };

/** A value of the answer; `text`: as a JSON string whatever its type. */
interface ColumnField extends Term {
  readonly kind: 'column';
  readonly as: string;
  readonly text: boolean;
}

interface AggregateField {
  readonly kind: 'aggregate';
  readonly as: string;
  readonly aggregate: AggregateTerm;
  readonly cast: Type | undefined;
}

/** Objects of a group's answer: what it is grouped by, and aggregates over its rows. */
type GroupField =
  | { readonly kind: 'keys'; readonly as: string; readonly items: readonly Key[] }
  | { readonly kind: 'summary'; readonly as: string; readonly items: readonly Summary[] };

export type Key =
  | { readonly kind: 'key'; readonly as: string; readonly column: Column; readonly text: boolean }
  /** A column that the groups are not by. */
  | { readonly kind: 'null'; readonly as: string }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

/** How the answer is written. */
export interface Form {
  readonly stripNulls: boolean;
  readonly geojson: Column | undefined;
  readonly stream: 'ndjson' | 'csv' | undefined;
}

// ---- planned ----

export interface Node {
  readonly table: WorldTable;
  readonly fields: readonly Field[];
  readonly where: Condition;
  readonly order: readonly Order[];
  readonly limit: number | undefined;
  readonly offset: Slot | undefined;
  readonly distinct: readonly Column[];
  readonly having: Having | undefined;
  /** Undefined: by the fields, when one of them is an aggregate. */
  readonly groupBy: readonly Column[] | undefined;
}

export type Field =
  | ColumnField
  | AggregateField
  | GroupField
  | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  | { readonly kind: 'embed'; readonly as: string; readonly edge: Edge; readonly node: Node }
  | { readonly kind: 'spread'; readonly edge: Edge; readonly node: Node }
  | {
      readonly kind: 'embedAggregate';
      readonly as: string;
      readonly edge: Edge;
      readonly node: AggregateNode;
    }
  | {
      readonly kind: 'embedConnection';
      readonly as: string;
      readonly edge: Edge;
      readonly node: ConnectionNode;
    };

/** By a value of the row, or of a group: then by an aggregate, or by one of the values that it is grouped by. */
export interface Order {
  readonly through: readonly Edge[];
  readonly by: OrderBy;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

export type OrderBy =
  | { readonly kind: 'term'; readonly term: Term }
  | { readonly kind: 'aggregate'; readonly aggregate: AggregateTerm }
  /** By an aggregate over the rows that a to-many relationship leads to. */
  | { readonly kind: 'related'; readonly edge: Edge; readonly aggregate: AggregateTerm };

export interface AggregateNode extends Omit<Node, 'fields' | 'having' | 'groupBy'> {
  readonly parts: readonly (
    | { readonly kind: 'summary'; readonly as: string; readonly items: readonly Summary[] }
    | { readonly kind: 'nodes'; readonly as: string; readonly fields: readonly Field[] }
    | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  )[];
}

export type Summary =
  | {
      readonly kind: 'count';
      readonly as: string;
      readonly columns: readonly Column[];
      readonly distinct: boolean;
    }
  | {
      readonly kind: 'function';
      readonly as: string;
      readonly function: ColumnFunction;
      readonly column: Column;
      readonly text: boolean;
    }
  | { readonly kind: 'object'; readonly as: string; readonly items: readonly Summary[] }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

/** As `ConnectionRequest`. `page`: the rows of the list that are within the cursors. */
export interface ConnectionNode extends Pick<Node, 'table' | 'where' | 'order' | 'limit'> {
  readonly page: Condition;
  readonly backward: boolean;
  readonly binding: string;
  readonly known: { readonly before: boolean; readonly behind: boolean };
  readonly parts: readonly ConnectionPart<Field>[];
}

/** With the fields of its nodes planned, or authorized. */
export type ConnectionPart<F> =
  | { readonly kind: 'edges'; readonly as: string; readonly items: readonly EdgeItem<F>[] }
  | Exclude<RequestedPart, { kind: 'edges' }>;

export type EdgeItem<F> =
  | { readonly kind: 'node'; readonly as: string; readonly fields: readonly F[] }
  | Exclude<RequestedItem, { kind: 'node' }>;

export interface Returning {
  readonly fields: readonly Field[];
  readonly order: readonly Order[];
}

interface PlannedWrite {
  readonly table: WorldTable;
  readonly returning: readonly Returning[];
  readonly shape: Shape;
  readonly maxAffected: number | undefined;
  readonly form: Form;
}

/** An argument of a call and the place of its value: its name in the body, or the whole body. */
export interface GivenArgument {
  readonly argument: Argument;
  readonly name: string | null;
}

/** What a call's rows are read as; scalars have neither. */
export interface CallSource {
  readonly routine: Routine;
  readonly arguments: readonly GivenArgument[];
  readonly body: Slot;
}

export type Query =
  | {
      readonly kind: 'read';
      readonly node: Node;
      readonly shape: Shape;
      readonly count: Counting;
      readonly lastKey: boolean;
      readonly locks: boolean;
      readonly form: Form;
      readonly keys: Slot | undefined;
    }
  | {
      readonly kind: 'call';
      readonly source: CallSource;
      /** `records`: rows whose columns only the call itself tells, or nothing. */
      readonly result: 'void' | 'scalar' | 'scalars' | 'row' | 'rows' | 'records';
      /** Of a scalar, or of each of a set. */
      readonly type: Type | undefined;
      /** Whether the rows are those of an exposed table, whose grant they pass. */
      readonly exposed: boolean;
      /** Of rows; of scalars only the page counts. */
      readonly node: Node | undefined;
      /** Over the rows, in place of `node`. */
      readonly aggregate: AggregateNode | undefined;
      readonly nullsAreNone: boolean;
      /** Scalars as JSON strings. */
      readonly text: boolean;
      readonly page: Pick<Node, 'limit' | 'offset'>;
      readonly shape: Shape;
      readonly count: Counting;
      readonly form: Form;
    }
  | { readonly kind: 'readAggregate'; readonly node: AggregateNode }
  | { readonly kind: 'readConnection'; readonly node: ConnectionNode }
  | (PlannedWrite & {
      readonly kind: 'insert';
      readonly columns: readonly Column[];
      readonly rows: Slot;
      readonly sets: ColumnSets | undefined;
      readonly conflict:
        | { readonly action: 'ignore'; readonly target: readonly Column[] }
        | {
            readonly action: 'merge';
            readonly target: readonly Column[];
            /** Undefined: those given. */
            readonly update: readonly Column[] | undefined;
            readonly where: Condition | undefined;
          }
        | undefined;
      /** Columns that the engine fills, in the order of the request's links. */
      readonly links: readonly (readonly Column[])[];
      readonly yields: readonly (readonly Column[])[];
      /** Whether rows of other tables take values over from those that are written. */
      readonly carries: boolean;
    })
  | (PlannedWrite & {
      readonly kind: 'update';
      readonly columns: readonly Column[];
      readonly row: Slot;
      readonly operators: Operators;
      /** Undefined: all rows that the grant reaches. */
      readonly where: Condition | undefined;
    })
  | (PlannedWrite & { readonly kind: 'delete'; readonly where: Condition | undefined });

/** How a column's value is changed; one that is not named is set. */
export type Operators = ReadonlyMap<Column, UpdateOperator>;

/** As `InsertRequest.sets`. */
export interface ColumnSets {
  readonly columns: readonly (readonly Column[])[];
  readonly of: Slot;
}

// ---- authorized ----

/** How a caller gets from a row to its related rows: the junction's row filter and the guards of linking columns. */
export interface Link {
  readonly edge: Edge;
  readonly junction: Condition;
  readonly guards: LinkGuards;
}

export interface AuthorizedNode {
  readonly table: Table;
  readonly fields: readonly AuthorizedField[];
  /** `fenced`: the role's row filter, and what the caller asks. */
  readonly where: Condition;
  readonly guards: Guards;
  readonly order: readonly AuthorizedOrder[];
  readonly limit: number | undefined;
  readonly offset: Slot | undefined;
  readonly distinct: readonly Column[];
  /** What the caller asks of groups, and how many rows the role's grant demands of them. */
  readonly having: Having | undefined;
  readonly groupBy: readonly Column[] | undefined;
}

export type AuthorizedField =
  | ColumnField
  | AggregateField
  | GroupField
  | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  | { readonly kind: 'embed'; readonly as: string; readonly link: Link; readonly node: AuthorizedNode }
  | { readonly kind: 'spread'; readonly link: Link; readonly node: AuthorizedNode }
  | {
      readonly kind: 'embedAggregate';
      readonly as: string;
      readonly link: Link;
      readonly node: AuthorizedAggregate;
    }
  | {
      readonly kind: 'embedConnection';
      readonly as: string;
      readonly link: Link;
      readonly node: AuthorizedConnection;
    };

/** A step to other rows, with the far table's row filter and guards. */
export interface AuthorizedStep {
  readonly link: Link;
  readonly where: Condition;
  readonly guards: Guards;
}

export interface AuthorizedOrder {
  /** Each to one row. */
  readonly through: readonly AuthorizedStep[];
  readonly by:
    | Exclude<OrderBy, { kind: 'related' }>
    | {
        readonly kind: 'related';
        readonly step: AuthorizedStep;
        readonly aggregate: AggregateTerm;
        /** Null over fewer rows than these. */
        readonly minGroup: number;
      };
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

export interface AuthorizedAggregate extends Omit<AuthorizedNode, 'fields' | 'having' | 'groupBy'> {
  /** A summary of fewer rows than these is null. */
  readonly minGroup: number;
  readonly parts: readonly (
    | { readonly kind: 'summary'; readonly as: string; readonly items: readonly Summary[] }
    /** `limit`: the most rows that `nodes` may show; the summary counts all visible ones. */
    | {
        readonly kind: 'nodes';
        readonly as: string;
        readonly fields: readonly AuthorizedField[];
        readonly limit: number;
      }
    | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  )[];
}

/** `where` and `page` are `fenced`, as of a level. */
export interface AuthorizedConnection
  extends Pick<AuthorizedNode, 'table' | 'where' | 'guards' | 'order'>,
    Pick<ConnectionNode, 'backward' | 'binding' | 'known'> {
  readonly page: Condition;
  readonly limit: number;
  readonly parts: readonly ConnectionPart<AuthorizedField>[];
}

/** Representation of written rows: those that the caller may read. */
export interface AuthorizedReturning {
  readonly fields: readonly AuthorizedField[];
  readonly order: readonly AuthorizedOrder[];
  readonly where: Condition;
  readonly guards: Guards;
}

interface AuthorizedWrite {
  readonly table: Table;
  readonly returning: readonly AuthorizedReturning[];
  readonly shape: Shape;
  readonly maxAffected: number | undefined;
  readonly form: Form;
}

declare const authorized: unique symbol;

/** Only `authorize` makes one, and a dialect compiles nothing else. */
export type AuthorizedQuery = { readonly [authorized]: true } & (
  | AuthorizedRead
  | AuthorizedReadAggregate
  | AuthorizedReadConnection
  | AuthorizedCall
  | AuthorizedInsert
  | AuthorizedUpdate
  | AuthorizedDelete
);

export interface AuthorizedRead {
  readonly kind: 'read';
  readonly node: AuthorizedNode;
  readonly shape: Shape;
  readonly count: Counting;
  /** So that a page can begin behind a row. */
  readonly lastKey: boolean;
  readonly locks: boolean;
  readonly form: Form;
  /** Only the rows with these keys, in their order. */
  readonly keys: Slot | undefined;
}

export interface AuthorizedCall extends Omit<Extract<Query, { kind: 'call' }>, 'node' | 'aggregate'> {
  readonly node: AuthorizedNode | undefined;
  readonly aggregate: AuthorizedAggregate | undefined;
}

export interface AuthorizedReadAggregate {
  readonly kind: 'readAggregate';
  readonly node: AuthorizedAggregate;
}

export interface AuthorizedReadConnection {
  readonly kind: 'readConnection';
  readonly node: AuthorizedConnection;
}

export interface AuthorizedInsert extends AuthorizedWrite {
  readonly kind: 'insert';
  readonly columns: readonly Column[];
  readonly rows: Slot;
  readonly sets: ColumnSets | undefined;
  readonly set: ReadonlyMap<Column, SetValue>;
  readonly check: Condition;
  /** Columns of the key, when the caller may read them all, in rows where `where` is true: for `Location`. */
  readonly key: { readonly columns: readonly Column[]; readonly where: Condition } | undefined;
  readonly conflict:
    | { readonly action: 'ignore'; readonly target: readonly Column[] }
    | {
        readonly action: 'merge';
        readonly target: readonly Column[];
        /** Columns that an existing row takes: `named` ones whether given or not, else those of them that are given. */
        readonly columns: readonly Column[];
        readonly named: boolean;
        readonly set: ReadonlyMap<Column, SetValue>;
        /** An existing row outside fails the whole request. */
        readonly where: Condition;
        readonly check: Condition;
        /** The caller's: an existing row outside stays as it is. */
        readonly only: Condition | undefined;
      }
    | undefined;
  /** Columns that the engine fills from rows written before. */
  readonly links: readonly (readonly Column[])[];
  /** Columns whose values the engine needs of each written row. */
  readonly yields: readonly (readonly Column[])[];
}

export interface AuthorizedUpdate extends AuthorizedWrite {
  readonly kind: 'update';
  readonly columns: readonly Column[];
  readonly row: Slot;
  readonly operators: Operators;
  readonly set: ReadonlyMap<Column, SetValue>;
  readonly where: Condition;
  readonly check: Condition;
}

export interface AuthorizedDelete extends AuthorizedWrite {
  readonly kind: 'delete';
  readonly where: Condition;
}
