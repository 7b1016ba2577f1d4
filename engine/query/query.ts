/** What one request will do: planned (names resolved in the caller's world), then authorized (grants put in). Data only. */
import type { Column, Edge, Table, WorldTable } from '../api/api.ts';
import type { Condition, Guards, LinkGuards, SetValue } from '../api/condition.ts';
import type { Slot } from './request.ts';

export type Shape = 'list' | 'object' | 'row';

// ---- planned ----

export interface Node {
  readonly table: WorldTable;
  readonly fields: readonly Field[];
  readonly where: Condition;
  readonly order: readonly Order[];
  readonly limit: number | undefined;
  readonly offset: Slot | undefined;
  readonly distinct: readonly Column[];
}

export type Field =
  | { readonly kind: 'column'; readonly as: string; readonly column: Column; readonly text: boolean }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  | { readonly kind: 'embed'; readonly as: string; readonly edge: Edge; readonly node: Node }
  | {
      readonly kind: 'embedAggregate';
      readonly as: string;
      readonly edge: Edge;
      readonly node: AggregateNode;
    };

export interface Order {
  readonly through: readonly Edge[];
  readonly column: Column;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

export interface AggregateNode extends Omit<Node, 'fields'> {
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
  | { readonly kind: 'constant'; readonly as: string; readonly text: string };

export interface Returning {
  readonly fields: readonly Field[];
  readonly order: readonly Order[];
}

interface PlannedWrite {
  readonly table: WorldTable;
  readonly returning: readonly Returning[];
  readonly shape: Shape;
  readonly maxAffected: number | undefined;
}

export type Query =
  | { readonly kind: 'read'; readonly node: Node; readonly shape: Shape; readonly count: boolean }
  | { readonly kind: 'readAggregate'; readonly node: AggregateNode }
  | (PlannedWrite & {
      readonly kind: 'insert';
      readonly columns: readonly Column[];
      readonly rows: Slot;
      readonly conflict:
        | { readonly action: 'ignore' | 'merge'; readonly target: readonly Column[] }
        | undefined;
    })
  | (PlannedWrite & {
      readonly kind: 'update';
      readonly columns: readonly Column[];
      readonly row: Slot;
      /** Undefined: all rows that the grant reaches. */
      readonly where: Condition | undefined;
    })
  | (PlannedWrite & { readonly kind: 'delete'; readonly where: Condition | undefined });

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
}

export type AuthorizedField =
  | { readonly kind: 'column'; readonly as: string; readonly column: Column; readonly text: boolean }
  | { readonly kind: 'constant'; readonly as: string; readonly text: string }
  | { readonly kind: 'embed'; readonly as: string; readonly link: Link; readonly node: AuthorizedNode }
  | {
      readonly kind: 'embedAggregate';
      readonly as: string;
      readonly link: Link;
      readonly node: AuthorizedAggregate;
    };

export interface AuthorizedOrder {
  /** Each step to one row, with the far table's row filter and guards. */
  readonly through: readonly { readonly link: Link; readonly where: Condition; readonly guards: Guards }[];
  readonly column: Column;
  readonly direction: 'asc' | 'desc';
  readonly nulls: 'first' | 'last' | undefined;
}

export interface AuthorizedAggregate extends Omit<AuthorizedNode, 'fields'> {
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
}

declare const authorized: unique symbol;

/** Only `authorize` makes one, and a dialect compiles nothing else. */
export type AuthorizedQuery = { readonly [authorized]: true } & (
  | AuthorizedRead
  | AuthorizedReadAggregate
  | AuthorizedInsert
  | AuthorizedUpdate
  | AuthorizedDelete
);

export interface AuthorizedRead {
  readonly kind: 'read';
  readonly node: AuthorizedNode;
  readonly shape: Shape;
  readonly count: boolean;
}

export interface AuthorizedReadAggregate {
  readonly kind: 'readAggregate';
  readonly node: AuthorizedAggregate;
}

export interface AuthorizedInsert extends AuthorizedWrite {
  readonly kind: 'insert';
  readonly columns: readonly Column[];
  readonly rows: Slot;
  readonly set: ReadonlyMap<Column, SetValue>;
  readonly check: Condition;
  /** Columns of the key, when the caller may read them all, in rows where `where` is true: for `Location`. */
  readonly key: { readonly columns: readonly Column[]; readonly where: Condition } | undefined;
  readonly conflict:
    | { readonly action: 'ignore'; readonly target: readonly Column[] }
    | {
        readonly action: 'merge';
        readonly target: readonly Column[];
        /** Columns of the body that an existing row takes. */
        readonly columns: readonly Column[];
        readonly set: ReadonlyMap<Column, SetValue>;
        /** An existing row outside fails the whole request. */
        readonly where: Condition;
        readonly check: Condition;
      }
    | undefined;
}

export interface AuthorizedUpdate extends AuthorizedWrite {
  readonly kind: 'update';
  readonly columns: readonly Column[];
  readonly row: Slot;
  readonly set: ReadonlyMap<Column, SetValue>;
  readonly where: Condition;
  readonly check: Condition;
}

export interface AuthorizedDelete extends AuthorizedWrite {
  readonly kind: 'delete';
  readonly where: Condition;
}
