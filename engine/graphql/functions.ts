/** The functions that a role may execute, as root fields: names, arguments, and what they give. Pure. */
import { derivedAggregateNames } from '../api/aggregates.ts';
import type { Callable, Column, World } from '../api/api.ts';
import { type FunctionForm, functionForm, recordsType } from '../api/graphql-functions.ts';
import { isArray, isLargeNumber } from '../api/graphql-scalars.ts';
import type { ModelColumn, ModelTable } from './model.ts';
import { claimRoots, claimTypes, type DerivedTypes, type NameSpace, prefixesOf } from './names.ts';
import type { ScalarNames } from './scalars.ts';
import { claimWriteTypes } from './write-names.ts';

export interface ModelArgument {
  /** As the request carries it. */
  readonly name: string;
  readonly graphql: string;
  readonly scalar: string;
  readonly list: boolean;
  readonly required: boolean;
}

/** `number`: large numbers of it are sent as strings. */
export type ModelResult =
  | { readonly kind: 'void' }
  | {
      readonly kind: 'scalar';
      readonly scalar: string;
      readonly list: boolean;
      readonly set: boolean;
      readonly number: 'string' | undefined;
    }
  /** `table`: GraphQL name of the type of its rows, a table's or the function's own. */
  | { readonly kind: 'rows'; readonly table: string; readonly set: boolean };

export interface ModelFunction {
  /** `Callable.name`. */
  readonly name: string;
  readonly database: string;
  readonly description: string | null;
  readonly kind: 'query' | 'mutation';
  readonly root: string;
  /** Name of the field with aggregates over its rows; undefined where the role may not aggregate or the name is taken. */
  readonly aggregate: string | undefined;
  readonly arguments: readonly ModelArgument[];
  /** Name of the input type of `args`; undefined: it takes none. */
  readonly argumentsType: string | undefined;
  readonly result: ModelResult;
}

/** What the names of functions are given out among. */
export interface FunctionNames {
  readonly types: NameSpace;
  readonly queries: NameSpace;
  readonly mutations: NameSpace;
  readonly scalars: ScalarNames;
  /** GraphQL names of the tables that the role reads. */
  readonly readable: ReadonlySet<string>;
  readonly derived: ReadonlyMap<string, DerivedTypes>;
  readonly columnOf: (column: Column) => ModelColumn;
  readonly numbersAsText: boolean;
}

interface Draft {
  readonly callable: Callable;
  readonly form: FunctionForm;
  readonly space: NameSpace;
  readonly root: string;
}

/** @returns the functions, and as tables without roots the types of rows that are no table's */
export function functionFields(
  world: World,
  names: FunctionNames,
): { readonly functions: readonly ModelFunction[]; readonly rows: readonly ModelTable[] } {
  const drafts = [...world.functions.values()].flatMap((callable) => draftOf(callable, names));
  const rows = drafts.flatMap((draft) => rowsOf(draft, names));
  const types = claimTypes(rows.map(abilitiesOf), names.types);
  const roots = claimRoots(rows.map(unreachable), types);
  const writes = claimWriteTypes(rows.map(unwritable), types, names.types);
  const tables = rows.map(({ callable: { database }, form, columns }): ModelTable => {
    const { name: graphql } = form;
    return {
      name: graphql,
      graphql,
      database,
      description: `rows of the function "${graphql}"`,
      read: true,
      columns,
      edges: [],
      key: [],
      insertable: [],
      updatable: [],
      types: types.get(graphql)!,
      writes: { keys: [], operators: new Map(), types: writes.get(graphql)! },
      roots: roots.get(graphql)!,
    };
  });
  const own = new Set(rows.map(({ form }) => form));
  const all = new Map([...names.derived, ...types]);
  return {
    functions: drafts.flatMap((draft) => {
      const result = resultOf(draft.form, own, names);
      return result === undefined ? [] : fieldOf(draft, result, all, names);
    }),
    rows: tables,
  };
}

