/** One function → what it takes and gives; several overloads are a union. */
import type { Callable, CallResult, Overload } from '../api/api.ts';
import type { Argument } from '../catalog/catalog.ts';
import { bytewise } from '../catalog/order.ts';
import {
  array,
  type Field,
  field,
  type Node,
  object,
  open,
  openType,
  optional,
  textOf,
  union,
} from './layout.ts';
import type { Scope, ScopedTable } from './scope.ts';
import { argumentsType, rowType } from './tables.ts';
import type { Types } from './types.ts';

/** Undefined when no overload can be called by name: an argument without one can only be given alone. */
export function functionType(callable: Callable, scope: Scope, types: Types): Node | undefined {
  const overloads = callable.overloads.filter(({ routine }) => {
    const unnamed = routine.arguments.filter(({ name }) => name === null);
    return unnamed.length === 0 || routine.arguments.length === 1;
  });
  if (overloads.length === 0) return undefined;
  return union(overloads.map((overload) => overloadType(callable, overload, scope, types)));
}

function overloadType(callable: Callable, overload: Overload, scope: Scope, types: Types): Node {
  const given = [...overload.routine.arguments].sort((a, b) => bytewise(a.name ?? '', b.name ?? ''));
  return object([
    field('Args', argumentsType(given.map((one) => argument(one, callable.database, types)))),
    field('Returns', resultType(callable, overload, scope, types)),
    ...setOptions(callable, overload, scope),
  ]);
}

function argument({ name, type, optional: mayBeLeftOut }: Argument, database: string, types: Types): Field {
  const value = types.value(type, database);
  return mayBeLeftOut ? optional(name ?? '', value) : field(name ?? '', value);
}

function resultType({ database }: Callable, overload: Overload, scope: Scope, types: Types): Node {
  const { result } = overload;
  switch (result.kind) {
    case 'void':
      return 'undefined';
    case 'records':
      return array('Record<string, Json>');
    case 'scalar': {
      const value = types.value(result.type, database);
      return result.set ? array(value) : value;
    }
    case 'rows': {
      const { set } = result;
      const scoped = tableOf(result, scope);
      const row = scoped === undefined ? columnsType(result, database, types) : rowType(scoped, types);
      // Of the rows of a table that are a set of one, supabase-js makes the array itself.
      return set && !(scoped !== undefined && overload.routine.oneRow) ? array(row) : row;
    }
    default:
      return result satisfies never;
  }
}

type Rows = Extract<CallResult, { kind: 'rows' }>;

/** The exposed table whose rows these are, when they can be read. */
function tableOf({ table, exposed }: Rows, { tables }: Scope): ScopedTable | undefined {
  const scoped = exposed ? tables.get(table) : undefined;
  return scoped === undefined || scoped.read.size === 0 ? undefined : scoped;
}

/** Rows of no table; those of a table that cannot be read do not come. */
function columnsType({ table, exposed }: Rows, database: string, types: Types): Node {
  if (exposed) return 'never';
  return openType(
    [...table.columns.values()].map(({ name, type }) => field(name, types.value(type, database))),
  );
}

/** How the rows of a table that a function gives can be selected from, and of which table they are a relationship. */
function setOptions(callable: Callable, { routine, result }: Overload, scope: Scope): readonly Field[] {
  if (result.kind !== 'rows' || result.table.profile !== callable.profile) return [];
  if (tableOf(result, scope) === undefined) return [];
  const near = [...scope.tables.values()].find(
    ({ table, edges }) =>
      table.profile === callable.profile && edges.some((edge) => edge.routine === routine),
  );
  return [
    field(
      'SetofOptions',
      open([
        field('from', textOf(near?.table.rest ?? '*')),
        field('to', textOf(result.table.rest)),
        field('isOneToOne', String(!result.set || routine.oneRow)),
        field('isSetofReturn', String(result.set)),
      ]),
    ),
  ];
}
