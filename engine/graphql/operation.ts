/** A validated operation as frozen data: what the worker thread answers and each request is built from. */
import type { ColumnFunction } from '../api/aggregates.ts';
import type { MutationKind, QueryKind } from './roots.ts';

/** A literal of the document, or a variable in it. Numbers keep their text. */
export type ValueNode =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  /** A string or an enum's value. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly of: readonly ValueNode[] }
  | { readonly kind: 'object'; readonly fields: readonly ObjectField[] };

export interface ObjectField {
  readonly name: string;
  readonly value: ValueNode;
}

export type Arguments = readonly ObjectField[];

/**
 * From `@include` and `@skip` with variables: the field is there when every term of some list holds. Undefined: always.
 */
export type Guard = readonly (readonly GuardTerm[])[] | undefined;

export interface GuardTerm {
  readonly variable: string;
  readonly equals: boolean;
}

interface Planned {
  /** Key in the answer. */
  readonly as: string;
  readonly when: Guard;
}

export interface TypenamePlan extends Planned {
  readonly kind: 'typename';
  readonly text: string;
}

/** A column alone: of a table's type, of a group's keys, or of an aggregate's values. */
export type KeyPlan =
  | (Planned & {
      readonly kind: 'column';
      readonly column: string;
      readonly number: 'string' | undefined;
      /** A place in its JSON; of a table's type alone. */
      readonly path?: ValueNode;
    })
  | TypenamePlan;

/** A field of a table's type. `table` is a GraphQL name, `column` and `relationship` are API names. */
export type FieldPlan =
  | KeyPlan
  | (Planned & {
      readonly kind: 'embed';
      readonly relationship: string;
      readonly table: string;
      readonly arguments: Arguments;
      readonly fields: readonly FieldPlan[];
    })
  | (Planned & {
      readonly kind: 'aggregate';
      readonly relationship: string;
      readonly table: string;
      readonly arguments: Arguments;
      readonly parts: readonly PartPlan[];
    })
  | (Planned & {
      readonly kind: 'connection';
      readonly relationship: string;
      readonly table: string;
      readonly arguments: Arguments;
      readonly parts: readonly ConnectionPlan[];
    });

/** A field of `<table>Connection`. */
export type ConnectionPlan =
  | (Planned & { readonly kind: 'edges'; readonly items: readonly EdgePlan[] })
  | (Planned & { readonly kind: 'pageInfo'; readonly items: readonly PageInfoPlan[] })
  | (Planned & { readonly kind: 'totalCount' })
  | TypenamePlan;

/** A field of `<table>Edge`. */
export type EdgePlan =
  | (Planned & { readonly kind: 'node'; readonly fields: readonly FieldPlan[] })
  | (Planned & { readonly kind: 'cursor' })
  | TypenamePlan;

/** A field of `PageInfo`. */
export type PageInfoPlan =
  | (Planned & { readonly kind: 'hasNextPage' | 'hasPreviousPage' | 'startCursor' | 'endCursor' })
  | TypenamePlan;

/** A field of `<table>_aggregate`. */
export type PartPlan =
  | (Planned & { readonly kind: 'summary'; readonly items: readonly SummaryPlan[] })
  | (Planned & { readonly kind: 'nodes'; readonly fields: readonly FieldPlan[] })
  | TypenamePlan;

/** A field of `<table>_aggregate_fields`. */
export type SummaryPlan =
  | (Planned & { readonly kind: 'count'; readonly arguments: Arguments })
  | (Planned & {
      readonly kind: 'function';
      readonly function: ColumnFunction;
      readonly fields: readonly KeyPlan[];
    })
  | TypenamePlan;

/** A field of `<table>_group`. */
export type GroupPartPlan =
  | (Planned & { readonly kind: 'keys'; readonly fields: readonly KeyPlan[] })
  | (Planned & { readonly kind: 'summary'; readonly items: readonly SummaryPlan[] })
  | TypenamePlan;

/** A field of `<table>_mutation_response`. */
export type ResponsePlan =
  | (Planned & { readonly kind: 'affectedRows' })
  | (Planned & { readonly kind: 'returning'; readonly fields: readonly FieldPlan[] })
  | TypenamePlan;

interface RootPlanned extends Planned {
  /** GraphQL name. */
  readonly table: string;
  readonly arguments: Arguments;
}

type OneKind = Extract<MutationKind, 'insertOne' | 'updateByKey' | 'deleteByKey'>;

/** Rows, or one row or null: `books`, `books_by_pk`, `insert_books_one` … */
export interface RowsRootPlan extends RootPlanned {
  readonly kind: Exclude<QueryKind, 'aggregate' | 'groupBy' | 'connection'> | OneKind;
  readonly fields: readonly FieldPlan[];
}

export interface AggregateRootPlan extends RootPlanned {
  readonly kind: 'aggregate';
  readonly parts: readonly PartPlan[];
}

export interface GroupRootPlan extends RootPlanned {
  readonly kind: 'groupBy';
  readonly parts: readonly GroupPartPlan[];
}

export interface ConnectionRootPlan extends RootPlanned {
  readonly kind: 'connection';
  readonly parts: readonly ConnectionPlan[];
}

/** `books_stream`: rows behind a cursor, as they come. */
export interface StreamRootPlan extends RootPlanned {
  readonly kind: 'stream';
  readonly fields: readonly FieldPlan[];
}

/** `insert_books`, `update_books`, `delete_books`. */
export interface ResponseRootPlan extends RootPlanned {
  readonly kind: Exclude<MutationKind, OneKind>;
  readonly response: readonly ResponsePlan[];
}

/** A function. `function` is `Callable.name`. */
export interface CallRootPlan extends Planned {
  readonly kind: 'call';
  readonly function: string;
  readonly arguments: Arguments;
  /** What is made of its rows; undefined of scalars. */
  readonly rows:
    | { readonly kind: 'fields'; readonly fields: readonly FieldPlan[] }
    | { readonly kind: 'parts'; readonly parts: readonly PartPlan[] }
    | undefined;
}

/** `__schema` and `__type`: answered by the worker thread. */
export interface IntrospectionPlan extends Planned {
  readonly kind: 'introspection';
}

export type RootPlan =
  | TypenamePlan
  | IntrospectionPlan
  | RowsRootPlan
  | AggregateRootPlan
  | GroupRootPlan
  | ConnectionRootPlan
  | StreamRootPlan
  | ResponseRootPlan
  | CallRootPlan;

export interface VariablePlan {
  readonly name: string;
  /** As GraphQL writes it. */
  readonly type: string;
  readonly default: ValueNode | undefined;
}

export interface OperationPlan {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly name: string | undefined;
  readonly variables: readonly VariablePlan[];
  readonly roots: readonly RootPlan[];
}

/** Why a document was refused, as data that crosses threads. */
export interface Refused {
  readonly code: 'NS601' | 'NS602' | 'NS603' | '42501';
  readonly message: string;
  /** Hasura's: `$.selectionSet.books.args.where`. */
  readonly path: string;
}

export type Planning = { readonly plan: OperationPlan } | { readonly refused: readonly Refused[] };