function draftOf(callable: Callable, names: FunctionNames): Draft[] {
  const form = functionForm(callable);
  if (form.kind !== 'field') return [];
  const { result } = form;
  if (result.kind === 'rows' && result.exposed && !names.readable.has(result.table.graphql)) return [];
  const space = form.volatile ? names.mutations : names.queries;
  const root = space.claim(form.name);
  return root === undefined ? [] : [{ callable, form, space, root }];
}

interface OwnRows extends Draft {
  readonly columns: readonly ModelColumn[];
}

/** Rows of the function's own: their type has the function's name. */
function rowsOf(draft: Draft, names: FunctionNames): OwnRows[] {
  const { types, columnOf } = names;
  const { result, name } = draft.form;
  if (result.kind !== 'rows' || result.exposed || isOfAggregates(name, names)) return [];
  const columns = [...result.table.columns.values()].filter(({ graphql }) => graphql !== null).map(columnOf);
  return columns.length === 0 || types.claim(name) === undefined ? [] : [{ ...draft, columns }];
}

/** A table's types of aggregates are not claimed one by one. */
function isOfAggregates(name: string, { derived }: FunctionNames): boolean {
  return prefixesOf(name).some(
    (table) => derived.has(table) && derivedAggregateNames(table).some((one) => one.name === name),
  );
}

function abilitiesOf({ form, columns }: OwnRows) {
  const none = { key: false, connection: false, insert: false, update: false, set: false, delete: false };
  const measures = new Set(columns.flatMap(({ measure }) => measure ?? []));
  return { graphql: form.name, read: true, aggregate: true, measures, ...none };
}

/** They are read through their function alone. */
function unreachable(rows: OwnRows) {
  return { ...abilitiesOf(rows), read: false, aggregate: false };
}

function unwritable(rows: OwnRows) {
  return { ...abilitiesOf(rows), unique: false, operators: new Set<never>() };
}

/** Undefined where its rows have no type, for want of a name. */
function resultOf(
  form: FunctionForm,
  own: ReadonlySet<FunctionForm>,
  { scalars, numbersAsText }: FunctionNames,
): ModelResult | undefined {
  const { result, name } = form;
  switch (result.kind) {
    case 'void':
      return { kind: 'void' };
    case 'scalar': {
      const { type, set } = result;
      const number = numbersAsText && isLargeNumber(type) ? 'string' : undefined;
      return { kind: 'scalar', scalar: scalars.name(type).scalar, list: isArray(type), set, number };
    }
    case 'records':
      return {
        kind: 'scalar',
        scalar: scalars.name(recordsType).scalar,
        list: false,
        set: false,
        number: undefined,
      };
    case 'rows':
      if (result.exposed) return { kind: 'rows', table: result.table.graphql, set: result.set };
      return own.has(form) ? { kind: 'rows', table: name, set: result.set } : undefined;
    default:
      return result satisfies never;
  }
}

function fieldOf(
  { callable, form, space, root }: Draft,
  result: ModelResult,
  types: ReadonlyMap<string, DerivedTypes>,
  names: FunctionNames,
): ModelFunction[] {
  const args = form.arguments.map(({ name, graphql, type, required }) => ({
    name,
    graphql,
    scalar: names.scalars.name(type).scalar,
    list: isArray(type),
    required,
  }));
  const argumentsType = args.length === 0 ? undefined : names.types.claim(`${root}_args`);
  if (args.length > 0 && argumentsType === undefined) return [];
  const aggregates = result.kind === 'rows' && result.set && types.get(result.table)?.aggregate !== undefined;
  return [
    {
      name: callable.name,
      database: callable.database,
      description: callable.description,
      kind: form.volatile ? 'mutation' : 'query',
      root,
      aggregate: aggregates ? space.claim(`${root}_aggregate`) : undefined,
      arguments: args,
      argumentsType,
      result,
    },
  ];
}
